/** Raised hands: who asks for help at which step, who is on the way, and everybody's place. Kept in the store: a restart lowers none. */
import { randomBytes } from 'node:crypto';
import type { Course } from '../../src/shared/course/course.ts';
import type { Language } from '../../src/shared/language.ts';
import type { StepReport } from '../../src/shared/protocol/api.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { FeedHand } from '../../src/shared/protocol/room-feed.ts';
import type { MemberState } from '../../src/shared/protocol/room-member.ts';
import { bareLab, type Lab } from '../labs/lab.ts';
import { plain } from '../platform/names.ts';
import type { People } from '../store/people.ts';
import type { HandRow, HandRows } from '../store/room-hands.ts';
import type { RoomPersonRow, RoomRow, Rooms } from '../store/rooms.ts';
import type { LearnerRow, Store } from '../store/store.ts';

/** Letters of a command or a sentence that go with a hand. */
const longest = 300;

interface HandsDeps {
	store: Pick<Store, 'lastCommand'> & { hands: HandRows; rooms: Rooms; people: People };
	courses: readonly Course[];
	steps: { reports(lab: Lab, lesson: string | undefined, language: Language): StepReport[] };
	/** ms since 1970 */
	now: () => number;
}

export interface Raise {
	lesson: string;
	step: string;
	line?: string | undefined;
	/** Who raises it has been told that it is leave to look; it is none where the room is not set so. */
	looks?: boolean;
}

export class Hands {
	readonly #deps: HandsDeps;
	readonly #listeners = new Set<(room: string, learners: ReadonlySet<string>) => void>();
	/** Of each room, as they were read last: for all pages that are told of them in one go. */
	readonly #read = new Map<string, HandRow[]>();

	constructor(deps: HandsDeps) {
		this.#deps = deps;
	}

	/** Told of rooms whose hands have changed, and whom it concerns: those whose hands are or were up; until the returned function is called. */
	subscribe(listener: (room: string, learners: ReadonlySet<string>) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/**
	 * Raises the learner's hand, or says anew why it is up: then it keeps its place, and whoever is on the way.
	 * @param language in which the last verdict is told to those who help
	 * @throws Refusal room-closed, not-found
	 */
	raise(room: RoomRow, learner: LearnerRow, { lesson, step, line, looks = false, language }: Raise & { language: Language }): void {
		if (room.state !== 'open') throw new Refusal('room-closed', room.id);
		const course = this.#deps.courses.find(({ slug }) => slug === room.course);
		const found = course?.lessons.find(({ slug }) => slug === lesson)?.steps.some(({ id }) => id === step);
		if (!course || !found) throw new Refusal('not-found', `${room.course}/${lesson}/${step}`);
		const lab = bareLab({ owner: learner, course });
		const before = this.#rowOf(room.id, learner.id);
		const text = line === undefined ? '' : shown(line);
		const report = this.#deps.steps.reports(lab, lesson, language).find((one) => one.step === step);
		const command = this.#deps.store.lastCommand(lab.key);
		this.#deps.store.hands.put({
			id: before?.id ?? randomBytes(6).toString('hex'),
			room: room.id,
			learner: learner.id,
			lesson,
			step,
			line: text === '' ? undefined : text,
			verdict: report?.message && shown(report.message),
			command: command && shown(command),
			since: before?.since ?? this.#deps.now(),
			takenBy: before?.takenBy,
			looks: looks && room.handLooks,
		});
		this.#tell(room.id, learner.id);
	}

	/** By whose hand it is. Idempotent. */
	lower(room: string, learner: string): void {
		const row = this.#rowOf(room, learner);
		if (row) this.#remove(room, row.id);
	}

	/**
	 * "I am on my way"; again, or in somebody's place: it is theirs now.
	 * @param seen who is on the way as they know it, null for nobody; undefined: whoever it is
	 * @throws Refusal not-found; hand-taken: somebody else is, of whom they do not know
	 */
	take(room: string, id: string, by: string, seen?: string | null): void {
		const row = this.#deps.store.hands.of(room).find((one) => one.id === id);
		if (!row) throw new Refusal('not-found', `hand ${id}`);
		const { takenBy } = row;
		if (takenBy !== undefined && takenBy !== by && seen !== undefined && takenBy !== seen)
			throw new Refusal('hand-taken', `hand ${id}`, { values: { name: takenBy } });
		this.#deps.store.hands.put({ ...row, takenBy: by });
		this.#tell(room, row.learner);
	}

	/** By who has helped. @throws Refusal not-found */
	close(room: string, id: string): void {
		if (!this.#remove(room, id)) throw new Refusal('not-found', `hand ${id}`);
	}

	/** For those who help; who has waited longest comes first. */
	of(room: string): FeedHand[] {
		const { store } = this.#deps;
		const people = new Map(store.rooms.people(room).map((person) => [person.learner, person]));
		return store.hands.of(room).flatMap((row) => {
			const person = people.get(row.learner);
			const learner = store.people.learner(row.learner);
			return person && learner ? [feedHand(row, person, learner)] : [];
		});
	}

	/** As its learner sees it; undefined while it is not up. */
	mine(room: string, learner: string): MemberState['hand'] {
		const rows = this.#rows(room);
		const row = rows.find((one) => one.learner === learner);
		if (!row) return undefined;
		const { lesson, step, line, since, takenBy, looks } = row;
		const waiting = rows.filter((one) => one.takenBy === undefined);
		const place = Math.max(1, waiting.indexOf(row) + 1);
		return { lesson, step, ...(line !== undefined && { line }), since, place, ...(takenBy !== undefined && { takenBy }), looks };
	}

	#rowOf(room: string, learner: string): HandRow | undefined {
		return this.#deps.store.hands.of(room).find((row) => row.learner === learner);
	}

	#remove(room: string, id: string): boolean {
		const learner = this.#deps.store.hands.of(room).find((row) => row.id === id)?.learner;
		if (learner === undefined || !this.#deps.store.hands.remove(room, id)) return false;
		this.#tell(room, learner);
		return true;
	}

	/** A room's hands, read once until what runs now is done: a change by somebody else waits for that anyway. */
	#rows(room: string): HandRow[] {
		const known = this.#read.get(room);
		if (known) return known;
		const rows = this.#deps.store.hands.of(room);
		this.#read.set(room, rows);
		queueMicrotask(() => this.#read.clear());
		return rows;
	}

	#tell(room: string, learner: string): void {
		this.#read.clear();
		const learners = new Set([learner, ...this.#deps.store.hands.of(room).map((row) => row.learner)]);
		for (const listener of [...this.#listeners]) listener(room, learners);
	}
}

/** What people and programs wrote, as one line that says what it shows. */
const shown = (text: string): string => plain(text).slice(0, longest);

function feedHand(
	{ id, lesson, step, line, verdict, command, since, takenBy, looks }: HandRow,
	{ name }: RoomPersonRow,
	learner: LearnerRow,
): FeedHand {
	return {
		id,
		learner: learner.name,
		name,
		lesson,
		step,
		...(line !== undefined && { line }),
		...(verdict !== undefined && { verdict }),
		...(command !== undefined && { command }),
		since,
		...(takenBy !== undefined && { takenBy }),
		looks,
	};
}
