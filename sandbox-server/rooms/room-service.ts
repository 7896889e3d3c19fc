/**
 * Rooms: a trainer's class with a code to join by. What is decided here is who is in which room, by what name and in which role, and how long
 * that is known. Who may ask for it is decided before (auth/authorise.ts).
 */
import { randomBytes } from 'node:crypto';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { Role } from '../../src/shared/protocol/roles.ts';
import { fits, nameKey, readName } from '../platform/names.ts';
import { tokenDigest } from '../store/migrations.ts';
import type { LearnerRow, People } from '../store/people.ts';
import type { CardRows } from '../store/room-cards.ts';
import type { HandRows } from '../store/room-hands.ts';
import type { PaceRows } from '../store/room-pace.ts';
import type { LinkRow, RoomPersonRow, RoomRow, Rooms, RosterSource } from '../store/rooms.ts';
import { newCode, newWord, readCode, readWord, sealed } from './codes.ts';

/** What a trainer says of a room. Times are ms since 1970. */
export interface RoomDraft {
	title: string;
	course: string;
	lessons: string[];
	starts: number;
	ends: number;
	expected: number;
	names: string[];
	/** A raised hand is leave to look; no when left out. */
	handLooks?: boolean;
	/** The course of a learning platform from which the names were taken. */
	rosterFrom?: RosterSource | undefined;
}

const day = 24 * 3600_000;
/** What is known of a room is erased so long after its end. */
const keptMs = 30 * day;
/** A link that nobody has opened is over after so long. */
const linkMs = 7 * day;
/** People in one room: a lecture hall, with room for those who come in by two machines. */
const mostPeople = 500;
/** The name under which trainers' accounts stand in the store. */
const trainers = 'etabli:trainers';

/** What the first trainer of a machine is called, who was named by nobody. */
const firstTrainer = 'Formateur';

/** A link for the first trainer of a machine. */
const isFirst = ({ room, name }: LinkRow): boolean => room === undefined && nameKey(name) === nameKey(firstTrainer);

interface RoomDeps {
	store: { rooms: Rooms; people: People; hands: HandRows; paces: PaceRows; cards: CardRows; transaction<T>(work: () => T): T };
	/** The server's own: personal words are stored under it. */
	key: Uint8Array;
	now: () => number;
}

export class RoomService {
	readonly #store: RoomDeps['store'];
	readonly #key: Uint8Array;
	readonly #now: () => number;

	constructor({ store, key, now }: RoomDeps) {
		this.#store = store;
		this.#key = key;
		this.#now = now;
	}

	/** A new room, planned, with its trainer in it if there is one (the operator's own have none yet). */
	create(draft: RoomDraft, trainer?: { learner: LearnerRow; name: string }): RoomRow {
		return this.#store.transaction(() => {
			const room: RoomRow = {
				...draft,
				handLooks: draft.handLooks ?? false,
				rosterFrom: draft.rosterFrom,
				id: randomBytes(6).toString('hex'),
				code: this.#freeCode(),
				state: 'planned',
				erases: draft.ends + keptMs,
				created: this.#now(),
			};
			this.#store.rooms.putRoom(room);
			if (trainer) this.#putStaff(room.id, trainer.learner, { role: 'trainer', name: trainer.name });
			return room;
		});
	}

	/** @throws Refusal not-found */
	room(id: string): RoomRow {
		const room = this.#store.rooms.room(id);
		if (!room) throw new Refusal('not-found', `room ${id}`);
		return room;
	}

	/** All rooms, or those that the person is in; newest first. */
	rooms(learner?: LearnerRow): RoomRow[] {
		return this.#store.rooms.rooms(learner?.id);
	}

	people(room: string): RoomPersonRow[] {
		return this.#store.rooms.people(room);
	}

	/** Of a person in a room; undefined: they are not in it, or there is no such room. */
	roleIn(room: string, learner: string): Role | undefined {
		return this.#store.rooms.person(room, learner)?.role;
	}

	/** The last who changes something wins. @throws Refusal not-found */
	edit(id: string, changes: Partial<RoomDraft>): RoomRow {
		return this.#store.transaction(() => {
			const room = { ...this.room(id), ...changes };
			// Set so again later, it is no leave of those whose hands were up before.
			if (!room.handLooks) this.#store.hands.endLeave(id);
			return this.#put({ ...room, erases: room.ends + keptMs });
		});
	}

	/** People can join by its code. A closed one gets a new code: the old one may stand on slides. @throws Refusal not-found */
	open(id: string): RoomRow {
		const room = this.room(id);
		return this.#put({ ...room, state: 'open', code: room.code ?? this.#freeCode() });
	}

	/**
	 * Nobody joins any more; who is in stays, with their lab. What the class was asked and led to ends, and no hand is leave to look: none of it
	 * comes back when the room is opened again. @throws Refusal not-found
	 */
	close(id: string): RoomRow {
		const { hands, paces, cards } = this.#store;
		return this.#store.transaction(() => {
			hands.endLeave(id);
			paces.put(id, {});
			for (const card of cards.of(id)) if (card.open) cards.put({ ...card, open: false });
			return this.#put({ ...this.room(id), state: 'closed', code: undefined });
		});
	}

	/** The same for another time, with nobody in it but the trainer. @throws Refusal not-found */
	copy(id: string, { starts, ends }: { starts: number; ends: number }, trainer?: { learner: LearnerRow; name: string }): RoomRow {
		const { title, course, lessons, expected, handLooks, rosterFrom } = this.room(id);
		return this.create({ title, course, lessons, expected, handLooks, rosterFrom, names: [], starts, ends }, trainer);
	}

	/** Everything that is known of it goes; labs and progress are their learners'. */
	erase(id: string): void {
		this.#store.rooms.removeRoom(id);
	}

	/** Erases rooms whose time is over; returns how many. */
	eraseOld(): number {
		const old = this.rooms().filter(({ erases }) => erases <= this.#now());
		for (const { id } of old) this.erase(id);
		this.#store.rooms.forgetLinks(this.#now());
		return old.length;
	}

	/**
	 * Joins an open room, or changes one's name in it.
	 * @returns the room, the name as it is shown, and a new personal word: the one before, if there was one, is void. Trainers, helpers and people
	 * with an account have none: it is short, and would lead to all that they may do
	 * @throws Refusal wrong-room-code, room-not-open, bad-name, name-too-long, name-taken, room-full
	 */
	join(learner: LearnerRow, { code: typed, name: wanted }: { code: string; name: string }): { room: RoomRow; name: string; word?: string } {
		return this.#store.transaction(() => {
			const room = this.openRoom(typed);
			const name = this.#nameFor(room, learner, wanted);
			const before = this.#store.rooms.person(room.id, learner.id);
			if (!before && this.people(room.id).length >= mostPeople) throw new Refusal('room-full', room.id);
			const role = before?.role ?? 'learner';
			const word = this.#hasNoWord(learner) ? undefined : newWord();
			const joined = before?.joined ?? this.#now();
			const digest = word === undefined ? undefined : this.#digest(word);
			this.#store.rooms.putPerson({ room: room.id, learner: learner.id, role, name, key: nameKey(name), word: digest, joined });
			return { room, name, ...(word !== undefined && { word }) };
		});
	}

	/** Somebody with an account (trainers of this server have one), or who helps or leads in any room. */
	#hasNoWord({ id }: LearnerRow): boolean {
		const { rooms, people } = this.#store;
		return people.hasAccount(id) || rooms.rooms(id).some((room) => this.roleIn(room.id, id) !== 'learner');
	}

	/** The open room that has this code. @throws Refusal wrong-room-code, room-not-open */
	openRoom(typed: string): RoomRow {
		const code = readCode(typed);
		const room = code === undefined ? undefined : this.#store.rooms.roomOfCode(code);
		if (!room) throw new Refusal('wrong-room-code');
		if (room.state !== 'open') throw new Refusal('room-not-open', room.id);
		return room;
	}

	/** What somebody sees of a room who stands at its door with the code. @throws as `openRoom` */
	door(typed: string, learner: LearnerRow | undefined): { room: RoomRow; names: string[]; known: string | undefined } {
		const room = this.openRoom(typed);
		const people = this.people(room.id);
		const taken = new Set(people.map(({ key }) => key));
		const names = room.names.filter((name) => !taken.has(nameKey(name)));
		return { room, names, known: people.find((one) => one.learner === learner?.id)?.name };
	}

	/** What a trainer is called in rooms that they make. */
	nameOf(learner: LearnerRow): string {
		return this.#store.people.accountName(learner.id) ?? learner.name;
	}

	/** What somebody is called in a room: who leads it without being in it, by their own name. */
	nameIn(room: string, learner: LearnerRow): string {
		return this.#store.rooms.person(room, learner.id)?.name ?? this.nameOf(learner);
	}

	#nameFor(room: RoomRow, learner: LearnerRow, wanted: string): string {
		const typed = readName(wanted);
		if (typed === undefined) throw new Refusal('bad-name');
		if (!fits(wanted)) throw new Refusal('name-too-long');
		const key = nameKey(typed);
		const other = this.#store.rooms.personOfKey(room.id, key);
		if (other && other.learner !== learner.id) throw new Refusal('name-taken', room.id, { values: { name: typed } });
		// As the list has it: the trainer knows people by that.
		return room.names.find((listed) => nameKey(listed) === key) ?? typed;
	}

	/** Who comes back by their personal word. @throws Refusal wrong-word */
	back(typed: string): LearnerRow {
		const found = this.#store.rooms.personOfWord(this.#digest(readWord(typed)));
		const learner = found && this.#store.people.learner(found.learner);
		// Earlier versions gave words to accounts without a name.
		if (!learner || this.#hasNoWord(learner)) throw new Refusal('wrong-word');
		return learner;
	}

	#digest(word: string): string {
		return sealed(tokenDigest(word), this.#key);
	}

	/** Puts personal words that an earlier version stored under a plain digest under the server's key: they go on being good. */
	sealWords(): void {
		this.#store.transaction(() => {
			for (const { id } of this.rooms())
				for (const one of this.people(id))
					if (one.word !== undefined && sealed(one.word, this.#key) !== one.word)
						this.#store.rooms.putPerson({ ...one, word: sealed(one.word, this.#key) });
		});
	}

	/** Out of the room, and forgotten there. Idempotent. */
	leave(room: string, learner: LearnerRow): void {
		this.#store.rooms.removePerson(room, learner.id);
	}

	/** What goes into a link that lets one person in, once: a trainer of this server, or the helper or trainer of a room. */
	invite({ role, room, name: wanted }: { role: LinkRow['role']; room?: string; name: string }): {
		secret: string;
		name: string;
		expires: number;
	} {
		const name = readName(wanted);
		if (name === undefined) throw new Refusal('bad-name');
		const secret = randomBytes(24).toString('base64url');
		const expires = this.#now() + linkMs;
		this.#store.rooms.putLink({ digest: tokenDigest(secret), role, room, name, expires });
		return { secret, name, expires };
	}

	/** On a machine that has no trainer yet: what goes into the first one's link. Those made before are void: they stand in logs of earlier starts. */
	inviteFirst(): string | undefined {
		return this.#store.transaction(() => {
			if (this.#store.people.isHeld('trainer')) return undefined;
			this.#dropLinks(isFirst);
			return this.invite({ role: 'trainer', name: firstTrainer }).secret;
		});
	}

	#dropLinks(which: (link: LinkRow) => boolean): number {
		const { rooms } = this.#store;
		const links = rooms.links().filter(which);
		for (const { digest } of links) rooms.takeLink(digest, 0);
		return links.length;
	}

	/**
	 * Opens a link. A trainer of this server is the same person in each browser in which they have opened one.
	 * @param known who is at the browser, if anybody is known there
	 * @returns who is to be known in it from now on
	 * @throws Refusal bad-link
	 */
	enter(secret: string, known: LearnerRow | undefined): LearnerRow {
		return this.#store.transaction(() => {
			const { rooms, people } = this.#store;
			const link = rooms.takeLink(tokenDigest(secret), this.#now());
			if (!link) throw new Refusal('bad-link');
			// Whoever finds another link of the first trainer would be the same person.
			if (isFirst(link)) this.#dropLinks(isFirst);
			if (link.room === undefined) return this.#trainer(link.name);
			const learner = known ?? people.createLearner();
			this.#putStaff(link.room, learner, link);
			return learner;
		});
	}

	/** Not whoever is known in the browser: that may be a learner's on a machine of the hall. */
	#trainer(name: string): LearnerRow {
		const { people } = this.#store;
		const account = { issuer: trainers, subject: nameKey(name) };
		const learner = people.learnerOfAccount(account) ?? people.createLearner();
		people.putAccount({ ...account, learner: learner.id, name });
		people.putRole(learner.id, 'trainer');
		return learner;
	}

	/**
	 * Ends a trainer's sessions in all browsers, their role, here and in the rooms that they led, and the links that nobody has opened: those for
	 * them, and all of the rooms that they led, which they may have made and kept. @returns whether there was any of that name
	 */
	removeTrainer(name: string): boolean {
		return this.#store.transaction(() => {
			const { people } = this.#store;
			const subject = nameKey(name);
			const dropped = this.#dropLinks((link) => link.room === undefined && nameKey(link.name) === subject);
			const learner = people.learnerOfAccount({ issuer: trainers, subject });
			if (!learner) return dropped > 0;
			this.leaveLed(learner.id);
			people.removeRole(learner.id, 'trainer');
			people.endSessions(learner.id);
			return true;
		});
	}

	/** Takes somebody out of the rooms that they led, and voids all links of these that nobody has opened: they may have made and kept them. */
	leaveLed(learner: string): void {
		const { rooms } = this.#store;
		const led = new Set(
			rooms
				.rooms(learner)
				.map(({ id }) => id)
				.filter((id) => this.roleIn(id, learner) === 'trainer'),
		);
		this.#dropLinks(({ room }) => room !== undefined && led.has(room));
		for (const id of led) rooms.removePerson(id, learner);
	}

	/**
	 * A name that somebody has already gets a number: a trainer is not turned away from their own room. Who leads it and tries a helper's link goes
	 * on leading: there may be nobody else.
	 */
	#putStaff(room: string, learner: LearnerRow, { role: given, name }: { role: LinkRow['role']; name: string }): void {
		const { rooms } = this.#store;
		const role = this.roleIn(room, learner.id) === 'trainer' ? 'trainer' : given;
		rooms.dropWords(learner.id);
		const taken = (key: string) => (rooms.personOfKey(room, key)?.learner ?? learner.id) !== learner.id;
		let shown = name;
		for (let number = 2; taken(nameKey(shown)); number++) shown = `${name} ${number}`;
		rooms.putPerson({ room, learner: learner.id, role, name: shown, key: nameKey(shown), word: undefined, joined: this.#now() });
	}

	#put(room: RoomRow): RoomRow {
		this.#store.rooms.putRoom(room);
		return room;
	}

	#freeCode(): string {
		for (let attempt = 0; attempt < 50; attempt++) {
			const code = newCode();
			if (!this.#store.rooms.roomOfCode(code)) return code;
		}
		throw new Error('no free code for a room in 50 attempts');
	}
}
