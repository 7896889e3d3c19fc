/**
 * The learners' sandboxes: what they ask for, how long they keep what they have, and what they are told when it goes.
 * Who comes next is decided in allocator.ts; how sandboxes are made and ended is in fleet.ts; what one sandbox can do is in bench.ts; what
 * goes home with its learner is in taking-home.ts; what the operator sees is in overview.ts.
 * (Over 400 lines: the rules of a sandbox's life act on the same seats, and each is short; they are best read together.)
 */
import type { Readable } from 'node:stream';
import type { SandboxReport } from '../../src/shared/api.ts';
import type { Course, Lesson } from '../../src/shared/course.ts';
import { type ErrorCode, PublicError } from '../../src/shared/errors.ts';
import type { Language, Text } from '../../src/shared/language.ts';
import { Homes } from '../homes/homes.ts';
import { isDiskFull } from '../store/disk-full.ts';
import type { LearnerRow } from '../store/store.ts';
import { Transcripts } from '../transcripts/transcripts.ts';
import { Allocator } from './allocator.ts';
import { Bench } from './bench.ts';
import { DeadlinePassed, every, withDeadline } from './clock.ts';
import type { EndCause, SandboxDeps, SandboxEvents } from './deps.ts';
import { EngineWatch } from './engine-watch.ts';
import { Fleet, isAway, type Living } from './fleet.ts';
import { Keeper } from './keeper.ts';
import { type SandboxFigures, type SeatView, sandboxFigures, seatViews } from './overview.ts';
import type { PoolOrder } from './pool-size.ts';
import { type PostedNotice, postNotice, withdrawNotice } from './posted-notice.ts';
import { reasons } from './reasons.ts';
import { Seat } from './seat.ts';
import { TakingHome } from './taking-home.ts';
import type { Size, Terminal } from './terminal.ts';
import { VitalsReader } from './vitals.ts';

const tickMs = 5000;
const reconcileMs = 60_000;
/** A holder connects again within 200 ms; one that has been away for so long is not coming back. */
const missingMs = 15_000;
/** Who has opened no terminal for so long may have put files there from the page: the end of that sandbox is told, ms. */
const unseenMs = 30_000;
/** Who waits in the queue with no page open for so long has left. */
const leftMs = 120_000;
/** How exactly `seen` is kept in the store, ms. */
const seenMs = 60_000;
/** While others wait, a sandbox that nobody looks at is put away after so long, s. */
const crowdedIdle = 5 * 60;
/** Seats that say nothing any more are forgotten after so long, ms. */
const seatMs = 24 * 3600_000;
/** When a learner is warned of the end, minutes before it, the last one first. */
const warnings = [2, 10];
/** When the server stops without keeping sandboxes: for the files of all of them together, ms. `./etabli down` waits twice as long. */
const allHomesMs = 30_000;
/** How often homes that nobody came back to are looked for, ms. */
const tidyMs = 6 * 3600_000;

export class SandboxManager {
	readonly #deps: SandboxDeps;
	readonly #fleet: Fleet;
	readonly #watch: EngineWatch;
	/** undefined: nothing is kept from one sandbox to the next. */
	readonly homes: Homes | undefined;
	readonly #keeper: Keeper | undefined;
	readonly #transcripts: Transcripts;
	readonly #takingHome: TakingHome;
	readonly #seats = new Map<string, Seat>();
	readonly #allocator: Allocator;
	readonly #listeners = new Set<Partial<SandboxEvents>>();
	/** Everything under way, so that `close` can wait for it. */
	readonly #tasks = new Set<Promise<void>>();
	readonly #closing = new AbortController();
	#timers: (() => void)[] = [];
	#everHere = false;
	#toldAway = false;

	constructor(deps: SandboxDeps) {
		this.#deps = deps;
		const { engine, clock, log, store, settings } = deps;
		this.#transcripts = new Transcripts({ data: settings.data, now: () => clock.now() });
		this.homes = settings.homes && new Homes({ ...settings.homes, data: settings.data, store, now: () => clock.now(), log });
		this.#keeper =
			this.homes &&
			new Keeper(deps, {
				homes: this.homes,
				transcripts: this.#transcripts,
				tell: (bench, code, values) => this.#tell(bench, code, values),
			});
		const { homes } = this;
		this.#takingHome = new TakingHome({
			deps,
			homes,
			keeper: this.#keeper,
			transcripts: this.#transcripts,
			closing: this.#closing.signal,
		});
		this.#fleet = new Fleet(deps, async (bench, signal) => await this.#keeper?.resume(bench, signal));
		this.#watch = new EngineWatch({
			engine,
			clock,
			log,
			onEnd: (name) => this.#task(this.#ended(name)),
			onAway: () => this.#away(),
			onBack: () => this.#task(this.#back()),
		});
		this.#allocator = new Allocator(deps, this.#fleet, {
			engineAway: () => this.#watch.away,
			engineLost: (error) => this.#watch.lost(error),
			made: (living) => this.#listen(living),
			settled: (seat, living) => this.#settle(seat, living),
			failed: (seat, error) => this.#failed(seat, error),
			calledOff: (seat, why) => {
				seat.asked = undefined;
				this.#vacate(seat, 'none', why);
				this.#emit('calledOff', seat.learner, seat.course.slug);
			},
			changed: (seat) => this.#changed(seat),
			held: () => this.#held(),
			task: (work) => this.#task(work),
			closing: this.#closing.signal,
		});
	}

	/** Adopts the sandboxes of the last run, looks for the engine, begins to fill the pool. @throws Error when the data folder does not do */
	async open(): Promise<void> {
		const { store, clock } = this.#deps;
		await this.#fleet.prepare();
		await this.homes?.tidy();
		if (this.homes) await this.#expire(this.homes);
		for (const living of await this.#fleet.adopt((id) => store.learner(id))) {
			this.#listen(living);
			const learner = living.bench.learner;
			if (!learner) continue;
			const seat = this.#seat(learner, living.bench.course);
			seat.seen = living.row.seen;
			this.#settle(seat, living);
		}
		await this.#watch.start();
		this.#timers = [every(clock, tickMs, () => this.#tick()), every(clock, reconcileMs, () => this.#task(this.#reconcile()))];
		const { homes } = this;
		if (homes) this.#timers.push(every(clock, tidyMs, () => this.#task(this.#expire(homes))));
	}

	/** What nobody came back to. */
	async #expire(homes: Homes): Promise<void> {
		await homes.expire();
		await this.#transcripts.expire(this.#deps.settings.homes?.days ?? 0);
		this.#deps.store.forgetReasons(this.#deps.clock.now() - seatMs);
	}

	subscribe(listener: Partial<SandboxEvents>): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	// — What learners ask for ————————————————————————————————————————————————————————————

	report(learner: LearnerRow, course: string, language: Language): SandboxReport {
		const seat = this.#seats.get(seatKey(learner, course));
		const kept = this.#deps.settings.homes && this.#deps.store.home(learner.id, course)?.saved;
		if (!seat) return this.#newSeat(learner, this.#course(course)).report(language, { away: this.#watch.away, kept });
		const place = this.#allocator.place(seat);
		const queue = place > 0 ? { place, wait: this.#allocator.wait(place, this.#ends()) } : undefined;
		return seat.report(language, { away: this.#watch.away, queue, kept });
	}

	/** @param from where the learner comes from. @throws PublicError queue-full */
	start(learner: LearnerRow, course: string, from = ''): void {
		const seat = this.#seat(learner, this.#course(course));
		if (seat.phase !== 'none' && seat.phase !== 'lost') return;
		seat.seen = this.#deps.clock.now();
		seat.asked = seat.seen;
		seat.from = from;
		try {
			this.#allocator.add(seat, 'back');
		} catch (error) {
			seat.asked = undefined;
			seat.reason = reasons.queueFull();
			this.#changed(seat);
			throw error;
		}
	}

	async end(learner: LearnerRow, course: string): Promise<void> {
		const seat = this.#seats.get(seatKey(learner, course));
		if (!seat) return;
		if (seat.phase === 'queued' || seat.phase === 'starting') return this.#allocator.callOff(seat);
		await this.#put(seat, undefined, 'asked');
		this.#allocator.pump();
	}

	/** The sandbox lasts longer, as often and by as much as its course allows. @throws PublicError no-sandbox, sandbox-busy, no-extension */
	extend(learner: LearnerRow, course: string): void {
		const bench = this.bench(learner, course);
		const seat = this.#seatOf(bench);
		const living = this.#fleet.find(bench.name);
		if (!seat || !living) throw new PublicError('no-sandbox');
		if (seat.extensions === 0) throw new PublicError('no-extension', `${bench.extended} times already`);
		bench.extended++;
		this.#fleet.save(living, { extended: bench.extended });
		seat.warned = undefined;
		this.#post(bench, undefined);
		this.#changed(seat);
	}

	/**
	 * The learner's work as one .tar.gz: commands, and files as they are now, or as they were kept when there is no sandbox.
	 * @throws PublicError sandbox-busy, home-not-kept
	 */
	async takeHome(learner: LearnerRow, slug: string, language: Language): Promise<Readable> {
		const seat = this.#seats.get(seatKey(learner, slug));
		if (seat?.phase === 'stopping') throw new PublicError('sandbox-busy', 'its files are being kept');
		const bench = seat?.phase === 'live' && seat.bench?.ready ? seat.bench : undefined;
		return await this.#takingHome.take({ learner, course: this.#course(slug), language, bench });
	}

	async reset(learner: LearnerRow, course: string): Promise<void> {
		const seat = this.#seat(learner, this.#course(course));
		if (seat.phase === 'live') await this.#put(seat, undefined, 'afresh');
		if (seat.phase !== 'none' && seat.phase !== 'lost') return;
		await this.homes?.forget(learner, seat.course);
		await this.#transcripts.forget(learner, seat.course);
		seat.asked = this.#deps.clock.now();
		// They had a sandbox a moment ago: nobody is to come before them.
		this.#allocator.add(seat, 'front');
	}

	async resetLesson(learner: LearnerRow, course: string, lesson: string): Promise<void> {
		const bench = this.bench(learner, course);
		await bench.resetLesson(lessonOf(bench.course, lesson));
	}

	/** The learner's sandbox, with its holder connected. @throws PublicError no-sandbox, sandbox-busy */
	bench(learner: LearnerRow, course: string): Bench {
		const seat = this.#seats.get(seatKey(learner, course));
		if (!seat || seat.phase === 'none' || seat.phase === 'lost') throw new PublicError('no-sandbox');
		if (seat.phase !== 'live' || !seat.bench?.ready) throw new PublicError('sandbox-busy');
		return seat.bench;
	}

	/** For authors: the sandbox of a learner, by the public name; undefined: there is none that can be used. */
	benchOf(name: string, course: string): Bench | undefined {
		const seat = [...this.#seats.values()].find((one) => one.learner.name === name && one.course.slug === course);
		return seat?.phase === 'live' && seat.bench?.ready ? seat.bench : undefined;
	}

	/** A terminal of the learner's sandbox. @throws PublicError no-sandbox, sandbox-busy, terminal-failed */
	async terminal(
		learner: LearnerRow,
		{ course, lesson, number, size, language }: { course: string; lesson: string; number: string; size: Size; language: Language },
	): Promise<{ terminal: Terminal; fresh: boolean }> {
		const bench = this.bench(learner, course);
		return await bench.terminal({ lesson: lessonOf(bench.course, lesson), number, size, language });
	}

	/** A page of the course is open until the returned function is called: the sandbox is not idle. */
	enter(learner: LearnerRow, course: string, from = ''): () => void {
		const seat = this.#seat(learner, this.#course(course));
		if (from !== '') seat.from = from;
		seat.viewers++;
		seat.bench?.look(true);
		let left = false;
		return () => {
			if (left) return;
			left = true;
			seat.viewers--;
			seat.seen = this.#deps.clock.now();
			if (seat.viewers > 0) return;
			seat.bench?.look(false);
			this.#saveSeen(seat);
		};
	}

	/** For the operator: how many are to be ready ahead, while the server runs; undefined: as the course says. @throws PublicError not-found */
	orderPool(course: string, order: PoolOrder | undefined): void {
		this.#allocator.order(this.#course(course), order);
	}

	/** Ids of learners who have a sandbox, wait for one, or have a page open. */
	present(): Set<string> {
		const here = [...this.#seats.values()].filter(({ phase, viewers }) => viewers > 0 || (phase !== 'none' && phase !== 'lost'));
		return new Set(here.map(({ learner }) => learner.id));
	}

	/** For the operator: who has a sandbox, or waits for one. */
	seats(): SeatView[] {
		return seatViews(this.#seats.values());
	}

	/** For the operator: how many there are of everything. */
	figures(): SandboxFigures {
		return sandboxFigures({
			deps: this.#deps,
			seats: [...this.#seats.values()],
			fleet: this.#fleet,
			allocator: this.#allocator,
			engineAway: this.#watch.away,
		});
	}

	// — Life of a claimed sandbox ————————————————————————————————————————————————————————

	#settle(seat: Seat, { bench, row }: Living): void {
		if (seat.asked !== undefined) {
			const how = { pool: row.created < seat.asked, ms: this.#deps.clock.now() - seat.asked };
			seat.promised = { asked: seat.asked, pool: how.pool };
			seat.asked = undefined;
			this.#emit('given', seat.learner, seat.course.slug, how);
		}
		seat.phase = 'live';
		seat.bench = bench;
		if (seat.reason) this.#noteReason(seat, undefined);
		seat.reason = undefined;
		bench.look(seat.viewers > 0);
		this.#changed(seat);
	}

	#listen({ bench }: Living): void {
		const vitals = new VitalsReader();
		const tell = (code: ErrorCode, values: Record<string, string>) => this.#tell(bench, code, values);
		bench.listener = {
			changed: () => {
				const seat = this.#seatOf(bench);
				if (seat) this.#changed(seat);
			},
			vitals: (sign) => {
				for (const { code, values } of vitals.read(sign, this.#deps.clock.now())) tell(code, values);
				const { learner, course } = bench;
				for (const code of vitals.over()) if (learner) this.#emit('eased', learner, course.slug, code);
			},
			setupFailed: () => tell('setup-failed', {}),
			storeFull: (error) => {
				this.#deps.log.error(
					{ sandbox: bench.name, err: error },
					'the disk of the data folder is full: nothing can be stored until there is room',
				);
				tell('server-full', {});
			},
			prompted: () => this.#prompted(bench),
			commandEnded: (lesson) => {
				if (bench.learner) this.#emit('commandEnded', bench.learner, bench.course.slug, lesson);
			},
		};
	}

	#prompted(bench: Bench): void {
		this.#allocator.prompted(bench.name);
		const seat = this.#seatOf(bench);
		if (!seat?.promised) return;
		const { asked, pool } = seat.promised;
		seat.promised = undefined;
		this.#emit('prompted', seat.learner, seat.course.slug, { pool, ms: this.#deps.clock.now() - asked });
	}

	#tell(bench: Bench, code: ErrorCode, values: Record<string, string>): void {
		if (bench.learner) this.#emit('notice', bench.learner, bench.course.slug, code, values);
	}

	/** When it is put away if nobody comes, and why. */
	#endOf(seat: Seat): { at: number; why: Text; cause: EndCause } {
		const { idle, lifetime, extend } = seat.course.settings;
		const last = seat.lastEnd ?? seat.seen + lifetime * 1000;
		// Whoever waits comes before whoever has left: files are kept, so that little is lost.
		const patience = this.#allocator.length > 0 ? Math.min(idle, crowdedIdle) : idle;
		const next = seat.viewers > 0 ? last : seat.seen + patience * 1000;
		if (next < last) return { at: next, why: reasons.idle(patience), cause: 'idle' };
		return { at: last, why: reasons.lifetime(lifetime + (seat.bench?.extended ?? 0) * extend.by), cause: 'lifetime' };
	}

	/** Tells the learner that the end is near, once for each of `warnings`. */
	#warn(seat: Seat, now: number): void {
		const minutes = ((seat.lastEnd ?? now) - now) / 60_000;
		const due = warnings.find((before) => minutes <= before && seat.course.settings.lifetime > before * 120);
		if (due === undefined || minutes <= 0 || due >= (seat.warned ?? Number.POSITIVE_INFINITY)) return;
		seat.warned = due;
		this.#emit('notice', seat.learner, seat.course.slug, 'ends-soon', { minutes: String(Math.ceil(minutes)) });
		const { bench, lastEnd } = seat;
		const more = seat.extensions > 0 ? seat.course.settings.extend.by : 0;
		if (bench && lastEnd !== undefined) this.#post(bench, { key: `${lastEnd}-${due}`, ends: lastEnd, text: reasons.endsSoon(more) });
	}

	/** Says something at the sandbox's next prompts; undefined: what was said does not hold any more. */
	#post(bench: Bench, notice: PostedNotice | undefined): void {
		const folder = Bench.folder(this.#deps.settings.data, bench.name);
		const posted = notice ? postNotice(folder, notice) : withdrawNotice(folder);
		// The page has said it all the same, and a sandbox that is just going has no folder any more.
		this.#task(posted.catch((error: unknown) => this.#deps.log.warn({ sandbox: bench.name, err: error }, 'a notice could not be posted')));
	}

	/** Sandboxes, present or to come, by where their learners come from. */
	#held(): Map<string, number> {
		const held = new Map<string, number>();
		for (const { phase, from } of this.#seats.values())
			if (phase === 'starting' || phase === 'live' || phase === 'stopping') held.set(from, (held.get(from) ?? 0) + 1);
		return held;
	}

	#ends(): number[] {
		return [...this.#seats.values()].filter((seat) => seat.phase === 'live').map((seat) => this.#endOf(seat).at);
	}

	/**
	 * Puts the seat's sandbox away, its learner's files kept unless the cause is 'afresh'; the caller decides who has the room.
	 * @throws PublicError engine-away: then it stays
	 */
	#put(seat: Seat, why: Text | undefined, cause: EndCause): Promise<void> {
		const work = this.#putAway(seat, why, cause);
		// Whoever asked may be gone meanwhile; `close` waits for it all the same, and the asker alone is told of a failure.
		const settled = work.then(
			() => undefined,
			() => undefined,
		);
		const task = settled.finally(() => this.#tasks.delete(task));
		this.#tasks.add(task);
		return work;
	}

	async #putAway(seat: Seat, why: Text | undefined, cause: EndCause): Promise<void> {
		const living = seat.phase === 'live' && seat.bench && this.#fleet.find(seat.bench.name);
		if (!living) return;
		seat.phase = 'stopping';
		this.#changed(seat);
		const loss = cause === 'afresh' ? undefined : await this.#keeper?.last(living.bench);
		// It may have ended by itself meanwhile.
		if (!this.#fleet.find(living.bench.name)) return;
		try {
			await this.#fleet.end(living);
		} catch (error) {
			seat.phase = 'live';
			this.#changed(seat);
			if (!isAway(error)) throw error;
			this.#watch.lost(error);
			throw new PublicError('engine-away', 'while a sandbox was being ended', { cause: error });
		}
		this.#transcripts.forgetSandbox(living.bench.name);
		this.#vacate(seat, 'none', together(why, loss));
		this.#emit('ended', seat.learner, seat.course.slug, cause);
	}

	#vacate(seat: Seat, phase: 'none' | 'lost', why?: Text): void {
		seat.phase = phase;
		seat.bench = undefined;
		seat.promised = undefined;
		seat.warned = undefined;
		seat.reason = why;
		if (why) this.#noteReason(seat, { lost: phase === 'lost', text: why, at: this.#deps.clock.now() });
		this.#changed(seat);
	}

	/** For after a restart of the server; while the disk is full it is only told. */
	#noteReason({ learner, course }: Seat, reason: Parameters<SandboxDeps['store']['putReason']>[2]): void {
		try {
			this.#deps.store.putReason(learner.id, course.slug, reason);
		} catch (error) {
			if (!isDiskFull(error)) throw error;
			this.#deps.log.warn({ learner: learner.name, course: course.slug, err: error }, 'the disk is full: the reason is not noted');
		}
	}

	#failed(seat: Seat, error: unknown): void {
		const code = isDiskFull(error) ? 'server-full' : 'start-failed';
		seat.asked = undefined;
		this.#vacate(seat, 'none', reasons.failed(code));
		this.#emit('failed', seat.learner, seat.course.slug, code);
	}

	/** The engine says that it ended, and nobody here had asked for it. */
	async #ended(name: string): Promise<void> {
		const living = this.#fleet.find(name);
		if (living?.row.state === 'ready') await this.#lose(living, reasons.lost(), 'the engine says that it ended');
	}

	/** @param sign by which it is known, for the log */
	async #lose(living: Living, why: Text, sign: string): Promise<void> {
		const seat = this.#seatOf(living.bench);
		if (seat?.phase === 'stopping') return;
		this.#deps.log.warn({ sandbox: living.bench.name, sign }, 'the sandbox ended by itself');
		const burial = this.#fleet.bury(living);
		this.#transcripts.forgetSandbox(living.bench.name);
		if (seat?.promised?.pool && this.#deps.clock.now() - seat.promised.asked < unseenMs) {
			// Its learner has not seen a prompt yet: as if it had never been handed out.
			seat.asked = seat.promised.asked;
			this.#vacate(seat, 'none');
			this.#allocator.again(seat);
		} else if (seat) {
			this.#vacate(seat, 'lost', why);
			this.#emit('ended', seat.learner, seat.course.slug, 'lost');
		}
		await burial;
		this.#allocator.pump();
	}

	// — Time and the engine ————————————————————————————————————————————————————————————

	#tick(): void {
		const now = this.#deps.clock.now();
		for (const [key, seat] of this.#seats) {
			if (seat.viewers > 0) seat.seen = now;
			if (seat.phase === 'live') this.#lookAfter(seat, now);
			else if (seat.phase === 'queued' && now - seat.seen > leftMs) {
				this.#allocator.callOff(seat);
				seat.reason = reasons.left();
			} else if ((seat.phase === 'none' || seat.phase === 'lost') && now - seat.seen > seatMs) this.#seats.delete(key);
		}
		for (const living of this.#fleet.living) {
			const since = living.bench.missingSince;
			// While the engine is away nobody knows whether it runs.
			if (since !== undefined && now - since > missingMs && living.row.state === 'ready' && !this.#watch.away) {
				this.#task(this.#lose(living, reasons.lost(), `its holder has been away for ${missingMs / 1000} s`));
			}
		}
		this.#allocator.refill();
	}

	#lookAfter(seat: Seat, now: number): void {
		const living = seat.bench && this.#fleet.find(seat.bench.name);
		this.#warn(seat, now);
		const keeping = seat.bench && this.#keeper?.tick(seat.bench, this.#closing.signal);
		if (keeping) this.#task(keeping);
		seat.bench?.record();
		if (living && seat.seen - living.row.seen > seenMs) this.#fleet.seen(living, seat.seen);
		const { at, why, cause } = this.#endOf(seat);
		if (at <= now && !this.#watch.away) this.#task(this.#noticing(this.#put(seat, why, cause)).then(() => this.#allocator.pump()));
	}

	#saveSeen(seat: Seat): void {
		const living = seat.bench && this.#fleet.find(seat.bench.name);
		if (living?.row.state === 'ready') this.#fleet.seen(living, seat.seen);
	}

	#away(): void {
		this.#toldAway = true;
		this.#emit('engine', false);
		for (const seat of this.#seats.values()) {
			this.#changed(seat);
			if (seat.phase === 'live') this.#emit('notice', seat.learner, seat.course.slug, 'engine-away', {});
		}
	}

	async #back(): Promise<void> {
		this.#deps.log.info({}, 'the engine answers');
		if (this.#toldAway) this.#emit('engine', true);
		await this.#reconcile(this.#everHere ? reasons.lost() : reasons.lostWhileAway());
		for (const seat of this.#seats.values()) {
			this.#changed(seat);
			if (this.#toldAway && seat.phase === 'live') this.#emit('notice', seat.learner, seat.course.slug, 'engine-back', {});
		}
		this.#everHere = true;
		this.#toldAway = false;
		this.#allocator.forgive();
		this.#allocator.pump();
	}

	/** Makes engine, store and folders agree with what is held here. */
	async #reconcile(why: Text = reasons.lost()): Promise<void> {
		if (this.#watch.away || this.#closing.signal.aborted) return;
		await this.#noticing(
			this.#fleet.reconcile().then(async (lost) => {
				for (const living of lost) await this.#lose(living, why, 'the engine does not run it any more');
			}),
		);
	}

	/** Work that nobody waits for: an engine that is away is noticed here, and the work is done again later. */
	async #noticing(work: Promise<void>): Promise<void> {
		try {
			await work;
		} catch (error) {
			if (isAway(error)) this.#watch.lost(error);
			else if (!(error instanceof PublicError && error.code === 'engine-away')) throw error;
		}
	}

	/** Ends what is under way; `keep`: the sandboxes live on for the next server, otherwise all of them are destroyed. Idempotent. */
	async close({ keep }: { keep: boolean }): Promise<void> {
		if (this.#closing.signal.aborted) return;
		this.#closing.abort(new Error('the server stops'));
		for (const stop of this.#timers) stop();
		this.#watch.close();
		while (this.#tasks.size > 0) await Promise.all(this.#tasks);
		if (!keep) {
			await this.#keepAll();
			const ends = await Promise.allSettled([...this.#fleet.living].map((living) => this.#fleet.end(living)));
			for (const end of ends) if (end.status === 'rejected') this.#deps.log.warn({ err: end.reason }, 'a sandbox could not be ended');
		}
		await this.#fleet.leave();
		this.#listeners.clear();
	}

	/** Every learner's files, as far as time allows. */
	async #keepAll(): Promise<void> {
		const { clock, log } = this.#deps;
		const claimed = [...this.#fleet.living].filter(({ row, bench }) => row.learner !== undefined && row.state === 'ready' && bench.ready);
		try {
			await withDeadline({ clock, ms: allHomesMs }, () => Promise.all(claimed.map(({ bench }) => this.#keeper?.last(bench))));
		} catch (error) {
			if (!(error instanceof DeadlinePassed)) throw error;
			log.warn({ err: error }, 'not every home could be kept in time');
		}
	}

	// — Small things ——————————————————————————————————————————————————————————————————

	#task(work: Promise<void>): void {
		const task = work
			.catch((error: unknown) => this.#deps.log.error({ err: error }, 'sandboxes: unexpected'))
			.finally(() => this.#tasks.delete(task));
		this.#tasks.add(task);
	}

	#emit<Name extends keyof SandboxEvents>(name: Name, ...values: Parameters<SandboxEvents[Name]>): void {
		for (const listener of [...this.#listeners]) {
			const call = listener[name] as ((...all: Parameters<SandboxEvents[Name]>) => void) | undefined;
			call?.(...values);
		}
	}

	#changed(seat: Seat): void {
		this.#emit('changed', seat.learner, seat.course.slug);
	}

	#seat(learner: LearnerRow, course: Course): Seat {
		const key = seatKey(learner, course.slug);
		const seat = this.#seats.get(key) ?? this.#newSeat(learner, course);
		this.#seats.set(key, seat);
		return seat;
	}

	/** With what there is to be said of the sandbox before, which another server may have put away. */
	#newSeat(learner: LearnerRow, course: Course): Seat {
		const { store, clock } = this.#deps;
		const seat = new Seat(learner, course, clock.now());
		const why = store.reason(learner.id, course.slug);
		if (!why || why.at < clock.now() - seatMs) return seat;
		seat.reason = why.text;
		if (why.lost) seat.phase = 'lost';
		return seat;
	}

	#seatOf(bench: Bench): Seat | undefined {
		const seat = bench.learner && this.#seats.get(seatKey(bench.learner, bench.course.slug));
		return seat?.bench === bench ? seat : undefined;
	}

	#course(slug: string): Course {
		const course = this.#deps.courses.find((one) => one.slug === slug);
		if (!course) throw new PublicError('not-found', `course ${slug}`);
		return course;
	}
}

/** One text after the other. */
function together(...texts: (Text | undefined)[]): Text | undefined {
	const given = texts.filter((text) => text !== undefined);
	if (given.length === 0) return undefined;
	return { fr: given.map(({ fr }) => fr).join(' '), en: given.map(({ en }) => en).join(' ') };
}

function seatKey(learner: LearnerRow, course: string): string {
	return `${learner.id} ${course}`;
}

function lessonOf(course: Course, slug: string): Lesson {
	const lesson = course.lessons.find((one) => one.slug === slug);
	if (!lesson) throw new PublicError('not-found', `lesson ${slug}`);
	return lesson;
}
