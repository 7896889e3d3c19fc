import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOfPod, processesOf } from './processes.ts';

const uid = '53337098-2b6f-4cf8-bff2-4065216d86d5';

test('a process is the pod’s by its control group, whoever manages those', () => {
	const groups = [
		`0::/kubepods/burstable/pod${uid}/c1f2349670749917`,
		`0::/kubepods/pod${uid}`,
		`12:memory:/kubepods/besteffort/pod${uid}/abc\n0::/`,
		`0::/../../burstable/pod${uid}/abc/below`,
		`0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-ab.scope`,
	];
	for (const group of groups) assert.ok(isOfPod(group, uid), group);
	for (const group of ['0::/', `0::/kubepods/pod${uid}0/abc`, `0::/kubepods/burstable/pod${uid.slice(0, -1)}/abc`, `0::/system/${uid}`]) {
		assert.ok(!isOfPod(group, uid), group);
	}
	assert.deepEqual(processesOf(uid), []);
	assert.deepEqual(processesOf('.*'), []);
});
