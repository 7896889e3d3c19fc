import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { formatProblems, loadCourses } from './load.ts';

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'etabli-courses-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const step = (id: string, title = 'Title') =>
	`<Step id="${id}">\n## ${title}\n\n\`\`\`bash run\nls\n\`\`\`\n\n<Hint>\nLook.\n</Hint>\n<Solution>\n</Solution>\n</Step>\n`;
const good: Record<string, string> = {
	'demo/course.yaml': 'title: { fr: Démo, en: Demo }\nsummary: { fr: Un, en: One }\nauthors: [A]\n',
	'demo/image/Dockerfile': 'ARG BASE\nFROM ${BASE}\n',
	'demo/01-first/lesson.yaml': 'minutes: 5\nsteps:\n  - id: one\n  - id: two\n',
	'demo/01-first/fr.mdx': `---\ntitle: Un\ndescription: Deux\n---\n\n${step('one')}\n${step('two')}`,
	'demo/01-first/en.mdx': `---\ntitle: One\ndescription: Two\n---\n\n${step('one')}\n${step('two')}`,
	'demo/01-first/checks/one.sh': '#!/bin/bash\nexit 0\n',
	'demo/01-first/checks/two.sh': '#!/bin/bash\nexit 0\n',
	'demo/01-first/solutions/one.sh': 'ls\n',
	'demo/01-first/solutions/two.sh': 'ls\n',
};

/** Writes the good course with some files changed (undefined: left out) and returns its problems as a person reads them. */
function problems(changes: Record<string, string | undefined>): string {
	for (const [path, text] of Object.entries({ ...good, ...changes })) {
		if (text === undefined) continue;
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), text);
	}
	return formatProblems(loadCourses(root).problems);
}

test('a good course loads with its steps, scripts and defaults', () => {
	assert.equal(problems({ 'demo/01-first/setup.sh': '#!/bin/sh\ntrue\n', 'demo/01-first/files/a.txt': 'a' }), '');
	const [course] = loadCourses(root).courses;
	assert.equal(course?.slug, 'demo');
	assert.equal(course.settings.limits.memory, 2 ** 30);
	const [lesson] = course.lessons;
	assert.equal(lesson?.slug, 'first');
	assert.equal(lesson.folder, '01-first');
	assert.deepEqual(
		lesson.steps.map((s) => s.id),
		['one', 'two'],
	);
	assert.equal(lesson.head.fr.title, 'Un');
	assert.equal(lesson.files, join(root, 'demo/01-first/files'));
});

test('an unknown key is named with its line and the key that was meant', () => {
	const text = problems({ 'demo/course.yaml': 'title: { fr: D, en: D }\nsumary: { fr: Un, en: One }\nauthors: [A]\n' });
	assert.match(text, /demo\/course\.yaml:2\n {2}`sumary` is not a key that exists here\.\n {2}→ Write `summary`/);
	assert.match(text, /`summary` is missing/);
});

test('a value of the wrong kind says where, what was expected and what to write', () => {
	const text = problems({ 'demo/01-first/lesson.yaml': 'minutes: soon\nsteps:\n  - id: one\n  - id: Two\n' });
	assert.match(text, /lesson\.yaml:1\n {2}`minutes` is "soon", which is not as expected\.\n {2}→ Write a number \(how long/);
	assert.match(text, /lesson\.yaml:4\n {2}`steps\.1\.id`.*\n {2}→ Write small letters/);
});

test('broken YAML names its line', () => {
	assert.match(
		problems({ 'demo/course.yaml': 'title: { fr: D, en: D\nsummary: x\n' }),
		/course\.yaml:1\n {2}The \{ of this line is never closed/,
	);
});

test('a size without a unit is explained', () => {
	const text = problems({ 'demo/course.yaml': `${good['demo/course.yaml']}limits: { memory: '12' }\n` });
	assert.match(text, /`limits\.memory` is "12"[\s\S]*a size such as "512 MiB"/);
});

test('folders that would fill the whole memory', () => {
	const text = problems({ 'demo/course.yaml': `${good['demo/course.yaml']}limits: { memory: 512 MiB }\n` });
	assert.match(text, /`limits\.memory`.*together they may be at most 384 MiB/);
});

test('a step in French but not in English, and the reverse', () => {
	const text = problems({ 'demo/01-first/en.mdx': `---\ntitle: One\ndescription: Two\n---\n\n${step('one')}\n${step('tow')}` });
	assert.match(text, /01-first\/en\.mdx\n {2}The step "two" of lesson\.yaml is not in this text/);
	assert.match(text, /01-first\/en\.mdx:\d+\n {2}The step "tow" is not in lesson\.yaml\.\n {2}→ Write <Step id="two">/);
});

test('steps in another order', () => {
	const text = problems({ 'demo/01-first/en.mdx': `---\ntitle: One\ndescription: Two\n---\n\n${step('two')}\n${step('one')}` });
	assert.match(text, /another order than in lesson\.yaml/);
});

for (const [name, changes, expected] of [
	['a missing check', { 'demo/01-first/checks/two.sh': undefined }, /checks\/two\.sh\n {2}The step "two" has no such file/],
	['a missing solution', { 'demo/01-first/solutions/two.sh': undefined }, /solutions\/two\.sh/],
	['a missing language', { 'demo/01-first/en.mdx': undefined }, /en\.mdx\n {2}This file is missing/],
	['a check of no step', { 'demo/01-first/checks/twoo.sh': '#!/bin/sh\n' }, /checks\/twoo\.sh\n.*belongs to no step.*\n.*Name it two\.sh/],
	['a check without interpreter', { 'demo/01-first/checks/two.sh': 'exit 0\n' }, /checks\/two\.sh:1\n.*which program runs/],
	['a missing Dockerfile', { 'demo/image/Dockerfile': undefined }, /demo\/image\n.*no Dockerfile/],
	[
		'a cluster without Slurm',
		{ 'demo/course.yaml': `${good['demo/course.yaml']}cluster: slurm\n` },
		/image\/Dockerfile\n {2}course\.yaml asks for a Slurm cluster/,
	],
	[
		'clusters of two shapes',
		{
			'demo/course.yaml': `${good['demo/course.yaml']}cluster: slurm\n`,
			'demo/01-first/lesson.yaml': `${good['demo/01-first/lesson.yaml']}cluster: { type: slurm, nodes: 3 }\n`,
			'demo/image/Dockerfile': 'ARG BASE\nFROM ${BASE}\nRUN apt-get install -y slurmd slurmctld\n',
		},
		/course\.yaml\n {2}course\.yaml, 01-first\/lesson\.yaml ask for clusters of different shapes/,
	],
	[
		'a cluster of learners who are root',
		{
			'demo/course.yaml': `${good['demo/course.yaml']}user: root\ncluster: slurm\n`,
			'demo/image/Dockerfile': 'ARG BASE\nFROM ${BASE}\nRUN apt-get install -y slurmd slurmctld\n',
		},
		/course\.yaml\n {2}A cluster does not go with `user: root`/,
	],
	[
		'nested containers where there can be none',
		{ 'demo/course.yaml': `${good['demo/course.yaml']}runtime: runsc\nneeds: [nested-containers]\n` },
		/course\.yaml:\d+\n {2}The course asks for `needs: \[nested-containers\]`, which cannot be had with `runtime: runsc` \(gVisor\)\.\n.*Leave one of them out/,
	],
	[
		'a need that there is not',
		{ 'demo/course.yaml': `${good['demo/course.yaml']}needs: [nested-container]\n` },
		/course\.yaml:\d+\n {2}`needs\.0`/,
	],
	['a head left out', { 'demo/01-first/fr.mdx': step('one') }, /fr\.mdx:1\n.*head with the title is missing/],
	[
		'an unknown key in the head',
		{ 'demo/01-first/fr.mdx': `---\ntitel: Un\ndescription: x\n---\n${step('one')}${step('two')}` },
		/fr\.mdx:2\n {2}`titel`.*\n.*Write `title`/,
	],
	[
		'a step never closed',
		{ 'demo/01-first/fr.mdx': `---\ntitle: U\ndescription: x\n---\n${step('one')}\n<Step id="two">\n## T\n` },
		/fr\.mdx:\d+\n {2}The step "two" is never closed/,
	],
	[
		'a hint outside of a step',
		{ 'demo/01-first/fr.mdx': `${good['demo/01-first/fr.mdx']}\n<Hint>\nx\n</Hint>\n` },
		/<Hint> stands outside of any step/,
	],
	[
		'a run block that is no shell',
		{ 'demo/01-first/fr.mdx': `${good['demo/01-first/fr.mdx']}\n\`\`\`python run\nx\n\`\`\`\n` },
		/"python" cannot be run/,
	],
	[
		'a code block never closed',
		{ 'demo/01-first/fr.mdx': `${good['demo/01-first/fr.mdx']}\n\`\`\`bash\nx\n` },
		/code block is never closed/,
	],
	['a badly named lesson', { 'demo/1-first/lesson.yaml': '' }, /demo\/1-first\n.*not a name for a lesson/],
] as const) {
	test(name, () => assert.match(problems(changes), expected));
}

test('tags in code are not steps', () => {
	const text = `${good['demo/01-first/fr.mdx']}\nWrite \`<Step id="x">\`:\n\n\`\`\`mdx\n<Step id="y">\n\`\`\`\n`;
	assert.equal(problems({ 'demo/01-first/fr.mdx': text }), '');
});

test('every problem of a course is told in one run', () => {
	const text = problems({ 'demo/course.yaml': 'titel: x\n', 'demo/01-first/en.mdx': undefined, 'demo/01-first/checks/one.sh': undefined });
	for (const expected of [/titel/, /en\.mdx/, /checks\/one\.sh/]) assert.match(text, expected);
});

test('no folder, and an empty one', () => {
	assert.match(formatProblems(loadCourses(join(root, 'none')).problems), /does not exist/);
	assert.match(formatProblems(loadCourses(root).problems), /no course in this folder/);
});

const quiz = (attributes = '') => `<Quiz question="Q?"${attributes}>\n<Choice>A</Choice>\n<Choice correct>B</Choice>\n</Quiz>\n`;
/** The step "two" is of questions alone; the quizzes stand in its text and after it. */
const withQuiz = (check: string, inside = quiz(), more = '', english = inside): Record<string, string | undefined> => {
	const text = (body: string) => `---\ntitle: T\ndescription: D\n---\n\n${step('one')}\n<Step id="two">\n## Two\n\n${body}</Step>\n${more}`;
	return {
		'demo/01-first/lesson.yaml': `minutes: 5\nsteps:\n  - id: one\n  - id: two\n    check: ${check}\n`,
		'demo/01-first/fr.mdx': text(inside),
		'demo/01-first/en.mdx': text(english),
		'demo/01-first/checks/two.sh': undefined,
		'demo/01-first/solutions/two.sh': undefined,
	};
};

test('a step of questions alone needs no commands, no hint and no solution; the server knows the right choices of both languages', () => {
	const swapped = '<Quiz question="Q?">\n<Choice correct>B</Choice>\n<Choice>A</Choice>\n</Quiz>\n';
	assert.equal(problems(withQuiz('{ quiz: all }', quiz(), '', swapped)), '');
	const lesson = loadCourses(root).courses[0]?.lessons[0];
	assert.deepEqual(lesson?.quizzes, [{ id: '1', step: 'two', choices: { fr: 2, en: 2 }, correct: { fr: [1], en: [0] } }]);
	assert.equal(lesson.steps[1]?.quizOnly, true);
	assert.deepEqual(lesson.steps[1]?.quizzes, [
		{
			id: '1',
			fail: {
				fr: 'La question de cette étape attend encore sa bonne réponse\u00a0: répondez-y.',
				en: 'This step’s question still waits for its right answer: answer it.',
			},
		},
	]);
});

for (const [name, changes, expected] of [
	[
		'a quiz that is not there',
		withQuiz('{ quiz: wher }', quiz(' id="where"')),
		/lesson\.yaml:5\n {2}There is no quiz "wher".*\n {2}→ Write `where`/,
	],
	[
		'a quiz in one language only',
		withQuiz('{ quiz: where }', quiz(' id="where"'), '', quiz()),
		/There is no quiz "where" in both languages/,
	],
	['all quizzes of a step without any', withQuiz('{ quiz: all }', 'Text.\n', quiz()), /no quiz stands in it/],
	[
		'a quiz with no right choice',
		withQuiz('{ quiz: all }', '<Quiz question="Q?">\n<Choice>A</Choice>\n</Quiz>\n'),
		/No choice of the quiz "1" is right.*\n {2}→ Write <Choice correct>/,
	],
	[
		'two quizzes of one name',
		withQuiz('{ quiz: where }', quiz(' id="where"') + quiz(' id="where"')),
		/fr\.mdx:\d+\n {2}The quiz "where" stands here twice/,
	],
	['a quiz with a bad name', withQuiz('{ quiz: all }', quiz(' id="Where?"')), /"Where\?" is not a name for a quiz/],
] as const) {
	test(name, () => assert.match(problems(changes), expected));
}

test('a lesson with a problem is left out, the rest of its course stays; a course whose own files have one is left out as a whole', () => {
	const more = Object.fromEntries(Object.entries(good).map(([path, text]) => [path.replace('01-first', '02-second'), text]));
	problems({ ...more, 'demo/02-second/fr.mdx': 'no head' });
	const served = () => {
		const { courses, leftOut } = loadCourses(root);
		return [courses.map(({ slug, lessons }) => `${slug}: ${lessons.map(({ folder }) => folder).join()}`), leftOut];
	};
	assert.deepEqual(served(), [['demo: 01-first'], ['demo/02-second']]);
	problems({ ...more, 'demo/course.yaml': 'titel: x\n' });
	assert.deepEqual(served(), [[], ['demo']]);
});

test('what leads out of a course, or is no file, is told wherever it lies, and not waited for', () => {
	problems({ 'demo/01-first/blocks/a.sh': 'ls\n', 'outside/x': 'x' });
	const at = (path: string) => join(root, 'demo', path);
	for (const path of ['01-first/blocks/pipe.sh', '01-first/files/deep/pipe', 'image/pipe', '.etabli-version', '01-first/setup.sh']) {
		mkdirSync(dirname(at(path)), { recursive: true });
		assert.equal(spawnSync('mkfifo', [at(path)]).status, 0);
	}
	symlinkSync('../../../outside/x', at('01-first/blocks/link.sh'));
	symlinkSync('../../../outside', at('01-first/files/folder'));
	symlinkSync('/dev/zero', at('01-first/files/zero'));
	symlinkSync('a.sh', at('01-first/blocks/fine.sh'));
	const told = formatProblems(loadCourses(root).problems);
	for (const path of ['01-first/blocks/pipe.sh', '01-first/files/deep/pipe', 'image/pipe', '.etabli-version', '01-first/setup.sh'])
		assert.match(told, new RegExp(`demo/${path}\\n {2}This is a pipe, and no file\\.\\n {2}→ `));
	for (const path of ['01-first/blocks/link.sh', '01-first/files/folder', '01-first/files/zero'])
		assert.match(told, new RegExp(`demo/${path}\\n {2}This link leads out of the course, to `));
	assert.doesNotMatch(told, /fine\.sh/);
});

test('a block of a file that is a pipe is told, and not waited for', () => {
	problems({ 'demo/01-first/blocks/a.sh': 'ls\n' });
	assert.equal(spawnSync('mkfifo', [join(root, 'demo/01-first/blocks/pipe.sh')]).status, 0);
	const text = `${good['demo/01-first/fr.mdx']}\n\`\`\`bash from=blocks/pipe.sh\n\`\`\`\n`;
	assert.match(problems({ 'demo/01-first/fr.mdx': text }), /blocks\/pipe\.sh: This is no file/);
});

test('images are built from folders of the course alone', () => {
	const from = (line: string) => problems({ 'demo/course.yaml': `${good['demo/course.yaml']}${line}\n` });
	for (const line of [
		'image: image/../../outside',
		'image: a/../..',
		'registry: [{ name: "x:1", from: ../outside }]',
		'registry: [{ name: "x:1", from: a/../../demo2 }]',
	])
		assert.match(from(line), /course\.yaml\n {2}course\.yaml builds an image from .*, outside of the course\.\n {2}→ Put the folder/, line);
	assert.equal(from('image: ./image/../image'.replace('./', '')), '');
});

test('a head that the site would read otherwise', () => {
	const text = (good['demo/01-first/fr.mdx'] ?? '').replace('description: Deux', 'description: "Deux\n  +++ x"\n+++: x');
	assert.match(problems({ 'demo/01-first/fr.mdx': text }), /fr\.mdx:5\n {2}This line of the head begins with --- or \+\+\+/);
});
