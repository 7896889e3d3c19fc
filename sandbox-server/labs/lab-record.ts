/** How a lab stands: whether its learner has a sandbox, waits for one, or why there is none. Upper layers see it as `Lab`. */

import type { Course } from '../../src/shared/course/course.ts';
import type { Language, Text } from '../../src/shared/language.ts';
import type { SandboxReport } from '../../src/shared/protocol/api.ts';
import { refusalText } from '../../src/shared/protocol/refusals.ts';
import { SerialQueue } from '../platform/serial-queue.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { keyOf, type LabKey, type LearnerRow, type Owned } from '../store/store.ts';
import { type Lab, labId, mainHost } from './lab.ts';
import { type LabState, mayGo } from './lab-state.ts';

interface Surroundings {
	away: boolean;
	queue?: { place: number; wait: number | undefined } | undefined;
	kept?: number | undefined;
}

export class LabRecord implements Lab {
	readonly id: string;
	readonly key: LabKey;
	readonly owner: LearnerRow;
	readonly course: Course;
	readonly #hosts = new Map<string, Sandbox>();
	readonly #onMistake: (text: string) => void;
	#state: LabState = 'none';
	/** start, end, reset and the claim of a sandbox: they never interleave. */
	readonly operations = new SerialQueue();
	/** A reset that is under way, or has its turn still to come. */
	resetting: Promise<void> | undefined;
	/** Why there is no sandbox, for the next page. */
	reason: Text | undefined;
	/** Ends a start that is under way. */
	abort: AbortController | undefined;
	/** Where they come from: an address, or a network of one customer; '' when it is not known. Only the queue's order goes by it. */
	from = '';
	/** Open pages. */
	pages = 0;
	/** When the last page was open, ms. */
	seen: number;
	/** When the learner last did something: typed, read on, asked for something, ms. */
	active: number;
	/** When an open page was told that nobody is there and the sandbox goes, ms; undefined: it need not be told. */
	missed: number | undefined;
	/** When the learner asked for the sandbox that is to come, ms. */
	asked: number | undefined;
	/** Set when the sandbox of the pool that it was given was dead: skip the pool next time. */
	skipPool = false;
	/** When they had asked for the sandbox whose first prompt is still to come, ms. */
	promised: { asked: number; pool: boolean } | undefined;
	/** Its time is over, and its files could not be kept: since when, and when that is tried again, ms. */
	unkept: { since: number; retryAt: number } | undefined;
	/** The last warning of the end, minutes before it. */
	warned: number | undefined;

	/** @param onMistake told of a change of state that must not be */
	constructor({ owner, course }: Owned, now: number, onMistake: (text: string) => void) {
		this.#onMistake = onMistake;
		this.id = labId({ owner, course });
		this.key = keyOf({ owner, course });
		this.owner = owner;
		this.course = course;
		this.seen = now;
		this.active = now;
	}

	get hosts(): ReadonlyMap<string, Sandbox> {
		return this.#hosts;
	}

	get state(): LabState {
		return this.#state;
	}

	/** The one place where the state changes. A change that the table does not know is a mistake: it is told, and not made. */
	go(to: LabState): void {
		if (mayGo(this.#state, to)) this.#state = to;
		else this.#onMistake(`${this.#state} → ${to}`);
	}

	/** That of the main host, while 'live' or 'stopping'. */
	get sandbox(): Sandbox | undefined {
		return this.#hosts.get(mainHost);
	}

	/** It has this sandbox now. */
	attach(sandbox: Sandbox): void {
		this.#hosts.set(mainHost, sandbox);
	}

	/** It has no sandbox any more, and whatever held of it is over. */
	detach(): void {
		this.#hosts.clear();
		this.promised = undefined;
		this.warned = undefined;
		this.unkept = undefined;
		this.missed = undefined;
		this.skipPool = false;
	}

	/** Its sandbox can be used: its agent is connected. */
	get usable(): Sandbox | undefined {
		return this.#state === 'live' && this.sandbox?.ready ? this.sandbox : undefined;
	}

	/** When its sandbox is put away at the latest, ms; undefined without one. */
	get lastEnd(): number | undefined {
		if (this.sandbox?.claimed === undefined) return undefined;
		const { lifetime, extend } = this.course.settings;
		return this.sandbox.claimed + (lifetime + this.sandbox.extended * extend.by) * 1000;
	}

	/** How often that can still be put off. */
	get extensions(): number {
		return Math.max(0, this.course.settings.extend.times - (this.sandbox?.extended ?? 0));
	}

	/**
	 * `queue`: place from 1 and estimated wait in seconds, while queued. `away`: the engine does not answer. `kept`: when the files that the
	 * next sandbox begins with were kept.
	 */
	report(language: Language, { away, queue, kept }: Surroundings): SandboxReport {
		const reason = this.reason?.[language];
		if (this.#state === 'live') {
			const ends = this.lastEnd;
			const extend = this.extensions > 0 ? this.course.settings.extend.by : undefined;
			return {
				state: this.sandbox?.ready ? 'ready' : 'starting',
				...(ends !== undefined && { ends }),
				...(ends !== undefined && extend !== undefined && { extend }),
			};
		}
		if (this.#state === 'stopping') return { state: 'stopping' };
		if (away) return { state: 'unavailable', reason: refusalText('engine-away', language) };
		if (this.#state === 'queued' && queue)
			return { state: 'queued', place: queue.place, ...(queue.wait !== undefined && { wait: queue.wait }) };
		if (this.#state === 'queued' || this.#state === 'starting') return { state: 'starting' };
		return { state: this.#state, ...(reason !== undefined && { reason }), ...(kept !== undefined && { kept }) };
	}
}
