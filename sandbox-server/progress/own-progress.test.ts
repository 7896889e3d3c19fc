/** What is noted of a learner's work, and what their page is told of it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Course } from '../../src/shared/course/course.ts';
import type { Language } from '../../src/shared/language.ts';
import type { StepState } from '../../src/shared/protocol/api.ts';
import { testCourse } from '../http/stand-ins.ts';
import { bareLab } from '../labs/lab.ts';
import { openStore } from '../store/sqlite-store.ts';
import { ownProgress } from './own-progress.ts';
import { WorkRecorder } from './recorder.ts';

const minute = 60_000;
const other: Course = { ...testCourse, slug: 'slurm' };

function open(t: TestContext) {
	const store = openStore(':memory:');
	t.after(() => store.close());
	const clock = { now: 1_000 * minute };
	const told: string[] = [];
	const recorder = new WorkRecorder({ store, now: () => clock.now, log: { warn: (_: unknown, text: string) => told.push(text) } as never });
	const owner = store.createLearner();
	const [lab, second] = [testCourse, other].map((course) => bareLab({ owner, course })) as [
		ReturnType<typeof bareLab>,
		ReturnType<typeof bareLab>,
	];
	const judge = (step: string, state: StepState, message?: string, where = lab, lesson = 'first') => {
		if (state === 'passed') store.putStep(where.key, { lesson, step, state });
		recorder.judged(where, (language: Language) => ({ lesson, step, state, ...(message && { message: `${message} ${language}` }) }));
	};
	const progress = () => ownProgress([testCourse, other], owner.id, store);
	const first = () => progress().courses[0]?.lessons[0];
	return { store, clock, told, recorder, owner, lab, second, judge, progress, first };
}

test('nothing has been done: every step is to do, and the first lesson is where to begin', (t) => {
	const { progress } = open(t);
	const { courses, next } = progress();
	assert.deepEqual(
		courses.map(({ course, ms, last, lessons }) => [course, ms, last, lessons.map(({ lesson, steps }) => [lesson, steps.length])]),
		['apptainer', 'slurm'].map((course) => [
			course,
			0,
			undefined,
			[
				['first', 2],
				['second', 2],
			],
		]),
	);
	assert.deepEqual(courses[0]?.lessons[0]?.steps[0], { step: 'read', state: 'todo', tries: 0 });
	assert.deepEqual(next, { course: 'apptainer', lesson: 'first', step: 'read', begun: false });
});

test('tries are different sentences before the first pass; what was passed stays dated when it is taken back', (t) => {
	const { clock, judge, first, store, lab } = open(t);
	const pull = () => first()?.steps[1];
	judge('pull', 'failed', 'no file');
	judge('pull', 'failed', 'no file');
	assert.deepEqual(pull(), { step: 'pull', state: 'begun', tries: 1 });
	judge('pull', 'failed', 'empty');
	judge('pull', 'error', 'broken');
	judge('pull', 'failed', 'no file');
	clock.now += minute;
	judge('pull', 'passed');
	assert.deepEqual(pull(), { step: 'pull', state: 'passed', tries: 3, passed: clock.now });
	const { passed } = pull() ?? {};
	store.forgetSteps(lab.key, 'first', 'pull');
	judge('pull', 'todo');
	clock.now += minute;
	judge('pull', 'failed', 'something else');
	assert.deepEqual(pull(), { step: 'pull', state: 'begun', tries: 3, passed });
	const kept = JSON.stringify([store.ownWork.steps(lab.key.learner), store.ownWork.times(lab.key.learner)]);
	assert.ok(!kept.includes('no file'), 'what checks said is not kept');
});

test('time is counted by lesson, once for a person who works in two courses, and pauses are not', (t) => {
	const { clock, recorder, lab, second, progress } = open(t);
	recorder.sign(lab, 'first', 2 * minute);
	clock.now += 3 * minute;
	recorder.sign(second, 'first');
	clock.now += minute;
	recorder.sign(lab, 'second', minute);
	clock.now += 60 * minute;
	recorder.sign(lab, 'second');
	clock.now += 4 * minute;
	recorder.sign(lab, 'gone');
	const { courses, next } = progress();
	const [apptainer, slurm] = courses;
	assert.deepEqual(
		apptainer?.lessons.map(({ ms }) => ms / minute),
		[2, 1],
	);
	assert.equal(apptainer?.ms, 7 * minute, 'with a lesson that the course no longer has');
	assert.deepEqual([slurm?.ms, apptainer?.last], [3 * minute, clock.now]);
	assert.deepEqual(next, { course: 'apptainer', lesson: 'first', step: 'read', begun: true });
});

test('one goes on in the course and the lesson where one was, then with the lesson after it, then with what was left out', (t) => {
	const { clock, judge, second, progress } = open(t);
	const next = () => {
		clock.now += minute;
		const { course, lesson, step } = progress().next ?? {};
		return course && `${course}/${lesson}/${step}`;
	};
	judge('read', 'passed', undefined, second, 'first');
	assert.equal(next(), 'slurm/first/pull');
	judge('pull', 'failed', 'no', second, 'second');
	assert.equal(next(), 'slurm/second/read');
	for (const step of ['read', 'pull']) judge(step, 'passed', undefined, second, 'second');
	assert.equal(next(), 'slurm/first/pull');
	judge('pull', 'passed', undefined, second, 'first');
	assert.equal(next(), 'apptainer/first/read', 'that course is done');
	assert.equal(progress().next?.begun, false);
	for (const lesson of ['first', 'second']) for (const step of ['read', 'pull']) judge(step, 'passed', undefined, undefined, lesson);
	assert.equal(next(), undefined);
});

test('a lesson that is forgotten takes its tries and its time along, and no other’s', (t) => {
	const { clock, judge, recorder, lab, second, store, progress } = open(t);
	for (const [where, lesson] of [
		[lab, 'first'],
		[lab, 'second'],
		[second, 'first'],
	] as const) {
		recorder.sign(where, lesson, minute);
		judge('pull', 'failed', 'no', where, lesson);
		clock.now += 60 * minute;
	}
	const known = () =>
		progress().courses.flatMap(({ course, lessons }) =>
			lessons.filter(({ ms }) => ms > 0).map(({ lesson, ms, steps }) => `${course}/${lesson} ${ms / minute} ${steps[1]?.tries}`),
		);
	assert.deepEqual(known(), ['apptainer/first 1 1', 'apptainer/second 1 1', 'slurm/first 1 1']);
	store.forgetSteps(lab.key, 'first');
	assert.deepEqual(known(), ['apptainer/second 1 1', 'slurm/first 1 1']);
	store.forgetSteps(lab.key);
	assert.deepEqual(known(), ['slurm/first 1 1']);
});

test('what cannot be noted is told in the log, and hurts nobody', (t) => {
	const { recorder, lab, store, judge, told } = open(t);
	store.people.forgetVisitors(Date.now() + 1);
	recorder.sign(lab, 'first');
	judge('pull', 'failed', 'no');
	assert.equal(told.length, 2);
	assert.deepEqual(store.ownWork.times(lab.key.learner), []);
});
