import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mischiefs } from './hostile.ts';
import { type HostileReport, judgeHostile } from './hostile-judgement.ts';
import type { ClassReport } from './judgement.ts';
import type { Person } from './person.ts';

const person = (change: Partial<Person> = {}): Person => ({
	number: 0,
	manner: 'steady',
	start: 300,
	queued: false,
	verdicts: [100],
	echoes: [2, 4],
	failures: [],
	attacks: { sent: 0, refused: 0 },
	fileKept: true,
	...change,
});
const played = (...people: Person[]): ClassReport => ({ learners: people.length, minutes: 10, people, headroom: undefined });
const hostile = mischiefs.map((mischief, number) => ({ number, mischief, deeds: 9, refused: 1, bytes: 5, gone: true, said: 'none' }));
const calm: HostileReport = {
	alone: played(person(), person()),
	others: played(person(), person({ echoes: [3, 10] })),
	hostile,
	newcomer: person(),
	aftermath: { engine: true, labs: 0, stuck: 0, leftOver: 0 },
};

test('nobody noticed: the machine holds the class, and the ratio of the echoes is told', () => {
	const { holds, lines, sentence } = judgeHostile(calm);
	assert.ok(holds, JSON.stringify(lines));
	assert.equal(sentence, 'This machine holds a class of 2 learners beside 5 hostile ones: nobody lost a file or failed a step.');
	const echo = lines.find(({ what }) => what.startsWith('key to echo'));
	assert.deepEqual([echo?.seen, echo?.limit], ['10 ms (4), without the hostile 4 ms (4): 2.50 ×', 'at most 3 ×']);
	assert.equal(judgeHostile({ ...calm, aftermath: undefined }).holds, true, 'somebody else’s server');
});

const [first, ...rest] = hostile;
const after = calm.aftermath as NonNullable<HostileReport['aftermath']>;
const troubles: [string, Partial<HostileReport>, RegExp][] = [
	['a lost file', { others: played(person(), person({ fileKept: false })) }, /whose file was there again: 3 of 4/],
	['a step that failed', { others: played(person(), person({ failures: ['x'] })) }, /failures of theirs, checks included: 1/],
	['somebody without a prompt', { others: played(person(), person({ start: undefined })) }, /who got a prompt: 3 of 4/],
	['echoes four times as slow', { others: played(person({ echoes: [16] })) }, /key to echo.*4\.00 ×/],
	['echoes that nobody saw', { alone: played(person({ echoes: [] })) }, /key to echo.*never seen/],
	['hostile learners who did nothing', { hostile: [{ ...(first as (typeof hostile)[0]), deeds: 0 }, ...rest] }, /were at it: 4 of 5/],
	[
		'a hostile one’s sandbox that stays',
		{ hostile: [{ ...(first as (typeof hostile)[0]), gone: false }, ...rest] },
		/sandbox went: 4 of 5/,
	],
	['nobody let in afterwards', { newcomer: person({ start: undefined, failures: ['no sandbox'] }) }, /afterwards: no sandbox/],
	['an engine that is away', { aftermath: { ...after, engine: false } }, /does not answer/],
	['workbenches that stay', { aftermath: { ...after, labs: 1 } }, /still there when all had left: 1/],
	['a sandbox without end', { aftermath: { ...after, stuck: 1 } }, /could not be ended: 1/],
	['a container that is left', { aftermath: { ...after, leftOver: 1 } }, /after the server’s end: 1/],
];
for (const [what, change, words] of troubles)
	test(`${what}: the machine does not hold it, and the sentence says why`, () => {
		const { holds, sentence } = judgeHostile({ ...calm, ...change });
		assert.ok(!holds);
		assert.match(sentence, /does not hold/);
		assert.match(sentence, words);
	});
