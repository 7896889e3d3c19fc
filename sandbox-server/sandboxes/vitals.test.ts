import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VitalsReader } from './vitals.ts';

const well = { memoryUsed: 1, memoryLimit: 9, oomKills: 0, processes: 1, processLimit: 9, processLimitHits: 0 };
const full = (path: string) => ({ ...well, places: [{ path, bytes: 1000, bytesFree: 0, inodes: 1000, inodesFree: 900 }] });

test('a full place is said once a minute', () => {
	const reader = new VitalsReader();
	assert.deepEqual(reader.read(full('/tmp'), 0), [{ code: 'disk-full', values: { path: '/tmp' } }]);
	assert.deepEqual(reader.read(full('/tmp'), 59_000), []);
	assert.equal(reader.read(full('/tmp'), 61_000).length, 1);
});

test('a learner who plays the holder cannot have the server say, and remember, ever more places', () => {
	const reader = new VitalsReader();
	let said = 0;
	for (let i = 0; i < 1000; i++) said += reader.read(full(`/made-up/${i}`), i).length;
	assert.ok(said <= 16, `${said} notices`);
});
