/** How one room stands: its people's steps, counts, what most fail with. Read from the store and the labs, so that a restart changes nothing. */
import type { Course } from '../../src/shared/course/course.ts';
import type { FeedCard } from '../../src/shared/protocol/room-cards.ts';
import {
	type FeedCommand,
	type FeedCounts,
	type FeedHand,
	type FeedPerson,
	type FeedRoom,
	type FeedSentence,
	type StepMark,
	stepMarks,
} from '../../src/shared/protocol/room-feed.ts';
import type { Pace } from '../../src/shared/protocol/room-pace.ts';
import type { GlancedLabs } from '../labs/ports.ts';
import type { LearnerRow, People } from '../store/people.ts';
import type { RoomCommandRow, RoomStepRow, RoomWork } from '../store/room-work.ts';
import type { RoomPersonRow, RoomRow, Rooms } from '../store/rooms.ts';
import { groupCommands, groupSentences } from './grouping.ts';
import { type RoomStep, stepAt } from './where.ts';

/** By which a step is found. */
export type StepName = Pick<RoomStep, 'lesson' | 'step'>;

/** Who asks for help in a room; who has waited longest comes first. */
export interface Hands {
	of(room: string): FeedHand[];
}

export interface BoardDeps {
	store: { rooms: Rooms; people: People; roomWork: RoomWork };
	courses: readonly Course[];
	labs: GlancedLabs;
	hands: Hands;
	/** How each room is led through its time. */
	paces: { of(room: RoomRow): Pace };
	cards: { of(room: RoomRow): FeedCard[] };
}

/** What of a person follows from their verdicts. */
interface Work {
	marks: string;
	at: number;
	since: number;
	tries: number;
	/** Last verdict. */
	last: number;
}

interface Member {
	row: RoomPersonRow;
	learner: LearnerRow;
	/** By lesson and step, as in the store. */
	rows: Map<string, RoomStepRow>;
	passed: Set<string>;
	work: Work;
}

const keyOf = ({ lesson, step }: { lesson: string; step: string }) => `${lesson}/${step}`;

/** Everything that a view of the room may be told. */
export interface BoardSections {
	room: FeedRoom;
	people: FeedPerson[];
	counts: FeedCounts;
	hands: FeedHand[];
	sentences: FeedSentence[];
	commands: FeedCommand[];
	pace: Pace;
	cards: FeedCard[];
	wall: FeedCard[];
}

const commandKey = ({ learner, at, command }: RoomCommandRow) => `${learner} ${at} ${command}`;

/** Failed commands that are put together: the newest. */
const commandsKept = 2000;

export class Board {
	readonly #deps: BoardDeps;
	readonly #members = new Map<string, Member>();
	#room: RoomRow;
	#steps: RoomStep[] = [];
	/** When each learner last ended a command, ms. */
	readonly #lastCommands = new Map<string, number>();
	/** The newest that has been read, and those that failed. */
	#commandId = 0;
	#failed: RoomCommandRow[] = [];
	#sentences: FeedSentence[] = [];
	#commands: FeedCommand[] = [];

	constructor(deps: BoardDeps, room: RoomRow) {
		this.#deps = deps;
		this.#room = room;
		this.#readSteps();
		this.readPeople();
		this.readCommands();
		this.readSentences();
	}

	get room(): RoomRow {
		return this.#room;
	}

	/** Whether the learner works here. */
	has(learner: string): boolean {
		return this.#members.has(learner);
	}

	/** Who works here, by their ids, and where they are. */
	get whereabouts(): { learner: string; name: string; at: RoomStep | undefined; pages: number }[] {
		return [...this.#members.values()].map(({ learner, work }) => ({
			learner: learner.id,
			name: learner.name,
			at: this.#steps[work.at],
			pages: this.#glance(learner).pages,
		}));
	}

	/** Somebody may have come, gone, or taken another name; a trainer may have changed the room. @returns false: the room is no more */
	readRoom(): boolean {
		const room = this.#deps.store.rooms.room(this.#room.id);
		if (!room) return false;
		const other = room.course !== this.#room.course || room.lessons.join() !== this.#room.lessons.join();
		this.#room = room;
		if (other) {
			this.#readSteps();
			this.#members.clear();
		}
		this.readPeople();
		return true;
	}

	readPeople(): void {
		const { store } = this.#deps;
		const rows = store.rooms.people(this.#room.id).filter(({ role }) => role === 'learner');
		const here = new Set(rows.map(({ learner }) => learner));
		for (const id of this.#members.keys()) if (!here.has(id)) this.#members.delete(id);
		for (const row of rows) {
			const known = this.#members.get(row.learner);
			const learner = known?.learner ?? store.people.learner(row.learner);
			if (learner) this.#members.set(row.learner, known ? { ...known, row } : this.#member(row, learner));
		}
	}

	/** There have been verdicts on these steps of the learner. */
	readWork(learner: string, steps: Iterable<StepName>): void {
		const member = this.#members.get(learner);
		if (!member) return;
		const { roomWork } = this.#deps.store;
		for (const at of steps) {
			const key = keyOf(at);
			const row = roomWork.step(this.#room.id, learner, at);
			if (row) member.rows.set(key, row);
			if (roomWork.isPassed(this.#room.id, learner, at)) member.passed.add(key);
			else member.passed.delete(key);
		}
		member.work = this.#workOf(member);
	}

	/** Commands that have ended since this was last called. */
	readCommands(): void {
		const rows = this.#deps.store.roomWork.commands(this.#room.id, this.#commandId);
		for (const { id, learner, at } of rows) {
			this.#commandId = Math.max(this.#commandId, id);
			this.#lastCommands.set(learner, Math.max(at, this.#lastCommands.get(learner) ?? 0));
		}
		const ended = rows.filter((row) => row.failed);
		if (ended.length === 0) return;
		// A workbench that comes back brings its commands along, under other ids.
		const known = new Set(this.#failed.map(commandKey));
		const failed = ended.filter((row) => !known.has(commandKey(row)));
		this.#failed = [...this.#failed, ...failed].slice(-commandsKept);
		this.#commands = groupCommands(this.#failed);
	}

	readSentences(): void {
		this.#sentences = groupSentences(this.#deps.store.roomWork.sentences(this.#room.id));
	}

	sections(): BoardSections {
		const people = [...this.#members.values()].map((member) => this.#person(member));
		const hands = this.#deps.hands.of(this.#room.id);
		const cards = this.#deps.cards.of(this.#room);
		return {
			room: this.#feedRoom(),
			people,
			counts: countClass(people, this.#steps.length, hands.length),
			hands,
			sentences: this.#sentences,
			commands: this.#commands,
			pace: this.#deps.paces.of(this.#room),
			cards,
			wall: cards.filter(({ shown }) => shown).map(onWall),
		};
	}

	#feedRoom(): FeedRoom {
		const { id, title, course, state, code, starts, ends, expected } = this.#room;
		const steps = this.#steps.map(({ lesson, step }) => ({ lesson, step }));
		return { id, title, course, state, ...(code !== undefined && { code }), starts, ends, expected, steps };
	}

	#person({ row, learner, work }: Member): FeedPerson {
		const { state: lab, pages } = this.#glance(learner);
		const { marks, at, since, tries, last } = work;
		const seen = Math.max(row.joined, last, this.#lastCommands.get(learner.id) ?? 0);
		return { id: learner.name, name: row.name, pages, lab, marks, at, since, tries, seen };
	}

	#glance(owner: LearnerRow): ReturnType<GlancedLabs['glance']> {
		const course = this.#course;
		return course ? this.#deps.labs.glance({ owner, course }) : { state: 'none', pages: 0 };
	}

	get #course(): Course | undefined {
		return this.#deps.courses.find(({ slug }) => slug === this.#room.course);
	}

	#readSteps(): void {
		const { lessons } = this.#room;
		this.#steps = (this.#course?.lessons ?? [])
			.filter(({ slug }) => lessons.length === 0 || lessons.includes(slug))
			.flatMap(({ slug, steps }) => steps.map(({ id, check }) => ({ lesson: slug, step: id, checked: check !== undefined })));
	}

	#member(row: RoomPersonRow, learner: LearnerRow): Member {
		const { roomWork } = this.#deps.store;
		const rows = new Map(roomWork.steps(row.room, row.learner).map((one) => [keyOf(one), one]));
		const passed = new Set(roomWork.passed(row.room, row.learner).map(keyOf));
		return { row, learner, rows, passed, work: this.#workOf({ row, rows, passed }) };
	}

	#workOf({ row: { joined }, rows, passed }: Pick<Member, 'row' | 'rows' | 'passed'>): Work {
		const marks = this.#steps.map((step) => markOf(passed.has(keyOf(step)), rows.get(keyOf(step))));
		let newest: RoomStepRow | undefined;
		let since = joined;
		for (const row of rows.values()) {
			if (!newest || row.last >= newest.last) newest = row;
			since = Math.max(since, row.passed ?? 0);
		}
		const at = stepAt(this.#steps, marks, newest?.lesson);
		const here = this.#steps[at];
		return { marks: marks.join(''), at, since, tries: (here && rows.get(keyOf(here))?.tries) ?? 0, last: newest?.last ?? 0 };
	}
}

/** What people write is on the wall only once nobody can add to it, and its trainer has read it: before that, how many have written. */
function onWall(card: FeedCard): FeedCard {
	if (!card.open || !card.texts) return card;
	const { texts: _, ...rest } = card;
	return rest;
}

function markOf(passed: boolean, row: RoomStepRow | undefined): StepMark {
	if (passed) return stepMarks.passed;
	// Passed in the room, and taken back since.
	return row && row.state !== 'passed' ? stepMarks[row.state] : stepMarks.todo;
}

/** Of those who are here; while nobody is (before pages are back after a restart, too), of everybody. */
export function countClass(people: readonly FeedPerson[], steps: number, hands: number): FeedCounts {
	const present = people.filter(({ pages }) => pages > 0);
	const counted = present.length > 0 ? present : people;
	const at = Array.from({ length: steps + 1 }, (_, step) => counted.filter((one) => one.at === step).length);
	const sorted = counted.map((one) => one.at).sort((a, b) => a - b);
	const median = sorted[Math.floor((sorted.length - 1) / 2)];
	return { people: people.length, here: present.length, at, ...(median !== undefined && { median }), hands };
}
