import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastWords } from './call.ts';
import { isAtLeast } from './contender.ts';
import { contenders, unreached } from './contenders/index.ts';
import { lxcConfig } from './contenders/lxc.ts';
import { forPlace } from './contenders/oci-runtime.ts';
import { librariesIn } from './root-files.ts';
import { shortCommand } from './run.ts';

const place = { name: 'ec-0011aabb-a1b2c3-4', root: '/r', work: '/w', folder: '/f', command: ['/bin/sh', '-s', 'ec-0011aabb-a1b2c3-4'] };

test('versions are numbers, not words', () => {
	assert.ok(isAtLeast('1.10.2', '1.9'));
	assert.ok(isAtLeast('20.10.24+dfsg1', '19.03'));
	assert.ok(isAtLeast('1.0', '1'));
	assert.ok(!isAtLeast('0.8.9', '0.20'));
	assert.ok(!isAtLeast('1', '1.0.1'));
});

test('of what a program says its last complaint is told, as one short line that no terminal obeys', () => {
	assert.equal(lastWords('a\nError: no such thing\n\n  bye \n'), 'Error: no such thing');
	assert.equal(lastWords('one\ntwo\n'), 'two');
	assert.equal(lastWords(''), '');
	assert.equal(lastWords('\u001b[31mred\u001b[0m \u202eback'), 'red \\u202eback');
	assert.equal(lastWords(`error ${'x'.repeat(500)}`).length, 200);
});

test('libraries are read from what ldd says', () => {
	const said = '\tlinux-vdso.so.1 (0x00007ffd)\n\tlibc.so.6 => /lib/x/libc.so.6 (0x00007f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n';
	assert.deepEqual(librariesIn(said), ['/lib/x/libc.so.6', '/lib64/ld-linux-x86-64.so.2']);
	assert.deepEqual(librariesIn('\tnot a dynamic executable\n'), []);
});

test('a runtime’s own configuration is kept, but for what the trials need', () => {
	const spec = {
		ociVersion: '1.0.2',
		process: { terminal: true, args: ['sh'], cwd: '/root', noNewPrivileges: true },
		root: { path: 'rootfs' },
		mounts: [{ destination: '/proc' }],
		linux: { maskedPaths: ['/proc/kcore'] },
	};
	assert.deepEqual(forPlace(spec, place, '/etabli/x'), {
		ociVersion: '1.0.2',
		process: { terminal: false, args: place.command, cwd: '/', noNewPrivileges: true },
		root: { path: '/r', readonly: true },
		mounts: [{ destination: '/proc' }, { destination: '/mnt', type: 'bind', source: '/w', options: ['rbind', 'rw', 'nosuid', 'nodev'] }],
		linux: { maskedPaths: ['/proc/kcore'], cgroupsPath: '/etabli/x' },
	});
	assert.equal(forPlace(spec, place, undefined).linux?.cgroupsPath, undefined);
});

test('LXC gets the distribution’s configuration where there is one', () => {
	assert.match(lxcConfig(place, '/usr/share/lxc/config/common.conf'), /^lxc\.include = \/usr\/share\/lxc\/config\/common\.conf$/m);
	assert.doesNotMatch(lxcConfig(place, undefined), /include/);
	assert.match(lxcConfig(place, undefined), /^lxc\.mount\.entry = \/w mnt none bind,rw 0 0$/m);
});

test('commands are shown as somebody would type them', () => {
	const command = ['bwrap', '--bind', '/tmp/ec-0011aabb/bwrap/work', '/mnt', '/rootfs/x', 'sh', '-c', 'echo "$1"', place.name];
	assert.equal(shortCommand(command, '/tmp/ec-0011aabb', '/rootfs/x'), 'bwrap --bind DIR/bwrap/work /mnt ROOT sh -c \'echo "$1"\' NAME');
});

test('everybody has a name of their own, the reference comes first', () => {
	const ids = [...contenders, ...unreached].map(({ id }) => id);
	assert.equal(new Set(ids).size, ids.length);
	assert.equal(ids[0], 'unshare');
	for (const { id, packages } of [...contenders, ...unreached]) assert.ok(/^[a-z0-9-]+$/.test(id) && packages !== '', id);
});
