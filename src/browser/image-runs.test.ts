import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runsOf } from './image-runs.ts';

test('an image that runs a program, and one that runs a shell', () => {
	assert.deepEqual(runsOf({ name: 'lolcow:1.0', command: ['/usr/local/bin/moo'] }), [
		{ where: 'here', lines: ['apptainer pull docker://localhost:5000/lolcow:1.0', 'apptainer run lolcow_1.0.sif'] },
		{ where: 'apptainer', lines: ['apptainer build lolcow_1.0.sif docker-archive:lolcow-1.0.tar', 'apptainer run lolcow_1.0.sif'] },
		{ where: 'docker', lines: ['docker load -i lolcow-1.0.tar', 'docker run --rm lolcow:1.0'] },
		{ where: 'podman', lines: ['podman load -i lolcow-1.0.tar', 'podman run --rm localhost/lolcow:1.0'] },
	]);
	const shell = runsOf({ name: 'busybox:1.0', command: ['/bin/sh'] });
	assert.deepEqual(
		shell.map(({ lines }) => lines[1]),
		[
			'apptainer shell busybox_1.0.sif',
			'apptainer shell busybox_1.0.sif',
			'docker run --rm -it busybox:1.0',
			'podman run --rm -it localhost/busybox:1.0',
		],
	);
	// A name of several parts: files are called by its last.
	assert.deepEqual(runsOf({ name: 'tools/cow:1.0', command: ['moo'] }).slice(0, 2), [
		{ where: 'here', lines: ['apptainer pull docker://localhost:5000/tools/cow:1.0', 'apptainer run cow_1.0.sif'] },
		{ where: 'apptainer', lines: ['apptainer build cow_1.0.sif docker-archive:cow-1.0.tar', 'apptainer run cow_1.0.sif'] },
	]);
});
