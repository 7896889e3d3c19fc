/** Who gets the next sandbox: claims from the pool, the queue, a few starts at a time, filling the pool when nobody waits. */
import { availableParallelism } from 'node:os';
import type { Course } from '../../src/shared/course.ts';
import { PublicError } from '../../src/shared/errors.ts';
import type { Text } from '../../src/shared/language.ts';
import { isDiskFull } from '../store/disk-full.ts';
import type { SandboxDeps } from './deps.ts';
import { type Fleet, isAway, type Living } from './fleet.ts';
import { HandOuts } from './hand-outs.ts';
import { type PoolOrder, poolSize } from './pool-size.ts';
import { type Held, Queue } from './queue.ts';
import { reasons } from './reasons.ts';
import type { Seat } from './seat.ts';

/**
 * Starts that may be under way at once: one more than there are processors keeps these busy while one start waits for the engine. Measured on
 * two of them: three at once take 30 to 40 % less time in all than two; with four and more each is slower and no more get done.
 */
const parallelStarts = Math.min(16, availableParallelism() + 1);
/** Whoever has waited for so long gets a new sandbox although others are on the way to their prompts, ms. */
const longestHoldMs = 3000;
/** Pause after a pool sandbox that could not be started, ms. */
const refillPauseMs = 60_000;
/** Places in the queue for each sandbox that may run: whoever came after so many would wait for hours, and every place costs time at each move. */
const placesPerSandbox = 4;

/** What the manager does with what comes out. */
export interface AllocatorHost {
	engineAway: () => boolean;
	/** A call to the engine got no answer. */
	engineLost: (error: unknown) => void;
	/** The sandbox is new: look after it. */
	made: (living: Living) => void;
	/** The seat has its sandbox. */
	settled: (seat: Seat, living: Living) => void;
	/** It could not be had. */
	failed: (seat: Seat, error: unknown) => void;
	/** It is not wanted any more. */
	calledOff: (seat: Seat, why?: Text) => void;
	/** The seat's phase or place is another. */
	changed: (seat: Seat) => void;
	/** How many sandboxes, present or to come, each address has. */
	held: () => Held;
	/** Work that `close` waits for. */
	task: (work: Promise<void>) => void;
	/** Aborts when the server stops. */
	closing: AbortSignal;
}

export class Allocator {
	readonly #deps: SandboxDeps;
	readonly #fleet: Fleet;
	readonly #host: AllocatorHost;
	readonly #queue: Queue;
	readonly #handOuts: HandOuts;
	readonly #orders = new Map<Course, PoolOrder>();
	#starts = 0;
	#refilling = false;
	#givingUp = false;
	#refillAfter = 0;
	/** Seconds that a start takes, a moving average. */
	#startSeconds = 1;

	constructor(deps: SandboxDeps, fleet: Fleet, host: AllocatorHost) {
		this.#deps = deps;
		this.#fleet = fleet;
		this.#host = host;
		this.#queue = new Queue(host.held);
		const orders = deps.store.poolOrders();
		for (const course of deps.courses) {
			const order = orders.get(course.slug);
			if (order) this.#orders.set(course, order);
		}
		this.#handOuts = new HandOuts(deps.clock, () => this.pump());
		host.closing.addEventListener('abort', () => this.#handOuts.close(), { once: true });
	}

	/** The sandbox's learner is at a prompt, or has left it: others may be served. */
	prompted(sandbox: string): void {
		this.#handOuts.end(sandbox);
	}

	/**
	 * Puts the seat in the queue, which it leaves at once when there is a sandbox or room for one.
	 * @throws PublicError queue-full: the seat is as before
	 */
	add(seat: Seat, where: 'front' | 'back'): void {
		if (where === 'back' && this.#queue.length >= this.most) this.#makePlace(seat.from);
		seat.phase = 'queued';
		seat.reason = undefined;
		this.#queue.add(seat, where);
		this.pump();
		this.#host.changed(seat);
	}

	/** @throws PublicError queue-full */
	#makePlace(from: string): void {
		const last = this.#queue.lastOfMost(from);
		if (!last) throw new PublicError('queue-full', `${this.#queue.length} wait`);
		this.#queue.remove(last);
		this.#host.calledOff(last, reasons.gaveWay());
	}

	/** Calls off a wait or a start. */
	callOff(seat: Seat): void {
		if (seat.phase === 'starting') return seat.abort?.abort(new CalledOff('called off'));
		this.#queue.remove(seat);
		this.#host.calledOff(seat);
		this.#tellPlaces();
		this.pump();
	}

	/** Learners who may wait. */
	get most(): number {
		return this.#deps.settings.maxSandboxes * placesPerSandbox;
	}

	/** Learners in the queue. */
	get length(): number {
		return this.#queue.length;
	}

	/** How many are to be ready ahead for a course. */
	wanted(course: Course): number {
		return poolSize(course.settings, this.#orders.get(course), this.#deps.clock.now());
	}

	/** The operator's word on that; undefined takes it back. */
	order(course: Course, order: PoolOrder | undefined): void {
		if (order) this.#orders.set(course, order);
		else this.#orders.delete(course);
		this.#deps.store.putPoolOrder(course.slug, order);
		this.refill();
	}

	/** From 1; 0 when not in the queue. */
	place(seat: Seat): number {
		return this.#queue.place(seat);
	}

	/** Estimated wait at a place in the queue, in seconds; undefined when nothing can be said. `ends`: when each living one is put away, ms. */
	wait(place: number, ends: number[]): number | undefined {
		const free = this.#deps.settings.maxSandboxes - this.#fleet.size;
		if (place <= free) return Math.ceil((this.#startSeconds * place) / parallelStarts);
		const end = ends.sort((a, b) => a - b)[place - Math.max(free, 0) - 1];
		return end === undefined ? undefined : Math.max(1, Math.ceil((end - this.#deps.clock.now()) / 1000));
	}

	/** The engine is well again: what failed may work now. */
	forgive(): void {
		this.#refillAfter = 0;
	}

	/** Gives out what there is and starts what there is room for. To be called whenever something has become free. */
	pump(): void {
		if (this.#host.closing.aborted) return;
		this.#queue.stale();
		const before = this.#queue.length;
		// The store is asked only where there is something to be had: a long queue must not hold up everybody at each arrival.
		const stocked = new Set(
			[...this.#fleet.living].filter(({ row }) => row.learner === undefined && row.state === 'ready').map(({ bench }) => bench.course),
		);
		for (const seat of this.#queue) if (stocked.has(seat.course) && !seat.anew) this.#claim(seat);
		while (
			!this.#host.engineAway() &&
			this.#queue.first &&
			this.#starts < parallelStarts &&
			this.#mayStart(this.#queue.first) &&
			this.#hasRoom()
		) {
			this.#host.task(this.#startFor(this.#queue.first));
		}
		this.refill();
		if (this.#queue.length !== before) this.#tellPlaces();
	}

	#mayStart(seat: Seat): boolean {
		return !this.#handOuts.underWay || this.#deps.clock.now() - (seat.asked ?? 0) >= longestHoldMs;
	}

	#tellPlaces(): void {
		for (const seat of this.#queue) this.#host.changed(seat);
	}

	#claim(seat: Seat): void {
		const { store, clock } = this.#deps;
		const now = clock.now();
		const row = store.claim(seat.course.slug, seat.learner.id, now);
		const living = row && this.#fleet.find(row.name);
		if (!row || !living) return;
		living.row = row;
		this.#queue.remove(seat);
		seat.phase = 'starting';
		this.#handOuts.begin(row.name);
		this.#host.task(this.#give(seat, living));
	}

	async #give(seat: Seat, living: Living): Promise<void> {
		try {
			await this.#fleet.give(living, seat.learner, this.#host.closing);
			this.#host.settled(seat, living);
		} catch (error) {
			if (this.#host.closing.aborted) return;
			this.#deps.log.error({ sandbox: living.bench.name, err: error }, 'the sandbox could not be given to its learner');
			const burial = this.#fleet.bury(living);
			this.#handOuts.end(living.bench.name);
			if (isDiskFull(error)) this.#host.failed(seat, error);
			else this.again(seat);
			await burial;
			this.pump();
		}
	}

	/** A sandbox of the pool was dead when it was handed out: no fault of its learner's, who comes next. Others of the pool may be dead, too. */
	again(seat: Seat): void {
		seat.anew = true;
		this.add(seat, 'front');
	}

	/** Room for one more; when there is none, a sandbox that is ready for nobody in particular is given up. */
	#hasRoom(): boolean {
		if (this.#fleet.size < this.#deps.settings.maxSandboxes) return true;
		const spare = [...this.#fleet.living].find(({ row }) => row.learner === undefined && row.state === 'ready');
		if (spare && !this.#givingUp) this.#host.task(this.#giveUp(spare));
		return false;
	}

	async #giveUp(spare: Living): Promise<void> {
		this.#givingUp = true;
		try {
			await this.#fleet.end(spare);
		} catch (error) {
			if (!isAway(error)) throw error;
			this.#host.engineLost(error);
		} finally {
			this.#givingUp = false;
		}
		this.pump();
	}

	async #startFor(seat: Seat): Promise<void> {
		const { clock } = this.#deps;
		this.#queue.remove(seat);
		seat.phase = 'starting';
		seat.anew = false;
		seat.abort = new AbortController();
		this.#starts++;
		this.#host.changed(seat);
		const begun = clock.now();
		try {
			const signal = AbortSignal.any([seat.abort.signal, this.#host.closing]);
			const living = await this.#fleet.start(seat.course, seat.learner, signal);
			this.#startSeconds = (this.#startSeconds * 3 + (clock.now() - begun) / 1000) / 4;
			this.#host.made(living);
			this.#host.settled(seat, living);
		} catch (error) {
			this.#notStarted(seat, error);
		} finally {
			seat.abort = undefined;
			this.#starts--;
			this.pump();
		}
	}

	#notStarted(seat: Seat, error: unknown): void {
		if (error instanceof CalledOff || this.#host.closing.aborted) return this.#host.calledOff(seat);
		if (isAway(error)) {
			// Not their fault and not for long: they keep their place.
			seat.phase = 'queued';
			this.#queue.add(seat, 'front');
			return this.#host.engineLost(error);
		}
		this.#deps.log.error({ learner: seat.learner.name, course: seat.course.slug, err: error }, 'a sandbox could not be started');
		this.#host.failed(seat, error);
	}

	/** Sandboxes for nobody in particular that are more than wanted go, one at a time: the hour for which they were made has passed. */
	#shrink(): void {
		if (this.#givingUp || this.#host.engineAway() || this.#host.closing.aborted) return;
		const course = this.#deps.courses.find((one) => this.#fleet.pooled(one) > this.wanted(one));
		const spare =
			course &&
			[...this.#fleet.living].find(({ row, bench }) => bench.course === course && row.learner === undefined && row.state === 'ready');
		if (spare) this.#host.task(this.#giveUp(spare));
	}

	/** Keeps the courses' pools as large as they are to be, one start at a time, when nobody waits. */
	refill(): void {
		this.#shrink();
		const { clock, courses, settings } = this.#deps;
		const { closing, engineAway } = this.#host;
		if (this.#refilling || engineAway() || closing.aborted || this.#queue.length > 0 || !this.#handOuts.quiet) return;
		if (this.#starts >= parallelStarts || clock.now() < this.#refillAfter || this.#fleet.size >= settings.maxSandboxes) return;
		const course = courses.find((one) => this.#fleet.pooled(one) < this.wanted(one));
		if (!course) return;
		this.#refilling = true;
		this.#starts++;
		const made = this.#fleet.start(course, undefined, closing).then(this.#host.made, (error: unknown) => {
			if (isAway(error)) this.#host.engineLost(error);
			else if (!closing.aborted) this.#deps.log.error({ course: course.slug, err: error }, 'a sandbox for the pool could not be started');
			this.#refillAfter = clock.now() + refillPauseMs;
		});
		const done = made.finally(() => {
			this.#refilling = false;
			this.#starts--;
			this.pump();
		});
		this.#host.task(done);
	}
}

/** Somebody does not want it any more. */
class CalledOff extends Error {
	override readonly name = 'CalledOff';
}
