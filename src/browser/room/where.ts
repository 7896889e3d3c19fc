/** Where the class is: how many are at which step, and the middle one. Without names: it is on the wall too. */
import { groupBy } from '../../shared/group-by.ts';
import type { FeedCounts, FeedRoom } from '../../shared/protocol/room-feed.ts';
import { make } from '../dom.ts';
import type { PageContext, Titles } from './context.ts';
import { counted } from './format.ts';

interface Where {
	titles: Titles;
	room: FeedRoom;
	counts: FeedCounts;
	/** Of lessons: what fits under the headings around them. */
	heading: 'h2' | 'h3';
}

/** @returns the figures' new content */
export function whereNodes({ t }: PageContext, { titles, room: { steps }, counts, heading }: Where): Node[] {
	const most = Math.max(1, ...counts.at);
	const bar = (index: number, label: string, number: string) => {
		const n = counts.at[index] ?? 0;
		const isMedian = counts.median === index && counts.people > 0;
		const line = make(
			'li',
			{ 'data-empty': n === 0, 'data-median': isMedian },
			make(
				'span',
				{ class: 'where-name' },
				make('span', { class: 'where-number', 'aria-hidden': 'true' }, number),
				make('span', { class: 'where-step' }, label),
				...(isMedian ? [make('span', { class: 'where-median' }, t.median)] : []),
			),
			make('span', { class: 'where-bar', 'aria-hidden': 'true' }),
			make('span', { class: 'where-count' }, String(n), make('span', { class: 'sr-only' }, ` ${t.peopleWord}`)),
		);
		line.style.setProperty('--share', String(n / most));
		return line;
	};
	const lessons = [
		...groupBy(
			steps.map((step, index) => ({ ...step, index })),
			({ lesson }) => lesson,
		),
	];
	const blocks: Node[] = [];
	let empty = 0;
	for (const [lesson, own] of lessons) {
		const here = own.reduce((sum, { index }) => sum + (counts.at[index] ?? 0), 0);
		if (here === 0) {
			empty++;
			continue;
		}
		const howMany = make('span', { class: 'where-here' }, counted(here, t.onePerson, t.manyPeople));
		const lines = own.map((step, n) => bar(step.index, titles.step(step), String(n + 1)));
		blocks.push(make(heading, { class: 'where-lesson' }, titles.lesson(lesson), howMany), make('ol', {}, ...lines));
	}
	if (empty > 0) blocks.push(make('p', { class: 'quiet-line' }, counted(empty, t.oneEmptyLesson, t.manyEmptyLessons)));
	const done = counts.at[steps.length] ?? 0;
	const summary = [
		counted(counts.people, t.oneJoined, t.manyJoined),
		counted(counts.here, t.onePresent, t.manyPresent),
		counted(done, t.oneDoneAll, t.manyDoneAll),
		...(counts.hands === 0 ? [] : [counted(counts.hands, t.oneHand, t.manyHands)]),
	];
	return [make('p', { class: 'where-summary' }, summary.join(' · ')), ...blocks];
}
