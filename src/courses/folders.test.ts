import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { findCourses, pathsFromText } from './folders.ts';
import { lintCourses } from './lint.ts';
import { formatProblems, loadCourses } from './load.ts';

const demo = resolve(import.meta.dirname, '../../tests/fixtures/courses/demo');
let place: string;
beforeEach(() => {
	place = mkdtempSync(join(tmpdir(), 'etabli-places-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

function course(path: string, name?: string): string {
	const folder = join(place, path);
	cpSync(demo, folder, { recursive: true });
	if (name !== undefined) {
		writeFileSync(
			join(folder, 'course.yaml'),
			`name: ${name}\ntitle: { fr: Essai, en: Trial }\nsummary: { fr: Un essai., en: A trial. }\nauthors: [A]\n`,
		);
	}
	return folder;
}
const slugs = (paths: string | string[]) => loadCourses(paths).courses.map(({ slug }) => slug);

test('folders of courses and courses of their own, together', () => {
	course('many/one');
	course('many/two');
	const own = course('elsewhere/three');
	assert.deepEqual(slugs([join(place, 'many'), own]), ['one', 'three', 'two']);
	assert.deepEqual(slugs(own), ['three']);
	assert.deepEqual(formatProblems(lintCourses([join(place, 'many'), own]).filter(({ severity }) => !severity)), '');
});

test('what else is in a repository is no matter', () => {
	const own = course('cours-mpi');
	for (const folder of ['.git', '.github/workflows', 'docs', 'LICENSES']) mkdirSync(join(own, folder), { recursive: true });
	for (const file of ['README.md', 'LICENSE', '.gitignore', 'docs/notes.md']) writeFileSync(join(own, file), 'text\n');
	assert.equal(formatProblems(loadCourses(own).problems), '');
	assert.deepEqual(slugs(own), ['cours-mpi']);
});

test('a repository may have a name that is no name for a course: course.yaml gives one', () => {
	const own = course('Cours_HPC.git');
	assert.match(
		formatProblems(loadCourses(own).problems),
		/^Cours_HPC\.git\n {2}"Cours_HPC\.git" is not a name.*\n.*`name: …` in course\.yaml/,
	);
	rmSync(own, { recursive: true });
	assert.deepEqual(slugs(course('Cours_HPC.git', 'hpc')), ['hpc']);
	assert.match(formatProblems(loadCourses(course('other', 'No name')).problems), /"No name" is not a name for a course/);
});

test('two courses of one name: both places are named, and one message is enough', () => {
	const [a, b] = [course('a/same'), course('b/same')];
	const text = formatProblems(loadCourses([join(place, 'a'), join(place, 'b')]).problems);
	assert.equal(
		text,
		`${b}\n  Two courses are called "same": ${a} and ${b}.\n  → Give one of them another name: write \`name: …\` in its course.yaml, or leave one of the folders out.`,
	);
});

test('the same folder by two ways is one course', () => {
	const own = course('a/same');
	symlinkSync(own, join(place, 'link'));
	assert.deepEqual(slugs([join(place, 'a'), own, join(place, 'link')]), ['same']);
	assert.equal(findCourses(join(place, 'link')).folders[0]?.path, own);
});

test('with several folders, messages name the whole path', () => {
	const [a, b] = [course('a/one'), course('b/two')];
	rmSync(join(b, 'course.yaml'));
	assert.match(formatProblems(loadCourses([join(place, 'a'), join(place, 'b')]).problems), new RegExp(`^${b}/course\\.yaml\n`));
	assert.deepEqual(slugs([a, b]), ['one'], 'a folder without course.yaml is a folder of courses');
	assert.match(formatProblems(loadCourses([a, join(place, 'c')]).problems), /\/c\n {2}This folder of courses does not exist/);
});

test('a course that is linted alone is not told about others', () => {
	course('a/one');
	rmSync(join(course('b/two'), '01-first/en.mdx'));
	const both = [join(place, 'a'), join(place, 'b')];
	assert.deepEqual(
		lintCourses(both, 'one').filter(({ severity }) => !severity),
		[],
	);
	assert.match(formatProblems(lintCourses(both, 'two')), /two\/01-first\/en\.mdx\n {2}This file is missing/);
});

test('a course.yaml that is no YAML is told by the loader, under the name of its folder', () => {
	for (const text of ['title: *nobody\n', 'a: [', '- 1\n', 'name: [1]\n', '']) {
		const own = course('cours');
		writeFileSync(join(own, 'course.yaml'), text);
		assert.match(formatProblems(loadCourses(own).problems), /^cours\/course\.yaml/, text);
	}
});

test('several paths as one text', () => {
	assert.deepEqual(pathsFromText('a:/b:', '/base'), ['/base/a', '/b']);
	assert.deepEqual(pathsFromText('["/a:1", "b"]', '/base'), ['/a:1', '/base/b']);
});
