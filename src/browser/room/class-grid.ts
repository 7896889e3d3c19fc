/** Learners × steps. A row is changed where something is different, so that the keyboard stays where it is. */
import { fill } from '../../shared/fill.ts';
import { groupBy } from '../../shared/group-by.ts';
import { type FeedPerson, type FeedRoom, type StepMark, stepMarks } from '../../shared/protocol/room-feed.ts';
import { button, make } from '../dom.ts';
import type { PageContext, Titles } from './context.ts';
import { counted, lasting } from './format.ts';

/** What is seen of a mark: a sign, so that colour alone says nothing. */
export const signs: Record<StepMark, string> = {
	[stepMarks.todo]: '·',
	[stepMarks.passed]: '✓',
	[stepMarks.failed]: '✗',
	[stepMarks.error]: '!',
};
const classes: Record<StepMark, string> = { '.': 'todo', p: 'passed', f: 'failed', e: 'error' };

/** Of a person: what their connection and workbench are, in a word. */
export function stateWord({ pages, lab }: FeedPerson, t: PageContext['t']): string {
	if (lab === 'lost') return t.labLost;
	if (lab === 'queued' || lab === 'starting') return t.labComing;
	if (pages === 0) return t.away;
	return lab === 'live' || lab === 'stopping' ? t.here : t.hereReading;
}

/** Rows that fit into a large window. */
const firstRows = 40;

interface Row {
	element: HTMLTableRowElement;
	person: FeedPerson;
	since: HTMLElement;
}

export class ClassGrid {
	readonly element: HTMLElement;
	readonly #context: PageContext;
	readonly #table = make('table', { class: 'class-grid' });
	readonly #body = make('tbody');
	readonly #rows = new Map<string, Row>();
	readonly #open: (person: FeedPerson) => void;
	readonly #titles: Titles;
	#room: FeedRoom | undefined;
	/** Those that have a column, with the numbers of their steps. */
	#lessons: [string, number[]][] = [];
	#columns = '';
	/** As it was last asked to be shown. */
	#latest!: [FeedRoom, ReadonlyMap<string, FeedPerson>, number];

	/** @param open shows one person */
	constructor(context: PageContext, titles: Titles, open: (person: FeedPerson) => void) {
		this.#context = context;
		this.#titles = titles;
		this.#open = open;
		// It may be wider than the page: it scrolls by itself, and by the keyboard.
		this.element = make('div', { class: 'grid-scroll', tabindex: '0', role: 'region', 'aria-label': context.t.gridScroll }, this.#table);
	}

	/** @param now the server's clock, ms */
	show(room: FeedRoom, people: ReadonlyMap<string, FeedPerson>, now: number): void {
		this.#latest = [room, people, now];
		const lessons = begunLessons(room, people);
		const columns = JSON.stringify([room.steps, lessons]);
		const redraw = columns !== this.#columns;
		this.#columns = columns;
		this.#room = room;
		this.#lessons = lessons;
		if (redraw) this.#drawHead();
		for (const [id, { element }] of this.#rows) {
			if (people.has(id)) continue;
			element.remove();
			this.#rows.delete(id);
		}
		// A large class appears with those who fit into the window; the others follow when these have been drawn.
		const first = this.#rows.size === 0 && people.size > firstRows;
		if (first) requestAnimationFrame(() => requestAnimationFrame(() => this.show(...this.#latest)));
		const drawn = first ? this.#byName([...people.values()]).slice(0, firstRows) : people.values();
		let moved = false;
		for (const person of drawn) {
			const row = this.#rows.get(person.id);
			if (row?.person === person && !redraw) continue;
			// Who took another name has another place.
			moved ||= row?.person.name !== person.name;
			this.#rows.set(person.id, this.#row(person, row?.element, now));
		}
		if (moved) this.#order();
		this.tick(now);
	}

	/** Time has passed. */
	tick(now: number): void {
		for (const { person, since } of this.#rows.values()) {
			const text = lasting(Math.max(0, now - person.since), this.#context.t);
			if (since.textContent !== text) since.textContent = text;
		}
	}

	#drawHead(): void {
		const { t } = this.#context;
		const head = make(
			'tr',
			{},
			...[t.colName, t.colState, t.colAt, t.colSince, t.colTries].map((text) => make('th', { scope: 'col' }, text)),
		);
		for (const [lesson, steps] of this.#lessons) {
			const title = make('span', { class: 'grid-lesson', title: this.#titles.lesson(lesson) }, this.#titles.lesson(lesson));
			title.style.setProperty('--steps', String(steps.length));
			head.append(make('th', { scope: 'col' }, title));
		}
		this.#table.replaceChildren(make('thead', {}, head), this.#body);
	}

	#row(person: FeedPerson, before: HTMLTableRowElement | undefined, now: number): Row {
		const { t } = this.#context;
		const element = before ?? make('tr', {}, make('th', { scope: 'row' }));
		element.dataset.lab = person.lab;
		element.toggleAttribute('data-away', person.pages === 0);
		// The button stays: whoever is on it with the keyboard stays there.
		const head = element.cells[0];
		const name =
			head?.querySelector('button') ?? button('', () => this.#openOf(person.id), { class: 'grid-name', 'aria-haspopup': 'dialog' });
		if (name.textContent !== person.name) name.textContent = person.name;
		if (!name.isConnected) head?.append(name);
		const at = this.#room?.steps[person.at];
		const since = make('td', { class: 'grid-number' }, lasting(Math.max(0, now - person.since), t));
		const cells = [
			make('td', { class: 'grid-state' }, stateWord(person, t)),
			make('td', { class: 'grid-at' }, at ? this.#titles.step(at) : t.doneAll),
			since,
			make('td', { class: 'grid-number' }, person.tries === 0 ? '' : String(person.tries)),
			...this.#lessons.map(([, steps]) => make('td', {}, marksOf(person, steps, t))),
		];
		while (element.cells.length > 1) element.deleteCell(-1);
		element.append(...cells);
		return { element, person, since };
	}

	#openOf(id: string): void {
		const row = this.#rows.get(id);
		if (row) this.#open(row.person);
	}

	/** By name: a row that moved while somebody reads it would be lost. */
	#order(): void {
		let there = this.#body.firstElementChild;
		for (const { id } of this.#byName([...this.#rows.values()].map(({ person }) => person))) {
			const element = this.#rows.get(id)?.element;
			if (!element) continue;
			if (element === there) there = there.nextElementSibling;
			else this.#body.insertBefore(element, there);
		}
	}

	#byName(people: FeedPerson[]): FeedPerson[] {
		const { compare } = new Intl.Collator(this.#context.language, { numeric: true });
		return people.sort((a, b) => compare(a.name, b.name));
	}
}

/** Lessons in which anybody is, or has done something: a course has many that nobody has come to yet. */
function begunLessons({ steps }: FeedRoom, people: ReadonlyMap<string, FeedPerson>): [string, number[]][] {
	const begun = new Set<number>();
	for (const { marks, at } of people.values()) {
		begun.add(at);
		for (const [index, mark] of [...marks].entries()) if (mark !== stepMarks.todo) begun.add(index);
	}
	const all = steps.map(({ lesson }, index) => ({ lesson, index }));
	return [...groupBy(all, ({ lesson }) => lesson)]
		.map(([lesson, own]): [string, number[]] => [lesson, own.map(({ index }) => index)])
		.filter(([, own]) => own.some((index) => begun.has(index)));
}

/** The marks of one lesson: signs for the eye, in runs of the same, and a sentence for whoever listens. */
function marksOf({ marks, at }: FeedPerson, steps: number[], t: PageContext['t']): HTMLElement {
	const runs: { mark: StepMark; here: boolean; length: number }[] = [];
	const count = { passed: 0, failed: 0, error: 0, todo: 0 };
	for (const index of steps) {
		const mark = (marks[index] ?? stepMarks.todo) as StepMark;
		const here = index === at;
		count[classes[mark] as keyof typeof count]++;
		const last = runs.at(-1);
		if (last && last.mark === mark && !last.here && !here) last.length++;
		else runs.push({ mark, here, length: 1 });
	}
	const seen = make('span', { class: 'marks', 'aria-hidden': 'true' });
	for (const { mark, here, length } of runs)
		seen.append(make('span', { class: `mark ${classes[mark]}${here ? ' at' : ''}` }, signs[mark].repeat(length)));
	const words = fill(t.marksWords, { passed: count.passed, count: steps.length });
	const wrong = count.failed + count.error;
	const heard = make('span', { class: 'sr-only' }, wrong > 0 ? `${words}, ${counted(wrong, t.oneNotYet, t.manyNotYet)}` : words);
	return make('span', {}, seen, heard);
}
