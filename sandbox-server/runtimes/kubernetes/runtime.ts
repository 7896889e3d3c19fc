/** Sandboxes that are pods of a cluster. Nothing of what they say passes the API server: that is the node agents' part. */
import type { Server } from 'node:net';
import type { V1Node } from '@kubernetes/client-node';
import type { MountedFolder, MountedFolders } from '../mounted-folder.ts';
import { type Runtime, RuntimeAway, type RuntimeInfo, type SandboxRecord, type SandboxSpec } from '../runtime.ts';
import type { Door, Transport } from '../transport.ts';
import { ApiRefusal, type KubeApi } from './kube-api.ts';
import { NodeAgents } from './node-agents.ts';
import { away, Pods } from './pods.ts';
import { type KubernetesSettings, podSettings } from './settings.ts';

/** How long a question may take when the caller sets no deadline of its own, ms. */
const patience = 60_000;
/** For so long nodes and runtime classes are what they were, ms: nobody asks for them that often. */
const freshMs = 5 * 60_000;

export interface KubernetesRuntimeOptions {
	api: KubeApi;
	settings: KubernetesSettings;
	/** Mark of the data folder. */
	instance: string;
	/** The sandboxes' transports, here. */
	folders: MountedFolders;
	/** Another main process than the agent: for tests of the pod alone. */
	command?: string[] | undefined;
	/** Faults that nobody waits for. */
	onFault: (error: unknown) => void;
}

export class KubernetesRuntime implements Runtime {
	readonly #options: KubernetesRuntimeOptions;
	readonly #pods: Pods;
	readonly #agents: NodeAgents;
	#known: { until: number; info: Promise<RuntimeInfo> } | undefined;

	constructor(options: KubernetesRuntimeOptions) {
		this.#options = options;
		const { api, settings, instance, folders, command, onFault } = options;
		this.#agents = new NodeAgents({ api, settings: settings.nodeAgents, instance, folders, onFault });
		this.#pods = new Pods({
			api,
			settings: podSettings(settings, instance),
			command,
			onChange: (name, pod) => this.#agents.place(name, pod?.state.kind === 'ended' ? undefined : pod?.node),
			onRemove: (name) => this.#agents.end(name),
		});
		// Sandboxes of the run before are to be joined with this server before anybody asks for them.
		this.#agents.follow();
		this.#pods.follow();
		this.#agents.adopt().catch(onFault);
	}

	transport(name: string): Transport {
		return new NodeTransport(this.#options.folders.of(name), this.#agents);
	}

	async transports(): Promise<string[]> {
		return await this.#options.folders.names();
	}

	async info(signal: AbortSignal = AbortSignal.timeout(patience)): Promise<RuntimeInfo> {
		const { api, settings } = this.#options;
		if (!this.#known || this.#known.until < Date.now()) {
			this.#known = { until: Date.now() + freshMs, info: clusterInfo(api, settings, signal) };
			// Asked for again next time.
			this.#known.info.catch(() => {
				this.#known = undefined;
			});
			return await this.#known.info;
		}
		try {
			await api.ask({ path: '/version', signal });
			return await this.#known.info;
		} catch (error) {
			throw away(error);
		}
	}

	async start(spec: SandboxSpec, signal?: AbortSignal): Promise<void> {
		this.#options.folders.of(spec.name).make();
		await this.#pods.start(spec, signal);
	}

	async status(name: string, signal?: AbortSignal): Promise<'running' | 'ended' | 'gone'> {
		return await this.#pods.status(name, signal);
	}

	async list(label: { key: string; value: string }, signal?: AbortSignal): Promise<SandboxRecord[]> {
		return await this.#pods.list(label, signal);
	}

	async destroy(name: string, signal?: AbortSignal): Promise<void> {
		await this.#pods.destroy(name, signal);
	}

	async release(name: string, signal?: AbortSignal): Promise<boolean> {
		return (await this.#agents.release(name)) || (await this.#pods.release(name, signal));
	}

	async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		return await this.#pods.watch(onEnd, onBreak);
	}

	/** Lets go of the cluster; the sandboxes live on. */
	async close(): Promise<void> {
		this.#pods.close();
		this.#agents.close();
		this.#options.api.close();
	}
}

/** What a cluster is, asked for just now. @throws RuntimeAway with a sentence */
export async function clusterInfo(api: KubeApi, settings: KubernetesSettings, signal: AbortSignal): Promise<RuntimeInfo> {
	const labelSelector = Object.entries(settings.nodeSelector)
		.map(([key, value]) => `${key}=${value}`)
		.join(',');
	try {
		const [{ gitVersion }, nodes, classes] = await Promise.all([
			api.ask<{ gitVersion: string }>({ path: '/version', signal }),
			api.ask<{ items: V1Node[] }>({ path: '/api/v1/nodes', query: { labelSelector }, signal }).catch(explained('nodes')),
			api
				.ask<{ items: { metadata?: { name?: string } }[] }>({ path: '/apis/node.k8s.io/v1/runtimeclasses', signal })
				.catch(explained('runtimeclasses')),
		]);
		const usable = nodes.items.filter(
			({ spec, status }) => !spec?.unschedulable && status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
		);
		const sum = (name: string) => usable.reduce((all, { status }) => all + quantity(status?.allocatable?.[name] ?? '0'), 0);
		const names = classes.items.map(({ metadata }) => metadata?.name ?? '');
		const given = Object.entries(settings.runtimes).filter(([, runtimeClass]) => runtimeClass === '' || names.includes(runtimeClass));
		return {
			kind: 'kubernetes',
			version: gitVersion.replace(/^v/, ''),
			ociRuntimes: [...new Set([settings.defaultRuntime, ...given.map(([name]) => name), ...names])],
			defaultOciRuntime: settings.defaultRuntime,
			// Kubernetes itself asks for it, and pods with users of their own do.
			cgroup: 'v2',
			mapsUsers: true,
			memory: sum('memory'),
			cpus: sum('cpu'),
		};
	} catch (error) {
		throw away(error);
	}
}

function explained(what: string): (error: unknown) => never {
	return (error) => {
		if (error instanceof ApiRefusal && error.status === 403)
			throw new RuntimeAway(`this server may not list ${what} of the cluster: give its account the roles of docs/operator/kubernetes.md`);
		throw error;
	};
}

/** "16384Mi", "4", "3900m" → a number. */
export function quantity(text: string): number {
	const [, number = '0', unit = ''] = /^([\d.]+(?:e\d+)?)([a-zA-Z]*)$/.exec(text) ?? [];
	const units: Record<string, number> = { m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
	return Number(number) * (units[unit] ?? 1);
}

/** A folder here, which a node agent has the like of. */
class NodeTransport implements Transport {
	readonly name: string;
	readonly #folder: MountedFolder;
	readonly #agents: NodeAgents;

	constructor(folder: MountedFolder, agents: NodeAgents) {
		this.name = folder.name;
		this.#folder = folder;
		this.#agents = agents;
	}

	async serve(door: Door, server: Server): Promise<() => Promise<void>> {
		const stop = await this.#folder.serve(door, server);
		this.#agents.serve(this.name, door);
		return async () => {
			this.#agents.unserve(this.name, door);
			await stop();
		};
	}

	async put(file: string, text: string): Promise<void> {
		this.#folder.make();
		await this.#folder.put(file, text);
		await this.#agents.changed(this.name, file);
	}

	async withdraw(file: string): Promise<void> {
		await this.#folder.withdraw(file);
		await this.#agents.changed(this.name, file);
	}

	async remove(): Promise<void> {
		await this.#agents.remove(this.name);
		await this.#folder.remove();
	}
}
