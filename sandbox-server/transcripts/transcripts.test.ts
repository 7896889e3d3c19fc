import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { type Recorded, Transcripts } from './transcripts.ts';

const course = testCourse('a');
const anne = { id: 'id', name: 'learner-000001', created: 0 };

function open(t: TestContext) {
	const data = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(data, { recursive: true }));
	const clock = { now: Date.now() };
	return { data, clock, transcripts: new Transcripts({ data, now: () => clock.now }) };
}

let records = 0;
const shown = (text: string, terminal = 'first/1'): Recorded => ({
	terminal,
	end: BigInt(text.length),
	record: async () => {
		records++;
		return { parts: [{ cols: 80, rows: 24 }, { bytes: Buffer.from(text) }] };
	},
});

test('what was shown is there after the sandbox, beside what the next one shows; the same is not read twice', async (t) => {
	const { transcripts } = open(t);
	await transcripts.keep('s1', anne, course, [shown('one\r\n'), shown('two\r\n', 'first/2')]);
	records = 0;
	await transcripts.keep('s1', anne, course, [shown('one\r\n'), shown('two\r\nthree\r\n', 'first/2')]);
	assert.equal(records, 1);
	transcripts.forgetSandbox('s1');
	await transcripts.keep('s2', anne, course, [shown('four\r\n')]);
	const found = await transcripts.read(anne, course);
	assert.deepEqual(
		found.map(({ lesson, number, text }) => [lesson, number, text]),
		[
			['first', '1', 'one\n'],
			['first', '2', 'two\nthree\n'],
			['first', '1', 'four\n'],
		],
	);
	assert.deepEqual(await transcripts.read({ ...anne, name: 'learner-000002' }, course), []);
});

test('a learner’s transcripts have a bound; the oldest go', async (t) => {
	const { transcripts, data } = open(t);
	for (let number = 0; number < 12; number++)
		await transcripts.keep(`s${number}`, anne, course, [shown(randomBytes(300_000).toString('hex').replace(/.{78}/g, '$&\r\n'))]);
	const files = readdirSync(join(data, 'transcripts/a', anne.name));
	assert.ok(files.length < 12 && files.includes('s11.first.1.txt.gz') && !files.includes('s0.first.1.txt.gz'), files.join());
});

test('a fresh start and a long absence take them away', async (t) => {
	const { transcripts, data, clock } = open(t);
	await transcripts.keep('s1', anne, course, [shown('one\r\n')]);
	await transcripts.expire(30);
	assert.equal((await transcripts.read(anne, course)).length, 1);
	clock.now += 31 * 86_400_000;
	await transcripts.expire(30);
	assert.equal(existsSync(join(data, 'transcripts/a', anne.name)), false);
	await transcripts.keep('s2', anne, course, [shown('two\r\n')]);
	await transcripts.forget(anne, course);
	assert.deepEqual(await transcripts.read(anne, course), []);
});
