import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isError, lintCourses } from './lint.ts';
import { formatProblems } from './problem.ts';

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'etabli-lint-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const body = '<Step id="one">\n\n## One\n\n```bash run\ntouch one\n```\n\n<Hint>\nLook.\n</Hint>\n<Solution>\n</Solution>\n</Step>\n';
const text = (more = '', step = body) => `---\ntitle: T\ndescription: D\n---\n\n${step}\n${more}`;
const good: Record<string, string> = {
	'demo/course.yaml': 'title: { fr: Démo, en: Demo }\nsummary: { fr: Un, en: One }\nauthors: [A]\n',
	'demo/image/Dockerfile': 'ARG BASE\nFROM ${BASE}\n',
	'demo/01-first/lesson.yaml': 'minutes: 1\nsteps:\n  - id: one\n',
	'demo/01-first/fr.mdx': text(),
	'demo/01-first/en.mdx': text(),
	'demo/01-first/checks/one.sh': "#!/bin/bash\n. /opt/etabli/check.sh\n[ -e one ] || fail 'Non.' 'No.' hint 1\npass\n",
	'demo/01-first/solutions/one.sh': '#!/bin/bash\ntouch one\n',
};

function found(changes: Record<string, string> = {}): string {
	for (const [path, content] of Object.entries({ ...good, ...changes })) {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), content);
	}
	return formatProblems(lintCourses(root));
}

test('a good course has no problem', () => assert.equal(found(), ''));

test('the courses that are taught have no problem, not even a warning', () => {
	assert.equal(formatProblems(lintCourses(resolve(import.meta.dirname, '../../courses'))), '');
});

const en = 'demo/01-first/en.mdx';
const withRun = (commands: string) => ({ [en]: text('', body.replace('touch one', commands)) });
const rows: [string, Record<string, string>, RegExp][] = [
	['a picture that does not exist', { [en]: text('![A cow](cow.png)') }, /en\.mdx:21\n {2}The image cow\.png does not exist\.\n {2}→ /],
	['a picture without words', { [en]: text('![](https://example.org/x.png)') }, /no alternative text/],
	['an <img> without alt', { [en]: text('<img src="https://example.org/x.png" />') }, /no alternative text/],
	[
		'a link to a lesson that does not exist',
		{ [en]: text('[next](../frist/)') },
		/The link \.\.\/frist\/ leads to no page\.\n {2}→ .*\/en\/demo\/first\//,
	],
	['a link to a file', { [en]: text('[it](files/x.txt)') }, /leads to no page/],
	['a heading that jumps', { [en]: text('#### Deep') }, /The heading jumps from ## to ####/],
	['a second title', { [en]: text('# Big') }, /single #/],
	['a tag never closed', { [en]: text('<Quiz question="x">') }, /<Quiz> is never closed/],
	['a tag closed twice', { [en]: text('</Why>') }, /<\/Why> closes nothing/],
	[
		'a loop over several lines',
		withRun('for i in 1 2; do\necho $i\ndone'),
		/en\.mdx:11\n.*step "one".*\n {2}→ Commands are typed one by one/,
	],
	['an open quote', withRun('ls\necho "x'), /en\.mdx:12\n.*does not understand.*\n {2}→ .*quote/],
	['a solution that is not shell', { 'demo/01-first/solutions/one.sh': '#!/bin/bash\ntouch (one\n' }, /solutions\/one\.sh:2\n.*step "one"/],
	['an empty solution', { 'demo/01-first/solutions/one.sh': '#!/bin/bash\n# later\n' }, /solutions\/one\.sh\n.*"one" has no command/],
	[
		'a check that is not shell',
		{ 'demo/01-first/checks/one.sh': '#!/bin/sh\nif true; then\n' },
		/checks\/one\.sh:\d\n.*does not understand this script/,
	],
	[
		'a hint that is not there',
		{ 'demo/01-first/checks/one.sh': "#!/bin/bash\nfail 'Non.' 'No.' hint 3\n" },
		/checks\/one\.sh:2\n {2}This points at hint 3, and the step "one" has 1 in fr\.mdx/,
	],
	[
		'commands that no check looks at',
		{ 'demo/01-first/lesson.yaml': 'minutes: 1\nsteps:\n  - id: one\n    check: false\n' },
		/Remove this file/,
	],
	[
		'other commands in the other language',
		{ [en]: text('', body.replace('bash run', 'bash')) },
		/Warning: The step "one" has 0 run blocks here and 1 in fr\.mdx/,
	],
	[
		'a time that is far off',
		{ 'demo/01-first/lesson.yaml': 'minutes: 90\nsteps:\n  - id: one\n' },
		/Warning: lesson\.yaml announces 90 min/,
	],
];
for (const [name, changes, expected] of rows) test(name, () => assert.match(found(changes), expected));

test('links that are good: pages, anchors, other sites', () => {
	const links =
		'[a](../first/) [b](/fr/demo/first/#one) [c](#one) [d](https://example.org) [e](mailto:a@example.org) [f](/en/) [g](/en/demo/)';
	assert.equal(found({ [en]: text(links) }), '');
});

test('a for, an if, a here-document on lines that bash takes as one command are good', () => {
	assert.equal(found(withRun("for i in 1 2; do echo $i; done\ncat > f <<'EOF'\nif then\nEOF\necho \\\n  x")), '');
});

test('all problems of all courses in one run; warnings are no errors', () => {
	const other = Object.fromEntries(Object.entries(good).map(([path, content]) => [path.replace('demo/', 'other/'), content]));
	found({ ...other, 'other/course.yaml': 'titel: x\n', 'other/01-first/fr.mdx': text('![x](y.png)'), [en]: text('# Big') });
	const problems = lintCourses(root);
	assert.match(formatProblems(problems), /single #[\s\S]*y\.png[\s\S]*titel/);
	assert.equal(formatProblems(lintCourses(root, 'demo')).includes('other/'), false);
	assert.ok(!isError({ file: '', what: '', remedy: '', severity: 'warning' }));
});

test('signs that MDX takes for a program or a tag are told; remarks, values of tags and code are good', () => {
	for (const line of ['The set {a, b}.', 'if a < b', 'a <1 MB'])
		assert.match(found({ 'demo/01-first/fr.mdx': text(line) }), /fr\.mdx:\d+\n.*A bare [{<] /);
	const fine = ['{/* a remark */}', 'a \\{ b \\< c', '`{x}` and `a < b`', '<Quiz question="q">\n<Choice>\nx\n</Choice>\n</Quiz>'];
	for (const line of fine) assert.doesNotMatch(found({ 'demo/01-first/fr.mdx': text(line) }), /A bare/);
});

test('a script with line ends of Windows, and a lesson without its number', () => {
	assert.match(found({ 'demo/01-first/checks/one.sh': '#!/bin/bash\r\nexit 0\r\n' }), /checks\/one\.sh:1\n.*as on Windows.*\n.*sed -i/);
	assert.match(found({ 'demo/second/lesson.yaml': 'minutes: 1\n' }), /demo\/second\n.*its number.*\n.*01-second/);
});
