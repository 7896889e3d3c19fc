/** A learner comes back, on the real engine: files in the next sandbox, after a rest and after the server's end; and work taken home. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LearnerClient } from '../../sandbox-server/rehearsal/learner-client.ts';
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
	const ada = await server.seated();
	await say(
		ada,
		'mkdir -p ../mine && echo "echo from my bashrc" > ~/.bashrc && head -c 5000000 /dev/urandom > ../mine/image.sif && sha256sum ../mine/image.sif > ../mine/sum',
	);
	const [first] = await server.sandboxes();
	await ada.request('DELETE', '/api/sandboxes/trial');
	await ada.until(() => ada.sandbox.state === 'none', 'the sandbox to be put away');
	assert.ok((ada.sandbox.kept ?? 0) > Date.now() - 120_000, 'the page can say that files are kept');
	await ada.start();
	assert.equal((await server.sandboxes()).includes(first ?? ''), false);
	assert.match(await say(ada, 'sha256sum -c ../mine/sum; stat -c "%U %a" ~'), /image\.sif: OK\s+learner 700/);

	const path = await archive(server, ada);
	const taken = execFileSync('tar', ['-tzf', path], { encoding: 'utf8' });
	assert.match(taken, /^trial\/README\.txt\ntrial\/history\/\S+\.txt\ntrial\/terminals\/01-bench-1\.txt\ntrial\/home\/\n/);
	const shown = execFileSync('tar', ['-xzOf', path, 'trial/terminals/01-bench-1.txt'], { encoding: 'utf8' });
	assert.match(shown, /head -c 5000000[\s\S]*══[\s\S]*\n\S*image\.sif: OK\n/, 'of the sandbox that is gone, and of this one');
	assert.match(taken, /trial\/home\/mine\/image\.sif\n/);

	// Two who have nothing to do with her.
	const stranger = await server.seated();
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
	await eventually(
		async () => execFileSync('find', [join(server.data, 'homes'), '-type', 'f', '-name', `${ada.name}-*`], { encoding: 'utf8' }) === '',
		'nothing kept',
	);
});
