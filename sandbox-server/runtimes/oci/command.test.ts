import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ociArguments, runOci } from './command.ts';

test('gVisor is told what the configuration does not say; other runtimes are told nothing more', () => {
	const command = { root: '/states', args: ['delete', 'a'], log: '/log' };
	const same = ['--root', '/states', '--log', '/log', '--log-format', 'json', 'delete', 'a'];
	assert.deepEqual(ociArguments({ ...command, program: 'runc' }), same);
	assert.deepEqual(ociArguments({ ...command, program: 'runsc' }), ['--network=none', '--host-uds=open', ...same]);
});

test('an OCI runtime is found where systems have it, whatever the PATH of whoever started the server', async (t) => {
	const { PATH } = process.env;
	t.after(() => (process.env['PATH'] = PATH));
	process.env['PATH'] = '/nowhere';
	const command = { root: '/nowhere', args: [], log: '/nowhere', signal: AbortSignal.timeout(60_000) };
	await runOci({ ...command, program: 'true' });
	await assert.rejects(runOci({ ...command, program: 'false' }), /ended with 1/);
});
