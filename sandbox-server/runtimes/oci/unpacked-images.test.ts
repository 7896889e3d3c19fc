import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pack } from 'tar-stream';
import type { ImageStore } from '../../images/image-store.ts';
import { UnpackedImages } from './unpacked-images.ts';

const id = 'a'.repeat(64);
const never = new AbortController().signal;

/** A store of one image, and how often that was exported. `before`: what an export waits for. */
function unpacking(t: TestContext, before: () => Promise<void> = async () => undefined, small?: { disk: string; release: string }) {
	const root = mkdtempSync(join(tmpdir(), 'etabli-images-'));
	if (small) execFileSync('mount', ['-t', 'tmpfs', '-o', small.disk, 'small', root]);
	t.after(() => {
		if (small) execFileSync('umount', [root]);
		rmSync(root, { recursive: true, force: true });
	});
	const store = {
		exports: 0,
		inspect: async () => ({ id: `sha256:${id}`, bytes: 1, env: ['A=b'] }),
		exportRoot: async () => {
			store.exports++;
			await before();
			const archive = pack();
			archive.entry({ name: 'etc/release' }, small?.release ?? 'one\n');
			archive.entry({ name: 'dev/sda' }, 'none\n');
			archive.finalize();
			return Readable.from(archive, { objectMode: false });
		},
	};
	return { root, store, images: new UnpackedImages(root, store as unknown as ImageStore, 'unix:///nowhere/one') };
}

test('an image is unpacked once for all who ask, without what stands in its /dev', async (t) => {
	const { store, images } = unpacking(t);
	const before = process.umask(0o077);
	t.after(() => process.umask(before));
	const [one, two] = await Promise.all([images.get('a:1', never), images.get('a:1', never)]);
	assert.deepEqual([store.exports, one, one], [1, two, { id, env: ['A=b'], folder: one?.folder }]);
	assert.equal(readFileSync(join(one.folder, 'etc/release'), 'utf8'), 'one\n');
	assert.equal(existsSync(join(one.folder, 'dev/sda')), false);
	const modes = [one.folder, join(one.folder, 'etc/release')].map((path) => statSync(path).mode & 0o777);
	assert.deepEqual(modes, [0o755, 0o644], 'whatever the server’s umask');
});

test('who gives up takes the image away from nobody who waits for it too', async (t) => {
	const started = Promise.withResolvers<void>();
	const { store, images } = unpacking(t, () => started.promise);
	const impatient = new AbortController();
	const [first, second] = [images.get('a:1', impatient.signal), images.get('a:1', never)];
	impatient.abort(new Error('called off'));
	await assert.rejects(first, /called off/);
	started.resolve();
	assert.ok(existsSync((await second).folder));
	assert.equal(store.exports, 1);
});

test('an export that fails leaves no program waiting and no folder, and is tried again', async (t) => {
	let fails = true;
	const { root, images } = unpacking(t, async () => {
		if (fails) throw new Error('the store is away');
	});
	const children = () =>
		readdirSync('/proc/self/task').flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' '));
	await assert.rejects(images.get('a:1', never), /the store is away/);
	await sleep(50);
	assert.deepEqual([children().filter(Boolean), readdirSync(root)], [[], []]);
	fails = false;
	assert.ok(existsSync((await images.get('a:1', never)).folder));
});

test('an image that was taken away meanwhile is unpacked again', async (t) => {
	const { store, images } = unpacking(t);
	const { folder } = await images.get('a:1', never);
	rmSync(join(folder, '..'), { recursive: true });
	assert.ok(existsSync((await images.get('a:1', never)).folder));
	assert.equal(store.exports, 2);
});

test('no room for an image: said, nothing is left of it, and it is unpacked once there is room', {
	skip: process.getuid?.() !== 0 && 'only root may mount a small disk',
}, async (t) => {
	const { root, images } = unpacking(t, undefined, { disk: 'size=64k', release: 'x'.repeat(100_000) });
	await assert.rejects(images.get('a:1', never), /the image a:1 could not be unpacked: .*; 0 MiB are free in /s);
	assert.deepEqual(readdirSync(root), []);
	execFileSync('mount', ['-o', 'remount,size=1m', root]);
	assert.ok(existsSync((await images.get('a:1', never)).folder));
});

test('an image that is there and is not whole is unpacked again; one that no store has goes, unless a container has it', async (t) => {
	const { root, store, images } = unpacking(t);
	mkdirSync(join(root, id, 'root'), { recursive: true });
	const { folder } = await images.get('a:1', never);
	assert.ok(existsSync(join(folder, 'etc/release')));
	const [used, unused, others, gone] = ['b', 'c', 'd', 'e'].map((letter) => letter.repeat(64)) as [string, string, string, string];
	for (const name of [used, unused, others, gone]) mkdirSync(join(root, name));
	// Of an engine that is there, as far as one can see; and of one that is not.
	writeFileSync(join(root, others, 'image.json'), JSON.stringify({ store: `unix://${root}` }));
	writeFileSync(join(root, gone, 'image.json'), JSON.stringify({ store: `unix://${root}/gone` }));
	store.inspect = async (reference?: string) =>
		(reference === `sha256:${id}` ? { id: `sha256:${id}`, bytes: 1, env: [] } : undefined) as never;
	await images.prune(() => new Set([used]));
	assert.deepEqual(readdirSync(root).sort(), [id, used, others]);
});
