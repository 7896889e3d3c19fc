/**
 * Images in a folder of one user, who is not root and has no engine: built here, or taken from archives that were made elsewhere; unpacked
 * when they are first used. An image from elsewhere is the very same as there: its id, its layers.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { z } from 'zod';
import { untilAborted } from '../../platform/deadline.ts';
import { unpack } from '../../platform/unpack.ts';
import { type BuildOrder, type Following, type ImageInfo, type ImageStore, type OneRun, RunFailed } from '../image-store.ts';
import { shortName } from '../names.ts';
import { buildInFolder, type StepRunner } from './build.ts';
import { archiveOf, makeFolderIn, putLayer, removeTree } from './layers.ts';
import { type ImageRecord, ImageRecords } from './records.ts';
import { pullImage } from './registry-client.ts';

/** An image that can be run. */
export interface FolderImage {
	id: string;
	/** "NAME=value" */
	env: string[];
	/** Absolute path of its root file system. */
	folder: string;
}

/** For one image, ms: whoever waits for it may give up long before, and finds it there next time. */
const patience = 30 * 60_000;

const archiveSchema = z.array(z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()) }));

export class FolderImages implements ImageStore {
	readonly #records: ImageRecords;
	readonly #used: () => ReadonlySet<string>;
	readonly #runner: StepRunner;
	readonly #unpacked = new Map<string, Promise<FolderImage>>();

	/**
	 * @param used ids of images that containers have
	 * @param runner of steps of builds
	 */
	constructor(root: string, used: () => ReadonlySet<string>, runner: StepRunner) {
		this.#records = new ImageRecords(root);
		this.#used = used;
		this.#runner = runner;
	}

	/**
	 * The image, unpacked. Whoever gives up waits no longer; the unpacking goes on for the others, and for the next one.
	 * @throws Error when there is no such image, or no room for it; the signal's reason
	 */
	async get(reference: string, signal: AbortSignal): Promise<FolderImage> {
		const record = this.#records.find(reference);
		if (!record) throw new Error(`no such image: ${reference}`);
		let work = this.#unpacked.get(record.id);
		if (!work) {
			work = this.#unpack(record, AbortSignal.timeout(patience));
			this.#unpacked.set(record.id, work);
			// Looked at again next time: another server of this user may take it away.
			work.then(
				() => this.#unpacked.delete(record.id),
				() => this.#unpacked.delete(record.id),
			);
		}
		return await untilAborted(work, signal);
	}

	async #unpack({ id, config, layers }: ImageRecord, signal: AbortSignal): Promise<FolderImage> {
		const folder = join(this.#records.folder(id), 'root');
		const image = { id, env: config.config?.Env ?? [], folder };
		if (existsSync(folder)) return image;
		const draft = this.#records.draft();
		try {
			const fresh = join(draft, 'root');
			await mkdir(fresh, { mode: 0o755 });
			for (const layer of layers) await putLayer(layer, fresh, signal);
			// Another server of this user may have been faster: then its is as good.
			if (!existsSync(folder)) await rename(fresh, folder);
			return image;
		} finally {
			await removeTree(draft);
		}
	}

	async inspect(reference: string): Promise<ImageInfo | undefined> {
		const record = this.#records.find(reference);
		if (!record) return undefined;
		const bytes = record.layers.reduce((sum, layer) => sum + statSync(layer).size, 0);
		return { id: `sha256:${record.id}`, bytes, env: record.config.config?.Env ?? [] };
	}

	async names(repository?: string): Promise<string[]> {
		const all = this.#records.names();
		return repository === undefined ? all : all.filter((name) => name.slice(0, name.lastIndexOf(':')) === repository);
	}

	async build(order: BuildOrder): Promise<void> {
		await buildInFolder(order, this.#records, this.#runner);
	}

	async pull(reference: string, { silence, onLine, signal }: Following & { silence: number }): Promise<void> {
		const draft = this.#records.draft();
		const silent = new AbortController();
		const hush = setTimeout(() => silent.abort(new Error(`no answer within ${silence / 1000} s`)), silence);
		const either = signal ? AbortSignal.any([signal, silent.signal]) : silent.signal;
		const hear = (line: string): void => {
			hush.refresh();
			onLine?.(line);
		};
		try {
			const { config, layers } = await pullImage({ reference, folder: draft, onLine: hear, signal: either });
			const names: string[] = [];
			for (const layer of layers) names.push(await this.#records.addLayer(layer));
			this.#records.add(config, names, [reference]);
		} catch (error) {
			either.throwIfAborted();
			const { cause } = error as Error;
			// fetch says why in its cause alone.
			throw cause instanceof Error ? cause : error;
		} finally {
			clearTimeout(hush);
			await removeTree(draft);
		}
	}

	async push(reference: string): Promise<void> {
		throw new Error(`${reference}: images are not sent to a registry from here; Docker or Podman do that`);
	}

	async importRoot(archive: Readable, reference: string): Promise<void> {
		const draft = this.#records.draft();
		try {
			const file = join(draft, 'layer');
			await pipeline(archive, createWriteStream(file));
			const diff = `sha256:${await plainHash(file)}`;
			const layer = await this.#records.addLayer(file);
			const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
			const config = { architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [diff] }, history: [] };
			this.#records.add(JSON.stringify(config), [layer], [reference]);
		} finally {
			await removeTree(draft);
		}
	}

	async exportRoot(reference: string, signal?: AbortSignal): Promise<Readable> {
		const { folder } = await this.get(reference, signal ?? AbortSignal.timeout(patience));
		return archiveOf(folder, signal);
	}

	async save(references: readonly string[], signal?: AbortSignal): Promise<Readable> {
		const records = references.map((reference) => {
			const record = this.#records.find(reference);
			if (!record) throw new Error(`no such image: ${reference}`);
			return { reference, record };
		});
		const archive = pack();
		const write = async (): Promise<void> => {
			const there = new Set<string>();
			for (const { record } of records) {
				for (const layer of record.layers) {
					const name = layerName(layer);
					if (there.has(name)) continue;
					there.add(name);
					await pipeline(createReadStream(layer, { signal }), archive.entry({ name, size: statSync(layer).size }));
				}
				if (!there.has(record.id)) archive.entry({ name: `${record.id}.json` }, record.text);
				there.add(record.id);
			}
			const list = records.map(({ reference, record }) => ({
				Config: `${record.id}.json`,
				RepoTags: [reference],
				Layers: record.layers.map(layerName),
			}));
			archive.entry({ name: 'manifest.json' }, JSON.stringify(list));
			archive.finalize();
		};
		write().catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))));
		return Readable.from(archive, { objectMode: false });
	}

	async load(archive: Readable, { onLine, signal }: Following = {}): Promise<void> {
		const draft = this.#records.draft();
		try {
			const place = join(draft, 'archive');
			await mkdir(place);
			await unpack(archive, { folder: place, args: ['--no-same-owner', '--no-same-permissions'], signal });
			const images = archiveSchema.parse(JSON.parse(readFileSync(inside(place, 'manifest.json'), 'utf8')));
			// Before any is moved into its place: older Docker has one image's layer as a link to another's.
			const files = new Map(images.flatMap(({ Layers }) => Layers.map((layer) => [layer, inside(place, layer)] as const)));
			const taken = new Map<string, string>();
			for (const { Config, RepoTags, Layers } of images) {
				const text = readFileSync(inside(place, Config), 'utf8');
				const layers: string[] = [];
				for (const layer of Layers) {
					const file = files.get(layer) ?? '';
					const known = taken.get(file) ?? (await this.#records.addLayer(file));
					taken.set(file, known);
					layers.push(known);
				}
				const names = (RepoTags ?? []).map(shortName);
				this.#records.add(text, layers, names);
				for (const name of names) onLine?.(name);
				signal?.throwIfAborted();
			}
		} finally {
			await removeTree(draft);
		}
	}

	async tag(reference: string, as: string): Promise<void> {
		const record = this.#records.find(reference);
		if (!record) throw new Error(`no such image: ${reference}`);
		this.#records.name(as, record.id);
	}

	async untag(reference: string): Promise<void> {
		this.#records.unname(reference);
		await this.#records.tidy(this.#used, removeTree);
	}

	async runOnce({ image, command, files, result, log }: OneRun): Promise<Buffer> {
		const record = this.#records.find(image);
		if (!record) throw new RunFailed(`no such image: ${image}`);
		const draft = this.#records.draft();
		const signal = AbortSignal.timeout(patience);
		try {
			const root = join(draft, 'root');
			await mkdir(root, { mode: 0o755 });
			for (const layer of record.layers) await putLayer(layer, root, signal);
			for (const [path, content] of Object.entries(files)) {
				await makeFolderIn(root, posix.dirname(path), signal);
				writeFileSync(join(root, path), content);
			}
			const env = record.config.config?.Env ?? [];
			const status = await this.#runner.run({
				root,
				command,
				env,
				folder: '/',
				network: false,
				place: draft,
				onLine: () => undefined,
				signal,
			});
			if (status !== 0) throw new RunFailed(readFileSync(inside(root, log), 'utf8'));
			return readFileSync(inside(root, result));
		} finally {
			await removeTree(draft);
		}
	}

	async folder(): Promise<string> {
		return this.#records.root;
	}
}

/** As `docker save` names it. */
function layerName(path: string): string {
	return `${path.slice(path.lastIndexOf('/') + 1)}/layer.tar`;
}

/** The path of an archive's member. @throws Error when it leads out of the folder, by its name or by a link */
function inside(folder: string, member: string): string {
	const path = join(folder, member);
	if (!path.startsWith(`${folder}/`) || !realpathSync(path).startsWith(`${realpathSync(folder)}/`))
		throw new Error(`the archive names a file outside itself: ${member}`);
	return realpathSync(path);
}

async function isGzip(file: string): Promise<boolean> {
	for await (const bytes of createReadStream(file, { end: 1 })) return (bytes as Buffer).equals(Buffer.from([0x1f, 0x8b]));
	return false;
}

/** Hash of the layer as it is unpacked. */
async function plainHash(file: string): Promise<string> {
	const hash = createHash('sha256');
	const plain = (await isGzip(file)) ? createGunzip() : new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });
	await pipeline(createReadStream(file), plain, hash);
	return hash.digest('hex');
}
