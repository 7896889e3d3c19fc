import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Asking, isGvisor, unmet } from './oci-runtimes.ts';

test('gVisor is known by the names that engines give it', () => {
	for (const name of ['runsc', 'runsc-kvm', 'runsc_debug', 'gvisor', '/usr/bin/runsc', 'io.containerd.runsc.v1'])
		assert.ok(isGvisor(name), name);
	for (const name of ['runc', 'crun', 'youki', 'runscape', 'io.containerd.runc.v2', '/opt/runsc/crun', '', undefined])
		assert.ok(!isGvisor(name), name);
});

test('what a course has that gVisor cannot do is said in the words of course.yaml; other runtimes can do all of it', () => {
	const asking = (settings: Partial<Asking['settings']>, lessons: Asking['lessons'] = []): Asking => ({
		settings: { needs: [], user: 'learner', ...settings },
		lessons,
	});
	const cases: [Asking, string | undefined][] = [
		[asking({}), undefined],
		[asking({ needs: ['nested-containers'] }), 'needs: [nested-containers]'],
		[asking({ user: 'root' }), 'user: root'],
		[asking({ cluster: {} }), 'cluster: slurm'],
		[asking({}, [undefined, { settings: {} }, { settings: { cluster: {} } }]), 'cluster: slurm'],
	];
	for (const [course, expected] of cases) {
		assert.equal(unmet('runsc', course), expected);
		assert.equal(unmet('runc', course), undefined);
		assert.equal(unmet(undefined, course), undefined);
	}
});
