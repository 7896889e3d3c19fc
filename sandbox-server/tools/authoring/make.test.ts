import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadCourses } from '../../../src/courses/load.ts';
import { makeCourse, makeLesson } from './make.ts';

test('the first lesson of a new course is titled in each language; a further one by its name', (t) => {
	const courses = mkdtempSync(join(tmpdir(), 'etabli-make-'));
	t.after(() => rmSync(courses, { recursive: true }));
	const title = (lesson: string, language: string) => /^title: (.*)$/m.exec(readFileSync(join(lesson, `${language}.mdx`), 'utf8'))?.[1];
	const first = join(makeCourse(courses, 'a-course'), '01-first-steps');
	assert.deepEqual([title(first, 'fr'), title(first, 'en')], ['"Premiers pas"', '"First steps"']);
	const second = makeLesson(courses, 'a-course', 'more-steps').path;
	assert.deepEqual([title(second, 'fr'), title(second, 'en')], ['"More steps"', '"More steps"']);
});

test('a lesson with a cluster says so itself where its course does not, and what the course’s image lacks is told with the lines', (t) => {
	const courses = mkdtempSync(join(tmpdir(), 'etabli-make-'));
	t.after(() => rmSync(courses, { recursive: true }));
	const says = (lesson: string) => /^cluster: slurm$/m.test(readFileSync(join(lesson, 'lesson.yaml'), 'utf8'));
	const whole = makeCourse(courses, 'whole', { cluster: true });
	assert.ok(!says(join(whole, '01-first-jobs')), 'the course says it');
	const second = makeLesson(courses, 'whole', 'next', { cluster: true });
	assert.ok(!says(second.path));
	assert.deepEqual(second.problems, []);

	const plain = makeCourse(courses, 'plain');
	const added = makeLesson(courses, 'plain', 'jobs', { cluster: true });
	assert.ok(says(added.path));
	assert.deepEqual(
		added.problems.map(({ file }) => file),
		['plain/image/Dockerfile'],
	);
	const further = makeLesson(courses, 'plain', 'more-jobs', { cluster: true });
	assert.deepEqual([further.problems, further.dockerLines], [added.problems, added.dockerLines], 'the first one’s lines are not there yet');
	// As an author does it who follows what is said.
	const dockerfile = join(plain, 'image/Dockerfile');
	writeFileSync(
		dockerfile,
		readFileSync(dockerfile, 'utf8').replace('RUN useradd', () => `${added.dockerLines}\nRUN useradd`),
	);
	assert.deepEqual(loadCourses(courses).problems, []);

	const shaped = makeCourse(courses, 'shaped');
	const settings = join(shaped, 'course.yaml');
	writeFileSync(settings, `${readFileSync(settings, 'utf8')}cluster: { type: slurm, nodes: 4 }\n`);
	const inShape = makeLesson(courses, 'shaped', 'jobs', { cluster: true });
	assert.ok(!says(inShape.path), 'the course says it, though its image has no Slurm yet');
	assert.deepEqual(
		inShape.problems.map(({ file }) => file),
		['shaped/image/Dockerfile'],
	);
	assert.equal(inShape.dockerLines, added.dockerLines);

	const other = makeCourse(courses, 'other', { cluster: true });
	writeFileSync(join(other, 'image/Dockerfile'), 'FROM scratch');
	assert.deepEqual(makeLesson(courses, 'other', 'no-cluster').problems, [], 'what was wrong before is not this lesson’s');
});
