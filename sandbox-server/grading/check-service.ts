/**
 * Judges steps. A learner's command that ends sets the checks going (grader.ts says which, check-runner.ts runs them). Only "passed" is
 * kept for good (a step with `holds: now` falls back); what is not right yet is known as long as the server runs (attempts.ts).
 */

import type { Lesson, Step } from '../../src/shared/course/course.ts';
import { type Language, languages } from '../../src/shared/language.ts';
import type { StepReport } from '../../src/shared/protocol/api.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { Lab } from '../labs/lab.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import { nameOf } from '../store/store.ts';
import { type Attempt, Attempts } from './attempts.ts';
import { CheckRunner, type CheckRunnerDeps, type StepOf } from './check-runner.ts';
import { nextCheck, type Round, type StepStanding, standingOf, waitingFor } from './grader.ts';
import { isHeld } from './order.ts';
import type { CheckNow, LiveSteps, StepListener, Steps } from './ports.ts';
import type { Verdict } from './verdict.ts';

/** "checking" is told only when a check takes longer: a state that flashes by is noise. */
const checkingAfterMs = 250;
/** After a round in which a check ran out of time another follows, once, ms: for a moment the machine had too much to do. */
const afterSlowMs = 5000;

export interface CheckDeps extends Omit<CheckRunnerDeps, 'clock'> {
	clock?: Clock;
}

export class CheckService implements Steps, LiveSteps {
	readonly #deps: CheckDeps;
	readonly #clock: Clock;
	readonly #runner: CheckRunner;
	readonly #attempts = new Attempts();
	readonly #listeners = new Set<StepListener>();

	constructor(deps: CheckDeps) {
		this.#deps = deps;
		this.#clock = deps.clock ?? systemClock;
		this.#runner = new CheckRunner({ ...deps, clock: this.#clock });
	}

	/** No check runs by itself any more. */
	close(): void {
		this.#attempts.callOff();
	}

	// — Pages —————————————————————————————————————————————————————————————————————————

	subscribe(listener: StepListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	enter(lab: Lab, slug: string, language: Language): () => void {
		const lesson = lessonOf(lab, slug);
		if (!lesson) return () => {};
		return this.#attempts.enter(this.#attempts.of(lab, lesson), language, () => this.#deps.scripts.sandboxName(lab));
	}

	focus(lab: Lab, slug: string, { step, begun = false }: { step: string; begun?: boolean | undefined }): void {
		const lesson = lessonOf(lab, slug);
		if (!lesson?.steps.some(({ id }) => id === step)) return;
		const attempt = this.#attempts.of(lab, lesson);
		attempt.focus = step;
		if (begun) attempt.begun.add(step);
	}

	reports(lab: Lab, slug: string | undefined, language: Language): StepReport[] {
		return lab.course.lessons
			.filter((lesson) => slug === undefined || lesson.slug === slug)
			.flatMap((lesson) => {
				const passed = this.#passed(lab, lesson);
				const standings = this.#attempts.find(lab, lesson.slug)?.standings;
				return lesson.steps.map(({ id }) => {
					const standing: StepStanding = passed.has(id) ? { state: 'passed' } : (standings?.get(id) ?? { state: 'todo' });
					return reportOf(lesson.slug, id, standing, language);
				});
			});
	}

	// — What happens to a step ————————————————————————————————————————————————————————

	/** A command of the learner has ended: runs what there is to check. Never throws; resolves when every check has answered. */
	async commandEnded(lab: Lab, slug: string): Promise<void> {
		const lesson = lessonOf(lab, slug);
		if (!lesson) return;
		const attempt = this.#attempts.of(lab, lesson);
		await this.#rounds(attempt);
		if (!attempt.slow || attempt.running) return;
		attempt.callOff?.();
		attempt.callOff = this.#clock.after(afterSlowMs, () => void this.#rounds(attempt));
	}

	/** Rounds as long as commands end. Never throws. */
	async #rounds(attempt: Attempt): Promise<void> {
		attempt.callOff?.();
		attempt.again = true;
		if (attempt.running) return;
		attempt.running = true;
		try {
			while (attempt.again) {
				attempt.again = false;
				attempt.slow = false;
				attempt.cutOff = false;
				await this.#round(attempt);
			}
		} catch (error) {
			// The sandbox went away meanwhile; the page is told of that by others.
			attempt.cutOff = true;
			this.#warn(attempt, error, 'checks not run');
		} finally {
			attempt.running = false;
		}
	}

	/** The learner's sandbox has changed: when it answers again, checks that had broken off run again. */
	sandboxChanged(lab: Lab): void {
		if (this.#deps.scripts.sandboxName(lab) === undefined) return;
		for (const { slug } of lab.course.lessons) {
			const attempt = this.#attempts.find(lab, slug);
			if (attempt?.cutOff && !attempt.running) void this.#rounds(attempt);
		}
	}

	async check(lab: Lab, slug: string, stepId: string, language: Language, now: CheckNow = false): Promise<StepReport> {
		const { lesson, step } = stepOf(lab, slug, stepId);
		if (now !== false && step.check !== undefined) {
			const { detail: _, slow: __, ...standing } = await this.#runner.verdict({ lab, lesson, step }, language, now);
			return reportOf(slug, stepId, standing, language);
		}
		const attempt = this.#attempts.of(lab, lesson);
		attempt.language = language;
		if (step.check === undefined)
			return reportOf(slug, stepId, { state: this.#passed(lab, lesson).has(stepId) ? 'passed' : 'todo' }, language);
		const standing = await this.#judge(attempt, step);
		// One step done by hand may be followed by others that its work has done as well.
		if (standing.state === 'passed') void this.commandEnded(lab, slug);
		return reportOf(slug, stepId, standing, language);
	}

	/**
	 * A check has been written anew: every learner who is in that lesson with a sandbox is judged by it, and their pages are told. What
	 * was passed stays so in the store. Never throws.
	 */
	async recheck(course: string, slug: string, stepId: string): Promise<void> {
		for (const attempt of this.#attempts.present()) {
			const { lab, lesson } = attempt;
			const step = lesson.steps.find(({ id }) => id === stepId);
			if (lab.course.slug !== course || lesson.slug !== slug || step?.check === undefined) continue;
			if (this.#deps.scripts.sandboxName(lab) === undefined) continue;
			try {
				const { detail: _, slow: __, ...standing } = await this.#verdict(attempt, step);
				if (standing.state === 'passed') this.#keep(attempt, step);
				else attempt.standings.set(stepId, standing);
				this.#tell(lab, slug, stepId, standing);
			} catch (error) {
				// The sandbox went away meanwhile; the page is told of that by others.
				this.#warn(attempt, error, 'check not run again');
			}
		}
	}

	async reset(lab: Lab, slug: string, stepId: string): Promise<StepReport> {
		const { store, scripts } = this.#deps;
		const { lesson, step } = stepOf(lab, slug, stepId);
		if (step.reset !== undefined && scripts.sandboxName(lab) !== undefined)
			await this.#runner.reset({ lab, lesson, step }, this.#attempts.of(lab, lesson).language);
		store.forgetSteps(lab.key, slug, stepId);
		for (const { id } of step.quizzes ?? []) store.putQuiz(lab.key, { lesson: slug, quiz: id, correct: false });
		this.#attempts.find(lab, slug)?.standings.delete(stepId);
		return this.#tell(lab, slug, stepId, { state: 'todo' });
	}

	done(lab: Lab, slug: string, stepId: string): StepReport {
		const { step } = stepOf(lab, slug, stepId);
		if (step.check !== undefined) throw new Refusal('bad-request', `${stepId} has a check`);
		this.#deps.store.putStep(lab.key, { lesson: slug, step: stepId, state: 'passed' });
		return this.#tell(lab, slug, stepId, { state: 'passed' });
	}

	answer(
		lab: Lab,
		{ lesson: slug, quiz: id, choices, language }: { lesson: string; quiz: string; choices: readonly number[]; language: Language },
	): boolean {
		const lesson = lessonOf(lab, slug);
		const quiz = lesson?.quizzes?.find((one) => one.id === id);
		if (!lesson || !quiz) throw new Refusal('not-found', `quiz ${lab.course.slug}/${slug}/${id}`);
		const correct = [...new Set(choices)].sort((a, b) => a - b).join() === quiz.correct[language].join();
		this.#deps.store.putQuiz(lab.key, { lesson: slug, quiz: id, correct });
		if (lesson.steps.some(({ quizzes }) => quizzes?.some((question) => question.id === id))) {
			const attempt = this.#attempts.of(lab, lesson);
			attempt.language = language;
			void this.#answered(attempt, id);
		}
		return correct;
	}

	forget(lab: Lab, slug: string | undefined): void {
		this.#deps.store.forgetSteps(lab.key, slug);
		for (const lesson of lab.course.lessons) {
			if (slug !== undefined && lesson.slug !== slug) continue;
			this.#attempts.find(lab, lesson.slug)?.standings.clear();
			for (const { id } of lesson.steps) this.#tell(lab, lesson.slug, id, { state: 'todo' });
		}
	}

	// — Judging ———————————————————————————————————————————————————————————————————————

	/** Checks what there is to check, one after the other. */
	async #round(attempt: Attempt): Promise<void> {
		const { lab, lesson } = attempt;
		const judged = new Map<string, StepStanding['state']>();
		const round: Round = {
			lesson,
			inView: lesson.steps.findIndex(({ id }) => id === attempt.focus),
			begun: attempt.begun,
			before: this.#passed(lab, lesson),
			judged,
		};
		for (;;) {
			const next = nextCheck(round, this.#passed(lab, lesson), (step) => attempt.standings.has(step));
			if (!next) return;
			const { state } = await this.#judge(attempt, next.step, next.untold);
			judged.set(next.step.id, state);
		}
	}

	/** The steps that ask for nothing but answers are judged without a sandbox, the others with it. Never throws. */
	async #answered(attempt: Attempt, quiz: string): Promise<void> {
		const { lab, lesson } = attempt;
		try {
			const passed = this.#passed(lab, lesson);
			for (const step of lesson.steps) {
				if (!step.quizOnly || !step.quizzes?.some(({ id }) => id === quiz)) continue;
				if (!passed.has(step.id) || isHeld(lesson, step, passed)) await this.#judge(attempt, step);
			}
		} catch (error) {
			this.#warn(attempt, error, 'quiz not judged');
		}
		if (this.#deps.scripts.sandboxName(lab) !== undefined) await this.commandEnded(lab, lesson.slug);
	}

	/** Runs the step's check; keeps what follows, and tells pages. @param untold a failure is not told: the step stays to do */
	async #judge(attempt: Attempt, step: Step, untold = false): Promise<StepStanding> {
		const { lab, lesson } = attempt;
		const { store } = this.#deps;
		const waiting = waitingFor(lesson, step, this.#passed(lab, lesson));
		if (waiting) return this.#note(attempt, step, untold ? { state: 'todo' } : waiting);
		const started = this.#clock.now();
		const verdict = await this.#watched(attempt, step);
		if (verdict.slow) attempt.slow = true;
		const passed = this.#passed(lab, lesson);
		const { standing, store: change } = standingOf({
			verdict,
			passed: passed.has(step.id),
			held: isHeld(lesson, step, passed),
			stale: store.forgottenAt(lab.key, lesson.slug, step.id) > started,
			untold,
		});
		if (change === 'passed') this.#keep(attempt, step);
		if (change === 'dropped') store.dropStep(lab.key, lesson.slug, step.id);
		return this.#note(attempt, step, standing);
	}

	/** The verdict; pages are told that it is being waited for. */
	async #watched(attempt: Attempt, step: Step): Promise<Verdict> {
		const { lab, lesson, standings } = attempt;
		const cancel = this.#clock.after(checkingAfterMs, () => this.#tell(lab, lesson.slug, step.id, { state: 'checking' }));
		try {
			return await this.#verdict(attempt, step);
		} catch (error) {
			// Told again as it was: it must not look as if it were still being checked.
			this.#tell(lab, lesson.slug, step.id, standings.get(step.id) ?? { state: 'todo' });
			throw error;
		} finally {
			cancel();
		}
	}

	/** What the check says; what it lacks, in the language of every open page. */
	async #verdict(attempt: Attempt, step: Step): Promise<Verdict> {
		const of: StepOf = { lab: attempt.lab, lesson: attempt.lesson, step };
		const verdict = await this.#runner.verdict(of, attempt.language);
		if (verdict.state !== 'failed') return verdict;
		const missing = languages.filter((language) => attempt.pages.has(language) && verdict.message?.[language] === undefined);
		for (const language of missing) {
			const again = await this.#runner.verdict(of, language);
			if (again.state === 'failed') verdict.message = { ...again.message, ...verdict.message };
		}
		return verdict;
	}

	/** Stores that a step is passed. While the disk is full it counts as long as this server runs, and is stored when it is checked again. */
	#keep(attempt: Attempt, step: Step): void {
		const { lab, lesson, standings } = attempt;
		standings.delete(step.id);
		try {
			this.#deps.store.putStep(lab.key, { lesson: lesson.slug, step: step.id, state: 'passed' });
		} catch (error) {
			if (!isDiskFull(error)) throw error;
			this.#warn(attempt, error, 'the disk is full: a passed step is not stored');
			standings.set(step.id, { state: 'passed' });
		}
	}

	/** Remembers what is not right yet, and tells pages how the step stands. */
	#note(attempt: Attempt, step: Step, standing: StepStanding): StepStanding {
		const { lab, lesson, standings } = attempt;
		if (standing.state === 'failed' || standing.state === 'error') standings.set(step.id, standing);
		this.#tell(lab, lesson.slug, step.id, standing);
		return standing;
	}

	/** @returns the report in the language of whoever asked last */
	#tell(lab: Lab, lesson: string, step: string, standing: StepStanding): StepReport {
		const report = (language: Language) => reportOf(lesson, step, standing, language);
		for (const listener of [...this.#listeners]) listener(lab, report);
		return reportOf(lesson, step, standing, this.#attempts.find(lab, lesson)?.language);
	}

	#passed(lab: Lab, { slug }: Lesson): Set<string> {
		const rows = this.#deps.store.steps(lab.key, slug);
		return new Set(rows.filter(({ state }) => state === 'passed').map(({ step }) => step));
	}

	#warn({ lab, lesson }: Attempt, error: unknown, message: string): void {
		this.#deps.log.warn({ err: error, ...nameOf(lab), lesson: lesson.slug }, message);
	}
}

/** A sentence that is not known in the language of the page is left out: the state says enough until the next check. */
function reportOf(lesson: string, step: string, { state, message, hint }: StepStanding, language: Language | undefined): StepReport {
	const sentence = language && message?.[language];
	return { lesson, step, state, ...(sentence !== undefined && { message: sentence }), ...(hint !== undefined && { hint }) };
}

function lessonOf(lab: Lab, lesson: string): Lesson | undefined {
	return lab.course.lessons.find(({ slug }) => slug === lesson);
}

/** @throws Refusal not-found */
function stepOf(lab: Lab, slug: string, id: string): { lesson: Lesson; step: Step } {
	const lesson = lessonOf(lab, slug);
	const step = lesson?.steps.find((one) => one.id === id);
	if (!lesson || !step) throw new Refusal('not-found', `${lab.course.slug}/${slug}/${id}`);
	return { lesson, step };
}
