import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Facts, fixedIn } from './facts.ts';
import { type Finding, findings } from './findings.ts';

const gib = 2 ** 30;
const good: Facts = {
	node: '24.1.0',
	npm: '11.0.0',
	prepared: false,
	root: true,
	aptGet: true,
	engine: {
		tried: [],
		url: 'unix:///var/run/docker.sock',
		local: true,
		answer: {
			kind: 'docker',
			version: '28.0.1',
			runtimes: ['runc'],
			defaultRuntime: 'runc',
			gvisor: [],
			folder: '/var/lib/docker',
			cgroup: '2',
			programs: {},
			mapsUsers: false,
			plugins: false,
		},
	},
	wanted: undefined,
	dockerHost: undefined,
	installed: undefined,
	likelyRoot: false,
	oci: {
		linux: true,
		root: true,
		builderHere: true,
		runtimes: ['runc'],
		version: '1.3.3',
		cgroups: 'v2',
		cgroupsWritable: true,
		cgroupsLack: [],
		cgroupsOccupied: false,
	},
	rootless: {
		linux: true,
		root: true,
		arch: 'x64',
		refused: undefined,
		clone: undefined,
		most: '15000',
		apparmor: undefined,
		fuse: true,
		images: 0,
	},
	runc: { version: '1.3.3', packaged: undefined, fixed: [] },
	containerd: { version: '2.2.0', packaged: undefined, fixed: [] },
	docker: { version: '28.0.1', packaged: undefined, fixed: [] },
	cgroups: 'v2',
	maxUserNamespaces: 15_000,
	unprivilegedUserNamespaces: true,
	apparmorRestrictsUserNamespaces: false,
	fuseMode: 0o666,
	fuseTimeout: 0,
	lowLimits: [],
	sharedId: undefined,
	apparmor: { enabled: false, profile: false, parser: false },
	dataFree: 50 * gib,
	engineFree: 50 * gib,
	memory: { total: 16 * gib, available: 12 * gib },
	port: { number: 8080, problem: undefined, ours: false },
	clock: { now: Date.UTC(2030, 0, 1), newestFile: Date.UTC(2029, 0, 1), synchronised: true },
	data: { path: '/d', problem: undefined },
};
const about = (subject: string, change: Partial<Facts>): Finding[] =>
	findings({ ...good, ...change }).filter((finding) => finding.subject === subject);
const states = (subject: string, change: Partial<Facts>): string =>
	about(subject, change)
		.map(({ state }) => state)
		.join();

test('a good machine has nothing to mend', () => {
	assert.deepEqual(
		findings(good).filter(({ state }) => state !== 'ok'),
		[],
	);
});

test('whatever is not well comes with a remedy', () => {
	const bad: Facts = {
		...good,
		node: '20.0.0',
		npm: undefined,
		root: false,
		engine: { tried: [{ url: 'unix:///x', problem: 'connect ENOENT' }], url: undefined, local: true, answer: undefined },
		runc: { version: '1.1.5', packaged: undefined, fixed: [] },
		containerd: { version: '1.7.0', packaged: undefined, fixed: [] },
		cgroups: 'none',
		maxUserNamespaces: 0,
		fuseMode: 0o600,
		lowLimits: ['kernel.pty.max=1048576'],
		sharedId: 'the engine is on another machine',
		apparmor: { enabled: true, profile: false, parser: false },
		dataFree: 0,
		engineFree: gib,
		memory: { total: gib, available: gib / 4 },
		port: { number: 80, problem: 'taken', ours: false },
		clock: { now: 0, newestFile: Date.UTC(2029, 0, 1), synchronised: false },
		data: { path: '/d', problem: 'EACCES' },
	};
	const found = findings(bad);
	assert.deepEqual(
		found.filter(({ state, remedy }) => state === 'ok' || !remedy),
		[],
	);
	assert.equal(found.filter(({ state }) => state === 'failed').length, 13);
});

test('an npm that cannot read the lock', () => {
	assert.equal(states('npm', { npm: '6.14.4' }), 'failed');
	assert.equal(states('npm', { npm: '7.0.0' }), 'ok');
	assert.equal(states('npm', { npm: undefined, prepared: true }), 'ok', 'the image of a server brings nothing');
});

test('runc: by upstream series, and by what the distribution says it has mended', () => {
	const runc = (version: string, packaged?: string, fixed: string[] = []): string =>
		states('Runtime runc', { runc: { version, packaged, fixed } });
	const escapes = ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881'];
	assert.equal(runc('1.1.11'), 'failed,warning');
	assert.equal(runc('1.1.12'), 'warning');
	assert.equal(runc('1.2.7'), 'warning');
	assert.equal(runc('1.2.8'), 'ok');
	assert.equal(runc('1.3.2'), 'warning');
	assert.equal(runc('1.4.1'), 'ok');
	assert.equal(runc('1.1.5+ds1', '1.1.5+ds1-1+deb12u1', ['CVE-2024-21626']), 'warning');
	assert.equal(runc('1.1.5+ds1', '1.1.5+ds1-1+deb12u9', ['CVE-2024-21626', ...escapes]), 'ok');
	assert.deepEqual(fixedIn('  * CVE-2024-21626: leaked fds\n  * CVE-2024-21626 again, CVE-2023-1'), ['CVE-2024-21626', 'CVE-2023-1']);
});

test('an engine that is too old, or closed to this user, is said to be so', () => {
	const answer = {
		kind: 'docker',
		version: '19.03.1',
		runtimes: [],
		defaultRuntime: '',
		gvisor: [],
		folder: undefined,
		cgroup: '1',
		programs: {},
		mapsUsers: false,
		plugins: false,
	} as const;
	assert.match(
		about('Container engine', { engine: { ...good.engine, answer: { ...answer, runtimes: [], gvisor: [] } } })[0]?.text ?? '',
		/too old/,
	);
	const closed = about('Container engine', {
		engine: { tried: [{ url: 'unix:///x', problem: 'connect EACCES /x' }], url: undefined, local: true, answer: undefined },
	})[0];
	assert.match(closed?.remedy ?? '', /usermod -aG docker/);
});

test('AppArmor and user namespaces on Ubuntu: well once the profile is loaded', () => {
	const apparmor = { enabled: true, profile: false, parser: true };
	assert.equal(states('User namespaces', { apparmorRestrictsUserNamespaces: true, apparmor }), 'failed');
	assert.equal(states('AppArmor', { apparmor }), 'failed');
	assert.equal(states('AppArmor', { apparmor: { ...apparmor, profile: undefined } as Facts['apparmor'] }), 'warning');
	assert.equal(states('User namespaces', { apparmorRestrictsUserNamespaces: true, apparmor: { ...apparmor, profile: true } }), 'ok');
	assert.equal(states('AppArmor', { apparmor: { ...apparmor, profile: true } }), 'ok');
});

test('what cuts a file system that keeps a sandbox from ending: root, or a kernel that is told to', () => {
	const subject = 'Sandboxes that hang';
	assert.equal(states(subject, { root: false }), 'warning');
	assert.match(about(subject, { root: false })[0]?.remedy ?? '', /sysctl fs\.fuse\.max_request_timeout=120/);
	assert.equal(states(subject, { root: false, fuseTimeout: undefined }), 'warning');
	assert.equal(states(subject, { root: false, fuseTimeout: 120 }), 'ok');
	assert.equal(states(subject, { root: true, fuseTimeout: undefined }), 'ok');
	assert.equal(states(subject, { root: false, engine: { ...good.engine, local: false } }), '');
});

test('a port that our own server holds is well', () => {
	assert.equal(states('Port 8080', { port: { number: 8080, problem: 'taken', ours: true } }), 'ok');
});

test('who starts the sandboxes is said, and why not this server itself', () => {
	const said = (change: Partial<Facts>) =>
		about('Starts sandboxes', change).map(({ state, text, remedy }) => [state, text, remedy].join(' '))[0];
	assert.match(said({}) ?? '', /^ok Docker: .*--engine oci would do/);
	assert.match(said({ wanted: 'oci' }) ?? '', /^ok runc 1\.3\.3 itself: as --engine oci says/);
	assert.match(said({ oci: { ...good.oci, root: false } }) ?? '', /^ok Docker: .*needs root/);
	assert.match(said({ wanted: 'oci', oci: { ...good.oci, runtimes: [] } }) ?? '', /^failed There is no OCI runtime.*apt-get install runc/);
	assert.equal(said({ engine: { ...good.engine, answer: undefined } }), undefined);
});

test('who is not root, where no engine answers, is told that none is needed, and what such sandboxes do not hold', () => {
	const engine = {
		tried: [{ url: 'unix:///var/run/docker.sock', problem: 'connect ENOENT' }],
		url: undefined,
		local: true,
		answer: undefined,
	};
	const rootless = { ...good.rootless, root: false };
	const change = { root: false, engine, rootless, oci: { ...good.oci, root: false } };
	assert.equal(states('Container engine', change), 'ok');
	assert.equal(states('Container engine', { ...change, likelyRoot: true }), 'failed', 'who may use sudo is offered one');
	assert.match(about('Starts sandboxes', change)[0]?.text ?? '', /without root and without an engine.*not limited/);
	// Nothing of what root would have to do is asked for.
	assert.equal(states('Kernel limits', { ...change, lowLimits: ['x=1'] }), '');
	assert.match(about('/dev/fuse', { ...change, rootless: { ...rootless, fuse: false } })[0]?.text ?? '', /may not open/);
	const refused = { ...change, rootless: { ...rootless, refused: 'Operation not permitted', most: '0' } };
	assert.equal(states('Container engine', refused), 'failed');
	assert.match(about('Starts sandboxes', { ...refused, wanted: 'rootless' })[0]?.remedy ?? '', /max_user_namespaces/);
	assert.equal(states('Starts sandboxes', { wanted: 'rootless' }), 'failed', 'root may not');
	// An engine that is there is not passed over: it is said how to have it, and what else there is.
	const tried = [{ url: 'unix:///var/run/docker.sock', problem: 'connect ECONNREFUSED' }];
	for (const there of [{ installed: 'docker' }, { dockerHost: 'tcp://a:1' }, { engine: { ...engine, tried } }]) {
		assert.equal(states('Container engine', { ...change, ...there }), 'failed');
		assert.equal(states('Starts sandboxes', { ...change, ...there }), '');
		assert.match(about('Container engine', { ...change, ...there })[0]?.remedy ?? '', /[Ss]tart .*--engine rootless/);
	}
	const closed = { ...change, engine: { ...engine, tried: [{ url: 'unix:///var/run/docker.sock', problem: 'connect EACCES' }] } };
	assert.match(about('Container engine', closed)[0]?.remedy ?? '', /usermod.*--engine rootless/);
});
