/**
 * `etabli trainer` and `etabli room`: who leads classes on this server, and the classes. Both work on the store, whether a server runs or not:
 * a server asks the store at each request.
 */

import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { findCourses, folders } from '../../src/courses/folders.ts';
import { languages } from '../../src/shared/language.ts';
import { rosterText } from '../../src/shared/room/roster-text.ts';
import { visible } from '../../src/shared/visible.ts';
import type { ServerConfig } from '../config.ts';
import type { RoomDraft, RoomService } from '../rooms/room-service.ts';
import { readRoster } from '../rooms/roster.ts';
import { Failure } from '../setup/failure.ts';
import { dataPaths } from '../setup/paths.ts';
import { markedProcess } from '../setup/processes.ts';
import type { RoomRow } from '../store/rooms.ts';
import type { SqliteStore } from '../store/sqlite-store.ts';
import { type Arguments, unknown, usageStatus } from './arguments.ts';
import { fileKinds, roomFile } from './room-files.ts';
import { wantedRoster } from './room-roster.ts';
import { serverMark } from './server-mark.ts';
import { configuration } from './settings.ts';
import { trainerLink } from './trainer-link.ts';
import { withRooms } from './with-rooms.ts';

const day = 24 * 3600_000;
const hour = 3600_000;

const say = (text: string) => process.stdout.write(`${visible(text)}\n`);
/** Day and hour here, as people write them to --starts. */
const moment = (ms: number) => new Date(ms).toLocaleString('sv-SE').slice(0, 16);
const asJson = (args: Arguments) => args.values['json'] === true;

/** A link for a trainer of the server in that data folder: what is secret of it, whose it is, and until when it is good. @throws Failure */
export function inviteTrainer(config: ServerConfig, name: string): Promise<{ secret: string; name: string; expires: number }> {
	return withRooms(config, (rooms) => rooms.invite({ role: 'trainer', name }));
}

/** @throws Failure */
export async function trainer(args: Arguments): Promise<number> {
	const config = configuration(args);
	const [what, ...rest] = args.words;
	const name = rest.join(' ');
	if ((what !== 'add' && what !== 'remove') || name === '')
		throw new Failure('Add or remove whom?', { hint: './etabli trainer add "Grace Hopper"', status: usageStatus });
	if (what === 'remove') {
		if (!(await withRooms(config, (rooms) => rooms.removeTrainer(name)))) throw new Failure(`There is no trainer called ${name}.`);
		say(`${name} is no trainer any more, and is signed out everywhere. Their rooms stay.`);
		return 0;
	}
	const link = await inviteTrainer(config, name);
	if (asJson(args)) say(JSON.stringify(link, null, '\t'));
	else {
		say(`For ${link.name}, in one browser, once, until ${moment(link.expires)}:\n${trainerLink(addressOf(config), link.secret)}`);
	}
	return 0;
}

/** Where people reach the server; one that does not run will be where the configuration says. */
export function addressOf({ host, port, publicUrl, data }: ServerConfig): string {
	const running = markedProcess(serverMark(dataPaths(data).run))?.note;
	const named = ['127.0.0.1', '0.0.0.0', '::'].includes(host) ? 'localhost' : isIPv6(host) ? `[${host}]` : host;
	return publicUrl ?? (running || `http://${named}:${port}`);
}

interface Work {
	rooms: RoomService;
	store: SqliteStore;
	args: Arguments;
	config: ServerConfig;
}

const actions: Record<string, (work: Work) => RoomRow[] | Promise<RoomRow[]>> = {
	list: ({ rooms }) => rooms.rooms(),
	async create({ rooms, store, args, config }) {
		const draft = draftOf(args, config);
		if (args.values['roster-from-lti'] === undefined) return [rooms.create(draft)];
		const listed = await wantedRoster(args, { config, store, before: draft });
		return listed ? [rooms.create({ ...draft, ...listed })] : [];
	},
	async roster({ rooms, store, args, config }) {
		const before = rooms.room(idOf(args));
		const listed = await wantedRoster(args, { config, store, before });
		return [listed ? rooms.edit(before.id, listed) : before];
	},
	open: ({ rooms, args }) => [rooms.open(idOf(args))],
	close: ({ rooms, args }) => [rooms.close(idOf(args))],
	copy: ({ rooms, args }) => [rooms.copy(idOf(args), timesOf(args))],
	erase({ rooms, args }) {
		const room = rooms.room(idOf(args));
		rooms.erase(room.id);
		return [];
	},
};

/** @throws Failure */
export async function room(args: Arguments): Promise<number> {
	const [what = 'list'] = args.words;
	if (what === 'results') return await results(args);
	const action = actions[what];
	if (!action)
		throw new Failure(`"${what}" is nothing that is done with a room: ${[...Object.keys(actions), 'results'].join(', ')}.`, {
			hint: './etabli room --help',
			status: usageStatus,
		});
	const config = configuration(args);
	const shown = await withRooms(config, async (rooms, store) => {
		const some = await action({ rooms, store, args, config });
		return some.map((one) => ({ ...one, people: rooms.people(one.id).filter(({ role }) => role === 'learner').length }));
	});
	if (asJson(args)) say(JSON.stringify(shown, null, '\t'));
	else if (what === 'erase') say('Erased, with everything that was known of it. Labs and progress are their learners’.');
	else for (const one of shown) say(lineOf(one));
	return 0;
}

/** Says the file: it goes where the shell sends it, as it is; on a terminal, as it can be read. @throws Failure */
async function results(args: Arguments): Promise<number> {
	const config = configuration(args);
	const { as = asJson(args) ? 'json' : 'csv', language: wantedLanguage = 'fr' } = args.values;
	const kind = fileKinds.find((one) => one === as);
	if (!kind) throw new Failure(`--as is one of ${fileKinds.join(', ')}, not "${as}".`, { status: usageStatus });
	const language = languages.find((one) => one === wantedLanguage);
	if (!language) throw unknown('language', String(wantedLanguage), languages, './etabli room --help');
	const wanted = { kind, language, courses: config.courses, origin: new URL(addressOf(config)).origin } as const;
	const file = await withRooms(config, (rooms, store) => roomFile(store, rooms.room(idOf(args)), wanted));
	process.stdout.write(process.stdout.isTTY ? visible(file) : file);
	return 0;
}

function lineOf({ id, code, title, state, starts, people, expected }: RoomRow & { people: number }): string {
	return [id, code ?? '–', state.padEnd(7), moment(starts), `${people} of ${expected}`, title].join('  ');
}

function idOf(args: Arguments): string {
	const id = args.words[1];
	if (id === undefined) throw new Failure('Which room?', { hint: './etabli room list says their names.', status: usageStatus });
	return id;
}

function draftOf(args: Arguments, config: ServerConfig): RoomDraft {
	const [, course, ...title] = args.words;
	if (course === undefined || title.length === 0)
		throw new Failure('Which course, and what is the room called?', {
			hint: './etabli room create tp-apptainer "Conteneurs, jour 1" --starts "2027-01-12 09:00"',
			status: usageStatus,
		});
	const known = findCourses(config.courses).folders;
	const found = known.find(({ slug }) => slug === course);
	if (!found) {
		const slugs = known.map(({ slug }) => slug);
		throw unknown('course', course, slugs, `ls ${config.courses.join(' ')}`);
	}
	const lessons = [args.values['lesson'] ?? []].flat().map(String);
	const there = folders(found.path).flatMap((name) => /^\d\d-(.+)$/.exec(name)?.[1] ?? []);
	for (const lesson of lessons) if (!there.includes(lesson)) throw unknown('lesson', lesson, there, `ls ${found.path}`);
	const expected = Number(args.values['expected'] ?? 20);
	const handLooks = args.values['hand-looks'] === true;
	return { title: title.join(' '), course, lessons, expected, handLooks, names: namesOf(args), ...timesOf(args) };
}

/** From --starts and --hours; today's next full hour, and three of them, when left out. */
function timesOf(args: Arguments): { starts: number; ends: number } {
	const text = args.values['starts'];
	const starts = text === undefined ? Math.ceil(Date.now() / hour) * hour : new Date(String(text)).getTime();
	if (Number.isNaN(starts) || starts < Date.now() - day)
		throw new Failure(`--starts is a day and an hour to come such as "2027-01-12 09:00", not "${text}".`, { status: usageStatus });
	const hours = Number(args.values['hours'] ?? 3);
	if (hours < 1) throw new Failure(`--hours is how long it lasts, at least 1, not ${hours}.`, { status: usageStatus });
	return { starts, ends: starts + hours * hour };
}

function namesOf(args: Arguments): string[] {
	const file = args.values['names'];
	if (file === undefined) return [];
	let bytes: Uint8Array;
	try {
		bytes = readFileSync(String(file));
	} catch (cause) {
		throw new Failure(`${file} cannot be read.`, { hint: 'A text with one name a line, or a CSV.', cause });
	}
	const { names, problems } = readRoster(rosterText(bytes));
	const words = { 'no-name': 'no name', twice: 'a name that is there already', 'too-many': 'one name too many' };
	for (const { line, fault } of problems) process.stderr.write(`${file}:${line}: ${words[fault]}\n`);
	return names;
}
