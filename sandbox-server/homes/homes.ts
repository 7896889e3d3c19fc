/**
 * Learners' homes from one sandbox to the next: saved at intervals and before a sandbox goes, put back before the first prompt of the next.
 * The archives lie in `<data>/homes`; the store says which of them count. docs/decisions/0007-resume.md has the reasons.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Course } from '../../src/shared/course.ts';
import { plainText } from '../../src/shared/plain-text.ts';
import { Semaphore } from '../checks/semaphore.ts';
import type { ScriptRequest, ScriptResult } from '../holder/holder.ts';
import type { HomeRow, LearnerRow, Store } from '../store/store.ts';
import { endScript, packScript, pieceScript, unpackScript } from './scripts.ts';

/** Packing and unpacking, each, ms. */
const timeLimitMs = 60_000;
/** The holder's limit for a script's input is 16 MiB. */
const pieceBytes = 8 << 20;
/**
 * Homes that are packed, and unpacked, at once: a whole class may stop at the same moment. Packing runs among the learner's own programs,
 * which may stop it for as long as its time limit: so it has turns of its own, of which one learner holds one.
 */
const atOnce = 4;
/** Of the disk, always left free, bytes. */
const spare = 512 << 20;
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
	store: Store;
	now: () => number;
	log: { info(detail: object, message: string): void; warn(detail: object, message: string): void };
}

/** A sandbox, as far as its home is concerned. */
export interface Tenant {
	name: string;
	course: Course;
	learner: LearnerRow;
	/** The learner's home in the sandbox. */
	home: string;
	/** The whole environment of scripts. */
	env: Record<string, string>;
	run(request: ScriptRequest): Promise<ScriptResult>;
}

/** What of a home was kept. `leftOut`: paths that were too large, with their sizes in bytes. */
export type Saved = { kept: 'all' } | { kept: 'part' | 'nothing'; leftOut: { path: string; bytes: number }[] };

/** The archive is larger than it may be. */
class TooLarge extends Error {
	override readonly name = 'TooLarge';
}

/** Packing or unpacking did not work; the message is for the log. */
export class HomeFailed extends Error {
	override readonly name = 'HomeFailed';
}

export class Homes {
	readonly #options: HomesOptions;
	readonly #packing = new Semaphore(atOnce, 1);
	readonly #unpacking = new Semaphore(atOnce, 1);

	constructor(options: HomesOptions) {
		this.#options = options;
	}

	get #folder(): string {
		return join(this.#options.data, 'homes');
	}

	/** Makes the folder; removes archives that do not count, and those that nobody came back to. */
	async tidy(): Promise<void> {
		const { store } = this.#options;
		await mkdir(this.#folder, { recursive: true, mode: 0o700 });
		await this.expire();
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
		const { store, days, now } = this.#options;
		for (const home of store.homes()) {
			if (home.saved >= now() - days * 86_400_000) continue;
			store.removeHome(home.learner, home.course);
			await rm(join(this.#folder, home.file), { force: true });
		}
	}

	/**
	 * Keeps the home as it is now, in place of what was kept before. What is too large is left out; when even that does not do, what was
	 * kept before stays.
	 * @throws HomeFailed; HolderGone
	 */
	async save(tenant: Tenant, signal: AbortSignal): Promise<Saved> {
		const save = async (): Promise<Saved> => {
			const { limit } = this.#options;
			const whole = await this.#save(tenant, { limit, largest: anySize, signal });
			if (whole) return { kept: 'all' };
			const part = await this.#save(tenant, { limit, largest: Math.floor(limit / smallPart), signal });
			return part ? { kept: 'part', leftOut: part.leftOut } : { kept: 'nothing', leftOut: [] };
		};
		return await this.#packing.run(save, tenant.learner.id);
	}

	/** undefined: too large. */
	async #save(tenant: Tenant, how: { limit: number; largest: number; signal: AbortSignal }) {
		const { store, now } = this.#options;
		const { learner, course, name } = tenant;
		const saved = now();
		// Before the packing: a lesson that is set up meanwhile is set up again, rather than not at all.
		const lessons = store.setups(name);
		const file = join(course.slug, `${learner.name}-${randomBytes(4).toString('hex')}.tar.gz`);
		const path = join(this.#folder, file);
		try {
			const packed = await this.pack(tenant, path, how);
			const before = store.home(learner.id, course.slug);
			store.putHome({
				learner: learner.id,
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

	/**
	 * Packs the home into a new file. When it fails, what was written of the file is still there.
	 * @throws TooLarge, HomeFailed; HolderGone; Error of the file system
	 */
	async pack(tenant: Tenant, path: string, { limit, largest = anySize, signal }: { limit: number; largest?: number; signal: AbortSignal }) {
		await mkdir(dirname(path), { recursive: true, mode: 0o700 });
		const { bavail, bsize } = await statfs(dirname(path));
		if (bavail * bsize < spare + limit) throw new HomeFailed(`the disk of ${this.#folder} is too full to keep a home`);
		const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
		const written = finished(file);
		written.catch(() => undefined); // It is awaited below; until then nobody else may be told.
		try {
			const result = await tenant.run({
				...this.#request(tenant, 'keep home', packScript),
				env: { ...tenant.env, HOME: tenant.home, TOP: tenant.course.slug, LARGEST: String(largest) },
				outputLimit: limit,
				signal,
				onOutput: (bytes) =>
					file.write(Uint8Array.from(bytes)) ? undefined : Promise.race([once(file, 'drain').then(() => undefined), written]),
			});
			file.end();
			await written;
			if (result.outcome === 'output-limit') throw new TooLarge(`more than ${limit} bytes`);
			if (result.outcome !== 'exited' || result.code !== 0 || file.bytesWritten === 0) throw failed('packing', result);
			return { bytes: file.bytesWritten, leftOut: leftOut(result.stderr) };
		} finally {
			file.destroy();
		}
	}

	/**
	 * Puts the kept home into a new sandbox; nothing happens when there is none.
	 * @returns whether there was one
	 * @throws HomeFailed: then some of it may be there; HolderGone
	 */
	async resume(tenant: Tenant, signal: AbortSignal): Promise<boolean> {
		const home = this.kept(tenant.learner, tenant.course);
		if (!home) return false;
		await this.#unpacking.run(() => this.#unpack(tenant, home, signal), tenant.learner.id);
		this.#options.store.resumeHome(tenant.name, home);
		return true;
	}

	async #unpack(tenant: Tenant, home: HomeRow, signal: AbortSignal): Promise<void> {
		let archive: FileHandle;
		try {
			archive = await open(join(this.#folder, home.file));
		} catch (cause) {
			throw new HomeFailed(`${home.file} cannot be read`, { cause });
		}
		const env = { ...tenant.env, HOME: tenant.home, PIPE: `/tmp/.home-of-${tenant.name}` };
		// When the one who reads the pipe has ended, nobody may wait for it any more.
		const over = new AbortController();
		const step = async (script: string, stop: AbortSignal, stdin?: Uint8Array) => {
			const request = { ...this.#request(tenant, 'bring home', script), env, outputLimit: 64 * 1024, signal: stop };
			const result = await tenant.run({ ...request, ...(stdin && { stdin }) });
			if (result.outcome !== 'exited' || result.code !== 0) throw failed('unpacking', result);
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

	#request(tenant: Tenant, name: string, script: string) {
		return { name, script, cwd: tenant.home, timeLimitMs };
	}

	kept(learner: LearnerRow, course: Course): HomeRow | undefined {
		return this.#options.store.home(learner.id, course.slug);
	}

	/** The learner starts afresh: files and past commands of the course are removed. */
	async forget(learner: LearnerRow, course: Course): Promise<void> {
		const home = this.kept(learner, course);
		this.#options.store.removeHome(learner.id, course.slug);
		if (home) await rm(join(this.#folder, home.file), { force: true });
	}

	/** Reads what is kept. @throws Error of the file system */
	async read(home: HomeRow): Promise<{ bytes: number; stream: Readable }> {
		return await fileStream(join(this.#folder, home.file));
	}

	/**
	 * The home as it is now, without being kept: `limit` in bytes is another than that of `save`.
	 * @throws HomeFailed; HolderGone; Error of the file system
	 */
	async snapshot(tenant: Tenant, limit: number): Promise<{ bytes: number; stream: Readable }> {
		// `tidy` removes what a killed server has left of it.
		const path = join(this.#folder, tenant.course.slug, `passing-${randomBytes(8).toString('hex')}`);
		try {
			const pack = () => this.pack(tenant, path, { limit, signal: AbortSignal.timeout(timeLimitMs) });
			await this.#packing.run(pack, tenant.learner.id);
			return await fileStream(path);
		} catch (error) {
			throw error instanceof TooLarge ? new HomeFailed(error.message, { cause: error }) : error;
		} finally {
			await rm(path, { force: true });
		}
	}
}

/** A file that is open: it may be removed or replaced while it is read. */
export async function fileStream(path: string): Promise<{ bytes: number; stream: Readable }> {
	const file = await open(path);
	return { bytes: (await file.stat()).size, stream: file.createReadStream() };
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
	return plainText(text)
		.replace(/\p{Cc}/gu, '\ufffd')
		.slice(0, 100);
}
