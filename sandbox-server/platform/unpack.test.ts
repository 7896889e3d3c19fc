import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { unpack } from './unpack.ts';

/** An archive with one file, and an empty folder for it. */
function packed(t: TestContext): { archive: Buffer; folder: string } {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-unpack-'));
	t.after(() => rmSync(folder, { recursive: true }));
	writeFileSync(join(folder, 'told'), 'all of it');
	const archive = execFileSync('tar', ['-c', '-C', folder, 'told']);
	rmSync(join(folder, 'told'));
	return { archive, folder };
}

test('what is sent behind the end mark of an archive, and late, does not keep it from being unpacked', async (t) => {
	const { archive, folder } = packed(t);
	async function* late() {
		yield archive;
		// tar has had the time to end, on most machines; what is asserted holds on all.
		await sleep(300);
		yield Buffer.alloc(2 ** 20);
	}
	await unpack(Readable.from(late()), { folder });
	assert.equal(readFileSync(join(folder, 'told'), 'utf8'), 'all of it');
});

test('an archive that breaks off, or is none, is refused in tar’s words; arguments are tar’s', async (t) => {
	const { archive, folder } = packed(t);
	await assert.rejects(unpack(Readable.from([archive.subarray(0, 700)]), { folder }), /^Error: tar ended with 2: .*Unexpected EOF/s);
	await assert.rejects(unpack(Readable.from([Buffer.from('no archive'.repeat(200))]), { folder }), /does not look like a tar archive/);
	rmSync(join(folder, 'told'), { force: true });
	await unpack(Readable.from([archive]), { folder, args: ['--exclude=told'] });
	assert.throws(() => readFileSync(join(folder, 'told')), /ENOENT/);
});

test('a stream that fails is told by its own words', async (t) => {
	const { archive, folder } = packed(t);
	async function* broken() {
		yield archive.subarray(0, 700);
		throw new Error('the engine went away');
	}
	await assert.rejects(unpack(Readable.from(broken()), { folder }), /the engine went away/);
});

test('an engine that breaks off in the middle of its answer is told as such', async (t) => {
	const { archive, folder } = packed(t);
	const server = createServer((_, response) => {
		response.write(archive.subarray(0, 700), () => response.destroy());
	});
	t.after(() => server.close());
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const asked = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
	const [answer] = (await once(asked, 'response')) as [IncomingMessage];
	await assert.rejects(unpack(answer, { folder }), { message: 'whoever sent the archive broke off before its end' });
});
