/**
 * A whole class in its room, on the real engine: trainers, helpers and learners as `./etabli rehearse --room` plays them, with the server killed in the
 * middle. ETABLI_TEST_LEARNERS makes it larger.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSecret } from '../../sandbox-server/auth/secret.ts';
import { RoomService } from '../../sandbox-server/rooms/room-service.ts';
import { root } from '../../sandbox-server/setup/paths.ts';
import { openStore } from '../../sandbox-server/store/sqlite-store.ts';
import { judgeRoom } from '../../sandbox-server/tools/rehearsal/room/room-judgement.ts';
import { playRoom } from '../../sandbox-server/tools/rehearsal/room/room-play.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { loadCourses } from '../../src/courses/load.ts';
import { WholeServer } from '../fixtures/server.ts';

const courses = join(root, 'tests/fixtures/room-courses');
const learners = Number(process.env['ETABLI_TEST_LEARNERS'] ?? 10);

/** What a link of `./etabli trainer add` has in it. */
async function trainerSecret(data: string): Promise<string> {
	const store = openStore(join(data, 'store.sqlite'));
	try {
		const rooms = new RoomService({ store, key: await readSecret(join(data, 'secret')), now: () => Date.now() });
		return rooms.invite({ role: 'trainer', name: 'Grace Hopper' }).secret;
	} finally {
		store.close();
	}
}

test(`2 trainers, 3 helpers and ${learners} learners, and kill -9 in the middle: nobody lost, the grid right, hands still up, nothing secret`, {
	timeout: patience(600_000 + learners * 5000),
}, async (t) => {
	const server = await WholeServer.start({ keep: true, courses });
	t.after(() => server.stop());
	const [course] = loadCourses(courses).courses;
	assert.ok(course);
	const order = {
		address: server.address,
		cookie: undefined,
		secret: await trainerSecret(server.data),
		course,
		learners,
		trainers: 2,
		helpers: 3,
		arrival: 1000,
		length: 10_000,
	};
	const report = await playRoom(order, {
		onScene: (what) => t.diagnostic(what),
		midway: async () => {
			await server.kill('SIGKILL');
			await server.serve();
		},
	});
	const { lines } = judgeRoom(report);
	for (const { what, seen } of lines) t.diagnostic(`${what}: ${seen}`);
	assert.deepEqual(report.ledger.failures, []);
	// How fast it went is for `bench` and `rehearse` to judge: here other tests run beside it.
	const wrong = lines.filter(({ ok, limit }) => !ok && !limit.startsWith('95 %'));
	assert.deepEqual(wrong, []);
	const errors = server
		.log()
		.split('\n')
		.filter((line) => /"level":[56]0/.test(line));
	assert.deepEqual(errors, []);
});
