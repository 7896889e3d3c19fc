/**
 * Learners' homes from one sandbox to the next: saved at intervals and before a sandbox goes, put back before the first prompt of the next.
 * The archives lie in `<data>/homes`; the store says which of them count. docs/decisions/0007-resume.md has the reasons.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { plainText } from '../../src/shared/control-sequences.ts';
import { visibleLine } from '../../src/shared/visible.ts';
import type { ScriptResult } from '../agent/agent.ts';
import type { Clock } from '../platform/clock.ts';
import { withDeadline } from '../platform/deadline.ts';
import { diskOf } from '../platform/disk.ts';
import type { Log } from '../platform/log.ts';
import { Semaphore } from '../platform/semaphore.ts';
import type { HomeSource } from '../sandboxes/home-source.ts';
import { type HomeRow, keyOf, type Owned, type Store } from '../store/store.ts';
import { HomeFailed, NoRoomForHome } from './failures.ts';
import { type OpenFile, Passing, type Room } from './passing.ts';
import { endScript, packScript, pieceScript, tooMuch, unpackScript } from './scripts.ts';

/** Packing, ms. */
const timeLimitMs = 60_000;
/** Unpacking, ms: it stands between a learner and the first prompt, and an archive can be made to take long. */
const unpackLimitMs = 30_000;
/** What an archive may hold, for each byte that it may have: text has five times its size, and a home that is made to swell has a thousand. */
const swelling = 8;
/** Files and folders in it. */
const filesLimit = 50_000;
/** How long the packing of one home may hold the place that others wait for, ms: a learner may stop it, and it then goes on without. */
const lentMs = 5000;
/** The agent's limit for a script's input is 16 MiB. */
const pieceBytes = 8 << 20;
/**
 * Homes that are packed, and unpacked, at once: a whole class may stop at the same moment. Packing runs among the learner's own programs,
 * which may stop it for as long as its time limit: so it has turns of its own, of which one learner holds one.
 */
const atOnce = 4;
/** Of the disk, always left free, bytes: looked at before a packing, and again whenever it has written so many more. */
const spare = 512 << 20;
const lookBytes = 1 << 20;
/**
 * Whoever can reach the server can be any number of learners: so all together have an end too, as shares of the disk. What is kept is not
 * removed for what comes: otherwise a script could take everybody's work away.
 */
const shares = { kept: 0.4, passing: 0.05 };
/** When everything is too large together, only files up to this part of the limit are kept. */
const smallPart = 16;
/** Larger than any file. */
const anySize = 2 ** 50;

export interface HomesOptions {
	/** The server's data folder. */
	data: string;
	/** Of one archive, bytes. */
	limit: number;
	/** A home that nobody came back to for so long is removed, days. */
	days: number;
	/** Of all archives together, bytes; left out: a share of the disk that they lie on. */
	total?: number | undefined;
	/** Of those that are on their way to learners' browsers, bytes; left out: another share. */
	passing?: number | undefined;
	/** How much of that disk is free, bytes; left out: as the system says. */
	free?: (() => number) | undefined;
	store: Store;
	clock: Clock;
	log: Log;
}

/** What of a home was kept. `leftOut`: paths that were too large, with their sizes in bytes. */
export type Saved = { kept: 'all' } | { kept: 'part' | 'nothing'; leftOut: { path: string; bytes: number }[] };

/** The archive is larger than it may be. */
class TooLarge extends Error {
	override readonly name = 'TooLarge';
}

/** What may be packed. */
interface PackBounds {
	/** Of the archive, bytes. */
	limit: number;
	/** Of one file, bytes; larger ones are left out. */
	largest?: number;
	/** Of everything in it, bytes. */
	bytes?: number;
	/** Files and folders in it. */
	files?: number;
	/** Told of every piece of the archive before it is written; it may throw. */
	count?: (bytes: number) => void;
	signal: AbortSignal;
}

export class Homes {
	readonly #options: HomesOptions;
	readonly #packing: Semaphore;
	readonly #unpacking: Semaphore;
	/** Of all archives that are kept, bytes. */
	readonly #most: number;
	/** Archives that are being packed for browsers, or read by them: a file that is removed takes room until then. */
	readonly #passing: Passing;
	readonly #free: () => number;

	constructor(options: HomesOptions) {
		this.#options = options;
		const disk = diskOf(options.data).bytes;
		this.#most = options.total ?? shares.kept * disk;
		this.#passing = new Passing(options.passing ?? shares.passing * disk);
		this.#free = options.free ?? (() => diskOf(this.#folder).free);
		const places = { places: atOnce, share: 1, lent: { clock: options.clock, ms: lentMs } };
		this.#packing = new Semaphore(places);
		this.#unpacking = new Semaphore(places);
	}

	/** What is kept, of all learners. */
	get room(): Room {
		return { bytes: this.#options.store.homes().reduce((sum, { bytes }) => sum + bytes, 0), most: this.#most };
	}

	/** What is on its way to browsers. */
	get passing(): Room {
		return this.#passing.room;
	}

	get #folder(): string {
		return join(this.#options.data, 'homes');
	}

	/** Marks of sandboxes. */
	get #marks(): string {
		return join(this.#options.data, 'homes-apart');
	}

	/** Its learner's kept home could not be brought back: what it holds must not take that one's place, whichever server runs. @throws Error of the file system */
	setApart(sandbox: string): void {
		mkdirSync(this.#marks, { recursive: true, mode: 0o700 });
		writeFileSync(join(this.#marks, sandbox), '');
	}

	isApart(sandbox: string): boolean {
		return existsSync(join(this.#marks, sandbox));
	}

	/** Makes the folder; removes archives that do not count, and those that nobody came back to. */
	async tidy(): Promise<void> {
		const { store } = this.#options;
		await mkdir(this.#folder, { recursive: true, mode: 0o700 });
		await this.expire();
		const living = new Set(store.sandboxes().map(({ name }) => name));
		const marks = existsSync(this.#marks) ? await readdir(this.#marks) : [];
		for (const name of marks) if (!living.has(name)) await rm(join(this.#marks, name), { force: true });
		const counted = new Set(store.homes().map(({ file }) => file));
		for (const course of await readdir(this.#folder)) {
			for (const name of await readdir(join(this.#folder, course))) {
				const file = join(course, name);
				if (!counted.has(file)) await rm(join(this.#folder, file), { force: true });
			}
		}
	}

	/** Removes those that nobody came back to. */
	async expire(): Promise<void> {
		const { store, days, clock } = this.#options;
		for (const { learner, course } of store.homes()) {
			// Looked at again: it may have been kept anew while another one's file was removed.
			const home = store.home({ learner, course });
			if (!home || home.saved >= clock.now() - days * 86_400_000) continue;
			store.removeHome(home);
			await rm(join(this.#folder, home.file), { force: true });
		}
	}

	/**
	 * Keeps the home as it is now, in place of what was kept before. What is too large is left out; when even that does not do, what was
	 * kept before stays.
	 * @param ms that it may take once it is its turn
	 * @throws HomeFailed; AgentGone, DeadlinePassed, the signal's reason
	 */
	async save(source: HomeSource, outer: AbortSignal, ms = 2 * timeLimitMs): Promise<Saved> {
		const save = async (signal: AbortSignal): Promise<Saved> => {
			const { limit } = this.#options;
			const bounds = { limit, bytes: swelling * limit, files: filesLimit, signal };
			const whole = await this.#save(source, { ...bounds, largest: anySize });
			if (whole) return { kept: 'all' };
			const part = await this.#save(source, { ...bounds, largest: Math.floor(limit / smallPart) });
			return part ? { kept: 'part', leftOut: part.leftOut } : { kept: 'nothing', leftOut: [] };
		};
		const { clock } = this.#options;
		return await this.#packing.run(() => withDeadline({ clock, ms, outer }, save), source.owner.id);
	}

	/** undefined: too large. */
	async #save(source: HomeSource, how: PackBounds) {
		const { store, clock } = this.#options;
		const { owner, course, name } = source;
		const saved = clock.now();
		// Before the packing: a lesson that is set up meanwhile is set up again, rather than not at all.
		const lessons = store.setups(name);
		const file = join(course.slug, `${owner.name}-${randomBytes(4).toString('hex')}.tar.gz`);
		const path = join(this.#folder, file);
		// One that has no place yet needs one, whatever it is: it is not packed in vain.
		this.#checkRoom(source, this.kept(source) ? 0 : 1);
		try {
			const packed = await this.pack(source, path, how);
			// Given up meanwhile: what was kept before stays, or has been forgotten.
			how.signal.throwIfAborted();
			this.#checkRoom(source, packed.bytes);
			const before = store.home(keyOf(source));
			store.putHome({
				learner: owner.id,
				course: course.slug,
				file,
				saved,
				bytes: packed.bytes,
				lessons,
				leftOut: packed.leftOut.map((left) => left.path),
			});
			if (before) await rm(join(this.#folder, before.file), { force: true });
			return packed;
		} catch (error) {
			await rm(path, { force: true });
			if (error instanceof TooLarge) return undefined;
			throw error;
		}
	}

	/** One that does not grow may always take its own place. @throws NoRoomForHome */
	#checkRoom(source: HomeSource, bytes: number): void {
		const before = this.kept(source)?.bytes ?? 0;
		const { bytes: kept, most } = this.room;
		const after = kept - before + bytes;
		if (after > most && bytes > before) throw new NoRoomForHome(`all kept homes together would have ${after} bytes, of ${most} at most`);
	}

	/** @param bytes that are about to be written @throws NoRoomForHome */
	#checkDisk(bytes: number): void {
		if (this.#free() < spare + bytes) throw new NoRoomForHome(`the disk of ${this.#folder} is too full to keep a home`);
	}

	/**
	 * Packs the home into a new file. When it fails, what was written of the file is still there.
	 * @throws TooLarge, HomeFailed; AgentGone; Error of the file system; what `count` throws
	 */
	async pack(source: HomeSource, path: string, { limit, largest = anySize, bytes = anySize, files = anySize, count, signal }: PackBounds) {
		await mkdir(dirname(path), { recursive: true, mode: 0o700 });
		this.#checkDisk(limit);
		const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
		const written = finished(file);
		written.catch(() => undefined); // It is awaited below; until then nobody else may be told.
		let unlooked = 0;
		try {
			const result = await source.run({
				...this.#request(source, 'keep home', packScript),
				env: {
					...source.env,
					HOME: source.home,
					TOP: source.course.slug,
					LARGEST: String(largest),
					BYTES: String(bytes),
					FILES: String(files),
				},
				outputLimit: limit,
				signal,
				onOutput: (bytes) => {
					count?.(bytes.length);
					unlooked += bytes.length;
					if (unlooked >= lookBytes) {
						unlooked = 0;
						// Others are being packed beside it, more of them than there are places: who is slow goes on without one.
						this.#checkDisk(0);
					}
					return file.write(Uint8Array.from(bytes)) ? undefined : Promise.race([once(file, 'drain').then(() => undefined), written]);
				},
			});
			file.end();
			await written;
			if (result.outcome === 'output-limit') throw new TooLarge(`more than ${limit} bytes`);
			if (result.outcome === 'exited' && result.code === tooMuch) throw new TooLarge(`more than ${bytes} bytes in it, or ${files} files`);
			if (result.outcome !== 'exited' || result.code !== 0 || file.bytesWritten === 0) throw failed('packing', result);
			return { bytes: file.bytesWritten, leftOut: leftOut(result.stderr) };
		} finally {
			file.destroy();
		}
	}

	/**
	 * Puts the kept home into a new sandbox; nothing happens when there is none.
	 * @returns whether there was one
	 * @throws HomeFailed: then some of it may be there; AgentGone
	 */
	async resume(source: HomeSource, signal: AbortSignal): Promise<boolean> {
		const home = this.#options.store.home(keyOf(source));
		if (!home) return false;
		await this.#unpacking.run(() => this.#unpack(source, home, signal), source.owner.id);
		this.#options.store.resumeHome(source.name, home);
		return true;
	}

	async #unpack(source: HomeSource, home: HomeRow, signal: AbortSignal): Promise<void> {
		let archive: FileHandle;
		try {
			archive = await open(join(this.#folder, home.file));
		} catch (cause) {
			throw new HomeFailed(`${home.file} cannot be read`, { cause });
		}
		const env = {
			...source.env,
			HOME: source.home,
			PIPE: `/tmp/.home-of-${source.name}`,
			BYTES: String(2 * swelling * this.#options.limit),
			CLUSTER: [source.course, ...source.course.lessons].some(({ settings }) => settings.cluster) ? 'yes' : '',
		};
		// When the one who reads the pipe has ended, nobody may wait for it any more.
		const over = new AbortController();
		const step = async (script: string, stop: AbortSignal, stdin?: Uint8Array) => {
			const request = {
				...this.#request(source, 'bring home', script),
				timeLimitMs: unpackLimitMs,
				env,
				outputLimit: 64 * 1024,
				signal: stop,
			};
			const result = await source.run({ ...request, ...(stdin && { stdin }) });
			if (result.outcome !== 'exited' || result.code !== 0) throw failed('unpacking', result);
			const said = plainText(result.stderr).slice(-1000);
			if (said !== '') this.#options.log.warn({ sandbox: source.name, said }, 'a home came back, with a remark');
		};
		const unpacking = step(unpackScript, signal).finally(() => over.abort());
		const feed = async () => {
			const either = AbortSignal.any([signal, over.signal]);
			for await (const piece of archive.createReadStream({ highWaterMark: pieceBytes })) await step(pieceScript, either, piece as Buffer);
			await step(endScript, either);
		};
		const [unpacked, fed] = await Promise.allSettled([unpacking, feed()]);
		await archive.close();
		if (unpacked.status === 'rejected') throw unpacked.reason;
		// It has everything that it wanted: what may follow the archive's end is of no account.
		if (fed.status === 'rejected' && !over.signal.aborted) throw fed.reason;
	}

	#request(source: HomeSource, name: string, script: string) {
		return { name, script, cwd: source.home, timeLimitMs };
	}

	kept(whose: Owned): HomeRow | undefined {
		return this.#options.store.home(keyOf(whose));
	}

	/** The learner starts afresh: files and past commands of the course are removed. */
	async forget(lab: Owned): Promise<void> {
		const home = this.kept(lab);
		this.#options.store.removeHome(keyOf(lab));
		if (home) await rm(join(this.#folder, home.file), { force: true });
	}

	/** Reads what is kept. @throws TooManyPassing; Error of the file system */
	async read(home: HomeRow): Promise<OpenFile> {
		return await this.#passing.open(join(this.#folder, home.file));
	}

	/**
	 * The home as it is now, without being kept: `limit` in bytes is another than that of `save`.
	 * @throws HomeFailed, TooManyPassing; AgentGone; Error of the file system; the signal's reason
	 */
	async snapshot(source: HomeSource, limit: number, outer: AbortSignal): Promise<OpenFile> {
		// `tidy` removes what a killed server has left of it.
		const path = join(this.#folder, source.course.slug, `passing-${randomBytes(8).toString('hex')}`);
		const room = this.#passing.begin();
		try {
			const signal = AbortSignal.any([outer, AbortSignal.timeout(timeLimitMs)]);
			await this.#packing.run(() => this.pack(source, path, { limit, count: room.add, signal }), source.owner.id);
			return await this.#passing.open(path, room);
		} catch (error) {
			room.giveBack();
			throw error instanceof TooLarge ? new HomeFailed(error.message, { cause: error }) : error;
		} finally {
			await rm(path, { force: true });
		}
	}
}

function failed(what: string, { outcome, code, ms, stderr }: ScriptResult): HomeFailed {
	return new HomeFailed(`${what} the home: ${outcome} ${code} after ${ms} ms: ${plainText(stderr).slice(-1000)}`);
}

/** Names come from the learner's own files: without control characters, and not without end. */
function leftOut(stderr: string): { path: string; bytes: number }[] {
	return [...stderr.matchAll(/^left out\t(\d+)\t(.+)$/gm)]
		.map(([, bytes, path]) => ({ bytes: Number(bytes), path: harmless(path ?? '') }))
		.sort((a, b) => b.bytes - a.bytes)
		.slice(0, 5);
}

function harmless(text: string): string {
	return visibleLine(plainText(text)).slice(0, 100);
}
