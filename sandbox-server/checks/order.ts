/** Steps that come after others, and steps that have to hold: what follows from `after` and `holds` of lesson.yaml. */
import type { Lesson, Step } from '../../src/shared/course.ts';
import type { Language } from '../../src/shared/language.ts';

/** Numbers, from 1, of the steps that this one comes after and that have not been passed. */
export function waitsFor(lesson: Lesson, step: Step, passed: ReadonlySet<string>): number[] {
	return lesson.steps.flatMap(({ id }, index) => (step.after?.includes(id) && !passed.has(id) ? [index + 1] : []));
}

/** Says so to the learner. @param numbers not empty */
export function waitingText(numbers: readonly number[], language: Language): string {
	const last = numbers.at(-1);
	const list = (and: string) => (numbers.length > 1 ? `${numbers.slice(0, -1).join(', ')} ${and} ${last}` : `${last}`);
	if (language === 'en')
		return `This step comes after step${numbers.length > 1 ? 's' : ''} ${list('and')}: do ${numbers.length > 1 ? 'those' : 'that'} first.`;
	return numbers.length > 1
		? `Cette étape vient après les étapes ${list('et')} : faites-les d’abord.`
		: `Cette étape vient après l’étape ${last} : faites-la d’abord.`;
}

/** Before the sentence of a step that has been passed and no longer holds. */
export const fellBack = {
	fr: 'Cette étape était faite, mais ne l’est plus.',
	en: 'This step was done, but is no longer.',
} as const;

/** A passed step that is looked at again: it falls back when it is no longer so. Once every step is passed the lesson is finished for good. */
export function isHeld(lesson: Lesson, step: Step, passed: ReadonlySet<string>): boolean {
	return step.holds === 'now' && passed.has(step.id) && lesson.steps.some(({ id }) => !passed.has(id));
}
