import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Entry, Quota } from './quota.ts';
import type { Refusal } from './rules.ts';

const KiB = 1024;

function entered(place: Entry | Refusal): Entry {
	assert.equal(place.kind, 'enter', JSON.stringify(place));
	return place as Entry;
}

test('bytes: what is there counts, what comes counts, and a full room is looked at again before refusing', async () => {
	let stored = 60 * KiB;
	const quota = new Quota({ bytes: 100 * KiB }, { used: async () => stored });
	const first = entered(await quota.enter('a', 'bytes', 0));
	assert.equal(first.count(30 * KiB), undefined);
	assert.match(first.count(10 * KiB)?.message ?? '', /^your room in the registry is full/);
	first.leave();
	assert.equal(entered(await quota.enter('a', 'bytes', 30 * KiB)).count(30 * KiB), undefined, 'the upload that was cut off left nothing');
	stored = 90 * KiB;
	assert.equal((await quota.enter('a', 'bytes', 30 * KiB)).kind, 'refuse');
	assert.equal((await quota.enter('a', 'none', 0)).kind, 'enter', 'reading goes on');
	quota.forget('a');
	stored = 0;
	assert.equal((await quota.enter('a', 'bytes', 30 * KiB)).kind, 'enter');
});

test('bytes of all learners: one more is refused, whoever has room; what was removed counts no more', async () => {
	let stored = 60 * KiB;
	const quota = new Quota({ bytes: 100 * KiB, total: 100 * KiB }, { used: async () => 0, usedByAll: async () => stored });
	const first = entered(await quota.enter('a', 'bytes', 30 * KiB));
	assert.equal(first.count(20 * KiB), undefined);
	assert.equal((await quota.enter('b', 'bytes', 30 * KiB)).kind, 'refuse');
	assert.match(first.count(30 * KiB)?.message ?? '', /that all learners share/, 'nor does it come by pieces');
	assert.equal((await quota.enter('b', 'none', 0)).kind, 'enter', 'reading goes on');
	assert.deepEqual(quota.room, { bytes: 118 * KiB, most: 100 * KiB });
	stored = 0;
	quota.forget('a');
	assert.equal((await quota.enter('b', 'bytes', 30 * KiB)).kind, 'enter');
});

test('requests at once: one learner’s do not take another’s places, and places are given back', async () => {
	const quota = new Quota({ concurrent: 2 });
	const places = [entered(await quota.enter('a', 'none', 0)), entered(await quota.enter('a', 'none', 0))];
	assert.equal((await quota.enter('a', 'none', 0)).kind, 'refuse');
	assert.equal((await quota.enter('b', 'none', 0)).kind, 'enter');
	places[0]?.leave();
	places[0]?.leave();
	assert.equal((await quota.enter('a', 'none', 0)).kind, 'enter');
	assert.equal((await quota.enter('a', 'none', 0)).kind, 'refuse', 'a place is given back once');
});

test('uploads and manifests are counted', async () => {
	const quota = new Quota({ writes: 2 });
	for (const write of ['begin', 'manifest'] as const) entered(await quota.enter('a', write, 0)).leave();
	assert.equal((await quota.enter('a', 'begin', 0)).kind, 'refuse');
	assert.equal((await quota.enter('a', 'bytes', 0)).kind, 'enter');
});

test('a look that fails refuses nobody else', async () => {
	let broken = true;
	const quota = new Quota(
		{ concurrent: 1 },
		{
			used: async () => {
				if (broken) throw new Error('disk');
				return 0;
			},
		},
	);
	await assert.rejects(quota.enter('a', 'bytes', 0), /disk/);
	broken = false;
	assert.equal((await quota.enter('a', 'bytes', 0)).kind, 'enter', 'the place was given back');
});

test('an upload in pieces of one byte is not free: each piece leaves a file', async () => {
	const quota = new Quota({ bytes: 2 ** 20 });
	let pieces = 0;
	for (;;) {
		const place = await quota.enter('a', 'bytes', 1);
		if (place.kind === 'refuse') break;
		place.count(1);
		place.leave();
		pieces++;
	}
	assert.ok(pieces <= 256, `${pieces} pieces`);
});

test('the disk is not filled up, however many learners have room', async () => {
	const quota = new Quota({ spare: 1000 * KiB }, { free: async () => 1500 * KiB });
	const upload = entered(await quota.enter('a', 'bytes', 0));
	assert.equal(upload.count(300 * KiB), undefined);
	assert.equal((await quota.enter('b', 'bytes', 300 * KiB)).kind, 'refuse', 'what others are sending counts');
	assert.equal((await quota.enter('b', 'none', 0)).kind, 'enter', 'reading goes on');
	assert.match(upload.count(300 * KiB)?.message ?? '', /the disk of the registry is full/, 'and ends what had been let in');
});
