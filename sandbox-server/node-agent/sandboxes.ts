/**
 * The sandboxes of this node. What is written down of each is enough to find it again after this program was killed: sandboxes outlive it.
 *
 * <state>/transports/<volume>/about.json   whose it is
 * <state>/transports/<volume>/run          what its pod sees at /run/etabli
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, every } from '../platform/clock.ts';
import { type Log, wordsOf } from './log.ts';
import { fileName, type PodIdentity, Sandbox } from './sandbox.ts';

/** How long a sandbox is awaited here that does not come, after the last that was asked of it, ms. */
const awaitedMs = 120_000;
/** Between looks at those, ms. */
const sweepMs = 10_000;
/** Sandboxes that are awaited at once: a node takes some hundred pods. */
const mostAwaited = 2000;

/** A published transport. */
export interface Published extends PodIdentity {
	/** The kubelet's name of the volume. */
	volume: string;
	/** Where it is mounted for the pod. */
	target: string;
}

/** A pod of another namespace has this name already. */
export class NameTaken extends Error {
	override readonly name = 'NameTaken';
}

/** More are awaited than a node can take. */
export class TooManyAwaited extends Error {
	override readonly name = 'TooManyAwaited';
}

const keyOf = (instance: string, name: string): string => `${instance}/${name}`;

export class Sandboxes {
	readonly #root: string;
	readonly #clock: Clock;
	readonly #log: Log;
	/** By installation and name. */
	readonly #all = new Map<string, Sandbox>();
	/** By volume. */
	readonly #published = new Map<string, Published>();
	/** When something was last asked of one that is awaited, ms since 1970. */
	readonly #asked = new Map<string, number>();
	readonly #stopSweep: () => void;

	/** Finds those again that were published before. @param state folder of this program's own, made if need be */
	constructor(state: string, clock: Clock, log: Log) {
		this.#root = join(state, 'transports');
		this.#clock = clock;
		this.#log = log;
		mkdirSync(this.#root, { recursive: true });
		for (const pod of this.#notes()) this.#appear(pod);
		this.#stopSweep = every({ clock, ms: sweepMs, action: () => this.#sweep() });
	}

	/** Those whose pods are here, of one installation. */
	list(instance: string): PodIdentity[] {
		return [...this.#published.values()]
			.filter((pod) => pod.instance === instance)
			.map(({ name, namespace, uid }) => ({ instance, name, namespace, uid }));
	}

	get published(): Published[] {
		return [...this.#published.values()];
	}

	/** One that is here, or undefined. */
	find(instance: string, name: string): Sandbox | undefined {
		return this.#all.get(keyOf(instance, name));
	}

	/** One that is here, or else is awaited from now on. @throws TooManyAwaited */
	expect(instance: string, name: string): Sandbox {
		const key = keyOf(instance, name);
		const found = this.#all.get(key);
		if (!found?.pod) this.#asked.set(key, this.#clock.now());
		if (found) return found;
		if (this.#asked.size > mostAwaited) {
			this.#asked.delete(key);
			throw new TooManyAwaited(`${mostAwaited} sandboxes are awaited on this node already`);
		}
		const sandbox = this.#make();
		this.#all.set(key, sandbox);
		return sandbox;
	}

	/** The pod's folder, made: mount it. Idempotent for one volume. @throws NameTaken; Error of the system */
	publish(pod: Published): string {
		const folder = this.#folderOf(pod.volume);
		const known = this.#published.get(pod.volume);
		if (known && existsSync(folder)) return folder;
		// Who may make pods in one namespace has no say over those of another.
		const other = this.#podOf(keyOf(pod.instance, pod.name));
		if (other && other.namespace !== pod.namespace) {
			throw new NameTaken(`${pod.name} of the installation ${pod.instance} is a pod of the namespace ${other.namespace} already`);
		}
		mkdirSync(dirname(folder), { recursive: true });
		const note = join(dirname(folder), 'about.json');
		writeFileSync(`${note}.new`, JSON.stringify(pod));
		renameSync(`${note}.new`, note);
		this.#appear(pod);
		return folder;
	}

	/** The pod is gone, and all of it with it. Idempotent. */
	unpublish(volume: string): void {
		const pod = this.#published.get(volume);
		if (pod) this.#end(pod, 410, 'the pod of this sandbox is gone');
		rmSync(dirname(this.#folderOf(volume)), { recursive: true, force: true });
	}

	/** A server does not want it any more, whether or not its pod still runs. Idempotent. */
	forget(instance: string, name: string): void {
		const key = keyOf(instance, name);
		const pod = this.#podOf(key);
		if (pod) this.#end(pod, 410, 'this sandbox was forgotten');
		else this.#drop(key, 410, 'this sandbox was forgotten');
	}

	/** Lets go of everything; sandboxes live on, and are found again. */
	close(): void {
		this.#stopSweep();
		for (const sandbox of this.#all.values()) sandbox.leave(503, 'this node agent ends');
	}

	#podOf(key: string): Published | undefined {
		return [...this.#published.values()].find(({ instance, name }) => keyOf(instance, name) === key);
	}

	#folderOf(volume: string): string {
		return join(this.#root, volume, 'run');
	}

	#make(): Sandbox {
		return new Sandbox(this.#clock, (error) => this.#log('warn', 'a socket failed', { error: wordsOf(error) }));
	}

	/** Another pod of that name was the sandbox before: the kubelet gets to know a second one only when the first is deleted. */
	#appear(pod: Published): void {
		const key = keyOf(pod.instance, pod.name);
		const former = this.#podOf(key);
		if (former) this.#end(former, 410, 'another pod has this name now');
		const sandbox = this.#all.get(key) ?? this.#make();
		const folder = this.#folderOf(pod.volume);
		const there = existsSync(folder) ? readdirSync(folder) : [];
		for (const file of there) if (!fileName.test(file)) rmSync(join(folder, file), { force: true });
		sandbox.appear(
			pod,
			folder,
			there.filter((file) => fileName.test(file)),
		);
		this.#all.set(key, sandbox);
		this.#asked.delete(key);
		this.#published.set(pod.volume, pod);
	}

	#end(pod: Published, status: number, sentence: string): void {
		this.#published.delete(pod.volume);
		this.#drop(keyOf(pod.instance, pod.name), status, sentence);
		rmSync(dirname(this.#folderOf(pod.volume)), { recursive: true, force: true });
	}

	#drop(key: string, status: number, sentence: string): void {
		this.#asked.delete(key);
		const sandbox = this.#all.get(key);
		this.#all.delete(key);
		sandbox?.end(status, sentence);
	}

	/** What was written down, the oldest first. What belongs to no pod any more is taken away: nobody would ever unpublish it. */
	#notes(): Published[] {
		const found: { pod: Published; at: number }[] = [];
		for (const volume of readdirSync(this.#root)) {
			const about = join(this.#root, volume, 'about.json');
			try {
				const pod: Published = JSON.parse(readFileSync(about, 'utf8'));
				if (pod.volume !== volume || !existsSync(dirname(pod.target))) throw new Error('its pod is gone');
				found.push({ pod, at: statSync(about).mtimeMs });
			} catch (error) {
				this.#log('info', 'a sandbox from before is not there any more', { volume, error: wordsOf(error) });
				rmSync(dirname(about), { recursive: true, force: true });
			}
		}
		return found.sort((one, other) => one.at - other.at).map(({ pod }) => pod);
	}

	#sweep(): void {
		const now = this.#clock.now();
		for (const [key, asked] of this.#asked) {
			if (now - asked < awaitedMs) continue;
			this.#drop(key, 404, 'no such sandbox on this node');
		}
	}
}
