/**
 * What learners' terminals showed, kept to be taken home: `<data>/transcripts/<course>/<learner>/<sandbox>.<lesson>.<number>.txt.gz`, and
 * beside it, in `….rec.gz`, its recording with times; one file of both for each terminal of each sandbox, bounded for each learner and course.
 * Read from the agent's ring when files are kept, so that nothing is written while somebody types.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { terminalPart } from '../../src/shared/course/terminal-names.ts';
import type { Clock } from '../platform/clock.ts';
import { withDeadline } from '../platform/deadline.ts';
import { diskOf } from '../platform/disk.ts';
import { Semaphore } from '../platform/semaphore.ts';
import { joinedMoments } from '../sandboxes/output-times.ts';
import type { Recorded, Recording } from '../sandboxes/recording.ts';
import type { Owned } from '../store/store.ts';
import { type KeptRecording, keptRecording, packRecording, unpackRecording } from './kept-recording.ts';
import { screenText } from './screen-text.ts';

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** Text of one terminal of one sandbox, bytes; and of its output, as it came, as much. */
const terminalLimit = 512 * 1024;
/** Of all texts of a learner in a course, compressed, bytes: the oldest go first. And of all recordings, which take no text's place, as much. */
const learnerLimit = 2 * 2 ** 20;
/** Of recordings that are taken home together, bytes as the terminals had them: the newest. */
const takenLimit = 8 * 2 ** 20;
/** Of all learners' files together, a share of the disk: those of who came last longest ago go first. They are a record, not the work itself. */
const share = 0.05;
/** Drawing takes memory (10 MB for 5,000 lines) and a processor for a moment: one terminal at a time. */
const drawnAtOnce = 1;
/** Terminals that are read, from agents that may be slow to answer, at once; of one learner one. */
const readAtOnce = 4;
/** How long one may hold the place that others wait for, ms; it then goes on without. */
const lentMs = 2000;
/** Reading one terminal once it is its turn, ms. */
const readMs = 10_000;
const day = 86_400_000;
/** What is kept of a terminal: <sandbox>.<lesson>.<terminal>.<its number in the agent>.<kind>; the number is missing in old files. */
const ofTerminal = new RegExp(`^[a-z0-9-]+\\.([a-z0-9-]+)\\.(${terminalPart})(?:\\.\\d+)?(\\.[a-z.]+)$`);

interface OfTerminal {
	/** Slug. */
	lesson: string;
	/** "1" … "4", or the node on which it was: "c1" … */
	number: string;
	/** When it was last kept, ms. */
	kept: number;
}

export interface TranscriptText extends OfTerminal {
	text: string;
}

export interface TakenRecording extends OfTerminal {
	recording: KeptRecording;
}

const texts = '.txt.gz';
const recordings = '.rec.gz';

export class Transcripts {
	readonly #data: string;
	readonly #clock: Clock;
	/** Bytes of all files together. */
	readonly #most: number;
	readonly #reading: Semaphore;
	readonly #drawing = new Semaphore({ places: drawnAtOnce });
	/** Path → how far it was kept. */
	readonly #ends = new Map<string, bigint>();

	/** @param most bytes of all files together; a share of the disk if left out */
	constructor({ data, clock, most }: { data: string; clock: Clock; most?: number }) {
		this.#data = data;
		this.#most = most ?? share * diskOf(data).bytes;
		this.#clock = clock;
		this.#reading = new Semaphore({ places: readAtOnce, share: 1, lent: { clock, ms: lentMs } });
	}

	#folder({ owner, course }: Owned): string {
		return join(this.#data, 'transcripts', course.slug, owner.name);
	}

	/**
	 * Keeps what the terminals of a sandbox show, in place of what was kept of them.
	 * @throws Error of the file system; DeadlinePassed, the signal's reason
	 */
	async keep(lab: Owned, sandbox: string, terminals: readonly Recorded[], signal?: AbortSignal): Promise<void> {
		const folder = this.#folder(lab);
		for (const terminal of terminals) {
			// Each shell of a terminal has its own: the next one does not take the place of what the one before has shown.
			const path = join(folder, `${sandbox}.${terminal.terminal.replace('/', '.')}.${terminal.term}`);
			if (this.#ends.get(path) === terminal.end) continue;
			const shown = await this.#reading.run(() => this.#shown(terminal, signal), lab.owner.id);
			signal?.throwIfAborted();
			if (!shown?.text) continue;
			await mkdir(folder, { recursive: true, mode: 0o700 });
			await put(`${path}${texts}`, Buffer.from(shown.text));
			const kept = await this.#withTimes(`${path}${recordings}`, terminal, shown.recording);
			if (kept) await put(`${path}${recordings}`, packRecording(kept));
			this.#ends.set(path, terminal.end);
		}
		for (const kind of [texts, recordings]) await this.#bound(folder, kind);
	}

	async #shown({ record }: Recorded, outer: AbortSignal | undefined): Promise<{ text: string; recording: Recording } | undefined> {
		const recording = await withDeadline({ clock: this.#clock, ms: readMs, outer }, record);
		return recording && { text: await this.#drawing.run(() => screenText(recording, terminalLimit)), recording };
	}

	/** Times that an earlier server has seen are in what it has kept. */
	async #withTimes(path: string, { term, times, over }: Recorded, recording: Recording): Promise<KeptRecording | undefined> {
		const older = times.whole ? undefined : await readRecording(path);
		const moments = joinedMoments(older?.term === term ? older.moments : [], times.moments);
		const exit = over && (over.kind === 'exit' ? over.code : 128 + over.code);
		return keptRecording(recording, { term, moments, exit }, terminalLimit);
	}

	/** The sandbox is gone: no more comes of its terminals. */
	forgetSandbox(sandbox: string): void {
		for (const path of this.#ends.keys()) if (path.includes(`/${sandbox}.`)) this.#ends.delete(path);
	}

	/** All that is kept of a learner in a course, oldest first. @throws Error of the file system */
	async read(lab: Owned): Promise<TranscriptText[]> {
		const found: TranscriptText[] = [];
		for (const { path, ...terminal } of await this.#ofTerminals(lab, texts)) {
			const packed = await ifThere(readFile(path));
			if (packed) found.push({ ...terminal, text: (await expand(packed)).toString() });
		}
		return found;
	}

	/** The newest recordings of a learner in a course, as many as are taken home together, oldest first. @throws Error of the file system */
	async recordings(lab: Owned): Promise<TakenRecording[]> {
		const found: TakenRecording[] = [];
		let bytes = 0;
		for (const { path, ...terminal } of (await this.#ofTerminals(lab, recordings)).reverse()) {
			const recording = await readRecording(path);
			bytes += recording?.bytes.length ?? 0;
			if (bytes > takenLimit) break;
			if (recording) found.unshift({ ...terminal, recording });
		}
		return found;
	}

	async #ofTerminals(lab: Owned, kind: string): Promise<(OfTerminal & { path: string })[]> {
		return (await this.#files(this.#folder(lab))).flatMap(({ path, name, changed }) => {
			const [, lesson, number, end] = ofTerminal.exec(name) ?? [];
			return lesson === undefined || number === undefined || end !== kind ? [] : [{ path, lesson, number, kept: changed }];
		});
	}

	/** The learner starts afresh. @throws Error of the file system */
	async forget(lab: Owned): Promise<void> {
		await rm(this.#folder(lab), { recursive: true, force: true });
	}

	/** Removes what nobody came back to for so many days, and what is too much together, oldest first. @throws Error of the file system */
	async expire(days: number): Promise<void> {
		const top = join(this.#data, 'transcripts');
		const folders = [];
		for (const course of await names(top)) {
			for (const learner of await names(join(top, course))) {
				const folder = join(top, course, learner);
				const files = await this.#files(folder);
				const newest = Math.max(0, ...files.map(({ changed }) => changed));
				folders.push({ folder, newest, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) });
			}
		}
		let together = 0;
		for (const { folder, newest, bytes } of folders.sort((a, b) => b.newest - a.newest)) {
			together += bytes;
			const isOld = newest < this.#clock.now() - days * day;
			if (isOld || together > this.#most) await rm(folder, { recursive: true, force: true });
		}
	}

	async #bound(folder: string, kind: string): Promise<void> {
		let bytes = 0;
		for (const file of (await this.#files(folder)).reverse()) {
			if (!file.name.includes(kind)) continue;
			bytes += file.bytes;
			if (bytes > learnerLimit) await rm(file.path, { force: true });
		}
	}

	/** Oldest first. */
	async #files(folder: string) {
		const files = [];
		for (const name of await names(folder)) {
			const path = join(folder, name);
			const found = await ifThere(stat(path));
			if (found) files.push({ path, name, bytes: found.size, changed: found.mtimeMs });
		}
		return files.sort((a, b) => a.changed - b.changed);
	}
}

async function put(path: string, bytes: Buffer): Promise<void> {
	// Of its own name: two recordings of a sandbox may come to this at once.
	const draft = `${path}.${randomUUID()}`;
	await writeFile(draft, await compress(bytes), { mode: 0o600 });
	await rename(draft, path);
}

/** undefined: there is none, or it is not whole, as after a power cut: the rest of the learner's work does not wait for that. */
async function readRecording(path: string): Promise<KeptRecording | undefined> {
	const packed = await ifThere(readFile(path));
	const bytes = packed && (await expand(packed).catch(() => undefined));
	return bytes && unpackRecording(bytes);
}

async function names(folder: string): Promise<string[]> {
	return (await ifThere(readdir(folder))) ?? [];
}

/** undefined: it is not there, or not any more; what is kept at this moment is renamed, and the oldest goes. */
async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
	try {
		return await asked;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
		return undefined;
	}
}
