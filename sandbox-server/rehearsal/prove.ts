/**
 * Proves lessons: in a fresh sandbox, each step's check must fail before its solution and pass after it. The solutions are typed into the
 * learner's terminal as "do it for me" does, against a running server.
 */
import type { Course, Lesson, Step } from '../../src/shared/course.ts';
import type { Language } from '../../src/shared/language.ts';
import { plainText } from '../../src/shared/plain-text.ts';
import { splitCommands } from '../../src/shared/split-commands.ts';
import { type ClientTerminal, LearnerClient } from './learner-client.ts';

export interface StepProof {
	course: string;
	lesson: string;
	language: Language;
	step: string;
	/** What the check said before the solution. */
	before: string;
	/** Empty: proved. Otherwise what is wrong, in words. */
	fault: string;
	/** The solution and its check together. */
	ms: number;
}

export interface ProveRequest {
	/** Address of a running server. */
	address: string;
	course: Course;
	lesson: Lesson;
	language: Language;
	/** Called as each step has been proved, or not. */
	onProof?: (proof: StepProof) => void;
}

/** @returns one proof per step with a check, in order; a lesson that cannot be played gives its first step that fault */
export async function proveLesson(request: ProveRequest): Promise<StepProof[]> {
	const { address, course, lesson, language, onProof } = request;
	const learner = new LearnerClient({ address, course: course.slug, lesson: lesson.slug, language });
	const proofs: StepProof[] = [];
	const note = (step: string, rest: Pick<StepProof, 'before' | 'fault' | 'ms'>) => {
		const proof = { course: course.slug, lesson: lesson.slug, language, step, ...rest };
		proofs.push(proof);
		onProof?.(proof);
	};
	try {
		await learner.connect();
		await learner.start();
		const terminal = await learner.terminal();
		for (const step of lesson.steps) {
			if (step.check === undefined) continue;
			const begun = performance.now();
			const { before, fault } = await proveStep(learner, terminal, step);
			note(step.id, { before, fault, ms: Math.round(performance.now() - begun) });
		}
		if (learner.notices.includes('setup-failed')) note('(setup)', { before: '', fault: 'setup.sh failed', ms: 0 });
	} catch (error) {
		note(lesson.steps[proofs.length]?.id ?? '(lesson)', {
			before: '',
			fault: error instanceof Error ? error.message : String(error),
			ms: 0,
		});
	} finally {
		// The sandbox goes in any case; a server that cannot be reached has been told of above.
		await learner.goHome().catch(() => undefined);
	}
	return proofs;
}

async function proveStep(learner: LearnerClient, terminal: ClientTerminal, step: Step): Promise<{ before: string; fault: string }> {
	learner.send({ type: 'focus', step: step.id });
	const first = await learner.check(step.id);
	const before = first.message ?? '';
	if (first.state === 'passed') return { before, fault: 'the check passes before the solution' };
	if (first.state !== 'failed') return { before, fault: `the check broke before the solution (${first.state}): ${before}` };
	let output = '';
	for (const command of splitCommands(step.solution ?? '')) output += await terminal.run(command);
	const last = await learner.check(step.id);
	if (last.state === 'passed') return { before, fault: '' };
	return {
		before,
		fault: `the check does not pass after the solution (${last.state}): ${last.message ?? ''}\n${plainText(output).replaceAll('\r', '').slice(-1500)}`,
	};
}
