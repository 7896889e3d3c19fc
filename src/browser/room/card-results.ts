/** What a room has answered to a minute card: bars for choices, a list for words. Without anybody: it is on the wall too. */
import { fill } from '../../shared/fill.ts';
import { type FeedCard, fewestAnswers } from '../../shared/protocol/room-cards.ts';
import { make } from '../dom.ts';
import type { PageContext } from './context.ts';
import { counted } from './format.ts';

/** @returns how many have answered, and what: only how many while they are too few to be nobody in particular */
export function cardResults({ t }: PageContext, { choices, people, counts, texts }: FeedCard): Node[] {
	const how = make('p', { class: 'quiet-line' }, counted(people, t.cardOneAnswer, t.cardManyAnswers));
	if (texts) return [how, make('ul', { class: 'card-texts' }, ...texts.map((text) => make('li', {}, text)))];
	// Enough have answered, but what they wrote is not for this page yet.
	const kept = choices.length === 0 && people >= fewestAnswers;
	if (!counts) return people === 0 || kept ? [how] : [how, make('p', { class: 'quiet-line' }, fill(t.cardTooFew, { n: fewestAnswers }))];
	const most = Math.max(1, ...counts);
	const bars = choices.map((choice, index) => {
		const n = counts[index] ?? 0;
		const line = make(
			'li',
			{},
			make('span', { class: 'card-choice' }, choice),
			make('span', { class: 'card-bar', 'aria-hidden': 'true' }),
			make('span', { class: 'card-count' }, `${n} (${Math.round((100 * n) / Math.max(1, people))} %)`),
		);
		line.style.setProperty('--share', String(n / most));
		return line;
	});
	return [how, make('ul', { class: 'card-bars' }, ...bars)];
}
