/** Turns, deadline and giving up, with a thread that hangs when it is told to. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Drawer } from './draw.ts';

function setUp(t: TestContext) {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-draw-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const script = join(folder, 'thread.mjs');
	const drawn = join(folder, 'drawn');
	writeFileSync(
		script,
		`import { appendFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
appendFileSync(${JSON.stringify(drawn)}, workerData.letters + ' ');
if (workerData.letters === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
parentPort.postMessage(workerData.letters);
`,
	);
	let passDeadline = () => {};
	const clock = {
		now: () => 0,
		after(_: number, action: () => void) {
			passDeadline = action;
			return () => {};
		},
	};
	const drawer = new Drawer({ script, clock });
	const order = (learner: string, letters: string, gone = new AbortController().signal) =>
		drawer.unprintableLetters(letters, { learner, gone });
	return { order, passDeadline: () => passDeadline(), drawn: () => (existsSync(drawn) ? readFileSync(drawn, 'utf8') : '') };
}

test('one learner has two waiting at most, and does not hold up others by them', async (t) => {
	const { order, drawn } = setUp(t);
	const leaves = new AbortController();
	const first = order('ada', 'hang', leaves.signal);
	const more = [order('ada', 'a2'), order('ada', 'a3')];
	await assert.rejects(order('ada', 'a4'), { code: 'too-many' });
	const ben = order('ben', 'b1');
	leaves.abort();
	await assert.rejects(first, { code: 'not-drawn' });
	assert.deepEqual(await Promise.all([...more, ben]), ['a2', 'a3', 'b1']);
	assert.match(drawn(), /a2 b1 a3 $/);
});

test('a thread that hangs is ended after a while, and told; the next one has its turn', async (t) => {
	const { order, passDeadline } = setUp(t);
	const hanging = order('ada', 'hang');
	const next = order('ben', 'b1');
	passDeadline();
	await assert.rejects(hanging, { code: 'not-drawn', status: 503 });
	assert.equal(await next, 'b1');
});

test('what nobody waits for any more is not drawn', async (t) => {
	const { order, drawn } = setUp(t);
	const leaves = new AbortController();
	const waiting = [order('ada', 'a1'), order('ben', 'b1', leaves.signal), order('ada', 'a2')];
	leaves.abort();
	const results = await Promise.allSettled(waiting);
	assert.deepEqual(
		results.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.code)),
		['a1', 'not-drawn', 'a2'],
	);
	assert.equal(drawn(), 'a1 a2 ');
});
