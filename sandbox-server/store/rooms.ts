/** What the store knows of rooms: themselves, who is in them, links that let somebody in once. */
import type { Role } from '../../src/shared/protocol/roles.ts';
import { number, type Row, type Sqlite } from './sqlite.ts';

export type RoomState = 'planned' | 'open' | 'closed';

export interface RoomRow {
	/** Names it in addresses; no secret, and not the code. */
	id: string;
	/** What attendees type; undefined once it has been closed. */
	code: string | undefined;
	title: string;
	course: string;
	/** Slugs; empty: all of the course's. */
	lessons: string[];
	state: RoomState;
	/** When it begins and ends as planned, ms since 1970. */
	starts: number;
	ends: number;
	/** When everything that is known of it is erased. */
	erases: number;
	/** People who are expected. */
	expected: number;
	/** Names that attendees may pick; empty: they type their own. */
	names: string[];
	/** A raised hand is leave to look, for whoever was told so when they raised it. */
	handLooks: boolean;
	/** The course of a learning platform from which the list of names was taken. */
	rosterFrom: RosterSource | undefined;
	created: number;
}

/** A course of a learning platform. */
export interface RosterSource {
	/** What the operator calls the platform. */
	platform: string;
	/** The course's id there. */
	context: string;
}

/** Of a learner, helper or trainer in one room. */
export interface RoomPersonRow {
	room: string;
	learner: string;
	role: Exclude<Role, 'operator'>;
	/** As shown. */
	name: string;
	/** Two people of one room do not have the same. */
	key: string;
	/** Digest of the personal word; undefined for who has none. */
	word: string | undefined;
	joined: number;
}

/** A link that lets somebody in, once. */
export interface LinkRow {
	/** Of what stands in the link. */
	digest: string;
	role: 'helper' | 'trainer';
	/** undefined: on the whole server. */
	room: string | undefined;
	name: string;
	expires: number;
}

export interface Rooms {
	/** Adds or changes. @throws Error when another room has the code */
	putRoom(room: RoomRow): void;
	room(id: string): RoomRow | undefined;
	roomOfCode(code: string): RoomRow | undefined;
	/** Newest first; all of them, or those of one person. */
	rooms(learner?: string): RoomRow[];
	/** With everything that is known of it. */
	removeRoom(id: string): void;

	/** Adds or changes. @throws Error when the name is taken */
	putPerson(person: RoomPersonRow): void;
	person(room: string, learner: string): RoomPersonRow | undefined;
	/** Who has that personal word, in whatever room. */
	personOfWord(digest: string): RoomPersonRow | undefined;
	personOfKey(room: string, key: string): RoomPersonRow | undefined;
	/** In the order of their coming. */
	people(room: string): RoomPersonRow[];
	removePerson(room: string, learner: string): void;
	/** Their personal words are void, in every room. */
	dropWords(learner: string): void;

	putLink(link: LinkRow): void;
	/** All that nobody has opened, those that are over included. */
	links(): LinkRow[];
	/** Uses it up; undefined when it is unknown, used or over. */
	takeLink(digest: string, now: number): LinkRow | undefined;
	/** Forgets links that were over before that time. */
	forgetLinks(before: number): void;
}

/** The tables `room`, `room_person` and `link`. */
export class RoomTables implements Rooms {
	readonly #sql: Sqlite;

	constructor(sql: Sqlite) {
		this.#sql = sql;
	}

	putRoom(room: RoomRow): void {
		this.#sql.run(
			`insert into room (id, code, title, course, lessons, state, starts, ends, erases, expected, names, hand_looks, roster_from, created)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			on conflict (id) do update set code = excluded.code, title = excluded.title, course = excluded.course, lessons = excluded.lessons,
				state = excluded.state, starts = excluded.starts, ends = excluded.ends, erases = excluded.erases,
				expected = excluded.expected, names = excluded.names,
				hand_looks = excluded.hand_looks, roster_from = excluded.roster_from`,
			room.id,
			room.code ?? null,
			room.title,
			room.course,
			JSON.stringify(room.lessons),
			room.state,
			room.starts,
			room.ends,
			room.erases,
			room.expected,
			JSON.stringify(room.names),
			Number(room.handLooks),
			room.rosterFrom ? JSON.stringify(room.rosterFrom) : null,
			room.created,
		);
	}

	room(id: string): RoomRow | undefined {
		const row = this.#sql.get('select * from room where id = ?', id);
		return row && roomRow(row);
	}

	roomOfCode(code: string): RoomRow | undefined {
		const row = this.#sql.get('select * from room where code = ?', code);
		return row && roomRow(row);
	}

	rooms(learner?: string): RoomRow[] {
		return this.#sql
			.all(
				`select * from room where ?1 is null or id in (select room from room_person where learner = ?1) order by created desc, id`,
				learner ?? null,
			)
			.map(roomRow);
	}

	removeRoom(id: string): void {
		this.#sql.run('delete from room where id = ?', id);
	}

	putPerson({ room, learner, role, name, key, word, joined }: RoomPersonRow): void {
		this.#sql.run(
			`insert into room_person (room, learner, role, name, key, word, joined) values (?, ?, ?, ?, ?, ?, ?)
			on conflict (room, learner) do update set role = excluded.role, name = excluded.name, key = excluded.key, word = excluded.word`,
			room,
			learner,
			role,
			name,
			key,
			word ?? null,
			joined,
		);
	}

	person(room: string, learner: string): RoomPersonRow | undefined {
		const row = this.#sql.get('select * from room_person where room = ? and learner = ?', room, learner);
		return row && personRow(row);
	}

	personOfWord(digest: string): RoomPersonRow | undefined {
		const row = this.#sql.get('select * from room_person where word = ?', digest);
		return row && personRow(row);
	}

	personOfKey(room: string, key: string): RoomPersonRow | undefined {
		const row = this.#sql.get('select * from room_person where room = ? and key = ?', room, key);
		return row && personRow(row);
	}

	people(room: string): RoomPersonRow[] {
		return this.#sql.all('select * from room_person where room = ? order by joined, key', room).map(personRow);
	}

	removePerson(room: string, learner: string): void {
		this.#sql.run('delete from room_person where room = ? and learner = ?', room, learner);
	}

	dropWords(learner: string): void {
		this.#sql.run('update room_person set word = null where learner = ?', learner);
	}

	putLink({ digest, role, room, name, expires }: LinkRow): void {
		this.#sql.run('insert into link (digest, role, room, name, expires) values (?, ?, ?, ?, ?)', digest, role, room ?? null, name, expires);
	}

	forgetLinks(before: number): void {
		this.#sql.run('delete from link where expires < ?', before);
	}

	links(): LinkRow[] {
		return this.#sql.all('select * from link').map(linkRow);
	}

	takeLink(digest: string, now: number): LinkRow | undefined {
		const row = this.#sql.get('delete from link where digest = ? and expires > ? returning *', digest, now);
		return row && linkRow(row);
	}
}

function linkRow(row: Row): LinkRow {
	return {
		digest: String(row['digest']),
		role: row['role'] as LinkRow['role'],
		room: row['room'] === null ? undefined : String(row['room']),
		name: String(row['name']),
		expires: Number(row['expires']),
	};
}

function roomRow(row: Row): RoomRow {
	return {
		id: String(row['id']),
		code: row['code'] === null ? undefined : String(row['code']),
		title: String(row['title']),
		course: String(row['course']),
		lessons: JSON.parse(String(row['lessons'])) as string[],
		state: row['state'] as RoomState,
		starts: Number(row['starts']),
		ends: Number(row['ends']),
		erases: Number(row['erases']),
		expected: Number(row['expected']),
		names: JSON.parse(String(row['names'])) as string[],
		handLooks: Number(row['hand_looks']) === 1,
		rosterFrom: row['roster_from'] === null ? undefined : (JSON.parse(String(row['roster_from'])) as RosterSource),
		created: Number(row['created']),
	};
}

function personRow(row: Row): RoomPersonRow {
	return {
		room: String(row['room']),
		learner: String(row['learner']),
		role: row['role'] as RoomPersonRow['role'],
		name: String(row['name']),
		key: String(row['key']),
		word: row['word'] === null ? undefined : String(row['word']),
		joined: number(row['joined']) ?? 0,
	};
}
