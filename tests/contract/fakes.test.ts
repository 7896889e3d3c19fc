import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
	AwayRuntime,
	FailingRuntime,
	MemoryRuntime,
	NeverRuntime,
	SlowRuntime,
	SlowThenFailingRuntime,
	UndyingRuntime,
	VanishingRuntime,
} from '../../sandbox-server/runtimes/fakes/fakes.ts';
import { RuntimeAway, type SandboxSpec, StartFailed } from '../../sandbox-server/runtimes/runtime.ts';
import { limitsSchema } from '../../src/shared/course/course.ts';
import { runtimeContract } from './runtime-contract.ts';

const image = 'known:1';
const underTest = (runtime: MemoryRuntime) => async () => {
	runtime.images = new Set([image]);
	return { runtime, image, kill: async (name: string) => runtime.end(name) };
};

runtimeContract('MemoryRuntime', underTest(new MemoryRuntime()));
runtimeContract('SlowRuntime', underTest(new SlowRuntime(20)));
runtimeContract('UndyingRuntime that is told to keep nothing', underTest(new UndyingRuntime()));

describe('the bad runtimes are bad in just their own way', () => {
	const label = { key: 'etabli.test', value: 'fakes' };
	const spec: SandboxSpec = {
		name: 'x',
		image,
		ociRuntime: undefined,
		limits: limitsSchema.parse({}),
		labels: { [label.key]: label.value },
	};

	it('NeverRuntime starts nothing until it is given up', async () => {
		const runtime = new NeverRuntime();
		await assert.rejects(runtime.start(spec, AbortSignal.timeout(10)), StartFailed);
		assert.equal(await runtime.status('x'), 'gone');
	});

	for (const runtime of [new FailingRuntime(), new SlowThenFailingRuntime(5)]) {
		it(`${runtime.constructor.name} leaves nothing behind`, async () => {
			await assert.rejects(runtime.start(spec), StartFailed);
			assert.deepEqual(await runtime.list(label), []);
		});
	}

	it('VanishingRuntime starts, and then it is over', async () => {
		const runtime = new VanishingRuntime(5);
		const ended = new Promise<string>((resolve, reject) => void runtime.watch(resolve, reject));
		await runtime.start(spec);
		assert.equal(await ended, 'x');
		assert.equal(await runtime.status('x'), 'ended');
	});

	it('UndyingRuntime answers, and does not end what it is told to keep', async () => {
		const runtime = new UndyingRuntime();
		await runtime.start(spec);
		runtime.undying.add('x');
		await assert.rejects(runtime.destroy('x', AbortSignal.timeout(10)), RuntimeAway);
		assert.equal((await runtime.info()).kind, 'memory');
		assert.equal(await runtime.status('x'), 'running');
		runtime.undying.delete('x');
		await runtime.destroy('x');
		assert.equal(await runtime.status('x'), 'gone');
	});

	it('AwayRuntime answers nothing, breaks its watches once, and comes back as it was', async () => {
		const runtime = new AwayRuntime();
		await assert.rejects(runtime.info(), RuntimeAway);
		await assert.rejects(runtime.start(spec), RuntimeAway);
		runtime.away = false;
		await runtime.start(spec);
		const breaks: Error[] = [];
		await runtime.watch(
			() => undefined,
			(error) => breaks.push(error),
		);
		runtime.away = true;
		assert.equal(breaks.length, 1);
		await assert.rejects(runtime.list(label), RuntimeAway);
		runtime.away = false;
		assert.equal(await runtime.status('x'), 'running');
	});
});
