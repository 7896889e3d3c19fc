/** Says beside an expected output whether the learner's commands have printed the same. Quiet: nothing depends on it. */

import type { Strings } from '../../i18n/fr.ts';
import { compareOutput } from '../../shared/course/compare-output.ts';
import { fill } from '../../shared/fill.ts';
import { blockText } from '../blocks/block-note.ts';
import { announce, make } from '../dom.ts';

/** The output block that belongs to a run block: the next one of its step before another run block. */
export function comparedWith(run: HTMLElement): HTMLElement | undefined {
	const step = run.closest('.step');
	if (!step || run.closest('[data-solution]')) return undefined;
	const blocks = [...step.querySelectorAll<HTMLElement>('figure[data-run], figure[data-compare]')];
	const next = blocks[blocks.indexOf(run) + 1];
	return next?.dataset.compare === undefined ? undefined : next;
}

/** @param printed undefined: nothing is said any more, as the commands are run again */
export function showComparison(output: HTMLElement, printed: string | undefined, t: Strings): void {
	output.querySelector('.printed-note')?.remove();
	const expected = blockText(output);
	if (printed === undefined || expected === undefined) return;
	const result = compareOutput(expected, printed, output.dataset.compare === 'regex' ? 'regex' : 'text');
	const note = make(
		'div',
		{ class: 'printed-note', 'data-state': result.same ? 'passed' : 'failed' },
		make('span', { class: 'state-icon', 'aria-hidden': 'true' }),
	);
	const sentence = result.same ? t.printedSame : fill(t.printedDiffers, { n: result.line });
	note.append(make('span', {}, sentence));
	if (!result.same) {
		const pair = (word: string, text: string | undefined) =>
			make('div', {}, make('dt', {}, word), make('dd', {}, text === undefined ? t.printedNothing : make('code', {}, text)));
		note.append(make('dl', {}, pair(t.printedExpected, result.expected), pair(t.printedActual, result.actual)));
	}
	output.append(note);
	announce(sentence);
}
