/** How the steps of a lesson stand: plain state, no page. */
import type { StepReport, StepState } from '../../shared/protocol/api.ts';

export interface StepView {
	id: string;
	state: StepState;
	message: string | undefined;
	/** Number, from 1, of the hint that helps. */
	hint: number | undefined;
}

/** @param ids in the lesson's order */
export function initialSteps(ids: readonly string[]): StepView[] {
	return ids.map((id) => ({ id, state: 'todo', message: undefined, hint: undefined }));
}

/** The steps after a report; the same array when the report is of another lesson, an unknown step, or changes nothing. */
export function applyReport(steps: StepView[], lesson: string, report: StepReport): StepView[] {
	const before = steps.find((step) => step.id === report.step);
	if (report.lesson !== lesson || !before) return steps;
	// While a check runs again, what it said before stays readable.
	const kept = report.state === 'checking' ? before : undefined;
	const after: StepView = {
		id: report.step,
		state: report.state,
		message: report.message ?? kept?.message,
		hint: report.hint ?? kept?.hint,
	};
	if (after.state === before.state && after.message === before.message && after.hint === before.hint) return steps;
	return steps.map((step) => (step === before ? after : step));
}

/** How many are green. */
export function passedCount(steps: readonly StepView[]): number {
	return steps.filter((step) => step.state === 'passed').length;
}
