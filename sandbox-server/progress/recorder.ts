/** Notes what learners do, for their own page: time on lessons, tries and first passes of steps. */
import type { Language } from '../../src/shared/language.ts';
import type { StepReport } from '../../src/shared/protocol/api.ts';
import type { Lab } from '../labs/lab.ts';
import type { Log } from '../platform/log.ts';
import type { OwnWork } from '../store/own-work.ts';
import { nameOf } from '../store/store.ts';
import { countedTime } from './counted-time.ts';

interface RecorderDeps {
	store: { ownWork: OwnWork };
	/** ms since 1970 */
	now: () => number;
	log: Log;
}

/** None of it throws: a full disk is told by whoever stores the work itself. */
export class WorkRecorder {
	readonly #deps: RecorderDeps;

	constructor(deps: RecorderDeps) {
		this.#deps = deps;
	}

	/** Somebody has done something in that lesson: a command has ended, after so many ms, or a file has been written. */
	sign(lab: Lab, lesson: string, ms = 0): void {
		this.#try(lab, lesson, () => this.#count(lab, lesson, ms));
	}

	/** A step stands differently. */
	judged(lab: Lab, report: (language: Language) => StepReport): void {
		const [fr, en] = [report('fr'), report('en')];
		const { lesson, step, state } = fr;
		// Taken back, being looked at, or a check that broke: nothing that the learner has done.
		if (state !== 'passed' && state !== 'failed') return;
		this.#try(lab, lesson, () => {
			this.#deps.store.ownWork.noteVerdict(lab.key, { lesson, step, state, said: fr.message ?? en.message, at: this.#deps.now() });
			this.#count(lab, lesson, 0);
		});
	}

	#count(lab: Lab, lesson: string, ms: number): void {
		const { ownWork } = this.#deps.store;
		const at = this.#deps.now();
		ownWork.addTime(lab.key, { lesson, ms: countedTime(ownWork.lastSign(lab.owner.id), { from: at - ms, at }), at });
	}

	#try(lab: Lab, lesson: string, note: () => void): void {
		try {
			note();
		} catch (error) {
			this.#deps.log.warn({ err: error, ...nameOf(lab), lesson }, 'what a learner did could not be noted for their progress');
		}
	}
}
