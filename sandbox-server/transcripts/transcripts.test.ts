import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { ManualClock, settled } from '../../tests/fixtures/manual-clock.ts';
import { systemClock } from '../platform/clock.ts';
import { DeadlinePassed } from '../platform/deadline.ts';
import { OutputTimes } from '../sandboxes/output-times.ts';
import type { Recorded } from '../sandboxes/recording.ts';
import { Transcripts } from './transcripts.ts';

const course = testCourse('a');
const anne = { id: 'id', name: 'learner-000001', seed: '', created: 0 };
const lab = { owner: anne, course };

function open(t: TestContext) {
	const data = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(data, { recursive: true }));
	const clock = { now: Date.now() };
	return { data, clock, transcripts: new Transcripts({ data, clock: { ...systemClock, now: () => clock.now } }) };
}

/** Of a shell that this server has not started, and of which it has seen nothing. */
const shell = { term: 1, over: undefined, times: new OutputTimes(() => 0, false) };

let records = 0;
const shown = (text: string, terminal = 'first/1'): Recorded => ({
	terminal,
	end: BigInt(text.length),
	...shell,
	record: async () => {
		records++;
		return {
			parts: [
				{ cols: 80, rows: 24 },
				{ bytes: Buffer.from(text), from: 0 },
			],
		};
	},
});

test('what was shown is there after the sandbox, beside what the next one shows; the same is not read twice', async (t) => {
	const { transcripts } = open(t);
	await transcripts.keep(lab, 's1', [shown('one\r\n'), shown('two\r\n', 'first/2')]);
	records = 0;
	await transcripts.keep(lab, 's1', [shown('one\r\n'), shown('two\r\nthree\r\n', 'first/2')]);
	assert.equal(records, 1);
	transcripts.forgetSandbox('s1');
	await transcripts.keep(lab, 's2', [shown('four\r\n')]);
	const found = await transcripts.read(lab);
	assert.deepEqual(
		found.map(({ lesson, number, text }) => [lesson, number, text]),
		[
			['first', '1', 'one\n'],
			['first', '2', 'two\nthree\n'],
			['first', '1', 'four\n'],
		],
	);
	assert.deepEqual(await transcripts.read({ course, owner: { ...anne, name: 'learner-000002' } }), []);
});

test('recordings are kept beside, with their times; those that an earlier server saw of the same shell are not lost', async (t) => {
	const { transcripts, data, clock } = open(t);
	const before = new OutputTimes(() => clock.now, true);
	before.came(5n);
	const start = clock.now;
	await transcripts.keep(lab, 's1', [{ ...shown('one\r\n'), times: before }]);
	// Killed, and started again: meanwhile the shell has gone on.
	const later = new Transcripts({ data, clock: { ...systemClock, now: () => clock.now } });
	const after = (term: number) => {
		const times = new OutputTimes(() => clock.now, false);
		times.again(10n);
		times.live();
		clock.now += 60_000;
		times.came(15n);
		return { ...shown('one\r\ntwo\r\nsix\r\n'), term, times, over: { kind: 'signal', code: 9 } } as const;
	};
	await later.keep(lab, 's1', [after(1)]);
	const [found] = await later.recordings(lab);
	assert.deepEqual([found?.lesson, found?.number, found?.recording.exit], ['first', '1', 137]);
	assert.deepEqual(found?.recording.moments, [
		{ end: 5, ms: start },
		{ end: 10, ms: undefined },
		{ end: 15, ms: start + 60_000 },
	]);
	// One that a power cut has left half keeps nobody from anything.
	const path = join(data, 'transcripts/a', anne.name, 's1.first.1.1.rec.gz');
	writeFileSync(path, readFileSync(path).subarray(0, 40));
	assert.deepEqual(await later.recordings(lab), []);
	// Of another shell in the same place the old times say nothing.
	await new Transcripts({ data, clock: systemClock }).keep(lab, 's1', [after(2)]);
	assert.deepEqual((await later.recordings(lab)).at(-1)?.recording.moments, [
		{ end: 10, ms: undefined },
		{ end: 15, ms: start + 120_000 },
	]);
	// What the one before has shown stays beside it.
	assert.equal((await later.read(lab)).length, 2);
});

test('a learner’s transcripts have a bound; the oldest go', async (t) => {
	const { transcripts, data } = open(t);
	for (let number = 0; number < 12; number++)
		await transcripts.keep(lab, `s${number}`, [shown(randomBytes(300_000).toString('hex').replace(/.{78}/g, '$&\r\n'))]);
	const folder = join(data, 'transcripts/a', anne.name);
	const files = readdirSync(folder);
	// The bytes as they came are more than their text: of both, what is kept is bounded by itself.
	for (const kind of ['txt', 'rec']) {
		const own = files.filter((name) => name.endsWith(`.${kind}.gz`));
		const bytes = own.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
		assert.ok(
			own.length > 3 && own.length < 12 && own.includes(`s11.first.1.1.${kind}.gz`) && !own.includes(`s0.first.1.1.${kind}.gz`),
			own.join(),
		);
		assert.ok(bytes <= 2 * 2 ** 20, `${bytes}`);
	}
});

test('a file that goes while all are read hinders nothing', async (t) => {
	const { transcripts, data } = open(t);
	await transcripts.keep(lab, 's1', [shown('one\r\n')]);
	// Listed, and gone when it is looked at.
	symlinkSync('nowhere', join(data, 'transcripts/a', anne.name, 's0.first.1.txt.gz.new'));
	assert.deepEqual(
		(await transcripts.read(lab)).map(({ text }) => text),
		['one\n'],
	);
	await transcripts.keep(lab, 's1', [shown('two two\r\n')]);
	await transcripts.expire(30);
	assert.deepEqual(
		(await transcripts.read(lab)).map(({ text }) => text),
		['two two\n'],
	);
});

test('a fresh start and a long absence take them away', async (t) => {
	const { transcripts, data, clock } = open(t);
	await transcripts.keep(lab, 's1', [shown('one\r\n')]);
	await transcripts.expire(30);
	assert.equal((await transcripts.read(lab)).length, 1);
	clock.now += 31 * 86_400_000;
	await transcripts.expire(30);
	assert.equal(existsSync(join(data, 'transcripts/a', anne.name)), false);
	await transcripts.keep(lab, 's2', [shown('two\r\n')]);
	assert.equal((await transcripts.recordings(lab)).length, 1);
	await transcripts.forget(lab);
	assert.deepEqual([await transcripts.read(lab), await transcripts.recordings(lab)], [[], []]);
	assert.equal(existsSync(join(data, 'transcripts/a', anne.name)), false);
});

test('all of them together have an end: those of who came last longest ago go first', async (t) => {
	const { data } = open(t);
	const transcripts = new Transcripts({ data, clock: systemClock, most: 8000 });
	const labs = ['1', '2', '3'].map((number) => ({ owner: { ...anne, id: number, name: `learner-00000${number}` }, course }));
	const noise = randomBytes(1500).toString('hex');
	for (const [at, one] of labs.entries()) {
		await transcripts.keep(one, 's1', [shown(noise)]);
		const folder = join(data, 'transcripts/a', one.owner.name);
		for (const name of readdirSync(folder)) utimesSync(join(folder, name), Date.now() / 1000, Date.now() / 1000 - 60 * (3 - at));
	}
	await transcripts.expire(30);
	assert.deepEqual(readdirSync(join(data, 'transcripts/a')).sort(), ['learner-000002', 'learner-000003']);
});

/** Of an agent that does not answer. */
const silent: Recorded = {
	terminal: 'first/1',
	end: 1n,
	...shell,
	record: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined))),
};

test('agents that do not answer take no time of others: neither a place nor the seconds in which a terminal is read', async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(data, { recursive: true }));
	const clock = new ManualClock();
	const transcripts = new Transcripts({ data, clock });
	const learner = (number: number) => ({ course, owner: { ...anne, id: `${number}`, name: `learner-00000${number}` } });
	const stuck = async (number: number) =>
		await assert.rejects(transcripts.keep(learner(number), `s${number}`, [silent]), (error) => error instanceof DeadlinePassed);
	const first = stuck(1);
	await settled();
	// One that does not answer: the others go on at once.
	await transcripts.keep(lab, 's5', [shown('one\r\n')]);
	// As many as there are places: the others wait for these, and none for all of their time.
	const more = [2, 3, 4, 5].map(stuck);
	const waiting = transcripts.keep(lab, 's6', [shown('two\r\n')]);
	await clock.advance(2000);
	await waiting;
	assert.deepEqual(
		(await transcripts.read(lab)).map(({ text }) => text),
		['one\n', 'two\n'],
	);
	await clock.advance(12_000);
	await Promise.all([first, ...more]);
	assert.equal(clock.pending, 0);
});
