/** How many people rooms expect about now: for each a workbench is made ahead, and given to whoever comes first. */
import type { Rooms } from '../store/rooms.ts';
import type { Store } from '../store/store.ts';

const minuteMs = 60_000;
/** Workbenches are made from so long before a room begins, ms: a hundred take some minutes, beside whatever else goes on. */
export const aheadMs = 20 * minuteMs;
/** Who has not come by so long after its beginning is not waited for, ms. */
export const lateMs = 45 * minuteMs;
/** For so long it is known which rooms begin, ms: that is asked for each time that somebody gets a workbench. */
const goodMs = 5000;

interface ExpectedDeps {
	store: Pick<Store, 'sandboxes'> & { rooms: Rooms };
	/** ms since 1970 */
	now: () => number;
}

interface Beginning {
	course: string;
	expected: number;
	/** Ids of who learns in it, and has had a workbench since they are made ahead. After a restart, who has one: a workbench too many does no harm. */
	served: Set<string>;
}

export class Expected {
	readonly #deps: ExpectedDeps;
	/** By id: rooms that are open, and begin about now. A room that is only planned may have been forgotten. */
	#rooms = new Map<string, Beginning>();
	#read = Number.NEGATIVE_INFINITY;

	constructor(deps: ExpectedDeps) {
		this.#deps = deps;
	}

	/**
	 * Who has joined a room has not come yet, who has a workbench has: else those that are ready would be ended while their people are on the way.
	 * @param course its slug
	 * @returns people of its rooms who are still to get a workbench, at this hour
	 */
	of(course: string): number {
		const now = this.#deps.now();
		if (Math.abs(now - this.#read) >= goodMs) {
			this.#read = now;
			this.#rooms = this.#beginning(now);
		}
		const beginning = [...this.#rooms].filter(([, room]) => room.course === course);
		if (beginning.length === 0) return 0;
		const { store } = this.#deps;
		const having = store.sandboxes().flatMap(({ learner, course: of }) => (of === course && learner ? [learner] : []));
		return beginning.reduce((sum, [id, { expected, served }]) => {
			for (const learner of having) if (!served.has(learner) && store.rooms.person(id, learner)?.role === 'learner') served.add(learner);
			return sum + Math.max(0, expected - served.size);
		}, 0);
	}

	#beginning(now: number): Map<string, Beginning> {
		const due = this.#deps.store.rooms
			.rooms()
			.filter(({ state, starts, ends }) => state === 'open' && now >= starts - aheadMs && now < Math.min(ends, starts + lateMs));
		const served = (id: string) => this.#rooms.get(id)?.served ?? new Set<string>();
		return new Map(due.map(({ id, course, expected }) => [id, { course, expected, served: served(id) }]));
	}
}
