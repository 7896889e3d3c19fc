/** Reading an archive: nothing in it is believed before its header fits this machine, and nothing is used before every member's hash is right. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { createZstdDecompress } from 'node:zlib';
import { extract } from 'tar-stream';
import { z } from 'zod';
import { codeOf, Failure } from '../../setup/failure.ts';
import { feed, show } from './files.ts';
import {
	anyHeaderSchema,
	type ExportHeader,
	format,
	headerName,
	headerSchema,
	type Payload,
	partName,
	programFolder,
	type Sums,
	sumsName,
	sumsSchema,
} from './format.ts';

/** What the machine is like for which an archive has to be. */
export interface Machine {
	architecture: string;
	/** Hash of the program. */
	program: string;
}

export interface ReadRequest {
	file: string;
	machine: Machine;
	/** Called with the header, once it fits, before anything is written. @throws to refuse */
	accept: (header: ExportHeader) => void;
	/** Empty folder for the parts. */
	folder: string;
	/** Bytes read so far. */
	onProgress?: (bytes: number) => void;
	signal?: AbortSignal | undefined;
}

/** Bytes of a header or of the sums: more is none of ours. */
const textLimit = 16 * 2 ** 20;
const again = 'Copy it again from where it was made, and compare what sha256sum says of both.';

/**
 * Reads the whole archive once.
 * @returns the header; the parts lie in `folder`, and are what was exported
 * @throws Failure with one sentence
 */
export async function readArchive(request: ReadRequest): Promise<ExportHeader> {
	const { file, folder, signal } = request;
	const tar = extract();
	const fed = feed(counted(request), tar);
	let header: ExportHeader | undefined;
	let sums: Sums | undefined;
	const members: Sums['members'] = [];
	try {
		for await (const entry of tar) {
			signal?.throwIfAborted();
			const { name, type, size } = entry.header;
			if (sums) throw refused(file, `holds something after its end: ${show(name)}`);
			if (!header && name !== headerName) throw notOurs(file);
			if (type !== 'file') throw refused(file, `holds a link or a folder where only files are: ${show(name)}`);
			if (!isMember(name)) throw refused(file, `names a place that is none of an export: ${show(name)}`);
			if (members.some((member) => member.name === name)) throw refused(file, `holds ${show(name)} twice`);
			const isText = name === headerName || name === sumsName;
			if (isText && size > textLimit) throw notOurs(file);
			const hash = createHash('sha256');
			const kept: Buffer[] = [];
			const part = name.startsWith('payload/') ? await open(join(folder, posix.basename(name)), 'wx') : undefined;
			try {
				for await (const chunk of entry as AsyncIterable<Buffer>) {
					hash.update(chunk);
					if (isText) kept.push(chunk);
					await part?.write(chunk);
				}
			} finally {
				await part?.close();
			}
			if (name === headerName) {
				header = fitting(file, Buffer.concat(kept).toString('utf8'), request.machine);
				request.accept(header);
			}
			if (name === sumsName) sums = parse(file, Buffer.concat(kept).toString('utf8'), sumsSchema);
			else members.push({ name, size, sha256: hash.digest('hex') });
		}
		await fed;
	} catch (error) {
		signal?.throwIfAborted();
		throw explain(file, error, header !== undefined);
	}
	if (!header) throw notOurs(file);
	if (!sums) throw tooShort(file);
	compare(file, members, sums);
	return header;
}

/** The bytes of the stream that its parts in `folder` make, unpacked. */
export async function* payloadStream(folder: string, payload: Payload): AsyncGenerator<Buffer> {
	async function* parts(): AsyncGenerator<Buffer> {
		for (let number = 0; ; number++) {
			try {
				yield* createReadStream(join(folder, posix.basename(partName(payload, number)))) as AsyncIterable<Buffer>;
			} catch (error) {
				if (codeOf(error) === 'ENOENT' && number > 0) return;
				throw error;
			}
		}
	}
	const unpack = createZstdDecompress();
	const { Readable } = await import('node:stream');
	const { pipeline } = await import('node:stream/promises');
	const fed = pipeline(Readable.from(parts()), unpack);
	fed.catch(() => undefined);
	yield* unpack as AsyncIterable<Buffer>;
	await fed;
}

async function* counted({ file, onProgress, signal }: ReadRequest): AsyncGenerator<Buffer> {
	let bytes = 0;
	for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20, signal }) as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		onProgress?.(bytes);
		yield chunk;
	}
}

function isMember(name: string): boolean {
	if (name === headerName || name === sumsName || /^payload\/(files|images)\.\d{4,6}$/.test(name)) return true;
	return name.startsWith(`${programFolder}/`) && posix.normalize(name) === name && !name.split('/').includes('..');
}

/** The header, if the archive is for this machine. @throws Failure */
function fitting(file: string, text: string, machine: Machine): ExportHeader {
	const any = anyHeaderSchema.safeParse(json(text));
	if (!any.success) throw notOurs(file);
	if (any.data.format > format)
		throw new Failure(`${file} was made by a newer Établi (format ${any.data.format}; this one reads ${format}).`, {
			hint: useItsOwn(file),
		});
	const header = parse(file, text, headerSchema);
	if (header.architecture !== machine.architecture)
		throw new Failure(`${file} is for machines of the kind ${header.architecture}; this one is ${machine.architecture}.`, {
			hint: 'Export the courses on a machine of the same kind as this one.',
		});
	if (header.program !== machine.program)
		throw new Failure(`${file} belongs to another state of Établi (${header.etabli}) than this one.`, { hint: useItsOwn(file) });
	return header;
}

const useItsOwn = (file: string): string =>
	`Use the Établi that is in it, in a new folder: tar -xf ${file} ${programFolder}   then ${programFolder}/etabli import ${file}`;

function compare(file: string, members: Sums['members'], sums: Sums): void {
	for (const [index, expected] of sums.members.entries()) {
		const { name, size, sha256 } = members[index] ?? { name: '' };
		if (name !== expected.name || size !== expected.size || sha256 !== expected.sha256)
			throw new Failure(`${file} is damaged: ${show(expected.name)} is not what was exported.`, { hint: again });
	}
	if (members.length !== sums.members.length)
		throw refused(file, `holds more than was exported: ${show(members[sums.members.length]?.name ?? '')}`);
}

function json(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// Not JSON: the schema refuses it in words.
		return undefined;
	}
}

function parse<S extends z.ZodType>(file: string, text: string, schema: S): z.output<S> {
	const result = schema.safeParse(json(text));
	if (result.success) return result.data;
	throw new Failure(`${file} is damaged: its list of contents cannot be read (${z.prettifyError(result.error).split('\n')[0]}).`, {
		hint: again,
	});
}

const notOurs = (file: string): Failure =>
	new Failure(`${file} is not an archive of ./etabli export.`, { hint: 'Make one: ./etabli export FILE' });
const tooShort = (file: string): Failure => new Failure(`${file} ends too early: it has not been copied completely.`, { hint: again });
const refused = (file: string, why: string): Failure =>
	new Failure(`${file} ${why}.`, { hint: './etabli export makes no such archive: do not use it.' });

/** Errors of the tar reader and of the file system, in a sentence. @param begun the header was read */
function explain(file: string, error: unknown, begun: boolean): unknown {
	if (error instanceof Failure) return error;
	const code = codeOf(error);
	if (code === 'ENOENT') return new Failure(`There is no file ${file}.`, { cause: error });
	if (code === 'EISDIR') return new Failure(`${file} is a folder; an archive of ./etabli export is a file.`, { cause: error });
	if (code === 'EACCES') return new Failure(`${file} may not be read by you.`, { cause: error });
	const said = error instanceof Error ? error.message : String(error);
	if (/unexpected end of data/i.test(said)) return begun ? tooShort(file) : notOurs(file);
	if (/invalid tar header/i.test(said))
		return begun ? new Failure(`${file} is damaged: a part of it cannot be read.`, { hint: again, cause: error }) : notOurs(file);
	return error;
}
