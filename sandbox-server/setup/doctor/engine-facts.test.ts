import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gvisorThere } from './engine-facts.ts';

test('how gVisor is called is known where the engine says it, and else not', () => {
	const runtimes = {
		runc: { path: 'runc' },
		runsc: { path: '/usr/bin/runsc', runtimeArgs: ['--host-uds=open'] },
		'runsc-bare': { path: '/usr/bin/runsc', runtimeArgs: null },
		'runsc-shim': { runtimeArgs: null },
		'runsc-old-shim': { path: '' },
	};
	assert.deepEqual(gvisorThere(runtimes, false), [
		{ name: 'runsc', path: '/usr/bin/runsc', options: ['--host-uds=open'] },
		{ name: 'runsc-bare', path: '/usr/bin/runsc', options: [] },
		{ name: 'runsc-shim', path: 'runsc-shim', options: undefined },
		{ name: 'runsc-old-shim', path: 'runsc-old-shim', options: undefined },
	]);
	assert.deepEqual(gvisorThere({ runsc: { path: '/usr/bin/runsc' } }, true), [
		{ name: 'runsc', path: '/usr/bin/runsc', options: undefined },
	]);
	assert.deepEqual(gvisorThere({}, false), []);
});
