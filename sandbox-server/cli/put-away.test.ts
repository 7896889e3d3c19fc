import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { Failure } from '../setup/failure.ts';
import { Progress } from '../setup/progress.ts';
import type { SandboxLeft } from '../store/sandboxes-left.ts';
import { putAway, unservedWarning } from './put-away.ts';

const stage = (close: () => Promise<unknown>, unkept: string[] = [], unserved: SandboxLeft[] = []) => {
	const closed: boolean[] = [];
	const screen = new PassThrough();
	const asked: (boolean | undefined)[] = [];
	return {
		closed,
		screen,
		asked,
		request: {
			server: {
				unkept,
				unserved,
				async close(keep?: boolean) {
					asked.push(keep);
					await close();
				},
			},
			opened: { close: async (keep: boolean) => void closed.push(keep) },
			progress: new Progress(screen, { verbose: false }),
		},
	};
};
const stuck = async () => {
	throw new Error('the port is stuck');
};

test('a server that cannot be closed keeps nothing else: registry and engine are put away, and then it is told', async () => {
	const { request, closed } = stage(stuck);
	const { goesOn, failure } = await putAway({ ...request, keep: false });
	assert.ok(failure instanceof Failure);
	assert.match(failure.message, /Not everything could be put away: the port is stuck/);
	assert.deepEqual([goesOn, closed], [false, [false]]);
});

test('learners whose files could not be kept are named, and registry and engine go on for their sandboxes, whatever else fails', async () => {
	for (const close of [async () => undefined, stuck]) {
		const { request, closed, screen } = stage(close, ['learner-000001']);
		assert.equal((await putAway({ ...request, keep: false })).goesOn, true);
		assert.deepEqual(closed, [true]);
		assert.match(
			String(screen.read()),
			/Warning: Files of learner-000001 could not be kept.*\.\/etabli up takes them over.*down --lose-files/,
		);
	}
	const { request, closed, asked } = stage(async () => undefined);
	assert.equal((await putAway({ ...request, keep: false })).goesOn, false);
	assert.deepEqual([closed, asked], [[false], [false]], 'the server is told too');
});

test('sandboxes of courses that are not served go on, with the engine; the operator is told whose, and the word that ends them', async () => {
	const { request, closed, screen } = stage(async () => undefined, [], [{ learner: 'learner-000001', course: 'mpi' }]);
	assert.equal((await putAway({ ...request, keep: false })).goesOn, true);
	assert.deepEqual(closed, [true]);
	assert.match(unservedWarning(request.server.unserved), /learner-000001 \(mpi\) .*left alone.*--courses.*down --lose-files/);
	assert.ok(String(screen.read()).includes(`Warning: ${unservedWarning(request.server.unserved)}`));
});
