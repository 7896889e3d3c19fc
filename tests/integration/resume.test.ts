/** A learner comes back, on the real engine: files in the next sandbox, after a rest and after the server's end; and work taken home. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { type Cast, readCast } from '../../src/shared/cast.ts';
import { eventually } from '../fixtures/eventually.ts';
import { WholeServer } from '../fixtures/server.ts';

/** What a command prints, in a terminal of the lesson. */
async function say(learner: LearnerClient, command: string): Promise<string> {
	const terminal = await learner.terminal('1');
	return await terminal.run(command);
}

async function archive(server: WholeServer, learner: LearnerClient): Promise<string> {
	const answer = await fetch(`${server.address}/api/sandboxes/trial/archive?language=en`, { headers: { cookie: learner.cookie } });
	assert.equal(answer.status, 200);
	assert.match(answer.headers.get('content-disposition') ?? '', /^attachment; filename="trial-learner-[0-9a-f]{6}\.tar\.gz"$/);
	const path = join(server.data, 'taken.tar.gz');
	writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
	return path;
}

test('files are in the next sandbox, before its first prompt, and after the server’s end; nothing of them after a fresh start', async (t) => {
	const server = await WholeServer.start();
	t.after(() => server.stop());
	const ada = await server.withTerminal();
	await say(
		ada,
		'mkdir -p ../mine && echo "echo from my bashrc" > ~/.bashrc && head -c 5000000 /dev/urandom > ../mine/image.sif && sha256sum ../mine/image.sif > ../mine/sum',
	);
	const [first] = await server.sandboxes();
	const asked = Date.now();
	await ada.request('DELETE', '/api/sandboxes/trial');
	await ada.until(() => ada.sandbox.state === 'none', 'the sandbox to be put away');
	assert.ok((ada.sandbox.kept ?? 0) >= asked, 'the page can say that files are kept');
	await ada.start();
	assert.equal((await server.sandboxes()).includes(first ?? ''), false);
	assert.match(await say(ada, 'sha256sum -c ../mine/sum; stat -c "%U %a" ~'), /image\.sif: OK\s+learner 700/);

	const path = await archive(server, ada);
	const taken = execFileSync('tar', ['-tzf', path], { encoding: 'utf8' });
	assert.match(
		taken,
		/^trial\/README\.txt\ntrial\/history\/\S+\.txt\n(trial\/terminals\/01-sandbox-1\.(txt|cast|2\.cast)\n){3}trial\/home\/\n/,
	);
	const shown = execFileSync('tar', ['-xzOf', path, 'trial/terminals/01-sandbox-1.txt'], { encoding: 'utf8' });
	assert.match(shown, /head -c 5000000[\s\S]*══[\s\S]*\n\S*image\.sif: OK\n/, 'of the sandbox that is gone, and of this one');
	assert.match(taken, /trial\/home\/mine\/image\.sif\n/);

	// Two who have nothing to do with her.
	const stranger = await server.withTerminal();
	assert.match(await say(stranger, 'ls -d ../mine'), /No such file|cannot access|Aucun fichier/);
	await stranger.disconnect();

	await server.kill('SIGTERM');
	assert.deepEqual(await server.sandboxes(), []);
	await server.serve();
	await ada.connect();
	await ada.start();
	assert.match(await say(ada, 'sha256sum -c ../mine/sum'), /image\.sif: OK/);

	await ada.post('/api/sandboxes/trial/reset', { progress: false });
	await ada.until(() => ada.sandbox.state === 'ready', 'a fresh sandbox');
	assert.match(await say(ada, 'ls -d ../mine'), /No such file|cannot access|Aucun fichier/);
	const homes = join(server.data, 'homes');
	assert.ok(existsSync(homes), 'where they are kept');
	await eventually(() => globSync(`**/${ada.name}-*`, { cwd: homes }).length === 0, 'nothing kept');
});

/** What a terminal has shown, by the rules of the format; text without colours and marks. */
function castIn(path: string): Cast & { text: string; at: (shown: string) => number } {
	const read = readCast(execFileSync('tar', ['-xzOf', path, 'trial/terminals/01-sandbox-1.cast'], { encoding: 'utf8' }));
	assert.ok(!('fault' in read), JSON.stringify(read));
	const output = read.events.filter(({ code }) => code === 'o');
	const at = (shown: string) => output.find(({ data }) => data.includes(shown))?.at ?? Number.NaN;
	return { ...read, text: output.map(({ data }) => data).join(''), at };
}

test('a terminal is taken home as a cast, with its times; where the server was killed, the cast says so', async (t) => {
	const server = await WholeServer.start();
	t.after(() => server.stop());
	const ada = await server.withTerminal();
	const terminal = await ada.terminal();
	await terminal.start("echo fir'st'; read -r; echo sec'ond'");
	// The server notes a time when output comes to it: once it has noted that of the first word, the second is let come.
	await eventually(async () => Number.isFinite(castIn(await archive(server, ada)).at('first')), 'the first word to be recorded');
	await sleep(1500);
	const { prompts } = terminal;
	terminal.type('\r');
	await ada.until(() => terminal.prompts > prompts, 'the prompt after the second word');
	const before = castIn(await archive(server, ada));
	assert.ok(before.at('second') - before.at('first') >= 1.4, 'the time that went by');
	assert.deepEqual([before.events.some(({ code }) => code === 'm'), before.idle], [false, 2]);

	// Half a letter, and the other half later.
	await say(ada, "printf '\\303'; sleep 0.2; printf '\\251t\\303\\251\\377 whi''le\\n'");
	await server.kill('SIGKILL');
	await server.serve();
	await ada.connect();
	await ada.start();
	await say(ada, "echo af'ter'");
	const { events, text, at } = castIn(await archive(server, ada));
	assert.equal(at('second') - at('first'), before.at('second') - before.at('first'), 'what had been kept');
	const untimed = events.filter(({ code }) => code === 'm');
	assert.deepEqual(
		untimed.map(({ data }) => data),
		['The times of this part are not known'],
	);
	assert.match(text, /first\r\n[\s\S]*second\r\n[\s\S]*été\ufffd while\r\n[\s\S]*after\r\n/);
	assert.ok(at('after') > (untimed[0]?.at ?? 0), 'the pause has its length');

	await ada.post('/api/sandboxes/trial/reset', { progress: false });
	const transcripts = join(server.data, 'transcripts');
	assert.ok(existsSync(transcripts), 'where they are kept');
	await eventually(() => globSync('**/*.gz', { cwd: transcripts }).length === 0, 'no recording kept');
});
