/** The pods of this server's sandboxes: made, ended, and known without asking. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import { untilAborted } from '../../platform/deadline.ts';
import { warnOfFault } from '../../platform/fault.ts';
import { instanceLabel, roleLabel, sandboxRole } from '../containers.ts';
import { RuntimeAway, type SandboxRecord, type SandboxSpec, StartFailed } from '../runtime.ts';
import { Informer } from './informer.ts';
import { ApiRefusal, type KubeApi } from './kube-api.ts';
import { type PodSettings, sandboxPod } from './pod.ts';
import { keepOfPod, type SandboxPod } from './sandbox-pod.ts';
import { Trouble } from './trouble.ts';
import { hopelessText, refusalText, type Wanted, wantedOf } from './words.ts';

/** How long a question may take when the caller sets no deadline of its own, ms. */
const patience = 60_000;
/** How long clearing up after a failed start may take, ms: apart from the caller's deadline, which may have passed. */
const clearingPatience = 30_000;
/** Between two looks at a pod that the informer does not know, ms. */
const lookMs = 250;

export interface PodsOptions {
	api: KubeApi;
	settings: PodSettings;
	/** Another main process than the agent: for tests of the pod alone. */
	command?: string[] | undefined;
	/** A pod has come, is another, or is gone. */
	onChange: (name: string, pod: SandboxPod | undefined) => void;
	/** The cluster has taken down that this one is to go. */
	onRemove?: (name: string) => void;
}

interface Watch {
	onEnd: (name: string) => void;
	onBreak: (error: Error) => void;
}

export class Pods {
	readonly #options: PodsOptions;
	readonly #api: KubeApi;
	readonly #informer: Informer<SandboxPod>;
	/** Told of each change of a pod. */
	readonly #listeners = new Map<string, Set<() => void>>();
	/** Whose ends are our own doing, and no news. */
	readonly #busy = new Map<string, number>();
	readonly #watches = new Set<Watch>();

	constructor(options: PodsOptions) {
		this.#options = options;
		this.#api = options.api;
		const { namespace, instance } = options.settings;
		this.#informer = new Informer({
			api: options.api,
			path: `/api/v1/namespaces/${namespace}/pods`,
			selector: `${roleLabel}=${sandboxRole},${instanceLabel}=${instance}`,
			keep: keepOfPod,
			onChange: (name, now, before) => this.#changed(name, now, before),
			onLost: (error) => this.#lost(error),
		});
	}

	get(name: string): SandboxPod | undefined {
		return this.#informer.get(name);
	}

	/** As Runtime.start. */
	async start(spec: SandboxSpec, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<void> {
		if (signal.aborted) throw new StartFailed(`${spec.name}: given up before it began`, { cause: signal.reason });
		const start = randomUUID();
		const done = this.#mark(spec.name);
		try {
			await this.#ready(signal);
			const pod = sandboxPod(spec, this.#options.settings, start, this.#options.command);
			// Not tied to the signal: it may be made although nobody listens any more, and then it is to go.
			const created = this.#create(pod, wantedOf(pod), AbortSignal.timeout(patience));
			try {
				await untilAborted(created, signal);
				await this.#runs(spec.name, start, wantedOf(pod), signal);
				// Its end may have come with its beginning, and is told to nobody while it starts.
				const now = this.get(spec.name);
				if (now?.start !== start) throw new StartFailed('it was removed from outside');
				if (now.state.kind === 'ended') throw new StartFailed(hopelessText(now.state, wantedOf(pod)) ?? 'it has ended at once');
			} catch (error) {
				await this.#clear(spec.name, start, created);
				throw error;
			}
		} catch (error) {
			throw startError(spec.name, error);
		} finally {
			done();
		}
	}

	async #create(pod: V1Pod, wanted: Wanted, signal: AbortSignal): Promise<void> {
		const { name = '', annotations } = pod.metadata ?? {};
		for (;;) {
			try {
				await this.#api.ask({ method: 'POST', path: this.#path(), body: pod, signal });
				return;
			} catch (error) {
				if (!(error instanceof ApiRefusal)) throw error;
				if (error.status !== 409) throw new StartFailed(`${name}: ${refusalText(error.status, error.message, wanted)}`, { cause: error });
				// Two who count by the same quota at once; or a name in use.
				if (error.reason === 'Conflict') {
					await sleep(50 + Math.random() * 100, undefined, { signal });
					continue;
				}
				const there = await this.#look(name, signal);
				// The answer to an earlier attempt was lost.
				if (there?.start !== undefined && Object.values(annotations ?? {}).includes(there.start)) return;
				if (there && !there.ending) throw new StartFailed(`${name}: the name is taken`, { cause: error });
				await sleep(lookMs, undefined, { signal });
			}
		}
	}

	/** Resolves when its container runs. @throws StartFailed with the reason that it does not, the signal's reason */
	async #runs(name: string, start: string, wanted: Wanted, signal: AbortSignal): Promise<void> {
		let seen = false;
		const trouble = new Trouble(wanted, () => this.#events(name, signal));
		try {
			await this.#until(
				name,
				(pod) => {
					if (pod?.start !== start) {
						if (seen) throw new StartFailed('it was removed from outside');
						return false;
					}
					seen = true;
					if (pod.state.kind === 'running') return true;
					trouble.look(pod);
					if (pod.ending) throw new StartFailed('it is being removed from outside');
					return false;
				},
				signal,
				trouble.told,
			);
		} catch (error) {
			// What it waited for in vain says more than that the time is over.
			if (!signal.aborted || error instanceof StartFailed || trouble.last === undefined) throw error;
			throw new StartFailed(trouble.last, { cause: error });
		} finally {
			trouble.close();
		}
	}

	/** Events of a pod, the latest last. */
	async #events(name: string, signal: AbortSignal): Promise<{ reason: string; message: string }[]> {
		const { namespace } = this.#options.settings;
		const { items = [] } = await this.#api.ask<{ items?: { reason?: string; message?: string }[] }>({
			path: `/api/v1/namespaces/${namespace}/events`,
			query: { fieldSelector: `involvedObject.name=${name},type=Warning`, limit: 50 },
			signal,
		});
		return items.map(({ reason = '', message = '' }) => ({ reason, message }));
	}

	/** Leaves nothing of a start that failed. What cannot be removed now is found again by `list`; the first error says more than the second. */
	async #clear(name: string, start: string, created: Promise<void>): Promise<void> {
		const signal = AbortSignal.timeout(clearingPatience);
		try {
			await untilAborted(
				created.catch(() => undefined),
				signal,
			);
			const known = this.get(name);
			// The informer may still know the one that had the name before.
			const there = known?.start === start ? known : await this.#look(name, signal);
			if (there?.start === start) await this.#remove(name, there.uid, signal);
		} catch {
			// As said above.
		}
	}

	async status(name: string, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<'running' | 'ended' | 'gone'> {
		await this.#ready(signal);
		const pod = this.get(name);
		if (!pod) return 'gone';
		return pod.state.kind === 'ended' ? 'ended' : 'running';
	}

	async list(
		{ key, value }: { key: string; value: string },
		signal: AbortSignal = AbortSignal.timeout(patience),
	): Promise<SandboxRecord[]> {
		await this.#ready(signal);
		return [...this.#informer]
			.filter(([, { labels }]) => labels[key] === value)
			.map(([name, { labels, created, state }]) => ({ name, labels, created, running: state.kind !== 'ended' }));
	}

	/** As Runtime.destroy. */
	async destroy(name: string, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<void> {
		const done = this.#mark(name);
		try {
			await this.#ready(signal);
			await this.#remove(name, undefined, signal);
		} catch (error) {
			throw away(error);
		} finally {
			done();
		}
	}

	/**
	 * A pod on a node that does not answer is never said to be gone. Its end is taken as given then, which it is when the node comes back.
	 * @returns whether it was so @throws RuntimeAway
	 */
	async release(name: string, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<boolean> {
		const done = this.#mark(name);
		try {
			await this.#ready(signal);
			const pod = this.get(name);
			if (!pod?.ending || pod.node === undefined || (await this.#answers(pod.node, signal))) return false;
			await this.#delete(name, { gracePeriodSeconds: 0, preconditions: { uid: pod.uid } }, signal);
			return true;
		} catch (error) {
			throw away(error);
		} finally {
			done();
		}
	}

	async #answers(node: string, signal: AbortSignal): Promise<boolean> {
		try {
			const { status } = await this.#api.ask<{ status?: { conditions?: { type: string; status: string }[] } }>({
				path: `/api/v1/nodes/${node}`,
				signal,
			});
			return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
		} catch (error) {
			if (error instanceof ApiRefusal && error.status === 404) return false;
			throw error;
		}
	}

	/** As Runtime.watch. */
	async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		const watch: Watch = { onEnd, onBreak };
		await this.#ready(AbortSignal.timeout(patience));
		this.#watches.add(watch);
		return () => void this.#watches.delete(watch);
	}

	/** Begins to follow, if it does not yet. */
	follow(): void {
		this.#informer.ready().catch(() => undefined); // Whoever asks is told.
	}

	close(): void {
		this.#informer.close();
		this.#watches.clear();
	}

	/** @param uid of the one that is meant; undefined: whichever of ours has that name */
	async #remove(name: string, uid: string | undefined, signal: AbortSignal): Promise<void> {
		const known = this.get(name);
		const wanted = uid ?? known?.uid ?? (await this.#unheardOf(name, signal));
		if (wanted === undefined) return;
		if (await this.#delete(name, { preconditions: { uid: wanted } }, signal)) unharmed(() => this.#options.onRemove?.(name));
		if (known?.uid !== wanted) {
			// The informer may hear of it only now.
			while ((await this.#look(name, signal))?.uid === wanted) await untilAborted(sleep(lookMs), signal);
		}
		await this.#until(name, (pod) => pod?.uid !== wanted, signal);
	}

	/** Of one that was made a moment ago, perhaps. Another installation's is none of our business. @returns its uid */
	async #unheardOf(name: string, signal: AbortSignal): Promise<string | undefined> {
		const there = await this.#look(name, signal);
		return there?.labels[instanceLabel] === this.#options.settings.instance ? there.uid : undefined;
	}

	/** @returns false: there is none, or another one than was meant */
	async #delete(name: string, options: object, signal: AbortSignal): Promise<boolean> {
		try {
			await this.#api.ask({ method: 'DELETE', path: this.#path(name), body: options, signal });
			return true;
		} catch (error) {
			if (error instanceof ApiRefusal && (error.status === 404 || error.status === 409)) return false;
			throw error;
		}
	}

	/** undefined: there is none. */
	async #look(name: string, signal: AbortSignal): Promise<SandboxPod | undefined> {
		try {
			return keepOfPod(await this.#api.ask({ path: this.#path(name), signal }));
		} catch (error) {
			if (error instanceof ApiRefusal && error.status === 404) return undefined;
			throw error;
		}
	}

	#path(name?: string): string {
		const all = `/api/v1/namespaces/${this.#options.settings.namespace}/pods`;
		return name === undefined ? all : `${all}/${name}`;
	}

	/**
	 * Resolves when `holds` says so of the pod, asked at each of its changes and whenever `also` calls.
	 * @throws what `holds` throws, the signal's reason
	 */
	async #until(
		name: string,
		holds: (pod: SandboxPod | undefined) => boolean,
		signal: AbortSignal,
		also?: (again: () => void) => void,
	): Promise<void> {
		const listeners = this.#listeners.get(name) ?? new Set();
		this.#listeners.set(name, listeners);
		let look = () => {};
		// Something has to keep the process alive meanwhile: the watch does not.
		const alive = setInterval(() => undefined, patience);
		try {
			await untilAborted(
				new Promise<void>((resolve, reject) => {
					look = () => {
						try {
							if (holds(this.get(name))) resolve();
						} catch (error) {
							reject(error as Error);
						}
					};
					listeners.add(look);
					also?.(look);
					look();
				}),
				signal,
			);
		} finally {
			clearInterval(alive);
			listeners.delete(look);
			if (listeners.size === 0) this.#listeners.delete(name);
		}
	}

	#changed(name: string, now: SandboxPod | undefined, before: SandboxPod | undefined): void {
		unharmed(() => this.#options.onChange(name, now));
		for (const look of [...(this.#listeners.get(name) ?? [])]) unharmed(look);
		const hasEnded = before !== undefined && before.state.kind !== 'ended' && (now === undefined || now.state.kind === 'ended');
		if (!hasEnded || this.#busy.has(name)) return;
		for (const { onEnd } of [...this.#watches]) unharmed(() => onEnd(name));
	}

	#lost(error: Error): void {
		const watches = [...this.#watches];
		this.#watches.clear();
		for (const { onBreak } of watches) unharmed(() => onBreak(away(error)));
	}

	/** @throws RuntimeAway */
	async #ready(signal: AbortSignal): Promise<void> {
		try {
			await this.#informer.ready(signal);
		} catch (error) {
			throw away(error);
		}
	}

	#mark(name: string): () => void {
		this.#busy.set(name, (this.#busy.get(name) ?? 0) + 1);
		return () => {
			const left = (this.#busy.get(name) ?? 1) - 1;
			if (left > 0) this.#busy.set(name, left);
			else this.#busy.delete(name);
		};
	}
}

/** A fault of one who is told is none of the others'. */
function unharmed(tell: () => void): void {
	try {
		tell();
	} catch (error) {
		warnOfFault(error);
	}
}

export function away(error: unknown): RuntimeAway {
	if (error instanceof RuntimeAway) return error;
	return new RuntimeAway(error instanceof Error ? error.message : String(error), { cause: error });
}

/** A deadline that has passed is a failed start; only silence of the API server is an engine that is away. */
function startError(name: string, error: unknown): Error {
	if (error instanceof StartFailed)
		return error.message.startsWith(name) ? error : new StartFailed(`${name}: ${error.message}`, { cause: error });
	if (error instanceof RuntimeAway) return error;
	if (error instanceof Error && error.name === 'ApiAway') return away(error);
	return new StartFailed(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
