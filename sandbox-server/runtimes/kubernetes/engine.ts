/**
 * The engine that is a cluster: sandboxes are its pods. Their images are made elsewhere and named in the file of --kubernetes, or built by an engine of
 * this machine, which then runs the registry of the courses, too.
 */
import type { V1Pod } from '@kubernetes/client-node';
import type { ImageStore } from '../../images/image-store.ts';
import { warnOfFault } from '../../platform/fault.ts';
import { type Containers, roleLabel, sandboxRole } from '../containers.ts';
import type { Engine, RuntimeFolders } from '../engine.ts';
import { RuntimeAway, type RuntimeInfo, type SandboxRecord } from '../runtime.ts';
import { clusterOf, kubernetesUrl } from './choice.ts';
import { ApiRefusal, KubeApi } from './kube-api.ts';
import { away } from './pods.ts';
import { clusterInfo, KubernetesRuntime } from './runtime.ts';
import { keepOfPod } from './sandbox-pod.ts';
import { type KubernetesSettings, readKubernetesSettings } from './settings.ts';

/** How long a question may take when the caller sets no deadline of its own, ms. */
const patience = 30_000;

export interface KubernetesAddress {
	/** As --engine has it. */
	url: string;
	/** The file of --kubernetes. */
	file: string | undefined;
	/** Mark of the data folder. */
	instance: string | undefined;
	/** Looks for an engine that builds images, where the file names none. */
	findBuilder: () => Promise<Engine | undefined>;
	signal?: AbortSignal | undefined;
}

export class KubernetesEngine implements Engine {
	readonly kind = 'kubernetes';
	readonly local = false;
	readonly url: string;
	readonly settings: KubernetesSettings;
	readonly #address: KubernetesAddress;
	readonly #api: KubeApi;
	readonly #builder: Engine | undefined;

	private constructor(address: KubernetesAddress, found: { settings: KubernetesSettings; api: KubeApi; builder: Engine | undefined }) {
		this.url = address.url;
		this.settings = found.settings;
		this.#address = address;
		this.#api = found.api;
		this.#builder = found.builder;
	}

	/** @throws RuntimeAway with a sentence when it does not answer, or has no settings */
	static async connect(address: KubernetesAddress): Promise<KubernetesEngine> {
		const settings = settingsOf(address.file);
		const builder = settings.images ? undefined : await address.findBuilder();
		if (!settings.images && !builder)
			throw new RuntimeAway('the file of --kubernetes names no images (images:), and no engine answers here that could build them');
		const engine = new KubernetesEngine(address, { settings, api: await openApi(address.url), builder });
		await engine.info(address.signal ?? AbortSignal.timeout(patience));
		return engine;
	}

	/** Address of the API server. */
	get server(): string {
		return this.#api.server;
	}

	get givenImages(): Record<string, string> | undefined {
		return this.settings.images;
	}

	get registryBeside(): boolean {
		return this.settings.registry;
	}

	get builder(): Engine {
		return this.#builder ?? this;
	}

	get images(): ImageStore {
		return this.#builder?.images ?? noImages;
	}

	/** Of programs of ours beside the sandboxes. */
	get containers(): Containers {
		return this.#builder?.containers ?? noContainers;
	}

	async info(signal: AbortSignal = AbortSignal.timeout(patience)): Promise<RuntimeInfo> {
		return await clusterInfo(this.#api, this.settings, signal);
	}

	runtime({ folders, command, onFault = warnOfFault }: RuntimeFolders): KubernetesRuntime {
		const { instance = '' } = this.#address;
		return new KubernetesRuntime({ api: this.#api, settings: this.settings, instance, folders, command, onFault });
	}

	/** Nodes pull an image when the first pod asks for it. */
	async makeReady(): Promise<void> {}

	withApparmor(): Engine {
		return this;
	}

	async pid(name: string): Promise<number | undefined> {
		return await this.#builder?.pid(name);
	}

	async using(folder: string): Promise<string[]> {
		return (await this.#builder?.using(folder)) ?? [];
	}

	async idle(): Promise<boolean> {
		return (await this.#builder?.idle()) ?? false;
	}

	/** Pods of sandboxes, whatever server has made them, as `down` lists and removes them. */
	get sandboxes(): Pick<Containers, 'list' | 'destroy' | 'processes'> {
		const path = `/api/v1/namespaces/${this.settings.namespace}/pods`;
		return {
			list: async (labels) => {
				const signal = AbortSignal.timeout(patience);
				const query = { labelSelector: `${roleLabel}=${sandboxRole}` };
				const { items } = await this.#api.ask<{ items: V1Pod[] }>({ path, query, signal }).catch(thrownAway);
				return items.map(recordOf).filter((one) => Object.entries(labels).every(([key, value]) => one.labels[key] === value));
			},
			destroy: async (name) => {
				const signal = AbortSignal.timeout(patience);
				await this.#api.ask({ method: 'DELETE', path: `${path}/${name}`, signal }).catch((error: unknown) => {
					if (!(error instanceof ApiRefusal && error.status === 404)) throw away(error);
				});
			},
			processes: async () => [],
		};
	}
}

function thrownAway(error: unknown): never {
	throw away(error);
}

function recordOf(pod: V1Pod): SandboxRecord {
	const { labels, created, state } = keepOfPod(pod);
	return { name: pod.metadata?.name ?? '', labels, created, running: state.kind !== 'ended' };
}

/** @throws RuntimeAway */
export async function openApi(url: string): Promise<KubeApi> {
	const cluster = clusterOf(url);
	if (!cluster) throw new RuntimeAway(`${url} names no cluster: --engine ${kubernetesUrl}, or ${kubernetesUrl}:CONTEXT`);
	return await KubeApi.open(cluster).catch(thrownAway);
}

/** @throws RuntimeAway with every mistake in the file */
function settingsOf(file: string | undefined): KubernetesSettings {
	if (file === undefined) throw new RuntimeAway('--engine kubernetes needs --kubernetes FILE (docs/operator/kubernetes.md)');
	try {
		return readKubernetesSettings(file);
	} catch (error) {
		throw new RuntimeAway(`the file of --kubernetes cannot be used: ${(error as Error).message}`, { cause: error });
	}
}

const elsewhere = () => {
	throw new Error('images are made elsewhere: the file of --kubernetes names them');
};

const noImages: ImageStore = {
	inspect: async () => undefined,
	names: async () => [],
	build: elsewhere,
	pull: elsewhere,
	push: elsewhere,
	importRoot: elsewhere,
	exportRoot: elsewhere,
	save: elsewhere,
	load: elsewhere,
	tag: elsewhere,
	untag: async () => {},
	runOnce: elsewhere,
	folder: async () => undefined,
};

const noContainers: Containers = {
	info: elsewhere,
	start: elsewhere,
	status: async () => 'gone',
	list: async () => [],
	destroy: async () => {},
	read: elsewhere,
	processes: async () => [],
	watch: elsewhere,
};
