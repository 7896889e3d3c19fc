import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abortFuseConnections, fuseConnections } from './fuse-connections.ts';

test('connections are read from what a process has mounted: FUSE by any program, and nothing else', () => {
	const mounts = [
		'22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
		'700 22 0:61 / /home/learner/m ro,nosuid,nodev - fuse.squashfuse squashfuse ro,user_id=1000,group_id=1000',
		'701 22 0:62 / /tmp/a\\040b rw shared:3 - fuse none rw,user_id=1000',
		'702 22 0:63 / /sys/fs/fuse/connections rw - fusectl none rw',
		'703 22 8:1 / /mnt rw - fuseblk /dev/sda1 rw',
		'704 22 0:64 / /fuse.x rw - tmpfs tmpfs rw',
		'',
	];
	assert.deepEqual([...fuseConnections(mounts.join('\n'))], ['61', '62']);
});

test('a process that has ended, and one that has mounted nothing of its own, have nothing to abort', () => {
	assert.equal(abortFuseConnections([2 ** 30, process.pid]), 0);
});
