import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../tests/fixtures/eventually.ts';
import { testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { defaultUids } from '../options.ts';
import type { Engine } from '../runtimes/engine.ts';
import { MemoryRuntime } from '../runtimes/fakes/fakes.ts';
import { MountedFolder } from '../runtimes/mounted-folder.ts';
import { RuntimeAway } from '../runtimes/runtime.ts';
import { Failure } from '../setup/failure.ts';
import { dataPaths } from '../setup/paths.ts';
import type { Machinery } from '../setup/prepare.ts';
import { Progress } from '../setup/progress.ts';
import { LateParts } from './late-parts.ts';

/** Waits in the listening of a registry, when there is one. */
let held: ((name: string) => Promise<void>) | undefined;

/** What the attempts come to, one after the other; the last one repeats. `undefined`: no answer. */
function late(t: TestContext, ...attempts: (Error | Machinery | undefined)[]) {
	const output = new PassThrough();
	let said = '';
	output.on('data', (text: Buffer) => {
		said += text;
	});
	const registries: string[] = [];
	const closed: boolean[] = [];
	const sandbox = new LateParts({
		courses: [],
		paths: dataPaths(tmpdir()),
		uids: defaultUids,
		progress: new Progress(output, { verbose: false }),
		onFault: () => undefined,
		onWarning: () => undefined,
		guest: '/guest',
		local: true,
		askMs: 5,
		attempt: async () => {
			const now = attempts.length > 1 ? attempts.shift() : attempts[0];
			if (now instanceof Error) throw now;
			return now;
		},
		open: async () => ({
			parts: {
				runtime: new MemoryRuntime(),
				image: () => 'image:1',
				listenRegistry: async ({ name }) => {
					registries.push(name);
					await held?.(name);
					return { close: () => void registries.splice(registries.indexOf(name), 1) };
				},
			},
			close: async (keep) => void closed.push(keep),
		}),
	});
	t.after(() => sandbox.close(false));
	return { sandbox, registries, closed, said: () => said };
}

// Nothing here asks anything of it.
const machinery = (): Machinery => ({
	engine: {} as Engine,
	images: { base: '', registry: undefined, courses: {}, seeds: [] },
	guest: '/guest',
});

test('an engine that comes late is the engine from then on, with the registries that were asked for meanwhile', async (t) => {
	const { sandbox, registries, closed, said } = late(t, undefined, new RuntimeAway('gone again'), undefined, machinery());
	const { runtime, image, listenRegistry } = sandbox.parts;
	const to = (name: string) => new MountedFolder(tmpdir(), name);
	await assert.rejects(runtime.list({ key: 'a', value: 'b' }), RuntimeAway);
	const whose = { owner: { id: 'id', name: 'someone', seed: '', created: 0 }, course: testCourse('a') };
	const [kept, left] = [await listenRegistry?.(to('kept'), whose), await listenRegistry?.(to('left'), whose)];
	await left?.close();
	await eventually(async () => (said().includes('answers: sandboxes can be had') ? true : undefined), 'to be told of the engine');
	assert.equal((await runtime.info()).kind, 'memory');
	assert.equal(image(testCourse('a')), 'image:1');
	assert.deepEqual(registries, ['kept']);
	await listenRegistry?.(to('later'), whose);
	assert.deepEqual(registries, ['kept', 'later']);
	await kept?.close();
	assert.deepEqual(registries, ['later']);
	await sandbox.close(true);
	assert.deepEqual(closed, [true]);
});

test('what hinders the preparation is said to the operator, and the server ends without waiting for it', async (t) => {
	const { sandbox, said } = late(t, undefined, new Failure('The disk is full.', { hint: 'Free some space.' }));
	await eventually(async () => (said().includes('cannot be made yet') ? true : undefined), 'to be told why');
	assert.match(said(), /The disk is full\.\nFree some space\./);
	await assert.rejects(sandbox.parts.runtime.info(), RuntimeAway);
	await sandbox.close(false);
});

test('a registry that is asked for, or given up, while the others are being served is listened for once, or not at all', async (t) => {
	const { promise: go, resolve: release } = Promise.withResolvers<void>();
	let arrived = () => {};
	const serving = new Promise<void>((resolve) => {
		arrived = resolve;
	});
	held = async (name) => {
		if (name !== 'first') return;
		arrived();
		await go;
	};
	t.after(() => {
		held = undefined;
	});
	const { sandbox, registries, said } = late(t, undefined, machinery());
	const { listenRegistry } = sandbox.parts;
	const to = (name: string) => new MountedFolder(tmpdir(), name);
	const whose = { owner: { id: 'id', name: 'someone', seed: '', created: 0 }, course: testCourse('a') };
	await listenRegistry?.(to('first'), whose);
	const left = await listenRegistry?.(to('left'), whose);
	await serving;
	await left?.close();
	const later = await listenRegistry?.(to('later'), whose);
	release();
	await eventually(async () => (said().includes('answers: sandboxes can be had') ? true : undefined), 'to be told of the engine');
	assert.deepEqual(registries, ['first', 'later']);
	await later?.close();
	assert.deepEqual(registries, ['first']);
});
