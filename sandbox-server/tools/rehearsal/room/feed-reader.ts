/** A room's feed as a page reads it: server-sent events, put together to how the room stands. */
import type { FeedCard } from '../../../../src/shared/protocol/room-cards.ts';
import {
	type FeedCounts,
	type FeedEvent,
	type FeedHand,
	type FeedPerson,
	type FeedRoom,
	feedEventSchema,
} from '../../../../src/shared/protocol/room-feed.ts';

import { patience } from '../../testing/slowness.ts';

/** Until a feed that has ended is opened again, ms. */
const againMs = 500;

/** Who reads. */
interface FeedOwner {
	readonly address: string;
	readonly cookie: string;
}

export class FeedReader {
	room: FeedRoom | undefined;
	readonly people = new Map<string, FeedPerson>();
	hands: FeedHand[] = [];
	cards: FeedCard[] = [];
	wall: FeedCard[] = [];
	counts: FeedCounts | undefined;
	/** Snapshots so far: more than one after a lost connection. */
	snapshots = 0;
	/** What the server said with its end. */
	over: string | undefined;
	/** Told when a person of the grid stands differently. */
	onPerson: ((person: FeedPerson) => void) | undefined;
	readonly #client: FeedOwner;
	readonly #path: string;
	readonly #ended = new AbortController();
	readonly #waiting = new Set<() => void>();

	/** @param path of the feed; it is read, and opened again when it breaks off, until `close` */
	constructor(client: FeedOwner, path: string) {
		this.#client = client;
		this.#path = path;
		void this.#read();
	}

	close(): void {
		this.#ended.abort();
	}

	/** Resolves when `condition` holds. @throws Error naming `what` after `ms` on an ordinary machine */
	until(condition: () => boolean, what: string, ms = 60_000): Promise<void> {
		return new Promise((resolve, reject) => {
			const look = (): void => {
				if (!condition()) return;
				clearTimeout(timer);
				this.#waiting.delete(look);
				resolve();
			};
			const timer = setTimeout(() => {
				this.#waiting.delete(look);
				reject(new Error(`waiting for ${what} in ${this.#path}: not after ${patience(ms)} ms`));
			}, patience(ms));
			this.#waiting.add(look);
			look();
		});
	}

	async #read(): Promise<void> {
		const { signal } = this.#ended;
		while (!signal.aborted && this.over === undefined) {
			try {
				const { address, cookie } = this.#client;
				const response = await fetch(new URL(this.#path, address), { headers: { cookie }, signal });
				if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
				let unread = '';
				for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
					const events = (unread + text).split('\n\n');
					unread = events.pop() ?? '';
					for (const event of events) if (event.startsWith('data: ')) this.#take(feedEventSchema.parse(JSON.parse(event.slice(6))));
				}
			} catch (error) {
				// The server is away for a moment; a page opens the feed again too.
				if (!signal.aborted && error instanceof SyntaxError) throw error;
			}
			await new Promise((resolve) => setTimeout(resolve, againMs));
		}
	}

	#take(event: FeedEvent): void {
		if (event.type === 'over') this.over = event.code;
		else {
			if (event.type === 'snapshot') {
				this.snapshots++;
				this.people.clear();
				this.cards = [];
			}
			for (const learner of event.gone ?? []) this.people.delete(learner);
			for (const person of event.people ?? []) this.people.set(person.id, person);
			this.room = event.room ?? this.room;
			this.hands = event.hands ?? this.hands;
			for (const card of (event.cards ?? []).toReversed()) this.cards = [card, ...this.cards.filter(({ id }) => id !== card.id)];
			this.wall = event.wall ?? this.wall;
			this.counts = event.counts ?? this.counts;
			for (const person of event.people ?? []) this.onPerson?.(person);
		}
		for (const look of [...this.#waiting]) look();
	}
}
