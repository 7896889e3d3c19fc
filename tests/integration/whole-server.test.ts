/** The server as a process, on the real engine: killed, stopped, crowded, visited twice; what its learners then find. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { rowsOf } from '../faults/support/accounts.ts';
import { cells, show } from '../fixtures/browser-screen.ts';
import { eventually } from '../fixtures/eventually.ts';
import { machinery, taughtCourses, WholeServer } from '../fixtures/server.ts';

/** What the step "history" says: the commands that the server has recorded, each with terminal and exit code. */
async function history(learner: LearnerClient): Promise<string[]> {
	const { message = '' } = await learner.check('history');
	return message.split(';').filter(Boolean);
}

test('killed with vim open and 5,000 lines of scrollback: everything is as it was, and nobody’s container is lost or left over', async (t) => {
	const server = await WholeServer.start();
	t.after(() => server.stop());
	const ada = await server.withTerminal();
	const neighbour = await server.withTerminal();
	const shell = await show(ada, '1');
	await shell.terminal.run('touch done.txt');
	await ada.until(() => ada.steps.get('write')?.state === 'passed', 'the step to be passed');
	await shell.terminal.run("for i in $(seq 5000); do printf '\\e[3%d;1mline %d\\e[0m\\n' $((i % 8)) $i; done");
	// A mouse mode, a palette colour and a true colour, a title; and a question that is answered once, now.
	await shell.terminal.run("printf '\\e[?1002h\\e[?1006h\\e[38;5;208mORANGE\\e[48;2;10;20;30mTRUE\\e[0m\\e]2;kept title\\a\\n'");
	await shell.terminal.run("printf '\\e[6n'; read -rsd R");
	const editor = await show(ada, '2', { cols: 90, rows: 25 });
	await editor.terminal.run('seq -f "before vim %g" 5000');
	editor.terminal.type('vim -N -u NONE --cmd "set mouse=a" text.txt\r');
	await editor.screen.shows('"text.txt"');
	editor.terminal.type('iwords that are not saved\x1b');
	// When vim has left its insert mode, too, nothing more comes to that screen.
	const typed = () => editor.screen.visible();
	await editor.screen.until(() => typed().includes('words that are not saved') && !typed().includes('INSERT'));
	// Ends while no server is there to see it, or after: recorded once in either case.
	const late = await show(ada, '3');
	late.terminal.type('sleep 1; echo it is late\r');
	await late.screen.shows('sleep 1; echo');
	await shell.screen.until(() => shell.screen.title === 'kept title');
	const before = { shell: await shell.look(), editor: await editor.look() };
	const beforeCells = { shell: cells(shell.screen), editor: cells(editor.screen) };
	assert.equal(before.editor['buffer'], 'alternate');
	assert.ok(beforeCells.shell.normal.length > 5000 && beforeCells.editor.normal.length > 5000);
	const claimed = await server.sandboxes();
	assert.equal(claimed.length, 2);
	// A third sandbox is being made at that moment.
	const third = await server.learner().connect();
	third.send({ type: 'start' });
	await third.until(() => third.sandbox.state === 'starting', 'a start under way');

	assert.equal((await server.kill('SIGKILL')).signal, 'SIGKILL');
	// Were the kill to come late, that one would be somebody's, too.
	const whose = rowsOf(server.data)
		.sandboxes.filter(({ state }) => state === 'ready')
		.map(({ name }) => name);
	assert.deepEqual(
		whose.filter((name) => claimed.includes(name)),
		claimed,
	);
	await server.serve();

	await ada.connect();
	await ada.until(() => ada.sandbox.state === 'ready', 'the same sandbox');
	assert.equal(ada.steps.get('write')?.state, 'passed');
	const shellAgain = await show(ada, '1');
	const editorAgain = await show(ada, '2', { cols: 90, rows: 25 });
	const afterCells = { shell: cells(shellAgain.screen), editor: cells(editorAgain.screen) };
	assert.deepEqual(await shellAgain.look(), before.shell);
	assert.deepEqual(await editorAgain.look(), before.editor);
	assert.deepEqual(afterCells, beforeCells);
	assert.equal(shellAgain.screen.terminal.modes.mouseTrackingMode, 'drag');
	assert.equal(shellAgain.screen.title, 'kept title');

	// Nothing was typed by the replays: vim holds what was typed, and so does the shell's line.
	editorAgain.terminal.type(':wq\r');
	await editorAgain.screen.until(() => editorAgain.screen.terminal.buffer.active.type === 'normal');
	assert.match(
		await shellAgain.terminal.run('cat text.txt | od -c | tail -3; echo end'),
		/s {3}a {3}v {3}e {3}d {2}\\n\r?\n[0-7]+\r?\nend/,
	);
	assert.match(await shellAgain.terminal.run('wc -l -m < text.txt'), /\b1 +25\b/);
	const recorded = await eventually(async () => {
		const list = await history(ada);
		return list.some((entry) => entry.includes('it is late')) && list.some((entry) => entry.includes('vim')) ? list : undefined;
	}, 'every command in the history');
	const count = (part: string) => recorded.filter((entry) => entry.includes(part)).length;
	for (const part of ['touch done.txt', 'before vim', 'vim -N', 'it is late', 'od -c', 'wc -l'])
		assert.equal(count(part), 1, `${part}: ${recorded.join('\n')}`);

	// Theirs are there, of the one that was being made nothing is left, and the third can have another.
	await eventually(async () => (await server.sandboxes()).join() === whose.join(), 'what was somebody’s and no other');
	await neighbour.connect();
	await neighbour.until(() => neighbour.sandbox.state === 'ready', 'the neighbour’s sandbox');
	assert.match(await (await neighbour.terminal()).run('echo still $((40 + 2))'), /still 42/);
	await third.connect();
	await third.start();
	assert.equal((await server.sandboxes()).length, 3);
	assert.equal((await server.kill('SIGTERM')).code, 0);
	assert.deepEqual(await server.containers(), [], 'a server that is stopped leaves nothing');
});

test('stopped with --keep: the shells go on, and the next server finds them', async (t) => {
	const server = await WholeServer.start({ keep: true });
	t.after(() => server.stop());
	const learner = await server.withTerminal();
	const terminal = await learner.terminal();
	await terminal.run('kept=by-the-shell');
	const running = await server.sandboxes();
	assert.equal((await server.kill('SIGTERM')).code, 0);
	assert.deepEqual(await server.sandboxes(), running);
	await server.serve({ keep: false });
	await learner.connect();
	await learner.until(() => learner.sandbox.state === 'ready', 'the kept sandbox');
	assert.match(await (await learner.terminal()).run('echo "kept: $kept"'), /kept: by-the-shell/);
	await server.kill('SIGTERM');
	assert.deepEqual(await server.containers(), []);
});

test('a command that ends while no server runs turns its step green when there is one again', async (t) => {
	const server = await WholeServer.start({ keep: true });
	t.after(() => server.stop());
	const learner = await server.withTerminal();
	const terminal = await learner.terminal();
	// A number by which it is known among the processes of this machine.
	await terminal.start('sleep 3.14159; touch done.txt');
	await server.kill('SIGKILL');
	const runs = (path: string) => {
		try {
			return readFileSync(path, 'utf8') === 'sleep\x003.14159\0';
		} catch {
			return false; // It has ended while we looked.
		}
	};
	await eventually(() => !globSync('/proc/[0-9]*/cmdline').some(runs), 'the end of the command');
	await server.serve({ keep: false });
	await learner.connect();
	await learner.until(() => learner.steps.get('write')?.state === 'passed', 'the step to turn green by itself');
});

test('no room: the place in the queue is told, and the sandbox comes by itself', async (t) => {
	const server = await WholeServer.start({ maxSandboxes: 1 });
	t.after(() => server.stop());
	const first = await server.withTerminal();
	const [second, third] = [await server.learner().connect(), await server.learner().connect()];
	second.send({ type: 'start' });
	await second.until(() => second.sandbox.state === 'queued', 'a place in the queue');
	third.send({ type: 'start' });
	await third.until(() => third.sandbox.state === 'queued', 'a place in the queue');
	assert.deepEqual([second.sandbox.place, third.sandbox.place], [1, 2]);
	assert.ok((second.sandbox.wait ?? 0) > 0, 'an estimate, from the time that the first may stay');
	await first.goHome();
	await second.until(() => second.sandbox.state === 'ready', 'the sandbox to come by itself');
	await third.until(() => third.sandbox.place === 1, 'to move up');
	assert.equal((await server.sandboxes()).length, 1);
	assert.match(await (await second.terminal()).run('echo here'), /here/);
	await second.goHome();
	await third.until(() => third.sandbox.state === 'ready', 'the sandbox to come by itself');
});

test('one server, many visits', async (t) => {
	const server = await WholeServer.start();
	t.after(() => server.stop());

	await t.test('start clicked twenty times, in two pages, gives one sandbox', async () => {
		const learner = await server.learner().connect();
		const tab = await server.learner({ cookie: learner.cookie }).connect();
		for (let click = 0; click < 10; click++) for (const page of [learner, tab]) page.send({ type: 'start' });
		await Promise.all([learner, tab].map((page) => page.until(() => page.sandbox.state === 'ready', 'the sandbox')));
		await Promise.all(Array.from({ length: 20 }, () => learner.post('/api/sandboxes/trial')));
		assert.equal((await server.sandboxes()).length, 1);
		await learner.goHome();
		assert.deepEqual(await server.sandboxes(), []);
	});

	await t.test('several tabs share the shell, and each sees what the other types', async () => {
		const learner = await server.withTerminal();
		const tab = await server.learner({ cookie: learner.cookie }).connect();
		const [here, there] = [await learner.terminal(), await tab.terminal()];
		await here.run('shared=yes');
		there.type('echo "shared: $shared"\r');
		await there.untilOutput('shared: yes');
		await here.untilOutput('shared: yes');
		await learner.goHome();
		await tab.until(() => tab.sandbox.state === 'none', 'to be told in the other tab');
	});

	await t.test('exit in the shell is told with its code, and a new shell opens at once', async () => {
		const learner = await server.withTerminal();
		const terminal = await learner.terminal();
		await terminal.run('left=behind; cd /tmp');
		terminal.type('exit 7\r');
		await learner.until(() => terminal.ended !== undefined, 'the end to be told');
		assert.deepEqual(terminal.ended, { code: 7, signal: undefined });
		const again = await learner.terminal();
		const output = await again.run('echo "left: [$left] in $PWD"');
		assert.match(output, /left: \[\] in \/home\/learner\/01-sandbox/);
		// The same once more by a signal.
		again.type('kill -9 $$\r');
		await learner.until(() => again.ended !== undefined, 'the end to be told');
		assert.equal(again.ended?.signal, 9);
		assert.match(await (await learner.terminal()).run('echo third'), /third/);
		await learner.goHome();
	});

	await t.test('nobody looks: the sandbox is put away, and the learner is told why', async () => {
		const learner = await server.withTerminal({ course: 'brief', lesson: 'visit' });
		await (await learner.terminal()).run('echo hello');
		await learner.disconnect();
		const report = await eventually(async () => {
			const found = (await learner.get('/api/sandboxes/brief?language=en')) as { state: string; reason?: string };
			return found.state === 'none' ? found : undefined;
		}, 'the sandbox to be put away');
		assert.match(report.reason ?? '', /put away after .* without a visit/);
		assert.deepEqual(await server.sandboxes(), []);
	});

	await t.test('a visitor who is no learner of ours sees no sandbox', async () => {
		await server.withTerminal();
		const stranger = await server.learner().connect();
		assert.equal(stranger.sandbox.state, 'none');
		await assert.rejects(stranger.check('write'), /409 .*no-sandbox/);
		assert.ok(stranger instanceof LearnerClient);
	});
});

test('files that come from the page are kept, also of somebody who never types', async (t) => {
	const server = await WholeServer.start();
	t.after(() => server.stop());
	const learner = await server.withTerminal();
	const { course, lesson } = learner.visit;
	const file = `/api/lessons/${course}/${lesson}/file`;
	const look = async () => (await learner.post(`${file}/look?language=en`, { path: 'notes.txt' })) as { text: string | null; mark: string };
	const { mark } = await look();
	await learner.post(`${file}?language=en`, { path: 'notes.txt', text: 'from the page\n', mark });
	const [first] = await server.sandboxes();
	await learner.request('DELETE', `/api/sandboxes/${course}?ask=1`);
	await learner.start();
	assert.notEqual((await server.sandboxes())[0], first);
	assert.equal((await look()).text, 'from the page\n');
});

test('who goes through many lessons always gets a terminal: the oldest shells end, but none in which something runs', async (t) => {
	const { images } = machinery();
	const server = await WholeServer.start({ courses: taughtCourses, images: { ...images, registry: undefined, seeds: [] } });
	t.after(() => server.stop());
	const lessons = ['first-container', 'inside-a-sif', 'build', 'overlays-instances-sharing', 'tags-and-cache'];
	let cookie = '';
	/** Opens the lesson's four terminals, and leaves it. */
	const visit = async (lesson: string, work: (page: LearnerClient) => Promise<void> = async () => {}) => {
		const page = await server.learner({ course: 'tp-apptainer', lesson, ...(cookie && { cookie }) }).connect();
		cookie = page.cookie;
		await page.start();
		for (const number of ['1', '2', '3', '4'] as const) await page.terminal(number);
		await work(page);
		await page.disconnect();
	};
	await visit('first-container', async (page) => {
		await (await page.terminal('1')).run('echo the-first-shell-said; kept=in-the-first');
		await (await page.terminal('2')).start('sleep 100000');
		await (await page.terminal('3')).run('kept=in-the-third');
	});
	for (const lesson of lessons.slice(1)) await visit(lesson);

	const back = await server.learner({ course: 'tp-apptainer', lesson: 'first-container', cookie }).connect();
	await back.until(() => back.sandbox.state === 'ready', 'the same sandbox');
	assert.match(await (await back.terminal('1')).run('echo "kept: <$kept>"'), /kept: <>/);
	const busy = await back.terminal('2');
	busy.type('\x03');
	await back.until(() => busy.prompts > 0, 'the prompt of the shell that was kept');
	assert.match(busy.output, /sleep 100000/);
	assert.deepEqual(back.errors, []);
	// What ended shells had shown is in the record all the same, also of the one in whose place there is another.
	for (const [number, text] of [
		['1', /the-first-shell-said/],
		['3', /kept=in-the-third/],
	] as const) {
		const records = join(server.data, `transcripts/tp-apptainer/*/*.first-container.${number}.*.txt.gz`);
		const kept = await eventually(() => globSync(records).at(0), 'the record of a shell that was ended');
		assert.match(gunzipSync(readFileSync(kept)).toString(), text);
	}
});
