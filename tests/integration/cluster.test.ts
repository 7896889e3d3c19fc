/** The learner's own Slurm cluster in a real sandbox: what is broken in it is told, and can be put right by the learner. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { clusterLine, clusterSchema } from '../../src/shared/course/cluster.ts';
import { newestImage } from '../contract/real-runtimes.ts';
import { SandboxHarness, sandboxEngine } from './sandbox-harness.ts';

const real = await sandboxEngine();
const image = 'missing' in real ? undefined : await newestImage(real.engine, 'etabli-course-tp-cluster');
const missing = 'missing' in real ? real.missing : image === undefined && 'the engine has no image with Slurm: run ./etabli up';

/** Mebibytes that an idle cluster of two nodes may be charged for, its files included. It takes some ten. */
const idleMiB = 20;

describe('a Slurm cluster in a sandbox', { skip: missing }, () => {
	let sandbox: SandboxHarness;
	const env = {
		ETABLI_LANG: 'en',
		ETABLI_CLUSTER: clusterLine(clusterSchema.parse({ type: 'slurm', partitions: [{ name: 'main', minutes: 5 }] })),
		SLURM_CONF: '/home/learner/.cluster/slurm.conf',
	};
	/** All that it says, and its exit code. */
	const type = async (script: string) => {
		const { outcome, code, stdout, stderr } = await sandbox.run(`exec 2>&1\n${script}`, {
			env,
			shell: '/bin/bash',
			timeLimitMs: patience(60_000),
		});
		assert.equal(outcome, 'exited');
		return { code, said: `${stdout}${stderr}` };
	};
	const well = async (script: string): Promise<string> => {
		const { code, said } = await type(script);
		assert.equal(code, 0, `${script}\n${said}`);
		return said;
	};
	const cluster = (word: string) => type(`setsid /opt/etabli/cluster ${word}`);

	/** Brings c2 back, and waits until it takes jobs. */
	const resumed = () => well('scontrol update nodename=c2 state=resume; until [ "$(sinfo -h -n c2 -o %T)" = idle ]; do sleep 0.1; done');

	before(async () => {
		if ('missing' in real || image === undefined) return;
		sandbox = new SandboxHarness({ ...real, image });
		await sandbox.start();
		await well('setsid /opt/etabli/cluster start');
	});
	after(() => sandbox?.stop());

	it('is a learner’s own: no program of it is root, none has a capability, and each node has a name and a /tmp of its own', async () => {
		assert.match(await well('sinfo -h -o "%T %D"'), /^idle 2$/m);
		assert.equal(
			await well('grep -h CapEff /proc/$(pgrep -o slurmctld)/status /proc/$(pgrep -o slurmd)/status | cut -f 2 | sort -u'),
			`${'0'.repeat(16)}\n`,
		);
		assert.equal(await well('ps -o user= -C slurmctld,slurmd | sort -u'), 'learner\n');
		const said = await well("touch /tmp/of-the-login; srun -N2 sh -c 'hostname; touch /tmp/mine; ls /tmp' </dev/null | sort");
		assert.deepEqual(said.split('\n').filter(Boolean), ['c1', 'c2', 'mine', 'mine']);
	});

	it('a shell on a node is in the namespaces of its slurmd, as the learner, without a capability and with the usual mask', async () => {
		const namespaces = 'for kind in user uts mnt; do readlink /proc/$PID/ns/$kind; done';
		const slurmd = await well(`PID=$(cat /tmp/.cluster/c2/slurmd.pid); ${namespaces}`);
		const shell = await well(`cd /tmp; /opt/etabli/cluster shell c2 bash -c '
			PID=self; ${namespaces}; hostname; id -un; umask; pwd; grep CapEff /proc/self/status; echo here > /tmp/left; echo too > /dev/shm/left'`);
		assert.match(shell, /\nc2\nlearner\n0022\n\/home\/learner\nCapEff:\t0{16}\n$|\nc2\nlearner\n0022\n\/tmp\nCapEff:\t0{16}\n$/);
		assert.ok(shell.startsWith(slurmd), `${slurmd}\n${shell}`);
		assert.equal(
			await well('srun -w c2 cat /tmp/left /dev/shm/left </dev/null; ls /tmp/left /dev/shm/left 2>&1 | grep -c "^ls:"'),
			'here\ntoo\n2\n',
		);
		// Once the job on c2 has been cleared away: until then that node is in another state, and would next be "draining".
		await well('until [ "$(/opt/etabli/cluster shell c1 sinfo -h -o %T)" = idle ]; do sleep 0.1; done');
	});

	it('a node that takes no jobs, or that there is not, is told; on a node the command `cluster` says where it belongs', async () => {
		await well('scontrol update nodename=c2 state=drain reason=tried');
		assert.match(
			await well('/opt/etabli/cluster shell c2 hostname'),
			/^c2 takes no jobs at present \(state drained\): "sinfo -R" says why\.\nc2\n$/,
		);
		await resumed();
		assert.equal(await well('/opt/etabli/cluster shell c2 hostname'), 'c2\n');
		assert.deepEqual(await type('/opt/etabli/cluster shell c3 hostname'), { code: 123, said: 'This cluster has no node "c3".\n' });
		const there = await type('/opt/etabli/cluster shell c1 /opt/etabli/cluster status');
		assert.deepEqual(there, { code: 2, said: 'You are on a node: "cluster" is typed on the login machine, in terminal 1.\n' });
	});

	it('checks ask on a node: what the command prints and its code are the answer, and a node that there is not breaks the check', async () => {
		const check = (body: string) => type(`printf '%s\n' '#!/bin/sh' '. /opt/etabli/check.sh' '${body}' pass > check; sh check </dev/null`);
		assert.equal(await well('/opt/etabli/cluster on c1 sh -c "echo here > /tmp/asked; hostname"'), 'c1\n');
		assert.deepEqual(await check('on_host c1 test -s /tmp/asked || fail a b; [ "$(on_host c1 cat /tmp/asked)" = here ] || fail c d'), {
			code: 0,
			said: '',
		});
		assert.deepEqual(await check('on_host c2 test -s /tmp/asked || fail a b'), { code: 10, said: 'b\n' });
		assert.deepEqual(
			await check('[ -z "$(on_host c2 cat /tmp/asked 2>/dev/null)" ] || fail a b; on_host c2 sh -c "exit 7" || [ $? = 7 ] || fail c d'),
			{
				code: 0,
				said: '',
			},
		);
		const none = await check('on_host c3 true || fail a b');
		assert.deepEqual([none.code, /there is no node c3/.test(none.said)], [70, true], none.said);
		await well('scontrol update nodename=c2 state=drain reason=tried');
		assert.equal(await well('/opt/etabli/cluster on c2 hostname'), 'c2\n');
		await resumed();
	});

	it('ssh goes to nodes and between them without a question: as the learner, where the node’s jobs are, with a terminal, and scp', async (t) => {
		if ((await type('command -v ssh')).code !== 0) return t.skip('the image has no OpenSSH');
		const ssh = async (command: string) => await well(`${command} </dev/null`);
		assert.equal(await ssh("ssh c1 'hostname; id -un; umask; echo here > /tmp/by-ssh'"), 'c1\nlearner\n0022\n');
		assert.equal(await ssh('srun -w c1 cat /tmp/by-ssh; ls /tmp/by-ssh 2>/dev/null || echo not there'), 'here\nnot there\n');
		assert.equal(await ssh('ssh c1 ssh c2 hostname; srun -w c2 ssh c1 hostname'), 'c2\nc1\n');
		const node = await ssh("ssh c2 'readlink /proc/self/ns/user; grep CapEff /proc/self/status | cut -f 2; env | grep -c ^APPTAINER_'");
		assert.equal(
			node,
			await well('readlink /proc/$(cat /tmp/.cluster/c2/slurmd.pid)/ns/user; echo 0000000000000000; env | grep -c ^APPTAINER_'),
		);
		assert.match((await ssh('ssh -tt c2 tty')).replace(/\r/g, ''), /^\/dev\/pts\/\d+\n/);
		assert.equal(await ssh('echo copied > copied; scp -q copied c1:/tmp/; ssh c1 cat /tmp/copied'), 'copied\n');
		assert.notEqual((await type('ssh c3 hostname </dev/null')).code, 0);
		assert.equal(await well('grep -c . ~/.ssh/known_hosts 2>/dev/null || echo none'), 'none\n');
	});

	it('takes little memory while nothing runs', async () => {
		// What looked after the steps of the jobs before.
		await well('while pgrep -x slurmstepd >/dev/null; do sleep 0.1; done');
		const charged = Number(
			await well('cat /sys/fs/cgroup/memory/memory.usage_in_bytes /sys/fs/cgroup/memory.current 2>/dev/null | head -n 1'),
		);
		// Pages of the image's files are charged to the sandbox that reads them first; they go when memory is short.
		const idle = Number(
			await well(`cat /sys/fs/cgroup/memory/memory.stat /sys/fs/cgroup/memory.stat 2>/dev/null |
				awk '/^(in)?active_file / { own += $2 } /^total_(in)?active_file / { all += $2 } END { print all ? all : own + 0 }'`),
		);
		const memory = charged - idle;
		const found = `${(memory / 2 ** 20).toFixed(1)} MiB`;
		assert.ok(memory > 0 && memory < idleMiB * 2 ** 20, found);
	});

	it('a dead slurmctld is told by its status and by checks; a restart has the jobs still', async () => {
		await well('sbatch -J kept --wrap true');
		await well('pkill slurmctld; until ! pgrep -x slurmctld; do sleep 0.1; done >/dev/null');
		const dead = await cluster('status');
		assert.deepEqual([dead.code, /slurmctld: ended/.test(dead.said), /"cluster restart"/.test(dead.said)], [1, true, true], dead.said);
		const check = `printf '#!/bin/sh\\n. /opt/etabli/check.sh\\njob "^kept$" || fail a b\\npass\\n' > check; sh check </dev/null`;
		assert.match((await type(check)).said, /Slurm does not answer: `cluster status` says why/);
		assert.match(await well('setsid /opt/etabli/cluster restart'), /slurmctld: runs[\s\S]*c1: slurmd runs[\s\S]*c2: slurmd runs/);
		await well(check);
	});

	it('a dead slurmd, too', async () => {
		await well('pkill -KILL slurmd; until ! pgrep -x slurmd; do sleep 0.1; done >/dev/null');
		assert.match((await cluster('status')).said, /c1: slurmd ended/);
		// One can look for the cause there: the node's files are the same.
		const look = async () =>
			await well("/opt/etabli/cluster shell c1 sh -c 'hostname; cat /tmp/mine && echo still there; grep CapEff /proc/self/status'");
		const seen = /^slurmd has ended on c1, .*"cluster restart" starts it again\.\nc1\nstill there\nCapEff:\t0{16}\n$/;
		assert.match(await look(), seen);
		// … also when nothing of the node is left to go to.
		await type('pkill -KILL -x sshd; while pgrep -x sshd; do sleep 0.1; done >/dev/null');
		assert.match(await look(), seen);
		assert.equal((await cluster('restart')).code, 0);
		assert.match(await well('srun -N2 hostname </dev/null'), /c[12]\nc[12]/);
	});

	it('files of it that are removed do not leave programs behind that hold its ports', async () => {
		await well('rm -rf /tmp/.cluster 2>/dev/null; setsid /opt/etabli/cluster start');
		assert.equal(
			await well('pgrep -xc slurmctld; pgrep -xc slurmd; if command -v ssh >/dev/null; then pgrep -xc sshd; else echo 2; fi'),
			'1\n2\n2\n',
		);
		assert.match(await well('sinfo -h -o "%T %D"'), /^idle 2$/m);
	});

	it('what is forgotten is so of a dead or hanging slurmctld, too', async () => {
		for (const signal of ['KILL', 'STOP']) {
			const id = (await well(`sbatch --parsable -J old-${signal} --hold --wrap true`)).trim();
			// What slurmctld has not yet written, it loses when it is killed.
			await well(`until grep -aq old-${signal} /tmp/.cluster/state/job_state; do sleep 0.1; done`);
			await well(`pkill -${signal} -x slurmctld${signal === 'KILL' ? '; while pgrep -x slurmctld; do sleep 0.1; done >/dev/null' : ''}`);
			assert.match((await cluster('status')).said, signal === 'STOP' ? /slurmctld: runs, but does not answer/ : /slurmctld: ended/);
			assert.equal((await cluster('forget')).code, 0);
			assert.equal(await well('cat ~/.cluster/forgotten'), `${id}\n`);
			assert.equal(await well('squeue -h'), '');
		}
		await well('mv ~/.cluster/slurm.conf ~/kept; echo Rubbish=1 > ~/.cluster/slurm.conf; pkill -KILL -x slurmctld');
		assert.equal((await cluster('forget')).code, 1);
		await well('mv ~/kept ~/.cluster/slurm.conf; setsid /opt/etabli/cluster start');
	});

	it('a job that waited is told from one that had no room, and one that waits for ever by its dependency', async () => {
		// The tasks go on until the others have been submitted, however long that takes.
		await well(`first=$(sbatch --parsable -J tasks --array=1-2 --wrap 'until [ -e ~/submitted ]; do sleep 0.1; done; sleep $((2 * SLURM_ARRAY_TASK_ID))')
			sbatch -J waited --dependency=afterok:$first --wrap true
			sbatch -J no-room --exclusive -N2 --wrap true
			sbatch -J never --dependency=afterok:$(sbatch --parsable --wrap 'exit 1') --wrap true
			touch ~/submitted
			until squeue -h -n never -o %r | grep Never && [ -z "$(squeue -h --name=waited,no-room)" ]; do sleep 0.2; done; scancel -n never`);
		const asks = async (question: string) =>
			(await type(`printf '#!/bin/sh\n. /opt/etabli/check.sh\n${question} || fail a b\npass\n' > check; sh check </dev/null`)).code;
		assert.equal(await asks('job "^waited$" after "^tasks$"'), 0);
		assert.equal(await asks('job "^no-room$" after "^tasks$"'), 10);
		assert.equal(await asks('job "^never$" dependency "^afterok:" state CANCELLED'), 0);
	});

	it('a job’s end ends the wait for it, when its nodes are done; what has ended meanwhile is not missed', async () => {
		const said = await well(`had=$(stat -c %s /tmp/.cluster/ended)
			setsid /opt/etabli/cluster ended $had >said </dev/null &
			id=$(sbatch --parsable -J told --wrap true); wait
			scontrol show job $id | grep -o 'JobState=[A-Z]*'; cmp said <(stat -c %s /tmp/.cluster/ended)
			setsid /opt/etabli/cluster ended $had; tail -c +$((had + 1)) /tmp/.cluster/ended | grep -c "JobId=$id "`);
		assert.match(said, /^JobState=COMPLETED\n\d+\n1\n$/);
	});

	it('settings that Slurm does not understand are named, and the first ones come back; one’s own stay', async () => {
		await well('echo Rubbish=1 >> ~/.cluster/slurm.conf');
		const broken = await cluster('restart');
		assert.equal(broken.code, 1);
		assert.match(broken.said, /slurmctld did not start: .*Rubbish[\s\S]*"cluster restore"/);
		await type(
			'mv ~/.cluster/slurm.conf ~/.cluster/broken; cp ~/.cluster/slurm.conf.original ~/.cluster/slurm.conf; setsid /opt/etabli/cluster start',
		);
		await well('scontrol update nodename=c2 state=drain reason=tried; mv ~/.cluster/broken ~/.cluster/slurm.conf');
		assert.equal((await cluster('restore')).code, 0);
		assert.equal(await well('sinfo -h -n c2 -o %T'), 'idle\n');
		assert.match(await well('tail -n 1 ~/.cluster/slurm.conf.yours'), /Rubbish/);
		assert.match(await well('sinfo -h -o %T'), /idle/);
	});
});
