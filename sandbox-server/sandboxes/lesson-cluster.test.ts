import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentGone, type ScriptRequest, type ScriptResult } from '../agent/agent.ts';
import { LessonCluster } from './lesson-cluster.ts';
import { SetupFailed } from './lesson-setup.ts';

const result = (code: number, stderr = ''): ScriptResult => ({ outcome: 'exited', code, ms: 1, stdout: '', stderr });
const small = { ETABLI_CLUSTER: 'slurm nodes=1' };
const large = { ETABLI_CLUSTER: 'slurm nodes=4' };

function cluster(...answers: ScriptResult[]) {
	const asked: ScriptRequest[] = [];
	let jobs = 0;
	const made = new LessonCluster(
		(request) => {
			if (request.name === 'jobs') {
				jobs++;
				return new Promise(() => undefined);
			}
			asked.push(request);
			return Promise.resolve(answers.shift() ?? result(0));
		},
		() => assert.fail('no job has ended'),
		() => Promise.resolve(),
	);
	return { made, asked, jobs: () => jobs };
}

/** Its jobs end as the answers say; after them the connection is lost, or nothing ends any more. @returns what was asked for, and a count of the told ends */
async function following(answers: (Partial<ScriptResult> | Error)[]) {
	const asked: string[] = [];
	let told = 0;
	const made = new LessonCluster(
		({ name, script }) => {
			if (name !== 'jobs') return Promise.resolve(result(0));
			asked.push(script.replace(/^.*\n.* ended ?/, '').trim());
			const answer = answers.shift();
			if (answer instanceof Error) return Promise.reject(answer);
			return answer ? Promise.resolve({ ...result(0), ...answer }) : new Promise(() => undefined);
		},
		() => told++,
		() => Promise.resolve(),
	);
	await made.start(small, '/home/learner');
	await new Promise((resolve) => setImmediate(resolve));
	return { made, asked, told: () => told };
}

test('jobs that end are told, from where the ones before were; a wait that was too long is no end', async () => {
	const { asked, told } = await following([{ stdout: '120\n' }, { outcome: 'time-limit', code: 0 }, { stdout: '240\n' }]);
	assert.deepEqual(asked, ['', '120', '120', '240']);
	assert.equal(told(), 2);
});

test('a wait that fails is not begun again; of a connection that was lost it is, with the next start', async () => {
	for (const answer of [{ code: 1 }, { stdout: 'rubbish' }, { outcome: 'signal', code: 9 } as const]) {
		const { made, asked, told } = await following([answer, { stdout: '120\n' }]);
		await made.start(small, '/home/learner');
		assert.deepEqual([asked, told(), made.runs(small)], [[''], 0, true]);
	}
	const { made, asked } = await following([new AgentGone('its connection has ended')]);
	assert.equal(made.runs(small), false);
	await made.start(small, '/home/learner');
	assert.deepEqual(asked, ['', '']);
});

test('one that was started ahead is not started again by a lesson of that shape, which only has its jobs followed, once', async () => {
	const { made, asked, jobs } = cluster();
	await made.startAhead(small, '/home/learner');
	assert.deepEqual([asked.length, jobs(), made.runs(small), made.runs(large)], [1, 0, true, false]);
	made.follow(small, '/home/learner');
	await made.start(small, '/home/learner');
	made.follow(small, '/home/learner');
	assert.deepEqual([asked.length, jobs()], [1, 1]);
});

test('a lesson that comes while it is being started ahead waits for that, and is told its words', async () => {
	const { made, asked, jobs } = cluster(result(1, 'slurmctld did not start'));
	const [ahead, lesson] = await Promise.allSettled([made.startAhead(small, '/home/learner'), made.start(small, '/home/learner')]);
	assert.deepEqual([ahead.status, lesson.status, asked.length, jobs()], ['rejected', 'rejected', 1, 0]);
	await Promise.all([made.startAhead(small, '/home/learner'), made.start(small, '/home/learner')]);
	assert.deepEqual([asked.length, jobs()], [2, 1]);
});

test('a lesson without one starts nothing', async () => {
	const { made, asked } = cluster();
	assert.equal(made.runs({}), true);
	await made.start({}, '/home/learner');
	assert.deepEqual(asked, []);
});

test('it is started once, for however many terminals; another lesson may have another', async () => {
	const { made, asked } = cluster();
	assert.equal(made.runs(small), false);
	await Promise.all([made.start(small, '/home/learner'), made.start(small, '/home/learner')]);
	await made.start(small, '/home/learner');
	assert.equal(made.runs(small), true);
	await made.start(large, '/home/learner');
	assert.deepEqual(
		asked.map(({ env, stays }) => [env['ETABLI_CLUSTER'], stays]),
		[
			['slurm nodes=1', true],
			['slurm nodes=4', true],
		],
	);
	assert.equal(made.runs(small), false);
});

test('a reset starts it again, what the learner has ended of it', async () => {
	const { made, asked } = cluster(result(0), result(1, 'slurmctld did not start'));
	await made.start(small, '/home/learner');
	await assert.rejects(made.start(small, '/home/learner', true), SetupFailed);
	assert.equal(asked.length, 2);
	assert.equal(made.runs(small), false);
	await made.start({}, '/home/learner', true);
	assert.equal(asked.length, 2);
});

test('one that did not start is told in its own words, and tried again', async () => {
	const { made, asked } = cluster(result(1, 'slurmctld did not start'));
	await assert.rejects(made.start(small, '/home/learner'), (error) => error instanceof SetupFailed && /did not start/.test(error.message));
	await made.start(small, '/home/learner');
	assert.equal(asked.length, 2);
});
