/** Sandboxes of the pool whose cluster runs before anybody has them, in the real server: who comes finds it, with files of an earlier one or without. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { plainText } from '../../src/shared/control-sequences.ts';
import { clusterViewSchema } from '../../src/shared/protocol/cluster-view.ts';
import { eventually } from '../fixtures/eventually.ts';
import { taughtCourses, WholeServer } from '../fixtures/server.ts';

/** The sandbox of the pool that is ready, once there is one. */
async function pooled(server: WholeServer): Promise<string> {
	let name: string | undefined;
	await eventually(async () => {
		const store = new DatabaseSync(join(server.data, 'store.sqlite'), { readOnly: true });
		try {
			const [row] = store.prepare("select name from sandbox where learner is null and state = 'ready'").all();
			name = row?.['name'] as string | undefined;
		} finally {
			store.close();
		}
		return name !== undefined;
	}, 'a sandbox in the pool');
	return name as string;
}

/** When slurmctld of that sandbox began, in clock ticks, as the kernel counts them inside, too. */
async function controllerSince(server: WholeServer, sandbox: string): Promise<string | undefined> {
	const { containers } = await server.engine();
	for (const pid of await containers.processes(sandbox)) {
		try {
			const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
			if (fields[1] === '(slurmctld)') return fields[21];
		} catch {
			// It has ended meanwhile.
		}
	}
	return undefined;
}

/** Has the server accepted that sandbox's agent? By the kernel's list for the sandbox: a connection (03) bears the name of the socket that was listened on. */
async function hasAgent(server: WholeServer, sandbox: string): Promise<boolean> {
	const { containers } = await server.engine();
	const [inside] = await containers.processes(sandbox);
	const agents = readFileSync(`/proc/${inside}/net/unix`, 'utf8')
		.split('\n')
		.map((line) => line.trim().split(/ +/))
		.flatMap(([, , , , , state, inode, path]) => (state === '03' && path?.endsWith('/agent.sock') ? [`socket:[${inode}]`] : []));
	return readdirSync(`/proc/${server.pid}/fd`).some((descriptor) => {
		try {
			return agents.includes(readlinkSync(`/proc/${server.pid}/fd/${descriptor}`));
		} catch {
			return false; // closed meanwhile
		}
	});
}

const say = async (learner: LearnerClient, command: string) => plainText(await (await learner.terminal()).run(command));
/** When slurmctld began, in clock ticks; how often it has begun; how the nodes are, on the first answer. */
const looks =
	'cut -d " " -f 22 /proc/$(pgrep -x slurmctld)/stat; grep -c "slurmctld version" /tmp/.cluster/ctl/slurmctld.log; sinfo -h -p short -o "%D %T"';

/** The learner's own job, whose end turns a step green: nobody types when it comes. */
async function worksFor(learner: LearnerClient): Promise<string> {
	learner.send({ type: 'focus', step: 'fail', begun: true });
	const said = await say(learner, "sbatch -J wrong --wrap 'hostname; id -un; sleep 3; exit 3'");
	await learner.until(() => learner.steps.get('fail')?.state === 'passed', 'the step to turn green when the job ends');
	await learner.until(() => {
		const view = learner.cluster && clusterViewSchema.parse(learner.cluster);
		return view?.nodes.map(({ state }) => state).join() === 'idle,idle' && view.ended[0]?.state === 'FAILED';
	}, 'the page to be told of the job');
	return said;
}

test('a cluster runs before its learner comes, is theirs at the first prompt, and stays itself when files of an earlier one come back', {
	timeout: patience(400_000),
}, async (t) => {
	const courses = mkdtempSync(join(tmpdir(), 'etabli-courses-'));
	t.after(() => rmSync(courses, { recursive: true, force: true }));
	cpSync(join(taughtCourses, 'tp-cluster'), join(courses, 'tp-cluster'), { recursive: true });
	const course = join(courses, 'tp-cluster/course.yaml');
	writeFileSync(course, readFileSync(course, 'utf8').replace('pool: 0', 'pool: 1'));
	const server = await WholeServer.start({ courses });
	t.after(() => server.stop());

	const first = await pooled(server);
	const begun = await controllerSince(server, first);
	assert.ok(begun, 'slurmctld runs before anybody comes');
	const ada = await server.withTerminal({ course: 'tp-cluster', lesson: 'first-job' });
	assert.ok((await server.sandboxes()).includes(first));
	const [, since, starts] = /(?:^|\D)(\d+)\r?\n(\d+)\r?\n2 idle\r?\n/.exec(await say(ada, looks)) ?? [];
	assert.equal(since, begun);
	assert.equal(starts, '1');
	assert.match(await worksFor(ada), /Submitted batch job 1\r?\n/);
	assert.match(
		await say(ada, 'cat slurm-1.out; echo "for $LEARNER in $ETABLI_LANG"'),
		new RegExp(`c1\\r?\\nlearner\\r?\\nfor ${ada.name} in en`),
	);

	// Broken, and put right: the learner's stays beside; and what would be in the way of the next cluster if it came back.
	await say(
		ada,
		'echo nonsense >> ~/.cluster/slurm.conf; cluster restore; echo broken > ~/.cluster/slurm.key; echo 7 > ~/.cluster/forgotten',
	);
	await ada.request('DELETE', '/api/sandboxes/tp-cluster');
	await ada.until(() => ada.sandbox.state === 'none', 'the sandbox to be put away');
	assert.ok(ada.sandbox.kept);

	const second = await pooled(server);
	assert.notEqual(second, first);
	await server.kill('SIGKILL');
	await server.serve();
	// The pool's is the only sandbox. One whose agent is not back would be given up after some seconds.
	await eventually(() => hasAgent(server, second), 'its agent to come back');
	await ada.connect();
	await ada.start();
	assert.ok((await server.sandboxes()).includes(second), 'the next server has it, too');
	const again = await say(ada, `${looks}; tail -n 1 ~/.cluster/slurm.conf.yours; ls ~/.cluster; cat slurm-1.out`);
	assert.match(again, /(?:^|\D)\d+\r?\n1\r?\n2 idle\r?\nnonsense\r?\n/);
	assert.doesNotMatch(again, /forgotten\s/);
	assert.match(again, /c1\r?\nlearner\r?\n/, 'and the learner’s files are there');
	await ada.post('/api/lessons/tp-cluster/first-job/steps/fail/reset');
	assert.match(await worksFor(ada), /Submitted batch job 1\r?\n/);
});
