/** "Look up, please", gates and exercise clocks of rooms. Kept in the store, by the server's clock: a restart changes nothing. */
import type { Course } from '../../src/shared/course/course.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { Pace, PaceRequest } from '../../src/shared/protocol/room-pace.ts';
import type { PaceRows } from '../store/room-pace.ts';
import type { RoomRow } from '../store/rooms.ts';

const minute = 60_000;
/** A clock that has run out is shown for so long, ms: somebody may come back from the corridor. */
const lingerMs = 5 * minute;

type RoomPlan = Pick<RoomRow, 'id' | 'state' | 'course' | 'lessons'>;
type StepName = { lesson: string; step: string };

interface PacesDeps {
	store: { paces: PaceRows };
	courses: readonly Course[];
	/** ms since 1970 */
	now: () => number;
}

export class Paces {
	readonly #deps: PacesDeps;
	readonly #listeners = new Set<(room: string) => void>();

	constructor(deps: PacesDeps) {
		this.#deps = deps;
	}

	/** Told of rooms in which something was said, until the returned function is called. What ends by its time, nobody is told of. */
	subscribe(listener: (room: string) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** What holds at this moment; nothing in a room that is not open, or at a step that is not the room's any more. */
	of(room: RoomPlan): Pace {
		if (room.state !== 'open') return {};
		const now = this.#deps.now();
		const { attention, gate, clock } = this.#deps.store.paces.of(room.id);
		return {
			...(attention && attention.until > now && { attention }),
			...(gate && this.#isKnown(room, gate) && { gate }),
			...(clock && clock.ends + lingerMs > now && this.#isKnown(room, clock) && { clock }),
		};
	}

	/**
	 * What is left out of the request stays as it is.
	 * @param by name of the trainer
	 * @returns what holds from now on
	 * @throws Refusal room-closed; not-found: a step that is not the room's, or more time where no clock runs
	 */
	set(room: RoomRow, request: PaceRequest, by: string): Pace {
		if (room.state !== 'open') throw new Refusal('room-closed', room.id);
		const { attention, gate, clock } = request;
		const pace = this.of(room);
		const now = this.#deps.now();
		if (attention === null) delete pace.attention;
		else if (attention) pace.attention = { by, until: now + attention.seconds * 1000 };
		if (gate === null) delete pace.gate;
		else if (gate) pace.gate = this.#known(room, gate);
		if (clock === null) delete pace.clock;
		else if (clock) pace.clock = this.#clock(room, pace.clock, clock);
		this.#deps.store.paces.put(room.id, pace);
		for (const listener of [...this.#listeners]) listener(room.id);
		return pace;
	}

	/** More time after the end runs from now: it is what people will have. */
	#clock(room: RoomRow, running: Pace['clock'], asked: NonNullable<PaceRequest['clock']>): NonNullable<Pace['clock']> {
		const now = this.#deps.now();
		if (!('more' in asked)) return { ...this.#known(room, asked), ends: now + asked.minutes * minute };
		if (!running) throw new Refusal('not-found', `a clock in room ${room.id}`);
		return { ...running, ends: Math.max(now, running.ends) + asked.more * minute };
	}

	#known(room: RoomRow, { lesson, step }: StepName): StepName {
		if (!this.#isKnown(room, { lesson, step })) throw new Refusal('not-found', `${lesson}/${step} in room ${room.id}`);
		return { lesson, step };
	}

	#isKnown({ course: slug, lessons }: RoomPlan, { lesson, step }: StepName): boolean {
		const inRoom = lessons.length === 0 || lessons.includes(lesson);
		const course = this.#deps.courses.find((one) => one.slug === slug);
		return inRoom && course?.lessons.find((one) => one.slug === lesson)?.steps.some(({ id }) => id === step) === true;
	}
}
