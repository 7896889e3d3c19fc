/** What a trainer says of a room: made, edited and copied with the same form. */

import { fill } from '../../shared/fill.ts';
import { rosterText } from '../../shared/room/roster-text.ts';
import { make } from '../dom.ts';
import type { NamedCourse, PageContext } from './context.ts';
import { field, onSubmit } from './form-parts.ts';
import { fieldsOf, momentOf } from './format.ts';
import type { RoomDraft, RoomView } from './room-api.ts';
import { rosterField } from './roster-field.ts';

const hour = 3600_000;
const usualHours = 3;
/** A list of 500 names has a tenth of it, bytes. */
const largestFile = 1024 * 1024;

interface FormOptions {
	/** undefined: a new one. */
	room?: RoomView | undefined;
	submit: string;
	/** Sends it; what it throws is said in the form. */
	save(draft: RoomDraft): Promise<unknown>;
}

/** @returns the form, ready to be put on a page or into a dialog */
export function roomForm(context: PageContext, { room, submit, save }: FormOptions): HTMLFormElement {
	const { t, courses } = context;
	const starts = room?.starts ?? Math.ceil(Date.now() / hour) * hour;
	const from = fieldsOf(starts);
	const until = fieldsOf(room?.ends ?? starts + usualHours * hour);
	const input = (type: string, value: string, more: Record<string, string> = {}) => make('input', { type, value, required: true, ...more });
	const title = input('text', room?.title ?? '', { maxlength: '120', placeholder: t.titleExample });
	const course = make('select', {}, ...courses.map(({ slug, title: name }) => make('option', { value: slug }, name)));
	if (room) course.value = room.course;
	const lessons = make('div', { class: 'choices' });
	const showLessons = () =>
		lessons.replaceChildren(
			...lessonBoxes(
				courses.find(({ slug }) => slug === course.value),
				room,
			),
		);
	const [date, begin, end] = [input('date', from.date), input('time', from.time), input('time', until.time)];
	const expected = input('number', String(room?.expected ?? 20), { min: '1', max: '500' });
	const handLooks = make('input', { type: 'checkbox', checked: room?.handLooks ?? false });
	const names = make('textarea', { rows: '5', maxlength: '60000', spellcheck: 'false' }, room?.names.join('\n') ?? '');
	const roster = rosterField(context, { names, source: room?.rosterFrom });
	const showCourse = () => {
		showLessons();
		roster.show(course.value);
	};
	course.addEventListener('change', showCourse);
	showCourse();
	const form = make(
		'form',
		{ class: 'room-form' },
		field(t.fieldTitle, title),
		field(t.fieldCourse, course),
		make('fieldset', {}, make('legend', {}, t.fieldLessons), lessons),
		make('div', { class: 'field-row' }, field(t.fieldDate, date), field(t.fieldBegin, begin), field(t.fieldEnd, end)),
		field(t.fieldExpected, expected, t.fieldExpectedHelp),
		field(t.fieldNames, names, t.fieldNamesHelp),
		fileField(names, t.fieldFile, t.fileTooLarge),
		roster.element,
		make('label', { class: 'room-check' }, handLooks, t.fieldHandLooks),
		make('button', { class: 'button primary' }, submit),
	);
	onSubmit(form, t.doing, () => {
		const chosen = [...lessons.querySelectorAll('input')];
		const some = chosen.filter(({ checked }) => checked).map(({ value }) => value);
		const ends = momentOf(date.value, end.value);
		const begins = momentOf(date.value, begin.value);
		return save({
			title: title.value,
			course: course.value,
			lessons: some.length === chosen.length ? [] : some,
			starts: begins,
			// A class may go on after midnight.
			ends: ends > begins ? ends : ends + 24 * hour,
			expected: Number(expected.value),
			handLooks: handLooks.checked,
			roster: names.value,
			rosterFrom: roster.source(),
		});
	});
	return form;
}

function lessonBoxes(course: NamedCourse | undefined, room: RoomView | undefined): HTMLElement[] {
	return (course?.lessons ?? []).map(({ slug, title }) => {
		const all = room === undefined || room.course !== course?.slug || room.lessons.length === 0;
		const box = make('input', { type: 'checkbox', value: slug, checked: all || room.lessons.includes(slug) });
		return make('label', {}, box, title);
	});
}

/** A file's names are put where they can be seen and changed before they are sent. */
function fileField(names: HTMLTextAreaElement, label: string, tooLarge: string): HTMLElement {
	const file = make('input', { type: 'file', accept: '.csv,.tsv,.txt,text/csv,text/plain' });
	file.addEventListener('change', async () => {
		const chosen = file.files?.[0];
		if (!chosen) return;
		file.setCustomValidity(chosen.size > largestFile ? tooLarge : '');
		if (!file.reportValidity()) return;
		names.value = rosterText(new Uint8Array(await chosen.arrayBuffer()))
			.replace(/^\ufeff/, '')
			.slice(0, names.maxLength);
	});
	return field(label, file);
}

/** Lines of the list that were not understood, in words; undefined when there is none. */
export function problemsOf({ t }: PageContext, { problems = [] }: RoomView): HTMLElement | undefined {
	if (problems.length === 0) return undefined;
	const words = { 'no-name': t.faultNoName, twice: t.faultTwice, 'too-many': t.faultTooMany };
	const lines = problems.map(({ line, fault }) => make('li', {}, fill(t.faultLine, { n: line, fault: words[fault] })));
	return make('div', { role: 'alert', class: 'room-said' }, make('p', {}, t.faults), make('ul', {}, ...lines));
}
