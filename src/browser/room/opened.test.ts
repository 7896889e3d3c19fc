/** Which opened hints and solutions a room is told of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Refused } from '../ask.ts';
import { OpenedHelp } from './opened.ts';

const hint = (n: number) => ({ step: 'pull', what: { hint: n } });

/** @returns what was told, by number of the hint; `fails` is thrown by each request */
function told() {
	const seen: unknown[] = [];
	const server: { seen: unknown[]; fails?: Error | undefined } = { seen };
	const help = new OpenedHelp(async ({ what }) => {
		if (server.fails) throw server.fails;
		seen.push(typeof what === 'object' ? what.hint : what);
	});
	return { help, server, seen };
}

test('what is opened before the page knows its room is told once it does, each once', () => {
	const { help, seen } = told();
	help.add(hint(1));
	help.add({ step: 'pull', what: 'solution' });
	assert.deepEqual(seen, []);
	help.take('learner');
	help.take('learner');
	help.add(hint(2));
	assert.deepEqual(seen, [1, 'solution', 2]);
});

test('what did not get through is told with the next word of the server; what is refused is not told again', async () => {
	const { help, server, seen } = told();
	help.take('learner');
	for (const fails of [new Refused(0, ''), new Refused(502, '')]) {
		server.fails = fails;
		help.add(hint(fails.status));
		await setImmediate();
	}
	server.fails = undefined;
	help.take('learner');
	assert.deepEqual(seen, [0, 502]);
	server.fails = new Refused(409, '');
	help.add(hint(3));
	await setImmediate();
	server.fails = undefined;
	help.take('learner');
	assert.deepEqual(seen, [0, 502]);
});

test('trainers and those outside of a room are never told of, not even later', () => {
	const { help, seen } = told();
	help.add(hint(1));
	help.take('trainer');
	help.take('learner');
	help.take(null);
	help.add(hint(2));
	help.take('learner');
	assert.deepEqual(seen, []);
});
