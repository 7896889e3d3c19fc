/** Sandboxes that are containers of this machine, each with a mounted folder as its transport. */
import { untilAborted } from '../platform/deadline.ts';
import { type Accounts, accountsWith } from './accounts.ts';
import { type Containers, roleLabel, sandboxRole } from './containers.ts';
import type { RuntimeFolders } from './engine.ts';
import { abortFuseConnections } from './fuse-connections.ts';
import type { MountedFolder } from './mounted-folder.ts';
import { type Runtime, RuntimeAway, type RuntimeInfo, type SandboxRecord, type SandboxSpec, StartFailed } from './runtime.ts';
import { type SandboxMounts, sandboxContainer } from './sandbox-container.ts';
import type { Transport } from './transport.ts';

export interface ContainerRuntimeOptions extends RuntimeFolders {
	containers: Containers;
}

export class ContainerRuntime implements Runtime {
	readonly #options: ContainerRuntimeOptions;
	readonly #containers: Containers;
	/** Of images, by their references. */
	readonly #accounts = new Map<string, Promise<Accounts>>();

	constructor(options: ContainerRuntimeOptions) {
		this.#options = options;
		this.#containers = options.containers;
	}

	transport(name: string): Transport {
		return this.#options.folders.of(name);
	}

	async transports(): Promise<string[]> {
		return await this.#options.folders.names();
	}

	async info(signal?: AbortSignal): Promise<RuntimeInfo> {
		return await this.#containers.info(signal);
	}

	async start(spec: SandboxSpec, signal?: AbortSignal): Promise<void> {
		const { folders, guest, command } = this.#options;
		const transport = folders.of(spec.name);
		transport.make();
		const learner = await this.#learner(spec, transport, signal);
		await this.#containers.start(sandboxContainer(spec, { transport: transport.path, guest, learner }, command), signal);
	}

	/** The number that is this learner's alone, and the names that go with it, among the files of the transport: they go with it. */
	async #learner(spec: SandboxSpec, transport: MountedFolder, signal?: AbortSignal): Promise<SandboxMounts['learner']> {
		const { ids } = this.#options;
		// The system of those who are root is files of one number (docs/decisions/0028-a-number-each.md).
		if (!ids || spec.user === 'root') return undefined;
		try {
			const { passwd, group } = await (signal ? untilAborted(this.#accountsOf(spec.image), signal) : this.#accountsOf(spec.image));
			const id = ids.take(transport.path);
			const own = accountsWith({ passwd, group }, id);
			return { id, passwd: transport.putFirst('passwd', own.passwd), group: transport.putFirst('group', own.group) };
		} catch (error) {
			if (error instanceof RuntimeAway) throw error;
			throw new StartFailed(`${spec.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
		}
	}

	#accountsOf(image: string): Promise<Accounts> {
		const known = this.#accounts.get(image);
		if (known) return known;
		// Not the caller's deadline: others wait for the same.
		const read = this.#containers.read(image, ['/etc/passwd', '/etc/group']);
		const accounts = read.then(([passwd = '', group = '']) => ({ passwd, group }));
		this.#accounts.set(image, accounts);
		// Asked for again next time.
		accounts.catch(() => this.#accounts.delete(image));
		return accounts;
	}

	async status(name: string, signal?: AbortSignal): Promise<'running' | 'ended' | 'gone'> {
		return await this.#containers.status(name, signal);
	}

	async list({ key, value }: { key: string; value: string }, signal?: AbortSignal): Promise<SandboxRecord[]> {
		return await this.#containers.list({ [key]: value, [roleLabel]: sandboxRole }, signal);
	}

	async destroy(name: string, signal?: AbortSignal): Promise<void> {
		await this.#containers.destroy(name, signal);
	}

	async release(name: string, signal?: AbortSignal): Promise<boolean> {
		return abortFuseConnections(await this.#containers.processes(name, signal)) > 0;
	}

	async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		return await this.#containers.watch(onEnd, onBreak);
	}
}
