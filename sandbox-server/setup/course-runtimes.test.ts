import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { checkRuntimes, oldestGvisor, opensSockets, type RuntimesThere, runtimeFaults } from './course-runtimes.ts';

const gvisor = { name: 'runsc', version: oldestGvisor, options: ['--network=none', '--host-uds=open'] };
const there: RuntimesThere = { ociRuntimes: ['io.containerd.runc.v2', 'runc', 'runsc'], defaultOciRuntime: 'runc', gvisor: [gvisor] };
const plain = testCourse('plain');
const walled = testCourse('walled', { runtime: 'runsc' });
const nested = testCourse('nested', { needs: ['nested-containers'] });

test('courses whose runtimes are there, and do for them, are not spoken of', () => {
	assert.deepEqual(runtimeFaults([plain, walled, nested], there), []);
	assert.deepEqual(runtimeFaults([plain], { ociRuntimes: [], defaultOciRuntime: '', gvisor: [] }), []);
	assert.deepEqual(runtimeFaults([walled], { ...there, gvisor: [{ name: 'runsc', version: undefined, options: undefined }] }), []);
	// Of a gVisor that nobody asks for.
	assert.deepEqual(runtimeFaults([nested], { ...there, gvisor: [{ ...gvisor, version: 20221219 }] }), []);
	// Each names its own: what the default one is concerns none of them.
	assert.deepEqual(runtimeFaults([walled, testCourse('x', { runtime: 'runc' })], { ...there, defaultOciRuntime: 'runsc' }), []);
});

const bad: [string, Parameters<typeof runtimeFaults>, RegExp][] = [
	[
		'a runtime that is not there',
		[[testCourse('x', { runtime: 'kata' })], there],
		/x asks for the runtime "kata".*It has: runc, runsc\..*daemon\.json/,
	],
	[
		'gVisor that is not there',
		[[walled], { ...there, ociRuntimes: ['runc'] }],
		/walled asks for the runtime "runsc".*It has: runc\..*gvisor\.md/,
	],
	[
		'gVisor of long ago',
		[[walled], { ...there, gvisor: [{ ...gvisor, version: 20221219 }] }],
		/walled.*\(20221219\) is too old.*20240729 or later/,
	],
	[
		'gVisor that no agent can speak out of',
		[[walled], { ...there, gvisor: [{ ...gvisor, options: ['--network=none'] }] }],
		/without --host-uds=open.*"runtimeArgs": \["--network=none","--host-uds=open"\]/,
	],
	[
		'gVisor that it does not ask for',
		[[plain], { ...there, defaultOciRuntime: 'runsc' }],
		/plain names no runtime.*default one is runsc \(gVisor\).*runtime: runc/,
	],
	[
		'gVisor that it does not ask for, by the name of its shim',
		[[nested], { ...there, defaultOciRuntime: 'io.containerd.runsc.v1' }],
		/nested names no runtime.*default one is io\.containerd\.runsc\.v1 \(gVisor\)/,
	],
];
for (const [what, args, expected] of bad)
	test(`a course that would fail is refused with what to do: ${what}`, () => {
		const [fault] = runtimeFaults(...args);
		assert.match(`${fault?.text} ${fault?.remedy}`, expected);
	});

test('gVisor’s option is known however it is written', () => {
	for (const options of [
		['--host-uds=open'],
		['--network=none', '--host-uds', 'open'],
		['-host-uds=all', '--debug'],
		['--fsgofer-host-uds'],
		['--fsgofer-host-uds=true'],
	])
		assert.ok(opensSockets(options), options.join());
	for (const options of [
		[],
		['--host-uds=none'],
		['--host-uds', 'create'],
		['--host-uds', '--open'],
		['--fsgofer-host-uds=false'],
		['--no-host-uds=open'],
	])
		assert.ok(!opensSockets(options), options.join());
});

test('all of them stop the start at once', () => {
	const named = testCourse('named', { runtime: 'runc' });
	assert.throws(
		() => checkRuntimes([walled, nested, named, plain], { ociRuntimes: ['runc'], defaultOciRuntime: 'runsc', gvisor: [] }),
		(error: Error & { hint?: string }) =>
			error.message.split('\n').length === 3 &&
			/walled/.test(error.message) &&
			/nested/.test(error.message) &&
			/plain/.test(error.message) &&
			!/named/.test(error.message) &&
			(error.hint ?? '').split('\n').length === 2,
	);
});
