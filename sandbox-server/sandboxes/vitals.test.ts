import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VitalsReader } from './vitals.ts';

const well = { memoryUsed: 1, memoryLimit: 9, oomKills: 0, processes: 1, processLimit: 9, processLimitHits: 0 };
const full = (path: string) => ({ ...well, mounts: [{ path, bytes: 1000, bytesFree: 0, inodes: 1000, inodesFree: 900 }] });

test('a full mount is said once a minute', () => {
	const reader = new VitalsReader();
	assert.deepEqual(reader.read(full('/tmp'), 0), [{ code: 'disk-full', values: { path: '/tmp' } }]);
	assert.deepEqual(reader.read(full('/tmp'), 59_000), []);
	assert.equal(reader.read(full('/tmp'), 61_000).length, 1);
});

test('a learner who plays the agent cannot have the server say, and remember, ever more mounts', () => {
	const reader = new VitalsReader();
	let said = 0;
	for (let i = 0; i < 1000; i++) said += reader.read(full(`/made-up/${i}`), i).length;
	assert.ok(said <= 16, `${said} notices`);
});

test('a trouble that is over is told once, and not while things are still tight', () => {
	const reader = new VitalsReader();
	const free = (bytesFree: number) => ({
		...full('/tmp'),
		mounts: [{ path: '/tmp', bytes: 1000, bytesFree, inodes: 1000, inodesFree: 900 }],
	});
	const after = (sign: Parameters<VitalsReader['read']>[0], at: number) => {
		reader.read(sign, at);
		return reader.over();
	};
	assert.deepEqual(after(free(0), 0), []);
	assert.deepEqual(after(free(15), 1), []);
	assert.deepEqual(after(free(200), 2), ['disk-full']);
	assert.deepEqual(after(free(200), 3), []);
	const busy = (processes: number) => ({ ...free(500), processes, processLimit: 100 });
	assert.deepEqual([after(busy(99), 4), after(busy(95), 5), after(busy(50), 6)], [[], [], ['processes-full']]);
	// A program that the kernel has ended stays ended: its notice is closed by whoever has read it.
	assert.deepEqual(after({ ...busy(50), oomKills: 1 }, 7), []);
	assert.deepEqual(after({ ...busy(50), oomKills: 1 }, 8), []);
});
