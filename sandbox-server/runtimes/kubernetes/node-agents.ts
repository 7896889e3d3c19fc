/** The agents of a cluster's nodes, found by their pods; and the sandboxes of each node, joined with this server through them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import type { MountedFolder, MountedFolders } from '../mounted-folder.ts';
import type { Door } from '../transport.ts';
import { Bridge } from './bridge.ts';
import { Informer, type KubeObject } from './informer.ts';
import type { KubeApi } from './kube-api.ts';
import { type LinkFiles, NodeLink } from './node-link.ts';

export interface NodeAgentSettings extends LinkFiles {
	namespace: string;
	/** Labels of their pods. */
	selector: string;
	port: number;
}

export interface NodeAgentsOptions {
	api: KubeApi;
	settings: NodeAgentSettings;
	/** Mark of the data folder. */
	instance: string;
	/** The sandboxes' transports, here. */
	folders: MountedFolders;
	onFault: (error: unknown) => void;
}

/** One that can be reached. */
export interface NodeAgent {
	node: string | undefined;
	host: string | undefined;
	ready: boolean;
}

export class NodeAgents {
	readonly #options: NodeAgentsOptions;
	readonly #informer: Informer<NodeAgent>;
	readonly #links = new Map<string, NodeLink>();
	readonly #bridges = new Map<string, Bridge>();
	/** Sandbox → its node. */
	readonly #places = new Map<string, string>();

	constructor(options: NodeAgentsOptions) {
		this.#options = options;
		const { api, settings } = options;
		this.#informer = new Informer({
			api,
			path: `/api/v1/namespaces/${settings.namespace}/pods`,
			selector: settings.selector,
			keep: keepOfAgent,
			onChange: (_name, now) => {
				if (now?.node !== undefined) this.#links.get(now.node)?.addressChanged();
			},
			onLost: (error) => options.onFault(new Error(`the node agents cannot be followed: ${error.message}`)),
		});
	}

	follow(): void {
		this.#informer.ready().catch(() => undefined); // `onLost` has told it.
	}

	/** How many node agents are at work, for `doctor` and the first words of a server. */
	async count(signal: AbortSignal): Promise<number> {
		await this.#informer.ready(signal);
		return [...this.#informer].filter(([, { ready }]) => ready).length;
	}

	/** The sandbox stands on that node; undefined: on none, or it runs no more. */
	place(name: string, node: string | undefined): void {
		if (this.#places.get(name) === node) return;
		const before = this.#places.get(name);
		if (node === undefined) this.#places.delete(name);
		else this.#places.set(name, node);
		this.#bridges.get(name)?.attach(node === undefined ? undefined : this.#link(node));
		if (before !== undefined) this.#release(before);
	}

	/** What comes to this door of the sandbox is brought to the socket of the folder. */
	serve(name: string, door: Door): void {
		this.#bridge(name).serve(door);
	}

	unserve(name: string, door: Door): void {
		this.#bridges.get(name)?.unserve(door);
	}

	/** A file of the folder is another, or is gone. */
	async changed(name: string, file: string): Promise<void> {
		await this.#bridge(name).changed(file);
	}

	/** As Runtime.release. */
	async release(name: string): Promise<boolean> {
		return (await this.#bridges.get(name)?.release()) ?? false;
	}

	/**
	 * Its pod is to go: its agent ends by itself as soon as its folder is gone. The kubelet's word is nothing to a process that is the first of its
	 * container, and would be waited for in vain.
	 */
	end(name: string): void {
		void this.#bridges.get(name)?.forget();
	}

	async remove(name: string): Promise<void> {
		const bridge = this.#bridges.get(name);
		this.#bridges.delete(name);
		if (!bridge) return;
		await bridge.remove();
		bridge.close();
	}

	/** Doors that are served already, by whoever had the folders before: found by their sockets. */
	async adopt(): Promise<void> {
		const { folders } = this.#options;
		for (const name of await folders.names()) {
			for (const file of await readdir(folders.of(name).path).catch(() => [])) {
				const [, door] = /^(agent|registry|preview)\.sock$/.exec(file) ?? [];
				if (door !== undefined) this.serve(name, door as Door);
			}
		}
	}

	#bridge(name: string): Bridge {
		const there = this.#bridges.get(name);
		if (there) return there;
		const { instance, folders, onFault } = this.#options;
		const folder = folders.of(name);
		const bridge = new Bridge({
			path: `/v1/instances/${instance}/sandboxes/${name}`,
			socketOf: (door) => join(folder.path, `${door}.sock`),
			files: () => filesOf(folder),
			text: (file) => textOf(join(folder.path, file)),
			onTaken: () => onFault(new Error(`another server has taken over the sandbox ${name}`)),
			onFault: (error) => onFault(new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`)),
		});
		this.#bridges.set(name, bridge);
		const node = this.#places.get(name);
		if (node !== undefined) bridge.attach(this.#link(node));
		return bridge;
	}

	#link(node: string): NodeLink {
		const there = this.#links.get(node);
		if (there) return there;
		const { settings, onFault } = this.#options;
		const here = () => [...this.#bridges].filter(([name]) => this.#places.get(name) === node).map(([, bridge]) => bridge);
		const link = new NodeLink({
			address: () => this.#address(node),
			files: settings,
			onUp: () => {
				for (const bridge of here()) bridge.apply();
			},
			onDown: () => undefined,
			onFault: (error) => onFault(new Error(`the node agent of ${node} cannot be reached: ${error.message}`)),
		});
		this.#links.set(node, link);
		return link;
	}

	/** The one that is ready, where an old one is still on its way out. */
	#address(node: string): { host: string; port: number } | undefined {
		const agents = [...this.#informer].map(([, agent]) => agent).filter((agent) => agent.node === node && agent.host !== undefined);
		const host = (agents.find(({ ready }) => ready) ?? agents[0])?.host;
		return host === undefined ? undefined : { host, port: this.#options.settings.port };
	}

	/** Nothing of ours stands there any more. */
	#release(node: string): void {
		if ([...this.#places.values()].includes(node)) return;
		this.#links.get(node)?.close();
		this.#links.delete(node);
	}

	/** Lets go of all connections; the sandboxes live on. */
	close(): void {
		this.#informer.close();
		for (const bridge of this.#bridges.values()) bridge.close();
		for (const link of this.#links.values()) link.close();
		this.#links.clear();
	}
}

export function keepOfAgent(object: KubeObject): NodeAgent {
	const { spec, status, metadata } = object as V1Pod;
	const isReady = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
	return { node: spec?.nodeName, host: status?.podIP, ready: isReady && metadata?.deletionTimestamp === undefined };
}

/** Sockets, and what is just being written, are none. */
async function filesOf({ path }: MountedFolder): Promise<string[]> {
	const entries = await readdir(path, { withFileTypes: true });
	return entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.new')).map(({ name }) => name);
}

async function textOf(path: string): Promise<string | undefined> {
	return await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return undefined;
		throw error;
	});
}
