import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import { pack } from 'tar-stream';
import { clientOf } from '../../images/docker/client.ts';
import { DockerImages } from '../../images/docker/docker-images.ts';
import { Failure } from '../../setup/failure.ts';
import { dataPaths } from '../../setup/paths.ts';
import { Progress } from '../../setup/progress.ts';
import { packFiles } from './files.ts';
import { type ExportHeader, format, headerName, kind } from './format.ts';
import { importArchive } from './import.ts';
import { programHash } from './program.ts';
import { ArchiveWriter } from './write.ts';

const image = 'etabli-base:000000000000';
let place: string;
let file: string;
beforeEach(() => {
	place = mkdtempSync(join(tmpdir(), 'etabli-import-'));
	file = join(place, 'export.tar');
	for (const name of ['site', 'guest', 'stamps', 'course']) {
		mkdirSync(join(place, 'from', name), { recursive: true });
		writeFileSync(join(place, 'from', name, 'x'), name);
	}
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

interface Contents {
	bytes?: ExportHeader['bytes'];
	/** Folders of the files' stream. */
	folders?: string[];
	tags?: string[];
}

async function make({ bytes = { files: 10, images: 10 }, folders = ['site', 'guest', 'stamps', 'courses/a'], tags = [image] }: Contents) {
	const writer = new ArchiveWriter(file);
	const header: ExportHeader = {
		kind,
		format,
		etabli: '0.1.0',
		program: programHash(),
		architecture: process.arch,
		node: '24.0.0',
		created: '2026-01-31T09:00:00.000Z',
		courses: [{ slug: 'a', title: 'A' }],
		images: [{ saved: image, as: image }],
		bytes,
	};
	await writer.text(headerName, JSON.stringify(header));
	const branches = folders.map((as) => ({ as, path: join(place, 'from', as === 'courses/a' ? 'course' : as) }));
	await writer.stream('files', packFiles(branches));
	const images = pack();
	images.entry({ name: 'manifest.json' }, JSON.stringify([{ Config: 'c.json', RepoTags: tags, Layers: [] }]));
	images.finalize();
	await writer.stream('images', Readable.from(images));
	await writer.finish();
}

/** With no engine behind its socket. */
async function refusal(): Promise<string> {
	const error = await importArchive({
		file,
		courses: join(place, 'courses'),
		paths: dataPaths(join(place, 'data')),
		store: new DockerImages(clientOf(`unix://${join(place, 'no-engine.sock')}`), {}),
		engineFolder: undefined,
		progress: new Progress({ write: () => undefined }),
	}).then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	assert.ok(error instanceof Failure, String(error));
	assert.deepEqual(readdirSync(join(place, 'data')), ['tmp'], 'nothing in its place');
	assert.deepEqual(readdirSync(join(place, 'data/tmp')), [], 'nothing left of what was unpacked');
	return error.message;
}

test('a disk that is too small is told before anything is unpacked', async () => {
	await make({ bytes: { files: 2 ** 50, images: 10 } });
	assert.match(
		await refusal(),
		/^The disk is too small for .*: \d+\.\d GiB are needed in .*data for unpacking, \d+\.\d [GM]iB are free\.$/,
	);
});

test('an archive that does not hold what its header says', async () => {
	await make({ folders: ['guest', 'stamps', 'courses/a'] });
	assert.match(await refusal(), /does not hold what it says: site\.$/);
	await make({ folders: ['site', 'guest', 'stamps'] });
	assert.match(await refusal(), /does not hold what it says: the courses a\.$/);
	await make({ tags: [image, 'debian:trixie'] });
	assert.match(await refusal(), /was refused: it brings an image that is none of Établi's: "debian:trixie"\.$/);
});

test('an engine that goes away: nothing is half imported', async () => {
	await make({});
	assert.match(await refusal(), /^The engine could not load the images: /);
});

test('what an import that was killed has left goes with the next', async () => {
	mkdirSync(join(place, 'data/tmp/import-killed/parts'), { recursive: true });
	await make({});
	await refusal();
});

test('a course that is here and is another stays as it is', async () => {
	mkdirSync(join(place, 'courses/a'), { recursive: true });
	writeFileSync(join(place, 'courses/a/x'), 'mine');
	await make({});
	assert.match(await refusal(), /^The course "a" is here already \(.*courses\/a\), and differs from the one in /);
});
