/** Follows a room feed: keeps what it says put together, and connects again by itself. */
import type { FeedCard } from '../../shared/protocol/room-cards.ts';
import { type FeedEvent, type FeedPerson, feedEventSchema } from '../../shared/protocol/room-feed.ts';
import { backoff } from '../backoff.ts';

type Sections = Omit<Extract<FeedEvent, { type: 'snapshot' }>, 'type' | 'now' | 'gone' | 'people'>;

/** The room as the feed has told it. */
export interface RoomView extends Sections {
	people: Map<string, FeedPerson>;
	/** By how much the server's clock is ahead of this browser's, ms. */
	ahead: number;
}

export interface FeedListener {
	/** Something is different. */
	changed(view: RoomView): void;
	/** The connection is lost, or there again. */
	connected(is: boolean): void;
	/** Nothing follows, with the server's sentence. */
	over(code: string, message: string): void;
}

/** Puts an event into the view. Pure, but for the browser's clock, which is given. */
export function merge(view: RoomView, event: Exclude<FeedEvent, { type: 'over' }>, now: number): RoomView {
	const { type, now: serverNow, people = [], gone = [], cards, ...sections } = event;
	const known = type === 'snapshot' ? new Map<string, FeedPerson>() : new Map(view.people);
	for (const id of gone) known.delete(id);
	for (const person of people) known.set(person.id, person);
	// Nothing of them has changed: the same list, by which the page knows that.
	const all = type === 'snapshot' ? cards : cards ? mergeCards(view.cards, cards) : view.cards;
	return { ...(type === 'snapshot' ? {} : view), ...sections, ...(all && { cards: all }), people: known, ahead: serverNow - now };
}

/** @param changed those that stand differently @returns all, newest first: new ones come before those that are known */
export function mergeCards(known: readonly FeedCard[] = [], changed: readonly FeedCard[]): FeedCard[] {
	const fresh = changed.filter(({ id }) => !known.some((card) => card.id === id));
	return [...fresh, ...known.map((card) => changed.find(({ id }) => id === card.id) ?? card)];
}

/** @param path "feed", "front" or "queue" @returns ends it */
export function followRoom(room: string, path: string, language: string, listener: FeedListener): () => void {
	let view: RoomView = { people: new Map(), ahead: 0 };
	let source: EventSource | undefined;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let failures = 0;
	let ended = false;
	const end = () => {
		ended = true;
		clearTimeout(timer);
		source?.close();
	};
	const open = () => {
		source = new EventSource(`/api/rooms/${room}/${path}?language=${language}&cards=changes`);
		source.onmessage = ({ data }) => {
			// A newer server may say what this page does not know: it is left aside.
			const { data: event } = feedEventSchema.safeParse(JSON.parse(String(data)));
			if (!event) return;
			if (event.type === 'over') {
				end();
				return listener.over(event.code, event.message);
			}
			if (event.type === 'snapshot') {
				failures = 0;
				listener.connected(true);
			}
			view = merge(view, event, Date.now());
			listener.changed(view);
		};
		source.onerror = () => {
			if (ended) return;
			listener.connected(false);
			// The browser tries again by itself, but not after an answer that is no feed: a proxy's while the server starts, or a refusal.
			if (source?.readyState === EventSource.CLOSED) void again();
		};
	};
	const again = async () => {
		const response = await fetch(`/api/rooms/${room}/me?language=${language}`).catch(() => undefined);
		const answer = (await response?.json().catch(() => undefined)) as { code?: string; message?: string } | undefined;
		if (ended) return;
		if (response && [401, 403, 404].includes(response.status) && answer?.code) {
			end();
			return listener.over(answer.code, answer.message ?? '');
		}
		failures++;
		timer = setTimeout(open, backoff(failures));
	};
	open();
	return end;
}
