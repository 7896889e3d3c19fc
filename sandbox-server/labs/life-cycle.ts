/** What time does to labs: warnings of the end, the end itself, agents that do not come back, an engine that goes and comes back. */

import type { Text } from '../../src/shared/language.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { HomeSync } from '../homes/home-sync.ts';
import { every } from '../platform/clock.ts';
import { Disposables, type Dispose } from '../platform/disposables.ts';
import { type PostedNotice, PostedNotices } from '../sandboxes/posted-notice.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import type { SandboxDeps } from '../sandboxes/sandbox-deps.ts';
import { nameOf } from '../store/store.ts';
import { isAway } from './ask.ts';
import type { Endings } from './endings.ts';
import type { EndCause } from './events.ts';
import type { LabBook } from './lab-book.ts';
import type { LabRecord } from './lab-record.ts';
import type { Provisioner } from './provisioner.ts';
import { reasons } from './reasons.ts';
import type { RuntimeWatch } from './runtime-watch.ts';
import type { Scheduler } from './scheduler.ts';
import type { Tasks } from './tasks.ts';

const tickMs = 5000;
const reconcileMs = 60_000;
/** An agent connects again within 200 ms; one that has been away for so long is not coming back. */
const missingMs = 15_000;
/** How exactly `seen` is kept in the store, ms. */
const seenMs = 60_000;
/** While others wait, a sandbox that nobody looks at is put away after so long, s. */
const crowdedIdle = 5 * 60;
/**
 * A page that is open, and at which nobody types, reads or moves the pointer, holds a sandbox for so long, s; while others wait, for less. More
 * than a talk or a coffee break either way.
 */
const unattended = 2 * 3600;
const crowdedUnattended = 45 * 60;
/** So long before its end is told at such a page, ms. */
const unattendedWarning = 5 * 60_000;
/** When a learner is warned of the end, minutes before it, the last one first. */
const warnings = [2, 10];

export interface LifeCycleParts {
	deps: SandboxDeps;
	book: LabBook;
	provisioner: Provisioner;
	scheduler: Scheduler;
	endings: Endings;
	watch: RuntimeWatch;
	tasks: Tasks;
	homeSync: HomeSync | undefined;
	/** Told of what a timer's turn threw. */
	onFault: (error: unknown) => void;
	/** Aborts when the server stops. */
	closing: AbortSignal;
}

export class LifeCycle {
	readonly #parts: LifeCycleParts;
	readonly #notices = new WeakMap<Sandbox, PostedNotices>();
	#everHere = false;
	#toldAway = false;

	constructor(parts: LifeCycleParts) {
		this.#parts = parts;
	}

	/** @returns what ends it */
	start(): Dispose {
		const { deps, onFault, tasks } = this.#parts;
		const { clock } = deps;
		const timers = new Disposables();
		timers.add(every({ clock, ms: tickMs, onFault, action: () => this.#tick() }));
		timers.add(every({ clock, ms: reconcileMs, onFault, action: () => tasks.run(() => this.#reconcile(reasons.lost())) }));
		return () => timers.dispose();
	}

	/** When each living sandbox is put away if nobody comes, ms. */
	ends(): number[] {
		return this.#parts.book.all.filter(({ state }) => state === 'live').map((lab) => this.#endOf(lab).at);
	}

	/** The end has been put off: what was said of it does not hold any more. */
	putOff(lab: LabRecord, sandbox: Sandbox): void {
		lab.warned = undefined;
		this.#post(sandbox, undefined);
	}

	/** Its last page has been closed. */
	left(lab: LabRecord): void {
		const living = lab.sandbox && this.#parts.provisioner.find(lab.sandbox.name);
		if (living?.row.state === 'ready') this.#parts.provisioner.seen(living, lab.seen);
	}

	/** The engine says that it ended. */
	ended(name: string): void {
		const living = this.#parts.provisioner.find(name);
		if (living?.row.state === 'ready') this.#parts.endings.lose(living, reasons.lost(), 'the engine says that it ended');
	}

	/** The engine does not answer. */
	away(): void {
		const { book } = this.#parts;
		this.#toldAway = true;
		book.emit('engine', false);
		for (const lab of book.all) {
			book.changed(lab);
			if (lab.state === 'live') book.emit('notice', lab, 'engine-away', {});
		}
	}

	/** The engine answers: for the first time, or again. */
	async back(): Promise<void> {
		const { deps, book, scheduler } = this.#parts;
		const toldAway = this.#toldAway;
		const why = this.#everHere ? reasons.lost() : reasons.lostWhileAway();
		this.#everHere = true;
		this.#toldAway = false;
		deps.log.info({}, 'the engine answers');
		if (toldAway) book.emit('engine', true);
		await this.#reconcile(why);
		for (const lab of book.all) {
			book.changed(lab);
			if (toldAway && lab.state === 'live') book.emit('notice', lab, 'engine-back', {});
		}
		scheduler.forgive();
		scheduler.pump();
	}

	/** When its sandbox is put away if nobody comes, and why. */
	#endOf(lab: LabRecord): { at: number; why: Text; cause: EndCause } {
		const { idle, lifetime, extend } = lab.course.settings;
		const last = lab.lastEnd ?? lab.seen + lifetime * 1000;
		const crowded = this.#parts.scheduler.length > 0;
		// Whoever waits comes before whoever has left: files are kept, so that little is lost.
		const patience = crowded ? Math.min(idle, crowdedIdle) : idle;
		const attention = crowded ? crowdedUnattended : Math.max(idle, unattended);
		const left = { at: lab.seen + patience * 1000, why: reasons.idle(patience), cause: 'idle' } as const;
		const lately = Math.max(lab.active, lab.sandbox?.claimed ?? 0);
		// Never before it was told, however suddenly somebody else waits.
		const told = lab.missed ?? this.#parts.deps.clock.now();
		const at = Math.max(lately + attention * 1000, told + unattendedWarning);
		const unused = { at, why: reasons.unattended(attention), cause: 'idle' } as const;
		const next = lab.pages > 0 ? unused : left;
		if (next.at < last) return next;
		return { at: last, why: reasons.lifetime(lifetime + (lab.sandbox?.extended ?? 0) * extend.by), cause: 'lifetime' };
	}

	/** Its time is over, and its files may be kept now. */
	#isDue(lab: LabRecord): boolean {
		const now = this.#parts.deps.clock.now();
		return this.#endOf(lab).at <= now && (lab.unkept?.retryAt ?? 0) <= now;
	}

	#tick(): void {
		const { deps, book, provisioner, scheduler, endings, watch } = this.#parts;
		const now = deps.clock.now();
		for (const lab of book.all) {
			if (lab.pages > 0) lab.seen = now;
			if (lab.state === 'live') this.#apart(nameOf(lab), () => this.#lookAfter(lab, now));
		}
		for (const living of provisioner.living) {
			const since = living.sandbox.missingSince;
			// While the engine is away nobody knows whether it runs.
			if (since === undefined || now - since <= missingMs || living.row.state !== 'ready' || watch.away) continue;
			this.#apart({ sandbox: living.row.name }, () =>
				endings.lose(living, reasons.lost(), `its agent has been away for ${missingMs / 1000} s`),
			);
		}
		book.forgetOld();
		scheduler.pump();
	}

	/** One lab's trouble is not the others'. */
	#apart(what: object, work: () => void): void {
		try {
			work();
		} catch (error) {
			this.#parts.onFault(Object.assign(new Error('a lab could not be looked after', { cause: error }), what));
		}
	}

	#lookAfter(lab: LabRecord, now: number): void {
		const { provisioner, homeSync, tasks, watch, closing } = this.#parts;
		const { sandbox } = lab;
		if (!sandbox) return;
		this.#warn(lab, sandbox, now);
		this.#warnUnattended(lab, now);
		const keeping = homeSync?.tick(sandbox, closing);
		if (keeping) tasks.run(() => keeping);
		sandbox.record();
		const living = provisioner.find(sandbox.name);
		if (living && lab.seen - living.row.seen > seenMs) provisioner.seen(living, lab.seen);
		if (this.#isDue(lab) && !watch.away && !lab.operations.busy) tasks.run(() => this.#end(lab));
	}

	/** Its time is over, unless that has changed when it comes to it. */
	async #end(lab: LabRecord): Promise<void> {
		const { endings, scheduler } = this.#parts;
		await this.#noticing(() =>
			lab.operations.run(async () => {
				const { why, cause } = this.#endOf(lab);
				if (lab.state === 'live' && this.#isDue(lab)) await endings.putAway(lab, { cause, why });
			}),
		);
		scheduler.pump();
	}

	/** Tells the learner that the end is near, once for each of `warnings`. */
	#warn(lab: LabRecord, sandbox: Sandbox, now: number): void {
		const ends = lab.lastEnd;
		if (ends === undefined) return;
		const minutes = (ends - now) / 60_000;
		const due = warnings.find((before) => minutes <= before && lab.course.settings.lifetime > before * 120);
		if (due === undefined || minutes <= 0 || due >= (lab.warned ?? Number.POSITIVE_INFINITY)) return;
		lab.warned = due;
		this.#parts.book.emit('notice', lab, 'ends-soon', { minutes: String(Math.ceil(minutes)) });
		const more = lab.extensions > 0 ? lab.course.settings.extend.by : 0;
		this.#post(sandbox, { key: `${ends}-${due}`, ends, text: reasons.endsSoon(more) });
	}

	/** Tells an open page, once, that the sandbox goes unless somebody shows up; takes that back when somebody has, or nobody waits any more. */
	#warnUnattended(lab: LabRecord, now: number): void {
		const { book } = this.#parts;
		if (lab.missed !== undefined && lab.active > lab.missed) this.#found(lab);
		const { at, cause } = this.#endOf(lab);
		const near = cause === 'idle' && lab.pages > 0 && at - now <= unattendedWarning;
		if (near && lab.missed === undefined) {
			lab.missed = now;
			book.emit('notice', lab, 'unattended', { minutes: String(Math.max(1, Math.ceil((at - now) / 60_000))) });
		} else if (!near && lab.missed !== undefined) this.#found(lab);
	}

	#found(lab: LabRecord): void {
		lab.missed = undefined;
		this.#parts.book.emit('eased', lab, 'unattended');
	}

	/** Says something at the sandbox's next prompts; undefined: what was said does not hold any more. */
	#post(sandbox: Sandbox, notice: PostedNotice | undefined): void {
		const { deps, tasks } = this.#parts;
		const notices = this.#notices.get(sandbox) ?? new PostedNotices(sandbox.transport);
		this.#notices.set(sandbox, notices);
		tasks.run(async () => {
			try {
				await notices.say(notice);
			} catch (error) {
				// The page has said it all the same, and a sandbox that is just going has no folder any more.
				deps.log.warn({ sandbox: sandbox.name, err: error }, 'a notice could not be posted');
			}
		});
	}

	/** Makes engine, store and transports agree with what is held here. @param why for those whose sandbox is gone */
	async #reconcile(why: Text): Promise<void> {
		const { watch, closing, provisioner, endings, tasks, scheduler } = this.#parts;
		if (watch.away || closing.aborted) return;
		await this.#noticing(async () => {
			const found = await provisioner.reconcile();
			for (const living of found.lost) endings.lose(living, why, 'the engine does not run it any more');
			// By itself: what cannot be removed holds nobody up.
			tasks.run(async () => {
				await this.#noticing(() => provisioner.clear(found));
				scheduler.pump();
			});
		});
	}

	/** Work that nobody waits for: an engine that is away is noticed here, and the work is done again later. */
	async #noticing(work: () => Promise<void>): Promise<void> {
		try {
			await work();
		} catch (error) {
			if (isAway(error)) this.#parts.watch.lost(error);
			else if (!(error instanceof Refusal && error.code === 'engine-away')) throw error;
		}
	}
}
