import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostJobs } from '../../src/shared/protocol/cluster-view.ts';
import { Pictures, readPicture } from './cluster-picture.ts';

const lines = (...some: string[]) => `${some.join('\n')}\n`;
const calm = lines('daemon c1|runs', 'daemon c2|runs', 'controller runs|first|', 'node c1|idle|none', 'node c2|idle|none', 'queue 0|0|0');
const record = (more: string) =>
	`end JobId=7 UserId=learner(1000) GroupId=learner(1000) Name=count JobState=FAILED Partition=main TimeLimit=60 ${more}`;

test('nodes with their state, jobs with where they are or why they wait, and what ended last', () => {
	const view = readPicture(
		lines(
			'daemon c1|runs',
			'daemon c2|stopped',
			'controller runs|changed|',
			'node c1|allocated|none',
			'node c2|drained|disk full | truly',
			'job 8|RUNNING|c1|None|first',
			'job 9_[2-4]|PENDING||Resources|many|of them',
			'queue 2|1|1',
			record(''),
			record('ArrayJobId=5 ArrayTaskId=2 ').replace('FAILED', 'COMPLETED'),
		),
	);
	assert.deepEqual(view, {
		controller: 'runs',
		settings: 'changed',
		words: '',
		nodes: [
			{ name: 'c1', daemon: 'runs', state: 'allocated', reason: '' },
			{ name: 'c2', daemon: 'stopped', state: 'drained', reason: 'disk full | truly' },
		],
		jobs: [
			{ id: '8', name: 'first', state: 'RUNNING', nodes: 'c1', reason: '' },
			{ id: '9_[2-4]', name: 'many|of them', state: 'PENDING', nodes: '', reason: 'Resources' },
		],
		queue: { all: 2, running: 1, waiting: 1 },
		ended: [
			{ id: '5_2', name: 'count', state: 'COMPLETED' },
			{ id: '7', name: 'count', state: 'FAILED' },
		],
	});
});

test('what a learner writes is short, on one line, and steers nothing', () => {
	const names = ['\u001b[2J\u0007', 'left\u202eright', '<b>bold</b>', 'x'.repeat(500), '😀'.repeat(40)];
	const view = readPicture(calm + lines(...names.map((name, at) => `job ${at + 1}|RUNNING|c1|None|${name}`)));
	assert.deepEqual(
		view?.jobs.map(({ name }) => name),
		['\\u001b[2J\\u0007', 'left\\u202eright', '<b>bold</b>', `${'x'.repeat(39)}…`, `${'😀'.repeat(19)}…`],
	);
	assert.doesNotMatch(JSON.stringify(view), /[\p{Cc}\p{Bidi_Control}]/u);
});

test('a line that makes no sense is left out, the rest stays; more jobs than are shown are left out, too', () => {
	const many = Array.from({ length: 50 }, (_, at) => `job ${at + 1}|PENDING||Priority|n`);
	const nonsense = ['job', 'job |||', 'job 1;rm|RUNNING|c1|None|x', 'job 1|<b>|c1|None|x', 'end JobId=x Name=', 'rubbish', 'node', ''];
	const odd = ['node sinfo: warning|x|none', 'node c99|idle|none', 'daemon c3|dances'];
	const view = readPicture(calm.replace('node c1|idle', 'node c1|<idle>') + lines(...odd, ...nonsense, ...many, 'queue 50|0|50'));
	assert.deepEqual(
		view?.nodes.map(({ name }) => name),
		['c2'],
	);
	assert.equal(view?.jobs.length, mostJobs);
	assert.deepEqual([view?.jobs[0]?.id, view?.queue.all, view?.ended], ['1', 50, []]);
});

test('without a word of slurmctld, or with words that are none of its states, there is no view', () => {
	assert.equal(readPicture(''), undefined);
	assert.equal(readPicture(calm.replace('controller runs', 'controller dances')), undefined);
	assert.equal(readPicture(calm.replace('queue 0', 'queue many')), undefined);
});

test('pictures come in pieces, letters cut in the middle; one that never ends is thrown away', () => {
	const bytes = new TextEncoder().encode(`${calm}job 1|RUNNING|c1|None|é😀\n.\n${calm}.\n`);
	for (const size of [1, 3, 7, 1000]) {
		const pictures = new Pictures();
		const views = [];
		for (let at = 0; at < bytes.length; at += size) views.push(pictures.take(bytes.subarray(at, at + size)));
		const seen = views.flatMap((view) => (view ? [view.jobs.map(({ name }) => name)] : []));
		// Of those that come together only the newest is read.
		assert.deepEqual(seen, size === 1000 ? [[]] : [['é😀'], []]);
	}
	const flood = new Pictures();
	for (let at = 0; at < 100; at++) assert.equal(flood.take(new TextEncoder().encode('x'.repeat(1000))), undefined);
	assert.equal(flood.take(new TextEncoder().encode(`\n.\n${calm}.\n`))?.nodes.length, 2);
	// Signs at which only some programs end a line end none here.
	const named = calm + lines('job 1|RUNNING|c1|None|x\u2028.', 'job 2|RUNNING|c1|None|y');
	assert.equal(new Pictures().take(new TextEncoder().encode(`${named}.\n`))?.jobs.length, 2);
});
