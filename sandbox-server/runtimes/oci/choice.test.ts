import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cgroupFacts, choose, hindranceOf, type OciFacts } from './choice.ts';

const good: OciFacts = {
	linux: true,
	root: true,
	builderHere: true,
	runtimes: ['runc', 'crun'],
	version: '1.1.5',
	cgroups: 'v1',
	cgroupsWritable: true,
	cgroupsLack: [],
	cgroupsOccupied: false,
};

test('a machine on which nothing hinders', () => {
	for (const cgroups of ['v1', 'v2', 'hybrid'] as const) assert.equal(hindranceOf({ ...good, cgroups }), undefined);
});

const bad: [string, Partial<OciFacts>, RegExp][] = [
	['another system', { linux: false }, /needs Linux/],
	['an ordinary user', { root: false }, /needs root/],
	['images elsewhere', { builderHere: false }, /elsewhere/],
	['no runtime', { runtimes: [], version: undefined }, /no OCI runtime .*runc, crun, youki.*apt-get install runc/],
	['a program of that name', { version: undefined }, /runc does not say its version/],
	['no control groups', { cgroups: 'none' }, /none are mounted/],
	['control groups of a container', { cgroupsWritable: false }, /read-only.*outside of a container/],
	['the group of a container', { cgroupsOccupied: true }, /processes of its own.*outside of a container/],
	['a kernel without limits of memory', { cgroupsLack: ['memory'] }, /does not give.*: memory\..*cgroup_enable=memory/],
	['groups without processors', { cgroupsLack: ['cpu', 'pids'] }, /does not give.*: cpu, pids\./],
	['crun on both control groups', { runtimes: ['crun'], cgroups: 'hybrid' }, /crun refuses/],
];
for (const [what, facts, expected] of bad) {
	test(`what hinders is said with what to do: ${what}`, () => {
		const hindrance = hindranceOf({ ...good, ...facts });
		assert.match(`${hindrance?.text} ${hindrance?.remedy}`, expected);
	});
}

test('what --engine says is done; where it says nothing, this server wherever it may, or never, as one line has it', () => {
	const hindrance = { text: 'It needs root.', remedy: 'Be root.' };
	assert.deepEqual(
		[choose('oci', undefined), choose('oci', hindrance), choose('unix:///x', undefined)].map(({ own }) => own),
		[true, false, false],
	);
	const silent = (byDefault: boolean) =>
		[choose(undefined, undefined, byDefault), choose(undefined, hindrance, byDefault)].map(({ own }) => own);
	assert.deepEqual(
		[silent(true), silent(false)],
		[
			[true, false],
			[false, false],
		],
	);
	assert.match(choose(undefined, hindrance).why, /It needs root$/);
});

/** A folder that looks like the top of cgroup v2. @returns its line of /proc/self/mounts */
function likeV2(t: TestContext, files: Record<string, string>): string {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-cgroup2-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
	return `cgroup2 ${folder} cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot 0 0`;
}
const all = 'cpuset cpu io memory hugetlb pids rdma misc\n';

test('cgroup v2 as systemd has it: everything is there, and the top group may have processes', (t) => {
	const line = likeV2(t, { 'cgroup.controllers': all, 'cgroup.procs': '2\n3\n' });
	assert.deepEqual(cgroupFacts(`proc /proc proc rw 0 0\n${line}\n`), {
		cgroups: 'v2',
		cgroupsWritable: true,
		cgroupsLack: [],
		cgroupsOccupied: false,
	});
});

test('cgroup v2 of a container: limits need a top group without processes', (t) => {
	const files = { 'cgroup.controllers': all, 'cgroup.type': 'domain\n' };
	assert.equal(cgroupFacts(likeV2(t, { ...files, 'cgroup.procs': '1\n17\n' })).cgroupsOccupied, true);
	assert.equal(cgroupFacts(likeV2(t, { ...files, 'cgroup.procs': '' })).cgroupsOccupied, false);
});

test('cgroup v2 of a kernel that was told not to count memory', (t) => {
	const line = likeV2(t, { 'cgroup.controllers': 'cpuset cpu io pids\n', 'cgroup.procs': '' });
	assert.deepEqual(cgroupFacts(line).cgroupsLack, ['memory']);
});

test('cgroup v1: controllers are in the mounts, some of them together; a v2 beside them has none', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-cgroup1-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const lines = ['cpu,cpuacct', 'memory', 'name=systemd'].map((name) => {
		mkdirSync(join(folder, name));
		return `cgroup ${join(folder, name)} cgroup rw,relatime,${name} 0 0`;
	});
	const beside = likeV2(t, { 'cgroup.controllers': '', 'cgroup.procs': '1\n' });
	const facts = cgroupFacts([...lines, beside].join('\n'));
	assert.deepEqual([facts.cgroups, facts.cgroupsLack, facts.cgroupsOccupied], ['hybrid', ['pids'], false]);
	assert.deepEqual(cgroupFacts(lines[0] ?? '').cgroups, 'v1');
});
