/**
 * What a container engine sees to, and this server has to where it starts containers itself: each looked at from outside, in the kernel's own
 * words, and tried from inside. docs/decisions/0020-without-an-engine.md has the list; images that are made to do harm: oci-image.test.ts.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ContainerSpec } from '../../sandbox-server/runtimes/containers.ts';
import { Bundles } from '../../sandbox-server/runtimes/oci/bundles.ts';
import { imageRoot, stateRoot } from '../../sandbox-server/runtimes/oci/engine.ts';
import { sandboxContainer } from '../../sandbox-server/runtimes/sandbox-container.ts';
import { limitsSchema } from '../../src/shared/course/course.ts';
import { idleCommand, realRuntime, unique } from '../contract/real-runtimes.ts';
import { eventually } from '../fixtures/eventually.ts';
import { SandboxHarness } from '../integration/sandbox-harness.ts';

const real = await realRuntime('oci');
const small = limitsSchema.parse({ memory: '128 MiB', home: { size: '8 MiB', files: 200 }, tmp: { size: '8 MiB', files: 200 } });

/** Fields of /proc/PID/status. */
const status = (pid: number): Record<string, string> =>
	Object.fromEntries(
		readFileSync(`/proc/${pid}/status`, 'utf8')
			.split('\n')
			.map((line) => line.split(':\t') as [string, string]),
	);

describe('a sandbox that the server has started itself', { skip: 'missing' in real ? real.missing : false }, () => {
	if ('missing' in real) return;
	const { engine, image } = real;
	let sandbox: SandboxHarness;
	let pid = 0;
	const made: string[] = [];
	before(async () => {
		sandbox = new SandboxHarness(real);
		await sandbox.start();
		pid = (await engine.pid(sandbox.name)) ?? 0;
	});
	after(async () => {
		await sandbox.stop();
		for (const name of made) await engine.containers.destroy(name);
	});

	/** Another one, with another main process. */
	async function started(change: Partial<ContainerSpec>): Promise<number> {
		const folder = mkdtempSync(join(tmpdir(), 'etabli-oci-'));
		after(() => rmSync(folder, { recursive: true, force: true }));
		const name = unique('etabli-test-oci');
		const limits = small;
		made.push(name);
		const sandboxSpec = { name, image, ociRuntime: undefined, limits, labels: { 'etabli.test': '1' } };
		await engine.containers.start({ ...sandboxContainer(sandboxSpec, { transport: folder, guest: folder }, idleCommand), ...change });
		const main = await engine.pid(name);
		assert.ok(main);
		return main;
	}

	test('no right of its main process is anybody’s: none held, none to be had, calls filtered, names of its own', () => {
		const fields = status(pid);
		for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.equal(fields[set], '0000000000000000', set);
		assert.deepEqual([fields['NoNewPrivs'], fields['Seccomp']], ['1', '2']);
		assert.ok(fields['Uid']?.split('\t').every((id) => Number(id) >= 1000));
		assert.ok(fields['Gid']?.split('\t').every((id) => Number(id) >= 1000));
		assert.equal(fields['Groups']?.trim(), '');
		for (const kind of ['mnt', 'net', 'uts', 'pid', 'ipc', 'cgroup'])
			assert.notEqual(readlinkSync(`/proc/${pid}/ns/${kind}`), readlinkSync(`/proc/self/ns/${kind}`), kind);
	});

	test('devices: the harmless ones and /dev/fuse; the kernel lets nothing else be opened', async () => {
		const devices = [
			'console',
			'core',
			'fd',
			'full',
			'fuse',
			'mqueue',
			'null',
			'ptmx',
			'pts',
			'random',
			'shm',
			'stderr',
			'stdin',
			'stdout',
		];
		const found = (await sandbox.output('ls /dev')).trim().split('\n');
		assert.deepEqual(
			found.filter((name) => ![...devices, 'tty', 'urandom', 'zero'].includes(name)),
			[],
		);
		for (const name of ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'fuse']) assert.ok(found.includes(name), name);
		// cgroup v2 has a program in place of a list: oci-image.test.ts tries what it lets through.
		const list = join('/sys/fs/cgroup/devices/etabli', sandbox.name, 'devices.list');
		if (!existsSync(list)) return;
		const rules = readFileSync(list, 'utf8').trim().split('\n');
		// "m" is leave to make a node, for which there is no capability. 10:200 (tun) asks for rights over the network namespace.
		const opened = rules.filter((rule) => !/ m$/.test(rule)).map((rule) => rule.split(' ')[1] ?? '');
		const harmless = ['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:1', '5:2', '136:*', '10:200', '10:229'];
		assert.deepEqual(
			opened.filter((device) => !harmless.includes(device)),
			[],
		);
		assert.ok(opened.includes('10:229'), 'it is the list of this sandbox');
	});

	test('nothing that is mounted passes to the machine or back', async () => {
		const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
		assert.doesNotMatch(mounts, /shared:|master:|propagate_from:/);
		const late = join(sandbox.transport.path, 'late');
		mkdirSync(late);
		execFileSync('mount', ['-t', 'tmpfs', 'late', late]);
		try {
			writeFileSync(join(late, 'word'), 'late');
			assert.equal((await sandbox.output('ls -A /run/etabli/late')).trim(), '');
		} finally {
			execFileSync('umount', [late]);
			rmSync(late, { recursive: true });
		}
		await sandbox.output('unshare -rm sh -c "mount -t tmpfs inside /mnt && echo mounted"');
		assert.doesNotMatch(readFileSync('/proc/self/mounts', 'utf8'), /^inside /m);
	});

	test('what is mounted below a folder of ours before the start is not handed in with it', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'etabli-oci-'));
		const below = join(folder, 'below');
		mkdirSync(below);
		execFileSync('mount', ['-t', 'tmpfs', 'below', below]);
		try {
			writeFileSync(join(below, 'word'), 'secret');
			const main = await started({ mounts: [{ from: folder, to: '/run/etabli', readOnly: true }] });
			assert.deepEqual(readdirSync(`/proc/${main}/root/run/etabli/below`), []);
		} finally {
			execFileSync('umount', [below]);
			rmSync(folder, { recursive: true });
		}
	});

	test('its own control group is the root of all that it sees, cannot be written to, and cannot be left', async () => {
		const inside = (await sandbox.output('cat /proc/self/cgroup')).trim().split('\n');
		for (const line of inside) assert.match(line, /:\/$/, 'no name of a group of the machine');
		const outside = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
		// A v2 hierarchy beside v1 has no controllers: the OCI runtime leaves it alone.
		const [v2, v1] = [outside.filter((line) => line.startsWith('0::')), outside.filter((line) => !line.startsWith('0::'))];
		for (const line of v1.length > 0 ? v1 : v2) assert.ok(line.endsWith(`/etabli/${sandbox.name}`), line);
		assert.equal((await sandbox.output('find /sys/fs/cgroup -writable 2>/dev/null | head')).trim(), '');
		for (const script of [
			'for f in $(find /sys/fs/cgroup -name cgroup.procs); do echo $$ > $f && exit 0; done; exit 1',
			'for f in $(find /sys/fs/cgroup -name release_agent -o -name notify_on_release); do echo 1 > $f && exit 0; done; exit 1',
			'unshare -rm mount -o remount,rw /sys/fs/cgroup',
			'unshare -rm umount -R /sys/fs/cgroup',
		])
			assert.notEqual((await sandbox.run(script)).code, 0, script);
	});

	test('covered: settings of the firmware always; what tells of the kernel where no container is to be nested', async () => {
		assert.equal((await sandbox.output('ls -A /sys/firmware')).trim(), '');
		const nothing = statSync('/dev/null').rdev;
		const main = await started({ openProc: false });
		for (const path of ['kcore', 'keys', 'timer_list', 'sched_debug', 'latency_stats']) {
			const seen = `/proc/${main}/root/proc/${path}`;
			if (existsSync(`/proc/${path}`)) assert.equal(statSync(seen).rdev, nothing, path);
		}
		for (const path of ['scsi', 'acpi'])
			if (existsSync(`/proc/${path}`)) assert.deepEqual(readdirSync(`/proc/${main}/root/proc/${path}`), [], path);
		const mounts = readFileSync(`/proc/${main}/mountinfo`, 'utf8');
		for (const path of ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].filter((one) => existsSync(`/proc/${one}`)))
			assert.match(mounts, new RegExp(` /proc/${path} ro[, ]`), path);
	});

	test('/etc: its own name and nobody to ask, in files that are nobody else’s and cannot be changed', async () => {
		assert.match(await sandbox.output('cat /etc/hosts'), /^127\.0\.0\.1\tlocalhost etabli$/m);
		assert.equal(
			(await sandbox.output('cat /etc/resolv.conf; cat /etc/hostname; hostname')).trim(),
			'nameserver 127.0.0.1\netabli\netabli',
		);
		for (const name of ['hosts', 'resolv.conf', 'hostname', 'passwd', 'group']) {
			assert.notEqual((await sandbox.run(`echo x >> /etc/${name}`)).code, 0, name);
			assert.notEqual(
				(await sandbox.run(`unshare -rm sh -c "mount -o remount,rw,bind /etc/${name} && echo x >> /etc/${name}"`)).code,
				0,
				name,
			);
			assert.notEqual((await sandbox.run(`unshare -rm umount /etc/${name}`)).code, 0, name);
		}
		assert.equal(readFileSync(join(stateRoot, 'bundles', sandbox.name, 'hostname'), 'utf8'), 'etabli\n');
	});

	test('the files that all sandboxes of an image read cannot be written to, nor got at by another user of the machine', async () => {
		for (const script of [
			'touch /usr/bin/x',
			'unshare -rm sh -c "mount -o remount,rw / && touch /usr/bin/x"',
			'unshare -rm sh -c "mount --bind / /mnt && mount -o remount,rw,bind /mnt && touch /mnt/usr/bin/x"',
			'unshare -rm sh -c "mount -t overlay -o lowerdir=/,upperdir=/usr,workdir=/opt x /mnt && touch /mnt/bin/x"',
		])
			assert.notEqual((await sandbox.run(script)).code, 0, script);
		for (const folder of [imageRoot, join(stateRoot, 'bundles'), join(stateRoot, 'states')])
			assert.equal(statSync(folder).mode & 0o077, 0, folder);
	});

	test('the OCI runtime’s own program cannot be written to by what it starts', async () => {
		const runc = spawnSync('which', [(await engine.info()).defaultOciRuntime], {
			env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
			encoding: 'utf8',
		}).stdout.trim();
		const before = readFileSync(runc);
		// Started in place of its own program, it would run itself, and be open to whoever is in the container: here user 0, who owns the file.
		const name = unique('etabli-test-oci');
		made.push(name);
		const spec = sandboxContainer(
			{ name, image, ociRuntime: undefined, limits: small, labels: {} },
			{ transport: tmpdir(), guest: tmpdir() },
		);
		for (const command of [
			['/proc/self/exe', '--help'],
			['/bin/sh', '-c', 'for p in /proc/[0-9]*/exe; do : > $p; done'],
		]) {
			await engine.containers.start({ ...spec, command, owner: { uid: 0, gid: 0 } }).catch(() => undefined);
			await eventually(async () => (await engine.containers.status(name)) !== 'running', 'it to be done');
			await engine.containers.destroy(name);
		}
		assert.ok(readFileSync(runc).equals(before));
	});

	test('nothing of the server’s passes on: files, limits, ignored signals, its turn at the processor, its mask, its keys', async (t) => {
		const folder = mkdtempSync(join(tmpdir(), 'etabli-oci-'));
		t.after(() => rmSync(folder, { recursive: true, force: true }));
		mkdirSync(join(folder, 'guest'));
		const name = unique('etabli-test-oci');
		made.push(name);
		// A key in the keyring of its session, for whoever has that; the numbers are the calls' (keyctl: a session keyring of its own; add_key).
		const secretKey =
			process.arch === 'x64'
				? 'my ($type, $key, $word) = ("user", "etabli-secret", "word"); syscall(250, 1, 0); syscall(248, $type, $key, $word, 4, -3);'
				: '';
		// Some of it takes rights that root of a container has not: the rest is tried all the same.
		const script = `umask 077; ulimit -r 50; ulimit -l unlimited; ulimit -e 30; trap "" HUP INT USR1; exec 7</etc/shadow 8</
			exec nice -n -7 perl -e '${secretKey} exec @ARGV' "$@"`;
		const child = spawnSync(
			'bash',
			[
				'-c',
				script,
				'bash',
				process.execPath,
				'--disable-warning=ExperimentalWarning',
				join(import.meta.dirname, '../fixtures/start-one.ts'),
				image,
				name,
				folder,
			],
			{ encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined, ETABLI_SECRET: 'word' } },
		);
		assert.equal(child.status, 0, child.stderr);
		const main = (await engine.pid(name)) ?? 0;
		await eventually(() => readFileSync(`/proc/${main}/cmdline`, 'utf8').startsWith('/bin/sh'), 'the main process');
		const limits = readFileSync(`/proc/${main}/limits`, 'utf8');
		assert.match(limits, /^Max realtime priority\s+0\s+0\s/m);
		assert.match(limits, /^Max nice priority\s+0\s+0\s/m);
		assert.match(limits, /^Max locked memory\s+65536\s+65536\s/m);
		assert.match(limits, /^Max core file size\s+0\s+0\s/m);
		const fields = status(main);
		assert.equal(fields['Umask'], '0022');
		assert.deepEqual([fields['SigIgn'], fields['SigBlk']], ['0000000000000000', '0000000000000000']);
		// The 19th field; the second is the name, in parentheses.
		assert.equal(
			readFileSync(`/proc/${main}/stat`, 'utf8')
				.replace(/^.*\) /, '')
				.split(' ')[16],
			'0',
			'nice',
		);
		const keys = () => existsSync(`/proc/${main}/root/tmp/keys`) && readFileSync(`/proc/${main}/root/tmp/keys`, 'utf8');
		await eventually(() => /_ses\./.test(keys() || ''), 'its own keyring to be seen');
		assert.doesNotMatch(keys() || '', /etabli-secret/);
		assert.deepEqual([...new Set(readdirSync(`/proc/${main}/fd`).map((fd) => readlinkSync(`/proc/${main}/fd/${fd}`)))], ['/dev/null']);
		assert.doesNotMatch(readFileSync(`/proc/${main}/environ`, 'utf8'), /ETABLI_SECRET|NODE_/);
		assert.equal(readFileSync(`/proc/${main}/oom_score_adj`, 'utf8').trim(), '100');
	});

	test('it has a keyring of its own, and no call for keys', async () => {
		const seen = (await sandbox.output('cat /proc/keys')).trim().split('\n').filter(Boolean);
		assert.deepEqual(
			seen.filter((line) => !/ keyring +(_ses|_tid|_pid|_uid|\.)/.test(line)),
			[],
		);
	});

	test('a container whose note is spoilt is found and cleared away; a name that is in use is not given twice', async () => {
		const name = unique('etabli-test-oci');
		made.push(name);
		const label = { 'etabli.test': name };
		const spec = sandboxContainer(
			{ name, image, ociRuntime: undefined, limits: small, labels: label },
			{ transport: tmpdir(), guest: tmpdir() },
			idleCommand,
		);
		await engine.containers.start(spec);
		const main = await engine.pid(name);
		await assert.rejects(engine.containers.start(spec), /the name is taken/);
		assert.equal(await engine.pid(name), main);
		writeFileSync(join(stateRoot, 'bundles', name, 'note.json'), '{"labels":');
		assert.deepEqual(
			(await engine.containers.list(label)).map((one) => [one.name, one.running]),
			[[name, false]],
		);
		await engine.containers.destroy(name);
		assert.equal(await engine.containers.status(name), 'gone');
		assert.equal(existsSync(`/proc/${main}/exe`), false, 'what ran in it has ended');
		assert.deepEqual(
			new Bundles(join(stateRoot, 'bundles')).names().filter((one) => one === name),
			[],
		);
	});
});
