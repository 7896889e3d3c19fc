/**
 * Containers that no daemon looks after while they run: what is known of one stands in its bundle, so another server of this machine, or the
 * next one, finds it again. How one is made and ended, those know who extend this.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ContainerSpec, type Containers, roleLabel, sandboxRole } from '../containers.ts';
import { RuntimeAway, type RuntimeInfo, type SandboxRecord, StartFailed } from '../runtime.ts';
import { nameTexts } from '../sandbox-container.ts';
import { Bundles, type Main, type Note, runs } from './bundles.ts';
import { EndWatch } from './ends.ts';
import { textIn, type UnpackedImage } from './unpacked-images.ts';

/** How long a call may take when the caller sets no deadline of its own, ms. */
const patience = 60_000;

export interface UnpackedImageSource {
	get(reference: string, signal: AbortSignal): Promise<UnpackedImage>;
}

export abstract class BundledContainers implements Containers {
	protected readonly bundles: Bundles;
	readonly #images: UnpackedImageSource;
	/** OCI runtimes by name, or what stands in their place; the default one first. */
	readonly #ociRuntimes: readonly string[];
	readonly #watches = new Set<EndWatch>();
	/** Being destroyed by us. */
	readonly #destroying = new Map<string, Promise<void>>();
	/** Destroyed by us a moment ago: the kernel's word of their ends is no news. */
	readonly #destroyed = new Set<string>();

	/** @param root folder of what is known of containers, of this user alone */
	protected constructor(root: string, images: UnpackedImageSource, ociRuntimes: readonly string[]) {
		this.bundles = new Bundles(join(root, 'bundles'));
		this.#images = images;
		this.#ociRuntimes = ociRuntimes;
	}

	abstract info(signal?: AbortSignal): Promise<RuntimeInfo>;
	abstract processes(name: string, signal?: AbortSignal): Promise<number[]>;

	/** The program that tells of ends. @throws RuntimeAway, Error when there is none yet */
	protected abstract agent(): string;
	/** Makes the container, whose bundle is there, with a note. @returns its main process @throws Error */
	protected abstract make(spec: ContainerSpec, image: UnpackedImage, note: Note, signal: AbortSignal): Promise<Main>;
	/** Ends it and takes its bundle away, whatever state it is in. @throws Error */
	protected abstract clear(name: string, signal: AbortSignal): Promise<void>;
	/** Has it the folder, or something below it, mounted? @throws Error when a start never came so far */
	protected abstract mounts(name: string, folder: string): boolean;

	async start(spec: ContainerSpec, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<void> {
		const { name, ociRuntime = this.#ociRuntimes[0] } = spec;
		if (signal.aborted) throw new StartFailed(`${name}: given up before it began`, { cause: signal.reason });
		if (ociRuntime === undefined || !this.#ociRuntimes.includes(ociRuntime))
			throw new StartFailed(`${name}: there is no OCI runtime ${ociRuntime}`);
		const note: Note = { labels: spec.labels, created: Date.now(), ociRuntime };
		if (!this.bundles.make(name, note)) throw new StartFailed(`${name}: the name is taken`);
		try {
			// Labels for whoever finds the note spoilt.
			this.bundles.configure(name, { annotations: spec.labels });
			const image = await this.#images.get(spec.image, signal);
			const noted: Note = { ...note, image: image.id };
			this.bundles.write(name, noted);
			const main = await this.make(spec, image, noted, signal);
			this.bundles.write(name, { ...noted, main });
			if (spec.labels[roleLabel] === sandboxRole) for (const watch of this.#watches) watch.add({ name, ...main });
		} catch (error) {
			// What cannot be cleared away now is found by `list`: it is an ended one.
			await this.clear(name, AbortSignal.timeout(patience)).catch(() => undefined);
			throw new StartFailed(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
		}
	}

	async read(image: string, paths: readonly string[], signal: AbortSignal = AbortSignal.timeout(patience)): Promise<string[]> {
		const { folder } = await this.#images.get(image, signal);
		return paths.map((path) => textIn(folder, path));
	}

	async status(name: string, signal?: AbortSignal): Promise<'running' | 'ended' | 'gone'> {
		answer(signal);
		if (!this.bundles.exists(name)) return 'gone';
		return runs(this.bundles.read(name)) ? 'running' : 'ended';
	}

	async list(labels: Record<string, string>, signal?: AbortSignal): Promise<SandboxRecord[]> {
		answer(signal);
		const all = this.bundles.names().flatMap((name) => {
			const note = this.bundles.read(name);
			return note ? { name, running: runs(note), labels: note.labels, created: note.created } : [];
		});
		return all.filter((record) => Object.entries(labels).every(([key, value]) => record.labels[key] === value));
	}

	/** Number of its main process; undefined when it does not run. */
	pid(name: string): number | undefined {
		const note = this.bundles.exists(name) ? this.bundles.read(name) : undefined;
		return runs(note) ? note?.main?.pid : undefined;
	}

	/** Names of those that have the folder, or something below it, mounted. */
	using(folder: string): string[] {
		return this.bundles.names().filter((name) => {
			try {
				return this.mounts(name, folder);
			} catch {
				return false;
			}
		});
	}

	/** Ids of images that containers have. */
	images(): Set<string> {
		return new Set(this.bundles.names().flatMap((name) => this.bundles.read(name)?.image ?? []));
	}

	async destroy(name: string, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<void> {
		answer(signal);
		const running = this.#destroying.get(name);
		if (running) return await running;
		if (!this.bundles.exists(name)) return;
		const work = this.clear(name, signal).finally(() => this.#destroying.delete(name));
		this.#destroying.set(name, work);
		try {
			await work;
			this.#destroyed.add(name);
			setTimeout(() => this.#destroyed.delete(name), 1000).unref();
		} catch (error) {
			throw new RuntimeAway(`${name} could not be ended: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
		}
	}

	async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		const watch: EndWatch = new EndWatch(
			this.agent(),
			(name) => {
				if (!this.#destroying.has(name) && !this.#destroyed.has(name)) onEnd(name);
			},
			(error) => {
				this.#watches.delete(watch);
				onBreak(error);
			},
		);
		this.#watches.add(watch);
		for (const name of this.bundles.names()) {
			const note = this.bundles.read(name);
			if (note?.main && note.labels[roleLabel] === sandboxRole && runs(note)) watch.add({ name, ...note.main });
		}
		return () => {
			this.#watches.delete(watch);
			watch.close();
		};
	}

	/** What the container sees as its names, as files of its bundle. */
	protected nameFiles(name: string, hostname: string): { hosts: string; resolv: string; hostname: string } {
		const at = (file: string): string => join(this.bundles.folder(name), file);
		for (const [file, text] of Object.entries({ ...nameTexts, hostname: `${hostname}\n` })) {
			writeFileSync(at(file), text);
			// Its users are others than the server's, whatever its umask.
			chmodSync(at(file), 0o644);
		}
		return { hosts: at('hosts'), resolv: at('resolv'), hostname: at('hostname') };
	}
}

/** There is nobody who could be away; a deadline that has passed has passed. @throws RuntimeAway */
export function answer(signal: AbortSignal | undefined): void {
	if (signal?.aborted) throw new RuntimeAway('given up', { cause: signal.reason });
}
