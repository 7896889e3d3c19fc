/** What lint says of a course. (Over 400 lines: a case for each mistake of an author, over the same course.) */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isError, lintCourses } from './lint.ts';
import { loadCourses } from './load.ts';
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

function found(changes: Record<string, string | undefined> = {}): string {
	for (const [path, content] of Object.entries({ ...good, ...changes })) {
		if (content === undefined) continue;
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), content);
	}
	return formatProblems(lintCourses(root));
}

test('a good course has no problem', () => assert.equal(found(), ''));

test('the courses that are taught have no problem, not even a warning', () => {
	assert.equal(formatProblems(lintCourses(resolve(import.meta.dirname, '../../courses'))), '');
});

const fr = 'demo/01-first/fr.mdx';
const en = 'demo/01-first/en.mdx';
const cast = '{"version": 3, "term": {"cols": 80, "rows": 24}}\n[0.1, "o", "a"]\n';
const withRun = (commands: string) => ({ [en]: text('', body.replace('touch one', commands)) });
const withOpen = (line: string) => body.replace('```bash run', `\`\`\`text open=a.txt ${line}\nx\n\`\`\`\n\n\`\`\`bash run`);
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
	[
		'a diagram of a kind that is not drawn',
		{ [en]: text('```mermaid\nflowchart TD\nA --> B\nsubgraph x\n```') },
		/en\.mdx:24\n {2}Warning: This line of the diagram is not understood: "subgraph x"\.\n {2}→ What is drawn/,
	],
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
		'another command in the other language',
		withRun('touch one two'),
		/en\.mdx:10\n.*Warning: These commands differ from those of fr\.mdx \(line 10\) in more than .*\n.*from=blocks/,
	],
	[
		'a block that asks for something else in the other language',
		{ [en]: text('', body.replace('bash run', 'bash run terminal=2')) },
		/en\.mdx:10\n.*Warning: This block says "run terminal=2", and its twin in fr\.mdx \(line 10\) "run"/,
	],
	[
		'a block for a node of a cluster that there is not',
		{ [en]: text('', body.replace('bash run', 'bash run host=c1')) },
		/en\.mdx:10\n {2}This block is for the node "c1", and the lesson has no cluster\.\n.*Write `cluster: slurm` in lesson\.yaml/,
	],
	[
		'a block for a node that the cluster does not have',
		{
			'demo/01-first/lesson.yaml': `cluster: slurm\n${good['demo/01-first/lesson.yaml']}`,
			'demo/image/Dockerfile': 'RUN apt-get install -y slurmd slurmctld\n',
			[en]: text('', body.replace('bash run', 'bash run host=c3')),
		},
		/en\.mdx:10\n {2}This block is for the node "c3", and the lesson’s cluster has c1, c2\.\n.*Write host=c2, or give the cluster more `nodes`/,
	],
	[
		'a block that opens a file at another line in the other language',
		{ [fr]: text('', withOpen('line=2')), [en]: text('', withOpen('line=3')) },
		/en\.mdx:10\n.*Warning: This block says "open=a\.txt line=3", and its twin in fr\.mdx \(line 10\) "open=a\.txt line=2"/,
	],
	[
		'a word that means nothing',
		{ [en]: text('', body.replace('bash run', 'bash rnu')) },
		/en\.mdx:10\n {2}"rnu" means nothing.*\n.*Write "run"/,
	],
	[
		'a command for a terminal that a program has taken',
		withRun('x\n```\n\n```bash run nowait\ntail -f x\n```\n\n```bash run\nls'),
		/en\.mdx:18\n {2}Terminal 1 is still taken by the program that line 14 leaves running \(nowait\)\.\n {2}→ Write "interrupt"/,
	],
	[
		'an output compared with nothing',
		{ [en]: text('```text output compare\nx\n```') },
		/en\.mdx:21\n.*no run block before this one in its step/,
	],
	[
		'an output compared twice',
		withRun('ls\n```\n\n```text output compare\nx\n```\n\n```text output compare\nx'),
		/en\.mdx:18\n.*The output of the run block of line 10 is compared already, at line 14/,
	],
	[
		'an output that has no end',
		withRun('ls\n```\n\n```bash run terminal=2 nowait\ntop\n```\n\n```text output compare\nx'),
		/en\.mdx:18\n.*The program of line 14 is left running \(nowait\)/,
	],
	[
		'a pattern that is none',
		withRun('ls\n```\n\n```text output compare=regex\nfine\n(x'),
		/en\.mdx:16\n.*"compare=regex" is no regular expression/,
	],
	['a block of a file that is not there', { [en]: text('```bash from=blocks/x.sh\n```') }, /en\.mdx:21\n.*no file blocks\/x\.sh/],
	[
		'a recording that one text alone shows',
		{ 'demo/01-first/casts/a.cast': cast, [en]: text('<Cast name="a" title="A" />') },
		/casts\/a\.cast\n {2}Warning: Only one of the lesson’s texts shows this recording/,
	],
	['a recording that no text shows', { 'demo/01-first/casts/a.cast': cast }, /casts\/a\.cast\n {2}Warning: No text of the lesson shows/],
	[
		'a recording that is cut off',
		{ 'demo/01-first/casts/a.cast': `${cast}[1.5, "o", "b`, [en]: text('<Cast name="a" title="A" />') },
		/en\.mdx:21\n {2}casts\/a\.cast, line 3: The cast is cut off in the middle of an event.*\n {2}→ Record it again/,
	],
	['a file that no block uses', { 'demo/01-first/blocks/x.sh': 'ls\n' }, /blocks\/x\.sh\n {2}Warning: No block .* takes its text/],
	[
		'a time that is far off',
		{ 'demo/01-first/lesson.yaml': 'minutes: 90\nsteps:\n  - id: one\n' },
		/Warning: lesson\.yaml announces 90 min/,
	],
];
const more: typeof rows = [
	[
		'a prompt before a command',
		withRun('$ ls\nlearner@host:~/x$ pwd'),
		/en\.mdx:11\n {2}This command begins with "\$".*typed, too\.\n {2}→ Write the command alone[\s\S]*en\.mdx:12\n.*"learner@host:~\/x\$"/,
	],
	[
		'a prompt of a continued line; to empty a file is a command of its own',
		withRun('> notes.txt\n> /tmp/x_1\n> ls'),
		/en\.mdx:13\n.*">", which is a prompt's.*\n {2}→ Write the command alone; to empty a file: `: > name`\.(?![\s\S]*prompt's)/,
	],
	[
		'a folder that nothing reads',
		{ 'demo/01-first/reset/one.sh': '#!/bin/sh\n' },
		/demo\/01-first\/reset\n {2}Nothing reads this folder\.\n {2}→ Call it resets\./,
	],
	['a folder of another case', { 'demo/01-first/Files/x': 'x' }, /01-first\/Files\n.*\n {2}→ Call it files\./],
	[
		'a picture of another site',
		{ [en]: text('![A](https://example.org/x.png)') },
		/en\.mdx:21\n {2}The image https.* is not part of the course: pages do not load it/,
	],
	[
		'a tag in small letters',
		{ [en]: text('', body.replace('<Hint>', '<hint>').replace('</Hint>', '</hint>')) },
		/There is no tag <hint> in lessons\.\n {2}→ Write <Hint>/,
	],
	[
		'a check that misspells a helper',
		{ 'demo/01-first/checks/one.sh': "#!/bin/sh\n. /opt/etabli/check.sh\ndir_exits x || fail 'Il n'y a rien d'autre.' 'No.' hint 1\n" },
		/checks\/one\.sh:3\n {2}There is no helper "dir_exits"[\s\S]*checks\/one\.sh:3\n {2}fail takes two sentences/,
	],
];
for (const [name, changes, expected] of [...rows, ...more]) test(name, () => assert.match(found(changes), expected));

test('files that cannot be read, or lead out of the course, are told; the rest is looked at all the same', () => {
	found({ 'demo/01-first/fr.mdx': text('![](x.png)') });
	const at = (path: string) => join(root, 'demo/01-first', path);
	for (const path of ['en.mdx', 'checks/one.sh', 'solutions/one.sh']) rmSync(at(path));
	mkdirSync(at('en.mdx'));
	symlinkSync('/nowhere', at('checks/one.sh'));
	writeFileSync(at('solutions/one.sh'), Buffer.from('\xfft\0o\0', 'latin1'));
	symlinkSync('/etc', at('files'));
	const told = formatProblems(lintCourses(root));
	assert.match(told, /en\.mdx\n {2}This is a folder/);
	assert.match(told, /checks\/one\.sh\n {2}This link leads nowhere/);
	assert.match(told, /solutions\/one\.sh\n {2}This is no UTF-8 text/);
	assert.match(told, /files\n {2}This link leads out of the course, to \/etc\./);
	assert.match(told, /fr\.mdx:\d+\n {2}The image x\.png/);
});

test('links that lead nowhere: headings, addresses of other sites', () => {
	const rows: [string, RegExp][] = [
		['#two', /#two leads to no heading or step of that page\.\n {2}→ Write for example #/],
		['../first/#step-tow', /no heading or step/],
		['/fr/demo/first/#onee', /Write for example #one\./],
		['htps://example.org', /Browsers do not open/],
		['http:/example', /is no address/],
		['//example.org/x', /Write https:\/\/example\.org\/x/],
		['a%zz', /a % that begins no sign/],
	];
	for (const [target, expected] of rows)
		for (const link of [`[a](${target})`, `[a [b]](${target})`, `[a][b]\n\n[b]: ${target}`])
			assert.match(found({ [en]: text(link) }), expected, link);
	assert.equal(
		found({ [en]: text('## L’été : *vite* `x`\n\n[a](#lété--vite-x) [b](#step-one) [c](http://localhost:8080/) [d](../first/#one)') }),
		'',
	);
});

test('links that are good: pages, anchors, other sites', () => {
	const links =
		'[a](../first/) [b](/fr/demo/first/#one) [c](#one) [d](https://example.org) [e](mailto:a@example.org) [f](/en/) [g](/en/demo/)';
	assert.equal(found({ [en]: text(links) }), '');
	assert.equal(found({ [en]: text('[a][b] and[^n]\n\n[b]: ../first/#one\n[^n]: ../frist/ is no page') }), '');
});

test('a for, an if, a here-document on lines that bash takes as one command are good', () => {
	const commands = withRun("for i in 1 2; do echo $i; done\ncat > f <<'EOF'\nif then\nEOF\necho \\\n  x");
	assert.equal(found({ ...commands, [fr]: commands[en] ?? '' }), '');
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

/** lesson.yaml of one step with these lines below it; its check is a condition, so that no script belongs to it. */
const conditioned = (lines: string) => ({
	'demo/01-first/checks/one.sh': undefined,
	'demo/01-first/lesson.yaml': `minutes: 1\nsteps:\n  - id: one\n${lines}`,
});
test('a course in one language says its own sentences in that one alone', () => {
	const course = `${good['demo/course.yaml']}languages: [en]\n`;
	const english = {
		...conditioned('    check: { file: one, hint: 1, fail: { en: "Not yet: it isn\'t there." } }\n'),
		'demo/course.yaml': course,
		[fr]: undefined,
	};
	assert.equal(found(english), '');
	const check = loadCourses(root).courses[0]?.lessons[0]?.steps[0]?.check ?? '';
	assert.match(check, /fail ('Not yet: it isn'\\''t there\.') \1 hint 1/, 'for whoever reads the interface in the other language, too');
	const french = conditioned('    check: { file: one, fail: { fr: Non } }\n');
	assert.match(found({ ...french, 'demo/course.yaml': course, [fr]: undefined }), /not said in English.*\n {2}→ Add `en: …`/);
});

const lessonWith = (lines: string) => found(conditioned(lines));
const conditionRows: [string, string, RegExp][] = [
	[
		'an unknown key',
		'    check:\n      - file: one\n        contians: x\n',
		/lesson\.yaml:6\n {2}`steps\.0\.check\.0\.contians`.*not a key.*\n {2}→ Write `contains`/,
	],
	['a kind that does not exist', '    check: { fiel: one }\n', /lesson\.yaml:4\n.*does not say what to look at.*\n {2}→ Write `file`/],
	['two kinds at once', '    check: { file: one, dir: two }\n', /several things at once \(file, dir\).*\n {2}→ Write a condition for each/],
	['no condition at all', '    check: done\n', /this is no condition.*\n {2}→ .*\{ file: out\.txt \}/],
	['an empty list', '    check: []\n', /list of conditions is empty/],
	[
		'a sentence in one language of two',
		'    check: { file: one, fail: { fr: Non } }\n',
		/lesson\.yaml:4\n {2}`fail` of the step "one" is not said in English.*\n {2}→ Add `en: …`/,
	],
	['a sentence in none', '    check: { file: one, fail: {} }\n', /`steps\.0\.check\.fail`.*the text is missing/],
	[
		'a broken regular expression',
		'    check:\n      - file: one\n        contains: "a(b"\n',
		/lesson\.yaml:6\n {2}`contains` of the step "one".*grep -E.*Unmatched \(/,
	],
	[
		'a regular expression of another dialect',
		'    check: { ran: "x\\\\d+" }\n',
		/lesson\.yaml:4\n.*\\d has no meaning.*\n.*\[0-9\] for a digit/,
	],
	[
		'a text in place of one for each language',
		"    check: { file: one, fail: 'text' }\n",
		/`steps\.0\.check\.fail`: this is one text, and a text in each language is expected: \{ fr: …, en: … \}/,
	],
	[
		'a comma in a text',
		'    check: { file: one, fail: { fr: A, b, en: B } }\n',
		/`steps\.0\.check\.fail\.b`.*\n {2}→ A text that holds a comma goes between quotes/,
	],
	[
		'a pattern that begins with [',
		'    check: { file: one, contains: [a-z]+ }\n',
		/lesson\.yaml:4\n.*begins with \[ is a list.*\n {2}→ .*"\[a-z\]\+"/,
	],
	['a number in place of a regular expression', '    check: { file: one, contains: 1.0 }\n', /between quotes/],
	[
		'a hint that is not there',
		'    check: { file: one, hint: 2 }\n',
		/lesson\.yaml:4\n {2}This points at hint 2, and the step "one" has 1 in fr\.mdx/,
	],
	[
		'a step to come after that is not there',
		'    check: { file: one }\n    after: [two]\n',
		/lesson\.yaml:5\n {2}`steps\.0\.after\.0`: there is no step "two"/,
	],
	['a step that comes after itself', '    check: { file: one }\n    after: [one]\n', /does not stand before this one/],
	['a parameter that is not there', '    check: { file: "{{animal}}.txt" }\n', /lesson\.yaml:4\n {2}There is no parameter "animal"/],
	[
		'what must be missing with content',
		'    check: { file: one, missing: true, contains: x }\n',
		/what must be missing cannot have contains/,
	],
	[
		'marks in a sentence',
		'    check: { file: one, fail: { fr: "**Non**", en: "No" } }\n',
		/lesson\.yaml:4\n {2}"\*\*Non\*\*" is shown as it stands/,
	],
	['a mode that is none', '    check: { file: one, mode: rw }\n', /rights in octal digits/],
	['a fingerprint cut short', '    check: { sif: x.sif, signed: ABCD }\n', /fingerprint/],
	['a step to read that should hold', '    check: false\n    holds: now\n', /never looked at again.*\n {2}→ Remove `holds`/],
];
for (const [name, lines, expected] of conditionRows) test(`conditions: ${name}`, () => assert.match(lessonWith(lines), expected));

test('conditions that are good: all kinds, and no script beside them', () => {
	const kinds = [
		'{ file: a, contains: ["^x", "y|z"], lacks: "w", mode: 0644, hint: 1, fail: { fr: Non, en: "No" } }',
		'{ dir: ~/b }',
		'{ ran: "^ls( |$)", after: cd }',
		'{ process: httpd }',
		'{ port: 8080, answers: hello, path: /x?y=1 }',
		'{ instance: web, from: web.sif }',
		'{ registry: "$LEARNER/x:1.0" }',
		'{ sif: x.sif, label: { org.version: "^1" }, at_most: 20 MiB, signed: true }',
	];
	assert.equal(lessonWith(`    check:\n${kinds.map((kind) => `      - ${kind}\n`).join('')}    holds: now\n`), '');
	const both = { ...conditioned('    check: { file: one }\n'), 'demo/01-first/checks/one.sh': '#!/bin/sh\n' };
	assert.match(found(both), /lesson\.yaml has conditions for the step "one"\.\n {2}→ Remove this file/);
});

test('no-break spaces that break a command, a heading, YAML or a check; those of sentences are right', () => {
	const problems = found({
		'demo/01-first/fr.mdx': text('##\u00a0Titre\n\nVraiment\u00a0? Oui\u00a0!', body.replace('touch one', 'ls |\u00a0cat')),
		'demo/01-first/en.mdx': text('## Title', body.replace('touch one', 'ls | cat')),
		'demo/01-first/lesson.yaml': 'minutes: 1\nsteps:\n  -\u00a0id: one\n',
		'demo/01-first/checks/one.sh': "#!/bin/bash\n. /opt/etabli/check.sh\n[ -e\u00a0one ] || fail 'Non\u00a0!' 'No.' hint 1\npass\n",
	});
	const told = (place: RegExp, where: string) => new RegExp(`${place.source}\\n {2}A no-break space stands here in ${where}`);
	assert.match(problems, told(/fr\.mdx:11/, 'code'));
	assert.match(problems, told(/fr\.mdx:21/, 'the markup'));
	assert.match(problems, told(/lesson\.yaml:3/, 'YAML'));
	assert.match(problems, told(/checks\/one\.sh:3/, 'code'));
	assert.equal(problems.match(/A no-break space/g)?.length, 4, problems);
});

test('a block that is never closed is told once, and a text under another name with what to call it', () => {
	const told = found({ [en]: text().replace('touch one\n```', "touch one\n\nit's (\n"), [fr]: undefined, 'demo/01-first/fr.md': 'x' });
	assert.doesNotMatch(told, /Bash does not understand/);
	assert.match(told, /never closed/);
	assert.match(told, /fr\.mdx\n {2}This file is missing\.\n {2}→ Rename fr\.md to fr\.mdx/);
});
