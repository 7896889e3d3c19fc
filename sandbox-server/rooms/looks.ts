/**
 * Looking at somebody's terminal, with their leave. The consent lives in memory alone: after a restart nobody looks at anybody who has not said
 * yes again. Everything is written down for the person who is looked at.
 */
import { randomBytes } from 'node:crypto';
import type { Course } from '../../src/shared/course/course.ts';
import type { Language } from '../../src/shared/language.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { LookAnswer, LookPhase, MemberState } from '../../src/shared/protocol/room-member.ts';
import type { LookEventKind } from '../../src/shared/protocol/rooms.ts';
import type { Person } from '../auth/principal.ts';
import { ticketSeconds } from '../auth/tickets.ts';
import type { Log } from '../platform/log.ts';
import type { LearnerRow, People } from '../store/people.ts';
import type { HandRows } from '../store/room-hands.ts';
import type { LookEvents } from '../store/room-looks.ts';
import type { RoomPersonRow, RoomRow, Rooms } from '../store/rooms.ts';
import type { LabKey } from '../store/store.ts';
import { isHeld } from './recorder.ts';
import type { Shows } from './shows.ts';

/** People who look, or ask to, at one person at a time. */
const mostLooks = 3;
/** After a no, the same person does not ask the same again for so long, ms. */
const afterNoMs = 60_000;
/** One person asks another so often within an hour: what others did must not be driven out of the log by questions. */
const mostAsked = 12;
const hourMs = 3600_000;

export interface Look {
	readonly id: string;
	readonly room: string;
	/** Slug of the room's course when it was asked for. */
	readonly course: string;
	readonly learner: LearnerRow;
	readonly by: { learner: string; name: string };
	readonly lesson: string;
	/** Its number. */
	readonly terminal: string;
	/** ms since 1970 */
	readonly asked: number;
	phase: LookPhase;
	/** The whole room sees it, as long as it lasts. */
	readonly all: boolean;
	/** Shows it to the room no more; undefined: it is not shown. */
	unshow: (() => void) | undefined;
	/** A raised hand is the yes, and lowering it the no. */
	readonly byHand: boolean;
	/** Who typed last. */
	hands: 'own' | 'guest';
	/** Told of each change, and of the end, by the page that looks; there is none before it has connected. */
	told: ((look: Look) => void) | undefined;
}

/** A page that looks at somebody's terminal, from its ticket. */
export interface Looker {
	principal: Person;
	look: Look;
	course: Course;
	language: Language;
}

interface LooksDeps {
	store: { rooms: Rooms; people: People; hands: HandRows; looks: LookEvents };
	shows: Pick<Shows, 'lend'>;
	/** ms since 1970 */
	now: () => number;
	log: Log;
}

/** What is asked for. */
export interface Wanted {
	/** Public name. */
	learner: string;
	lesson: string;
	/** Its number. */
	terminal: string;
	/** For the whole room to see. */
	all?: boolean;
}

/** What the person who is looked at says → what follows. */
const answers: Record<LookPhase, { yes: LookPhase; no: LookPhase }> = {
	asked: { yes: 'looking', no: 'ended' },
	looking: { yes: 'looking', no: 'ended' },
	'typing-asked': { yes: 'typing', no: 'looking' },
	typing: { yes: 'typing', no: 'looking' },
	ended: { yes: 'ended', no: 'ended' },
};

type Question = 'look' | 'type';
const question = (what: Question, by: string, learner: string) => `${what} ${by} ${learner}`;

export class Looks {
	readonly #deps: LooksDeps;
	readonly #all = new Map<string, Look>();
	readonly #listeners = new Set<(learner: string) => void>();
	/** When somebody said no, ms, by who asked whom for what. */
	readonly #noes = new Map<string, number>();
	/** When somebody asked to look, ms, by who asked whom, within the last hour. */
	readonly #asked = new Map<string, number[]>();

	constructor(deps: LooksDeps) {
		this.#deps = deps;
		this.#guarded(() => deps.store.looks.endOpen(deps.now()));
		this.#guarded(() => deps.store.hands.endLeave());
	}

	/** Told when the person who is looked at, by their id, has to be told, until the returned function is called. */
	subscribe(listener: (learner: string) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/**
	 * A trainer asks to see a terminal; a helper may ask whoever has their hand up. Where the room is set so, that hand is the yes already: if the page
	 * said so on which it was raised. With `all` a trainer asks to show it to the whole room: for that no hand is leave.
	 * @param learner public name
	 * @throws Refusal not-found, forbidden, room-closed, too-many, looks-often
	 */
	ask(room: RoomRow, by: RoomPersonRow, { learner: name, lesson, terminal, all = false }: Wanted): Look {
		const { rooms, people, hands } = this.#deps.store;
		if (room.state !== 'open') throw new Refusal('room-closed', room.id);
		const learner = rooms
			.people(room.id)
			.filter(({ role }) => role === 'learner')
			.map((person) => people.learner(person.learner))
			.find((person) => person?.name === name);
		if (!learner) throw new Refusal('not-found', `${name} in room ${room.id}`);
		const up = hands.of(room.id).some((hand) => hand.learner === learner.id);
		if (by.role === 'helper' && all) throw new Refusal('forbidden', 'a helper, for all');
		if (by.role === 'helper' && !up) throw new Refusal('forbidden', 'a helper, and no hand is up');
		const same = this.#of(learner.id).find((look) => look.by.learner === by.learner);
		if (same) this.end(same.id);
		if (this.#of(learner.id).length >= mostLooks) throw new Refusal('too-many', `looks at ${name}`);
		this.#mayAsk('look', by.learner, learner.id);
		this.#countAsked(question('look', by.learner, learner.id));
		const byHand = !all && this.#isLeave(room, learner.id);
		const look: Look = {
			id: randomBytes(6).toString('hex'),
			room: room.id,
			course: room.course,
			learner,
			by: { learner: by.learner, name: by.name },
			lesson,
			terminal,
			asked: this.#deps.now(),
			phase: 'asked',
			all,
			unshow: undefined,
			byHand,
			hands: 'own',
			told: undefined,
		};
		this.#all.set(look.id, look);
		this.#note(look, all ? 'asked-for-all' : 'asked');
		if (byHand) {
			look.phase = 'looking';
			this.#note(look, 'looking-by-hand');
		}
		return look;
	}

	/**
	 * The person who is looked at says yes or no to what is asked, or takes it back.
	 * @throws Refusal not-found; look-changed when their page showed something else than what is asked now; for all, those of `Shows.lend`
	 */
	answer(room: string, id: string, learner: string, { yes, to }: LookAnswer): void {
		const look = this.#look(room, id);
		if (look.learner.id !== learner) throw new Refusal('not-found', `look ${id}`);
		if (look.phase !== to) throw new Refusal('look-changed', `look ${id} is ${look.phase}, not ${to}`);
		const after = answers[to][yes ? 'yes' : 'no'];
		if (after === to) return;
		if (!yes && to !== 'typing') this.#noes.set(question(to === 'asked' ? 'look' : 'type', look.by.learner, learner), this.#deps.now());
		if (after === 'ended') return this.#end(look, 'refused');
		if (look.all && to === 'asked') this.#show(look);
		look.phase = after;
		look.hands = 'own';
		if (look.all && to === 'asked') this.#note(look, 'shown-to-all');
		else if (after === 'typing' || to === 'asked') this.#note(look, after);
		else this.#noteEnd(look, to === 'typing-asked' ? 'typing-refused' : 'typing-ended');
	}

	/** @throws Refusal: then nobody looks */
	#show(look: Look): void {
		const { learner: owner, lesson, terminal } = look;
		const room = this.#deps.store.rooms.room(look.room);
		if (!room) throw new Refusal('not-found', `room ${look.room}`);
		try {
			look.unshow = this.#deps.shows.lend(room, { owner, lesson, terminal, ended: () => this.end(look.id) });
		} catch (error) {
			this.#end(look);
			throw error;
		}
	}

	/** Who looks asks to type as well: the second yes. @throws Refusal not-found, too-many */
	askTyping(room: string, id: string, by: string): void {
		const look = this.#look(room, id);
		if (look.by.learner !== by) throw new Refusal('not-found', `look ${id}`);
		if (look.phase !== 'looking') return;
		this.#mayAsk('type', by, look.learner.id);
		look.phase = 'typing-asked';
		this.#note(look, 'typing-asked');
	}

	/** Who may look at this moment. @throws Refusal forbidden */
	mayLook({ id }: Look): void {
		const phase = this.#all.get(id)?.phase ?? 'ended';
		if (phase === 'asked' || phase === 'ended') throw new Refusal('forbidden', `look ${id} is ${phase}`);
	}

	/** Asked before each key of who looks. @throws Refusal forbidden */
	guestTypes({ id }: Look): void {
		const look = this.#all.get(id);
		if (look?.phase !== 'typing') throw new Refusal('forbidden', `look ${id} is ${look?.phase ?? 'ended'}`);
		if (look.hands === 'guest') return;
		look.hands = 'guest';
		this.#tell(look);
	}

	/** The learner types. */
	ownerTypes(learner: string): void {
		if (this.#all.size === 0) return;
		for (const look of this.#of(learner)) {
			if (look.hands === 'own') continue;
			look.hands = 'own';
			this.#tell(look);
		}
	}

	/** By the page that looks, which has gone, or by the person who is looked at. Idempotent. */
	end(id: string): void {
		const look = this.#all.get(id);
		if (look) this.#end(look);
	}

	/** One click of the person who is looked at. Idempotent. @throws Refusal not-found for somebody else's */
	stop(room: string, id: string, who: string): void {
		const look = this.#all.get(id);
		if (!look) return;
		if (look.room !== room || (look.learner.id !== who && look.by.learner !== who)) throw new Refusal('not-found', `look ${id}`);
		// Ended by the person who is looked at: from now on their hand asks for help alone.
		if (look.byHand && look.learner.id === who) this.#guarded(() => this.#takeLeave(room, who));
		this.#end(look);
	}

	/** All pages that the lab's learner had open on that lesson are closed: nobody could see what is done in its terminals. */
	pagesClosed({ learner, course }: LabKey, lesson: string): void {
		for (const look of this.#of(learner)) if (look.course === course && look.lesson === lesson) this.#end(look);
	}

	/**
	 * Ends what is not allowed any more: a room that was closed, erased, given another course or is long over, somebody who has left it, a helper whose help
	 * is not asked for; and a question that nobody waits for the answer of.
	 */
	sweep(): void {
		for (const look of [...this.#all.values()]) if (!this.#isAllowed(look)) this.#end(look);
	}

	#isAllowed({ room: id, course, learner, by, told, asked, byHand }: Look): boolean {
		const { rooms, hands } = this.#deps.store;
		const room = rooms.room(id);
		const guest = rooms.person(id, by.learner);
		const now = this.#deps.now();
		if (room?.state !== 'open' || !isHeld(room, now) || room.course !== course || !rooms.person(id, learner.id)) return false;
		if (!guest || guest.role === 'learner') return false;
		if (guest.role === 'helper' && !hands.of(id).some((hand) => hand.learner === learner.id)) return false;
		if (byHand && !this.#isLeave(room, learner.id)) return false;
		return told !== undefined || now - asked <= ticketSeconds * 1000;
	}

	/** As the person sees them who is looked at, in whatever room they are. */
	mine(learner: string): MemberState['looks'] {
		return this.#of(learner).map(({ id, room, by, lesson, terminal, phase, hands, all }) => ({
			id,
			room,
			by: by.name,
			lesson,
			terminal,
			phase,
			hands,
			...(all && { all }),
		}));
	}

	/** What the person reads of who has looked, oldest first. */
	log(room: string, learner: string): { at: number; by: string; what: LookEventKind }[] {
		return this.#deps.store.looks.of(room, learner).map(({ at, by, what }) => ({ at, by, what }));
	}

	#of(learner: string): Look[] {
		return [...this.#all.values()].filter((look) => look.learner.id === learner);
	}

	#look(room: string, id: string): Look {
		const look = this.#all.get(id);
		if (look?.room !== room) throw new Refusal('not-found', `look ${id}`);
		return look;
	}

	#isLeave({ id, handLooks }: Pick<RoomRow, 'id' | 'handLooks'>, learner: string): boolean {
		return handLooks && this.#deps.store.hands.of(id).some((hand) => hand.learner === learner && hand.looks);
	}

	#takeLeave(room: string, learner: string): void {
		const hand = this.#deps.store.hands.of(room).find((one) => one.learner === learner);
		if (hand) this.#deps.store.hands.put({ ...hand, looks: false });
	}

	/** @throws Refusal looks-often */
	#countAsked(key: string): void {
		const now = this.#deps.now();
		for (const [other, times] of this.#asked) if (times.every((at) => at <= now - hourMs)) this.#asked.delete(other);
		const times = (this.#asked.get(key) ?? []).filter((at) => at > now - hourMs);
		if (times.length >= mostAsked) throw new Refusal('looks-often', key);
		this.#asked.set(key, [...times, now]);
	}

	/** Who was told no does not ask the same again at once. @throws Refusal too-many */
	#mayAsk(what: Question, by: string, learner: string): void {
		const oldest = this.#deps.now() - afterNoMs;
		for (const [key, at] of this.#noes) if (at <= oldest) this.#noes.delete(key);
		if (this.#noes.has(question(what, by, learner))) throw new Refusal('too-many', 'asked again after a no');
	}

	/** Never throws: it is called when connections close, too. */
	#end(look: Look, what: 'ended' | 'refused' | 'withdrawn' = look.phase === 'asked' ? 'withdrawn' : 'ended'): void {
		this.#all.delete(look.id);
		look.phase = 'ended';
		look.unshow?.();
		this.#noteEnd(look, what);
	}

	/** Less is allowed than before, whether it can be written down or not. */
	#noteEnd(look: Look, what: LookEventKind): void {
		this.#guarded(() => this.#add(look, what));
		this.#tell(look);
	}

	#guarded(action: () => void): void {
		try {
			action();
		} catch (error) {
			this.#deps.log.error({ err: error }, 'the end of a look could not be written down');
		}
	}

	#add({ room, learner, id, by }: Look, what: LookEventKind): void {
		this.#deps.store.looks.add({ room, learner: learner.id, look: id, at: this.#deps.now(), by: by.name, what });
	}

	/** More is asked for, or allowed. Whoever looks is told even though it cannot be written down: a full disk gives nobody leave. */
	#note(look: Look, what: LookEventKind): void {
		try {
			this.#add(look, what);
		} catch (error) {
			// What is not written down is not looked at.
			this.#all.delete(look.id);
			look.phase = 'ended';
			look.unshow?.();
			this.#tell(look);
			throw error;
		}
		this.#tell(look);
	}

	#tell(look: Look): void {
		look.told?.(look);
		for (const listener of [...this.#listeners]) listener(look.learner.id);
	}
}
