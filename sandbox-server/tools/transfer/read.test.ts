import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import { pack } from 'tar-stream';
import { Random } from '../../../tests/fixtures/random.ts';
import { Failure } from '../../setup/failure.ts';
import { type ExportHeader, format, headerName, kind, sumsName } from './format.ts';
import { payloadStream, readArchive } from './read.ts';
import { ArchiveWriter } from './write.ts';

const machine = { architecture: 'x64', program: '0'.repeat(64) };
const header: ExportHeader = {
	kind,
	format,
	etabli: '0.1.0',
	program: machine.program,
	architecture: 'x64',
	node: '24.0.0',
	created: '2026-01-31T09:00:00.000Z',
	courses: [{ slug: 'a', title: 'A', version: '1.0.0' }],
	images: [{ saved: 'etabli-base:000000000000', as: 'etabli-base:000000000000' }],
	bytes: { files: 10, images: 10 },
};
const numbers = new Random(3);
/** Does not compress: several parts. */
const bulk = Buffer.from(Uint8Array.from({ length: 20 * 2 ** 20 }, () => numbers.below(256)));

let place: string;
let good: string;
let bytes: Buffer;
before(async () => {
	place = mkdtempSync(join(tmpdir(), 'etabli-read-'));
	good = join(place, 'good.tar');
	await write(good);
	bytes = readFileSync(good);
});
after(() => rmSync(place, { recursive: true }));
let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(place, 'parts-'));
});

async function write(file: string, change: Partial<Record<keyof ExportHeader, unknown>> = {}): Promise<{ bytes: number; sha256: string }> {
	const writer = new ArchiveWriter(file);
	await writer.text(headerName, JSON.stringify({ ...header, ...change }));
	await writer.file('etabli/etabli', join(import.meta.dirname, 'read.test.ts'));
	await writer.stream('files', Readable.from([Buffer.from('files')]));
	await writer.stream('images', Readable.from([bulk]));
	return writer.finish();
}

async function refusal(file: string): Promise<string> {
	rmSync(folder, { recursive: true });
	mkdirSync(folder);
	try {
		await readArchive({ file, machine, accept: () => undefined, folder });
	} catch (error) {
		assert.ok(error instanceof Failure, error instanceof Error ? error.stack : String(error));
		assert.doesNotMatch(error.message.slice(file.length), /\n/, 'one sentence');
		return `${error.message.replace(file, 'FILE')} ${error.hint ?? ''}`;
	}
	return 'taken';
}

test('what was written is read: the header, and each stream as it was', async () => {
	const accepted: ExportHeader[] = [];
	const found = await readArchive({ file: good, machine, accept: (each) => accepted.push(each), folder });
	assert.deepEqual(found, header);
	assert.deepEqual(accepted, [header]);
	assert.deepEqual(readdirSync(folder).sort(), ['files.0000', 'images.0000', 'images.0001']);
	assert.equal((await buffer(Readable.from(payloadStream(folder, 'files')))).toString(), 'files');
	assert.ok((await buffer(Readable.from(payloadStream(folder, 'images')))).equals(bulk));
});

test('its size and hash are those of the file', async () => {
	const { createHash } = await import('node:crypto');
	const file = join(place, 'hash.tar');
	const said = await write(file);
	const content = readFileSync(file);
	assert.deepEqual(said, { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') });
});

test('for another kind of machine, of a newer format, of another program: refused before anything is written', async () => {
	const file = join(place, 'other.tar');
	await write(file, { architecture: 'arm64' });
	assert.match(await refusal(file), /^FILE is for machines of the kind arm64; this one is x64\./);
	await write(file, { format: 2, more: 'unknown' } as object);
	assert.match(await refusal(file), /^FILE was made by a newer Établi \(format 2; this one reads 1\)\. .*tar -xf/);
	await write(file, { program: '1'.repeat(64) });
	assert.match(await refusal(file), /^FILE belongs to another state of Établi \(0\.1\.0\) than this one\. .*tar -xf/);
	await write(file, { images: [{ saved: 'debian:trixie', as: 'debian:trixie' }] });
	assert.match(await refusal(file), /^FILE is damaged: its list of contents cannot be read/);
	assert.deepEqual(readdirSync(folder), []);
});

test('what is no archive of ours', async () => {
	const file = join(place, 'not.tar');
	for (const content of ['', 'text', '\0'.repeat(4096), 'x'.repeat(4096)]) {
		writeFileSync(file, content);
		assert.match(await refusal(file), /^FILE is not an archive of \.\/etabli export/, JSON.stringify(content.slice(0, 8)));
	}
	const tar = pack();
	tar.entry({ name: 'README' }, 'text');
	tar.finalize();
	writeFileSync(file, await buffer(Readable.from(tar)));
	assert.match(await refusal(file), /^FILE is not an archive of/);
	assert.match(await refusal(join(place, 'none.tar')), /^There is no file/);
	assert.match(await refusal(place), /is a folder/);
});

test('cut off anywhere: "not copied completely", never taken', async () => {
	const file = join(place, 'cut.tar');
	// Some lengths by chance, and those at the borders of blocks.
	const lengths = [...Array.from({ length: 30 }, () => numbers.below(bytes.length)), 512, 1024, bytes.length - 1024, bytes.length - 1536];
	for (const length of lengths) {
		writeFileSync(file, bytes);
		truncateSync(file, length);
		const said = await refusal(file);
		// Without the two blocks of zeros at its end, and nothing else, the archive is whole.
		if (length >= bytes.length - 1024) continue;
		assert.match(said, /^FILE (ends too early: it has not been copied completely|is not an archive)/, String(length));
	}
});

test('one byte is another: told, with the member where it is', async () => {
	const file = join(place, 'flip.tar');
	let named = 0;
	for (let round = 0; round < 60; round++) {
		const at = round < 20 ? numbers.below(4096) : numbers.below(bytes.length);
		const copy = Buffer.from(bytes);
		copy[at] = (copy[at] ?? 0) ^ (1 << numbers.below(8));
		writeFileSync(file, copy);
		const said = await refusal(file);
		// Filling between members, and fields of tar that nobody reads, may be anything.
		if (said === 'taken') continue;
		assert.match(
			said,
			/^FILE (is damaged|ends too early|is not an archive|holds|names|is for machines|was made|belongs)/,
			`${at}: ${said}`,
		);
		if (/is damaged: "/.test(said)) named++;
	}
	assert.ok(named > 20, String(named));
});

/** An archive by hand, with right hashes of what stands before its sums. */
async function byHand(...entries: { name: string; type?: 'symlink' | 'file'; linkname?: string; after?: boolean }[]): Promise<string> {
	const { createHash } = await import('node:crypto');
	const file = join(place, 'hand.tar');
	const tar = pack();
	const members: object[] = [];
	const add = (name: string, text: string): void => {
		tar.entry({ name }, text);
		members.push({ name, size: text.length, sha256: createHash('sha256').update(text).digest('hex') });
	};
	add(headerName, JSON.stringify(header));
	const put = ({ name, type = 'file', linkname }: (typeof entries)[number]): void => {
		if (type === 'file') add(name, 'evil');
		else tar.entry({ name, type, linkname: linkname ?? '' });
	};
	for (const entry of entries) if (!entry.after) put(entry);
	tar.entry({ name: sumsName }, JSON.stringify({ members }));
	for (const entry of entries) if (entry.after) put(entry);
	tar.finalize();
	writeFileSync(file, await buffer(Readable.from(tar)));
	return refusal(file);
}

test('members that no export has', async () => {
	assert.equal(await byHand({ name: 'etabli/x' }), 'taken');
	for (const name of ['../x', '/etc/x', 'etabli/../../x', 'etabli//x', 'payload/x', 'payload/files.0000/../../x', 'other'])
		assert.match(await byHand({ name }), /^FILE names a place that is none of an export/, name);
	assert.match(await byHand({ name: 'etabli/x', type: 'symlink', linkname: '/etc' }), /^FILE holds a link or a folder/);
	assert.match(await byHand({ name: 'etabli/x' }, { name: 'etabli/x' }), /^FILE holds "etabli\/x" twice/);
	assert.match(await byHand({ name: 'payload/images.0000', after: true }), /^FILE holds something after its end/);
});
