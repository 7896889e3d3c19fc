import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runOci } from './command.ts';

test('an OCI runtime is found where systems have it, whatever the PATH of whoever started the server', async (t) => {
	const { PATH } = process.env;
	t.after(() => (process.env['PATH'] = PATH));
	process.env['PATH'] = '/nowhere';
	const command = { root: '/nowhere', args: [], log: '/nowhere', signal: AbortSignal.timeout(60_000) };
	await runOci({ ...command, program: 'true' });
	await assert.rejects(runOci({ ...command, program: 'false' }), /ended with 1/);
});
