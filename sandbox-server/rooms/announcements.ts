/** What a trainer says to people of the room. Who delivers it to their pages subscribes. */
import type { AnnounceRequest } from '../../src/shared/protocol/room-feed.ts';
import type { RoomRow } from '../store/rooms.ts';
import type { RoomFeeds } from './room-feeds.ts';

export interface Announcement {
	/** Id of the room. */
	room: string;
	/** Ids of the learners whom it is for. */
	learners: ReadonlySet<string>;
	text: string;
	/** Name of the trainer, as in the room. */
	from: string;
	/** ms since 1970 */
	at: number;
}

type Listener = (announcement: Announcement) => void;

export class Announcements {
	readonly #feeds: Pick<RoomFeeds, 'board'>;
	readonly #now: () => number;
	readonly #listeners = new Set<Listener>();

	constructor({ feeds, now }: { feeds: Pick<RoomFeeds, 'board'>; now: () => number }) {
		this.#feeds = feeds;
		this.#now = now;
	}

	/** Until the returned function is called. */
	subscribe(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** @returns for how many it is, and how many of them have a page open */
	say(room: RoomRow, { text, to }: AnnounceRequest, from: string): { people: number; here: number } {
		const meant = this.#feeds.board(room).whereabouts.filter(({ name, at }) => {
			if (to === 'all') return true;
			return 'learner' in to ? name === to.learner : at?.lesson === to.lesson && at.step === to.step;
		});
		const learners = new Set(meant.map(({ learner }) => learner));
		const announcement = { room: room.id, learners, text, from, at: this.#now() };
		for (const listener of [...this.#listeners]) listener(announcement);
		return { people: learners.size, here: meant.filter(({ pages }) => pages > 0).length };
	}
}
