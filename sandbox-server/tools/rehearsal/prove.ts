/**
 * Proves a lesson in one language and one way, in a fresh sandbox against a running server (or lesson after lesson in the same one): each step's check must fail before what the
 * learner is told to do, and pass after it. Commands are typed into the learner's terminal, as the buttons of the page do it.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { PlayBlock } from '../../../src/courses/lesson-blocks.ts';
import type { Course, Lesson, Step } from '../../../src/shared/course/course.ts';
import { namesIn, type Values, variableOf } from '../../../src/shared/course/parameters.ts';
import type { Language } from '../../../src/shared/language.ts';
import type { StepReport } from '../../../src/shared/protocol/api.ts';
import { parametersOf } from '../../sandboxes/learner-values.ts';
import type { LabName } from '../../store/store.ts';
import { busyMachine, patience } from '../testing/slowness.ts';
import type { ClientTerminal } from './client-terminal.ts';
import { Hands, shown } from './hands.ts';
import { LearnerClient } from './learner-client.ts';
import type { Inspector } from './leftovers.ts';

/**
 * solution: "do it for me" on every step; blocks: the run buttons of the text, one after the other; in order: the solutions of a whole course,
 * lesson after lesson, by one learner in one sandbox.
 */
export type Way = 'solution' | 'blocks' | 'in order';

export interface StepProof {
	course: string;
	lesson: string;
	language: Language;
	way: Way;
	/** A step, or "(setup)" or "(lesson)" for what is no step's fault. */
	step: string;
	/** What the check said before. */
	before: string;
	/** Empty: proved. Otherwise what is wrong, in words, with what was seen. */
	fault: string;
	/** From the first question to the last answer. */
	ms: number;
}

export interface ProveRequest {
	/** Address of a running server. */
	address: string;
	/** That lets in where the server asks for an access code, as `name=value`. */
	cookie?: string | undefined;
	course: Course;
	lesson: Lesson;
	language: Language;
	way: Way;
	/** Also: setup and each solution twice, each reset. */
	thorough: boolean;
	/** What the text asks to be run, put in place and compared, by step. */
	blocks: ReadonlyMap<string, readonly PlayBlock[]>;
	/** How many hints each step has. */
	hints: ReadonlyMap<string, number>;
	/** Time that one command may take, in ms. */
	commandMs?: number;
	/** What the checks of that learner printed when they last broke, by step; known only of a server in this process or on this machine. */
	broken?: (learner: string, step: string) => string | undefined;
	/** The sandbox of a lab, for what cannot be seen from its terminals; known only of a server in this process. */
	inspect?: ((lab: LabName, play: { lesson: Lesson; language: Language }) => Inspector | undefined) | undefined;
	/** Called as each step has been proved, or not. */
	onProof?: (proof: StepProof) => void;
	/** Ends the play where it is; its sandbox goes all the same. */
	signal?: AbortSignal | undefined;
}

/** In place of a step: the lesson's preparation. */
export const setupStep = '(setup)';
/** Building the images of lessons takes ten seconds beside others. */
const defaultCommandMs = 60_000;
/** A program that was left running may need as long, in ms, before what it does is to be seen. */
const patienceMs = 5000;
const betweenChecksMs = 500;
/** How often a check is asked that has no time to answer. */
const askedInAll = 4;

/**
 * One learner plays lesson after lesson in one sandbox: what one leaves (a cache, an instance, a setting) must not stand in the next one's way.
 * @param requests by the same course and language
 * @returns one proof per step with a check, in order; a lesson that cannot go on ends with the step at which it stopped
 */
export async function proveLessons(requests: readonly ProveRequest[]): Promise<StepProof[]> {
	const proofs: StepProof[] = [];
	let learner: LearnerClient | undefined;
	for (const request of requests) {
		if (request.signal?.aborted) break;
		await learner?.disconnect();
		const played = await proveLesson({ ...request, ...(learner && { cookie: learner.cookie }) });
		learner = played.learner;
		proofs.push(...played.proofs);
	}
	// The sandbox goes in any case; a server that cannot be reached has been told of above.
	await learner?.goHome().catch(() => undefined);
	return proofs;
}

async function proveLesson(request: ProveRequest): Promise<{ proofs: StepProof[]; learner: LearnerClient }> {
	const { address, cookie, course, lesson, language, way, onProof } = request;
	const learner = new LearnerClient({ address, course: course.slug, lesson: lesson.slug, language, ...(cookie && { cookie }) });
	const proofs: StepProof[] = [];
	const note = (step: string, rest: Pick<StepProof, 'before' | 'fault' | 'ms'>) => {
		const proof = { course: course.slug, lesson: lesson.slug, language, way, step, ...rest };
		proofs.push(proof);
		onProof?.(proof);
	};
	const checked = lesson.steps.filter(({ check }) => check !== undefined);
	let at = '(lesson)';
	// Whatever is being waited for ends with the connection.
	const leave = () => void learner.disconnect();
	request.signal?.addEventListener('abort', leave);
	try {
		await learner.connect();
		await learner.start();
		at = setupStep;
		const tidies = request.thorough && (lesson.setup !== undefined || lesson.cleanup !== undefined);
		const inspector = tidies ? request.inspect?.({ learner: learner.name, course: request.course.slug }, request) : undefined;
		const before = await inspector?.look();
		let terminal = await learner.terminal();
		expectSetup(request, learner, 'setup failed');
		const untidy = before && (await inspector?.tryTidying(before));
		if (untidy) throw new Error(untidy);
		if (request.thorough) terminal = await setUpAgain(request, learner);
		const values = await learner.values();
		const hands = new Hands(learner, terminal, values, request.commandMs ?? defaultCommandMs);
		for (const step of checked) {
			at = step.id;
			const begun = performance.now();
			const play = new Play({ request, learner, hands, step, values });
			const stuck = await play.go();
			note(step.id, { before: play.before, fault: play.fault, ms: Math.round(performance.now() - begun) });
			if (stuck) return { proofs, learner };
		}
		for (const step of checked.filter(({ holds }) => holds === 'now')) {
			at = step.id;
			const { fault } = await new Play({ request, learner, hands, step, values }).stillHolds();
			if (fault) note(step.id, { before: '', fault, ms: 0 });
		}
	} catch (error) {
		note(at, { before: '', fault: error instanceof Error ? error.message : String(error), ms: 0 });
	} finally {
		request.signal?.removeEventListener('abort', leave);
	}
	return { proofs, learner };
}

/** Setup once more, as "reset the lesson" does; it ends the terminals. */
async function setUpAgain(request: ProveRequest, learner: LearnerClient): Promise<ClientTerminal> {
	try {
		await learner.post(`/api/lessons/${learner.visit.course}/${learner.visit.lesson}/reset`, { progress: true });
	} catch (error) {
		throw new Error(`the lesson cannot be set up a second time: ${error instanceof Error ? error.message : error}`, { cause: error });
	}
	const terminal = await learner.terminal();
	expectSetup(request, learner, 'setup failed the second time');
	return terminal;
}

/** @throws Error when the server has told of a failure */
function expectSetup({ broken }: ProveRequest, learner: LearnerClient, what: string): void {
	const index = learner.notices.indexOf('setup-failed');
	if (index < 0) return;
	const detail = broken?.(learner.name, setupStep);
	throw new Error([`${what}; the learner is told: ${learner.noticed[index]}`, ...(detail ? [detail] : [])].join('\n'));
}

interface PlayParts {
	request: ProveRequest;
	learner: LearnerClient;
	hands: Hands;
	step: Step;
	/** What the lesson's parameters are for this learner. */
	values: Values;
}

/** One step of one play. */
class Play {
	before = '';
	fault = '';
	readonly #request: ProveRequest;
	readonly #learner: LearnerClient;
	readonly #hands: Hands;
	readonly #step: Step;
	readonly #values: Values;

	constructor({ request, learner, hands, step, values }: PlayParts) {
		this.#request = request;
		this.#learner = learner;
		this.#hands = hands;
		hands.output = '';
		this.#step = step;
		this.#values = values;
	}

	/** @returns true when the steps after it cannot be played */
	async go(): Promise<boolean> {
		try {
			this.fault = (await this.#prove()) ?? '';
			return false;
		} catch (error) {
			this.fault = error instanceof Error ? error.message : String(error);
			return true;
		}
	}

	/** At the end of the lesson, which is not finished before: has a later step taken its work away? */
	async stillHolds(): Promise<this> {
		const report = await this.#now();
		if (report.state !== 'passed') this.fault = this.#saw(report, 'the step no longer holds after the steps that follow it');
		return this;
	}

	async #prove(): Promise<string | undefined> {
		const { way, thorough } = this.#request;
		const { id } = this.#step;
		this.#learner.send({ type: 'focus', step: id, begun: true });
		const first = await this.#inTime(() => this.#learner.check(id));
		this.before = first.message ?? '';
		const what = way === 'blocks' && this.#blocks.length > 0 && !this.#challenge ? 'the run blocks of the text' : 'the solution';
		if (first.state === 'passed') return `the check passes before ${what}`;
		if (first.state !== 'failed') return this.#saw(first, `the check broke before ${what}`);
		const hints = this.#request.hints.get(id) ?? 0;
		if (first.hint !== undefined && (first.hint < 1 || first.hint > hints)) {
			return `the check points at hint ${first.hint}, and the step has ${hints}: "${this.before}"`;
		}
		if (this.#step.solution === undefined && !this.#step.quizOnly) {
			this.before = `${this.before} (no solution is known: not proved)`;
			return undefined;
		}
		await this.#learner.answer(this.#request.lesson, this.#step);
		if (way === 'blocks') {
			for (const block of this.#blocks) {
				const fault = await this.#hands.play(block);
				if (fault) return fault;
			}
		}
		if (what === 'the solution') await this.#hands.type(this.#step.solution ?? '');
		const after = await this.#patientCheck();
		if (after.state !== 'passed') return this.#saw(after, `the check does not pass after ${what}`);
		if (way !== 'solution') return undefined;
		return (await this.#neighbour()) ?? (thorough ? await this.#again() : undefined);
	}

	/** The same work, judged as a neighbour's: a step that a parameter belongs to must not take it. */
	async #neighbour(): Promise<string | undefined> {
		const { course, lesson } = this.#request;
		const parameters = parametersOf(course, lesson);
		const { check = '', solution = '' } = this.#step;
		// A value that a step before has asked for may stand in this one's solution again.
		const before = lesson.steps.slice(0, lesson.steps.indexOf(this.#step)).map((step) => step.check ?? '');
		const asked = namesIn(before.join('\n'), parameters);
		const names = new Set([...namesIn(check, parameters), ...namesIn(solution, parameters).filter((name) => !asked.includes(name))]);
		if (names.size === 0) return undefined;
		const report = await this.#now('neighbour');
		const variables = [...names].map((name) => `$${variableOf(name)}`).join(', ');
		if (report.state === 'passed') return `a neighbour's answer passes: the check takes what was done with other values of ${variables}`;
		return report.state === 'failed' ? undefined : this.#saw(report, `the check broke with other values of ${variables}`);
	}

	/** A second run of the solution, the reset, and the solution once more. */
	async #again(): Promise<string | undefined> {
		const { id, reset, solution = '' } = this.#step;
		this.#hands.output = '';
		await this.#hands.type(solution);
		const twice = await this.#now();
		if (twice.state !== 'passed') return this.#saw(twice, 'the check no longer passes after the solution was run a second time');
		if (reset === undefined) return undefined;
		for (const count of ['', ' the second time']) {
			try {
				await this.#learner.post(`${this.#path}/reset`);
			} catch (error) {
				return `the reset failed${count}: ${error instanceof Error ? error.message : error}`;
			}
		}
		const back = await this.#inTime(() => this.#learner.check(id));
		if (back.state === 'passed') return 'the check still passes after the reset';
		if (back.state !== 'failed') return this.#saw(back, 'the check broke after the reset');
		this.#hands.output = '';
		await this.#learner.answer(this.#request.lesson, this.#step);
		await this.#hands.type(solution);
		const last = await this.#inTime(() => this.#learner.check(id));
		return last.state === 'passed' ? undefined : this.#saw(last, 'after the reset, the solution no longer makes the check pass');
	}

	get #path(): string {
		const { course, lesson } = this.#learner.visit;
		return `/api/lessons/${course}/${lesson}/steps/${this.#step.id}`;
	}

	/** Asked again for a while when a program was left running: it may not have come up yet. */
	async #patientCheck(): Promise<StepReport> {
		const running = this.#request.way === 'blocks' && this.#blocks.some(({ intent }) => intent.kind === 'run' && !intent.wait);
		const until = performance.now() + (running ? patience(patienceMs) : 0);
		let report = await this.#inTime(() => this.#learner.check(this.#step.id));
		while (report.state === 'failed' && performance.now() < until) {
			await sleep(betweenChecksMs);
			report = await this.#inTime(() => this.#learner.check(this.#step.id));
		}
		return report;
	}

	get #blocks(): readonly PlayBlock[] {
		return this.#request.blocks.get(this.#step.id) ?? [];
	}

	get #challenge(): boolean {
		return this.#request.lesson.settings.steps.some(({ id, challenge }) => id === this.#step.id && challenge);
	}

	async #now(as: '1' | 'neighbour' = '1'): Promise<StepReport> {
		return (await this.#learner.post(`${this.#path}/check?language=${this.#learner.visit.language}&now=${as}`)) as StepReport;
	}

	/** A check that had no time to answer, on a machine that has too much to do, is asked once more: that it is slow by itself shows each time. */
	async #inTime(ask: () => Promise<StepReport>): Promise<StepReport> {
		let report = await ask();
		for (let count = 1; count < askedInAll && report.state === 'error' && this.#outOfTime(); count++) report = await ask();
		return report;
	}

	#outOfTime(): boolean {
		return (
			busyMachine() !== undefined && /time-limit|did not end within/.test(this.#request.broken?.(this.#learner.name, this.#step.id) ?? '')
		);
	}

	#saw({ state, message = '' }: StepReport, what: string): string {
		const detail = state === 'error' ? this.#request.broken?.(this.#learner.name, this.#step.id) : undefined;
		const said = [`${what}; it ${state === 'error' ? 'broke' : 'says'}: ${message}`];
		if (detail) said.push(detail);
		const parameters = parametersOf(this.#request.course, this.#request.lesson);
		const own = Object.keys(parameters).map((name) => `$${variableOf(name)} was ${this.#values[name]}`);
		if (own.length > 0) said.push(`${own.join(', ')}.`);
		if (this.#hands.output) said.push('The terminal said:', shown(this.#hands.output));
		return said.join('\n');
	}
}
