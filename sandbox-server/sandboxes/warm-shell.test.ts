import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessAgent } from '../../tests/fixtures/in-process-agent.ts';
import { KeptLog } from '../../tests/fixtures/in-process-sandboxes.ts';
import { ShellAhead } from './warm-shell.ts';

const asked = { key: 'first/1', cols: 100, rows: 30, cwd: '/home/learner/01-first', env: { LEARNER: 'learner-1' } };

function start() {
	const sandbox = new InProcessAgent();
	const ahead = new ShellAhead({ shell: ['bash'], home: '/home/learner', env: { TERM: 'xterm' }, log: new KeptLog(), name: 'etabli-1' });
	return { sandbox, agent: sandbox.connect(), ahead };
}

test('is given once, under the terminal’s name and size, with what it lacks', async () => {
	const { sandbox, agent, ahead } = start();
	await Promise.all([ahead.open(agent), ahead.open(agent)]);
	assert.equal(sandbox.shells.size, 1);
	const term = ahead.give(agent, asked);
	const { info, env } = sandbox.shell('first/1');
	assert.deepEqual([info.term, info.cols, info.rows], [term, 100, 30]);
	assert.deepEqual(env, { TERM: 'xterm', LEARNER: 'learner-1' });
	assert.equal(ahead.give(agent, asked), undefined);
});

test('is not told again what it has; one that another connection has found is told all', async (t) => {
	const { sandbox, agent, ahead } = start();
	const request = { ...asked, env: { TERM: 'xterm', LEARNER: 'learner-1' } };
	await ahead.open(agent);
	const given = t.mock.method(agent, 'give');
	ahead.give(agent, request);
	assert.deepEqual(given.mock.calls[0]?.arguments[1]?.env, { LEARNER: 'learner-1' });

	await ahead.open(agent);
	agent.drop();
	const again = sandbox.connect();
	ahead.adopt(again);
	const givenAgain = t.mock.method(again, 'give');
	ahead.give(again, request);
	assert.deepEqual(givenAgain.mock.calls[0]?.arguments[1]?.env, request.env);
});

test('stays where it is when there is more to say than it can take in', async () => {
	const { agent, ahead } = start();
	await ahead.open(agent);
	const much = { ...asked, env: { NOTES: 'é'.repeat(2100) } };
	assert.equal(ahead.waitsFor(much), false);
	assert.equal(ahead.give(agent, much), undefined);
	assert.equal(ahead.waitsFor(asked), true);
});

test('is found again by the next connection, and by no other; one that has ended is cleared away', async () => {
	const { sandbox, agent, ahead } = start();
	await ahead.open(agent);
	agent.drop();
	ahead.gone();
	assert.equal(ahead.waitsFor(asked), false);
	const again = sandbox.connect();
	ahead.adopt(again);
	assert.equal(ahead.give(agent, asked), undefined);
	sandbox.exit('ahead', { kind: 'signal', code: 9 });
	ahead.adopt(again);
	assert.deepEqual([ahead.waitsFor(asked), sandbox.shells.size], [false, 0]);
});
