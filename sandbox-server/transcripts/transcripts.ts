/**
 * What learners' terminals showed, kept to be taken home: `<data>/transcripts/<course>/<learner>/<sandbox>.<lesson>.<number>.txt.gz`, one file
 * for each terminal of each sandbox, bounded for each learner and course. Read from the holder's ring when files are kept, so that nothing is
 * written while somebody types.
 */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Course } from '../../src/shared/course.ts';
import { Semaphore } from '../checks/semaphore.ts';
import type { LearnerRow } from '../store/store.ts';
import { type Recording, screenText } from './screen-text.ts';

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** Text of one terminal of one sandbox, bytes. */
const terminalLimit = 512 * 1024;
/** Of all files of a learner in a course, compressed, bytes: the oldest go first. */
const learnerLimit = 2 * 2 ** 20;
/** Drawing takes memory (10 MB for 5,000 lines) and a processor for a moment: one terminal at a time. */
const atOnce = 1;
const day = 86_400_000;

/** A terminal that has something to show. */
export interface Recorded {
	/** "first-container/1". */
	terminal: string;
	/** How far its output goes: when that is as before, nothing is to be kept. */
	end: bigint;
	/** undefined when it cannot be had any more. */
	record(): Promise<Recording | undefined>;
}

export interface TranscriptText {
	/** Slug. */
	lesson: string;
	/** "1" … "4". */
	number: string;
	/** When it was last kept, ms. */
	kept: number;
	text: string;
}

export class Transcripts {
	readonly #data: string;
	readonly #now: () => number;
	readonly #drawing = new Semaphore(atOnce, atOnce);
	/** Path → how far it was kept. */
	readonly #ends = new Map<string, bigint>();

	constructor({ data, now }: { data: string; now: () => number }) {
		this.#data = data;
		this.#now = now;
	}

	#folder(learner: LearnerRow, course: Course): string {
		return join(this.#data, 'transcripts', course.slug, learner.name);
	}

	/** Keeps what the terminals of a sandbox show, in place of what was kept of them. @throws Error of the file system */
	async keep(sandbox: string, learner: LearnerRow, course: Course, terminals: readonly Recorded[]): Promise<void> {
		const folder = this.#folder(learner, course);
		for (const { terminal, end, record } of terminals) {
			const path = join(folder, `${sandbox}.${terminal.replace('/', '.')}.txt.gz`);
			if (this.#ends.get(path) === end) continue;
			await this.#drawing.run(async () => {
				const recording = await record();
				const text = recording && (await screenText(recording, terminalLimit));
				if (!text) return;
				await mkdir(folder, { recursive: true, mode: 0o700 });
				await writeFile(`${path}.new`, await compress(text), { mode: 0o600 });
				await rename(`${path}.new`, path);
				this.#ends.set(path, end);
			}, learner.id);
		}
		await this.#bound(folder);
	}

	/** The sandbox is gone: no more comes of its terminals. */
	forgetSandbox(sandbox: string): void {
		for (const path of this.#ends.keys()) if (path.includes(`/${sandbox}.`)) this.#ends.delete(path);
	}

	/** All that is kept of a learner in a course, oldest first. @throws Error of the file system */
	async read(learner: LearnerRow, course: Course): Promise<TranscriptText[]> {
		const found: TranscriptText[] = [];
		for (const { path, name, changed } of await this.#files(this.#folder(learner, course))) {
			const [, lesson, number] = /^[a-z0-9-]+\.([a-z0-9-]+)\.([1-4])\.txt\.gz$/.exec(name) ?? [];
			if (lesson === undefined || number === undefined) continue;
			found.push({ lesson, number, kept: changed, text: (await expand(await readFile(path))).toString() });
		}
		return found;
	}

	/** The learner starts afresh. @throws Error of the file system */
	async forget(learner: LearnerRow, course: Course): Promise<void> {
		await rm(this.#folder(learner, course), { recursive: true, force: true });
	}

	/** Removes what nobody came back to for so many days. @throws Error of the file system */
	async expire(days: number): Promise<void> {
		const top = join(this.#data, 'transcripts');
		for (const course of await names(top)) {
			for (const learner of await names(join(top, course))) {
				const folder = join(top, course, learner);
				const newest = Math.max(0, ...(await this.#files(folder)).map(({ changed }) => changed));
				if (newest < this.#now() - days * day) await rm(folder, { recursive: true, force: true });
			}
		}
	}

	async #bound(folder: string): Promise<void> {
		let bytes = 0;
		for (const file of (await this.#files(folder)).reverse()) {
			bytes += file.bytes;
			if (bytes > learnerLimit) await rm(file.path, { force: true });
		}
	}

	/** Oldest first. */
	async #files(folder: string) {
		const files = [];
		for (const name of await names(folder)) {
			const path = join(folder, name);
			const { size, mtimeMs } = await stat(path);
			files.push({ path, name, bytes: size, changed: mtimeMs });
		}
		return files.sort((a, b) => a.changed - b.changed);
	}
}

async function names(folder: string): Promise<string[]> {
	try {
		return await readdir(folder);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
		return [];
	}
}
