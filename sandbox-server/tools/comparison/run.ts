/** The whole comparison: every contender is found and started once, then every row is taken of those that did; whatever happens, nothing is left. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Cell, Comparison, ContenderResult, RowResult } from '../../../src/shared/comparison/comparison.ts';
import { type RowId, rowWords } from '../../../src/shared/comparison/words.ts';
import { which } from '../../setup/run.ts';
import { call } from './call.ts';
import { withRatios } from './cells.ts';
import type { Contender, Kit, Unreached } from './contender.ts';
import { sweep } from './leftovers.ts';
import { makeSmallRoot, type RootFiles } from './root-files.ts';
import { images } from './rows/images.ts';
import { inside } from './rows/inside.ts';
import { memory } from './rows/memory.ts';
import { needs } from './rows/needs.ts';
import type { Course, Part, Rows, Scale } from './rows/row.ts';
import { atOnce, starts } from './rows/starts.ts';
import { work } from './rows/work.ts';
import { absent, type Bounds, Trial } from './trial.ts';

/**
 * In this order: what is short and says most comes before what takes its time. With the share of the time in which each is to be done: on a
 * machine that is slow there are fewer samples of each, and not none of the last.
 */
const parts: readonly { title: string; part: Part; until: number }[] = [
	{ title: 'what is possible inside', part: inside, until: 0.6 },
	{ title: 'which rights it needs', part: needs, until: 0.6 },
	{ title: 'which images it takes', part: images, until: 0.6 },
	{ title: 'memory', part: memory, until: 0.6 },
	{ title: 'one start after the other', part: starts, until: 0.65 },
	{ title: 'work', part: work, until: 0.85 },
	{ title: 'many at once', part: atOnce, until: 1 },
];

/** Nobody, to whom nothing belongs. */
const ordinary = 65_534;

export interface ComparisonRun {
	contenders: readonly Contender[];
	unreached: readonly Unreached[];
	/** undefined: a small one is made of this machine's programs. */
	files: RootFiles | undefined;
	scale: Scale;
	bounds: Bounds;
	/** s, for all of it: what is not begun then is left out, and said so. */
	seconds: number;
	root: boolean;
	signal: AbortSignal;
	/** Called when it ends before its end, with what is still there of it. */
	cutShort: (left: readonly string[]) => void;
	/** Called around each part. */
	around: <T>(title: string, work: (detail: (line: string) => void) => Promise<T>) => Promise<T>;
}

export type Taken = Pick<Comparison, 'contenders' | 'rows' | 'left' | 'files' | 'scale'>;

/** @throws the signal's reason; Error when this machine lacks what the trials themselves need */
export async function runComparison(run: ComparisonRun): Promise<Taken> {
	// Short: sockets of daemons stand below it, and their names are bounded.
	const mark = randomBytes(4).toString('hex');
	const folder = join(run.root ? openFolder(tmpdir()) : tmpdir(), `ec-${mark}`);
	// An ordinary user has to get through, whatever the caller's habits.
	const umask = process.umask(0o022);
	mkdirSync(folder);
	const trials: Trial[] = [];
	const begun = performance.now();
	let taken: Omit<Taken, 'left'>;
	let left: string[] = [];
	let isWhole = false;
	// The second Ctrl-C ends this process at once.
	const atExit = (): void => run.cutShort(sweep(mark, folder));
	process.once('exit', atExit);
	try {
		const prepared = await run.around('the files of all containers', async () => makeFiles(run, folder));
		for (const contender of run.contenders)
			trials.push(new Trial(contender, makeKit(run, { contender, folder, mark, ...prepared }), run.bounds));
		await run.around('who is there', async (detail) => {
			for (const trial of trials) {
				detail(trial.contender.name);
				await trial.open();
			}
		});
		const rows = await takeRows(run, { trials, folder, begun });
		taken = {
			contenders: [...trials.map((trial) => resultOf(trial, folder)), ...run.unreached.map(unreachedResult)],
			rows: allRows(rows, trials, run.unreached),
			files: { kind: prepared.files.kind, name: prepared.files.name },
			scale: run.scale,
		};
		isWhole = true;
	} finally {
		for (const trial of trials) await trial.close();
		left = sweep(mark, folder);
		process.off('exit', atExit);
		process.umask(umask);
		if (!isWhole) run.cutShort(left);
	}
	return { ...withoutFolders(taken, { DIR: folder, ROOT: run.files?.folder }), left };
}

/** The folder for temporary files; where others may not enter it, /tmp: an ordinary user has to get through. */
function openFolder(usual: string): string {
	for (let at = realpathSync(usual); at !== '/'; at = dirname(at)) if ((statSync(at).mode & 0o001) === 0) return '/tmp';
	return usual;
}

/** What programs said names the run's own folder, and that of the files, which is nobody's business afterwards. */
function withoutFolders<T>(value: T, folders: Record<string, string | undefined>): T {
	let text = JSON.stringify(value);
	for (const [name, folder = ''] of Object.entries(folders))
		if (folder.length > 1) text = text.replaceAll(JSON.stringify(folder).slice(1, -1), name);
	return JSON.parse(text) as T;
}

interface MadeFiles {
	files: RootFiles;
	trialRoot: string;
}

function makeFiles({ files }: ComparisonRun, folder: string): MadeFiles {
	const trialRoot = join(folder, 'small');
	makeSmallRoot(trialRoot, { only: ['sh', 'echo', 'true', 'cat'], fill: false });
	if (files) return { files, trialRoot };
	const whole = join(folder, 'root');
	makeSmallRoot(whole);
	return { files: { kind: 'small', name: 'a few programs of this machine', folder: whole, reference: undefined }, trialRoot };
}

interface KitParts extends MadeFiles {
	contender: Contender;
	folder: string;
	mark: string;
}

function makeKit({ root, signal, bounds }: ComparisonRun, { contender, folder, mark, files, trialRoot }: KitParts): Kit {
	const own = join(folder, contender.id);
	mkdirSync(own, { recursive: true });
	return {
		files,
		trialRoot,
		folder: own,
		run: mark,
		root,
		ordinary,
		signal,
		find: which,
		call: (command, { cwd, seconds = bounds.work } = {}) => call(command, { cwd: cwd ?? own, seconds, signal }),
		tidy: async (command) => void (await call(command, { seconds: bounds.work }).catch(() => undefined)),
	};
}

async function takeRows(
	run: ComparisonRun,
	{ trials, folder, begun }: { trials: readonly Trial[]; folder: string; begun: number },
): Promise<Rows> {
	const there = trials.filter(({ absence }) => absence === undefined);
	const rows: Rows = {};
	for (const { title, part, until } of parts) {
		const spent = () => (performance.now() - begun) / 1000 / run.seconds;
		const late = () => spent() > until;
		const over = () => spent() > 1;
		const course: Omit<Course, 'detail'> = { scale: run.scale, folder, signal: run.signal, late, over, seconds: run.seconds };
		Object.assign(rows, await run.around(title, (detail) => part(there, { ...course, detail })));
	}
	return rows;
}

/** Every row with a cell for everybody: who takes no part has the reason in each. */
function allRows(rows: Rows, trials: readonly Trial[], unreached: readonly Unreached[]): RowResult[] {
	return (Object.keys(rowWords) as RowId[]).map((id) => {
		const cells = withRatios(rows[id] ?? {});
		const of = (one: string, none: Cell) => [one, cells[one] ?? none] as const;
		return {
			id,
			cells: Object.fromEntries([
				...trials.map(({ contender, absence }) => of(contender.id, absence ?? absent('failed'))),
				...unreached.map(({ id: one, why }) => of(one, absent(why))),
			]),
		};
	});
}

function resultOf(trial: Trial, folder: string): ContenderResult {
	const { contender, version, absence, way, kit } = trial;
	const { id, name, packages } = contender;
	return {
		id,
		name,
		packages,
		...(version !== undefined && { version }),
		...(absence && { absence }),
		...(way && { started: shortCommand(way.command(trial.place()), folder, kit.files.folder) }),
		...(way?.note && { note: way.note }),
	};
}

function unreachedResult({ id, name, packages, why }: Unreached): ContenderResult {
	return { id, name, packages, absence: absent(why) };
}

/** As somebody would type it: the run's own folder and the root file system by short names. */
export function shortCommand(command: readonly string[], folder: string, root: string): string {
	return command
		.map((word) =>
			word
				.replaceAll(root, 'ROOT')
				.replaceAll(folder, 'DIR')
				.replace(/ec-[0-9a-f]{8}-[0-9a-f]{6}-\d+/g, 'NAME'),
		)
		.map(typed)
		.join(' ');
}

/** A word as one types it in a shell. */
export const typed = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);
