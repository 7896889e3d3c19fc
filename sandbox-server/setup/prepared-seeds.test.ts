import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { readSeeds, saveSeeds } from './prepared-seeds.ts';

test('images that lessons pull come back from their files as they were', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-seeds-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const store = {
		inspect: async (image: string) => ({ id: `id of ${image}`, bytes: 1, env: [] }),
		save: async ([image = '']: readonly string[]) => Readable.from(Buffer.from(`archive of ${image}`)),
	};
	const seeds = ['a:1', 'b:2'].map((name) => ({ course: 'demo', name, image: `etabli-seed/demo/${name}` }));
	await saveSeeds({ store, seeds, folder });
	const { images, ...there } = readSeeds(folder);
	assert.deepEqual(
		there.seeds.map(({ course, name }) => [course, name]),
		[
			['demo', 'a:1'],
			['demo', 'b:2'],
		],
	);
	const [, second] = there.seeds;
	assert.equal((await images.inspect(second?.image ?? ''))?.id, 'id of etabli-seed/demo/b:2');
	assert.equal(await text(await images.save([second?.image ?? ''])), 'archive of etabli-seed/demo/b:2');
	assert.equal(await images.inspect('another'), undefined);
});

test('where none were saved there are none', () => {
	assert.deepEqual(readSeeds('/nowhere').seeds, []);
});
