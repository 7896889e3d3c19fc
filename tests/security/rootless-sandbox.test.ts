/**
 * What a sandbox of a user who is not root holds, tried from inside; and what it does not hold, which is written down here so that it is
 * neither forgotten nor claimed (docs/operator/rootless.md).
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { MountedFolders } from '../../sandbox-server/runtimes/mounted-folder.ts';
import { rootlessUrl } from '../../sandbox-server/runtimes/rootless/choice.ts';
import { limitsSchema } from '../../src/shared/course/course.ts';
import { unique } from '../contract/real-runtimes.ts';
import { eventually } from '../fixtures/eventually.ts';
import { asOrdinaryUser } from '../fixtures/ordinary-user.ts';
import { agentProgram } from '../integration/agent-harness.ts';
import { SandboxHarness } from '../integration/sandbox-harness.ts';

const user = await asOrdinaryUser(import.meta.filename);
if (user) probes(user);

function probes({ image, skip }: NonNullable<typeof user>): void {
	describe('a sandbox without root', { skip }, () => {
		let sandbox: SandboxHarness;
		let pid = 0;
		before(async () => {
			const engine = await connectEngine({ url: rootlessUrl, stateDir: tmpdir() });
			await engine.makeReady(image);
			sandbox = new SandboxHarness({ engine, image });
			await sandbox.start();
			pid = (await engine.pid(sandbox.name)) ?? 0;
		});
		after(() => sandbox?.stop());

		const prints = async (script: string): Promise<string> => {
			const { stdout } = await sandbox.run(`exec 2>&1\n${script}`);
			return stdout.trim();
		};
		/** Each ends with another status than 0. */
		const fail = async (commands: readonly string[]): Promise<void> => {
			const script = commands.map((command, at) => `( ${command} ) >/dev/null 2>&1 && echo ${at}`).join('\n');
			const done = (await prints(`${script}\ntrue`)).split('\n').filter((line) => line !== '');
			assert.deepEqual(
				done.map((at) => commands[Number(at)] ?? at),
				[],
				'these were done',
			);
		};

		test('the learner is nobody in particular: no capability, no way to any, loopback alone', async () => {
			const status = await prints('cat /proc/self/status');
			for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.match(status, new RegExp(`^${set}:\\s*0+$`, 'm'));
			assert.match(status, /^NoNewPrivs:\s*1$/m);
			assert.match(status, /^Seccomp:\s*2$/m);
			assert.equal(
				await prints('id -u; id -g; tail -n +2 /proc/net/route | wc -l; tail -n +3 /proc/net/dev | cut -d: -f1 | xargs'),
				'1000\n1000\n0\nlo',
			);
			await fail([
				'chown 0 /tmp',
				'unshare -n true',
				'unshare -rn true',
				'unshare -C true',
				'mknod /tmp/d c 1 1',
				'mount -t tmpfs x /mnt',
				'hostname x',
			]);
		});

		test('nothing can be written but home, /tmp and shared memory, and these have their bounds', async () => {
			const places = await prints(
				'find / -xdev -type d -writable 2>/dev/null | head; for p in / /etc /usr /run/etabli /opt/etabli /dev /sys; do touch $p/x 2>/dev/null && echo wrote $p; done',
			);
			assert.equal(
				places
					.split('\n')
					.filter((line) => line.startsWith('wrote'))
					.join(),
				'',
			);
			await fail([
				'mount -o remount,rw /',
				'unshare -rm mount -o remount,rw /',
				'unshare -rm mount -o remount,bind,rw /etc/hosts',
				'unshare -rm umount /etc/hosts',
			]);
			assert.match(
				await prints('head -c 300M /dev/zero > /home/learner/big; stat -c %s /home/learner/big; rm /home/learner/big'),
				/No space left/,
			);
			assert.match(await prints('head -c 200M /dev/zero > /tmp/big; rm /tmp/big'), /No space left/);
			assert.match(await prints('mkdir /tmp/m; for i in $(seq 4000); do true > /tmp/m/$i || break; done; rm -r /tmp/m'), /No space left/);
		});

		test('kernel settings, devices and other processes of the machine are out of reach', async () => {
			await fail([
				'echo x > /proc/sys/kernel/core_pattern',
				'unshare -r sh -c "echo x > /proc/sys/kernel/core_pattern"',
				'echo 1 > /proc/sys/vm/drop_caches',
				'echo b > /proc/sysrq-trigger',
				'cat /proc/kcore',
				'head -c 1 /dev/mem',
				'test -e /dev/sda',
				'ls /proc/1/root/',
				'cat /proc/1/environ',
				'kill -9 1; sleep 1; ! kill -0 1',
				'cat /sys/firmware/* && test -n "$(ls /sys/firmware)"',
			]);
			assert.equal(await prints("ls -d /proc/[0-9]* | wc -l | awk '{ print ($1 < 10) }'"), '1');
			assert.equal(await prints('ps -e >/dev/null 2>&1; cat /proc/1/comm'), 'agent');
		});

		test('processes have their bound, which the learner’s own namespaces do not lift', async () => {
			// Not a shell: one that gets no process waits and tries again.
			const bomb =
				"perl -e 'my @p; for (1..400) { my $p = fork; last unless defined $p; if (!$p) { sleep 60; exit } push @p, $p } print scalar(@p); kill 9, @p'";
			const alone = Number(await prints(bomb));
			assert.ok(alone > 50 && alone <= 128, `${alone} processes`);
			const nested = Number(await prints(`unshare -r sh -c 'ulimit -u unlimited 2>/dev/null; ${bomb.replaceAll("'", `'\\''`)}'`));
			assert.ok(nested > 50 && nested <= 128, `${nested} processes in a namespace of one’s own`);
		});

		test('system calls by which others have got out are refused', async () => {
			const call = (number: number, ...args: number[]) => `perl -e 'exit(syscall(${[number, ...args].join(', ')}) >= 0 ? 0 : 1)'`;
			// bpf, keyctl, add_key, userfaultfd, perf_event_open, io_uring_setup, kexec_load, init_module, open_by_handle_at, ptrace, process_vm_readv
			const x64 = [321, 250, 248, 323, 298, 425, 246, 175, 304, 101, 310];
			if (process.arch === 'x64') await fail(x64.map((number) => call(number, 0, 0, 0, 0, 0)));
			await fail([call(41, 16, 3, 9), call(41, 17, 3, 0)]);
		});

		test('nothing of the server is inherited: no descriptor, no environment, no key', async () => {
			const engine = await connectEngine({ url: rootlessUrl, stateDir: tmpdir() });
			const folders = new MountedFolders(join(mkdtempSync(join(tmpdir(), 'etabli-inherited-')), 'sandboxes'));
			const command = ['/bin/sh', '-c', 'sh -c "ls -l /proc/1/fd > /tmp/fds.new; mv /tmp/fds.new /tmp/fds"; while :; do sleep 1000; done'];
			const runtime = engine.runtime({ folders, guest: dirname(await agentProgram()), command });
			const name = unique('etabli-test-inherited');
			await runtime.start({ name, image, ociRuntime: undefined, limits: limitsSchema.parse({}), labels: {} });
			const seen = `/proc/${await engine.pid(name)}/root/tmp/fds`;
			await eventually(() => existsSync(seen), 'its look at itself');
			const open = readFileSync(seen, 'utf8')
				.split('\n')
				.filter((line) => line.includes(' -> '));
			await runtime.destroy(name);
			assert.deepEqual(
				open.map((line) => line.replace(/^.* (\d+ -> .*)$/, '$1')),
				['0 -> /dev/null', '1 -> /dev/null', '2 -> /dev/null'],
			);
			const environment = await prints('env | cut -d= -f1 | sort | xargs');
			assert.doesNotMatch(environment, /ETABLI_TEST|NODE|XDG/);
			assert.equal(await prints('cat /proc/self/oom_score_adj'), '500');
		});

		test('an Apptainer of the learner’s own has what it needs: namespaces, a /proc, /dev/fuse', async () => {
			assert.equal(await prints('unshare -rm sh -c "mount -t tmpfs x /mnt && echo mounts"'), 'mounts');
			assert.equal(await prints('unshare -rmpf sh -c "mount -t proc x /proc && echo its own"'), 'its own');
			if (existsSync('/dev/fuse')) assert.equal(await prints(': <> /dev/fuse && echo opens'), 'opens');
		});

		test('NOT held: memory and processors have no bound of the sandbox’s own', async () => {
			assert.equal(await prints('ulimit -v; ulimit -t'), 'unlimited\nunlimited');
			// In no control group of its own: that of whoever has started the server.
			assert.equal(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
		});

		test('NOT held: to the machine the learner is the user who has started the server', () => {
			const [, uid = ''] = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
			assert.equal(Number(uid), process.getuid?.());
		});
	});
}
