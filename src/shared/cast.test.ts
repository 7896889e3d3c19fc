import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playedSeconds, readCast } from './cast.ts';

const header = '{"version": 3, "term": {"cols": 80, "rows": 24}, "idle_time_limit": 2}\n';
const fault = (text: string) => {
	const read = readCast(text);
	return 'fault' in read ? `${read.fault.line}: ${read.fault.what}` : '';
};

test('both formats are read: times since the beginning, sizes, what is passed over', () => {
	const three = readCast(`${header}[0.5, "o", "a"]\n# a remark\n[1.25, "r", "90x30"]\n[10, "m", "here"]\n[0, "x", "0"]\n`);
	assert.ok(!('fault' in three));
	assert.deepEqual(
		three.events.map(({ at, code }) => [at, code]),
		[
			[0.5, 'o'],
			[1.75, 'r'],
			[11.75, 'm'],
			[11.75, 'x'],
		],
	);
	assert.deepEqual([three.cols, three.rows, three.idle, playedSeconds(three)], [80, 24, 2, 3.75]);
	const two = readCast('{"version": 2, "width": 100, "height": 30}\n[0.5, "o", "a"]\n[1.75, "o", "b"]');
	assert.ok(!('fault' in two));
	assert.deepEqual([two.cols, two.rows, two.events.at(-1)?.at, playedSeconds(two)], [100, 30, 1.75, 1.75]);
});

test('what is no cast, or not all of one, is told by its line', () => {
	assert.equal(fault(''), '1: This is no cast: its first line is no header.');
	assert.equal(fault('[1, "o", "a"]\n'), '1: This is no cast: its first line is no header.');
	assert.equal(fault('{"version": 1, "width": 80, "height": 24, "stdout": []}\n'), '1: Casts of format 1 are not played.');
	assert.equal(
		fault('{"version": 3, "width": 80, "height": 24}\n[1, "o", "a"]\n'),
		'1: The header does not say how large the terminal is.',
	);
	assert.equal(
		fault(`${header}[1, "o", "a"]\n[0.2, "o", "b`),
		'3: The cast is cut off in the middle of an event: what came after it is missing.',
	);
	assert.equal(fault(`${header}[1, "o\n[1, "o", "a"]\n`), '2: This line is not JSON.');
	assert.equal(fault(`${header}{"a": 1}\n`), '2: This is no event of a cast.');
	assert.equal(fault(`${header}[1, "o", 2]\n`), '2: This is no event of a cast.');
	assert.equal(fault(`${header}[-1, "o", "a"]\n`), '2: Time goes backwards here.');
	assert.equal(fault('{"version": 2, "width": 80, "height": 24}\n[1, "o", "a"]\n[0.5, "o", "b"]\n'), '3: Time goes backwards here.');
	assert.equal(fault(`${header}[1, "r", "80"]\n`), '2: 80 is no size.');
	assert.equal(fault(header), '1: The cast shows nothing.');
});
