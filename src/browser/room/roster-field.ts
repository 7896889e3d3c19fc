/** The list of names from a course of a learning platform: what it would change is shown before it is taken. */
import { fill } from '../../shared/fill.ts';
import type { Roster, RosterSource } from '../../shared/protocol/rooms.ts';
import { rosterChange } from '../../shared/room/roster-change.ts';
import { button, make } from '../dom.ts';
import type { PageContext } from './context.ts';
import { field } from './form-parts.ts';
import type { RosterCourse } from './room-api.ts';

/** Names of a change that are shown; of the others, how many. */
const mostShown = 30;

interface RosterField {
	element: HTMLElement;
	/** From which course the list is that stands in the form. */
	source(): RosterSource | undefined;
	/** Another course of ours is chosen. */
	show(course: string): void;
}

interface Options {
	names: HTMLTextAreaElement;
	/** Of the room as it is. */
	source: RosterSource | undefined;
}

/** @returns a part of the form, hidden where no list can be had */
export function rosterField({ t, api }: PageContext, { names, source: before }: Options): RosterField {
	let source = before;
	let courses: RosterCourse[] = [];
	let shownFor = '';
	const select = make('select');
	const shown = make('div', { role: 'status', class: 'roster-change' });
	const failed = make('p', { role: 'alert', class: 'room-said' });
	const take = button('', () => void ask());
	const element = make('div', { class: 'roster-from', hidden: true }, field(t.rosterCourse, select, t.rosterHelp), take, shown, failed);
	const chosen = () => courses[Number(select.value)];

	const label = () => {
		take.textContent = fill(t.rosterTake, { platform: chosen()?.platform ?? '' });
	};
	const clear = () => {
		shown.replaceChildren();
		failed.textContent = '';
	};
	select.addEventListener('change', () => {
		clear();
		label();
	});

	async function show(course: string): Promise<void> {
		shownFor = course;
		element.hidden = true;
		clear();
		// A list is a help: where none can be had, nothing is said of it.
		const found = await api.rosterSources(course).catch(() => ({ sources: [] }));
		if (shownFor !== course) return;
		courses = found.sources;
		select.replaceChildren(
			...courses.map(({ title, platform }, index) => make('option', { value: String(index) }, `${title} (${platform})`)),
		);
		const known = courses.findIndex((one) => one.platform === source?.platform && one.context === source.context);
		select.value = String(Math.max(0, known));
		label();
		element.hidden = courses.length === 0;
	}

	async function ask(): Promise<void> {
		const from = chosen();
		if (!from) return;
		clear();
		take.disabled = true;
		shown.textContent = t.doing;
		const { platform, context } = from;
		const list = await api.roster(shownFor, { platform, context }).catch((error: Error) => error);
		take.disabled = false;
		shown.replaceChildren();
		if (chosen() !== from) return;
		if (list instanceof Error) failed.textContent = list.message;
		else offer(list, { platform, context });
	}

	function offer(list: Roster, from: RosterSource): void {
		const now = names.value.split(/\r\n?|\n/).flatMap((line) => line.trim() || []);
		const { added, gone } = rosterChange(now, list.names);
		const lines = [
			fill(t.rosterFound, { n: list.names.length }),
			added.length > 0 && fill(t.rosterAdded, { n: added.length, names: some(added) }),
			gone.length > 0 && fill(t.rosterGone, { n: gone.length, names: some(gone) }),
			list.others > 0 && fill(t.rosterOthers, { n: list.others }),
			list.nameless > 0 && fill(t.rosterNameless, { n: list.nameless }),
			list.numbered > 0 && fill(t.rosterNumbered, { n: list.numbered }),
			list.left > 0 && fill(t.rosterLeft, { n: list.left }),
		].filter((line) => line !== false);
		const same = added.length === 0 && gone.length === 0;
		if (same) {
			source = from;
			lines.splice(1, 0, t.rosterSame);
		}
		const yes = button(t.rosterYes, () => {
			names.value = list.names.join('\n');
			source = from;
			shown.replaceChildren(make('p', {}, t.rosterTaken));
			names.focus();
		});
		const no = button(t.rosterNo, () => {
			clear();
			take.focus();
		});
		const answers = make('div', { class: 'room-actions' }, yes, no);
		shown.replaceChildren(make('ul', {}, ...lines.map((line) => make('li', {}, line))), ...(same ? [] : [answers]));
	}

	function some(list: readonly string[]): string {
		const more = list.length - mostShown;
		return list.slice(0, mostShown).join(', ') + (more > 0 ? fill(t.rosterMore, { n: more }) : '');
	}

	return { element, source: () => source, show: (course) => void show(course) };
}
