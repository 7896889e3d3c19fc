import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refused, status } from './grpc.ts';
import { volumeOf } from './volumes.ts';

const pod = {
	'csi.storage.k8s.io/ephemeral': 'true',
	'csi.storage.k8s.io/pod.name': 'learner-7f3a9c',
	'csi.storage.k8s.io/pod.namespace': 'etabli',
	'csi.storage.k8s.io/pod.uid': 'a1',
};
const memory = { ...pod, kind: 'memory', size: '1048576', files: '100', mode: '0700', owner: '1000', exec: 'true' };
const transport = { ...pod, kind: 'transport', instance: 'here', sandbox: 'learner-7f3a9c' };

test('a volume is what its attributes say', () => {
	assert.deepEqual(volumeOf({ ...pod, kind: 'guest' }, ['etabli']), { kind: 'guest' });
	assert.deepEqual(volumeOf(memory, []), {
		kind: 'memory',
		folder: { bytes: 1_048_576, files: 100, mode: '0700', owner: 1000, exec: true },
	});
	assert.deepEqual(volumeOf({ ...memory, mode: '777', exec: 'false' }, []), {
		kind: 'memory',
		folder: { bytes: 1_048_576, files: 100, mode: '0777', owner: 1000, exec: false },
	});
	assert.deepEqual(volumeOf(transport, ['other', 'etabli']), {
		kind: 'transport',
		pod: { instance: 'here', name: 'learner-7f3a9c', namespace: 'etabli', uid: 'a1' },
	});
});

test('what is not right is refused with what would be', () => {
	const refusals: [Record<string, string>, RegExp][] = [
		[{ ...memory, 'csi.storage.k8s.io/ephemeral': 'false' }, /only volumes that a pod states itself/],
		[{ ...pod }, /kind is missing; it has to be transport, guest or memory/],
		[{ ...pod, kind: 'disk' }, /kind is "disk"/],
		[{ ...memory, size: '64Mi' }, /size is "64Mi"; it has to be a number from 1 to/],
		[{ ...memory, size: '0' }, /size is "0"/],
		[{ ...memory, size: '1,uid=0' }, /size is "1,uid=0"/],
		[{ ...memory, files: '' }, /files is missing/],
		[{ ...memory, files: '1e3' }, /files is "1e3"/],
		[{ ...memory, mode: '4755' }, /mode is "4755"; it has to be octal digits/],
		[{ ...memory, mode: '0700,suid' }, /mode/],
		[{ ...memory, owner: '-1' }, /owner is "-1"/],
		[{ ...memory, owner: '4294967295' }, /owner/],
		[{ ...memory, exec: 'yes' }, /exec is "yes"; it has to be true or false/],
		[{ ...transport, instance: '../here' }, /instance is/],
		[{ ...transport, instance: '' }, /instance is missing/],
		[{ ...transport, sandbox: 'somebody-else' }, /they have to be the same/],
		[{ ...transport, 'csi.storage.k8s.io/pod.name': 'a.b', sandbox: 'a.b' }, /the pod is called "a\.b"/],
	];
	for (const [context, sentence] of refusals) {
		assert.throws(
			() => volumeOf(context, []),
			(error) => error instanceof Refused && error.code === status.INVALID_ARGUMENT && sentence.test(error.message),
			String(sentence),
		);
	}
	assert.throws(
		() => volumeOf(transport, ['another']),
		(error) =>
			error instanceof Refused && error.code === status.PERMISSION_DENIED && /namespace etabli get no volumes here/.test(error.message),
	);
});
