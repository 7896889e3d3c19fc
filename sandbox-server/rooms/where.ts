/** Where a person is in the room's steps. Pure. */
import { type StepMark, stepMarks } from '../../src/shared/protocol/room-feed.ts';

export interface RoomStep {
	lesson: string;
	step: string;
	/** A step without a check is passed by pressing "done", which many forget. */
	checked: boolean;
}

/**
 * The number of the step that the person is at: the first after the furthest that they have passed in the lesson of their last verdict. Steps
 * that they have left out stand before it, and hold nobody back; only who has reached the end goes back to steps with a check.
 * @param marks one for each step
 * @param lesson of the last verdict; undefined: there is none yet
 * @returns as many as there are steps: done with all
 */
export function stepAt(steps: readonly RoomStep[], marks: readonly StepMark[], lesson: string | undefined): number {
	const passed = (index: number) => marks[index] === stepMarks.passed;
	const furthest = steps.findLastIndex((step, index) => passed(index) && (lesson === undefined || step.lesson === lesson));
	const first =
		furthest >= 0
			? furthest
			: Math.max(
					0,
					steps.findIndex((step) => step.lesson === lesson),
				) - 1;
	const after = steps.findIndex((_, index) => index > first && !passed(index));
	if (after >= 0) return after;
	const left = steps.findIndex(({ checked }, index) => checked && !passed(index));
	return left >= 0 ? left : steps.length;
}
