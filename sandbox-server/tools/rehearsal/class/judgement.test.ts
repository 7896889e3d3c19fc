import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClassReport, judge } from './judgement.ts';
import { mannerOf, type Person } from './person.ts';

function person(number: number, change: Partial<Person> = {}): Person {
	return {
		number,
		manner: 'steady',
		start: 300,
		queued: false,
		verdicts: [100, 200],
		echoes: [2, 3],
		failures: [],
		attacks: { sent: 0, refused: 0 },
		...change,
	};
}

function report(people: Person[], change: Partial<ClassReport> = {}): ClassReport {
	const headroom = { memory: 8 * 2 ** 30, leastFree: 4 * 2 ** 30, busy: 0.5, cores: 2 };
	return { learners: people.length, minutes: 5, people, headroom, ...change };
}

test('a class without trouble: the machine holds it', () => {
	const { holds, sentence } = judge(report([person(0), person(1)]));
	assert.ok(holds);
	assert.equal(
		sentence,
		'This machine holds a class of 2: 4 steps turned green in 5 minutes, with 4.0 GiB of memory and 50 % of the processors to spare.',
	);
});

test('where learners have clusters, it is said how these did', () => {
	const well = { ended: [], lost: [], silent: false };
	const { holds, lines } = judge(report([person(0, { cluster: well }), person(1, { cluster: well }), person(2)]));
	assert.ok(holds);
	assert.deepEqual(
		lines.filter(({ what }) => what.startsWith('clusters')).map(({ what, seen }) => `${what}: ${seen}`),
		['clusters of which a program ended: 0 of 2', 'clusters that lost a node: 0 of 2', 'clusters that did not answer: 0 of 2'],
	);
});

const troubles: [string, Person[], RegExp, Partial<ClassReport>?][] = [
	['one failure', [person(0), person(1, { failures: ['no sandbox'] })], /failures: 1/],
	['somebody without a prompt', [person(0), person(1, { start: undefined })], /prompt: 1 of 2/],
	['slow starts', [person(0, { start: 20_000 })], /click to prompt: .*20\.0 s/],
	['slow verdicts', [person(0, { verdicts: [6000] })], /green step: .*6\.0 s/],
	['slow echoes', [person(0, { echoes: [400] })], /echo: .*400 ms/],
	['no verdict at all', [person(0, { verdicts: [] })], /green step: never seen/],
	['a queue', [person(0, { queued: true })], /waited for room: 1/],
	['an attack that was let through', [person(0, { attacks: { sent: 3, refused: 2 } })], /refused: 2 of 3/],
	[
		'a controller that died',
		[person(0, { cluster: { ended: ['slurmctld'], lost: [], silent: false } })],
		/program ended: 1 of 1 \(slurmctld\)/,
	],
	['a lost node', [person(0, { cluster: { ended: [], lost: ['c1 down'], silent: false } })], /lost a node: 1 of 1 \(c1 down\)/],
	['a cluster without an answer', [person(0, { cluster: { ended: [], lost: [], silent: true } })], /did not answer: 1 of 1/],
	['somebody who never came', [person(0)], /came: 1 of 2/, { learners: 2 }],
	[
		'memory nearly full',
		[person(0)],
		/memory: 0\.4 GiB/,
		{ headroom: { memory: 8 * 2 ** 30, leastFree: 0.4 * 2 ** 30, busy: 1, cores: 2 } },
	],
];
for (const [what, people, words, change] of troubles)
	test(`${what}: the machine does not hold the class, and the sentence says why`, () => {
		const { holds, sentence } = judge(report(people, change));
		assert.ok(!holds);
		assert.match(sentence, /does not hold/);
		assert.match(sentence, words);
	});

test('a class has one who floods, one who attacks, some who leave and reload, and mostly steady people', () => {
	const manners = Array.from({ length: 40 }, (_, number) => mannerOf(number, 40));
	const count = (manner: string) => manners.filter((one) => one === manner).length;
	assert.deepEqual([count('floods'), count('attacks'), count('leaves'), count('reloads'), count('two tabs')], [1, 1, 2, 4, 4]);
	assert.equal(mannerOf(2, 3), 'steady', 'too small a class for that');
});
