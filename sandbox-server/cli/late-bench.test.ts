import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../tests/fixtures/eventually.ts';
import { testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import type { DockerEngine } from '../engines/docker.ts';
import { EngineAway } from '../engines/engine.ts';
import { MemoryEngine } from '../engines/fakes.ts';
import { Failure } from '../setup/failure.ts';
import { dataPaths } from '../setup/paths.ts';
import type { Workshop } from '../setup/prepare.ts';
import { Progress } from '../setup/progress.ts';
import { LateBench } from './late-bench.ts';

/** What the attempts come to, one after the other; the last one repeats. `undefined`: no answer. */
function late(t: TestContext, ...attempts: (Error | Workshop | undefined)[]) {
	const output = new PassThrough();
	let said = '';
	output.on('data', (text: Buffer) => {
		said += text;
	});
	const registries: string[] = [];
	const closed: boolean[] = [];
	const bench = new LateBench({
		courses: [],
		paths: dataPaths(tmpdir()),
		progress: new Progress(output, { verbose: false }),
		onFault: () => undefined,
		guest: '/guest',
		local: true,
		askMs: 5,
		attempt: async () => {
			const now = attempts.length > 1 ? attempts.shift() : attempts[0];
			if (now instanceof Error) throw now;
			return now;
		},
		open: async ({ workshop }) => ({
			parts: {
				engine: workshop.engine,
				image: () => 'image:1',
				guest: workshop.guest,
				listenRegistry: async (path) => {
					registries.push(path);
					return { close: () => void registries.splice(registries.indexOf(path), 1) };
				},
			},
			close: async (keep) => void closed.push(keep),
		}),
	});
	t.after(() => bench.close(false));
	return { bench, registries, closed, said: () => said };
}

// Nothing here asks more of it than what every engine does.
const workshop = (): Workshop => ({
	engine: new MemoryEngine() as unknown as DockerEngine,
	images: { base: '', registry: undefined, courses: {}, seeds: [] },
	guest: '/guest',
});

test('an engine that comes late is the engine from then on, with the registry sockets that were asked for meanwhile', async (t) => {
	const { bench, registries, closed, said } = late(t, undefined, new EngineAway('gone again'), undefined, workshop());
	const { engine, image, listenRegistry } = bench.parts;
	await assert.rejects(engine.list({ key: 'a', value: 'b' }), EngineAway);
	const who = { learner: 'someone', course: testCourse('a') };
	const [kept, left] = [await listenRegistry?.('/kept', who), await listenRegistry?.('/left', who)];
	await left?.close();
	await eventually(async () => (said().includes('answers: sandboxes can be had') ? true : undefined), 'to be told of the engine');
	assert.equal((await engine.info()).kind, 'memory');
	assert.equal(image(testCourse('a')), 'image:1');
	assert.deepEqual(registries, ['/kept']);
	await listenRegistry?.('/later', who);
	assert.deepEqual(registries, ['/kept', '/later']);
	await kept?.close();
	assert.deepEqual(registries, ['/later']);
	await bench.close(true);
	assert.deepEqual(closed, [true]);
});

test('what hinders the preparation is said to the operator, and the server ends without waiting for it', async (t) => {
	const { bench, said } = late(t, undefined, new Failure('The disk is full.', { hint: 'Free some space.' }));
	await eventually(async () => (said().includes('cannot be made yet') ? true : undefined), 'to be told why');
	assert.match(said(), /The disk is full\.\nFree some space\./);
	await assert.rejects(bench.parts.engine.info(), EngineAway);
	await bench.close(false);
});
