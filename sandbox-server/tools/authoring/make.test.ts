import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCourse, makeLesson } from './make.ts';

test('the first lesson of a new course is titled in each language; a further one by its name', (t) => {
	const courses = mkdtempSync(join(tmpdir(), 'etabli-make-'));
	t.after(() => rmSync(courses, { recursive: true }));
	const title = (lesson: string, language: string) => /^title: (.*)$/m.exec(readFileSync(join(lesson, `${language}.mdx`), 'utf8'))?.[1];
	const first = join(makeCourse(courses, 'a-course'), '01-first-steps');
	assert.deepEqual([title(first, 'fr'), title(first, 'en')], ['"Premiers pas"', '"First steps"']);
	const second = makeLesson(courses, 'a-course', 'more-steps');
	assert.deepEqual([title(second, 'fr'), title(second, 'en')], ['"More steps"', '"More steps"']);
});
