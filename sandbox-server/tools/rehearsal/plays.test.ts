import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadCourses } from '../../../src/courses/load.ts';
import { type Language, languages } from '../../../src/shared/language.ts';
import { makeCourse, makeLesson } from '../authoring/make.ts';
import { NoSuchLesson, plan, selectLessons } from './plays.ts';

let root: string;
before(() => {
	root = mkdtempSync(join(tmpdir(), 'etabli-plays-'));
	for (const course of ['one', 'two']) makeCourse(root, course);
	makeLesson(root, 'two', 'next');
});
after(() => rmSync(root, { recursive: true }));

const names = (word?: string) =>
	selectLessons(loadCourses(root).courses, word).map(({ course, lesson }) => `${course.slug}/${lesson.slug}`);

test('everything, a course, a lesson by its name, its folder, or its path as a shell completes it', () => {
	assert.deepEqual(names(), ['one/first-steps', 'two/first-steps', 'two/next']);
	assert.deepEqual(names('two'), ['two/first-steps', 'two/next']);
	for (const word of ['two/next', 'two/02-next', './courses/two/02-next/', 'courses/two/next'])
		assert.deepEqual(names(word), ['two/next'], word);
});

test('what does not exist is refused with what was probably meant, or what there is', () => {
	const rows: [string, RegExp][] = [
		['tow', /no course "tow"\. Did you mean "two"\?/],
		['three', /There are: one, two\./],
		['two/nxt', /no lesson "nxt"\. Did you mean "two\/next"\?/],
		['two/other', /There are: two\/first-steps, two\/next\./],
		['two/next/copy', /no lesson "next\/copy"/],
		['', /no course ""/],
	];
	for (const [word, expected] of rows)
		assert.throws(
			() => names(word),
			(error) => error instanceof NoSuchLesson && expected.test(error.message),
		);
});

test('solutions are played in each language, thoroughly once; blocks once for each set of commands', () => {
	const told = () =>
		plan(selectLessons(loadCourses(root).courses, 'one'), languages).map(
			({ language, way, thorough }) => `${language} ${way}${thorough ? ' thorough' : ''}`,
		);
	assert.deepEqual(told(), ['fr solution thorough', 'fr blocks', 'en solution']);
	const file = join(root, 'one/01-first-steps/en.mdx');
	writeFileSync(file, readFileSync(file, 'utf8').replace('ls kept', 'ls -l kept'));
	assert.deepEqual(told(), ['fr solution thorough', 'fr blocks', 'en solution', 'en blocks']);
	const [play] = plan(selectLessons(loadCourses(root).courses, 'one'), ['en']);
	assert.deepEqual(
		[play?.thorough, play?.blocks.get('copy')?.map(({ text }) => text), play?.hints.get('write')],
		[true, ['mkdir -p kept\ncp hello.txt kept/\nls -l kept'], 2],
	);
});

test('of several lessons of a course, the solutions in the last language are played in order, by one learner', () => {
	const told = (word: string, among: readonly Language[]) =>
		plan(selectLessons(loadCourses(root).courses, word), among)
			.filter(({ way }) => way !== 'blocks')
			.map(({ lesson, language, way, thorough }) => `${lesson.slug} ${language} ${way}${thorough ? ' thorough' : ''}`);
	const alone = ['first-steps fr solution thorough', 'next fr solution thorough'];
	assert.deepEqual(told('two', languages), [...alone, 'first-steps en in order', 'next en in order']);
	assert.deepEqual(told('two', ['fr']), [...alone, 'first-steps fr in order', 'next fr in order']);
	assert.deepEqual(told('two/next', languages), ['next fr solution thorough', 'next en solution']);
});
