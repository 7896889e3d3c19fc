/**
 * A sandbox as its learner sees it: through the terminal of a page, made by the server. What the engine grants is tried in integration/sandbox.test.ts.
 */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { rootImageOf } from '../fixtures/root-image.ts';
import { machinery, type ServerOptions, taughtCourses } from '../fixtures/server.ts';
import { Attacked } from './hostility.ts';
import {
	addresses,
	agentKeepsTurn,
	agentLives,
	agentNumbers,
	engines,
	escapes,
	fullQueue,
	kernel,
	neighbours,
	noRights,
	oursStays,
	ownIsSlowed,
	Probes,
} from './probes.ts';

const visit = { course: 'tp-apptainer', lesson: 'first-container', language: 'en' } as const;

const made: string[] = [];
after(() => {
	for (const path of made) rmSync(path, { recursive: true, force: true });
});

for (const user of ['learner', 'root'] as const)
	describe(`as ${user}`, () => {
		let attacked: Attacked;
		let eve: LearnerClient;
		let terminal: Awaited<ReturnType<LearnerClient['terminal']>>;
		let probes: Probes;
		const prints = (command: string) => probes.prints(command);
		const fail = (commands: string[]) => probes.fail(commands);
		before(async () => {
			attacked = await Attacked.start(user === 'root' ? await asRoot() : { courses: taughtCourses }, visit);
			eve = await attacked.server.withTerminal(visit);
			terminal = await eve.terminal('1', { cols: 200, rows: 50 });
			probes = new Probes(terminal);
		});
		after(() => attacked?.server.stop());

		after(() => console.log(`${probes?.count ?? 0} probes from inside a sandbox`));

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
			await fail(noRights);
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
			const all = [...addresses, new URL(attacked.server.address).host];
			await fail(all.map((address) => `curl -sS -m 3 http://${address}/`));
			await fail(engines);
			const sockets = await prints('find / -type s -not -path "/proc/*" 2>/dev/null | sort');
			assert.deepEqual(sockets, ['/run/etabli/agent.sock', '/run/etabli/preview.sock', '/run/etabli/registry.sock']);
		});

		test('/run/etabli and /opt/etabli cannot be changed: no file, no symbolic link, no replacement', async () => {
			await fail(oursStays);
			await attacked.isUnharmed();
		});

		test('the agent cannot be ended, traced, read or stopped by the learner', async () => {
			await fail(agentLives);
			assert.match((await prints(fullQueue((await prints('uname -m')).join()))).join(), /queued \d+: Resource temporarily unavailable/);
			assert.match((await prints('ps -o stat= -p 1')).join(), /^[SRD]/, 'it runs as before');
			assert.match((await prints('echo still-$((6*7))')).join(), /still-42/);
		});

		test('the agent keeps its turn at the processor and the disk: the learner may slow their own programs, and nothing else', async () => {
			const before = await prints(agentNumbers);
			await fail(agentKeepsTurn);
			assert.deepEqual(await prints(agentNumbers), before);
			assert.ok((await prints(`(${ownIsSlowed})`)).includes('slowed'), 'what is one’s own can be slowed');
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
			await fail(kernel(user));
			await attacked.isUnharmed();
		});

		test('system calls by which others have got out are refused, to the learner and to the root of a namespace of theirs', async () => {
			await fail(escapes((await prints('uname -m')).join()));
		});

		test('no cgroup of the host can be told to run a program, and no neighbour’s processes are to be seen', {
			skip: user === 'root' && 'what root sees of its own processes is another thing: the tests above say it',
		}, async () => {
			await fail(neighbours);
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
