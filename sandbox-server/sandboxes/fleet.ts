/** All sandboxes of this server, pooled and claimed: makes them, ends them, keeps the store and the folders in step. No policy here. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Course } from '../../src/shared/course.ts';
import { EngineAway, StartFailed } from '../engines/engine.ts';
import { isDiskFull } from '../store/disk-full.ts';
import type { LearnerRow, SandboxRow } from '../store/store.ts';
import { Bench } from './bench.ts';
import { DeadlinePassed, every, untilAborted, withDeadline } from './clock.ts';
import type { SandboxDeps } from './deps.ts';
import { reconciliation } from './reconcile.ts';

/** From the engine's call to the holder's first word, ms. */
const startMs = 60_000;
const answerMs = 30_000;
/** How often a sandbox whose holder has not connected yet is looked at, ms. */
const startPollMs = 2000;
/** A sandbox of the pool whose holder is not connected for so long is dead, ms: a holder connects again within 200. */
const pooledMs = 5000;
export const instanceLabel = 'etabli.instance';
export const courseLabel = 'etabli.course';
const imageLabel = 'etabli.image';

export interface Living {
	bench: Bench;
	row: SandboxRow;
}

/** Brings what the learner has kept into a sandbox that is theirs now. Rejects only when the sandbox cannot be used, or with the signal's reason. */
type Furnish = (bench: Bench, signal: AbortSignal) => Promise<void>;

export class Fleet {
	readonly #deps: SandboxDeps;
	readonly #living = new Map<string, Living>();
	/** Being started or ended. */
	readonly #busy = new Set<string>();
	/** Could not be destroyed because the engine did not answer: `reconcile` does it. */
	readonly #remains = new Set<string>();
	readonly #furnish: Furnish;

	/** @param furnish called before the learner sees the sandbox */
	constructor(deps: SandboxDeps, furnish: Furnish) {
		this.#deps = deps;
		this.#furnish = furnish;
	}

	get living(): Iterable<Living> {
		return this.#living.values();
	}

	/** How many exist, may exist or are being made or ended: what capacity is measured by. */
	get size(): number {
		return new Set([...this.#living.keys(), ...this.#busy, ...this.#remains]).size;
	}

	find(name: string): Living | undefined {
		return this.#living.get(name);
	}

	/** Ready ahead for a course. */
	pooled(course: Course): number {
		return [...this.living].filter(({ bench, row }) => row.learner === undefined && bench.course === course).length;
	}

	save(living: Living, change: Partial<SandboxRow>): void {
		living.row = { ...living.row, ...change };
		this.#deps.store.putSandbox(living.row);
	}

	/** Somebody looked at it. Not worth an error when it cannot be stored: the sandbox would be put away earlier than it should, at worst. */
	seen(living: Living, seen: number): void {
		this.#note(living, { seen });
	}

	/** As `save`; a full disk changes nothing about what is done. */
	#note(living: Living, change: Partial<SandboxRow>): void {
		try {
			this.save(living, change);
		} catch (error) {
			if (!isDiskFull(error)) throw error;
			this.#deps.log.warn({ sandbox: living.row.name, change, err: error }, 'the disk is full: not noted');
		}
	}

	/** Makes the private folder of all sandboxes. */
	async prepare(): Promise<void> {
		// Other users of the host must not get at the sockets in it; inside the sandboxes only the mounted folder counts.
		await mkdir(this.#root, { recursive: true, mode: 0o700 });
	}

	get #root(): string {
		return join(this.#deps.settings.data, 'sandboxes');
	}

	/**
	 * Starts one, for a learner or for the pool. When it fails or `signal` aborts, nothing is left: no folder, no container, no row.
	 * @throws EngineAway; StartFailed, DeadlinePassed, the signal's reason
	 */
	async start(course: Course, learner: LearnerRow | undefined, signal: AbortSignal): Promise<Living> {
		const { clock, store } = this.#deps;
		const name = newName();
		const now = clock.now();
		const row: SandboxRow = {
			name,
			course: course.slug,
			learner: learner?.id,
			state: 'starting',
			created: now,
			claimed: learner && now,
			seen: now,
		};
		const bench = new Bench(this.#deps, name, course);
		this.#busy.add(name);
		try {
			store.putSandbox(row);
			await withDeadline({ clock, ms: startMs, outer: signal }, async (deadline) => {
				await bench.listen();
				// The shell gets ready while the engine still finishes its own work.
				const ahead = bench.whenReady(deadline).then(() => bench.openAhead());
				ahead.catch(() => undefined); // What hinders it hinders the waiting below, which says so.
				await untilAborted(this.#startContainer(bench, deadline), deadline);
				await this.#whenReady(bench, deadline);
				// Whose it is already is in a hurry: the shell gets ready while the page hears of its sandbox.
				if (!learner) return await ahead;
				await bench.give(learner, now);
				await this.#furnish(bench, deadline);
			});
			const living = { bench, row };
			this.save(living, { state: 'ready' });
			this.#living.set(name, living);
			return living;
		} catch (error) {
			this.#stopping(row);
			await this.#forget(bench);
			throw error;
		} finally {
			this.#busy.delete(name);
		}
	}

	/**
	 * A pooled one goes to its learner. Until it has all that is theirs it is 'starting' in the store: the next server would not adopt it
	 * half furnished.
	 * @throws StartFailed, HolderGone, DeadlinePassed: it is dead, and its learner needs another; the signal's reason
	 */
	async give(living: Living, learner: LearnerRow, signal: AbortSignal): Promise<void> {
		const { clock } = this.#deps;
		this.save(living, { state: 'starting' });
		await withDeadline({ clock, ms: startMs, outer: signal }, async (deadline) => {
			await this.#whenAlive(living.bench, deadline);
			await living.bench.give(learner, living.row.claimed ?? clock.now());
			await this.#furnish(living.bench, deadline);
			await this.#whenAlive(living.bench, deadline);
		});
		this.save(living, { state: 'ready' });
	}

	async #whenAlive(bench: Bench, outer: AbortSignal): Promise<void> {
		if (bench.ready) return;
		await withDeadline({ clock: this.#deps.clock, ms: pooledMs, outer }, (signal) => this.#whenReady(bench, signal));
	}

	/** The row of one that is to go does not stand in the way of its learner's next. */
	#stopping(row: SandboxRow): void {
		try {
			this.#deps.store.putSandbox({ ...row, state: 'stopping' });
		} catch (error) {
			// Such as a full disk, which may be why the start failed: what the caller throws says more.
			this.#deps.log.warn({ sandbox: row.name, err: error }, 'the end of a sandbox could not be noted');
		}
	}

	/** The holder's first word; gives up early when the sandbox has ended meanwhile. */
	async #whenReady(bench: Bench, signal: AbortSignal): Promise<void> {
		const ended = new AbortController();
		const look = async () => {
			if (await this.stopped(bench.name)) ended.abort(new StartFailed(`${bench.name} ended before its holder had connected`));
		};
		// An engine that does not answer says nothing about the sandbox: the deadline stays.
		const stop = every(this.#deps.clock, startPollMs, () => void look().catch(() => undefined));
		try {
			await bench.whenReady(AbortSignal.any([signal, ended.signal]));
		} finally {
			stop();
		}
	}

	async #startContainer({ name, course }: Bench, signal: AbortSignal): Promise<void> {
		const { settings, engine } = this.#deps;
		const image = settings.image(course);
		await engine.start(
			{
				name,
				image,
				runtime: course.settings.runtime,
				limits: course.settings.limits,
				user: course.settings.user,
				sockets: Bench.folder(settings.data, name),
				guest: settings.guest,
				labels: { [instanceLabel]: settings.instance, [courseLabel]: course.slug, [imageLabel]: image },
			},
			signal,
		);
	}

	/** Takes up those that were ready when the server last ran; marks the others for removal. Does not need the engine. */
	async adopt(learnerOf: (id: string) => LearnerRow | undefined): Promise<Living[]> {
		for (const row of this.#deps.store.sandboxes()) {
			const course = this.#deps.courses.find(({ slug }) => slug === row.course);
			const learner = row.learner === undefined ? undefined : learnerOf(row.learner);
			if (row.state !== 'ready' || !course || (row.learner !== undefined && !learner)) {
				// Its learner's next does not have to wait until it is gone.
				this.#stopping(row);
				this.#remains.add(row.name);
				continue;
			}
			const bench = new Bench(this.#deps, row.name, course);
			await bench.listen();
			bench.extended = row.extended ?? 0;
			if (learner) await bench.give(learner, row.claimed ?? row.created);
			// What was done in it before nobody knows now.
			bench.used = learner !== undefined;
			this.#living.set(row.name, { bench, row });
		}
		return [...this.living];
	}

	/**
	 * Ends one and forgets it. While that lasts it is 'stopping' in the store, so that a server that is killed meanwhile finishes the work.
	 * @throws EngineAway: then it is as it was
	 */
	async end(living: Living): Promise<void> {
		const { bench } = living;
		if (this.#busy.has(bench.name)) return;
		this.#busy.add(bench.name);
		this.#note(living, { state: 'stopping' });
		try {
			await this.#destroyContainer(bench.name);
		} catch (error) {
			this.#note(living, { state: 'ready' });
			throw error;
		} finally {
			this.#busy.delete(bench.name);
		}
		this.#living.delete(bench.name);
		await bench.close();
		await this.#erase(bench.name);
	}

	/** It has ended by itself: no longer living at once; its remains are removed, now or when the engine answers. */
	async bury(living: Living): Promise<void> {
		this.#living.delete(living.bench.name);
		this.#stopping(living.row);
		await this.#forget(living.bench);
	}

	async #forget(bench: Bench): Promise<void> {
		this.#busy.add(bench.name);
		try {
			await bench.close();
			await this.#remove(bench.name);
		} finally {
			this.#busy.delete(bench.name);
		}
	}

	/** Container, folder, row. What cannot be destroyed now stays on the list for `reconcile`. */
	async #remove(name: string): Promise<void> {
		try {
			await this.#destroyContainer(name);
		} catch (error) {
			this.#remains.add(name);
			this.#deps.log.warn({ sandbox: name, err: error }, 'the sandbox could not be removed yet');
			return;
		}
		this.#remains.delete(name);
		await this.#erase(name);
	}

	async #destroyContainer(name: string): Promise<void> {
		await this.#ask((signal) => this.#deps.engine.destroy(name, signal));
	}

	/** A question to the engine; one that hangs is one that does not answer. @throws EngineAway */
	async #ask<T>(question: (signal: AbortSignal) => Promise<T>): Promise<T> {
		try {
			return await withDeadline({ clock: this.#deps.clock, ms: answerMs }, question);
		} catch (error) {
			throw error instanceof DeadlinePassed ? new EngineAway('no answer in time', { cause: error }) : error;
		}
	}

	async #erase(name: string): Promise<void> {
		await rm(Bench.folder(this.#deps.settings.data, name), { recursive: true, force: true });
		try {
			this.#deps.store.removeSandbox(name);
		} catch (error) {
			if (!isDiskFull(error)) throw error;
			// `reconcile` removes a row that belongs to nothing.
			this.#deps.log.warn({ sandbox: name, err: error }, 'the disk is full: its row stays for now');
		}
	}

	/**
	 * Removes what is nobody's; returns those living ones that the engine does not run any more, for their learners to be told.
	 * @throws EngineAway
	 */
	async reconcile(): Promise<Living[]> {
		const { engine, store, settings, courses } = this.#deps;
		const held = new Set(this.#living.keys());
		const records = await this.#ask((signal) => engine.list({ key: instanceLabel, value: settings.instance }, signal));
		const plan = reconciliation({
			records,
			rows: store.sandboxes(),
			folders: (await readdir(this.#root)).filter((name) => ownName.test(name)),
			held,
			busy: this.#busy,
			outdated: ({ labels }) => {
				const course = courses.find(({ slug }) => slug === labels[courseLabel]);
				return !course || labels[imageLabel] !== settings.image(course);
			},
		});
		for (const name of plan.destroy) {
			// Looked at again each time: much may have happened since the list was made.
			if (this.#busy.has(name)) continue;
			const living = this.#living.get(name);
			if (!living) await this.#remove(name);
			else if (living.row.learner === undefined) await this.end(living);
		}
		const lost: Living[] = [];
		for (const name of plan.lost) {
			const living = this.#living.get(name);
			if (living && !this.#busy.has(name) && (await this.stopped(name))) lost.push(living);
		}
		return lost;
	}

	/** The engine says that it does not run. @throws EngineAway */
	async stopped(name: string): Promise<boolean> {
		return (await this.#ask((signal) => this.#deps.engine.status(name, signal))) !== 'running';
	}

	/** Lets go of every sandbox; they live on and are adopted by the next server. */
	async leave(): Promise<void> {
		await Promise.all([...this.living].map(({ bench }) => bench.close()));
		this.#living.clear();
	}
}

function newName(): string {
	return `etabli-${randomBytes(6).toString('hex')}`;
}

/** A folder of another name is none of ours, and neither is a container that happens to be called so. */
const ownName = /^etabli-[0-9a-f]{12}$/;

/** The engine did not answer. */
export function isAway(error: unknown): boolean {
	return error instanceof EngineAway;
}
