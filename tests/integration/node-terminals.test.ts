/** Terminals on the nodes of a learner's cluster, in the real server: whose they are, what is kept of them, and what there is not. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { plainText } from '../../src/shared/control-sequences.ts';
import { taughtCourses, WholeServer } from '../fixtures/server.ts';

const place = { course: 'tp-cluster', lesson: 'data-and-scratch' };

test('a terminal on a node: its own /tmp, checks after its commands, the same shell after kill -9 of the server', {
	timeout: patience(300_000),
}, async (t) => {
	const server = await WholeServer.start({ courses: join(taughtCourses, 'tp-cluster') });
	t.after(() => server.stop());
	const ada = await server.withTerminal(place);
	ada.send({ type: 'focus', step: 'places', begun: true });
	const [c1, c2] = [await ada.terminal('c1'), await ada.terminal('c2')];
	assert.match(plainText(await c1.run('hostname; pwd; cluster status')), /\rc1\r?\n\S+data-and-scratch\r?\nYou are on a node/);
	assert.match(plainText(c1.output), /c1:\S+\$ /, 'the prompt names the node');
	await c1.run('echo "left by $(hostname)" | tee /tmp/note > note.txt; kept=here');
	await c2.run('{ cat note.txt; cat /tmp/note 2> /dev/null || echo "no note on $(hostname)"; } > places.txt');
	await ada.until(() => ada.steps.get('places')?.state === 'passed', 'the step to turn green after a command on a node');
	assert.match(plainText(await (await ada.terminal()).run('ls /tmp/note; srun -w c1 cat /tmp/note')), /No such file[\s\S]*left by c1/);
	await assert.rejects(ada.terminal('c3'), /has no machine of that name/);

	await server.kill('SIGKILL');
	await server.serve();
	await ada.connect();
	await ada.until(() => ada.sandbox.state === 'ready', 'the sandbox after the restart');
	assert.match(plainText(await (await ada.terminal('c1')).run('echo "$kept on $(hostname)"')), /\rhere on c1\r?\n/);
	assert.equal((await server.sandboxes()).length, 1);

	const answer = await fetch(`${server.address}/api/sandboxes/tp-cluster/archive?language=en`, { headers: { cookie: ada.cookie } });
	const archive = join(server.data, 'taken.tar.gz');
	writeFileSync(archive, Buffer.from(await answer.arrayBuffer()));
	assert.match(execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }), /tp-cluster\/terminals\/07-data-and-scratch-c1\.(txt|cast)\n/);
});

test('commands of a shell behind ssh set off checks, too', { timeout: patience(300_000) }, async (t) => {
	const server = await WholeServer.start({ courses: join(taughtCourses, 'tp-cluster') });
	t.after(() => server.stop());
	const ada = await server.withTerminal(place);
	ada.send({ type: 'focus', step: 'places', begun: true });
	const terminal = await ada.terminal();
	await ada.until(() => terminal.prompts > 0, 'the first prompt');
	/** Types it, and waits for what it prints. */
	const type = async (line: string, shown: RegExp) => {
		const from = terminal.output.length;
		terminal.type(`${line}\r`);
		await ada.until(() => shown.test(plainText(terminal.output.slice(from))), `${shown} after "${line}"`);
	};
	await type('ssh c1', /c1:~\$ /);
	await type('cd 07-data-and-scratch; echo "left by $(hostname)" | tee /tmp/note > note.txt', /c1:07-data-and-scratch\$ /);
	await type('exit', /[^:]07-data-and-scratch\$ /);
	await type('ssh c2', /c2:~\$ /);
	terminal.type('cd 07-data-and-scratch; { cat note.txt; ls /tmp/note || echo "no note on $(hostname)"; } > places.txt\r');
	await ada.until(() => ada.steps.get('places')?.state === 'passed', 'the step to turn green after a command on c2');
});

test('a lesson without a cluster has no terminal on a node', async (t) => {
	const server = await WholeServer.start();
	t.after(() => server.stop());
	await assert.rejects((await server.withTerminal()).terminal('c1'), /has no machine of that name/);
});
