/** Steps that come after others, and steps that have to hold: what follows from `after` and `holds` of lesson.yaml. */
import type { Lesson, Step } from '../../src/shared/course/course.ts';
import { fill, fillText } from '../../src/shared/fill.ts';
import type { Language, Text } from '../../src/shared/language.ts';
import { verdictTexts } from '../../src/shared/protocol/verdicts.ts';

/** Numbers, from 1, of the steps that this one comes after and that have not been passed. */
export function waitsFor(lesson: Lesson, step: Step, passed: ReadonlySet<string>): number[] {
	return lesson.steps.flatMap(({ id }, index) => (step.after?.includes(id) && !passed.has(id) ? [index + 1] : []));
}

/** Says so to the learner. @param numbers not empty */
export function waitingText(numbers: readonly number[]): Text {
	const { afterStep, afterSteps, and } = verdictTexts;
	const rest = numbers.slice(0, -1).join(', ');
	if (!rest) return fillText(afterStep, { steps: String(numbers[0]) });
	const listed = (language: Language) => fill(afterSteps[language], { steps: `${rest} ${and[language]} ${numbers.at(-1)}` });
	return { fr: listed('fr'), en: listed('en') };
}

/** A passed step that is looked at again: it falls back when it is no longer so. Once every step is passed the lesson is finished for good. */
export function isHeld(lesson: Lesson, step: Step, passed: ReadonlySet<string>): boolean {
	return step.holds === 'now' && passed.has(step.id) && lesson.steps.some(({ id }) => !passed.has(id));
}
