import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngineAway, type SandboxSpec, StartFailed } from '../../sandbox-server/engines/engine.ts';
import {
	AwayEngine,
	FailingEngine,
	MemoryEngine,
	NeverEngine,
	SlowEngine,
	SlowThenFailingEngine,
	VanishingEngine,
} from '../../sandbox-server/engines/fakes.ts';
import { limitsSchema } from '../../src/shared/course.ts';
import { engineContract } from './engine-contract.ts';

const image = 'known:1';
const underTest = (engine: MemoryEngine) => async () => {
	engine.images = new Set([image]);
	return { engine, image, kill: async (name: string) => engine.end(name) };
};

engineContract('MemoryEngine', underTest(new MemoryEngine()));
engineContract('SlowEngine', underTest(new SlowEngine(20)));

describe('the bad engines are bad in just their own way', () => {
	const label = { key: 'etabli.test', value: 'fakes' };
	const spec: SandboxSpec = {
		name: 'x',
		image,
		runtime: undefined,
		limits: limitsSchema.parse({}),
		sockets: '/nowhere',
		guest: '/nowhere',
		labels: { [label.key]: label.value },
	};

	it('NeverEngine starts nothing until it is given up', async () => {
		const engine = new NeverEngine();
		await assert.rejects(engine.start(spec, AbortSignal.timeout(10)), StartFailed);
		assert.equal(await engine.status('x'), 'gone');
	});

	for (const engine of [new FailingEngine(), new SlowThenFailingEngine(5)]) {
		it(`${engine.constructor.name} leaves nothing behind`, async () => {
			await assert.rejects(engine.start(spec), StartFailed);
			assert.deepEqual(await engine.list(label), []);
		});
	}

	it('VanishingEngine starts, and then it is over', async () => {
		const engine = new VanishingEngine(5);
		const ended = new Promise<string>((resolve, reject) => void engine.watch(resolve, reject));
		await engine.start(spec);
		assert.equal(await ended, 'x');
		assert.equal(await engine.status('x'), 'ended');
	});

	it('AwayEngine answers nothing, breaks its watches once, and comes back as it was', async () => {
		const engine = new AwayEngine();
		await assert.rejects(engine.info(), EngineAway);
		await assert.rejects(engine.start(spec), EngineAway);
		engine.away = false;
		await engine.start(spec);
		const breaks: Error[] = [];
		await engine.watch(
			() => undefined,
			(error) => breaks.push(error),
		);
		engine.away = true;
		assert.equal(breaks.length, 1);
		await assert.rejects(engine.list(label), EngineAway);
		engine.away = false;
		assert.equal(await engine.status('x'), 'running');
	});
});
