import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessHolder } from '../../tests/fixtures/in-process-holder.ts';
import { KeptLog } from '../../tests/fixtures/in-process-sandboxes.ts';
import { ShellAhead } from './ahead.ts';

const asked = { key: 'first/1', cols: 100, rows: 30, cwd: '/home/learner/01-first', env: { LEARNER: 'learner-1' } };

function start() {
	const sandbox = new InProcessHolder();
	const ahead = new ShellAhead({ shell: ['bash'], home: '/home/learner', env: { TERM: 'xterm' }, log: new KeptLog(), name: 'etabli-1' });
	return { sandbox, holder: sandbox.connect(), ahead };
}

test('is given once, under the terminal’s name and size, with what it lacks', async () => {
	const { sandbox, holder, ahead } = start();
	await Promise.all([ahead.open(holder), ahead.open(holder)]);
	assert.equal(sandbox.shells.size, 1);
	const term = ahead.give(holder, asked);
	const { info, env } = sandbox.shell('first/1');
	assert.deepEqual([info.term, info.cols, info.rows], [term, 100, 30]);
	assert.deepEqual(env, { TERM: 'xterm', LEARNER: 'learner-1' });
	assert.equal(ahead.give(holder, asked), undefined);
});

test('stays where it is when there is more to say than it can take in', async () => {
	const { holder, ahead } = start();
	await ahead.open(holder);
	const much = { ...asked, env: { NOTES: 'é'.repeat(2100) } };
	assert.equal(ahead.waitsFor(much), false);
	assert.equal(ahead.give(holder, much), undefined);
	assert.equal(ahead.waitsFor(asked), true);
});

test('is found again by the next connection, and by no other; one that has ended is cleared away', async () => {
	const { sandbox, holder, ahead } = start();
	await ahead.open(holder);
	holder.drop();
	ahead.gone();
	assert.equal(ahead.waitsFor(asked), false);
	const again = sandbox.connect();
	ahead.adopt(again);
	assert.equal(ahead.give(holder, asked), undefined);
	sandbox.exit('ahead', { kind: 'signal', code: 9 });
	ahead.adopt(again);
	assert.deepEqual([ahead.waitsFor(asked), sandbox.shells.size], [false, 0]);
});
