import assert from 'node:assert/strict';
import { test } from 'node:test';
import { busyMachine } from '../testing/slowness.ts';
import type { StepProof } from './prove.ts';
import { busyLines, faultLines, json, junit, summary, table, versionLines } from './report.ts';

const good: StepProof = {
	course: 'c',
	lesson: 'first',
	language: 'fr',
	way: 'solution',
	step: 'pull',
	before: 'Il manque x.',
	fault: '',
	ms: 1234,
};
const bad: StepProof = {
	...good,
	step: 'run',
	way: 'blocks',
	before: 'long\n'.repeat(40),
	fault: 'the check broke; it "broke" & said <x>\x1b[31m\nsecond line',
	ms: 500,
};

test('the table lines up, and says in one line per step how it went', () => {
	const lines = table([good, bad]);
	assert.equal(lines.length, 3);
	assert.equal(new Set(lines.map((line) => line.length)).size, 1);
	assert.match(lines[1] ?? '', /^✓ {2}c\/first\/pull {2}fr +solution +Il manque x\. +1\.2 s$/);
	assert.match(lines[2] ?? '', /^✗ {2}c\/first\/run .*run blocks .*… +0\.5 s$/);
});

test('every step at fault is named with what was seen', () => {
	assert.deepEqual(faultLines([good, bad]).slice(0, 2), ['', '✗ c/first: run (fr, run blocks)']);
	assert.ok(faultLines([good, bad]).includes('    second line'));
});

test('the summary: green only when something was proved and nothing is at fault', () => {
	assert.equal(summary([good], 2000), 'Proved: 1 of 1 proofs in 1 lesson, 2.0 s.');
	assert.match(summary([good, bad], 2000), /^Not proved: 1 of 2/);
	assert.match(summary([], 0), /^Not proved/);
	assert.equal(JSON.parse(json([], 0)).proved, false);
	assert.equal(JSON.parse(json([good], 0)).proofs[0].step, 'pull');
});

test('JUnit: a suite per play, and nothing that is no XML', () => {
	const text = junit([good, bad], 1734);
	assert.match(text, /<testsuites name="etabli prove" tests="2" failures="1" time="1\.734">/);
	assert.match(text, /<testcase name="pull" classname="c\/first fr solution" time="1\.234"\/>/);
	assert.match(text, /<failure message="the check broke; it &quot;broke&quot; &amp; said &lt;x&gt; \[31m">/);
	// biome-ignore lint/suspicious/noControlCharactersInRegex: XML holds none.
	assert.doesNotMatch(text, /[\x00-\x08]|\x1b/);
});

test('the version of the course stands in every report', () => {
	const versions = { c: '1.2.0 (3f2a9c1d, modified)' };
	assert.deepEqual(versionLines(versions), ['c 1.2.0 (3f2a9c1d, modified)']);
	assert.equal((JSON.parse(json([good], 1, versions)) as { versions: object }).versions['c' as never], versions.c);
	assert.match(junit([good], 1, versions), /<properties><property name="version" value="1\.2\.0 \(3f2a9c1d, modified\)"\/><\/properties>/);
});

test('faults that were found on a busy machine come with a word of it', () => {
	assert.deepEqual(busyLines([bad], busyMachine(1, 2)), []);
	assert.deepEqual(busyLines([good], busyMachine(20, 2)), []);
	assert.match(busyLines([bad], busyMachine(20, 2)).join('\n'), /busy: on average 20 programs wanted its 2 processors.*--parallel 1/);
	assert.match(busyMachine(9, 1) ?? '', /its 1 processor in/);
});
