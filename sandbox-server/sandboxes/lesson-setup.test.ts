import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessWorld, testCourse, testLesson } from '../../tests/fixtures/in-process-sandboxes.ts';
import { settled } from '../../tests/fixtures/manual-clock.ts';
import { LabService } from '../labs/lab-service.ts';
import { AwayRuntime } from '../runtimes/fakes/fakes.ts';

for (const [user, folder] of [
	['learner', '/home/learner/01-first'],
	['root', '/root/01-first'],
] as const) {
	test(`setup, checks and cleanup run in the same folder, as ${user}`, async (t) => {
		const runtime = new AwayRuntime();
		runtime.away = false;
		const lesson = testLesson('first', { setup: '#!/bin/sh\n', cleanup: '#!/bin/sh\n' });
		const world = new InProcessWorld(runtime, [testCourse('a', { user }, [lesson])]);
		const service = new LabService(world.deps());
		t.after(async () => {
			await service.close({ keep: true });
			world.dispose();
		});
		await service.open();
		await settled();
		const lab = world.lab();
		service.start(lab);
		await settled();
		const sandbox = service.sandbox(lab);
		await sandbox.prepareLesson(lesson, 'en');
		await sandbox.resetLesson(lesson);
		const scripts = [...world.agents.values()].flatMap((agent) => agent.scripts);
		assert.deepEqual(
			scripts.filter(({ name }) => /^(setup|cleanup) /.test(name)).map(({ name, cwd }) => `${name} ${cwd}`),
			[`setup first ${folder}`, `cleanup first ${folder}`, `setup first ${folder}`],
		);
		assert.equal(sandbox.scriptSetting(lesson, 'en').cwd, folder);
	});
}
