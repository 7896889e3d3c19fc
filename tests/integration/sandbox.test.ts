/** What a learner can and cannot do in a sandbox: the real engine, the real image, the real agent. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { limitsEnv } from '../../sandbox-server/sandboxes/shell.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { limitsSchema } from '../../src/shared/course/course.ts';
import { eventually } from '../fixtures/eventually.ts';
import { bounds, SandboxHarness, sandboxEngine } from './sandbox-harness.ts';

const real = await sandboxEngine();
const info = 'missing' in real ? undefined : await real.engine.info();
/** Nothing is to be tried that would take the machine's own memory. */
const unbounded = info?.unbounded ? 'memory has no limit here (docs/operator/rootless.md)' : false;

describe('a sandbox', { skip: 'missing' in real ? real.missing : false }, () => {
	let sandbox: SandboxHarness;
	before(async () => {
		if ('missing' in real) throw new Error(real.missing);
		sandbox = new SandboxHarness(real);
		await sandbox.start();
	});
	after(() => sandbox.stop());

	/** The same script as the learner, and as root of a user namespace of the learner's. */
	const everyone = (script: string): string[] => [
		script,
		`unshare --user --map-root-user --mount --pid --ipc --uts --fork sh -c '${script}'`,
	];
	const refused = async (script: string): Promise<void> => {
		for (const way of everyone(script)) {
			const { outcome, code, stdout } = await sandbox.run(way);
			assert.equal(outcome, 'exited', way);
			assert.notEqual(code, 0, `${way} was possible: ${stdout}`);
		}
	};

	it('gives no right: no capability, none to be had, a filter on system calls, a number of its own', async () => {
		const status = await sandbox.output('id -u; id -G; cat /proc/self/status; capsh --print');
		assert.match(status, sandbox.hasOwnId ? /^(21000\d{5})\n\1\n/ : /^1000\n1000\n/);
		for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) assert.match(status, new RegExp(`^Cap${set}:\\s0{16}$`, 'm'));
		assert.match(status, /^NoNewPrivs:\s1$/m);
		assert.match(status, /^Seccomp:\s2$/m);
		assert.match(status, /^Current: =$/m);
		assert.match(status, /^Bounding set =$/m);
	});

	it('has no program that changes its user: nothing needs one, and none would', async () => {
		assert.equal((await sandbox.run('find / -xdev -type f -perm /6000 2>/dev/null')).stdout, '');
	});

	it('lets a user namespace be made, for Apptainer: the refusals below are tried in one too', async () => {
		assert.equal((await sandbox.output(everyone('id -u')[1] ?? '')).trim(), '0');
	});

	it('has loopback and nothing else: no interface, route, neighbour or name server of the host', async () => {
		assert.deepEqual((await sandbox.output("sed 1,2d /proc/net/dev | cut -d: -f1 | tr -d ' '")).trim(), 'lo');
		assert.equal((await sandbox.output('sed 1d /proc/net/route; sed 1d /proc/net/arp')).trim(), '');
		const { stdout } = await sandbox.run('curl -s -m 5 -o /dev/null -w "%{errormsg}" http://192.0.2.1/');
		assert.match(stdout, /connect|unreachable/i);
	});

	it('finds its own name at once, by all ways of asking', async () => {
		assert.match(await sandbox.output('getent hosts "$(hostname)"'), /^127\.0\.0\.1\s/);
		assert.equal((await sandbox.output('hostname -i')).trim().split(' ').at(-1), '127.0.0.1');
		assert.match(await sandbox.output('getent ahosts localhost'), /^127\.0\.0\.1 /m);
		assert.match(await sandbox.output('getent hosts ip6-localhost'), /^::1\s/);
		assert.equal((await sandbox.output('getent hosts 127.0.0.1 | grep -c localhost')).trim(), '1');
	});

	it('can be released from file systems of its own, which nothing else of the machine notices', async (t) => {
		const isRoot = process.getuid?.() === 0;
		if (!isRoot && info?.kind !== 'rootless') return t.skip('only root, and their owner, may abort connections of FUSE');
		if (!isRoot && !/ fusectl /.test(readFileSync('/proc/self/mounts', 'utf8')))
			return t.skip('the machine has not mounted what FUSE is controlled by (fusectl)');
		const reading = sandbox.run(`
			mkdir -p fuse/a fuse/m && cd fuse && echo here > a/f && mksquashfs a a.sqfs -quiet -no-progress >/dev/null
			unshare --user --map-root-user --mount sh -c 'squashfuse a.sqfs m && touch mounted && while cat m/f >/dev/null; do sleep 0.1; done'`);
		await eventually(async () => (await sandbox.run('test -e fuse/mounted')).code === 0, 'the mount');
		assert.equal(await sandbox.release(), true);
		assert.match((await reading).stderr, /m\/f: (Transport endpoint is not connected|Software caused connection abort)/);
		assert.equal((await sandbox.output('echo well; rm -rf fuse')).trim(), 'well');
		assert.equal(await sandbox.release(), false, 'nothing is left to be cut');
	});

	it('has no socket but its agent’s and its registry’s', async () => {
		const sockets = (await sandbox.run('find / -type s -not -path "/proc/*" 2>/dev/null')).stdout.trim().split('\n');
		assert.deepEqual(sockets, ['/run/etabli/agent.sock']);
	});

	it('refuses network and cgroup namespaces', async () => {
		await refused('unshare --net true');
		await refused('unshare --user --map-root-user --net true');
		await refused('unshare --user --map-root-user --cgroup true');
	});

	it('refuses the kernel’s settings', async () => {
		for (const path of [
			'kernel/core_pattern',
			'kernel/modprobe',
			'vm/overcommit_memory',
			'kernel/randomize_va_space',
			'fs/suid_dumpable',
			'kernel/pty/max',
		]) {
			await refused(`echo x > /proc/sys/${path}`);
		}
		await refused('echo b > /proc/sysrq-trigger');
		await refused('mount -t proc proc /mnt && echo x > /mnt/sys/kernel/core_pattern');
	});

	it('refuses cgroups, devices, other file systems and a writable root', async () => {
		for (const script of [
			'mkdir -p /tmp/m && mount -t cgroup2 none /tmp/m',
			'mkdir -p /tmp/m && mount -t cgroup -o memory none /tmp/m',
			'mkdir -p /tmp/m && mount -t sysfs none /tmp/m',
			'mkdir -p /tmp/m && mount -t debugfs none /tmp/m',
			'mknod /tmp/zero c 1 5 && head -c 1 /tmp/zero',
			'mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk',
			'mount -o remount,rw /',
			'mount -o remount,rw /run/etabli',
			'mount -o remount,rw /sys/fs/cgroup',
			'touch /usr/bin/x',
			'touch /run/etabli/x',
			'touch /opt/etabli/x',
			'ls /var/run/docker.sock /run/podman/podman.sock',
		])
			await refused(script);
	});

	it('refuses system calls that nobody needs here', async () => {
		const call = (number: number, ...args: (number | string)[]): string =>
			`perl -e 'exit((syscall(${[number, ...args].join(', ')}) == -1 && ($!+0 == 1 || $!+0 == 38)) ? 0 : 1)'`;
		if (process.arch !== 'x64') return;
		const numbers = {
			keyctl: 250,
			add_key: 248,
			bpf: 321,
			perf_event_open: 298,
			userfaultfd: 323,
			io_uring_setup: 425,
			ptrace: 101,
			process_vm_readv: 310,
			kexec_load: 246,
			open_by_handle_at: 304,
		};
		for (const [name, number] of Object.entries(numbers)) assert.equal((await sandbox.run(call(number, 0, 0, 0, 0, 0))).code, 0, name);
	});

	it('can be written to in known places only', async () => {
		const { stdout } = await sandbox.run('find / \\( -path /proc -o -path /sys \\) -prune -o -type d -writable -print 2>/dev/null');
		// As uid 1000 on a read-only file system a folder of mode 1777 is "writable" only if something can be made in it.
		const really: string[] = [];
		for (const folder of stdout.trim().split('\n'))
			if ((await sandbox.run(`t='${folder}/.etabli-probe'; : > "$t" && rm "$t"`)).code === 0) really.push(folder);
		assert.deepEqual(
			really.filter((folder) => !/^\/(home\/learner|tmp|dev\/shm)(\/|$)/.test(folder)),
			[],
		);
		assert.equal((await sandbox.output('readlink -f /var/tmp')).trim(), '/tmp');
	});

	const places: [string, number, number][] = [
		['/home/learner', 200, bounds.home.files],
		['/tmp', 96, bounds.tmp.files],
		['/dev/shm', 64, 1000],
	];
	for (const [place, megabytes, files] of places) {
		it(`${place} is bounded in bytes and in files, and the host's disk does not notice`, async () => {
			// The free room of the host's disk tells nothing: others write there, too.
			assert.equal((await sandbox.output(`stat -f -c %T ${place}`)).trim(), 'tmpfs');
			const fill = await sandbox.run(`cat /dev/zero > ${place}/fill; stat -c %s ${place}/fill; rm ${place}/fill`);
			assert.match(fill.stderr, /space|espace/i);
			const size = Number(fill.stdout);
			assert.ok(size > 0.5 * megabytes * 2 ** 20 && size <= megabytes * 2 ** 20, `${size}`);
			const many = await sandbox.run(
				`mkdir ${place}/many && cd ${place}/many && seq 1 ${files + 500} | xargs touch 2>/dev/null; ls | wc -l; cd /; rm -r ${place}/many`,
			);
			const made = Number(many.stdout);
			const bounded = 'missing' in real || real.engine.kind !== 'podman';
			if (bounded) assert.ok(made > 100 && made < files, `${made} of ${files}`);
		});
	}

	it('message queues cannot be made: their room is shared by all sandboxes', async () => {
		await refused(': > /dev/mqueue/x');
	});

	it('a fork bomb stays inside and is over when it is ended', async () => {
		const { outcome } = await sandbox.run('b() { b | b & b; }; b', { timeLimitMs: 4000 });
		assert.notEqual(outcome, 'not-started');
		assert.equal((await sandbox.output('echo alive')).trim(), 'alive');
	});

	it('a memory hog is killed, and the agent lives', { skip: unbounded }, async () => {
		const hog = await sandbox.run('tail /dev/zero', { timeLimitMs: 30_000 });
		assert.notEqual(hog.code, 0);
		assert.equal((await sandbox.output('echo alive')).trim(), 'alive');
	});

	it('a file system in memory of one’s own counts as the sandbox’s memory', { skip: unbounded }, async () => {
		const script = 'mount -t tmpfs -o size=100g none /mnt && head -c 2G /dev/zero > /mnt/fill';
		const { code } = await sandbox.run(everyone(script)[1] ?? '');
		assert.notEqual(code, 0);
		assert.equal((await sandbox.output('echo alive')).trim(), 'alive');
	});

	it('mounts count as the sandbox’s memory', { skip: unbounded }, async () => {
		const script = `
			sub used { for (qw(memory.current memory/memory.usage_in_bytes)) { open my $file, "<", "/sys/fs/cgroup/$_" or next; return 0 + <$file> } }
			my ($from, $to, $none) = ("/tmp/from", "/tmp/to", ""); mkdir $_ for $from, $to; my $before = used();
			for (1..5000) { syscall(${process.arch === 'arm64' ? 40 : 165}, $from, $to, $none, 4096, $none) == 0 or die "$!" }
			print used() - $before`;
		await sandbox.output(`cat > mounts.pl <<'END'\n${script}\nEND`);
		const grown = Number(await sandbox.output('unshare --map-root-user --mount perl mounts.pl; rm -r mounts.pl /tmp/from /tmp/to'));
		assert.ok(grown > 5000 * 200, `${grown} bytes`);
	});

	it('tells programs of its share of the processors, as far as they can be told; memory they see the machine’s', async () => {
		const env = limitsEnv(limitsSchema.parse({ ...bounds, cpus: 1 }));
		assert.equal((await sandbox.output('nproc', { env })).trim(), '1');
		await sandbox.output('mkdir -p share && echo x > share/f');
		const packed = (how: string) =>
			sandbox.output(`cd share && rm -f f.sqfs && bash --rcfile /opt/etabli/bashrc -ic '${how}' 2>&1`, { env });
		assert.match(await packed('mksquashfs f f.sqfs'), /Using 1 processor\n/);
		assert.match(await packed('mksquashfs f f.sqfs -processors 2 -mem 64M'), /Using 2 processors\n/, 'what is said by oneself counts');
		assert.match(await packed('mksquashfs -version'), /^mksquashfs version/m);
		// docs/author/writing.md says so: a change here is to be told there.
		const [machine, seen] = [await readFile('/proc/meminfo', 'utf8'), await sandbox.output('cat /proc/meminfo')].map(
			(text) => /^MemTotal:.*$/m.exec(text)?.[0],
		);
		assert.ok(seen);
		assert.equal(seen, machine);
	});

	describe('Apptainer', () => {
		const definition = [
			'Bootstrap: localimage',
			'From: base',
			'%post',
			'  test "$(id -u)" = 0 && touch /made',
			'%environment',
			'  export COLOUR=green',
			'%runscript',
			'  echo "run $1 $COLOUR"',
			'%test',
			'  test -f /made',
		].join('\n');

		it('builds from a folder and from a definition file, as (fake) root', async () => {
			// A small system of the sandbox's own programs: this test needs no registry.
			await sandbox.output(`set -e
				programs="bash cat id ls ps sleep touch test env getopt tr cut head sed expr mktemp rm hostname"
				mkdir -p base/usr/bin base/usr/sbin base/etc base/tmp base/proc base/sys base/dev base/home base/root base/var/tmp base/mnt
				for link in bin sbin lib lib64; do mkdir -p base/usr/$link; ln -s usr/$link base/$link; done
				for p in $programs; do cp /usr/bin/$p base/usr/bin/; done
				ln -s bash base/usr/bin/sh
				for library in $(for p in $programs; do ldd /usr/bin/$p; done | grep -o '/[^ ]*' | sort -u); do mkdir -p base$(dirname $library); cp -L $library base$library; done
				echo 'root:x:0:0:root:/root:/bin/sh' > base/etc/passwd; echo 'root:x:0:' > base/etc/group`);
			await sandbox.output(`cat > made.def <<'END'\n${definition}\nEND\napptainer build made.sif made.def`, {
				timeLimitMs: patience(120_000),
			});
		});

		it('packs images with the sandbox’s share of the processors', async () => {
			const env = limitsEnv(limitsSchema.parse({ ...bounds, cpus: 1 }));
			const script = 'apptainer -d build share.sif made.sif 2>&1 | grep -i mksquashfs';
			assert.match(await sandbox.output(script, { env }), /-processors 1 -mem 128M/);
		});

		const works: [string, string, RegExp][] = [
			['exec', '[ "$(apptainer exec made.sif id -u)" = "$(id -u)" ] && apptainer exec made.sif id -un', /^learner$/m],
			['run, with the environment of the definition', 'apptainer run made.sif it', /^run it green$/m],
			['shell', 'echo "echo inside" | apptainer shell made.sif', /inside/],
			['test', 'apptainer test made.sif && echo tested', /tested/],
			['a PID namespace', 'apptainer exec --pid made.sif sh -c "echo pid \\$\\$"', /pid \d+/],
			['--containall', 'apptainer exec --containall made.sif ls /', /proc/],
			['--fakeroot', 'apptainer exec --fakeroot made.sif id -u', /^0$/m],
			['--hostname', 'apptainer exec --hostname elsewhere made.sif hostname', /^elsewhere$/m],
			['bind mounts', 'echo hello > seen; apptainer exec -B seen:/mnt/x made.sif cat /mnt/x', /hello/],
			['--writable-tmpfs', 'apptainer exec --writable-tmpfs made.sif sh -c "touch /a && echo wrote"', /wrote/],
			[
				'an overlay that stays',
				'apptainer overlay create --size 64 o.img && apptainer exec --overlay o.img made.sif touch /kept && apptainer exec --overlay o.img made.sif ls /kept; r=$?; rm o.img; exit $r',
				/kept/,
			],
			[
				'instances',
				'apptainer instance start made.sif one && apptainer instance list && apptainer exec instance://one sh -c "echo joined" && apptainer instance stop one',
				/joined/,
			],
			['inspect', 'apptainer inspect --runscript made.sif', /run/],
			['sif list', 'apptainer sif list made.sif', /Squashfs/],
			['a build without a warning about /tmp', 'apptainer build again.sif docker-archive:none 2>&1; true', /^(?!.*nodev)/s],
		];
		for (const [what, script, expected] of works) {
			it(what, async () => assert.match(await sandbox.output(script), expected));
		}
	});
});

describe('a sandbox that everybody has lost count of', { skip: 'missing' in real ? real.missing : false }, () => {
	it('ends by itself once its folder is gone', async (t) => {
		if ('missing' in real) return;
		const forgotten = new SandboxHarness(real);
		t.after(() => forgotten.stop());
		await forgotten.start();
		await forgotten.output('true');
		await forgotten.forget();
		await eventually(async () => (await real.engine.containers.status(forgotten.name)) !== 'running', 'its end');
	});
});
