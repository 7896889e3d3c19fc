/** Erasing a person while a server runs: refused while something of theirs is open, unless it is to end; nothing of anybody else goes. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InProcessWorld, testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { settled } from '../../tests/fixtures/manual-clock.ts';
import { namesOf, openLabs } from '../../tests/fixtures/open-labs.ts';
import { MemoryRuntime } from '../runtimes/fakes/fakes.ts';
import { Erasing } from './erasing.ts';

async function open(t: TestContext, settings = {}) {
	const world = new InProcessWorld(new MemoryRuntime(), [testCourse('a', { pool: 0 })]);
	const labs = await openLabs(t, world, { homes: { limit: 2 ** 20, days: 30 }, ...settings });
	const told: string[] = [];
	const images: string[] = [];
	const erasing = new Erasing({
		...{ store: world.store, labs: labs.service, data: world.data },
		removeImages: async (name) => void images.push(name),
		gone: ({ name }) => told.push(name),
	});
	const file = (...path: string[]) => {
		const whole = join(world.data, ...path);
		mkdirSync(join(whole, '..'), { recursive: true });
		writeFileSync(whole, '');
		return whole;
	};
	return { ...labs, erasing, file, told, images };
}

test('who has a sandbox or a page open is not erased unless it ends; then all files go, of old courses too, and nobody else’s', async (t) => {
	const { world, service, learner, erasing, file, told, images } = await open(t);
	const [ada, ben] = [learner(), learner()];
	for (const one of [ada, ben]) service.start(one);
	await settled();
	const leave = service.enter(ada);
	const { name } = ada.owner;
	const hers = [
		file('homes/a', `${name}-0123abcd.tar.gz`),
		file('homes/gone', `${name}-0123abcd.tar.gz`),
		file('transcripts/gone', name, 'box.l.1.txt.gz'),
	];
	const others = [
		file('homes/a', `${ben.owner.name}-0123abcd.tar.gz`),
		file('homes/a', `${name}0-0123abcd.tar.gz`),
		file('transcripts/a', ben.owner.name, 'box.l.1.txt.gz'),
		file('transcripts/a', `${name}0`, 'box.l.1.txt.gz'),
	];
	const sandbox = service.sandbox(ada).name;
	await assert.rejects(erasing.erase(ada.owner, { end: false }), { code: 'in-use' });
	assert.ok(hers.every(existsSync));
	assert.equal(service.sandbox(ada).name, sandbox);
	await erasing.erase(ada.owner, { end: true });
	assert.deepEqual([hers.filter(existsSync), others.filter(existsSync)], [[], others]);
	assert.deepEqual([told, images], [[name], [name]]);
	assert.deepEqual(world.store.erasing.holdings(ada.owner.id), []);
	assert.deepEqual(namesOf(world), [service.sandbox(ben).name]);
	assert.deepEqual(
		service.labs().map((lab) => lab.learner),
		[ben.owner.name],
	);
	leave();
	await settled();
	erasing.tidy();
	await erasing.erase(ada.owner, { end: true });
	assert.deepEqual(readdirSync(join(world.data, 'homes/gone')), []);
	assert.deepEqual(
		world.log.lines.filter((line) => /^(ERROR|WARN)/.test(line)),
		[],
	);
});

test('who waits, or whose sandbox starts, is erased all the same; whose sandbox cannot be ended is not', async (t) => {
	const { world, service, learner, erasing } = await open(t, { maxSandboxes: 1 });
	const [ada, ben] = [learner(), learner()];
	service.start(ada);
	service.start(ben);
	await assert.rejects(erasing.erase(ben.owner, { end: false }), { code: 'in-use' });
	await erasing.erase(ben.owner, { end: true });
	await erasing.erase(ada.owner, { end: true });
	await settled();
	assert.deepEqual(namesOf(world), []);
	for (const { owner } of [ada, ben]) assert.deepEqual(world.store.erasing.holdings(owner.id), []);

	const niels = learner();
	const broken = new Erasing({
		...{ store: world.store, labs: service, data: world.data },
		removeImages: () => Promise.reject(new Error('EACCES: app')),
	});
	await assert.rejects(broken.erase(niels.owner, { end: false }), /is erased, but some files are left: Error: EACCES: app/);
	assert.deepEqual(world.store.erasing.holdings(niels.owner.id), []);

	const emmy = learner();
	world.store.putSandbox({ name: 'left', course: 'old', learner: emmy.owner.id, state: 'ready', created: 0, claimed: 0, seen: 0 });
	await assert.rejects(erasing.erase(emmy.owner, { end: true }), { code: 'sandbox-busy' });
	assert.equal(world.store.erasing.holdings(emmy.owner.id).length, 2);
});
