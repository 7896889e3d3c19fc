/** An author's first ten minutes, typed as docs/author/README.md says, by the real commands; and the mistakes made on the way. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { root } from '../../sandbox-server/setup/paths.ts';

/** The courses of this test have images of their own, of which nobody has any use afterwards. */
after(async () => {
	const { images } = await connectEngine({ url: process.env['ETABLI_TEST_ENGINE'] ?? '', stateDir: tmpdir() });
	for (const name of ['etabli-course-my-course', 'etabli-course-my-cluster', 'etabli-course-ours'])
		for (const tag of await images.names(name)) await images.untag(tag);
});

/** An empty folder in which `./etabli` is the real command, with courses of its own. */
function place(t: TestContext): string {
	const path = mkdtempSync(join(tmpdir(), 'etabli author '));
	t.after(() => rmSync(path, { recursive: true, force: true }));
	mkdirSync(join(path, 'courses'));
	symlinkSync(join(root, 'etabli'), join(path, 'etabli'));
	return path;
}

/** What a page of docs/author says to type in ten minutes, up to the headline `next`. */
function tenMinutes(page: string, next?: string): string[] {
	const [, path = ''] = readFileSync(join(root, 'docs/author', page), 'utf8').split('## Ten minutes');
	const [part = ''] = next === undefined ? [path] : path.split(`\n## ${next}\n`);
	return [...part.matchAll(/^(`{3,})sh\n([\s\S]*?)^\1$/gm)].map(([, , commands]) => commands ?? '');
}

/** Types into a shell, which stops at the first command that fails. */
function type(cwd: string, commands: string): { status: number | null; said: string } {
	const { status, stdout, stderr } = spawnSync('bash', ['-e'], {
		input: commands,
		cwd,
		encoding: 'utf8',
		env: {
			PATH: process.env['PATH'],
			HOME: process.env['HOME'],
			LANG: 'C.UTF-8',
			ETABLI_NODE: process.execPath,
			ETABLI_COURSES: join(cwd, 'courses'),
			// The course is the author's own: its image is built with this machine's network.
			ETABLI_TRUST: cwd,
			...(process.env['ETABLI_TEST_ENGINE'] && { ETABLI_ENGINE: process.env['ETABLI_TEST_ENGINE'] }),
		},
	});
	return { status, said: stdout + stderr };
}

test('the first ten minutes: what the page says to type makes a proved lesson of two steps', (t) => {
	const blocks = tenMinutes('README.md');
	assert.ok(blocks.length >= 7);
	const { status, said } = type(place(t), blocks.join('\n'));
	assert.equal(status, 0, said);
	assert.match(said, /1 course|course my-course: 0 errors, 0 warnings/);
	assert.match(said, /✓ {2}my-course\/big-files\/largest +en +solution +There is no largest\.txt yet\./);
	assert.match(said, /^Proved: 6 of 6 proofs in 1 lesson, /m);
});

test('the first ten minutes with a cluster: what is made, and what the page says to type, is proved on clusters', (t) => {
	const cwd = place(t);
	const { status, said } = type(
		cwd,
		[...tenMinutes('cluster.md', 'The cluster'), './etabli prove my-cluster --json out.json\n'].join('\n'),
	);
	assert.equal(status, 0, said);
	assert.match(said, /course my-cluster: 0 errors, 0 warnings/);
	assert.match(said, /^Proved: 3 of 3 proofs in 1 lesson, /m);
	const { proofs } = JSON.parse(readFileSync(join(cwd, 'out.json'), 'utf8')) as { proofs: Record<string, string>[] };
	const played = new Set(proofs.map(({ lesson, step, language }) => `${lesson}/${step} ${language}`));
	for (const step of ['first-jobs/first-job', 'first-jobs/array', 'two-nodes/pair'])
		for (const language of ['fr', 'en']) assert.ok(played.has(`${step} ${language}`), `${step} ${language}`);
});

test('a new course and a new lesson are linted and proved as they are', (t) => {
	const cwd = place(t);
	const made = type(
		cwd,
		'./etabli new course ours\n./etabli new lesson ours next-one\n./etabli lint\n./etabli prove --junit out/junit.xml --json out/results.json\n',
	);
	assert.equal(made.status, 0, made.said);
	assert.deepEqual(readdirSync(join(cwd, 'courses/ours')).sort(), ['01-first-steps', '02-next-one', 'course.yaml', 'image']);
	assert.match(made.said, /1 course: 0 errors, 0 warnings/);
	assert.match(made.said, /^Proved: 12 of 12 proofs in 2 lessons/m);
	const results = JSON.parse(readFileSync(join(cwd, 'out/results.json'), 'utf8')) as { proved: boolean; proofs: unknown[] };
	assert.deepEqual([results.proved, results.proofs.length], [true, 12]);
	assert.match(readFileSync(join(cwd, 'out/junit.xml'), 'utf8'), /<testsuite name="ours\/next-one fr solution" tests="2" failures="0"/);
});

test('what cannot be made or found is told in a sentence, and nothing is changed', (t) => {
	const cwd = place(t);
	assert.equal(type(cwd, './etabli new course ours').status, 0);
	const rows: [string, number, RegExp][] = [
		['new course ours', 1, /There is a course "ours" already/],
		['new course "My Course"', 2, /not a name for a course[\s\S]*my-course/],
		['new lesson our next', 1, /There is no course "our".*Did you mean "ours"\?/],
		['new lesson ours first-steps', 1, /has a lesson "first-steps" already: .*01-first-steps/],
		['new lesson ours', 2, /new lesson COURSE NAME/],
		['new lessn ours x', 2, /Did you mean "lesson"\?/],
		['lint our', 2, /Did you mean "ours"\?/],
		['prove ours/first-step', 2, /no lesson "first-step"\. Did you mean "ours\/first-steps"\?/],
		['prove our', 2, /There is no course "our"\. Did you mean "ours"\?/],
		['rehearse --course our', 2, /course "our"\. Did you mean "ours"\?\nls .*courses lists/],
		['export x.tar --course our', 2, /Did you mean "ours"\?\nls .*courses lists/],
		['prove --language de', 2, /--language is one of fr, en/],
		['prove --parallel 0', 2, /--parallel is from 1 to 64/],
		['prove --address nowhere', 2, /--address is an address such as/],
		['prove --address http://127.0.0.1:9', 1, /cannot be proved at http:\/\/127\.0\.0\.1:9/],
	];
	for (const [command, status, expected] of rows) {
		const told = type(cwd, `./etabli ${command}\n`);
		assert.match(told.said, expected);
		assert.equal(told.status, status, command);
		assert.doesNotMatch(told.said, /\bat .*:\d+:\d+/);
	}
	assert.deepEqual(readdirSync(join(cwd, 'courses')), ['ours']);
	assert.deepEqual(readdirSync(join(cwd, 'courses/ours')).sort(), ['01-first-steps', 'course.yaml', 'image']);
});

test('prove is red for a step at fault: status 1, the step, what the check said and what the terminal showed', (t) => {
	const cwd = place(t);
	assert.equal(type(cwd, './etabli new course ours\necho "cp nothing kept" > courses/ours/01-first-steps/solutions/copy.sh').status, 0);
	const { status, said } = type(cwd, './etabli prove ours --language en');
	assert.equal(status, 1);
	assert.match(
		said,
		/✗ ours\/first-steps: copy \(en, solution\)\n {4}the check does not pass after the solution; it says: There is no folder kept yet\./,
	);
	assert.match(said, /cannot stat 'nothing'/);
	assert.match(said, /^Not proved: 3 of 4 proofs in 1 lesson/m);
});

test('Ctrl-C while lessons are played: it ends with 130, and leaves no sandbox', async (t) => {
	const cwd = place(t);
	const data = join(cwd, 'data');
	const made = type(cwd, './etabli new course ours\necho "sleep 50" > courses/ours/01-first-steps/solutions/write.sh');
	assert.equal(made.status, 0, made.said);
	const child = spawn(join(cwd, 'etabli'), ['prove', '--data', data, '--courses', join(cwd, 'courses')], {
		cwd,
		env: { ...process.env, ETABLI_NODE: process.execPath, ETABLI_ENGINE: process.env['ETABLI_TEST_ENGINE'], NODE_TEST_CONTEXT: undefined },
	});
	let said = '';
	let pressed = false;
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text: string) => {
			said += text;
			// A play by the run blocks is over: another one waits for its command.
			if (pressed || !/by the run blocks: 2 steps/.test(said)) return;
			pressed = child.kill('SIGINT');
		});
	}
	assert.deepEqual(await once(child, 'close'), [130, null], said);
	assert.match(said, /Interrupted: nothing is proved\./);
	const { containers } = await connectEngine({ url: process.env['ETABLI_TEST_ENGINE'] ?? '', stateDir: data });
	assert.deepEqual(await containers.list({ 'etabli.instance': readFileSync(join(data, 'instance'), 'utf8').trim() }), []);
});
