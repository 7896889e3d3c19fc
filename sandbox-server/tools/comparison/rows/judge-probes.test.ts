import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featuresIn } from './images.ts';
import { judgeProbes, readSaid } from './judge-probes.ts';

const host = { network: 'net:[1]', interfaces: ['eth0'], ownKernel: false, files: ['kcore', 'timer_list', 'keys'] };

/** What the probes say in a container of Docker's; what is given stands in its place. */
function said(more: Record<string, string> = {}) {
	const usual = {
		mount: '1',
		'mount.blind': '1',
		userNamespace: '1',
		keys: '1',
		bpf: '1',
		kernelLog: '1',
		devices: '1',
		corePattern: '30',
		kernelMemory: '2',
		timers: '2',
		hostProcesses: '3',
		trace: '3',
		'fact.CapEff': '00000000a80425fb',
		'fact.Seccomp': '2',
		'fact.NoNewPrivs': '0',
		'fact.Uid': '0\t0\t0\t0',
		'fact.uidMap': ' 0 0 4294967295',
		'fact.interfaces': 'lo',
		'fact.net': 'net:[2]',
		'fact.kernel': 'Linux version 6.1',
		...more,
	};
	return readSaid(
		Object.entries(usual)
			.map(([name, value]) => `${name}=${value}`)
			.join('\n'),
	);
}

const judged = (more: Record<string, string> = {}, of = host) =>
	Object.fromEntries(
		Object.entries(judgeProbes(said(more), of)).map(([id, cell]) => [
			id,
			cell.kind === 'answer' ? [cell.answer, ...cell.by].join(' ') : cell.kind,
		]),
	);

test('each probe is open, or stopped by what stands in its way', () => {
	assert.deepEqual(judged(), {
		mount: 'stopped capability seccomp',
		userNamespace: 'stopped seccomp',
		hostProcesses: 'stopped pidNamespace',
		trace: 'stopped pidNamespace',
		keys: 'stopped seccomp',
		corePattern: 'stopped readOnly',
		kernelMemory: 'stopped masked',
		timers: 'stopped masked',
		devices: 'stopped deviceGroup',
		kernelLog: 'stopped capability',
		bpf: 'stopped capability',
		capabilities: 'stopped capability',
		rootOutside: 'open',
		newPrivileges: 'open',
		allCalls: 'stopped seccomp',
		network: 'stopped networkNamespace',
	});
});

test('what worked is possible, whatever else is set', () => {
	const all = judged({ mount: '0', keys: '0', corePattern: '0', hostProcesses: '0', trace: '0' });
	for (const id of ['mount', 'keys', 'corePattern', 'hostProcesses', 'trace']) assert.equal(all[id], 'open', id);
});

test('root of a user namespace is nobody outside, and its capabilities count for nothing there', () => {
	const all = judged({
		'fact.CapEff': '000001ffffffffff',
		'fact.uidMap': ' 0 100000 65536',
		'fact.Seccomp': '0',
		corePattern: '13',
		kernelLog: '1',
	});
	assert.equal(all['capabilities'], 'stopped userNamespace');
	assert.equal(all['rootOutside'], 'stopped userNamespace');
	assert.equal(all['corePattern'], 'stopped userNamespace');
	assert.equal(all['kernelLog'], 'stopped userNamespace');
	assert.equal(all['allCalls'], 'open');
});

test('all capabilities in the first user namespace are dangerous', () => {
	assert.equal(judged({ 'fact.CapEff': '000001ffffffffff' })['capabilities'], 'open');
});

test('a mount that only the capability stops is not put down to the filter', () => {
	assert.equal(judged({ 'mount.blind': '14' })['mount'], 'stopped capability');
});

test('with a kernel of its own nothing of the host is reached', () => {
	const all = judged({ mount: '0', 'fact.Seccomp': '0', keys: '38', 'fact.CapEff': '000001ffffffffff' }, { ...host, ownKernel: true });
	assert.equal(all['mount'], 'open ownKernel');
	assert.equal(all['keys'], 'stopped ownKernel');
	assert.equal(all['rootOutside'], 'stopped ownKernel');
	assert.equal(all['allCalls'], 'stopped ownKernel');
});

test('what the kernel of this machine has not is not put down to the container', () => {
	assert.equal(judged({}, { ...host, files: ['keys'] })['kernelMemory'], 'none');
});

test('the host’s network is known by its namespace', () => {
	assert.equal(judged({ 'fact.net': 'net:[1]', 'fact.interfaces': 'lo eth0' })['network'], 'open');
});

test('what could not be tried, or was never answered, is no answer', () => {
	const all = judgeProbes(readSaid('mount=-\nrubbish\n=x\nkeys=forty-two\nfact.CapEff=zz'), host);
	assert.equal(all.mount?.kind, 'none');
	assert.equal(all.keys?.kind, 'none');
	assert.equal(all.bpf?.kind, 'none');
	assert.equal(judgeProbes(new Map(), host).capabilities?.kind, 'none');
});

test('what an OCI runtime says of itself becomes a line', () => {
	const text = JSON.stringify({
		ociVersionMin: '1.0.0',
		ociVersionMax: '1.0.2',
		linux: {
			namespaces: ['pid', 'user'],
			cgroup: { v1: true, v2: true, systemd: false },
			seccomp: { enabled: true },
			apparmor: { enabled: false },
		},
	});
	assert.equal(featuresIn(text), 'OCI 1.0.0 – 1.0.2; namespaces: pid user; cgroups: v1 v2; seccomp');
	assert.equal(featuresIn('{}'), 'OCI ? – ?');
	assert.throws(() => featuresIn('rubbish'));
});
