/** Writing an archive: members one after the other, each with its size and hash; streams of unknown length in parts. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { pack } from 'tar-stream';
import { type Payload, partName, partSize, type Sums, sumsName } from './format.ts';

/** Of 22: higher ones take several times as long for a few per cent. */
const zstdLevel = 6;

export class ArchiveWriter {
	readonly #tar = pack();
	readonly #members: Sums['members'] = [];
	readonly #whole: Hash = createHash('sha256');
	readonly #done: Promise<void>;
	#bytes = 0;

	/** @param file made anew, or written over */
	constructor(file: string, signal?: AbortSignal) {
		const count = new Transform({
			transform: (chunk: Buffer, _encoding, done) => {
				this.#whole.update(chunk);
				this.#bytes += chunk.length;
				done(undefined, chunk);
			},
		});
		this.#done = pipeline(Readable.from(this.#tar), count, createWriteStream(file, { mode: 0o644 }), { signal });
		// Told by whichever member is being written, or by finish.
		this.#done.catch(() => undefined);
	}

	/** Of the archive so far. */
	get bytes(): number {
		return this.#bytes;
	}

	async text(name: string, text: string): Promise<void> {
		await this.#member(name, { mode: 0o644, size: Buffer.byteLength(text) }, Readable.from([Buffer.from(text)]));
	}

	/** @param path of a plain file, which must not grow meanwhile */
	async file(name: string, path: string): Promise<void> {
		const { size, mode } = statSync(path);
		await this.#member(name, { mode: mode & 0o111 ? 0o755 : 0o644, size }, createReadStream(path));
	}

	/** Compresses a stream and writes it as parts of a size that is known. */
	async stream(payload: Payload, source: NodeJS.ReadableStream, signal?: AbortSignal): Promise<void> {
		let number = 0;
		let held: Buffer[] = [];
		let size = 0;
		const flush = async (): Promise<void> => {
			const part = Buffer.concat(held);
			held = [];
			size = 0;
			await this.#member(partName(payload, number++), { mode: 0o644, size: part.length }, Readable.from([part]));
		};
		const parts = new Writable({
			write: (chunk: Buffer, _encoding, done) => {
				held.push(chunk);
				size += chunk.length;
				if (size < partSize) done();
				else flush().then(() => done(), done);
			},
			final: (done) => {
				flush().then(() => done(), done);
			},
		});
		const compress = createZstdCompress({
			params: { [constants.ZSTD_c_compressionLevel]: zstdLevel, [constants.ZSTD_c_checksumFlag]: 1 },
		});
		await pipeline(source, compress, parts, { signal });
	}

	/** The last member, and the end. @returns size and SHA-256 of the whole archive */
	async finish(): Promise<{ bytes: number; sha256: string }> {
		const sums = `${JSON.stringify({ members: this.#members } satisfies Sums)}\n`;
		await this.text(sumsName, sums);
		this.#tar.finalize();
		await this.#done;
		return { bytes: this.#bytes, sha256: this.#whole.digest('hex') };
	}

	/** Whoever gives up: nothing is written any more. */
	async abandon(): Promise<void> {
		this.#tar.destroy();
		await this.#done.catch(() => undefined);
	}

	async #member(name: string, header: { mode: number; size: number }, source: Readable): Promise<void> {
		const hash = createHash('sha256');
		const { promise: written, resolve, reject } = Promise.withResolvers<void>();
		const entry = this.#tar.entry({ name, mtime: new Date(0), ...header }, (error) => (error ? reject(error) : resolve()));
		entry.on('error', reject);
		// A disk that is full ends the whole archive: the member would wait for ever.
		const ended = this.#done.then(() => undefined);
		const sent = (async () => {
			for await (const chunk of source as AsyncIterable<Buffer>) {
				hash.update(chunk);
				if (!entry.write(chunk)) await Promise.race([new Promise((drained) => entry.once('drain', () => drained(undefined))), ended]);
			}
			entry.end(undefined);
		})();
		await Promise.race([Promise.all([sent, written]), ended]);
		this.#members.push({ name, size: header.size, sha256: hash.digest('hex') });
	}
}
