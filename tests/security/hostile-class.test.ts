/** A small class with one of each kind of hostile learner in it, for some seconds. On the real engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askControl } from '../../sandbox-server/observability/control/control.ts';
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { mischiefs } from '../../sandbox-server/tools/rehearsal/class/hostile.ts';
import { judgeHostile } from '../../sandbox-server/tools/rehearsal/class/hostile-judgement.ts';
import { runAlone, runBeset } from '../../sandbox-server/tools/rehearsal/class/run-hostile.ts';
import { trialCourses, WholeServer } from '../fixtures/server.ts';

test('floods, stopped programs, many files, full homes and resets: the others lose nothing, and all sandboxes go', async (t) => {
	const server = await WholeServer.start();
	t.after(() => server.stop());
	const trial = readCourses([trialCourses]).find(({ slug }) => slug === 'trial');
	assert.ok(trial);
	// The rest of it is made to fail.
	const lessons = trial.lessons.slice(0, 1).map((lesson) => ({ ...lesson, steps: lesson.steps.filter(({ id }) => id !== 'history') }));
	const course = { ...trial, lessons };
	const request = { address: server.address, course, learners: 2, minutes: 0.2, here: true, onPerson: () => undefined, signal: t.signal };
	const alone = await runAlone(request);
	const beset = await runBeset({ ...request, hostile: mischiefs.length });
	const { engine, labs, stuck } = await askControl(server.data);
	await server.kill('SIGTERM');
	const leftOver = (await server.containers()).length;
	const aftermath = { engine, labs: labs.length, stuck, leftOver };
	const { lines } = judgeHostile({ alone, ...beset, aftermath });
	for (const { what, seen, limit } of lines) t.diagnostic(`${what}: ${seen} [${limit}]`);
	for (const { number, mischief, deeds, bytes, said } of beset.hostile) {
		assert.ok(deeds > 0, `hostile learner ${number} (${mischief}) was at it: ${said}`);
		assert.ok(mischief !== 'floods' || bytes > 0, 'a flood came');
	}
	// How fast it was is for `./etabli rehearse --hostile` to judge: no test fails because time passed.
	const bad = lines.filter(({ what, ok }) => !ok && !what.startsWith('key to echo'));
	assert.deepEqual(bad, [], JSON.stringify([...alone.people, ...beset.others.people].flatMap(({ failures }) => failures)));
	assert.ok(
		server
			.log()
			.split('\n')
			.every((line) => !line || (JSON.parse(line) as { level: number }).level < 50),
		'no fault of the server',
	);
});
