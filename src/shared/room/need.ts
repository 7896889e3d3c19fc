/** Who of a class needs help, from what the room feed tells. Pure: the same in browsers and tests. */
import type { FeedPerson } from '../protocol/room-feed.ts';

const minute = 60_000;
/** Silence that says nothing: reading a page takes so long, ms. */
const quietMs = 5 * minute;
/** What a "not yet" counts, in minutes of waiting; more than so many say no more. */
const tryMinutes = 2;
const mostTries = 8;
/** A workbench that ended by itself, in minutes. */
const lostMinutes = 15;
/** From here on somebody is named. */
const leastNeed = 8;

export interface Need {
	person: FeedPerson;
	/** In minutes of waiting; more is more urgent. */
	need: number;
	/** How long they have been at their step, and how long the class has at its own, ms. */
	atStep: number;
	usual: number;
	/** How long they have done nothing, ms. */
	silent: number;
}

/** The middle of how long those who are here have been at their steps, ms. */
export function usualTime(people: Iterable<FeedPerson>, now: number): number {
	const times = [...people]
		.filter(({ pages }) => pages > 0)
		.map(({ since }) => Math.max(0, now - since))
		.sort((a, b) => a - b);
	return times[Math.floor((times.length - 1) / 2)] ?? 0;
}

/**
 * Those who are here, are not done, and seem to be stuck, in order of need: time at their step beyond the class's, verdicts "not yet", silence,
 * a workbench that is lost.
 * @param last number of steps; who is at it is done
 * @param now the server's clock, ms
 */
export function inNeed(people: Iterable<FeedPerson>, last: number, now: number): Need[] {
	const all = [...people];
	const usual = usualTime(all, now);
	return all
		.filter(({ pages, at }) => pages > 0 && at < last)
		.map((person) => {
			const atStep = Math.max(0, now - person.since);
			const silent = Math.max(0, now - person.seen);
			const waiting = Math.max(0, atStep - usual) + Math.max(0, silent - quietMs);
			const need = waiting / minute + Math.min(person.tries, mostTries) * tryMinutes + (person.lab === 'lost' ? lostMinutes : 0);
			return { person, need, atStep, usual, silent };
		})
		.filter(({ need }) => need >= leastNeed)
		.sort((a, b) => b.need - a.need || a.person.name.localeCompare(b.person.name));
}
