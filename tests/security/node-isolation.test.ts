/**
 * The nodes of a learner's cluster, from inside: all that is refused in a sandbox is refused on each of them, in a terminal there and to whoever has every
 * right over the node's own namespaces; and a node sees nothing that its sandbox does not.
 */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { Attacked } from './hostility.ts';
import {
	addresses,
	agentKeepsTurn,
	agentLives,
	agentNumbers,
	engines,
	escapes,
	kernel,
	neighbours,
	noRights,
	oursStays,
	Probes,
} from './probes.ts';

const visit = { course: 'tp-cluster', lesson: 'first-job', language: 'en' } as const;
/** Commands that are tried on each node, at the least; and on the login machine with every right over the nodes' namespaces. */
const leastProbes = { node: 115, login: 80 };

/** What there is to be seen, a line each: namespaces that are shared, devices, network, file systems, rights. */
const shared = 'for kind in pid net ipc cgroup time; do readlink /proc/self/ns/$kind; done; cat /proc/self/cgroup';
const rights = `grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs|Seccomp):' /proc/self/status | xargs -n 2; id -u; id -un`;
const none = '0'.repeat(16);
const noRight = [...['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((set) => `${set}: ${none}`), 'NoNewPrivs: 1', 'Seccomp: 2'];
/** Device numbers of all that is mounted. */
const mounted = `awk '{ print $3 }' /proc/self/mountinfo | sort -u`;

describe('on the nodes of a cluster', () => {
	let attacked: Attacked;
	let eve: LearnerClient;
	let login: Probes;
	const nodes = new Map<string, Probes>();
	before(async () => {
		attacked = await Attacked.start({ courses: join(taughtCourses, 'tp-cluster') }, visit);
		eve = await attacked.server.withTerminal(visit);
		const open = async (number: string) => new Probes(await eve.terminal(number, { cols: 200, rows: 50 }));
		login = await open('1');
		for (const name of ['c1', 'c2']) nodes.set(name, await open(name));
	});
	after(() => attacked?.server.stop());
	after(() => {
		const counts = [...nodes.values()].map(({ count }) => count);
		console.log(`${counts.join(' and ')} probes on two nodes, ${login?.count} on the login machine`);
		for (const count of counts) assert.ok(count > leastProbes.node, `only ${count}`);
		assert.ok(login.count > leastProbes.login, `only ${login.count} on the login machine`);
	});

	/** What the same command prints on the login machine, and on a node. */
	const both = async (node: Probes, command: string) => [await login.prints(command), await node.prints(command)] as const;

	for (const name of ['c1', 'c2'])
		describe(`on ${name}`, () => {
			const node = () => nodes.get(name) as Probes;
			/** As whoever has every capability in the namespaces of that node, which are the learner's own: to the kernel, that is what the cluster's start has. */
			const withRights = (command: string) =>
				`nsenter --target "$(cat /tmp/.cluster/${name}/slurmd.pid)" --user --preserve-credentials --keep-caps --uts --mount -- sh -c '${command}'`;

			test('a shell and a job have no right, and what is another’s or the machine’s is refused as in the sandbox', async () => {
				assert.deepEqual(await node().prints('hostname'), [name]);
				const uid = await login.prints('id -u');
				assert.deepEqual(await node().prints(rights), [...noRight, ...uid, 'learner']);
				assert.deepEqual(await login.prints(`srun -w ${name} sh -c "${rights.replaceAll("'", '\\"')}" </dev/null`), [
					...noRight,
					...uid,
					'learner',
				]);
				await node().fail([...noRights, ...oursStays, ...agentLives, ...kernel('learner'), ...neighbours]);
				await node().fail(escapes((await node().prints('uname -m')).join()));
				await attacked.isUnharmed();
			});

			test('nobody is to be reached from there, and the agent keeps its turn', async () => {
				const all = [...addresses, new URL(attacked.server.address).host];
				await node().fail(all.map((address) => `curl -sS -m 3 http://${address}/`));
				await node().fail(engines);
				const before = await node().prints(agentNumbers);
				await node().fail(agentKeepsTurn);
				assert.deepEqual(await node().prints(agentNumbers), before);
				await attacked.isUnharmed();
			});

			test('it sees no more than the sandbox: the same processes, network, devices and cgroup, no file system besides, no socket but its own', async () => {
				const [here, there] = await both(node(), shared);
				assert.ok(here.length > 5);
				assert.deepEqual(there, here);
				for (const command of [
					'ls /dev | grep -v pts',
					'tail -n +3 /proc/net/dev | cut -d: -f1',
					'ls /sys/class/net',
					'ls /sys/class/block',
					'ps -eo user= | sort -u',
				])
					assert.deepEqual(...(await both(node(), command)), command);
				const [sandboxHas, nodeHas] = await both(node(), mounted);
				assert.deepEqual(
					nodeHas.filter((device) => !sandboxHas.includes(device)),
					[],
				);
				const sockets = `find / -type s -not -path '/proc/*' 2>/dev/null | grep -vE '^(/run/slurm|/home/learner/|/tmp/)' | sort`;
				const [known, seen] = await both(node(), sockets);
				assert.ok(seen.includes('/run/etabli/agent.sock'));
				assert.deepEqual(seen, known);
			});

			test('what can be written there is what counts as the sandbox’s: nothing else, and not twice', async () => {
				const writable = await node().prints(
					'for d in $(find / \\( -path /proc -o -path /sys -o -path /home \\) -prune -o -type d -writable -print 2>/dev/null); do (: > "$d/.probe" && rm "$d/.probe") 2>/dev/null && stat -c "%d" "$d"; done | sort -u',
				);
				const bounded = await login.prints('stat -c "%d" /tmp /dev/shm | sort -u');
				assert.ok(writable.length > 0);
				assert.deepEqual(
					writable.filter((device) => !bounded.includes(device)),
					[],
				);
			});

			test('every right over the node’s own namespaces reaches no further: its name is another, that of nothing else is', async () => {
				assert.deepEqual(
					await login.prints(withRights('grep CapEff /proc/self/status | grep -c ffff')),
					['1'],
					'what follows is refused to one with rights',
				);
				const [sandbox] = await login.prints('hostname');
				assert.deepEqual(await login.prints(withRights('hostname taken && hostname')), ['taken']);
				assert.deepEqual(await login.prints('hostname'), [sandbox]);
				assert.notEqual(hostname(), 'taken');
				assert.deepEqual(await node().prints('hostname'), ['taken']);
				await login.prints(withRights(`hostname ${name}`));
				await login.fail(
					[
						'ip link set lo down',
						'ip link add x type dummy',
						'mount -t sysfs x /mnt',
						'mount -t cgroup2 x /mnt',
						'mount -t devtmpfs x /mnt',
						'mount -t debugfs x /mnt',
						'mount -o remount,rw /',
						'mount -o remount,bind,rw /run/etabli',
						'mount -o remount,bind,rw /opt/etabli',
						// Where cgroups lie, read-only; /sys/fs/cgroup itself is an empty folder of root's with some engines.
						'm=$(sed -n "s,^.* \\(/sys/fs/cgroup[^ ]*\\) ro.*,\\1,p" /proc/self/mountinfo | head -n 1); mount -o remount,bind,rw "$m"',
						'mkdir /sys/fs/cgroup/x',
						'find /sys/fs/cgroup -name cgroup.procs -writable | grep -q .',
						'touch /run/etabli/x',
						'echo >> /opt/etabli/check.sh',
						'mknod /tmp/d c 1 1 && head -c 1 /tmp/d',
						'echo x > /proc/sys/kernel/core_pattern',
						'echo x > /proc/sys/kernel/hostname && [ "$(nsenter -t $PPID -u hostname)" = x ]',
						'sysctl -w kernel.pid_max=1000',
						'date -s 2000-01-01',
						'chown 0:0 ~/.bash_history',
						'setpriv --reuid 0 true',
						'kill -KILL 1 && sleep 0.5 && [ ! -d /proc/1 ]',
						'cat /proc/1/environ',
						'nsenter -t 1 -m true',
						'nsenter -t 1 -u true',
						'nsenter -t 1 -U true',
						'unshare -n true',
						'unshare -C true',
						'dmesg',
						'chroot /proc/1/root true',
					].map(withRights),
				);
				await attacked.isUnharmed();
			});
		});

	test('Slurm hands out nobody but the learner: no other user, no hook with rights, no restart of a machine', async () => {
		await login.fail([
			'srun --uid=0 id',
			'srun --uid=root id',
			'sbatch --uid=0 --wrap id',
			'sbatch --uid=1 --wrap id',
			'scontrol reboot ASAP c1 && sleep 3 && ! ps -p 1',
			'ssh root@c1 true',
			'ssh nobody@c1 true',
			'ssh -o Port=22 c1 true',
			'sbcast --force /etc/hostname /usr/bin/x',
		]);
		const hook = `printf '#!/bin/sh\\n{ id -u; grep CapEff /proc/self/status; } > /tmp/hook\\n' > ~/hook; chmod +x ~/hook; echo "Prolog=$HOME/hook" >> ~/.cluster/slurm.conf; scontrol reconfigure; for i in $(seq 60); do srun -w c1 test -e /tmp/hook </dev/null && break; sleep 1; done; srun -w c1 cat /tmp/hook </dev/null`;
		const uid = await login.prints('id -u');
		assert.deepEqual((await login.prints(hook)).slice(-2), [...uid, `CapEff:\t${none}`]);
		await attacked.isUnharmed();
	});

	test('another learner’s cluster is another one: neither its queue, nor its nodes, nor its key is to be seen', async () => {
		await login.prints('sbatch -H -J of-eve --wrap true');
		assert.deepEqual(await login.prints('squeue -h -t PD -o %j'), ['of-eve']);
		const ada = new Probes(await attacked.bystander.terminal('1', { cols: 200, rows: 50 }));
		assert.deepEqual(await ada.prints('squeue -h -o %j; sinfo -h -o "%T %D"'), ['idle 2']);
		const keys = [await login.prints('sha256sum < ~/.cluster/slurm.key'), await ada.prints('sha256sum < ~/.cluster/slurm.key')];
		assert.notDeepEqual(keys[0], keys[1]);
		attacked.hadNoFault();
	});
});
