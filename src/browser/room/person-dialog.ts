/** One person: every step in words, and a message to them alone. */
import { fill } from '../../shared/fill.ts';
import { groupBy } from '../../shared/group-by.ts';
import { type FeedPerson, type FeedRoom, type StepMark, stepMarks } from '../../shared/protocol/room-feed.ts';
import { button, make } from '../dom.ts';
import { signs, stateWord } from './class-grid.ts';
import type { PageContext, Titles } from './context.ts';
import { openDialog } from './form-parts.ts';
import { openLook } from './look.ts';
import { sayForm } from './say.ts';

interface Opened {
	person: FeedPerson;
	room: FeedRoom;
	titles: Titles;
	/** Their hand is up, and is leave to look. */
	byHand: boolean;
}

/** One person's steps, lesson by lesson, and the way to their terminal; all as it was when the dialog was opened. */
export function openPerson(context: PageContext, { person, room, titles, byHand }: Opened): void {
	const { t } = context;
	const { dialog, body } = openDialog(person.name, t.close);
	const words: Record<StepMark, string> = {
		[stepMarks.todo]: t.todo,
		[stepMarks.passed]: t.passed,
		[stepMarks.failed]: t.failed,
		[stepMarks.error]: t.error,
	};
	const lessons = groupBy(
		room.steps.map((step, index) => ({ ...step, index })),
		({ lesson }) => lesson,
	);
	const lists = [...lessons].map(([lesson, steps]) =>
		make(
			'section',
			{},
			make('h3', {}, titles.lesson(lesson)),
			make(
				'ul',
				{ class: 'person-steps' },
				...steps.map((step) => {
					const mark = (person.marks[step.index] ?? stepMarks.todo) as StepMark;
					const line = make(
						'li',
						{ 'data-mark': mark, ...(step.index === person.at && { 'aria-current': 'step' }) },
						make('span', { class: 'person-sign', 'aria-hidden': 'true' }, signs[mark]),
						make('span', {}, titles.step(step)),
						make('span', { class: 'person-word' }, words[mark]),
					);
					return line;
				}),
			),
		),
	);
	// Of the lesson that they are at; who is done with all is in the last.
	const lesson = (room.steps[person.at] ?? room.steps.at(-1))?.lesson;
	const said = make('p', { class: 'room-said', role: 'alert' });
	const lessonTitle = lesson === undefined ? '' : titles.lesson(lesson);
	const ask = (all: boolean) => {
		if (lesson === undefined) return;
		openLook(context, { room: room.id, learner: person.id, name: person.name, lesson, lessonTitle, all }).then(
			() => dialog.close(),
			(error: Error) => {
				said.textContent = error.message;
			},
		);
	};
	const lookWords = lesson === undefined ? t.look : fill(byHand ? t.lookInByHand : t.lookIn, { lesson: lessonTitle });
	body.append(
		make('p', { class: 'room-facts' }, `${stateWord(person, t)} · ${person.id}`),
		make(
			'div',
			{ class: 'room-actions' },
			button(lookWords, () => ask(false)),
			button(t.lookAll, () => ask(true)),
		),
		said,
		sayForm(context, { room, titles, to: { learner: person.id } }),
		...lists,
	);
	dialog.showModal();
	dialog.scrollTop = 0;
}
