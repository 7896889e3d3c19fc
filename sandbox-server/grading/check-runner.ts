/** Runs checks and resets in the learner's sandbox, within bounds, and says what a check said. */
import type { Lesson, Step } from '../../src/shared/course/course.ts';
import { valuesEnv } from '../../src/shared/course/parameters.ts';
import { defaultLanguage, type Language, type Text } from '../../src/shared/language.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { ScriptResult } from '../agent/agent.ts';
import type { Lab } from '../labs/lab.ts';
import type { LessonScripts } from '../labs/script-runner.ts';
import type { Clock } from '../platform/clock.ts';
import { crowding } from '../platform/crowding.ts';
import type { Log } from '../platform/log.ts';
import { Semaphore } from '../platform/semaphore.ts';
import type { LearnerValues } from '../sandboxes/learner-values.ts';
import { readsPrinted } from '../sandboxes/shell-integration/printed.ts';
import { type LabName, nameOf, type Store } from '../store/store.ts';
import { historyLimit, historyText } from './history.ts';
import type { CheckNow } from './ports.ts';
import { checkOutputLimit, checkTimeLimitMs, exitFail, exitPass, type Verdict, verdictOf } from './verdict.ts';

/** Resets may undo builds and stop instances. */
const resetTimeLimitMs = 60_000;
const parallelChecks = 16;
/**
 * A learner can make checks hang, each for as long as its time limit. So one learner has few at once, and a check that takes longer than
 * most holds no place that others wait for.
 */
const parallelOfOne = 2;
const placeMs = 500;
/** How many of one learner may wait for their turn. */
const maxWaiting = 8;

/** One run of a check, as its author wants to see it. */
export interface CheckRun extends LabName {
	lesson: string;
	step: string;
	language: Language;
	state: Verdict['state'];
	result: ScriptResult;
}

export interface CheckRunnerDeps {
	store: Store;
	/** What lessons' parameters are for each learner. */
	values: LearnerValues;
	scripts: LessonScripts;
	clock: Clock;
	log: Pick<Log, 'warn'>;
	/** For authors: every run of a check, with all that it printed. */
	onCheckRun?: ((run: CheckRun) => void) | undefined;
	/** By what the bounds of checks are multiplied at this moment; as busy as this machine is if left out. */
	patience?: (() => number) | undefined;
}

/** A step of a lab's lesson. */
export interface StepOf {
	lab: Lab;
	lesson: Lesson;
	step: Step;
}

export class CheckRunner {
	readonly #deps: CheckRunnerDeps;
	readonly #semaphore: Semaphore;

	constructor(deps: CheckRunnerDeps) {
		this.#deps = deps;
		this.#semaphore = new Semaphore({ places: parallelChecks, share: parallelOfOne, lent: { clock: deps.clock, ms: placeMs } });
	}

	/** What the check says at this moment, in one language. @throws Refusal no-sandbox, sandbox-busy, too-many */
	async verdict(of: StepOf, language: Language, as: Exclude<CheckNow, false> = 'self'): Promise<Verdict> {
		const { lab, lesson, step } = of;
		const { log, onCheckRun } = this.#deps;
		const open = step.quizOnly ? this.#openQuestion(of) : undefined;
		const result = step.quizOnly ? answered(open, language) : await this.#check(of, language, as);
		const verdict = verdictOf(result, language);
		// What a question lacks is known in every language.
		if (open) verdict.message = open.fail;
		const course = lab.course.slug;
		if (verdict.state === 'error')
			log.warn({ course, lesson: lesson.slug, step: step.id, learner: lab.owner.name, detail: verdict.detail }, 'check broke');
		onCheckRun?.({ ...nameOf(lab), lesson: lesson.slug, step: step.id, language, state: verdict.state, result });
		return verdict;
	}

	/** Takes the step's work away. @throws Refusal no-sandbox, sandbox-busy, too-many; internal when the script fails */
	async reset(of: StepOf, language: Language): Promise<void> {
		const { lab, lesson, step } = of;
		const result = await this.#run(of, { kind: 'reset', script: step.reset ?? '', language, timeLimitMs: resetTimeLimitMs });
		if (result.outcome === 'exited' && result.code === 0) return;
		const course = lab.course.slug;
		this.#deps.log.warn({ course, lesson: lesson.slug, step: step.id, ...result }, 'reset script failed');
		throw new Refusal('internal', `reset of ${course}/${lesson.slug}/${step.id}: ${result.outcome} ${result.code}`);
	}

	#check(of: StepOf, language: Language, as: Exclude<CheckNow, false>): Promise<ScriptResult> {
		const { lab, lesson, step } = of;
		const { store, scripts, values } = this.#deps;
		const sandbox = scripts.sandboxName(lab);
		const since = store.forgottenAt(lab.key, lesson.slug, step.id);
		const commands = sandbox === undefined ? [] : store.commands(sandbox, historyLimit);
		const own = commands.filter(({ terminal, at }) => terminal.startsWith(`${lesson.slug}/`) && at >= since);
		return this.#run(of, {
			kind: 'check',
			script: step.check ?? '',
			language,
			stdin: historyText(own, readsPrinted(step.check)),
			timeLimitMs: checkTimeLimitMs,
			// In place of the learner's own: their work is looked at as if a neighbour had handed it in.
			env: as === 'neighbour' ? valuesEnv(values.neighbour(lab, lesson)) : {},
		});
	}

	/** The first question of the step without a right answer. */
	#openQuestion({ lab, lesson, step }: StepOf): { fail: Text; hint?: number | undefined } | undefined {
		const right = this.#deps.store.quizzes(lab.key, lesson.slug);
		return step.quizzes?.find(({ id }) => !right.includes(id));
	}

	async #run(
		{ lab, lesson, step }: StepOf,
		{
			kind,
			script,
			language,
			timeLimitMs,
			stdin = '',
			env = {},
		}: {
			kind: 'check' | 'reset';
			script: string;
			language: Language;
			timeLimitMs: number;
			stdin?: string;
			env?: Record<string, string>;
		},
	): Promise<ScriptResult> {
		const owner = lab.owner.id;
		if (this.#semaphore.waiting(owner) >= maxWaiting) throw new Refusal('too-many', 'checks of one learner');
		const { patience = crowding } = this.#deps;
		const factor = patience();
		const request = () => ({
			name: `${kind} ${step.id}`,
			script,
			env: {
				...env,
				ETABLI_LANG: language,
				ETABLI_COURSE: lab.course.slug,
				ETABLI_LESSON: lesson.slug,
				ETABLI_STEP: step.id,
				ETABLI_PATIENCE: String(factor),
				ETABLI_QUIZZES: this.#deps.store.quizzes(lab.key, lesson.slug).join(' '),
			},
			stdin: Buffer.from(stdin),
			timeLimitMs: factor * timeLimitMs,
			outputLimit: checkOutputLimit,
			// A reset may start a server anew.
			stays: kind === 'reset',
		});
		return await this.#semaphore.run(() => this.#deps.scripts.runScript(lab, lesson.slug, request()), owner);
	}
}

/** What the check of a step that asks for nothing but answers would say. */
function answered(open: { fail: Text; hint?: number | undefined } | undefined, language: Language = defaultLanguage): ScriptResult {
	const stdout = open ? `${open.fail[language]}${open.hint === undefined ? '' : `\nhint: ${open.hint}`}` : '';
	return { outcome: 'exited', code: open ? exitFail : exitPass, ms: 0, stdout, stderr: '' };
}
