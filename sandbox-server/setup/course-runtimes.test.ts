import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { checkRuntimes, oldestGvisor, type RuntimesThere, runtimeFaults } from './course-runtimes.ts';

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
		'gVisor for a course that it does not do for',
		[[nested], { ...there, defaultOciRuntime: 'runsc' }],
		/nested asks for "needs: \[nested-containers\]".*default runtime runsc.*runtime: runc/,
	],
];
for (const [what, args, expected] of bad)
	test(`a course that would fail is refused with what to do: ${what}`, () => {
		const [fault] = runtimeFaults(...args);
		assert.match(`${fault?.text} ${fault?.remedy}`, expected);
	});

test('all of them stop the start at once', () => {
	assert.throws(
		() => checkRuntimes([walled, nested, plain], { ociRuntimes: ['runc'], defaultOciRuntime: 'runsc', gvisor: [] }),
		(error: Error & { hint?: string }) =>
			error.message.split('\n').length === 2 &&
			/walled/.test(error.message) &&
			/nested/.test(error.message) &&
			!/plain/.test(error.message) &&
			(error.hint ?? '').split('\n').length === 2,
	);
});
