/**
 * A terminal that is shown to a room: a trainer's own, or a learner's while a look for all goes on. Which one, and to whom. In memory alone: after a
 * restart it is shown when the trainer presses again, or the learner says yes again.
 */
import { randomBytes } from 'node:crypto';
import type { Course } from '../../src/shared/course/course.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { bareLab, type Lab } from '../labs/lab.ts';
import type { LiveLabs } from '../labs/ports.ts';
import type { Shown } from '../sandboxes/terminal.ts';
import type { LearnerRow } from '../store/people.ts';
import type { RoomRow, Rooms } from '../store/rooms.ts';
import { isHeld } from './recorder.ts';

export interface Show {
	readonly id: string;
	/** The name in the room of whose it is. */
	readonly by: string;
	readonly owner: LearnerRow;
	readonly course: Course;
	readonly lesson: string;
	/** Its number. */
	readonly terminal: string;
	/** It is a learner's. Called once when it is shown no more: their leave is over with it. */
	readonly lent: (() => void) | undefined;
}

/** A learner's terminal, with their leave. */
export interface Lending {
	owner: LearnerRow;
	lesson: string;
	terminal: string;
	/** Called once when it is shown no more. */
	ended: () => void;
}

interface ShowsDeps {
	store: { rooms: Rooms };
	courses: readonly Course[];
	labs: Pick<LiveLabs, 'showTerminal'>;
	/** ms since 1970 */
	now: () => number;
}

export class Shows {
	readonly #deps: ShowsDeps;
	/** By room. */
	readonly #all = new Map<string, { show: Show; shown: Shown }>();
	readonly #listeners = new Set<(room: string) => void>();

	constructor(deps: ShowsDeps) {
		this.#deps = deps;
	}

	/** Told of each room where something else is shown than before, until the returned function is called. */
	subscribe(listener: (room: string) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/**
	 * Shows the trainer's terminal in place of what was shown: from the prompt on at which it stands.
	 * @throws Refusal room-closed, forbidden, not-found, no-sandbox, sandbox-busy, no-terminal
	 */
	start(room: RoomRow, owner: LearnerRow, { lesson, terminal }: { lesson: string; terminal: string }): void {
		if (this.#deps.store.rooms.person(room.id, owner.id)?.role !== 'trainer')
			throw new Refusal('forbidden', 'who is no trainer in the room');
		this.#begin(room, { owner, lesson, terminal });
	}

	/**
	 * Shows a learner's terminal, who has said yes, in place of what was shown.
	 * @returns what ends it, if it is still shown; idempotent
	 * @throws Refusal as `start`
	 */
	lend(room: RoomRow, lending: Lending): () => void {
		const { id } = this.#begin(room, lending);
		return () => {
			if (this.#all.get(room.id)?.show.id === id) this.stop(room.id);
		};
	}

	#begin(room: RoomRow, { owner, lesson, terminal, ended }: Omit<Lending, 'ended'> & Partial<Lending>): Show {
		const by = this.#deps.store.rooms.person(room.id, owner.id);
		const course = this.#deps.courses.find(({ slug }) => slug === room.course);
		if (room.state !== 'open') throw new Refusal('room-closed', room.id);
		if (!by) throw new Refusal('forbidden', 'who is not in the room');
		if (!course?.lessons.some(({ slug }) => slug === lesson)) throw new Refusal('not-found', `${lesson} in room ${room.id}`);
		const show = { id: randomBytes(6).toString('hex'), by: by.name, owner, course, lesson, terminal, lent: ended };
		const shown = this.#open(show);
		const before = this.#all.get(room.id);
		this.#all.set(room.id, { show, shown });
		before?.shown.close();
		before?.show.lent?.();
		this.#changed(room.id);
		return show;
	}

	/** By any trainer of the room. Idempotent. */
	stop(room: string): void {
		const present = this.#all.get(room);
		if (!present) return;
		this.#all.delete(room);
		present.shown.close();
		present.show.lent?.();
		this.#changed(room);
	}

	/** The lab whose terminal is shown is gone: what comes in its place is another, which nobody has said yes to show. */
	labEnded({ owner, course }: Pick<Lab, 'owner' | 'course'>): void {
		for (const [room, { show }] of [...this.#all]) if (show.owner.id === owner.id && show.course.slug === course.slug) this.stop(room);
	}

	/** What is shown to the room's people. */
	of(room: RoomRow): Show | undefined {
		return this.#isAllowed(room.id) ? this.#all.get(room.id)?.show : undefined;
	}

	/** The terminal that is shown, for one of the room's people to look at. @throws Refusal forbidden; as `start` when the trainer has no shell there at present */
	look(room: RoomRow): Shown {
		const present = this.of(room) && this.#all.get(room.id);
		if (!present) throw new Refusal('forbidden', `nothing is shown to room ${room.id}`);
		// Its shell has been replaced, or the sandbox was away for a moment.
		if (present.shown.over) present.shown = this.#open(present.show);
		return present.shown;
	}

	/** Ends what is not allowed any more: in a room that is not open, or by who is no trainer there; a learner's leave is looked after by `Looks`. */
	sweep(): void {
		for (const room of [...this.#all.keys()]) if (!this.#isAllowed(room)) this.stop(room);
	}

	#isAllowed(id: string): boolean {
		const present = this.#all.get(id);
		const room = this.#deps.store.rooms.room(id);
		if (!present || room?.state !== 'open' || !isHeld(room, this.#deps.now()) || room.course !== present.show.course.slug) return false;
		const person = this.#deps.store.rooms.person(room.id, present.show.owner.id);
		return present.show.lent ? person !== undefined : person?.role === 'trainer';
	}

	#open({ owner, course, lesson, terminal }: Show): Shown {
		return this.#deps.labs.showTerminal(bareLab({ owner, course }), { lesson, number: terminal });
	}

	#changed(room: string): void {
		for (const listener of [...this.#listeners]) listener(room);
	}
}
