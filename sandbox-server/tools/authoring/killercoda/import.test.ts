import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lintCourses } from '../../../../src/courses/lint.ts';
import { Failure } from '../../../setup/failure.ts';
import { type ImportRequest, importScenarios } from './import.ts';
import { reportText } from './report.ts';

const garden = join(import.meta.dirname, '../../../../tests/fixtures/killercoda/garden');

function folder(t: TestContext): string {
	const path = mkdtempSync(join(tmpdir(), 'etabli-import-'));
	t.after(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

/** A scenario of one step, with some of its files different. */
function scenario(t: TestContext, files: Record<string, string | Uint8Array>): string {
	const path = join(folder(t), 'repository');
	const index = { title: 'T', details: { steps: [{ title: 'S', text: 'step.md', verify: 'verify.sh' }] }, backend: { imageid: 'ubuntu' } };
	const all = {
		'one/index.json': JSON.stringify(index, undefined, 1),
		'one/step.md': 'Do `ls`{{exec}}',
		'one/verify.sh': 'true\n',
		...files,
	};
	for (const [name, text] of Object.entries(all)) {
		mkdirSync(dirname(join(path, name)), { recursive: true });
		writeFileSync(join(path, name), text);
	}
	return path;
}

const importing = (from: string, into: string, more: Partial<ImportRequest> = {}) =>
	importScenarios({ from, into, course: 'made', language: 'en', force: false, skipBroken: false, ...more });

/** What the person reads when nothing is imported. */
function refused(t: TestContext, from: string, more: Partial<ImportRequest> = {}): string {
	const into = folder(t);
	let message = '';
	assert.throws(
		() => importing(from, into, more),
		(error) => {
			assert.ok(error instanceof Failure, String(error));
			message = `${error.message}\n${error.hint ?? ''}`;
			return true;
		},
	);
	assert.deepEqual(readdirSync(into), [], 'nothing is left behind');
	return message;
}

test('a repository becomes a course without an error, and the report says what came over', (t) => {
	const into = folder(t);
	const imported = importing(garden, into);
	assert.deepEqual(readdirSync(into), ['made']);
	assert.deepEqual(
		lintCourses([into]).filter(({ severity }) => severity !== 'warning'),
		[],
	);
	assert.deepEqual(
		imported.scenarios.map(({ lesson, state, counts: { steps, checks, solutions, assets, pictures } }) => [
			lesson,
			state,
			steps,
			checks,
			solutions,
			assets,
			pictures,
		]),
		[
			['first-steps', 'part', 3, 2, 2, 2, 1],
			['old-words', 'part', 1, 1, 1, 1, 0],
			['cluster', 'text', 1, 0, 0, 0, 0],
			['alone', 'whole', 1, 1, 1, 0, 0],
		],
	);
	const said = reportText(imported);
	for (const remark of [
		/layout editor-terminal: the editor is the tab "Files"/,
		/key `reward` \(line 11\)/,
		/assets of host02/,
		/it needs a Kubernetes cluster/,
	])
		assert.match(said, remark);
	const read = (name: string) => readFileSync(join(into, 'made', name), 'utf8');
	assert.match(read('course.yaml'), /languages: \[en\]\n.*\nuser: root/);
	assert.match(read('image/Dockerfile'), /for name in figlet python3-pip python3-venv;/);
	const text = read('01-first-steps/en.mdx');
	assert.match(text, /## Sow \\\{seeds\\\}\n/);
	assert.match(text, /```bash run\nbash ~\/\.scenario\/first-steps\/step-2-background\.sh &\n```/);
	assert.match(read('01-first-steps/lesson.yaml'), /minutes: 4\nterminals: 2\n.*\nfolder: home\n/);
	assert.match(read('01-first-steps/setup.sh'), /put 'tools\/water\.sh' '\/usr\/local\/bin' '\+x'/);
	assert.equal(read('01-first-steps/solutions/water-it.sh'), '#!/bin/bash\nwater.sh\n');
	assert.ok(!existsSync(join(into, 'made/03-cluster/checks')));
});

test('one scenario alone; a course that is there is replaced only when asked', (t) => {
	const into = folder(t);
	importing(join(garden, 'old-words'), into);
	assert.deepEqual(readdirSync(join(into, 'made')).sort(), ['01-old-words', 'course.yaml', 'image']);
	writeFileSync(join(into, 'made/mine'), '');
	assert.throws(() => importing(garden, into), /There is already .*made/);
	assert.ok(existsSync(join(into, 'made/mine')));
	importing(garden, into, { force: true });
	assert.ok(!existsSync(join(into, 'made/mine')));
	assert.deepEqual(readdirSync(into), ['made']);
});

test('every problem is told in one run, with file, line and remedy, and nothing is written', (t) => {
	const from = scenario(t, {
		'comma/index.json': '{\n\t"title": "A"\n\t"details": { "steps": [] }\n}\n',
		'trailing/index.json': '{\n\t"title": "A",\n\t"details": { "steps": [], }\n}\n',
		'missing/index.json':
			'{\n"title": "A",\n"details": { "steps": [\n{ "text": "stop.md" },\n{ "text": "../../../etc/passwd" },\n{ "text": "/etc/passwd" }] }\n}',
		'missing/step.md': 'x',
		'kind/index.json': '{\n"title": "A",\n"details": {\n"steps": 5 }\n}',
		'binary/index.json': '{ "title": "A", "details": { "steps": [{ "text": "a.md", "verify": "run" }] } }',
		'binary/a.md': 'x',
		'binary/run': new Uint8Array([127, 69, 76, 70, 0]),
		'huge/index.json': '{ "title": "A", "details": { "steps": [{ "text": "a.md" }] } }',
		'huge/a.md': 'x'.repeat(600_000),
		'fault/index.json': '{ "title": "A", "details": { "steps": [{ "text": "a.md", "verify": "v.sh" }] } }',
		'fault/a.md': 'x',
		'fault/v.sh': 'if true\nfi\n',
		'target/index.json':
			'{ "title": "A", "details": { "steps": [{ "text": "a.md" }], "assets": { "host01": [{ "file": "a", "target": "/root/../../x" }, { "file": "../a.md", "target": "/root" }] } } }',
		'target/a.md': 'x',
		'linked/index.json': '{ "title": "A", "details": { "steps": [{ "text": "out.md" }] } }',
	});
	symlinkSync('/etc/hostname', join(from, 'linked/out.md'));
	const said = refused(t, from);
	for (const expected of [
		/comma\/index\.json:3\n {2}This is not valid JSON: .*\(line 3, column 2\)\.\n {2}→ Put a comma after line 2\./,
		/trailing\/index\.json:3\n.*\n {2}→ Remove the comma at the end of line 3/,
		/missing\/index\.json\n {2}`details\.steps\.0\.text` does not exist: stop\.md\.\n {2}→ Did you mean step\.md\?/,
		/`details\.steps\.1\.text` is outside of the imported folder/,
		/`details\.steps\.2\.text` is an absolute path/,
		/kind\/index\.json:4\n {2}`details\.steps` is not as expected/,
		/binary\/run\n {2}This script is not a text/,
		/huge\/a\.md\n {2}This text has 600000 bytes; at most 524288 are read/,
		/fault\/v\.sh:2\n {2}Bash does not understand the verification of step 1/,
		/The target of the asset `a` is not a folder of the sandbox/,
		/linked\/out\.md\n {2}This link leads outside of the imported folder/,
		/Nothing was imported: \d+ problems/,
		/--skip-broken/,
	])
		assert.match(said, expected);
	const into = folder(t);
	const { scenarios, problems } = importing(from, into, { skipBroken: true });
	assert.deepEqual(
		scenarios.map(({ scenario: name }) => name),
		['one', 'target'].filter((name) => scenarios.some((each) => each.scenario === name)),
	);
	assert.ok(problems.length >= 10);
});

test('folders that are no scenarios', (t) => {
	assert.match(refused(t, join(folder(t), 'nowhere')), /There is no folder/);
	assert.match(refused(t, folder(t)), /There is no scenario in .*\nA scenario is a folder with an index\.json/);
	const other = folder(t);
	writeFileSync(join(other, 'index.json'), '{ "name": "some package" }');
	assert.match(refused(t, other), /There is no scenario[\s\S]*of something else: index\.json/);
	assert.match(refused(t, garden, { course: 'My Course' }), /Write for example: my-course/);
});

test('a text in French stands in fr.mdx; a loop of links ends', (t) => {
	const from = scenario(t, {});
	symlinkSync('..', join(from, 'one/again'));
	const into = folder(t);
	importing(from, into, { language: 'fr' });
	assert.ok(existsSync(join(into, 'made/01-one/fr.mdx')) && !existsSync(join(into, 'made/01-one/en.mdx')));
	assert.deepEqual(
		lintCourses([into]).filter(({ severity }) => severity !== 'warning'),
		[],
	);
});

test('a place that cannot be written to is told as such', (t) => {
	const file = join(folder(t), 'file');
	writeFileSync(file, '');
	assert.throws(
		() => importing(garden, file),
		(error) => error instanceof Failure && /could not write the courses/.test(error.message),
	);
});

test('an asset from above its folder comes along by its name, and nothing is written outside of the course', (t) => {
	const index = {
		title: 'T',
		details: { steps: [{ title: 'S', text: 'step.md' }], assets: { host01: [{ file: `${'../'.repeat(9)}escaped.txt`, target: '/root' }] } },
		backend: { imageid: 'ubuntu' },
	};
	const from = scenario(t, {
		'a/b/c/d/e/f/g/two/index.json': JSON.stringify(index),
		'a/b/c/d/e/f/g/two/step.md': 'Read.',
		'escaped.txt': 'mine',
	});
	const above = folder(t);
	const { courses } = importing(from, join(above, 'courses'));
	assert.deepEqual(readdirSync(above), ['courses']);
	const assets = courses.map((course) => join(course, '01-two/files/.scenario/two/assets')).filter((path) => existsSync(path));
	assert.deepEqual(
		assets.map((path) => readdirSync(path)),
		[['escaped.txt']],
	);
});

test('index.json and the like are read in the imported folder alone, and waited for never', (t) => {
	const from = scenario(t, { 'two/x': '' });
	writeFileSync(join(from, '../outside.json'), '{"details":{"steps":[]},"secret":"of the host"}');
	symlinkSync('link.json', join(from, 'two/index.json'));
	symlinkSync('../../outside.json', join(from, 'two/link.json'));
	mkdirSync(join(from, 'three'));
	assert.equal(spawnSync('mkfifo', [join(from, 'three/pipe')]).status, 0);
	symlinkSync('pipe', join(from, 'three/index.json'));
	symlinkSync('/etc/hostname', join(from, 'structure.json'));
	const said = refused(t, from);
	assert.match(said, /two\/index\.json\n {2}This link leads outside of the imported folder/);
	assert.match(said, /three\/index\.json\n {2}This scenario is no file/);
	assert.match(said, /structure\.json\n {2}This link leads outside/);
	assert.doesNotMatch(said, /secret/);
});

test('a program that the background script starts stays, and what will go otherwise here is told', (t) => {
	const index = {
		title: 'T',
		details: {
			intro: { text: 'step.md', background: 'b.sh', foreground: 'f.sh' },
			steps: [{ title: 'S', text: 'step.md', verify: 'verify.sh' }],
		},
		backend: { imageid: 'ubuntu' },
	};
	const from = scenario(t, {
		'one/index.json': JSON.stringify(index),
		'one/b.sh': 'touch /root/x\n',
		'one/f.sh': 'export A=1\ncd /tmp\n',
		'one/step.md': '```\nvi a.txt\n```{{exec}}\n\n```\nls -l\n```{{exec}}\n\n```\nsleep 100\n```{{exec}}\n\n`tail -f x`{{exec T2}}\n',
		'one/verify.sh': 'history | grep -q ls\nrm -f /root/x\n',
	});
	const into = folder(t);
	const seen: string[] = [];
	const { scenarios } = importing(from, into, { onScenario: (at, of, name) => seen.push(`${at}/${of} ${name}`) });
	assert.deepEqual(seen, ['1/1 one']);
	const read = (path: string) => readFileSync(join(into, 'made/01-one', path), 'utf8');
	assert.match(read('setup.sh'), /\nnohup bash "\$place\/background\.sh" >"\$place\/background\.log" 2>&1 <\/dev\/null &\n/);
	assert.equal(read('solutions/s.sh'), '#!/bin/bash\nls -l\n');
	assert.match(read('en.mdx'), /```bash run terminal=2\ntail -f x/);
	const told = scenarios[0]?.notes.map(({ what }) => what).join('\n') ?? '';
	for (const expected of [/reads the shell’s history/, /takes something away/, /changes its own shell/, /waits for somebody/])
		assert.match(told, expected);
	assert.deepEqual(
		lintCourses([into]).filter(({ severity }) => severity !== 'warning'),
		[],
	);
});

test('locales that scripts or texts name are in the image, and no others', (t) => {
	const image = (step: string): string => {
		const into = folder(t);
		importing(scenario(t, { 'one/step.md': step }), into);
		return readFileSync(join(into, 'made/image/Dockerfile'), 'utf8');
	};
	assert.doesNotMatch(image('Do `ls`{{exec}}, `LC_ALL=C.UTF-8 sort x`{{exec}}'), /locale/);
	assert.match(
		image('`export LC_ALL=hu_HU.UTF-8`{{exec}}\n\n`locale-gen en_US.utf8`{{exec}}, or en_US.UTF-8'),
		/install [^\n]*\blocales\b[\s\S]*for name in en_US hu_HU; do localedef -i "\$name" -f UTF-8 "\$name\.UTF-8"/,
	);
});

test('what a foreground script leaves in its shell, and a verification that looks at its own or changes things, are told', (t) => {
	const notes = (f: string, verify: string): string => {
		const index = {
			title: 'T',
			details: { intro: { text: 'a.md', foreground: 'f.sh' }, steps: [{ title: 'S', text: 'a.md', verify: 'v.sh' }] },
			backend: { imageid: 'ubuntu' },
		};
		const from = scenario(t, { 'one/index.json': JSON.stringify(index), 'one/a.md': 'a', 'one/f.sh': `${f}\n`, 'one/v.sh': `${verify}\n` });
		const { scenarios } = importing(from, folder(t), {});
		return scenarios[0]?.notes.map(({ what }) => what).join('\n') ?? '';
	};
	for (const script of ['sleep 1; export A=1', 'greet() { echo hi; }', 'umask 077', "PS1='> '", 'if true; then cd /tmp; fi'])
		assert.match(notes(script, 'true'), /changes its own shell/, script);
	assert.doesNotMatch(notes('echo export; A=1 ls', 'true'), /changes its own shell/);
	for (const script of ['jobs | grep -q sleep', '[ "$PWD" = /tmp ]', 'alias ll', 'pwd | grep tmp'])
		assert.match(notes('ls', script), /looks at its own shell/, script);
	for (const script of ['fc -l | grep ls', 'x=$(history)']) assert.match(notes('ls', script), /reads the shell’s history/, script);
	for (const script of ['[ "$(stat -c %G /srv)" = web ]', 'find /srv -group web | grep -q .'])
		assert.match(notes('ls', script), /asks whose a file is/, script);
	for (const script of ['[ "$(stat -c %a /srv)" = 770 ]', 'find /srv -type d']) assert.doesNotMatch(notes('ls', script), /whose/, script);
	for (const script of ['grep -q "^id$" ~/.bash_history', 'history -a\ngrep -q x "$HISTFILE"'])
		assert.match(notes('ls', script), /^(?!.*shell’s history).*reads ~\/\.bash_history/s, script);
	for (const script of [
		'sed -i s/a/b/ x',
		'cd x && git reset --hard',
		'find . -name x -delete',
		'docker rmi web',
		'docker system prune -f',
		'crontab -r',
	])
		assert.match(notes('ls', script), /takes something away/, script);
	assert.doesNotMatch(notes('ls', 'sed -n 1p x; git log; docker images; cd "$HOME" && ls'), /takes something|own shell/);
});

test('lessons stand in the order of structure.json or of Katacoda’s pathway; without them 2 comes before 10', (t) => {
	const one = (title: string) => JSON.stringify({ title, details: { steps: [{ text: 'a.md' }] } });
	const names = ['part1', 'part2', 'part10'];
	const files = Object.fromEntries(
		names.flatMap((name) => [
			[`unix/${name}/index.json`, one(name)],
			[`unix/${name}/a.md`, 'x'],
		]),
	);
	const empty = { 'one/index.json': 'null', 'one/step.md': '', 'one/verify.sh': '' };
	const order = (more: Record<string, string>) => {
		const into = folder(t);
		const { courses, problems } = importing(scenario(t, { ...empty, ...files, ...more }), into);
		const lessons = readdirSync(courses[0] ?? '').filter((name) => /^\d/.test(name));
		return { lessons, title: /title: \{ fr: "([^"]*)"/.exec(readFileSync(join(courses[0] ?? '', 'course.yaml'), 'utf8'))?.[1], problems };
	};
	assert.deepEqual(order({}).lessons, ['01-part1', '02-part2', '03-part10']);
	const pathway = { title: 'Unix, one by one', courses: [{ course_id: 'part10' }, { course_id: 'part3' }, { course_id: 'part1' }] };
	const led = order({ 'unix-pathway.json': JSON.stringify(pathway) });
	assert.deepEqual([led.lessons, led.title], [['01-part10', '02-part1', '03-part2'], 'Unix, one by one']);
	assert.match(led.problems[0]?.what ?? '', /The scenario part3 does not exist/);
	const structure = { items: [{ path: 'part2' }, { path: 'part10' }] };
	const structured = order({ 'unix-pathway.json': JSON.stringify(pathway), 'unix/structure.json': JSON.stringify(structure) });
	assert.deepEqual([structured.lessons, structured.title], [['01-part2', '02-part10', '03-part1'], 'Unix, one by one']);
	assert.match(
		refused(t, scenario(t, { ...files, 'unix-pathway.json': '{ "courses": 5 }' })),
		/unix-pathway\.json:1\n {2}`courses` is not as expected/,
	);
});

test('a step with questions and no verification is passed by the right answers', (t) => {
	const into = folder(t);
	const index = JSON.stringify({ title: 'T', details: { intro: { text: 'step.md' }, steps: [{ title: 'S', text: 'step.md' }] } });
	importing(scenario(t, { 'one/index.json': index, 'one/step.md': '>>Which `ls "x"`?<<\n( ) a\n(*) b\n' }), into);
	assert.deepEqual(lintCourses([into]), []);
	assert.match(readFileSync(join(into, 'made/01-one/lesson.yaml'), 'utf8'), /- id: s\n {4}check: \{ quiz: all \}/);
});
