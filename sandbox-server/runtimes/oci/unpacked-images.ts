/**
 * Images as folders: each is unpacked once, by its id, and every container of it reads the same files. The store that builds images is
 * asked only for what is not here yet.
 */
import { randomBytes } from 'node:crypto';
import {
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	realpathSync,
	renameSync,
	statfsSync,
	writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ImageInfo, ImageStore } from '../../images/image-store.ts';
import { untilAborted } from '../../platform/deadline.ts';
import { unpack } from '../../platform/unpack.ts';

export interface UnpackedImage {
	id: string;
	/** "NAME=value" */
	env: string[];
	/** Absolute path of its root file system. */
	folder: string;
}

/** For one image, ms: whoever waits for it may give up long before, and finds it there next time. */
const patience = 30 * 60_000;
/** Folders of images that are being unpacked. */
const draft = '.new-';
const idPattern = /^[0-9a-f]{64}$/;

export class UnpackedImages {
	readonly #root: string;
	readonly #store: ImageStore;
	readonly #address: string;
	readonly #known = new Map<string, Promise<UnpackedImage>>();

	/**
	 * @param root of this user alone: nobody else of the machine gets at the programs in it
	 * @param address of the engine whose store it is: others unpack into the same folder
	 */
	constructor(root: string, store: ImageStore, address: string) {
		this.#root = root;
		this.#store = store;
		this.#address = address;
		mkdirSync(root, { recursive: true, mode: 0o700 });
	}

	/**
	 * Whoever gives up waits no longer; the unpacking goes on for the others, and for the next one.
	 * @throws Error when there is no such image, or no room for it; the signal's reason
	 */
	async get(reference: string, signal: AbortSignal): Promise<UnpackedImage> {
		const image = await untilAborted(this.#ask(reference), signal);
		// Another server of this machine, with another store, may have taken it away.
		if (existsSync(image.folder)) return image;
		this.#known.delete(reference);
		return await untilAborted(this.#ask(reference), signal);
	}

	#ask(reference: string): Promise<UnpackedImage> {
		const known = this.#known.get(reference);
		if (known) return known;
		const found = this.#find(reference, AbortSignal.timeout(patience));
		this.#known.set(reference, found);
		// Asked for again next time.
		found.catch(() => this.#known.delete(reference));
		return found;
	}

	async #find(reference: string, signal: AbortSignal): Promise<UnpackedImage> {
		let info: ImageInfo | undefined;
		try {
			info = await this.#store.inspect(reference);
		} catch (error) {
			// The store is away: what was unpacked under this name will do.
			const here = this.#byName(reference);
			if (here) return here;
			throw error;
		}
		if (!info) throw new Error(`no such image: ${reference}`);
		const id = info.id.replace(/^sha256:/, '');
		if (!idPattern.test(id)) throw new Error(`the image ${reference} has an id that is none: ${info.id}`);
		return this.#read(id) ?? (await this.#unpack({ reference, id, env: info.env }, signal));
	}

	#read(id: string): UnpackedImage | undefined {
		try {
			const { env } = JSON.parse(readFileSync(join(this.#root, id, 'image.json'), 'utf8')) as { env: string[] };
			return { id, env, folder: join(this.#root, id, 'root') };
		} catch {
			// Not here, or not whole: it is unpacked (again).
			return undefined;
		}
	}

	#byName(reference: string): UnpackedImage | undefined {
		for (const id of this.#ids()) {
			const path = join(this.#root, id, 'image.json');
			if (existsSync(path) && (JSON.parse(readFileSync(path, 'utf8')) as { reference: string }).reference === reference)
				return this.#read(id);
		}
		return undefined;
	}

	#ids(): string[] {
		return readdirSync(this.#root).filter((name) => idPattern.test(name));
	}

	async #unpack({ reference, id, env }: { reference: string; id: string; env: string[] }, signal: AbortSignal): Promise<UnpackedImage> {
		const fresh = join(this.#root, `${draft}${process.pid}-${randomBytes(4).toString('hex')}`);
		const folder = join(fresh, 'root');
		mkdirSync(folder, { recursive: true });
		// The containers' root: theirs to walk through, whatever the server's umask.
		chmodSync(folder, 0o755);
		try {
			const archive = await this.#store.exportRoot(reference, signal);
			// What stands in /dev of an image is not for a container.
			const args = ['-p', '--numeric-owner', '--anchored', '--exclude=dev/*', '--exclude=./dev/*'];
			await unpack(archive, { folder, args, signal }).catch((cause: unknown) => {
				const reason = cause instanceof Error ? cause.message : String(cause);
				throw new Error(`the image ${reference} could not be unpacked: ${reason}; ${this.#freeMiB()} MiB are free in ${this.#root}`, {
					cause,
				});
			});
			writeFileSync(join(fresh, 'image.json'), JSON.stringify({ reference, env, store: this.#address }));
			const place = join(this.#root, id);
			// What is there is not whole, or another server has just been faster: then its is as good.
			if (!this.#read(id)) {
				await rm(place, { recursive: true, force: true });
				renameSync(fresh, place);
			}
			return { id, env, folder: join(place, 'root') };
		} finally {
			await rm(fresh, { recursive: true, force: true });
		}
	}

	/** It came from another store, which is still there: what that has is not known here. */
	#isOthers(id: string): boolean {
		try {
			const { store } = JSON.parse(readFileSync(join(this.#root, id, 'image.json'), 'utf8')) as { store?: string };
			return store !== undefined && store !== this.#address && existsSync(store.replace(/^unix:\/\//, ''));
		} catch {
			// Not whole: nobody's.
			return false;
		}
	}

	/** Whoever reads why an image could not be unpacked mostly wants to know this. */
	#freeMiB(): number {
		const { bavail, bsize } = statfsSync(this.#root);
		return Math.floor((bavail * bsize) / 2 ** 20);
	}

	/**
	 * Removes images that the store does not have any more, or another one that is gone, and drafts of processes that are gone.
	 * @param used ids of those that containers have, asked for at the last moment: other servers of this machine start some, too
	 */
	async prune(used: () => ReadonlySet<string>): Promise<void> {
		for (const name of readdirSync(this.#root)) {
			const path = join(this.#root, name);
			if (name.startsWith(draft) && !existsSync(`/proc/${name.slice(draft.length).split('-')[0]}`))
				await rm(path, { recursive: true, force: true });
			if (!idPattern.test(name) || this.#isOthers(name) || (await this.#store.inspect(`sha256:${name}`)) || used().has(name)) continue;
			// Under another name first: whoever starts a container of it now finds it whole, or not at all.
			const gone = join(this.#root, `${draft}${process.pid}-${name.slice(0, 8)}`);
			renameSync(path, gone);
			await rm(gone, { recursive: true, force: true });
		}
	}
}

/** Text of a plain file of an unpacked image; '' where there is none. A link is none: it would lead to a file of this machine. */
export function textIn(root: string, path: string): string {
	const folder = join(root, dirname(path));
	if (!existsSync(folder) || realpathSync(folder) !== join(realpathSync(root), dirname(path))) return '';
	const file = join(folder, basename(path));
	return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : '';
}
