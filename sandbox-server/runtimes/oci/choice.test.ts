import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, hindranceOf, type OciFacts } from './choice.ts';

const good: OciFacts = {
	linux: true,
	root: true,
	builderHere: true,
	runtimes: ['runc', 'crun'],
	version: '1.1.5',
	cgroups: 'v1',
	cgroupsWritable: true,
};

test('a machine on which nothing hinders', () => {
	for (const cgroups of ['v1', 'v2', 'hybrid'] as const) assert.equal(hindranceOf({ ...good, cgroups }), undefined);
});

const bad: [string, Partial<OciFacts>, RegExp][] = [
	['another system', { linux: false }, /needs Linux/],
	['an ordinary user', { root: false }, /needs root/],
	['images elsewhere', { builderHere: false }, /elsewhere/],
	['no runtime', { runtimes: [], version: undefined }, /no OCI runtime .*runc, crun, youki.*apt-get install runc/],
	['a program of that name', { version: undefined }, /runc does not say its version/],
	['no control groups', { cgroups: 'none' }, /none are mounted/],
	['control groups of a container', { cgroupsWritable: false }, /read-only.*outside of a container/],
	['crun on both control groups', { runtimes: ['crun'], cgroups: 'hybrid' }, /crun refuses/],
];
for (const [what, facts, expected] of bad) {
	test(`what hinders is said with what to do: ${what}`, () => {
		const hindrance = hindranceOf({ ...good, ...facts });
		assert.match(`${hindrance?.text} ${hindrance?.remedy}`, expected);
	});
}

test('what --engine says is done; where it says nothing, this server wherever it may, or never, as one line has it', () => {
	const hindrance = { text: 'It needs root.', remedy: 'Be root.' };
	assert.deepEqual(
		[choose('oci', undefined), choose('oci', hindrance), choose('unix:///x', undefined)].map(({ own }) => own),
		[true, false, false],
	);
	const silent = (byDefault: boolean) =>
		[choose(undefined, undefined, byDefault), choose(undefined, hindrance, byDefault)].map(({ own }) => own);
	assert.deepEqual(
		[silent(true), silent(false)],
		[
			[true, false],
			[false, false],
		],
	);
	assert.match(choose(undefined, hindrance).why, /It needs root$/);
});
