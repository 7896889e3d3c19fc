import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { MountedFolder, MountedFolders } from './mounted-folder.ts';

function place(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

test('every user of the sandbox may connect and read, and nobody else of the machine gets as far', async (t) => {
	const folders = new MountedFolders(join(place(t), 'sandboxes'));
	// As on machines whose owner likes it strict.
	const before = process.umask(0o077);
	t.after(() => process.umask(before));
	const transport = folders.of('one');
	const stop = await transport.serve('registry', createServer());
	t.after(stop);
	await transport.put('notice.fr', 'bonjour');
	const mode = (path: string) => statSync(path).mode & 0o777;
	assert.equal(mode(folders.root), 0o700);
	assert.equal(mode(transport.path), 0o755);
	assert.equal(mode(join(transport.path, 'registry.sock')), 0o666);
	assert.equal(mode(join(transport.path, 'notice.fr')), 0o644);
	assert.equal(readFileSync(join(transport.path, 'notice.fr'), 'utf8'), 'bonjour');
});

test('a sandbox that an earlier version of this server made comes to the name that its agent knows', async (t) => {
	const transport = new MountedFolder(place(t), 'old');
	mkdirSync(transport.path);
	// Left by a server that was killed.
	const left = createServer().listen(join(transport.path, 'holder.sock'));
	await once(left, 'listening');
	const connected = Promise.withResolvers<Socket>();
	const server = createServer(connected.resolve);
	const stop = await transport.serve('agent', server);
	t.after(stop);
	t.after(() => left.close());
	const agent = connect(join(transport.path, 'holder.sock'));
	(await connected.promise).end('hello');
	const [said] = (await once(agent, 'data')) as [Buffer];
	assert.equal(said.toString(), 'hello');
	agent.destroy();
});

test('a new sandbox has no such name', async (t) => {
	const transport = new MountedFolder(place(t), 'new');
	const stop = await transport.serve('agent', createServer());
	t.after(stop);
	assert.equal(existsSync(join(transport.path, 'holder.sock')), false);
});
