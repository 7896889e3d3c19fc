/** `etabli people`: what this server has of one person, and erasing it. Works on the store and the files; a server that runs does it itself. */
import { join } from 'node:path';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { visible } from '../../src/shared/visible.ts';
import type { ServerConfig } from '../config.ts';
import { personFiles } from '../homes/person-files.ts';
import { ReadingMode } from '../labs/reading-mode.ts';
import { askErase, ControlFailed } from '../observability/control/control.ts';
import { Erasing } from '../progress/erasing.ts';
import { removeLearner, usedBytes } from '../registry/storage.ts';
import { Failure } from '../setup/failure.ts';
import { dataPaths } from '../setup/paths.ts';
import { lockFolder } from '../store/lock.ts';
import type { LearnerRow } from '../store/people.ts';
import type { SqliteStore } from '../store/sqlite-store.ts';
import { type Arguments, usageStatus } from './arguments.ts';
import { asker, sure } from './asker.ts';
import { configuration } from './settings.ts';
import { withRooms } from './with-rooms.ts';

const say = (text: string) => process.stdout.write(`${visible(text)}\n`);

/** What rows of a table are, for a person; of a table that is not here, its name is said. */
const words: Record<string, string> = {
	account: 'accounts elsewhere (single sign-on, learning platform, trainer)',
	card_voter: 'minute cards that they answered (the answers are nobody’s)',
	certificate: 'certificates, with the name on them',
	command: 'commands of sandboxes that run',
	forgotten: 'steps that they took back',
	hand: 'raised hands',
	home: 'kept homes',
	learner: 'identity',
	look_event: 'looks at their terminals',
	lti_grade: 'columns of grade books (what they hold stays there)',
	past_command: 'commands of before',
	quiz: 'answers to quizzes',
	reason: 'reasons why a sandbox went',
	role: 'roles on this server',
	room_opened: 'hints and solutions that they opened in rooms',
	room_person: 'rooms that they are in',
	room_sentence: 'sentences of checks in rooms',
	room_step: 'steps in rooms',
	sandbox: 'sandboxes',
	session: 'browsers in which they are known',
	setup: 'lessons that were set up',
	step: 'steps',
	terminal: 'terminals',
	work_step: 'steps that were tried',
	work_time: 'lessons with time worked',
};

/** @throws Failure */
export async function people(args: Arguments): Promise<number> {
	const [what, ...rest] = args.words;
	const name = rest.join(' ');
	if ((what !== 'show' && what !== 'erase') || name === '')
		throw new Failure('Show or erase whom?', {
			hint: './etabli people show "Ada Lovelace", or a name such as learner-7f3a9c',
			status: usageStatus,
		});
	const config = configuration(args);
	return await withRooms(config, async (_, store) => {
		const learner = oneNamed(store, name);
		const known = await knownOf(config, store, learner);
		if (args.values['json'] === true) say(JSON.stringify(known, null, '\t'));
		else for (const line of linesOf(known)) say(line);
		if (what === 'show') return 0;
		const yes = args.values['yes'] === true;
		if (!(await sure(asker(yes), `Erase all of it, for ever? Logs go on naming ${learner.name}.`))) {
			say('Nothing was erased.');
			return 1;
		}
		await erase(config, store, { learner, end: args.values['end'] === true });
		say(
			`Erased. Room that images of theirs took is free once the registry has started anew. Copies of the data folder are yours to look after.`,
		);
		return 0;
	});
}

/** @throws Failure that says whom that could be */
function oneNamed(store: SqliteStore, name: string): LearnerRow {
	const found = store.people.named(name);
	const [one, ...others] = found;
	if (!one) throw new Failure(`Nobody is called ${name} here: neither by an account, nor in a room, nor by a name such as learner-7f3a9c.`);
	if (others.length === 0) return one;
	const lines = found.map((learner) => `${learner.name}: ${facts(store, learner).join('; ')}`);
	throw new Failure(`${found.length} people are called ${name}:\n${lines.join('\n')}`, {
		hint: `say which: ./etabli people show ${one.name}`,
		status: usageStatus,
	});
}

function facts(store: SqliteStore, { id, created }: LearnerRow): string[] {
	const account = store.people.accountName(id);
	return [
		`since ${new Date(created).toLocaleString('sv-SE').slice(0, 10)}`,
		...(account === undefined ? [] : [`by an account ${account}`]),
		...store.rooms.rooms(id).map((room) => `${store.rooms.person(room.id, id)?.name} in the room “${room.title}” (${room.id})`),
	];
}

async function knownOf({ data }: ServerConfig, store: SqliteStore, learner: LearnerRow) {
	const files = await personFiles(data, learner.name);
	return {
		learner: learner.name,
		facts: facts(store, learner),
		rows: store.erasing.holdings(learner.id),
		files: [...files.homes, ...files.transcripts],
		imageBytes: await usedBytes(join(dataPaths(data).registry, 'data'), learner.name),
	};
}

function linesOf({ learner, facts, rows, files, imageBytes }: Awaited<ReturnType<typeof knownOf>>): string[] {
	return [
		`${learner}: ${facts.join('; ')}`,
		...rows.map(({ table, rows: count }) => `  ${String(count).padStart(6)}  ${words[table] ?? table}`),
		...files.map((path) => `          ${path}`),
		...(imageBytes > 0 ? [`          images in the registry, ${(imageBytes / 2 ** 20).toFixed(1)} MiB`] : []),
	];
}

/** By the server of that folder, if one runs: it knows what is open. @throws Failure */
async function erase({ data }: ServerConfig, store: SqliteStore, { learner, end }: { learner: LearnerRow; end: boolean }): Promise<void> {
	try {
		return await askErase(data, { learner: learner.name, end });
	} catch (error) {
		if (!(error instanceof ControlFailed)) throw error;
		if (error.message.startsWith('in-use'))
			throw new Failure(`${learner.name} has a sandbox, waits for one, or has a page of a lesson open: nothing was erased.`, {
				hint: '--end ends it, and keeps nothing of it',
				cause: error,
			});
		const nothing = /^(sandbox-busy|engine-away|not-found)/.test(error.message);
		if (nothing) throw new Failure(`${error.message}. Nothing was erased.`, { hint: 'try again in a moment', cause: error });
		if (!error.none)
			throw new Failure(error.message, {
				hint: 'look at it by ./etabli people show; files that are named are removed by hand',
				cause: error,
			});
	}
	const unlock = lockFolder(data);
	try {
		const images = (name: string) => removeLearner(join(dataPaths(data).registry, 'data'), name);
		const erasing = new Erasing({ store, labs: new ReadingMode(), data, removeImages: images });
		await erasing.erase(learner, { end });
		erasing.tidy();
	} catch (error) {
		if (!(error instanceof Refusal)) throw new Failure(error instanceof Error ? error.message : String(error), { cause: error });
		throw new Failure(`A server before has left a sandbox of ${learner.name}: nothing was erased.`, {
			hint: './etabli up takes it over: then once more with --end. Or ./etabli down first, which ends it.',
			cause: error,
		});
	} finally {
		unlock();
	}
}
