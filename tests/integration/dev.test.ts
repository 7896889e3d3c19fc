/** `etabli dev` as an author has it: a file is saved, and the page, the check and the terminal show it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { root } from '../../sandbox-server/setup/paths.ts';
import { makeCourse } from '../../sandbox-server/tools/authoring/make.ts';
import { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as { port: number };
	server.close();
	await once(server, 'close');
	return port;
}

/** What `etabli dev` has printed. */
let said = '';

/** @returns ms until the condition held */
async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<number> {
	const begun = performance.now();
	while (!(await condition())) {
		assert.ok(performance.now() - begun < patience(60_000), `${what}: never; it said:\n${said}`);
		await sleep(20);
	}
	return Math.round(performance.now() - begun);
}

test('what an author saves is on the page, in the checks and in the terminal, with no new start', async (t) => {
	const place = mkdtempSync(join(tmpdir(), 'etabli-dev-'));
	const courses = join(place, 'courses');
	const lesson = join(makeCourse(courses, 'ours'), '01-first-steps');
	const port = await freePort();
	const engine = process.env['ETABLI_TEST_ENGINE'];
	const args = [
		'dev',
		'--courses',
		courses,
		'--data',
		join(place, 'data'),
		'--port',
		String(port),
		...(engine ? ['--engine', engine] : []),
	];
	const child = spawn(join(root, 'etabli'), args, {
		cwd: root,
		env: { ...process.env, ETABLI_NODE: process.execPath, NODE_TEST_CONTEXT: undefined },
	});
	for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
	const ended = once(child, 'close');
	t.after(async () => {
		child.kill('SIGTERM');
		await ended;
		rmSync(place, { recursive: true, force: true });
		const { images } = await connectEngine({ url: engine ?? '', stateDir: tmpdir() });
		for (const tag of await images.names('etabli-course-ours')) await images.untag(tag);
	});
	const address = `http://127.0.0.1:${port}`;
	await until(() => {
		assert.equal(child.exitCode, null, said);
		return said.includes(`ready: ${address}/`);
	}, 'ready');

	const page = async () => (await fetch(`${address}/en/ours/first-steps/`)).text();
	assert.match(await page(), /a real terminal/);
	const edit = (name: string, from: string, to: string) => {
		const file = join(lesson, name);
		writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
	};
	edit('en.mdx', 'a real terminal', 'an honest terminal');
	t.diagnostic(`text on the page after ${await until(async () => (await page()).includes('an honest terminal'), 'text')} ms`);

	// Through the pages' server, as a browser has it: the interface and the live connection.
	const learner = new LearnerClient({ address, course: 'ours', lesson: 'first-steps', language: 'en' });
	t.after(() => learner.disconnect());
	await learner.connect();
	await learner.start();
	const terminal = await learner.terminal();
	await terminal.run('ls');
	await learner.until(
		() => learner.steps.get('write')?.message === "There is no file hello.txt in the lesson's folder yet.",
		'the sentence as it was',
	);

	edit('lesson.yaml', 'hello.txt, hint: 1', "hello.txt, hint: 1, fail: { fr: 'Où est-il ?', en: 'Where is hello.txt?' }");
	let begun = performance.now();
	await learner.until(() => learner.steps.get('write')?.message === 'Where is hello.txt?', 'the new sentence');
	t.diagnostic(`check on the page after ${Math.round(performance.now() - begun)} ms`);
	await until(() => /Taken over: ours\/first-steps: conditions of "write"/.test(said), 'that it is taken over');
	await until(() => /ours\/first-steps, check of "write" \(\d+ ms\): not yet: Where is hello\.txt\?/.test(said), 'what the check said');

	await terminal.run('echo hello > hello.txt');
	await learner.until(() => learner.steps.get('write')?.state === 'passed', 'the first step');
	edit('checks/copy.sh', '\npass', '\npas');
	for (const question of ['dir_exists kept', 'file_exists kept/hello.txt', 'same_content hello.txt kept/hello.txt'])
		edit('checks/copy.sh', question, 'true');
	begun = performance.now();
	await learner.until(() => learner.steps.get('copy')?.state === 'error', 'a broken check');
	await until(() => /check of "copy" \(\d+ ms\): broke[\s\S]*no program called pas[\s\S]*ETABLI_LANG=en/.test(said), 'how it was run');

	edit('checks/copy.sh', '\npas\n', '\npass\n');
	await until(() => /Taken over: ours\/first-steps: checks\/copy\.sh/.test(said), 'that the broken check is taken over');
	await learner.until(() => learner.steps.get('copy')?.state === 'passed', 'mended');

	edit('lesson.yaml', 'minutes: 5', 'minuts: 5');
	await until(() => /`minuts` is not a key[\s\S]*stay as they were/.test(said), 'a mistake in words');
	edit('lesson.yaml', 'minuts: 5', 'minutes: 7');
	await until(() => said.includes('Mended.'), 'mended');
	await until(async () => {
		try {
			return (await page()).includes('7');
		} catch {
			return false; // The pages' server is just being started anew.
		}
	}, 'the settings on the page');
	await learner.disconnect();
	child.kill('SIGINT');
	assert.deepEqual(await ended, [0, null], said);
});
