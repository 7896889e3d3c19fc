import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { loadCourses } from '../../src/courses/load.ts';
import type { Course } from '../../src/shared/course/course.ts';
import { makeCourse, makeLesson } from '../tools/authoring/make.ts';
import { refreshCourses } from './refresh-courses.ts';

let root: string;
let current: Course[];
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'etabli-refresh-'));
	makeCourse(root, 'ours');
	current = loadCourses(root).courses;
});
afterEach(() => rmSync(root, { recursive: true }));

function save(name: string, change: (text: string) => string): ReturnType<typeof refreshCourses> {
	const file = join(root, 'ours', name);
	mkdirSync(dirname(file), { recursive: true });
	let before = '';
	try {
		before = readFileSync(file, 'utf8');
	} catch {
		// A new file.
	}
	writeFileSync(file, change(before));
	return refreshCourses(current, loadCourses(root).courses);
}

test('a saved check is in the very lesson that the server has', () => {
	const lesson = current[0]?.lessons[0];
	const { checks, told, pages, restart } = save('01-first-steps/checks/copy.sh', (text) => `${text}# more\n`);
	assert.deepEqual(
		[checks, told, pages, restart],
		[[{ course: 'ours', lesson: 'first-steps', step: 'copy' }], ['ours/first-steps: checks/copy.sh'], false, false],
	);
	assert.equal(current[0]?.lessons[0], lesson);
	assert.match(lesson?.steps[1]?.check ?? '', /# more/);
});

test('what pages know by heart: a solution, the minutes, a new lesson', () => {
	assert.equal(save('01-first-steps/solutions/copy.sh', (text) => `${text}ls\n`).pages, true);
	assert.equal(save('01-first-steps/lesson.yaml', (text) => text.replace('minutes: 5', 'minutes: 6')).pages, true);
	assert.equal(current[0]?.lessons[0]?.settings.minutes, 6);
	makeLesson(root, 'ours', 'next');
	const { pages, told } = refreshCourses(current, loadCourses(root).courses);
	assert.deepEqual([pages, told], [true, ['ours: lessons first-steps, next']]);
	assert.equal(current[0]?.lessons[1]?.slug, 'next');
});

test('setup counts from the next reset on; a text alone is no affair of the server', () => {
	assert.match(save('01-first-steps/setup.sh', () => '#!/bin/sh\n').told.join(), /setup; it counts when/);
	assert.deepEqual(
		save('01-first-steps/fr.mdx', (text) => text.replace('bonjour', 'salut')),
		{ checks: [], told: [], pages: false, restart: false },
	);
});

test('what sandboxes are made with, and another course, need a new start', () => {
	assert.equal(save('course.yaml', (text) => `${text}limits: { memory: 2 GiB }\n`).restart, true);
	makeCourse(root, 'theirs');
	assert.equal(refreshCourses(current, loadCourses(root).courses).restart, true);
});

test('conditions that are saved are a check like any other, and nothing that pages know', () => {
	const { checks, told, pages } = save('01-first-steps/lesson.yaml', (text) => text.replace('[a-z]', '[a-m]'));
	assert.deepEqual(
		[checks, told, pages],
		[[{ course: 'ours', lesson: 'first-steps', step: 'write' }], ['ours/first-steps: conditions of "write"'], false],
	);
	assert.match(current[0]?.lessons[0]?.steps[0]?.check ?? '', /\[a-m\]/);
});
