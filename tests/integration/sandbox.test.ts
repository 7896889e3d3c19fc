/** What a learner can and cannot do in a sandbox: the real engine, the real image, the real holder. */
import assert from 'node:assert/strict';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../fixtures/eventually.ts';
import { bounds, SandboxBench, sandboxEngine } from './sandbox-bench.ts';

const real = await sandboxEngine();

describe('a sandbox', { skip: 'missing' in real ? real.missing : false }, () => {
	let bench: SandboxBench;
	before(async () => {
		if ('missing' in real) throw new Error(real.missing);
		bench = new SandboxBench(real);
		await bench.start();
	});
	after(() => bench.stop());

	/** The same script as the learner, and as root of a user namespace of the learner's. */
	const everyone = (script: string): string[] => [
		script,
		`unshare --user --map-root-user --mount --pid --ipc --uts --fork sh -c '${script}'`,
	];
	const refused = async (script: string): Promise<void> => {
		for (const way of everyone(script)) {
			const { outcome, code, stdout } = await bench.run(way);
			assert.equal(outcome, 'exited', way);
			assert.notEqual(code, 0, `${way} was possible: ${stdout}`);
		}
	};

	it('gives no right: no capability, none to be had, a filter on system calls', async () => {
		const status = await bench.output('id -u; id -G; cat /proc/self/status; capsh --print');
		assert.match(status, /^1000\n1000\n/);
		for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) assert.match(status, new RegExp(`^Cap${set}:\\s0{16}$`, 'm'));
		assert.match(status, /^NoNewPrivs:\s1$/m);
		assert.match(status, /^Seccomp:\s2$/m);
		assert.match(status, /^Current: =$/m);
		assert.match(status, /^Bounding set =$/m);
	});

	it('lets a user namespace be made, for Apptainer: the refusals below are tried in one too', async () => {
		assert.equal((await bench.output(everyone('id -u')[1] ?? '')).trim(), '0');
	});

	it('has loopback and nothing else: no interface, route, neighbour or name server of the host', async () => {
		assert.deepEqual((await bench.output("sed 1,2d /proc/net/dev | cut -d: -f1 | tr -d ' '")).trim(), 'lo');
		assert.equal((await bench.output('sed 1d /proc/net/route; sed 1d /proc/net/arp')).trim(), '');
		const { stdout } = await bench.run('curl -s -m 5 -o /dev/null -w "%{errormsg}" http://192.0.2.1/');
		assert.match(stdout, /connect|unreachable/i);
	});

	it('has no socket but its holder’s and its registry’s', async () => {
		const sockets = (await bench.run('find / -type s -not -path "/proc/*" 2>/dev/null')).stdout.trim().split('\n');
		assert.deepEqual(sockets, ['/run/etabli/holder.sock']);
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
		for (const [name, number] of Object.entries(numbers)) assert.equal((await bench.run(call(number, 0, 0, 0, 0, 0))).code, 0, name);
	});

	it('can be written to in known places only', async () => {
		const { stdout } = await bench.run('find / \\( -path /proc -o -path /sys \\) -prune -o -type d -writable -print 2>/dev/null', {
			timeLimitMs: 60_000,
		});
		// As uid 1000 on a read-only file system a folder of mode 1777 is "writable" only if something can be made in it.
		const really: string[] = [];
		for (const folder of stdout.trim().split('\n'))
			if ((await bench.run(`t='${folder}/.etabli-probe'; : > "$t" && rm "$t"`)).code === 0) really.push(folder);
		assert.deepEqual(
			really.filter((folder) => !/^\/(home\/learner|tmp|dev\/shm)(\/|$)/.test(folder)),
			[],
		);
		assert.equal((await bench.output('readlink -f /var/tmp')).trim(), '/tmp');
	});

	const places: [string, number, number][] = [
		['/home/learner', 200, bounds.home.files],
		['/tmp', 96, bounds.tmp.files],
		['/dev/shm', 64, 1000],
	];
	for (const [place, megabytes, files] of places) {
		it(`${place} is bounded in bytes and in files, and the host's disk does not notice`, async () => {
			const free = async (): Promise<number> => {
				const { bavail, bsize } = await statfs(tmpdir());
				return bavail * bsize;
			};
			const before = await free();
			const fill = await bench.run(`cat /dev/zero > ${place}/fill; stat -c %s ${place}/fill; rm ${place}/fill`);
			assert.match(fill.stderr, /space|espace/i);
			const size = Number(fill.stdout);
			assert.ok(size > 0.5 * megabytes * 2 ** 20 && size <= megabytes * 2 ** 20, `${size}`);
			const many = await bench.run(
				`mkdir ${place}/many && cd ${place}/many && seq 1 ${files + 500} | xargs touch 2>/dev/null; ls | wc -l; cd /; rm -r ${place}/many`,
				{ timeLimitMs: 60_000 },
			);
			const made = Number(many.stdout);
			const bounded = 'missing' in real || real.engine.traits.kind !== 'podman';
			if (bounded) assert.ok(made > 100 && made < files, `${made} of ${files}`);
			assert.ok(before - (await free()) < 150 * 2 ** 20);
		});
	}

	it('message queues cannot be made: their room is shared by all sandboxes', async () => {
		await refused(': > /dev/mqueue/x');
	});

	it('a fork bomb stays inside and is over when it is ended', async () => {
		const { outcome } = await bench.run('b() { b | b & b; }; b', { timeLimitMs: 4000 });
		assert.notEqual(outcome, 'not-started');
		assert.equal((await bench.output('echo alive')).trim(), 'alive');
	});

	it('a memory hog is killed, and the holder lives', async () => {
		const hog = await bench.run('tail /dev/zero', { timeLimitMs: 30_000 });
		assert.notEqual(hog.code, 0);
		assert.equal((await bench.output('echo alive')).trim(), 'alive');
	});

	it('a file system in memory of one’s own counts as the sandbox’s memory', async () => {
		const script = 'mount -t tmpfs -o size=100g none /mnt && head -c 2G /dev/zero > /mnt/fill';
		const { code } = await bench.run(everyone(script)[1] ?? '', { timeLimitMs: 60_000 });
		assert.notEqual(code, 0);
		assert.equal((await bench.output('echo alive')).trim(), 'alive');
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
			await bench.output(`set -e
				programs="bash cat id ls ps sleep touch test env getopt tr cut head sed expr mktemp rm hostname"
				mkdir -p base/usr/bin base/usr/sbin base/etc base/tmp base/proc base/sys base/dev base/home base/root base/var/tmp base/mnt
				for link in bin sbin lib lib64; do mkdir -p base/usr/$link; ln -s usr/$link base/$link; done
				for p in $programs; do cp /usr/bin/$p base/usr/bin/; done
				ln -s bash base/usr/bin/sh
				for library in $(for p in $programs; do ldd /usr/bin/$p; done | grep -o '/[^ ]*' | sort -u); do mkdir -p base$(dirname $library); cp -L $library base$library; done
				echo 'root:x:0:0:root:/root:/bin/sh' > base/etc/passwd; echo 'root:x:0:' > base/etc/group`);
			await bench.output(`cat > made.def <<'END'\n${definition}\nEND\napptainer build made.sif made.def`, { timeLimitMs: 120_000 });
		});

		const works: [string, string, RegExp][] = [
			['exec', 'apptainer exec made.sif id -u', /^1000$/m],
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
			it(what, async () => assert.match(await bench.output(script, { timeLimitMs: 60_000 }), expected));
		}
	});
});

describe('a sandbox that everybody has lost count of', { skip: 'missing' in real ? real.missing : false }, () => {
	it('ends by itself once its folder is gone', async (t) => {
		if ('missing' in real) return;
		const forgotten = new SandboxBench(real);
		t.after(() => forgotten.stop());
		await forgotten.start();
		await forgotten.output('true');
		await forgotten.forget();
		await eventually(async () => (await real.engine.status(forgotten.name)) !== 'running', 'its end');
	});
});
