/** What the open lesson pages of a room's people are told of it: their hand, what trainers said to them, where the trainer is. */
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { MemberState } from '../../src/shared/protocol/room-member.ts';
import type { Lab } from '../labs/lab.ts';
import { type Clock, every } from '../platform/clock.ts';
import type { Watchable } from '../sandboxes/terminal.ts';
import type { RoomPersonRow, RoomRow, Rooms } from '../store/rooms.ts';
import type { Announcement } from './announcements.ts';
import type { Cards } from './cards.ts';
import type { Hands } from './hands.ts';
import type { Looks } from './looks.ts';
import type { Paces } from './paces.ts';
import { isHeld } from './recorder.ts';
import type { Shows } from './shows.ts';

/** Rooms may be changed by the command line too, which tells nobody, ms. */
const lookMs = 5000;
/** What happens at once is told at once, ms. */
const gatherMs = 50;
/** Of what trainers said, this many are kept for pages that come back, for so long, ms. */
const mostNotes = 3;
const noteMs = 30 * 60_000;

interface AttendanceDeps {
	store: { rooms: Rooms };
	hands: Hands;
	looks: Looks;
	paces: Paces;
	cards: Cards;
	shows: Shows;
	announcements: { subscribe(listener: (announcement: Announcement) => void): () => void };
	clock: Clock;
}

/** Whose pages may have to be told something, by ids of learners; undefined: anybody's. */
type Listener = (learners: ReadonlySet<string> | undefined) => void;

interface Leading {
	learner: string;
	by: string;
	lesson: string;
	step: string;
}

const hasLesson = ({ lessons }: RoomRow, lesson: string): boolean => lessons.length === 0 || lessons.includes(lesson);

export class Attendance {
	readonly #deps: AttendanceDeps;
	readonly #listeners = new Set<Listener>();
	/** The newest at the end, of all rooms. */
	#said: (Announcement & { id: string })[] = [];
	#number = 0;
	/** Where each room's trainer leads to; forgotten when the server ends. */
	readonly #leading = new Map<string, Leading>();
	#gathering = false;
	/** Rooms of which there is something to tell to all, and learners, by their ids, who are to be told something besides. */
	#touched = { rooms: new Set<string>(), learners: new Set<string>() };

	constructor(deps: AttendanceDeps) {
		this.#deps = deps;
		deps.hands.subscribe((_, learners) => {
			deps.looks.sweep(); // a helper looks while a hand is up
			this.#changed({ learners });
		});
		deps.looks.subscribe((learner) => this.#changed({ learners: [learner] }));
		deps.paces.subscribe((room) => this.#changed({ room }));
		deps.cards.subscribe((room, learner) => this.#changed(learner === undefined ? { room } : { learners: [learner] }));
		deps.shows.subscribe((room) => this.#changed({ room }));
		deps.announcements.subscribe((announcement) => {
			const oldest = deps.clock.now() - noteMs;
			this.#said = [...this.#said.filter(({ at }) => at > oldest), { ...announcement, id: `${announcement.at}-${this.#number++}` }];
			this.#changed({ learners: announcement.learners });
		});
	}

	/** Told when pages may have to be told something, and whose, until the returned function is called. */
	subscribe(listener: Listener): () => void {
		this.#listeners.add(listener);
		const action = () => {
			this.#deps.looks.sweep();
			this.#deps.shows.sweep();
			this.#deps.cards.sweep();
			listener(undefined);
		};
		const stop = every({ clock: this.#deps.clock, ms: lookMs, action });
		return () => {
			this.#listeners.delete(listener);
			stop();
		};
	}

	/** A room, or who is in it, has been changed by its own people: pages are told at once, and what is not allowed any more ends before. */
	touch(changed: { room: string } | { learners: readonly string[] }): void {
		this.#deps.looks.sweep();
		this.#deps.shows.sweep();
		this.#changed(changed);
	}

	/** What a page of the lab's course is told; undefined: its learner is in no room that is held. */
	stateOf(lab: Lab): MemberState | undefined {
		const at = this.#roomOf(lab);
		return at && this.#state(at.room, at.person);
	}

	/** What a trainer of that room shows to the lab's learner; undefined: nothing. */
	shownTo(lab: Lab): { id: string; look(): Watchable } | undefined {
		const { shows } = this.#deps;
		const room = this.#roomOf(lab)?.room;
		const show = room && shows.of(room);
		return show && { id: show.id, look: () => shows.look(room) };
	}

	/** Where the lab's learner is, and as whom. */
	#roomOf(lab: Lab): { room: RoomRow; person: RoomPersonRow } | undefined {
		const { rooms } = this.#deps.store;
		const now = this.#deps.clock.now();
		const joined = rooms
			.rooms(lab.owner.id)
			.filter((room) => room.course === lab.course.slug && isHeld(room, now))
			.flatMap((room) => {
				const person = rooms.person(room.id, lab.owner.id);
				return person ? [{ room, person }] : [];
			});
		// Of several, such as one that was forgotten open, the one that they came to last.
		const [last] = joined.sort((a, b) => b.person.joined - a.person.joined);
		return last;
	}

	/** Whether the lab's learner is in any room, held or not: their pages may show one that is over. */
	isMember(lab: Lab): boolean {
		return this.#deps.store.rooms.rooms(lab.owner.id).length > 0;
	}

	/** "Follow me": the step that everybody is asked to come along to; undefined: no longer. @throws Refusal not-found: a lesson that is not the room's */
	lead(room: RoomRow, { learner, name }: RoomPersonRow, to: { lesson: string; step: string } | undefined): void {
		if (to && !hasLesson(room, to.lesson)) throw new Refusal('not-found', `${to.lesson} in room ${room.id}`);
		if (to) this.#leading.set(room.id, { learner, by: name, lesson: to.lesson, step: to.step });
		else this.#leading.delete(room.id);
		this.#changed({ room: room.id });
	}

	/** Somebody has gone on to another step. If they lead, their room's people are asked to come along to it; other courses and lessons are their own. */
	wentTo({ owner, course }: Lab, lesson: string, step: string): void {
		const known = course.lessons.find(({ slug }) => slug === lesson)?.steps.some(({ id }) => id === step);
		if (!known) return;
		for (const [id, { learner }] of [...this.#leading]) {
			if (learner !== owner.id) continue;
			const room = this.#deps.store.rooms.room(id);
			const leading = room && this.#leadOf(room);
			if (!leading || room.course !== course.slug || !hasLesson(room, lesson)) continue;
			if (leading.lesson === lesson && leading.step === step) continue;
			Object.assign(leading, { lesson, step });
			this.#changed({ room: id });
		}
	}

	/** Ends with the room's being open, and when the leader is no longer in it. */
	#leadOf({ id, state }: RoomRow): Leading | undefined {
		const leading = this.#leading.get(id);
		if (!leading || (state === 'open' && this.#deps.store.rooms.person(id, leading.learner))) return leading;
		this.#leading.delete(id);
		return undefined;
	}

	#state(room: RoomRow, person: RoomPersonRow): MemberState {
		const { id, title, state } = room;
		const hand = this.#deps.hands.mine(id, person.learner);
		const leading = this.#leadOf(room);
		// Trainers and helpers are not asked.
		const card = person.role === 'learner' ? this.#deps.cards.mine(room, person.learner) : undefined;
		const show = this.#deps.shows.of(room);
		const mine = show?.owner.id === person.learner;
		const oldest = this.#deps.clock.now() - noteMs;
		const notes = this.#said
			.filter(({ room: of, learners, at }) => of === id && learners.has(person.learner) && at > oldest)
			.slice(-mostNotes)
			.map((note) => ({ id: note.id, from: note.from, text: note.text, at: note.at }));
		return {
			id,
			title,
			state,
			role: person.role,
			handLooks: room.handLooks,
			...(hand && { hand }),
			notes,
			...(leading && { follow: { by: leading.by, lesson: leading.lesson, step: leading.step } }),
			pace: this.#deps.paces.of(room),
			...(card && { card }),
			...(show && {
				shown: { by: show.by, lesson: show.lesson, terminal: show.terminal, mine, ...(show.lent && { lent: true as const }) },
			}),
			looks: this.#deps.looks.mine(person.learner),
		};
	}

	#changed({ room, learners = [] }: { room?: string; learners?: Iterable<string> }): void {
		if (room !== undefined) this.#touched.rooms.add(room);
		for (const learner of learners) this.#touched.learners.add(learner);
		if (this.#gathering) return;
		this.#gathering = true;
		this.#deps.clock.after(gatherMs, () => {
			this.#gathering = false;
			this.#deps.looks.sweep(); // no page is told that nobody looks while somebody does
			this.#deps.shows.sweep();
			const { rooms, learners } = this.#touched;
			this.#touched = { rooms: new Set(), learners: new Set() };
			// The store may be closed by now when nobody listens any more.
			if (this.#listeners.size === 0) return;
			for (const id of rooms) for (const { learner } of this.#deps.store.rooms.people(id)) learners.add(learner);
			for (const listener of [...this.#listeners]) listener(learners);
		});
	}
}
