/** A trainer's page of one room: how people get in, and the class at a glance. A helper's is in helper-page.ts. */

import { pageAddress } from '../../shared/page-names.ts';
import type { FeedPerson } from '../../shared/protocol/room-feed.ts';
import { make } from '../dom.ts';
import { Newest } from '../lesson/newest.ts';
import { CardsPanel } from './cards-panel.ts';
import { ClassGrid } from './class-grid.ts';
import { type PageContext, roomOfAddress, Titles } from './context.ts';
import { type RoomView as FeedView, followRoom } from './feed.ts';
import { commandList, needNodes, sentenceList } from './figures.ts';
import { span } from './format.ts';
import { manageButtons } from './manage.ts';
import { PacePanel } from './pace-panel.ts';
import { openPerson } from './person-dialog.ts';
import { Queue } from './queue.ts';
import type { RoomView } from './room-api.ts';
import { problemsOf } from './room-form.ts';
import { sayForm } from './say.ts';
import { shareBlock } from './share.ts';
import { whereNodes } from './where.ts';

/** How often times that pass are told anew, ms. */
const tickMs = 15_000;

/** @throws Refused */
export async function showRoom(context: PageContext): Promise<void> {
	const me = await context.api.me(roomOfAddress());
	if (me.room.role === 'helper') return (await import('./helper-page.ts')).showHelper(context, me);
	new RoomPage(context, await context.api.room(me.room.id)).follow();
}

/** A part of the page, with its title. */
function panel(id: string, title: string, ...content: Node[]): { element: HTMLElement; body: HTMLElement } {
	const body = make('div', { class: 'panel-body' }, ...content);
	return {
		element: make(
			'section',
			{ class: `panel panel-${id}`, 'aria-labelledby': `panel-${id}` },
			make('h2', { id: `panel-${id}` }, title),
			body,
		),
		body,
	};
}

class RoomPage {
	readonly #context: PageContext;
	readonly #titles: Titles;
	readonly #head = make('header', { class: 'room-head' });
	readonly #connection = make('p', { class: 'room-said', role: 'status' });
	readonly #hands;
	readonly #queue: Queue;
	readonly #need;
	readonly #where;
	readonly #sentences;
	readonly #commands;
	readonly #say;
	readonly #pace: PacePanel;
	readonly #lead;
	readonly #cards: CardsPanel;
	readonly #grid: ClassGrid;
	readonly #newest = new Newest();
	#room: RoomView;
	#view: FeedView | undefined;

	constructor(context: PageContext, room: RoomView) {
		const { t, courses, frame } = context;
		this.#context = context;
		this.#room = room;
		this.#titles = new Titles(courses.find(({ slug }) => slug === room.course));
		this.#grid = new ClassGrid(context, this.#titles, (person) => this.#open(person));
		this.#queue = new Queue(context, this.#titles, room.id);
		this.#hands = panel('hands', t.handsTitle, this.#queue.element);
		this.#need = panel('need', t.needTitle);
		this.#where = panel('where', t.whereTitle);
		this.#sentences = panel('sentences', t.sentencesTitle);
		this.#commands = panel('commands', t.commandsTitle);
		this.#say = panel('say', t.sayTitle);
		this.#pace = new PacePanel(context, this.#titles, room.id);
		this.#lead = panel('pace', t.paceTitle, this.#pace.element);
		this.#cards = new CardsPanel(context, room.id);
		const cards = panel('cards', t.cardsTitle, this.#cards.element);
		const grid = panel('grid', t.gridTitle, legend(t), this.#grid.element);
		const problems = problemsOf(context, { ...room, problems: this.#problemsOfCreation() });
		const column = (name: string, ...panels: { element: HTMLElement }[]) =>
			make('div', { class: `room-column ${name}` }, ...panels.map(({ element }) => element));
		const columns = make(
			'div',
			{ class: 'room-columns' },
			column('urgent', this.#hands, this.#need),
			column('class', grid, this.#where),
			column('rest', this.#lead, this.#say, cards, this.#sentences, this.#commands),
		);
		frame.replaceChildren(this.#head, ...(problems ? [problems] : []), this.#connection, columns);
		this.#showHead();
	}

	/** Lines of the list of names that were not understood when the room was made, told once. */
	#problemsOfCreation(): NonNullable<RoomView['problems']> {
		const key = `problems-${this.#room.id}`;
		const kept = sessionStorage.getItem(key);
		sessionStorage.removeItem(key);
		return JSON.parse(kept ?? '[]');
	}

	follow(): void {
		const { t, language } = this.#context;
		followRoom(this.#room.id, 'feed', language, {
			changed: (view) => this.#show(view),
			connected: (is) => {
				this.#connection.textContent = is ? '' : t.connectionLost;
			},
			over: (_, message) => {
				this.#connection.textContent = message;
			},
		});
		setInterval(() => this.#tick(), tickMs);
	}

	#showHead(): void {
		const { t, language } = this.#context;
		const room = this.#room;
		const course = this.#context.courses.find(({ slug }) => slug === room.course)?.title ?? room.course;
		const title = document.querySelector('h1');
		if (title) title.textContent = room.title;
		document.title = `${room.title} | Établi`;
		const manager = {
			context: this.#context,
			room: () => this.#room,
			changed: (changed: RoomView) => {
				this.#newest.told('room');
				this.#room = changed;
				this.#showHead();
			},
		};
		const pressable = () => [...this.#head.querySelectorAll<HTMLElement>('a, button')];
		const at = pressable().indexOf(document.activeElement as HTMLElement);
		this.#head.replaceChildren(
			make(
				'p',
				{ class: 'room-facts' },
				make('a', { href: pageAddress('rooms', language) }, t.roomsTitle),
				` › ${course} · ${span(room.starts, room.ends, language)} · `,
				make('strong', { class: 'room-state', 'data-state': room.state }, t[room.state]),
			),
			shareBlock(this.#context, room),
			make('div', { class: 'room-actions' }, ...manageButtons(manager)),
		);
		// Whoever has opened or closed the room by the keyboard goes on from there.
		pressable()[at]?.focus();
	}

	#show(view: FeedView): void {
		const before = this.#view;
		this.#view = view;
		const { room, counts, sentences = [], commands = [] } = view;
		if (!room || !counts) return;
		// Another trainer, or the command line, has changed it.
		if (before?.room && before.room !== room) void this.#reload();
		// What is being written stays when the room is opened, closed or named anew.
		if (JSON.stringify(before?.room?.steps) !== JSON.stringify(room.steps))
			this.#say.body.replaceChildren(sayForm(this.#context, { room, titles: this.#titles }));
		if (before?.counts !== counts || before.room !== room)
			this.#where.body.replaceChildren(...whereNodes(this.#context, { titles: this.#titles, room, counts, heading: 'h3' }));
		if (before?.sentences !== sentences) this.#sentences.body.replaceChildren(...sentenceList(this.#context, this.#titles, sentences));
		if (before?.commands !== commands) this.#commands.body.replaceChildren(...commandList(this.#context, commands));
		if (before?.cards !== view.cards || before?.room?.state !== room.state) this.#cards.show(view.cards ?? [], room.state === 'open');
		if (before?.hands !== view.hands) this.#queue.show(view.hands ?? [], this.#now);
		this.#grid.show(room, view.people, this.#now);
		this.#lead.element.hidden = room.state !== 'open';
		this.#pace.show({ room, people: [...view.people.values()], pace: view.pace ?? {}, now: this.#now });
		this.#showNeed();
	}

	async #reload(): Promise<void> {
		try {
			const ask = () => this.#context.api.room(this.#room.id);
			await this.#newest.take('room', ask, (room) => {
				this.#room = room;
				this.#showHead();
			});
		} catch {
			// The feed itself says what is wrong: its next message is that nothing follows, or that the connection is lost.
		}
	}

	get #now(): number {
		return Date.now() + (this.#view?.ahead ?? 0);
	}

	#showNeed(): void {
		const { room, people } = this.#view ?? {};
		if (!room || !people) return;
		// The keyboard is on somebody: the order changes when it has moved on.
		if (this.#need.body.contains(document.activeElement)) return;
		const nodes = needNodes({
			context: this.#context,
			titles: this.#titles,
			room,
			people: people.values(),
			now: this.#now,
			open: (person) => this.#open(person),
		});
		this.#need.body.replaceChildren(...nodes);
	}

	#tick(): void {
		this.#grid.tick(this.#now);
		this.#queue.tick(this.#now);
		this.#showNeed();
	}

	#open(person: FeedPerson): void {
		const { room, people, hands = [] } = this.#view ?? {};
		if (!room) return;
		const byHand = hands.some(({ learner, looks }) => learner === person.id && looks);
		openPerson(this.#context, { person: people?.get(person.id) ?? person, room, titles: this.#titles, byHand });
	}
}

/** What the grid's signs mean. */
function legend(t: PageContext['t']): HTMLElement {
	const entry = (kind: string, sign: string, word: string) =>
		make('li', {}, make('span', { class: `mark ${kind}`, 'aria-hidden': 'true' }, sign), word);
	return make(
		'ul',
		{ class: 'legend' },
		entry('passed', '✓', t.passed),
		entry('failed', '✗', t.failed),
		entry('error', '!', t.error),
		entry('todo', '·', t.todo),
		entry('todo at', '·', t.legendAt),
	);
}
