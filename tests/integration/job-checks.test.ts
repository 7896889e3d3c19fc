/** The end of a job sets off checks, in the real server with a real cluster: nobody types anything when it comes. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { fileReportSchema } from '../../src/shared/protocol/api.ts';
import { taughtCourses, WholeServer } from '../fixtures/server.ts';

const lesson = '/api/lessons/tp-cluster/first-job';

/** Puts a file into the lesson's folder, as a block's button does: no command ends. */
async function put(learner: LearnerClient, path: string): Promise<void> {
	const { mark } = fileReportSchema.parse(await learner.post(`${lesson}/file/look?language=en`, { path }));
	await learner.post(`${lesson}/file?language=en`, { path, text: 'now\n', mark });
}

/** Submits a job that goes on until some seconds after there is such a file: that sets off checks, too. Resolves once a check has found it running. */
async function submit(learner: LearnerClient, name: string, file: string, step: string): Promise<void> {
	const terminal = await learner.terminal();
	await terminal.run(`sbatch -J ${name} --wrap 'until [ -e ${file} ]; do sleep 0.2; done; sleep 5; exit 3'`);
	await learner.until(() => /has not ended yet/.test(learner.steps.get(step)?.message ?? ''), 'the job to be found running');
}

test('a step turns green when its job ends, and again after the server was killed', { timeout: patience(300_000) }, async (t) => {
	const server = await WholeServer.start({ courses: join(taughtCourses, 'tp-cluster') });
	t.after(() => server.stop());
	const ada = await server.withTerminal({ course: 'tp-cluster', lesson: 'first-job' });
	ada.send({ type: 'focus', step: 'fail', begun: true });
	await submit(ada, 'wrong', 'go', 'fail');
	await put(ada, 'go');
	await ada.until(() => ada.steps.get('fail')?.state === 'passed', 'the step to turn green');

	await ada.post(`${lesson}/steps/fail/reset`);
	await server.kill('SIGKILL');
	await server.serve();
	await ada.connect();
	ada.send({ type: 'focus', step: 'fail', begun: true });
	await submit(ada, 'wrong', 'later', 'fail');
	await put(ada, 'later');
	await ada.until(() => ada.steps.get('fail')?.state === 'passed', 'the step to turn green once more');
	assert.equal((await server.sandboxes()).length, 1);
});
