/**
 * A sandbox as its learner sees it: through the terminal of a page, made by the server. What the engine grants is tried in integration/sandbox.test.ts.
 * (Over 400 lines: the cases share one sandbox, as learner and as root, and each stands for itself.)
 */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ClientTerminal } from '../../sandbox-server/tools/rehearsal/client-terminal.ts';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { plainText } from '../../src/shared/control-sequences.ts';
import { rootImageOf } from '../fixtures/root-image.ts';
import { machinery, type ServerOptions, taughtCourses } from '../fixtures/server.ts';
import { Attacked } from './hostility.ts';

const visit = { course: 'tp-apptainer', lesson: 'first-container', language: 'en' } as const;

const made: string[] = [];
after(() => {
	for (const path of made) rmSync(path, { recursive: true, force: true });
});

/** System calls by which others have got out, with their numbers (x86-64, arm64). */
const calls: Record<string, [number, number, string]> = {
	'add_key: the kernel’s key rings are shared by all users of one number': [248, 217, '"user","x","y",1,-2'],
	request_key: [249, 218, '"user","x",0,-2'],
	keyctl: [250, 219, '0,-2,1,0,0'],
	open_by_handle_at: [304, 265, '0,0,0'],
	bpf: [321, 280, '0,0,0'],
	perf_event_open: [298, 241, '0,0,-1,-1,0'],
	kexec_load: [246, 104, '0,0,0,0'],
	init_module: [175, 105, '0,0,0'],
	'clone3: its flags could not be filtered': [435, 435, '0,0'],
};

for (const user of ['learner', 'root'] as const)
	describe(`as ${user}`, () => {
		let attacked: Attacked;
		let eve: LearnerClient;
		let terminal: ClientTerminal;
		before(async () => {
			attacked = await Attacked.start(user === 'root' ? await asRoot() : { courses: taughtCourses }, visit);
			eve = await attacked.server.withTerminal(visit);
			terminal = await eve.terminal('1', { cols: 200, rows: 50 });
		});
		after(() => attacked?.server.stop());

		let probes = 0;
		after(() => console.log(`${probes} probes from inside a sandbox`));

		/** What a command prints, in lines; its own text not among them. */
		async function prints(command: string): Promise<string[]> {
			probes++;
			const output = plainText(await terminal.run(`${command}; echo`)).replaceAll('\r', '');
			return (
				output
					.split('\n')
					.slice(1)
					.map((line) => line.trim())
					// The next prompt is the folder's name.
					.filter((line) => line && !/^[\w~./-]+[$#]$/.test(line))
			);
		}

		/** Every command fails; the one that succeeds is named. */
		async function fail(commands: string[]): Promise<void> {
			for (const command of commands) {
				const lines = await prints(`(${command}) >/dev/null 2>&1 </dev/null && echo GOT-IN || echo refused`);
				assert.deepEqual(lines, ['refused'], command);
			}
		}

		test('the learner is nobody in particular: no capability, no way to any, loopback alone', {
			skip: user === 'root' && 'the next test says what root has',
		}, async () => {
			const capabilities = await prints(
				'capsh --print | grep -E "^(Current|Bounding set|Ambient set) ="; capsh --print | grep -c no-new-privs=1',
			);
			assert.deepEqual(
				capabilities,
				['Current: =', 'Bounding set =', 'Ambient set =', '1'].filter((line) => capabilities.includes(line)),
			);
			assert.ok(capabilities.includes('Bounding set =') && capabilities.includes('1'));
			assert.deepEqual(await prints('tail -n +2 /proc/net/route | wc -l; tail -n +3 /proc/net/dev | cut -d: -f1; id -un; id -G | wc -w'), [
				'0',
				'lo',
				'learner',
				'1',
			]);
			await fail([
				'sudo -n true',
				'su -c true',
				'unshare -n true',
				'unshare -rn true',
				'unshare -C true',
				'chroot / true',
				'mknod ~/d c 1 1',
				'unshare -r mknod ~/d c 1 1',
			]);
			await attacked.isUnharmed();
		});

		test('root has a system of its own and no more: uid 1000 outside, nothing that can be mounted, made or joined', {
			skip: user === 'learner' && 'of the other profile',
		}, async () => {
			assert.deepEqual(await prints('id -u; cat /proc/self/uid_map | xargs; touch /etc/mine /usr/bin/mine && echo written; cd; pwd'), [
				'0',
				'0 1000 1',
				'written',
				'/root',
			]);
			const [, bounding = ''] = /^CapBnd:\s*([0-9a-f]+)$/m.exec((await prints('cat /proc/self/status')).join('\n')) ?? [];
			const never = [2, 12, 13, 16, 17, 18, 19, 21, 22, 23, 24, 25, 27, 33, 34, 35, 37, 38, 39, 40];
			assert.deepEqual(
				never.filter((number) => (BigInt(`0x${bounding}`) >> BigInt(number)) & 1n),
				[],
			);
			assert.deepEqual(await prints('tail -n +2 /proc/net/route | wc -l; tail -n +3 /proc/net/dev | cut -d: -f1'), ['0', 'lo']);
			await fail([
				'mount -t tmpfs x /mnt',
				'mount --bind /tmp /opt/etabli',
				'umount /proc',
				'unshare -m true',
				'unshare -n true',
				'unshare -rn true',
				'unshare -C true',
				'chroot / true',
				'mknod ~/d c 1 1',
				'mknod /dev/d b 8 0',
				'chown 1:1 ~',
				'setpriv --reuid 1 true',
				'nsenter -t 1 -m true',
				'nsenter -t 1 -U true',
				'ls /.system/proc /home/learner/upper /home/learner/work',
				'ip link set lo down',
				'sysctl -w kernel.hostname=x',
			]);
			await attacked.isUnharmed();
		});

		test('nobody is to be reached: metadata services, the host, neighbours, the engine', async () => {
			const addresses = [
				'169.254.169.254',
				'169.254.170.2',
				'100.100.100.200',
				'[fd00:ec2::254]',
				'10.0.0.1',
				'172.17.0.1',
				'192.168.0.1',
				'1.1.1.1',
				'localhost:2375',
				'localhost:2376',
				'localhost:22',
				new URL(attacked.server.address).host,
			];
			await fail(addresses.map((address) => `curl -sS -m 3 http://${address}/`));
			await fail([
				'getent hosts example.org',
				'bash -c "echo > /dev/udp/1.1.1.1/53"',
				'curl -sS -m 3 --unix-socket /var/run/docker.sock http://x/info',
				'curl -sS -m 3 --unix-socket /run/podman/podman.sock http://x/info',
			]);
			const sockets = await prints('find / -type s -not -path "/proc/*" 2>/dev/null | sort');
			assert.deepEqual(sockets, ['/run/etabli/agent.sock', '/run/etabli/preview.sock', '/run/etabli/registry.sock']);
		});

		test('/run/etabli and /opt/etabli cannot be changed: no file, no symbolic link, no replacement', async () => {
			await fail([
				...[
					'touch /run/etabli/x',
					'ln -s /etc/passwd /run/etabli/x',
					'rm /run/etabli/agent.sock',
					'mv /run/etabli/agent.sock /run/etabli/y',
					'ln -sf /x /run/etabli/registry.sock',
					'mkdir /run/etabli/d',
					'chmod 777 /run/etabli',
				],
				...[
					'echo >> /opt/etabli/check.sh',
					'rm /opt/etabli/agent',
					'mount -o remount,rw /run/etabli',
					'unshare -rm mount -o remount,rw /run/etabli',
					'unshare -rm mount -o remount,rw,bind /opt/etabli',
					'unshare -rm umount /run/etabli',
				],
				'unshare -rm sh -c "mount -t tmpfs x /run/etabli && nsenter -t 1 -m ls /run/etabli"',
			]);
			await attacked.isUnharmed();
		});

		test('the agent cannot be ended, traced, read or stopped by the learner', async () => {
			await fail([
				...['KILL', 'STOP', 'SEGV', 'ABRT', 'BUS'].map((signal) => `kill -${signal} 1 && sleep 0.5 && [ ! -d /proc/1 ]`),
				'cat /proc/1/environ',
				'cat /proc/1/maps',
				'ls -l /proc/1/fd/',
				'dd if=/proc/1/mem bs=1 count=1',
				'readlink /proc/1/exe',
				'cat /proc/1/stack',
				'perl -e "exit(syscall(101,16,1,0,0)==0?0:1)"',
				'unshare -r cat /proc/1/environ',
			]);
			assert.match((await prints('ps -o stat= -p 1')).join(), /^[SRD]/, 'it runs as before');
			assert.match((await prints('echo still-$((6*7))')).join(), /still-42/);
		});

		test('the agent keeps its turn at the processor and the disk: the learner may slow their own programs, and nothing else', async () => {
			const numbers = 'cut -d" " -f18,19,40,41 /proc/1/stat; taskset -p 1; ionice -p 1';
			const before = await prints(numbers);
			await fail([
				'chrt --idle -p 0 1',
				'chrt --batch -p 0 1',
				'renice -n 19 -p 1',
				'renice -n 19 -g 1',
				'renice -n 19 -u "$(id -u)"',
				'taskset -p 1 1',
				'ionice -c 3 -p 1',
				'prlimit --pid 1 --cpu=0',
				// The kernel looks at 32 bits of a number, a filter that compares at 64; and from a namespace of one's own.
				`perl -e 'exit(syscall(144, 0x1_0000_0001, 5, pack("i", 0)) == 0 ? 0 : 1)'`,
				`perl -e 'exit(syscall(141, 2, 0, 19) == 0 ? 0 : 1)'`,
				'unshare -r renice -n 19 -p 1',
			]);
			assert.deepEqual(await prints(numbers), before);
			const own =
				'sleep 30 & p=$!; renice -n 5 -p $p >/dev/null && chrt --idle -p 0 $p && taskset -p 1 $p >/dev/null && ionice -c 3 -p $p && echo slowed; kill $p';
			assert.ok((await prints(`(${own})`)).includes('slowed'), 'what is one’s own can be slowed');
			assert.deepEqual(await prints('nice -n 3 nice'), ['3']);
		});

		test('an impostor at the agent’s socket is refused while the agent lives, and disturbs nobody', async () => {
			// Says what an agent would say first, keeps the connection, sends noise; a hundred times, and by many at once.
			const hello =
				'use IO::Socket::UNIX; $n=0; for (1..100) { my $s = IO::Socket::UNIX->new("/run/etabli/agent.sock") or next; syswrite $s, pack("VCvQ<v", 13, 1, 1, 7, 0); syswrite $s, join("", map chr rand 256, 1..2000); my $r = sysread $s, my $b, 100; $n++ if $r }; print "answered $n\\n"';
			assert.deepEqual(await prints(`perl -e '$SIG{PIPE}="IGNORE"; ${hello}'`), ['answered 0']);
			assert.match(
				(
					await prints(
						'for i in $(seq 30); do (perl -e \'use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new("/run/etabli/agent.sock"); sleep 2\' &) ; done; sleep 2.5; echo done',
					)
				).join(),
				/done/,
			);
			assert.equal(eve.sandbox.state, 'ready');
			assert.equal((await eve.check(eve.steps.keys().next().value ?? '')).state, 'failed', 'checks run as before');
			await attacked.isUnharmed();
			attacked.hadNoFault();
		});

		test('kernel settings, cgroups and devices of the host are out of reach', async () => {
			assert.deepEqual(
				await prints('unshare -rm true && echo works'),
				['works'],
				'what follows is refused for what it does, not for want of a namespace',
			);
			await fail([
				...[
					'echo x > /proc/sys/kernel/core_pattern',
					'unshare -r sh -c "echo x > /proc/sys/kernel/core_pattern"',
					'echo b > /proc/sysrq-trigger',
					'unshare -r sh -c "echo h > /proc/sysrq-trigger"',
					'echo 1 > /proc/sys/vm/drop_caches',
					'echo 1 > /proc/sys/kernel/ns_last_pid',
				],
				...[
					'unshare -rm mount -t cgroup2 x /tmp',
					'unshare -rm mount -t cgroup -o memory x /tmp',
					'unshare -rm mount -t sysfs x /tmp',
					'mkdir /sys/fs/cgroup/x',
					'unshare -rm mount -t devtmpfs x /tmp',
					// Root's own system may be written to.
					...(user === 'root' ? [] : ['unshare -rm mount --bind / /tmp && unshare -rm sh -c "mount -o remount,rw / && touch /x"']),
				],
				...[
					'cat /dev/mem',
					'cat /dev/kmsg',
					'dmesg',
					'cat /proc/kcore',
					'ls /dev/sda /dev/vda /dev/nvme0n1',
					'cat /proc/kallsyms | grep -v "^0000000000000000" | grep -q .',

					'reboot',
					'hostname x',
					'date -s 2000-01-01',
				],
			]);
			await attacked.isUnharmed();
		});

		test('system calls by which others have got out are refused, to the learner and to the root of a namespace of theirs', async () => {
			const arm = (await prints('uname -m')).join() === 'aarch64';
			// Refused as such (EPERM, ENOSYS), not for what they were given.
			const command = (what: string): string => {
				const [intel = 0, other = 0, values = ''] = calls[what] ?? [];
				return `perl -e 'my $r = syscall(${arm ? other : intel}, ${values}); exit($r < 0 && ($! == 1 || $! == 38) ? 1 : 0)'`;
			};
			await fail(Object.keys(calls).map(command));
			await fail(Object.keys(calls).map((what) => `unshare -r ${command(what)}`));
		});

		test('no cgroup of the host can be told to run a program, and no neighbour’s processes are to be seen', {
			skip: user === 'root' && 'what root sees of its own processes is another thing: the tests above say it',
		}, async () => {
			await fail([
				'find /sys/fs/cgroup -name release_agent -writable | grep -q .',
				'unshare -r sh -c "echo /x > /sys/fs/cgroup/release_agent"',
				'unshare -rm sh -c "mount -t cgroup -o rdma x /tmp && echo 1 > /tmp/notify_on_release"',
				'unshare -rC true',
				'nsenter -t 1 -n true',
				'ls /proc/1/root/',
				'ls /proc/1/cwd/',
			]);
			assert.deepEqual(await prints('ps -eo user= | sort -u | tr -d " "'), ['learner']);
			const agents = await prints('grep -lz "^/opt/etabli/agent" /proc/[0-9]*/cmdline 2>/dev/null | wc -l');
			assert.ok(Number(agents[0]) <= 3, `its own agent and forwarders: ${agents}`);
		});

		test('the registry: the course’s images can be read, not changed; other learners’ names are not there', async () => {
			const status = async (method: string, path: string, more = '') =>
				(
					await prints(`curl -s -m 20 --path-as-is -o /dev/null -w '%{http_code}\\n' -X ${method} ${more} 'http://localhost:5000${path}'`)
				).join();
			assert.equal(await status('GET', '/v2/lolcow/manifests/1.0', "-H 'Accept: */*'"), '200');
			const victim = attacked.bystander.name;
			const reads = [
				`/v2/${victim}/x/tags/list`,
				`/v2/${victim}/x/manifests/1`,
				'/v2/courses/tp-apptainer/lolcow/manifests/1.0',
				'/v2/learner-000000/a/tags/list',
			];
			const tricks = [
				'/v2/../v2/_catalog',
				`/v2/${eve.name}/../${victim}/x/tags/list`,
				`/v2/${eve.name}/%2e%2e/${victim}/x/tags/list`,
				`/v2/${eve.name}%2f..%2f${victim}/x/tags/list`,
				`/v2//${victim}/x/tags/list`,
				`/v2/${victim.toUpperCase()}/x/tags/list`,
				`/v2/${eve.name}/../../debug/pprof/`,
				'/debug/vars',
				'/metrics',
				'/v3/',
				'/v2/_catalog/../x',
				`/v2/${eve.name}x/a/tags/list`,
			];
			for (const path of [...reads, ...tricks]) assert.match(await status('GET', path), /^4\d\d$/, path);
			const digest = (
				await prints(
					"curl -sI -m 20 -H 'Accept: */*' http://localhost:5000/v2/lolcow/manifests/1.0 | tr -d '\\r' | sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: //p'",
				)
			).join();
			assert.match(digest, /^sha256:/);
			for (const [method, path] of [
				['DELETE', `/v2/lolcow/manifests/${digest}`],
				['DELETE', '/v2/lolcow/manifests/1.0'],
				['DELETE', `/v2/lolcow/blobs/${digest}`],
				['PUT', '/v2/lolcow/manifests/1.0'],
				['PUT', '/v2/courses/tp-apptainer/lolcow/manifests/1.0'],
				['POST', '/v2/lolcow/blobs/uploads/'],
				['POST', `/v2/${victim}/x/blobs/uploads/`],
				['PUT', `/v2/${victim}/x/manifests/1`],
				['POST', `/v2/${eve.name}/../${victim}/x/blobs/uploads/`],
				['PATCH', '/v2/lolcow/blobs/uploads/00000000-0000-0000-0000-000000000000'],
				['POST', `/v2/${eve.name}/x/../../lolcow/blobs/uploads/`],
			] as const) {
				assert.match(await status(method, path, "-d '{}'"), /^40[0-9]$/, `${method} ${path}`);
			}
			assert.match((await prints('curl -s -m 20 http://localhost:5000/v2/_catalog')).join(), /"lolcow"/);
			assert.doesNotMatch((await prints('curl -s -m 20 http://localhost:5000/v2/_catalog')).join(), /learner-/);
			assert.equal(await status('POST', `/v2/${eve.name}/x/blobs/uploads/`), '202', 'their own name is open to them');
			assert.equal(await status('GET', '/v2/lolcow/manifests/1.0', "-H 'Accept: */*'"), '200', 'and the course’s image is as it was');
			await attacked.isUnharmed();
		});

		test('forged shell marks set checks going, and pass nothing', async () => {
			await terminal.run("printf '\\e]633;E;touch done.txt\\a\\e]633;P;Cwd=/\\a\\e]133;C\\a\\e]133;D;0\\a'");
			assert.match((await prints('echo on-$((1+1))')).join(), /on-2/);
			const passed = [...eve.steps.values()].filter(({ state }) => state === 'passed');
			assert.deepEqual(passed, [], 'marks can be forged; checks look for themselves');
			await attacked.isUnharmed();
			attacked.hadNoFault();
		});

		test('an impostor who waits for the server to come back gets no further than the learner’s own sandbox', async () => {
			const impostor =
				'use IO::Socket::UNIX; while (1) { my $s = IO::Socket::UNIX->new("/run/etabli/agent.sock"); if ($s) { syswrite $s, pack("VCvQ<v", 13, 1, 1, 7, 0); syswrite $s, pack("VCVCCV", 11, 8, 1, 0, 0, 1) x 50; sysread $s, my $b, 100 } else { select undef, undef, undef, 0.01 } }';
			await prints(`(setsid perl -e '$SIG{PIPE}="IGNORE"; ${impostor}' >/dev/null 2>&1 &)`);
			await attacked.server.kill('SIGKILL');
			await attacked.server.serve();
			await attacked.returns();
			await attacked.isUnharmed();
			// Whoever has won the race, a reset gives the learner a sandbox that works.
			await eve.connect();
			await eve.post('/api/sandboxes/tp-apptainer/reset', { progress: false });
			await eve.until(() => eve.sandbox.state === 'ready', 'a fresh sandbox');
			assert.match(await (await eve.terminal()).run('echo fresh-$((1+1))'), /fresh-2/);
			await attacked.isUnharmed();
			attacked.hadNoFault();
		});
	});

/** The course that is taught, with learners who are root. */
async function asRoot(): Promise<ServerOptions> {
	const courses = mkdtempSync(join(tmpdir(), 'etabli-root-'));
	made.push(courses);
	cpSync(join(taughtCourses, visit.course), join(courses, visit.course), { recursive: true });
	appendFileSync(join(courses, visit.course, 'course.yaml'), 'user: root\n');
	const { images } = machinery();
	return { courses, images: { ...images, courses: { [visit.course]: await rootImageOf(images.courses[visit.course] ?? '') } } };
}
