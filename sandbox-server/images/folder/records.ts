/**
 * Images in a folder of one user: what is known of each, its layers, and its names. All writing is whole or not at all, so that a process
 * that was killed leaves nothing half.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

/** What an image says of itself, in Docker's form; its hash is the image's id. */
export const configSchema = z.looseObject({
	created: z.string().optional(),
	config: z.looseObject({ Env: z.array(z.string()).nullish() }).nullish(),
	rootfs: z.looseObject({ diff_ids: z.array(z.string()) }),
});
export type ImageConfig = z.infer<typeof configSchema>;

export interface ImageRecord {
	id: string;
	config: ImageConfig;
	/** The config's own text. */
	text: string;
	/** Files of its layers (tar archives, compressed or not), the lowest first. */
	layers: string[];
}

/** What is in the making, for a moment; the process that makes it is in its name. */
const draft = '.new-';

export class ImageRecords {
	readonly root: string;

	/** @param root of this user alone: nobody else of the machine gets at the programs in it; made when it is not there */
	constructor(root: string) {
		this.root = root;
		mkdirSync(root, { recursive: true, mode: 0o700 });
		for (const part of ['layers', 'images', 'names']) mkdirSync(join(root, part), { recursive: true });
	}

	/** A folder that nobody else uses; `tidy` removes it when this process is gone. */
	draft(): string {
		const path = join(this.root, `${draft}${process.pid}-${randomBytes(4).toString('hex')}`);
		mkdirSync(path);
		return path;
	}

	/** Takes a file in as a layer. @returns its name there */
	async addLayer(file: string): Promise<string> {
		const hash = createHash('sha256');
		await pipeline(createReadStream(file), hash);
		const name = hash.digest('hex');
		const place = this.layer(name);
		if (existsSync(place)) rmSync(file);
		else renameSync(file, place);
		return name;
	}

	layer(name: string): string {
		return join(this.root, 'layers', name);
	}

	/**
	 * @param text the configuration
	 * @param layers as `addLayer` has named them
	 * @returns the image's id
	 * @throws ZodError
	 */
	add(text: string, layers: readonly string[], names: readonly string[]): string {
		configSchema.parse(JSON.parse(text));
		const id = createHash('sha256').update(text).digest('hex');
		// First, so that nobody who tidies up finds it without one. A name whose image is not whole is none.
		for (const name of names) this.name(name, id);
		const place = this.folder(id);
		mkdirSync(place, { recursive: true });
		this.#write(join(place, 'config.json'), text);
		this.#write(join(place, 'layers.json'), JSON.stringify(layers));
		return id;
	}

	/** Where an image's own files are; its unpacked root file system among them. */
	folder(id: string): string {
		return join(this.root, 'images', id);
	}

	#write(path: string, text: string): void {
		const fresh = `${path}.${process.pid}.new`;
		writeFileSync(fresh, text, { mode: 0o600 });
		renameSync(fresh, path);
	}

	/** By a name ("name:tag"), or an id with "sha256:" before it; undefined: there is none, or it is not whole. */
	find(reference: string): ImageRecord | undefined {
		const id = reference.startsWith('sha256:') ? reference.slice('sha256:'.length) : this.#named(reference);
		if (id === undefined || !/^[0-9a-f]{64}$/.test(id)) return undefined;
		try {
			const text = readFileSync(join(this.folder(id), 'config.json'), 'utf8');
			const layers = z
				.array(z.string().regex(/^[0-9a-f]{64}$/))
				.parse(JSON.parse(readFileSync(join(this.folder(id), 'layers.json'), 'utf8')));
			if (!layers.every((layer) => existsSync(this.layer(layer)))) return undefined;
			return { id, text, config: configSchema.parse(JSON.parse(text)), layers: layers.map((layer) => this.layer(layer)) };
		} catch {
			// Not whole: as if it were not there, so that it is had anew.
			return undefined;
		}
	}

	#nameFile(reference: string): string {
		return join(this.root, 'names', encodeURIComponent(reference));
	}

	#named(reference: string): string | undefined {
		try {
			return readFileSync(this.#nameFile(reference), 'utf8').trim();
		} catch {
			return undefined;
		}
	}

	name(reference: string, id: string): void {
		this.#write(this.#nameFile(reference), id);
	}

	/** The newest first. */
	names(): string[] {
		const folder = join(this.root, 'names');
		return readdirSync(folder)
			.filter((file) => !file.endsWith('.new'))
			.map((file) => ({ name: decodeURIComponent(file), time: statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
			.sort((a, b) => b.time - a.time)
			.map(({ name }) => name);
	}

	unname(reference: string): void {
		rmSync(this.#nameFile(reference), { force: true });
	}

	/** Images without a name, what they alone had, and drafts of processes that are gone. @param used ids that stay in any case */
	async tidy(
		used: () => ReadonlySet<string>,
		remove: (folder: string) => Promise<void> = (folder) => rm(folder, { recursive: true }),
	): Promise<void> {
		// In this order: an image that comes meanwhile is not among them, and one that was among them had its name before.
		const ids = readdirSync(join(this.root, 'images'));
		const named = new Set(this.names().map((name) => this.#named(name)));
		const inUse = used();
		for (const id of ids) {
			if (named.has(id) || inUse.has(id)) continue;
			// Under another name first: whoever looks for it finds it whole, or not at all.
			const gone = join(this.draft(), 'image');
			renameSync(this.folder(id), gone);
		}
		const needed = new Set(readdirSync(join(this.root, 'images')).flatMap((id) => this.find(`sha256:${id}`)?.layers ?? []));
		const layers = join(this.root, 'layers');
		for (const name of readdirSync(layers)) {
			// A moment old: of an image that is just being taken in.
			const fresh = Date.now() - (statSync(this.layer(name), { throwIfNoEntry: false })?.ctimeMs ?? 0) < 3_600_000;
			if (!needed.has(this.layer(name)) && !fresh) rmSync(this.layer(name), { force: true });
		}
		for (const name of readdirSync(this.root)) {
			const owner = name.startsWith(draft) ? name.slice(draft.length).split('-')[0] : undefined;
			const mine = owner === String(process.pid) && existsSync(join(this.root, name, 'image'));
			if (owner !== undefined && (mine || !existsSync(`/proc/${owner}`))) await remove(join(this.root, name));
		}
	}
}
