/**
 * Judges steps. A learner's command that ends sets the checks going: those from the first step not passed up to the step in view, and
 * while they pass, the next. Only "passed" is kept for good (a step with `holds: now` falls back); what is not right yet is known as long
 * as the server runs. (Over 400 lines: one short method for each thing that can happen to a step.)
 */

import type { StepReport } from '../../src/shared/api.ts';
import type { Course, Lesson, Step } from '../../src/shared/course.ts';
import { PublicError } from '../../src/shared/errors.ts';
import type { Language } from '../../src/shared/language.ts';
import { valuesEnv } from '../../src/shared/parameters.ts';
import type { ScriptResult } from '../holder/holder.ts';
import type { CheckNow, Steps } from '../http/deps.ts';
import { isDiskFull } from '../store/disk-full.ts';
import type { LearnerRow, Store } from '../store/store.ts';
import { readsPrinted } from '../terminals/printed.ts';
import type { LearnerValues } from '../values.ts';
import { historyLimit, historyText } from './history.ts';
import { fellBack, isHeld, waitingText, waitsFor } from './order.ts';
import { Semaphore } from './semaphore.ts';
import { checkOutputLimit, checkTimeLimitMs, exitFail, exitPass, type Verdict, verdictOf } from './verdict.ts';

/** Resets may undo builds and stop instances. */
const resetTimeLimitMs = 60_000;
/** "checking" is told only when a check takes longer: a state that flashes by is noise. */
const checkingAfterMs = 250;

/** Where scripts run: the learner's sandbox. */
export interface ScriptPlace {
	/**
	 * Runs a script in the lesson's working folder, after the lesson has been prepared. LEARNER, HOME and PATH are set by the place.
	 * @throws PublicError no-sandbox, sandbox-busy
	 */
	runScript(
		learner: LearnerRow,
		course: string,
		lesson: string,
		request: { name: string; script: string; env: Record<string, string>; stdin: Uint8Array; timeLimitMs: number; outputLimit: number },
	): Promise<ScriptResult>;
	/** The name under which its commands are stored; undefined without a sandbox. */
	sandboxName(learner: LearnerRow, course: string): string | undefined;
}

/** One run of a check, as its author wants to see it. */
export interface Judged {
	/** Name of the learner. */
	learner: string;
	course: string;
	lesson: string;
	step: string;
	language: Language;
	state: Verdict['state'];
	result: ScriptResult;
}

export interface CheckDeps {
	courses: readonly Course[];
	store: Store;
	/** What lessons' parameters are for each learner. */
	values: LearnerValues;
	place: ScriptPlace;
	/** Told of every change of a step. */
	onReport: (learner: LearnerRow, course: string, report: StepReport) => void;
	/** For authors: every run of a check, with all that it printed. */
	onJudged?: ((judged: Judged) => void) | undefined;
	log: { warn(detail: object, message: string): void };
	/** Checks at once, over all learners. */
	parallel?: number;
}

const parallelChecks = 16;
/**
 * Of one learner: a check that hangs, which a learner can bring about, holds its place for as long as the time limit, and must not be able
 * to hold them all.
 */
const parallelOfOne = 2;
/** Attempts that are remembered with no page open; the oldest go first. */
const maxLeft = 2000;
/** How many of one learner may wait for their turn. */
const maxWaiting = 8;

/** One learner in one lesson, while there is something to remember. */
interface Attempt {
	learner: LearnerRow;
	course: string;
	lesson: string;
	language: Language;
	focus: string | undefined;
	/** What is not right yet, by step. */
	reports: Map<string, StepReport>;
	running: boolean;
	/** A command ended while checks were running: they run once more. */
	again: boolean;
	/** Its last page has been closed, over the sandbox of this name: what was not right yet is shown again if that is still the one. */
	left: { sandbox: string } | undefined;
}

export class CheckService implements Steps {
	readonly #deps: CheckDeps;
	readonly #semaphore: Semaphore;
	readonly #attempts = new Map<string, Attempt>();

	constructor(deps: CheckDeps) {
		this.#deps = deps;
		this.#semaphore = new Semaphore(deps.parallel ?? parallelChecks, parallelOfOne);
	}

	/** A page of this lesson is open: later messages are in its language. */
	arrived(learner: LearnerRow, course: string, lesson: string, language: Language): void {
		const attempt = this.#attempt(learner, course, lesson);
		const sandbox = this.#deps.place.sandboxName(learner, course);
		const another = attempt.left !== undefined && sandbox !== undefined && sandbox !== attempt.left.sandbox;
		if (attempt.language !== language || another) attempt.reports.clear();
		attempt.language = language;
		attempt.left = undefined;
	}

	/** The last page of this learner and lesson has been closed, perhaps to be loaded again: what is not right yet is kept for that. */
	left(learner: LearnerRow, course: string, lesson: string): void {
		const id = key(learner, course, lesson);
		const attempt = this.#attempts.get(id);
		this.#attempts.delete(id);
		const sandbox = this.#deps.place.sandboxName(learner, course);
		if (!attempt || attempt.reports.size === 0 || sandbox === undefined) return;
		attempt.left = { sandbox };
		// Put in again: the order is that of leaving.
		this.#attempts.set(id, attempt);
		const gone = [...this.#attempts].filter(([, { left }]) => left !== undefined);
		for (const [oldest] of gone.slice(0, Math.max(0, gone.length - maxLeft))) this.#attempts.delete(oldest);
	}

	/** The learner works on this step. Unknown steps are ignored: the page may be older than the course. */
	focus(learner: LearnerRow, course: string, lesson: string, step: string): void {
		if (this.#lesson(course, lesson)?.steps.some(({ id }) => id === step)) this.#attempt(learner, course, lesson).focus = step;
	}

	/** A command of the learner has ended: runs what there is to check. Never throws; resolves when every check has answered. */
	async commandEnded(learner: LearnerRow, course: string, lessonSlug: string): Promise<void> {
		const lesson = this.#lesson(course, lessonSlug);
		if (!lesson) return;
		const attempt = this.#attempt(learner, course, lessonSlug);
		attempt.again = true;
		if (attempt.running) return;
		attempt.running = true;
		try {
			while (attempt.again) {
				attempt.again = false;
				await this.#checkOn(learner, course, lesson, attempt);
			}
		} catch (error) {
			// The sandbox went away meanwhile; the page is told of that by others.
			this.#deps.log.warn({ err: error, learner: learner.name, course, lesson: lessonSlug }, 'checks not run');
		} finally {
			attempt.running = false;
		}
	}

	async check(
		learner: LearnerRow,
		course: string,
		lessonSlug: string,
		stepId: string,
		language: Language,
		now: CheckNow = false,
	): Promise<StepReport> {
		const { lesson, step } = this.#step(course, lessonSlug, stepId);
		if (now !== false && step.check !== undefined) {
			const { detail: _, ...known } = await this.#verdict(learner, course, lesson, step, language, now);
			return { lesson: lessonSlug, step: stepId, ...known };
		}
		const attempt = this.#attempt(learner, course, lessonSlug);
		attempt.language = language;
		if (step.check === undefined)
			return this.#passed(learner, course, lessonSlug).has(stepId)
				? report(lessonSlug, stepId, 'passed')
				: report(lessonSlug, stepId, 'todo');
		const result = await this.#judge(learner, course, lesson, step, attempt, language);
		// One step done by hand may be followed by others that its work has done as well.
		if (result.state === 'passed') void this.commandEnded(learner, course, lessonSlug);
		return result;
	}

	/**
	 * A check has been written anew: every learner who is in that lesson with a sandbox is judged by it, and their pages are told. What
	 * was passed stays so in the store. Never throws.
	 */
	async recheck(course: string, lessonSlug: string, stepId: string): Promise<void> {
		const { lesson, step } = this.#step(course, lessonSlug, stepId);
		const here = [...this.#attempts.values()].filter(
			(attempt) => attempt.course === course && attempt.lesson === lessonSlug && attempt.left === undefined,
		);
		for (const attempt of here) {
			const { learner, language } = attempt;
			if (step.check === undefined || this.#deps.place.sandboxName(learner, course) === undefined) continue;
			try {
				const { detail: _, ...known } = await this.#verdict(learner, course, lesson, step, language);
				const found: StepReport = { lesson: lessonSlug, step: stepId, ...known };
				if (known.state !== 'passed') attempt.reports.set(stepId, found);
				this.#tell(learner, course, known.state === 'passed' ? this.#keep(learner, course, found) : found);
			} catch (error) {
				// The sandbox went away meanwhile; the page is told of that by others.
				this.#deps.log.warn({ err: error, learner: learner.name, course, lesson: lessonSlug }, 'check not run again');
			}
		}
	}

	async reset(learner: LearnerRow, course: string, lessonSlug: string, stepId: string): Promise<StepReport> {
		const { lesson, step } = this.#step(course, lessonSlug, stepId);
		if (step.reset !== undefined && this.#deps.place.sandboxName(learner, course) !== undefined) {
			const attempt = this.#attempt(learner, course, lessonSlug);
			const result = await this.#run(learner, course, lesson, step, {
				kind: 'reset',
				script: step.reset,
				language: attempt.language,
				stdin: '',
				timeLimitMs: resetTimeLimitMs,
			});
			if (result.outcome !== 'exited' || result.code !== 0) {
				this.#deps.log.warn({ course, lesson: lessonSlug, step: stepId, ...result }, 'reset script failed');
				throw new PublicError('internal', `reset of ${course}/${lessonSlug}/${stepId}: ${result.outcome} ${result.code}`);
			}
		}
		this.#deps.store.forgetSteps(learner.id, course, lessonSlug, stepId);
		for (const { id } of step.quizzes ?? [])
			this.#deps.store.putQuiz({ learner: learner.id, course, lesson: lessonSlug, quiz: id, correct: false });
		this.#attempts.get(key(learner, course, lessonSlug))?.reports.delete(stepId);
		return this.#tell(learner, course, report(lessonSlug, stepId, 'todo'));
	}

	done(learner: LearnerRow, course: string, lessonSlug: string, stepId: string): StepReport {
		const { step } = this.#step(course, lessonSlug, stepId);
		if (step.check !== undefined) throw new PublicError('bad-request', `${stepId} has a check`);
		return this.#tell(learner, course, this.#deps.store.putStep(learner.id, course, report(lessonSlug, stepId, 'passed')));
	}

	answer(
		learner: LearnerRow,
		{
			course,
			lesson: slug,
			quiz: id,
			choices,
			language,
		}: { course: string; lesson: string; quiz: string; choices: readonly number[]; language: Language },
	): boolean {
		const lesson = this.#lesson(course, slug);
		const quiz = lesson?.quizzes?.find((one) => one.id === id);
		if (!lesson || !quiz) throw new PublicError('not-found', `quiz ${course}/${slug}/${id}`);
		const correct = [...new Set(choices)].sort((a, b) => a - b).join() === quiz.correct[language].join();
		this.#deps.store.putQuiz({ learner: learner.id, course, lesson: slug, quiz: id, correct });
		if (lesson.steps.some(({ quizzes }) => quizzes?.some((question) => question.id === id))) {
			this.#attempt(learner, course, slug).language = language;
			void this.#answered(learner, course, lesson, id);
		}
		return correct;
	}

	/** The steps that ask for nothing but answers are judged without a sandbox, the others with it. Never throws. */
	async #answered(learner: LearnerRow, course: string, lesson: Lesson, quiz: string): Promise<void> {
		const attempt = this.#attempt(learner, course, lesson.slug);
		const passed = this.#passed(learner, course, lesson.slug);
		try {
			for (const step of lesson.steps) {
				if (!step.quizOnly || !step.quizzes?.some(({ id }) => id === quiz)) continue;
				if (!passed.has(step.id) || isHeld(lesson, step, passed))
					await this.#judge(learner, course, lesson, step, attempt, attempt.language);
			}
		} catch (error) {
			this.#deps.log.warn({ err: error, learner: learner.name, course, lesson: lesson.slug }, 'quiz not judged');
		}
		if (this.#deps.place.sandboxName(learner, course) !== undefined) await this.commandEnded(learner, course, lesson.slug);
	}

	/** Stores a step that is passed. While the disk is full it counts as long as this server runs, and is stored when it is checked again. */
	#keep(learner: LearnerRow, course: string, found: StepReport): StepReport {
		try {
			return this.#deps.store.putStep(learner.id, course, found);
		} catch (error) {
			if (!isDiskFull(error)) throw error;
			this.#deps.log.warn({ err: error, learner: learner.name, course, step: found.step }, 'the disk is full: a passed step is not stored');
			this.#attempt(learner, course, found.lesson).reports.set(found.step, found);
			return found;
		}
	}

	reports(learner: LearnerRow, course: string, lessonSlug: string | undefined, language: Language): StepReport[] {
		const lessons = this.#deps.courses.find(({ slug }) => slug === course)?.lessons ?? [];
		return lessons
			.filter(({ slug }) => lessonSlug === undefined || slug === lessonSlug)
			.flatMap(({ slug, steps }) => {
				const passed = this.#passed(learner, course, slug);
				const attempt = this.#attempts.get(key(learner, course, slug));
				return steps.map(({ id }) => {
					if (passed.has(id)) return report(slug, id, 'passed');
					const known = attempt?.language === language ? attempt.reports.get(id) : undefined;
					return known ?? report(slug, id, 'todo');
				});
			});
	}

	forget(learner: LearnerRow, course: string, lessonSlug: string | undefined): void {
		this.#deps.store.forgetSteps(learner.id, course, lessonSlug);
		for (const lesson of this.#deps.courses.find(({ slug }) => slug === course)?.lessons ?? []) {
			if (lessonSlug !== undefined && lesson.slug !== lessonSlug) continue;
			this.#attempts.get(key(learner, course, lesson.slug))?.reports.clear();
			for (const { id } of lesson.steps) this.#tell(learner, course, report(lesson.slug, id, 'todo'));
		}
	}

	/** From the first step not passed to the one in view, then on while checks pass. A broken check does not stop the others. */
	async #checkOn(learner: LearnerRow, course: string, lesson: Lesson, attempt: Attempt): Promise<void> {
		const inView = lesson.steps.findIndex(({ id }) => id === attempt.focus);
		const passed = () => this.#passed(learner, course, lesson.slug);
		let moved = false;
		const before = passed();
		for (const step of lesson.steps) {
			if (isHeld(lesson, step, before)) await this.#judge(learner, course, lesson, step, attempt, attempt.language);
		}
		for (const [index, step] of lesson.steps.entries()) {
			if (step.check === undefined || passed().has(step.id)) continue;
			// It has just fallen back, and has been told of.
			if (before.has(step.id)) {
				if (index >= inView) return;
				continue;
			}
			if (index !== inView && waitsFor(lesson, step, passed()).length > 0) continue;
			// The step after one that has just been passed has not been begun: that it is not done yet goes without saying.
			const untold = moved && index > inView && !attempt.reports.has(step.id);
			const { state } = await this.#judge(learner, course, lesson, step, attempt, attempt.language, untold);
			moved ||= state === 'passed';
			if (state !== 'passed' && state !== 'error' && index >= inView) return;
		}
	}

	/** @param untold a failure is not told: the step stays to do */
	async #judge(
		learner: LearnerRow,
		course: string,
		lesson: Lesson,
		step: Step,
		attempt: Attempt,
		language: Language,
		untold = false,
	): Promise<StepReport> {
		const waits = waitsFor(lesson, step, this.#passed(learner, course, lesson.slug));
		if (waits.length > 0 && !this.#passed(learner, course, lesson.slug).has(step.id)) {
			const waiting: StepReport = { lesson: lesson.slug, step: step.id, state: 'failed', message: waitingText(waits, language) };
			attempt.reports.set(step.id, waiting);
			return this.#tell(learner, course, waiting);
		}
		const timer = setTimeout(() => this.#tell(learner, course, report(lesson.slug, step.id, 'checking')), checkingAfterMs);
		let verdict: Verdict;
		const { store } = this.#deps;
		const started = Date.now();
		try {
			verdict = await this.#verdict(learner, course, lesson, step, language);
		} catch (error) {
			clearTimeout(timer);
			// Told again as it was: it must not look as if it were still being checked.
			this.#tell(learner, course, attempt.reports.get(step.id) ?? report(lesson.slug, step.id, 'todo'));
			throw error;
		}
		clearTimeout(timer);
		const { detail: _, ...known } = verdict;
		const found: StepReport = { lesson: lesson.slug, step: step.id, ...known };
		// Reset while the check ran: what it saw is no longer so.
		const stale = verdict.state === 'passed' && store.forgottenAt(learner.id, course, lesson.slug, step.id) > started;
		if (verdict.state === 'passed' && !stale) {
			attempt.reports.delete(step.id);
			return this.#tell(learner, course, this.#keep(learner, course, found));
		}
		const passed = this.#passed(learner, course, lesson.slug);
		if (verdict.state === 'failed' && isHeld(lesson, step, passed)) {
			store.dropStep(learner.id, course, lesson.slug, step.id);
			passed.delete(step.id);
			found.message = `${fellBack[language]} ${found.message}`;
		}
		const now = passed.has(step.id)
			? report(lesson.slug, step.id, 'passed')
			: stale || (untold && verdict.state === 'failed')
				? report(lesson.slug, step.id, 'todo')
				: found;
		if (now === found) attempt.reports.set(step.id, found);
		return this.#tell(learner, course, now);
	}

	/** What the check says at this moment; nothing is kept. */
	async #verdict(
		learner: LearnerRow,
		course: string,
		lesson: Lesson,
		step: Step,
		language: Language,
		as: CheckNow = 'self',
	): Promise<Verdict> {
		const { store, place, log, onJudged } = this.#deps;
		const sandbox = place.sandboxName(learner, course);
		const since = store.forgottenAt(learner.id, course, lesson.slug, step.id);
		const commands = sandbox === undefined ? [] : store.commands(sandbox, historyLimit);
		const own = commands.filter(({ terminal, at }) => terminal.startsWith(`${lesson.slug}/`) && at >= since);
		const request = {
			kind: 'check',
			script: step.check ?? '',
			language,
			stdin: historyText(own, readsPrinted(step.check)),
			timeLimitMs: checkTimeLimitMs,
			env: as === 'neighbour' ? this.#neighbourEnv(learner, course, lesson) : {},
		} as const;
		const result = step.quizOnly
			? this.#quizResult(learner, course, lesson, step, language)
			: await this.#run(learner, course, lesson, step, request);
		const verdict = verdictOf(result, language);
		if (verdict.state === 'error') {
			log.warn({ course, lesson: lesson.slug, step: step.id, learner: learner.name, detail: verdict.detail }, 'check broke');
		}
		onJudged?.({ learner: learner.name, course, lesson: lesson.slug, step: step.id, language, state: verdict.state, result });
		return verdict;
	}

	/** What the check of a step that asks for nothing but answers would say. */
	#quizResult(learner: LearnerRow, course: string, lesson: Lesson, step: Step, language: Language): ScriptResult {
		const right = this.#deps.store.quizzes(learner.id, course, lesson.slug);
		const open = step.quizzes?.find(({ id }) => !right.includes(id));
		const stdout = open ? `${open.fail[language]}${open.hint === undefined ? '' : `\nhint: ${open.hint}`}` : '';
		return { outcome: 'exited', code: open ? exitFail : exitPass, ms: 0, stdout, stderr: '' };
	}

	/** In place of the learner's own: their work is looked at as if a neighbour had handed it in. */
	#neighbourEnv(learner: LearnerRow, slug: string, lesson: Lesson): Record<string, string> {
		const course = this.#deps.courses.find((one) => one.slug === slug);
		return course ? valuesEnv(this.#deps.values.neighbour(learner.id, course, lesson)) : {};
	}

	async #run(
		learner: LearnerRow,
		course: string,
		lesson: Lesson,
		step: Step,
		{
			kind,
			script,
			language,
			stdin,
			timeLimitMs,
			env = {},
		}: {
			kind: 'check' | 'reset';
			script: string;
			language: Language;
			stdin: string;
			timeLimitMs: number;
			env?: Record<string, string>;
		},
	): Promise<ScriptResult> {
		if (this.#semaphore.waiting(learner.id) >= maxWaiting) throw new PublicError('too-many', 'checks of one learner');
		const run = () =>
			this.#deps.place.runScript(learner, course, lesson.slug, {
				name: `${kind} ${step.id}`,
				script,
				env: {
					...env,
					ETABLI_LANG: language,
					ETABLI_COURSE: course,
					ETABLI_LESSON: lesson.slug,
					ETABLI_STEP: step.id,
					ETABLI_QUIZZES: this.#deps.store.quizzes(learner.id, course, lesson.slug).join(' '),
				},
				stdin: Buffer.from(stdin),
				timeLimitMs,
				outputLimit: checkOutputLimit,
			});
		return this.#semaphore.run(run, learner.id);
	}

	#tell(learner: LearnerRow, course: string, found: StepReport): StepReport {
		this.#deps.onReport(learner, course, found);
		return found;
	}

	#passed(learner: LearnerRow, course: string, lesson: string): Set<string> {
		const rows = this.#deps.store.steps(learner.id, course, lesson);
		return new Set(rows.filter(({ state }) => state === 'passed').map(({ step }) => step));
	}

	#attempt(learner: LearnerRow, course: string, lesson: string): Attempt {
		const id = key(learner, course, lesson);
		let attempt = this.#attempts.get(id);
		if (!attempt) {
			attempt = {
				learner,
				course,
				lesson,
				language: 'fr',
				focus: undefined,
				reports: new Map(),
				running: false,
				again: false,
				left: undefined,
			};
			this.#attempts.set(id, attempt);
		}
		return attempt;
	}

	#lesson(course: string, lesson: string): Lesson | undefined {
		return this.#deps.courses.find(({ slug }) => slug === course)?.lessons.find(({ slug }) => slug === lesson);
	}

	#step(course: string, lessonSlug: string, stepId: string): { lesson: Lesson; step: Step } {
		const lesson = this.#lesson(course, lessonSlug);
		const step = lesson?.steps.find(({ id }) => id === stepId);
		if (!lesson || !step) throw new PublicError('not-found', `${course}/${lessonSlug}/${stepId}`);
		return { lesson, step };
	}
}

const key = (learner: LearnerRow, course: string, lesson: string) => `${learner.id}/${course}/${lesson}`;
const report = (lesson: string, step: string, state: StepReport['state']): StepReport => ({ lesson, step, state });
