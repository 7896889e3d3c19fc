/** All sandboxes of this server, pooled and claimed: makes them, ends them, keeps the store and the folders in step. No policy here. */
import { randomBytes } from 'node:crypto';
import type { Course } from '../../src/shared/course/course.ts';
import { every } from '../platform/clock.ts';
import { untilAborted, withDeadline } from '../platform/deadline.ts';
import { instanceLabel } from '../runtimes/containers.ts';
import { RuntimeAway, type SandboxRecord, StartFailed } from '../runtimes/runtime.ts';
import { Sandbox } from '../sandboxes/sandbox.ts';
import type { SandboxDeps } from '../sandboxes/sandbox-deps.ts';
import type { SandboxLeft } from '../store/sandboxes-left.ts';
import type { LearnerRow, Owned, SandboxRow } from '../store/store.ts';
import { ask } from './ask.ts';
import { type Plan, reconciliation } from './reconcile.ts';
import { CannotEnd, type Removal } from './removal.ts';

/** From the engine's call to the agent's first word, ms. */
const startMs = 60_000;
/** How often a sandbox whose agent has not connected yet is looked at, ms. */
const startPollMs = 2000;
/** A sandbox of the pool whose agent is not connected for so long is dead, ms: an agent connects again within 200. */
const pooledMs = 5000;
export const courseLabel = 'etabli.course';
const imageLabel = 'etabli.image';

export interface Living {
	sandbox: Sandbox;
	row: SandboxRow;
}

/** What a sandbox is started for: a learner's lab, or the pool of a course. */
type StartOf = Pick<Owned, 'course'> & Partial<Pick<Owned, 'owner'>>;

/** Brings what the learner has kept into a sandbox that is theirs now. Rejects only when the sandbox cannot be used, or with the signal's reason. */
type Furnish = (sandbox: Sandbox, signal: AbortSignal) => Promise<void>;

export class Provisioner {
	readonly #deps: SandboxDeps;
	readonly #living = new Map<string, Living>();
	/** Being started or ended. */
	readonly #busy = new Set<string>();
	/** Courses whose cluster could not be started ahead the last time. */
	readonly #clusterless = new Set<string>();
	/** Of learners, in courses that this server does not have: their files are nobody's to lose. */
	readonly #unserved = new Map<string, SandboxLeft>();
	readonly #removal: Removal;
	readonly #furnish: Furnish;

	/** @param furnish called before the learner sees the sandbox; @param removal of those that are to go */
	constructor(deps: SandboxDeps, { furnish, removal }: { furnish: Furnish; removal: Removal }) {
		this.#deps = deps;
		this.#furnish = furnish;
		this.#removal = removal;
	}

	get living(): Iterable<Living> {
		return this.#living.values();
	}

	/** How many exist, may exist or are being made or ended: what capacity is measured by. */
	get size(): number {
		return new Set([...this.#living.keys(), ...this.#busy, ...this.#unserved.keys(), ...this.#removal.names]).size;
	}

	/** Sandboxes of learners that are left alone, since their courses are not served. */
	get unserved(): SandboxLeft[] {
		return [...this.#unserved.values()];
	}

	find(name: string): Living | undefined {
		return this.#living.get(name);
	}

	/** Ready ahead for a course. */
	pooled(course: Course): number {
		return [...this.living].filter(({ sandbox, row }) => row.learner === undefined && sandbox.course === course).length;
	}

	/** Those of them that can be given away, oldest first. */
	spare(course: Course): Living[] {
		return [...this.living].filter(
			({ sandbox, row }) => row.learner === undefined && row.state === 'ready' && sandbox.course === course && !this.#busy.has(row.name),
		);
	}

	save(living: Living, change: Partial<SandboxRow>): void {
		living.row = { ...living.row, ...change };
		this.#deps.store.putSandbox(living.row);
	}

	/** Somebody looked at it. Not worth an error when it cannot be stored: the sandbox would be put away earlier than it should, at worst. */
	seen(living: Living, seen: number): void {
		this.#note(living, { seen });
	}

	/** As `save`; a store that is full or busy changes nothing about what is done. */
	#note(living: Living, change: Partial<SandboxRow>): void {
		try {
			this.save(living, change);
		} catch (error) {
			this.#deps.log.warn({ sandbox: living.row.name, change, err: error }, 'a change of a sandbox could not be noted');
		}
	}

	/**
	 * Starts one, for a learner or, without an owner, for the pool. When it fails or `signal` aborts, nothing is left: no folder, no container, no row.
	 * @throws RuntimeAway; StartFailed, DeadlinePassed, the signal's reason
	 */
	async start({ course, owner }: StartOf, signal: AbortSignal): Promise<Living> {
		const { clock, store } = this.#deps;
		const name = newName();
		const now = clock.now();
		const row: SandboxRow = {
			name,
			course: course.slug,
			learner: owner?.id,
			state: 'starting',
			created: now,
			claimed: owner && now,
			seen: now,
		};
		const sandbox = new Sandbox(this.#deps, name, course);
		this.#busy.add(name);
		try {
			store.putSandbox(row);
			await withDeadline({ clock, ms: startMs, outer: signal }, async (deadline) => {
				await sandbox.listen();
				// The shell gets ready while the engine still finishes its own work.
				const ahead = sandbox.whenReady(deadline).then(() => sandbox.openAhead());
				ahead.catch(() => undefined); // What hinders it hinders the waiting below, which says so.
				await untilAborted(this.#startContainer(sandbox, deadline), deadline);
				await this.#whenReady(sandbox, deadline);
				// Whose it is already is in a hurry: the shell gets ready while the page hears of its sandbox.
				if (!owner) return await ahead;
				await sandbox.give(owner, now);
				await this.#furnish(sandbox, deadline);
			});
			if (!owner) await untilAborted(this.#clusterAhead(sandbox), signal);
			const living = { sandbox, row };
			this.save(living, { state: 'ready' });
			this.#living.set(name, living);
			return living;
		} catch (error) {
			this.#stopping(row);
			await this.#forget(sandbox);
			throw error;
		} finally {
			this.#busy.delete(name);
		}
	}

	/** One without a running cluster is a sandbox all the same. What hinders a course's cluster once does so for half a minute each time: it is not waited for again. */
	async #clusterAhead(sandbox: Sandbox): Promise<void> {
		const { slug } = sandbox.course;
		const runs = sandbox.clusterAhead().then((well) => {
			if (well) this.#clusterless.delete(slug);
			else this.#clusterless.add(slug);
		});
		if (!this.#clusterless.has(slug)) await runs;
	}

	/**
	 * A pooled one goes to its learner. Until it has all that is theirs it is 'starting' in the store: the next server would not adopt it
	 * half furnished.
	 * @throws StartFailed, AgentGone, DeadlinePassed: it is dead, and its learner needs another; the signal's reason
	 */
	async give(living: Living, learner: LearnerRow, signal: AbortSignal): Promise<void> {
		const { clock } = this.#deps;
		this.save(living, { state: 'starting' });
		await withDeadline({ clock, ms: startMs, outer: signal }, async (deadline) => {
			await this.#whenAlive(living.sandbox, deadline);
			await living.sandbox.give(learner, living.row.claimed ?? clock.now());
			await this.#furnish(living.sandbox, deadline);
			await this.#whenAlive(living.sandbox, deadline);
		});
		this.save(living, { state: 'ready' });
	}

	async #whenAlive(sandbox: Sandbox, outer: AbortSignal): Promise<void> {
		if (sandbox.ready) return;
		await withDeadline({ clock: this.#deps.clock, ms: pooledMs, outer }, (signal) => this.#whenReady(sandbox, signal));
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

	/** The agent's first word; gives up early when the sandbox has ended meanwhile. */
	async #whenReady(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
		const ended = new AbortController();
		const look = async () => {
			if (await this.stopped(sandbox.name)) ended.abort(new StartFailed(`${sandbox.name} ended before its agent had connected`));
		};
		// An engine that does not answer says nothing about the sandbox: the deadline stays.
		const stop = every({ clock: this.#deps.clock, ms: startPollMs, action: () => void look().catch(() => undefined) });
		try {
			await sandbox.whenReady(AbortSignal.any([signal, ended.signal]));
		} finally {
			stop();
		}
	}

	async #startContainer({ name, course }: Sandbox, signal: AbortSignal): Promise<void> {
		const { settings, runtime } = this.#deps;
		const image = settings.image(course);
		await runtime.start(
			{
				name,
				image,
				ociRuntime: course.settings.runtime,
				limits: course.settings.limits,
				user: course.settings.user,
				labels: { [instanceLabel]: settings.instance, [courseLabel]: course.slug, [imageLabel]: image },
			},
			signal,
		);
	}

	/**
	 * Takes up those that were ready when the server last ran; leaves alone learners' of courses that are not served now; marks the others for
	 * removal. Does not need the engine.
	 * @param taken told of each before its agent can come back: what that says of commands is not lost
	 */
	async adopt(learnerOf: (id: string) => LearnerRow | undefined, taken: (living: Living) => void): Promise<void> {
		for (const row of this.#deps.store.sandboxes()) {
			const course = this.#deps.courses.find(({ slug }) => slug === row.course);
			const learner = row.learner === undefined ? undefined : learnerOf(row.learner);
			if (row.state === 'ready' && learner && !course) {
				this.#unserved.set(row.name, { learner: learner.name, course: row.course });
				this.#deps.log.warn({ sandbox: row.name, learner: learner.name, course: row.course }, 'its course is not served: it is left alone');
				continue;
			}
			if (row.state !== 'ready' || !course || (row.learner !== undefined && !learner)) {
				// Its learner's next does not have to wait until it is gone.
				this.#stopping(row);
				this.#removal.add(row.name);
				continue;
			}
			const sandbox = new Sandbox(this.#deps, row.name, course);
			sandbox.extended = row.extended ?? 0;
			if (learner) await sandbox.give(learner, row.claimed ?? row.created);
			// What was done in it before nobody knows now.
			sandbox.used = learner !== undefined;
			this.#living.set(row.name, { sandbox, row });
			taken({ sandbox, row });
			await sandbox.listen();
		}
	}

	/**
	 * Ends one and forgets it. While that lasts it is 'stopping' in the store, so that a server that is killed meanwhile finishes the work.
	 * One that the engine cannot end is let go of all the same: it is tried again, and told.
	 * @throws RuntimeAway: then it is as it was
	 */
	async end(living: Living): Promise<void> {
		const { sandbox } = living;
		if (this.#busy.has(sandbox.name)) return;
		this.#busy.add(sandbox.name);
		this.#note(living, { state: 'stopping' });
		try {
			const ended = await this.#ended(sandbox.name);
			this.#living.delete(sandbox.name);
			await this.#close(sandbox);
			if (ended) await this.#removal.erase(sandbox.name);
		} catch (error) {
			this.#note(living, { state: 'ready' });
			throw error;
		} finally {
			this.#busy.delete(sandbox.name);
		}
	}

	/** Whether the container is gone. @throws RuntimeAway */
	async #ended(name: string): Promise<boolean> {
		try {
			await this.#removal.destroy(name);
			return true;
		} catch (error) {
			if (error instanceof CannotEnd) return false;
			throw error;
		}
	}

	/** No longer living at once, whatever it does; it is removed, now or when the engine answers. */
	async bury(living: Living): Promise<void> {
		this.#living.delete(living.sandbox.name);
		this.#stopping(living.row);
		await this.#forget(living.sandbox);
	}

	async #forget(sandbox: Sandbox): Promise<void> {
		await this.#close(sandbox);
		await this.#remove(sandbox.name);
	}

	async #close(sandbox: Sandbox): Promise<void> {
		try {
			await sandbox.close();
		} catch (error) {
			this.#deps.log.warn({ sandbox: sandbox.name, err: error }, 'a sandbox could not be let go of in good order');
		}
	}

	async #remove(name: string): Promise<'gone' | 'away' | 'stuck'> {
		this.#busy.add(name);
		try {
			return await this.#removal.remove(name);
		} finally {
			this.#busy.delete(name);
		}
	}

	/**
	 * Compares with the engine. Nothing is changed by it: `lost` are living ones that the engine does not run any more, for their learners to
	 * be told; the rest is for `clear`.
	 * @throws RuntimeAway
	 */
	async reconcile(): Promise<{ lost: Living[] } & Pick<Plan, 'orphans' | 'outdated'>> {
		const { runtime, store, settings, courses, clock } = this.#deps;
		const hands = () => ({ held: new Set(this.#living.keys()), busy: new Set([...this.#busy, ...this.#unserved.keys()]) });
		const before = hands();
		const records = await ask(clock, (signal) => runtime.list({ key: instanceLabel, value: settings.instance }, signal));
		const transports = (await runtime.transports()).filter((name) => ownName.test(name));
		const outdated = ({ labels }: SandboxRecord) => {
			const course = courses.find(({ slug }) => slug === labels[courseLabel]);
			return !course || labels[imageLabel] !== settings.image(course);
		};
		const plan = reconciliation({ records, rows: store.sandboxes(), transports, before, after: hands(), outdated });
		// What has ended holds no files any more: it is nobody's at the next look.
		const running = new Set(records.filter((record) => record.running).map(({ name }) => name));
		for (const name of this.#unserved.keys()) if (!running.has(name) && (await this.stopped(name))) this.#unserved.delete(name);
		const lost: Living[] = [];
		for (const name of plan.lost) {
			const stopped = await this.stopped(name);
			const living = this.#living.get(name);
			if (stopped && living && !this.#busy.has(name)) lost.push(living);
		}
		return { ...plan, lost };
	}

	/**
	 * Removes what is nobody's and ends what is out of date. What has been tried in vain comes last, and holds nobody up.
	 * @throws RuntimeAway
	 */
	async clear({ orphans, outdated }: Pick<Plan, 'orphans' | 'outdated'>): Promise<void> {
		const stuck = orphans.filter((name) => this.#removal.isStuck(name));
		for (const name of orphans.filter((one) => !stuck.includes(one))) {
			// Looked at again each time: much may have happened since the list was made.
			if (this.#living.has(name) || this.#busy.has(name)) continue;
			if ((await this.#remove(name)) === 'away') throw new RuntimeAway('while sandboxes were being removed');
		}
		for (const name of outdated) {
			const living = this.#living.get(name);
			if (living && living.row.learner === undefined && living.row.state === 'ready') await this.end(living);
		}
		await Promise.all(stuck.filter((name) => !this.#busy.has(name)).map((name) => this.#remove(name)));
	}

	/** The engine says that it does not run. @throws RuntimeAway */
	async stopped(name: string): Promise<boolean> {
		return (await ask(this.#deps.clock, (signal) => this.#deps.runtime.status(name, signal))) !== 'running';
	}

	/** Lets go of every sandbox; they live on and are adopted by the next server. */
	async leave(): Promise<void> {
		await Promise.all([...this.living].map(({ sandbox }) => this.#close(sandbox)));
		this.#living.clear();
	}
}

function newName(): string {
	return `etabli-${randomBytes(6).toString('hex')}`;
}

/** A folder of another name is none of ours, and neither is a container that happens to be called so. */
const ownName = /^etabli-[0-9a-f]{12}$/;
