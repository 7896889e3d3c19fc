import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lessonSchema } from '../../src/shared/course/course.ts';
import { testCourse, testLesson } from '../../tests/fixtures/in-process-sandboxes.ts';
import { LearnerValues } from './learner-values.ts';

const settings = lessonSchema.parse({
	minutes: 5,
	steps: [{ id: 'one' }],
	parameters: { port: '8000-8999', animal: ['heron', 'otter'], code: '6 letters' },
});
const lesson = testLesson('first', { settings });
const course = testCourse('a', { parameters: { cluster: ['north', 'south'] } }, [lesson]);
const secret = Buffer.alloc(32, 1);

test('a learner has the same values always, after a restart too; course and lesson together', () => {
	const values = new LearnerValues(secret).of({ owner: { seed: 'anna' }, course: course }, lesson);
	assert.deepEqual(Object.keys(values), ['cluster', 'port', 'animal', 'code']);
	assert.deepEqual(new LearnerValues(secret).of({ owner: { seed: 'anna' }, course: course }, lesson), values);
});

test('others have others, another server gives others, another course gives others', () => {
	const values = new LearnerValues(secret);
	const codes = new Set(
		Array.from({ length: 100 }, (_, number) => values.of({ owner: { seed: `learner-${number}` }, course: course }, lesson)['code']),
	);
	assert.equal(codes.size, 100);
	const own = values.of({ owner: { seed: 'anna' }, course: course }, lesson)['code'];
	assert.notEqual(new LearnerValues(Buffer.alloc(32, 2)).of({ owner: { seed: 'anna' }, course: course }, lesson)['code'], own);
	assert.notEqual(values.of({ owner: { seed: 'anna' }, course: testCourse('b', {}, [lesson]) }, lesson)['code'], own);
});

test('the choices of a list come about equally often', () => {
	const values = new LearnerValues(secret);
	const herons = Array.from({ length: 1000 }, (_, number) =>
		values.of({ owner: { seed: `learner-${number}` }, course: course }, lesson),
	).filter(({ animal }) => animal === 'heron');
	assert.ok(herons.length > 420 && herons.length < 580, `${herons.length} of 1000`);
});

test('a neighbour’s value is different from one’s own, for each parameter', () => {
	const values = new LearnerValues(secret);
	for (let number = 0; number < 50; number++) {
		const [own, other] = [
			values.of({ owner: { seed: String(number) }, course: course }, lesson),
			values.neighbour({ owner: { seed: String(number) }, course: course }, lesson),
		];
		assert.deepEqual(Object.keys(other).sort(), Object.keys(own).sort());
		for (const [name, value] of Object.entries(own)) assert.notEqual(other[name], value);
	}
});
