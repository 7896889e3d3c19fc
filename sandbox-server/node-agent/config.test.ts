import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig, UsageError } from './config.ts';

const needed = ['--node', 'n1', '--cert', 'c', '--key', 'k', '--ca', 'a', '--namespace', 'etabli'];

test('the command line, and what holds where it says nothing', () => {
	assert.deepEqual(readConfig(needed, '1'), {
		node: 'n1',
		port: 7443,
		certificates: { cert: 'c', key: 'k', ca: 'a' },
		clients: ['etabli-server'],
		namespaces: ['etabli'],
		kubelet: '/var/lib/kubelet',
		state: '/run/etabli-node/state',
		guest: '/etabli/guest',
		fuse: '/dev/fuse',
		version: '1',
	});
	const more = ['--client-name', 'x', '--client-name', 'y', '--namespace', '*', '--port', '0'];
	const { clients, namespaces, port } = readConfig([...needed, ...more], '1');
	assert.deepEqual({ clients, namespaces, port }, { clients: ['x', 'y'], namespaces: [], port: 0 });
});

test('what is missing or wrong is named', () => {
	const refusals: [string[], RegExp][] = [
		[needed.slice(2), /--node is missing/],
		[needed.slice(0, -2), /--namespace is missing/],
		[[...needed, '--port', '70000'], /--port 70000 is no port/],
		[[...needed, '--kubelet', 'kubelet'], /--kubelet kubelet has to be an absolute path/],
		[[...needed, '--state', '/run/'], /--state \/run\/ has to be an absolute path/],
		[[...needed, '--what'], /--what/],
	];
	for (const [args, sentence] of refusals) {
		assert.throws(
			() => readConfig(args, '1'),
			(error) => error instanceof UsageError && sentence.test(error.message),
		);
	}
});
