import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ControlStatus, listenControl, type PoolRequest } from '../observability/control/control.ts';
import { Failure } from '../setup/failure.ts';
import { parseArguments } from './arguments.ts';
import { pool } from './operate.ts';

const status: ControlStatus = {
	engine: true,
	capacity: 4,
	queue: 0,
	stuck: 0,
	connections: 0,
	terminals: 0,
	homes: { count: 0, bytes: 0, most: 0 },
	archives: { bytes: 0, most: 0 },
	registry: { bytes: 0, most: 0 },
	pools: [
		{ course: 'tp-apptainer', ready: 1, wanted: 1 },
		{ course: 'mpi', ready: 0, wanted: 0 },
	],
	labs: [],
};

test('pool: a course that is not there and more than there is room for are refused, with what to do, and the server is told nothing', async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-pool-'));
	const orders: PoolRequest[] = [];
	const close = await listenControl(data, { status: () => status, orderPool: (order) => void orders.push(order), erase: async () => {} });
	t.after(async () => {
		await close();
		rmSync(data, { recursive: true });
	});
	const said = async (...words: string[]): Promise<string> => {
		const args = parseArguments(['--data', data, ...words], [{ flag: '--data', type: 'string', value: 'DIR', description: '' }], 'pool');
		try {
			await pool(args);
		} catch (error) {
			assert.ok(error instanceof Failure);
			return `${error.message} → ${error.hint}`;
		}
		return 'done';
	};
	assert.match(await said('nope', '1'), /^Unknown course "nope"\. → \.\/etabli status lists what there is/);
	assert.match(await said('tp-aptainer', '1'), /Did you mean "tp-apptainer"\?/);
	assert.match(
		await said('mpi', '99'),
		/^There is room for 4 sandboxes in all: 99 cannot be kept ready\. → Ask for 4 at most; or start etabli with --max-sandboxes/,
	);
	assert.match(await said('mpi', '999'), /neither a number up to 200 nor "auto"\. → Write for example/);
	assert.match(await said('mpi', 'many'), /neither a number/);
	assert.deepEqual(orders, []);
	assert.equal(await said('mpi', '4'), 'done');
	assert.equal(await said('mpi', 'auto'), 'done');
	assert.deepEqual(orders, [
		{ course: 'mpi', ready: 4 },
		{ course: 'mpi', ready: null },
	]);
});
