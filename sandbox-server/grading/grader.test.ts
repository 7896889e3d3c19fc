import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Lesson, lessonSchema } from '../../src/shared/course/course.ts';
import { nextCheck, type Round, standingOf, waitingFor } from './grader.ts';

const step = (id: string, more: Partial<Lesson['steps'][0]> = {}) => ({ id, check: 'x', solution: undefined, reset: undefined, ...more });
const lessonOf = (...steps: Lesson['steps']): Lesson => ({
	slug: 'first',
	folder: '01-first',
	settings: lessonSchema.parse({ minutes: 5, steps: steps.map(({ id }) => ({ id })) }),
	head: { fr: { title: 'x', description: 'x' }, en: { title: 'x', description: 'x' } },
	steps,
	setup: undefined,
	files: undefined,
});

/** Plays a whole round. @param says how each step's check ends @returns what ran, with ? for what is not told */
function played(
	lesson: Lesson,
	{
		inView = -1,
		begun = [] as string[],
		passed = [] as string[],
		says,
	}: { inView?: number; begun?: string[]; passed?: string[]; says: Record<string, string> },
) {
	const now = new Set(passed);
	const judged = new Map<string, 'passed' | 'failed' | 'error' | 'todo'>();
	const round: Round = { lesson, inView, begun: new Set(begun), before: new Set(passed), judged };
	const ran: string[] = [];
	for (let turn = 0; turn < 20; turn++) {
		const next = nextCheck(round, now, () => false);
		if (!next) return ran;
		const { id } = next.step;
		ran.push(`${id}${next.untold ? '?' : ''}`);
		const state = says[id] as 'passed' | 'failed' | 'error';
		if (state === 'passed') now.add(id);
		if (state === 'failed') now.delete(id);
		judged.set(id, state);
	}
	throw new Error('the round does not end');
}

test('from the first step not passed on while checks pass; the step that has not been begun is not told of', () => {
	const lesson = lessonOf(step('a'), step('b'), step('c'));
	assert.deepEqual(played(lesson, { says: { a: 'failed' } }), ['a']);
	assert.deepEqual(played(lesson, { says: { a: 'passed', b: 'failed' } }), ['a', 'b?']);
	assert.deepEqual(played(lesson, { passed: ['a'], says: { b: 'passed', c: 'passed' } }), ['b', 'c?']);
});

test('up to the step in view, whatever those before it say; what was only read is not told of; a broken check does not stop the others', () => {
	const lesson = lessonOf(step('a'), step('read', { check: undefined }), step('b'), step('c'));
	assert.deepEqual(played(lesson, { inView: 2, says: { a: 'failed', b: 'failed', c: 'passed' } }), ['a?', 'b?']);
	assert.deepEqual(played(lesson, { inView: 2, begun: ['b'], says: { a: 'failed', b: 'failed' } }), ['a?', 'b']);
	assert.deepEqual(played(lesson, { says: { a: 'error', b: 'error', c: 'failed' } }), ['a', 'b?', 'c?']);
});

test('who is still at a step that is passed has not tried the next one: its success is told, its failure once it is in view', () => {
	const lesson = lessonOf(step('a'), step('b'), step('c'));
	assert.deepEqual(played(lesson, { inView: 0, passed: ['a'], says: { b: 'failed' } }), ['b?']);
	assert.deepEqual(played(lesson, { inView: 0, passed: ['a'], says: { b: 'passed', c: 'failed' } }), ['b?', 'c?']);
	assert.deepEqual(played(lesson, { inView: 1, passed: ['a'], says: { b: 'failed' } }), ['b']);
	assert.deepEqual(played(lesson, { passed: ['a'], says: { b: 'failed' } }), ['b'], 'nothing is known of where they read');
});

test('a step that comes after others waits for them, unless it is in view', () => {
	const lesson = lessonOf(step('a'), step('b', { after: ['a'] }));
	assert.deepEqual(played(lesson, { inView: 0, says: { a: 'failed' } }), ['a']);
	assert.deepEqual(played(lesson, { inView: 1, begun: ['b'], says: { a: 'failed', b: 'failed' } }), ['a?', 'b']);
	assert.deepEqual(
		waitingFor(lesson, lesson.steps[1] as Lesson['steps'][0], new Set())?.message?.en,
		'This step comes after step 1: do that first.',
	);
	assert.equal(waitingFor(lesson, lesson.steps[1] as Lesson['steps'][0], new Set(['a'])), undefined);
});

test('a passed step that has to hold is looked at first, once, and stops the round where it is in view', () => {
	const lesson = lessonOf(step('a', { holds: 'now' }), step('b'), step('c'));
	assert.deepEqual(played(lesson, { inView: 1, passed: ['a'], says: { a: 'passed', b: 'failed' } }), ['a', 'b']);
	assert.deepEqual(played(lesson, { inView: 0, passed: ['a'], says: { a: 'failed' } }), ['a']);
	assert.deepEqual(played(lesson, { inView: 1, passed: ['a'], says: { a: 'failed', b: 'failed' } }), ['a', 'b']);
});

test('what follows from a verdict', () => {
	const plain = { passed: false, held: false, stale: false, untold: false };
	const failed = { state: 'failed', message: { en: 'not there' }, hint: 1 } as const;
	assert.deepEqual(standingOf({ ...plain, verdict: { state: 'passed' } }), { standing: { state: 'passed' }, store: 'passed' });
	assert.deepEqual(standingOf({ ...plain, stale: true, verdict: { state: 'passed' } }), { standing: { state: 'todo' } });
	assert.deepEqual(standingOf({ ...plain, verdict: failed }), { standing: failed });
	assert.deepEqual(standingOf({ ...plain, untold: true, verdict: failed }), { standing: { state: 'todo' } });
	assert.deepEqual(standingOf({ ...plain, passed: true, verdict: failed }), { standing: { state: 'passed' } });
	assert.deepEqual(standingOf({ ...plain, passed: true, held: true, verdict: failed }), {
		standing: { state: 'failed', message: { en: 'This step was done, but is no longer. not there' }, hint: 1 },
		store: 'dropped',
	});
	const broken = { state: 'error', message: { en: 'broken' }, detail: 'for the log' } as const;
	assert.deepEqual(standingOf({ ...plain, passed: true, held: true, verdict: broken }), { standing: { state: 'passed' } });
	assert.deepEqual(standingOf({ ...plain, untold: true, verdict: broken }), { standing: { state: 'error', message: { en: 'broken' } } });
});
