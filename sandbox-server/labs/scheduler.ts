/**
 * Carries out what schedule.ts decides: claims sandboxes of the pool, starts new ones, fills and empties the pools. Keeps the queue and
 * what else the decision needs; decides nothing itself.
 */

import { availableParallelism } from 'node:os';
import type { Course } from '../../src/shared/course/course.ts';
import type { Text } from '../../src/shared/language.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import type { SandboxDeps } from '../sandboxes/sandbox-deps.ts';
import { nameOf } from '../store/store.ts';
import { isAway } from './ask.ts';
import { CalledOff } from './called-off.ts';
import { Claims } from './claims.ts';
import type { LabBook } from './lab-book.ts';
import type { LabRecord } from './lab-record.ts';
import type { Living, Provisioner } from './provisioner.ts';
import { Queue } from './queue.ts';
import { reasons } from './reasons.ts';
import { type Action, pauseAfter, type Snapshot, schedule } from './schedule.ts';
import type { Tasks } from './tasks.ts';
import { type PoolOrder, poolSize } from './warm-pool.ts';

/**
 * Starts that may be under way at once: one more than there are processors keeps these busy while one start waits for the engine. Measured on
 * two of them: three at once take 30 to 40 % less time in all than two; with four and more each is slower and no more get done.
 */
const parallelStarts = Math.min(16, availableParallelism() + 1);
/** Places in the queue for each sandbox that may run: whoever came after so many would wait for hours, and every place costs time at each move. */
const placesPerSandbox = 4;

export interface SchedulerParts {
	deps: SandboxDeps;
	book: LabBook;
	provisioner: Provisioner;
	tasks: Tasks;
	engine: { readonly away: boolean; lost(error: unknown): void };
	/** A sandbox is new: it is to be looked after. */
	made: (living: Living) => void;
	/** Aborts when the server stops. */
	closing: AbortSignal;
}

export class Scheduler {
	readonly #parts: SchedulerParts;
	readonly #queue: Queue;
	readonly #claims: Claims;
	readonly #orders = new Map<string, PoolOrder>();
	/** Of courses whose last start for the pool failed: how often in a row, and when the next may be tried, ms. */
	readonly #failures = new Map<string, { count: number; retryAt: number }>();
	#starts = 0;
	#refilling = false;
	#givingUp = false;
	#pumping = false;
	#due = false;
	/** Seconds that a start takes, a moving average. */
	#startSeconds = 1;

	constructor(parts: SchedulerParts) {
		this.#parts = parts;
		const { deps, book, closing } = parts;
		this.#queue = new Queue(() => book.held());
		for (const [course, order] of deps.store.poolOrders())
			if (deps.courses.some(({ slug }) => slug === course)) this.#orders.set(course, order);
		this.#claims = new Claims(deps.clock, () => this.pump());
		closing.addEventListener('abort', () => this.#claims.close(), { once: true });
	}

	/** The sandbox's learner is at a prompt, or has left it: others may be served. */
	prompted(sandbox: string): void {
		this.#claims.end(sandbox);
	}

	/**
	 * Puts the lab in the queue, which it leaves at once when there is a sandbox or room for one.
	 * @throws Refusal queue-full: the lab is as before
	 */
	add(lab: LabRecord, where: 'front' | 'back'): void {
		if (where === 'back' && this.#queue.length >= this.most) this.#makePlace(lab.from);
		lab.go('queued');
		lab.reason = undefined;
		this.#queue.add(lab, where);
		this.pump();
		this.#parts.book.changed(lab);
	}

	/** @throws Refusal queue-full */
	#makePlace(from: string): void {
		const last = this.#queue.lastOfMost(from);
		if (!last) throw new Refusal('queue-full', `${this.#queue.length} wait`);
		this.#queue.remove(last);
		this.#parts.book.calledOff(last, reasons.gaveWay());
	}

	/** The lab waits no longer. */
	callOff(lab: LabRecord, why?: Text): void {
		this.#queue.remove(lab);
		this.#parts.book.calledOff(lab, why);
		this.#tellPlaces();
		this.pump();
	}

	/** A sandbox of the pool was dead when it was claimed: no fault of its learner's, who comes next once `pump` is called. Others of the pool may be dead, too. */
	again(lab: LabRecord): void {
		lab.detach();
		lab.skipPool = true;
		lab.go('queued');
		lab.reason = undefined;
		this.#queue.add(lab, 'front');
	}

	/** Learners who may wait. */
	get most(): number {
		return this.#parts.deps.settings.maxSandboxes * placesPerSandbox;
	}

	/** Learners in the queue. */
	get length(): number {
		return this.#queue.length;
	}

	/** How many are to be ready ahead for a course. */
	wanted(course: Course): number {
		const { clock, expected } = this.#parts.deps;
		return poolSize({ ...course.settings, expected: expected?.(course.slug) }, this.#orders.get(course.slug), clock.now());
	}

	/** The operator's word on that; undefined takes it back. */
	order({ slug }: Course, order: PoolOrder | undefined): void {
		this.#parts.deps.store.putPoolOrder(slug, order);
		if (order) this.#orders.set(slug, order);
		else this.#orders.delete(slug);
		this.#failures.delete(slug);
		this.pump();
	}

	/** From 1; 0 when not in the queue. */
	place(lab: LabRecord): number {
		return this.#queue.place(lab);
	}

	/** Estimated wait at a place in the queue, in seconds; undefined when nothing can be said. `ends`: when each living one is put away, ms. */
	wait(place: number, ends: number[]): number | undefined {
		const { deps, provisioner } = this.#parts;
		const free = deps.settings.maxSandboxes - provisioner.size;
		if (place <= free) return Math.ceil((this.#startSeconds * place) / parallelStarts);
		const end = ends.sort((a, b) => a - b)[place - Math.max(free, 0) - 1];
		return end === undefined ? undefined : Math.max(1, Math.ceil((end - deps.clock.now()) / 1000));
	}

	/** The engine is well again: what failed may work now. */
	forgive(): void {
		this.#failures.clear();
	}

	/** Does what there is to be done at this moment. To be called whenever something has changed, and now and then. */
	pump(): void {
		if (this.#parts.closing.aborted) return;
		// What an action brings about is seen in the next round, not in the middle of this one.
		this.#due = true;
		if (this.#pumping) return;
		this.#pumping = true;
		try {
			while (this.#due) this.#round();
		} finally {
			this.#pumping = false;
		}
	}

	#round(): void {
		this.#due = false;
		this.#queue.stale();
		const before = this.#queue.length;
		for (const action of schedule(this.#snapshot())) {
			try {
				this.#carryOut(action);
			} catch (error) {
				// Such as a store that is busy: the others are served, and this one at the next turn.
				this.#parts.deps.log.error({ action: action.do, err: error }, 'a decision could not be carried out; it is tried again');
				this.#parts.book.emit('fault');
			}
		}
		if (this.#queue.length !== before) this.#tellPlaces();
	}

	#snapshot(): Snapshot {
		const { deps, provisioner, engine } = this.#parts;
		const now = deps.clock.now();
		return {
			now,
			engine: !engine.away,
			capacity: deps.settings.maxSandboxes,
			size: provisioner.size,
			starts: this.#starts,
			parallelStarts,
			waiting: [...this.#queue].map((lab) => ({
				lab: lab.id,
				course: lab.course.slug,
				asked: lab.asked ?? 0,
				seen: lab.pages > 0 ? now : lab.seen,
				skipPool: lab.skipPool,
				busy: lab.operations.busy,
			})),
			pools: deps.courses.map((course) => ({
				course: course.slug,
				ready: provisioner.spare(course).map(({ sandbox }) => sandbox.name),
				wanted: this.wanted(course),
				retryAt: this.#failures.get(course.slug)?.retryAt ?? 0,
			})),
			claiming: this.#claims.underWay,
			quiet: this.#claims.quiet,
			refilling: this.#refilling,
			givingUp: this.#givingUp,
		};
	}

	#carryOut(action: Action): void {
		const { book, provisioner, tasks } = this.#parts;
		if (action.do === 'refill') return tasks.run(() => this.#refill(book.course(action.course)));
		if (action.do === 'giveUp') {
			const spare = provisioner.find(action.sandbox);
			if (spare) tasks.run(() => this.#giveUp(spare));
			return;
		}
		const lab = book.find(action.lab);
		if (lab?.state !== 'queued') return;
		if (action.do === 'callOff') return this.callOff(lab, reasons.left());
		if (action.do === 'claim') return this.#claim(lab);
		this.#begin(lab, (abort) => this.#start(lab, abort));
		book.changed(lab);
	}

	/** The lab leaves the queue for an operation of its own, at whose end others may have their turn. */
	#begin(lab: LabRecord, work: (abort: AbortSignal) => Promise<void>): void {
		this.#queue.remove(lab);
		lab.go('starting');
		const abort = new AbortController();
		lab.abort = abort;
		const operation = async () => {
			try {
				await work(abort.signal);
			} finally {
				lab.abort = undefined;
			}
		};
		this.#parts.tasks.run(async () => {
			try {
				await lab.operations.run(operation);
			} finally {
				this.pump();
				if (lab.state === 'queued') this.#parts.book.changed(lab);
			}
		});
	}

	#tellPlaces(): void {
		for (const lab of this.#queue) this.#parts.book.changed(lab);
	}

	#claim(lab: LabRecord): void {
		const { deps, provisioner } = this.#parts;
		const row = deps.store.claim(lab.key, deps.clock.now());
		const living = row && provisioner.find(row.name);
		if (!row || !living) return;
		living.row = row;
		this.#claims.begin(row.name);
		this.#begin(lab, (abort) => this.#give(lab, living, abort));
	}

	async #give(lab: LabRecord, living: Living, abort: AbortSignal): Promise<void> {
		const { deps, book, provisioner, closing, tasks } = this.#parts;
		try {
			await provisioner.give(living, lab.owner, AbortSignal.any([abort, closing]));
			abort.throwIfAborted();
			book.settle(lab, living);
		} catch (error) {
			if (closing.aborted) return;
			// Whatever its learner has of it, nobody else may have it.
			tasks.run(() => provisioner.bury(living).finally(() => this.pump()));
			this.#claims.end(living.sandbox.name);
			if (error instanceof CalledOff) return book.calledOff(lab);
			deps.log.error({ sandbox: living.sandbox.name, err: error }, 'the sandbox could not be given to its learner');
			if (isDiskFull(error)) book.failed(lab, error);
			else this.again(lab);
		}
	}

	async #start(lab: LabRecord, abort: AbortSignal): Promise<void> {
		const { deps, book, provisioner, closing, made, tasks } = this.#parts;
		lab.skipPool = false;
		this.#starts++;
		const begun = deps.clock.now();
		try {
			const living = await provisioner.start(lab, AbortSignal.any([abort, closing]));
			this.#startSeconds = (this.#startSeconds * 3 + (deps.clock.now() - begun) / 1000) / 4;
			if (abort.aborted) tasks.run(() => provisioner.bury(living).finally(() => this.pump()));
			abort.throwIfAborted();
			made(living);
			book.settle(lab, living);
		} catch (error) {
			this.#notStarted(lab, error);
		} finally {
			this.#starts--;
		}
	}

	#notStarted(lab: LabRecord, error: unknown): void {
		const { deps, book, closing, engine } = this.#parts;
		if (error instanceof CalledOff || closing.aborted) return book.calledOff(lab);
		if (isAway(error)) {
			// Not their fault and not for long: they keep their place.
			lab.go('queued');
			this.#queue.add(lab, 'front');
			return engine.lost(error);
		}
		deps.log.error({ ...nameOf(lab), err: error }, 'a sandbox could not be started');
		book.failed(lab, error);
	}

	async #giveUp(spare: Living): Promise<void> {
		this.#givingUp = true;
		try {
			await this.#parts.provisioner.end(spare);
		} catch (error) {
			if (!isAway(error)) throw error;
			this.#parts.engine.lost(error);
		} finally {
			this.#givingUp = false;
			this.pump();
		}
	}

	async #refill(course: Course): Promise<void> {
		const { deps, provisioner, closing, made, engine } = this.#parts;
		this.#refilling = true;
		this.#starts++;
		try {
			made(await provisioner.start({ course }, closing));
			this.#failures.delete(course.slug);
		} catch (error) {
			if (closing.aborted) return;
			if (isAway(error)) return engine.lost(error);
			const count = (this.#failures.get(course.slug)?.count ?? 0) + 1;
			this.#failures.set(course.slug, { count, retryAt: deps.clock.now() + pauseAfter(count) });
			deps.log.error({ course: course.slug, failures: count, err: error }, 'a sandbox for the pool could not be started');
		} finally {
			this.#refilling = false;
			this.#starts--;
			this.pump();
		}
	}
}
