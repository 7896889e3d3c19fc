/** `lint` and `prove` must be red, and name the step, for each fault that is planted into a course which is green without it. (Over 400 lines: a table of faults.) */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCourse } from '../../sandbox-server/tools/authoring/make.ts';
import type { Play } from '../../sandbox-server/tools/rehearsal/plays.ts';
import type { Way } from '../../sandbox-server/tools/rehearsal/prove.ts';
import { nameOf } from '../../sandbox-server/tools/rehearsal/report.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { isError, lintCourses } from '../../src/courses/lint.ts';
import { formatProblems } from '../../src/courses/problem.ts';
import type { Language } from '../../src/shared/language.ts';
import { proveForReal } from '../fixtures/stage.ts';

/** The lesson's folder, in which a fault is planted. */
class Lesson {
	readonly path: string;
	constructor(course: string) {
		this.path = join(course, '01-first-steps');
	}
	write(name: string, text: string): void {
		writeFileSync(join(this.path, name), text);
	}
	append(name: string, text: string): void {
		appendFileSync(join(this.path, name), text);
	}
	replace(name: string, from: string | RegExp, to: string): void {
		const before = readFileSync(join(this.path, name), 'utf8');
		const after = before.replace(from, to);
		assert.notEqual(after, before, `${from} is in ${name}`);
		this.write(name, after);
	}
	remove(name: string): void {
		rmSync(join(this.path, name));
	}
	rename(from: string, to: string): void {
		renameSync(join(this.path, from), join(this.path, to));
	}
}

interface Fault {
	name: string;
	plant: (lesson: Lesson) => void;
	/** What a person reads: the place or the step, and what is wrong. */
	says: RegExp;
}

interface PlayedFault extends Fault {
	/** The play in which it shows; only that one is made. Undefined: in French, by the solutions, which is the thorough one. */
	play?: [Language, Way];
}

const stepBlock = /<Step id="copy">[\s\S]*?<\/Step>/;

/** Seen without playing. */
const written: Fault[] = [
	{ name: 'language missing', plant: (l) => l.remove('en.mdx'), says: /en\.mdx\n {2}This file is missing/ },
	{ name: 'step in one language only', plant: (l) => l.replace('en.mdx', stepBlock, ''), says: /en\.mdx\n {2}The step "copy"/ },
	{
		name: 'another order',
		plant: (l) => {
			const [copy = ''] = stepBlock.exec(readFileSync(join(l.path, 'en.mdx'), 'utf8')) ?? [];
			l.replace('en.mdx', stepBlock, '');
			l.replace('en.mdx', '<Step id="write">', `${copy}\n\n<Step id="write">`);
		},
		says: /en\.mdx\n.*another order.*\n.*write, copy/,
	},
	{
		name: 'unknown key',
		plant: (l) => l.replace('lesson.yaml', 'minutes:', 'minuts:'),
		says: /lesson\.yaml:\d+\n {2}`minuts`[\s\S]*`minutes`/,
	},
	{
		name: 'broken YAML',
		plant: (l) => l.append('lesson.yaml', '  - { id: x\n'),
		says: /lesson\.yaml:\d+\n {2}The \{ of this line is never closed/,
	},
	{
		name: 'missing hint',
		plant: (l) => l.replace('fr.mdx', /<Hint>[\s\S]*<\/Hint>(?=[\s\S]*id="copy")/, ''),
		says: /fr\.mdx:\d+\n {2}The step "write" has no hint/,
	},
	{
		name: 'bad name of a lesson',
		plant: (l) => renameSync(l.path, l.path.replace('01-first-steps', '1-First')),
		says: /1-First\n.*not a name/,
	},
	{ name: 'stray check', plant: (l) => l.write('checks/wirte.sh', '#!/bin/sh\n'), says: /checks\/wirte\.sh\n.*no step.*\n.*write\.sh/ },
	{ name: 'missing check', plant: (l) => l.remove('checks/copy.sh'), says: /checks\/copy\.sh\n {2}The step "copy" has no such file/ },
	{
		name: 'picture missing',
		plant: (l) => l.append('fr.mdx', '\n![Une vache](vache.png)\n'),
		says: /fr\.mdx:\d+\n {2}The image vache\.png/,
	},
	{
		name: 'two checks of one step',
		plant: (l) => l.write('checks/copy.py', '#!/usr/bin/python3\n'),
		says: /checks\/copy\.sh\n {2}copy\.py stands beside it: only one/,
	},
	{ name: 'check without #!', plant: (l) => l.replace('checks/copy.sh', '#!/bin/bash\n', ''), says: /checks\/copy\.sh:1\n/ },
	{ name: 'check that is no shell', plant: (l) => l.append('checks/copy.sh', 'if [ -e x\n'), says: /checks\/copy\.sh:\d+\n.*syntax error/ },
	{
		name: 'solution that is no shell',
		plant: (l) => l.append('solutions/copy.sh', 'echo "open\n'),
		says: /solutions\/copy\.sh:\d+\n.*"copy"/,
	},
	{
		name: 'solution without a command',
		plant: (l) => l.write('solutions/copy.sh', '#!/bin/bash\n'),
		says: /solutions\/copy\.sh\n.*"copy"/,
	},
	{
		name: 'loop over several lines',
		plant: (l) => l.replace('en.mdx', 'ls kept', 'for i in 1; do\n  ls kept\ndone'),
		says: /en\.mdx:\d+\n.*"copy".*\n.*one by one/,
	},
	{
		name: 'hint that is not there',
		plant: (l) => l.replace('checks/copy.sh', 'hint 1', 'hint 2'),
		says: /checks\/copy\.sh:\d+\n.*hint 2.*"copy"/,
	},
	{
		name: 'condition with an unknown key',
		plant: (l) => l.replace('lesson.yaml', 'contains:', 'contians:'),
		says: /lesson\.yaml:\d+\n {2}`steps\.0\.check\.1\.contians`.*\n.*`contains`/,
	},
	{
		name: 'condition of an unknown kind',
		plant: (l) => l.replace('lesson.yaml', '{ file: hello.txt, hint', '{ files: hello.txt, hint'),
		says: /lesson\.yaml:\d+\n.*does not say what to look at.*\n.*`file`/,
	},
	{
		name: 'condition with a broken pattern',
		plant: (l) => l.replace('lesson.yaml', '"[a-z]"', '"[a-z"'),
		says: /lesson\.yaml:\d+\n {2}`contains` of the step "write".*grep -E/,
	},
	{
		name: 'condition with a hint that is not there',
		plant: (l) => l.replace('lesson.yaml', 'hint: 2', 'hint: 3'),
		says: /lesson\.yaml:\d+\n.*hint 3.*"write" has 2/,
	},
	{
		name: 'condition and script for one step',
		plant: (l) => l.write('checks/write.sh', '#!/bin/sh\nexit 0\n'),
		says: /checks\/write\.sh\n {2}lesson\.yaml has conditions for the step "write"/,
	},
	{
		name: 'after a step that is not there',
		plant: (l) => l.replace('lesson.yaml', 'after: [write]', 'after: [wirte]'),
		says: /lesson\.yaml:\d+\n.*there is no step "wirte".*\n.*`write`/,
	},
	{
		name: 'after a step that comes later',
		plant: (l) => l.replace('lesson.yaml', '- id: write\n', '- id: write\n    after: [copy]\n'),
		says: /lesson\.yaml:\d+\n.*"copy" does not stand before this one/,
	},
	{
		name: 'quiz that is not there',
		plant: (l) => l.replace('lesson.yaml', '- { file: hello.txt, hint: 1 }', '- { quiz: all }'),
		says: /lesson\.yaml:\d+\n.*quizzes of the step "write", and no quiz stands in it/,
	},
	{
		name: 'unknown word of a fence',
		plant: (l) => l.replace('en.mdx', '```text output', '```text output comapre'),
		says: /en\.mdx:\d+\n {2}"comapre" means nothing.*\n {2}→ Write "compare"/,
	},
	{ name: 'tag never closed', plant: (l) => l.replace('en.mdx', '</Quiz>', ''), says: /en\.mdx:\d+\n.*<Quiz>/ },
];

const check = (text: string) => `#!/bin/bash\n. /opt/etabli/check.sh\n${text}\n`;

/** Seen only by playing. */
const played: PlayedFault[] = [
	{
		name: 'check always passes',
		plant: (l) => l.write('checks/copy.sh', check('pass')),
		says: /copy \(fr, solution\): the check passes before the solution/,
	},
	{
		name: 'check always fails',
		plant: (l) => l.write('checks/copy.sh', check("fail 'Non.' 'No.'")),
		play: ['en', 'solution'],
		says: /copy \(en, solution\): .*does not pass after.* No\./,
	},
	{
		name: 'check breaks',
		plant: (l) => l.write('checks/copy.sh', '#!/bin/bash\necho oops >&2\nexit 3\n'),
		says: /copy \(fr, solution\): .*broke before[\s\S]*status 3[\s\S]*oops/,
	},
	{
		name: 'check says nothing',
		plant: (l) => l.write('checks/copy.sh', check('true')),
		says: /copy .*broke before[\s\S]*neither pass nor fail/,
	},
	{
		name: 'check hangs',
		plant: (l) => l.write('checks/copy.sh', check('sleep 100')),
		says: /copy .*broke before[\s\S]*did not end within [1-9]\d s/,
	},
	{
		name: 'check by a program that is not there',
		plant: (l) => l.write('checks/copy.sh', '#!/usr/bin/pyhton\n'),
		says: /copy .*broke before[\s\S]*could not be started/,
	},
	{
		name: 'solution wrong',
		plant: (l) => l.write('solutions/copy.sh', 'mkdir kept\ncp helo.txt kept/\n'),
		says: /copy \(fr, solution\): [\s\S]*cp: .*'helo\.txt'/,
	},
	{
		name: 'solution undone by a second run',
		plant: (l) => l.append('solutions/copy.sh', '[ -e again ] && rm -r kept; touch again\n'),
		says: /copy \(fr, solution\): the check no longer passes after .* second time/,
	},
	{
		name: 'solution that ends the shell',
		plant: (l) => l.append('solutions/copy.sh', 'exit\n'),
		says: /copy \(fr, solution\): "exit" ended the learner's shell/,
	},
	// Named so that it is played first: the others are played while it waits.
	{ name: 'a solution that waits', plant: (l) => l.write('solutions/copy.sh', 'cat\n'), says: /copy \(fr, solution\): "cat" did not end/ },
	{
		name: 'run block that is not enough, in one language',
		plant: (l) => l.replace('en.mdx', 'cp hello.txt kept/', 'cp hello.txt kept/hello'),
		play: ['en', 'blocks'],
		says: /copy \(en, run blocks\): the check does not pass after the run blocks/,
	},
	{
		name: 'run block that does the next step too',
		plant: (l) => l.replace('fr.mdx', 'cat hello.txt', 'cat hello.txt; mkdir kept; cp hello.txt kept'),
		play: ['fr', 'blocks'],
		says: /copy \(fr, run blocks\): the check passes before/,
	},
	{
		name: 'output that is another than the text’s',
		plant: (l) => l.replace('fr.mdx', '```text output\nhello.txt', '```text output compare\nhallo.txt'),
		play: ['fr', 'blocks'],
		says: /copy \(fr, run blocks\): the output differs from that of line \d+: on its line 1 expected is "hallo\.txt", and printed was "hello\.txt"/,
	},
	{
		name: 'program that is to stay, and does not',
		plant: (l) => l.replace('fr.mdx', '```bash run\nmkdir', '```bash run terminal=2 nowait\nmkdir'),
		play: ['fr', 'blocks'],
		says: /copy \(fr, run blocks\): "ls kept" is to stay \(nowait\), and has ended/,
	},
	{
		name: 'line that is not there to be replaced',
		plant: (l) => l.replace('fr.mdx', '```bash run\nmkdir', '```text file=hello.txt replace="^absent"\nx\n```\n\n```bash run\nmkdir'),
		play: ['fr', 'blocks'],
		says: /copy \(fr, run blocks\): no line of hello\.txt matches \^absent/,
	},
	{
		name: 'reset that does nothing',
		plant: (l) => l.write('resets/copy.sh', '#!/bin/sh\n'),
		says: /copy \(fr, solution\): the check still passes after the reset/,
	},
	{
		name: 'reset that fails',
		plant: (l) => l.write('resets/copy.sh', '#!/bin/sh\nexit 1\n'),
		says: /copy \(fr, solution\): the reset failed/,
	},
	{
		name: 'reset that works only once',
		plant: (l) => l.write('resets/copy.sh', '#!/bin/sh\nrm -r kept\n'),
		says: /copy \(fr, solution\): the reset failed the second time/,
	},
	{
		name: 'condition that is always so',
		plant: (l) => l.replace('lesson.yaml', /check:\n( .*\n){2}/, 'check: { dir: /tmp }\n'),
		says: /write \(fr, solution\): the check passes before the solution/,
	},
	{
		name: 'condition that is never so',
		plant: (l) => l.replace('lesson.yaml', '"[a-z]"', '^salut$'),
		play: ['en', 'solution'],
		says: /write \(en, solution\): .*does not pass after.* hello\.txt exists, but does not contain "salut" yet; it begins with "bonjour"\./,
	},
	{
		name: 'condition that the solution does not bring about',
		plant: (l) => l.replace('lesson.yaml', 'hello.txt, contains: "[a-z]", hint: 2', 'hello.txt, mode: 600'),
		play: ['en', 'solution'],
		says: /write \(en, solution\): .*does not pass after the solution; it says: The rights of hello\.txt are 644, not 600: change them by chmod\./,
	},
	{
		name: 'step that has to hold and is undone by the next',
		plant: (l) => {
			l.replace('lesson.yaml', '- id: write\n', '- id: write\n    holds: now\n');
			l.append('solutions/copy.sh', 'rm hello.txt; mkdir -p kept; echo x > kept/hello.txt\n');
			l.write('checks/copy.sh', check("file_exists kept/hello.txt || fail 'Non.' 'No.'\npass"));
		},
		says: /write \(fr, solution\): the step no longer holds after the steps that follow it; it says: /,
	},
	{
		name: 'setup fails',
		plant: (l) => l.write('setup.sh', '#!/bin/sh\necho no room >&2; exit 1\n'),
		says: /\(setup\) \(fr, solution\): setup failed[\s\S]*no room/,
	},
	{
		name: 'setup works only once',
		plant: (l) => l.write('setup.sh', '#!/bin/sh\nmkdir ~/once\n'),
		says: /\(setup\) \(fr, solution\): setup failed when it was run on top of itself[\s\S]*mkdir/,
	},
	{
		name: 'setup cannot be run on top of itself',
		plant: (l) => l.write('setup.sh', '#!/bin/sh\nmkdir once\n'),
		says: /\(setup\) \(fr, solution\): setup failed when it was run on top of itself[\s\S]*mkdir/,
	},
	{
		name: 'setup leaves a program and a file',
		plant: (l) =>
			l.write(
				'setup.sh',
				'#!/bin/sh\ntouch /tmp/left\nsetsid sleep 3000 >/dev/null 2>&1 &\nuntil pgrep -f "^sleep 3000" >/dev/null; do sleep 0.1; done\n',
			),
		says: /\(setup\) \(fr, solution\): setup leaves, and there is no cleanup: (?=.*the program sleep 3000)(?=.*\/tmp\/left)/,
	},
	{
		name: 'cleanup forgets something',
		plant: (l) => {
			l.write('setup.sh', '#!/bin/sh\ntouch /tmp/left ~/kept\n');
			l.write('cleanup.sh', '#!/bin/sh\nrm -f /tmp/left\n');
		},
		says: /\(setup\) \(fr, solution\): setup and cleanup leave: \/home\/learner\/kept$/m,
	},
	{
		name: 'cleanup fails',
		plant: (l) => l.write('cleanup.sh', '#!/bin/sh\necho cannot >&2\nexit 3\n'),
		says: /\(setup\) \(fr, solution\): cleanup failed: exited 3\ncannot/,
	},
	{
		name: 'check that takes a neighbour’s answer',
		plant: (l) => {
			l.append('lesson.yaml', 'parameters:\n  word: 6 letters\n');
			l.append('solutions/copy.sh', 'echo {{word}} > kept/word.txt\n');
			// It is named, and not compared.
			l.replace('checks/copy.sh', /^pass$/m, ': "$WORD"\npass');
		},
		says: /copy \(fr, solution\): a neighbour's answer passes: .*\$WORD/,
	},
	{
		name: 'setup leaves a step done',
		plant: (l) => l.write('setup.sh', '#!/bin/sh\necho x > hello.txt\n'),
		says: /write \(fr, solution\): the check passes before/,
	},
];

/** What else can be asked of the first step of the template, and is so after its solution; "$$" in a replacement is one "$". */
const richConditions = `- { ran: '^cat hello\\.txt$$', after: '^echo', hint: 1 }
      - { printed: '^bonjour$$', by: '^cat', hint: 1 }
      - { file: ~/01-first-steps/hello.txt, equals: bonjour, mode: 644, lacks: salut }
      - { printed: '^OK$$', by: '^printf', hint: 1 }
      - { printed: '^café$$', by: '^touch', hint: 1 }
      - { process: bash }
      - { port: 9999, missing: true }
      - { dir: /no/such, missing: true }`;

/** The template's quiz, in a step of its own. */
const richQuiz = '<Step id="understood">\n\n## Understood?\n\n$2\n</Step>\n\n$1';

const slug = ({ name }: Fault) =>
	name
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/-$/, '');

function plantAll(root: string, faults: readonly Fault[]): void {
	for (const fault of faults) {
		const course = makeCourse(root, slug(fault));
		// Made when it is needed, not kept ready: there are many courses here, and each is played once.
		appendFileSync(join(course, 'course.yaml'), 'pool: 0\n');
		fault.plant(new Lesson(course));
	}
}

/** Blocks of every kind, each needing the ones before it. */
const richBlocks = `\`\`\`text file=notes/a.txt
one
two
\`\`\`

\`\`\`text file=notes/a.txt append
three
\`\`\`

\`\`\`text file=notes/a.txt replace="^tw."
2 \\ "&" $HOME
\`\`\`

\`\`\`bash run terminal=2 nowait
tail -f notes/a.txt
\`\`\`

\`\`\`bash run
cat notes/a.txt
printf 'gone\\rhere\\n'; date
\`\`\`

\`\`\`text output compare
one
2 \\ "&"   $HOME
three
here
…:…
\`\`\`

\`\`\`bash run terminal=2 interrupt
wc -l < notes/a.txt
\`\`\`

\`\`\`text output compare=regex
\\d+
\`\`\``;

test('faults that can be read', async (t) => {
	const root = mkdtempSync(join(tmpdir(), 'etabli-faults-'));
	t.after(() => rmSync(root, { recursive: true }));
	plantAll(root, written);
	makeCourse(root, 'good');
	for (const fault of written) {
		await t.test(fault.name, () => {
			const errors = lintCourses(root, slug(fault)).filter(isError);
			assert.match(formatProblems(errors), fault.says);
		});
	}
	await t.test('without a fault: green', () => assert.deepEqual(lintCourses(root, 'good'), []));
});

test('faults that show when the lesson is played', { timeout: patience(900_000) }, async (t) => {
	const root = mkdtempSync(join(tmpdir(), 'etabli-faults-'));
	t.after(() => rmSync(root, { recursive: true }));
	plantAll(root, played);
	makeCourse(root, 'good');
	const rich = new Lesson(makeCourse(root, 'rich'));
	rich.replace('lesson.yaml', '- { file: hello.txt, hint: 1 }', richConditions);
	rich.replace('lesson.yaml', '- id: copy', '- id: understood\n    check: { quiz: all }\n    holds: now\n  - id: copy');
	for (const name of ['fr.mdx', 'en.mdx']) rich.replace(name, /(<Step id="copy">[\s\S]*<\/Step>\n)\n(<Quiz[\s\S]*<\/Quiz>\n)/, richQuiz);
	for (const language of ['fr', 'en']) rich.replace(`${language}.mdx`, '```bash run\nmkdir', `${richBlocks}\n\n\`\`\`bash run\nmkdir`);
	// What ends a colour is no letter of the text, and é is one letter in a course's own image.
	const unusual = 'printf \'OK%s\\n\' "$(tput sgr0)"\ntouch café; ls café\n';
	rich.append('solutions/write.sh', unusual);
	for (const name of ['fr.mdx', 'en.mdx']) rich.replace(name, 'cat hello.txt\n', `cat hello.txt\n${unusual.replaceAll('$', '$$$$')}`);
	const tidy = new Lesson(makeCourse(root, 'tidy'));
	tidy.write(
		'setup.sh',
		'#!/bin/sh\ntouch /tmp/left\npgrep -f "[s]leep 4000" >/dev/null && exit 0\nsetsid sleep 4000 >/dev/null 2>&1 &\nuntil pgrep -f "^[s]leep 4000" >/dev/null; do sleep 0.1; done\n',
	);
	tidy.write(
		'cleanup.pl',
		'#!/usr/bin/perl\nunlink "/tmp/left"; system("pkill", "-f", "[s]leep 4000");\nselect(undef, undef, undef, 0.1) until system("pgrep", "-f", "[s]leep 4000");\n',
	);
	tidy.rename('checks/copy.sh', 'checks/copy.bash');
	assert.equal(formatProblems(lintCourses(root).filter(isError)), '');
	const made = new Map(played.map((fault) => [slug(fault), (fault.play ?? ['fr', 'solution']).join()]));
	const chosen = ({ course, language, way }: Play) => (made.get(course.slug) ?? [language, way].join()) === [language, way].join();
	const proofs = await proveForReal(t, { courses: root, parallel: 4, commandMs: 5000, chosen });
	for (const fault of played) {
		await t.test(fault.name, () => {
			const mine = proofs.filter(({ course, fault: found }) => course === slug(fault) && found);
			assert.match(mine.map((proof) => `${nameOf(proof)}: ${proof.fault}`).join('\n'), fault.says);
		});
	}
	await t.test('without a fault: green', () => {
		const good = proofs.filter(({ course }) => ['good', 'rich', 'tidy'].includes(course));
		assert.deepEqual(
			good.map(({ fault }) => fault),
			Array.from({ length: 6 + 9 + 6 }, () => ''),
		);
	});
});
