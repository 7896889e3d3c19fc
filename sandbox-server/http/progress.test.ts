/** A learner's own page over HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownProgressSchema } from '../../src/shared/protocol/progress.ts';
import { RoomService } from '../rooms/room-service.ts';
import { Browser, TestServer } from './stand-ins.ts';

test('everybody reads their own progress, whoever else has worked, and nobody without an identity', async (t) => {
	const server = await TestServer.start();
	t.after(() => server.stop());
	const [anna, ben] = [await server.visitor(), await server.visitor()];
	await anna.ask('POST', '/api/lessons/apptainer/first/steps/read/done');
	const { id } = server.learner(anna);
	server.store.ownWork.noteVerdict({ learner: id, course: 'apptainer' }, { lesson: 'first', step: 'pull', state: 'failed', at: 5 });
	server.store.ownWork.addTime({ learner: id, course: 'apptainer' }, { lesson: 'first', ms: 90_000, at: 5 });
	const answer = await anna.ask('GET', '/api/progress');
	assert.equal(answer.headers['cache-control'], 'no-store');
	const mine = ownProgressSchema.parse(answer.json());
	assert.deepEqual(mine.courses[0]?.lessons[0], {
		lesson: 'first',
		ms: 90_000,
		steps: [
			{ step: 'read', state: 'passed', tries: 0 },
			{ step: 'pull', state: 'begun', tries: 1 },
		],
	});
	assert.deepEqual(mine.next, { course: 'apptainer', lesson: 'first', step: 'pull', begun: true });
	const theirs = ownProgressSchema.parse((await ben.ask('GET', '/api/progress')).json());
	assert.deepEqual([theirs.next?.begun, theirs.courses[0]?.ms], [false, 0]);
	const stranger = await new Browser(server.app, '', '').ask('GET', '/api/progress?language=en');
	assert.deepEqual([stranger.statusCode, stranger.json().code], [401, 'no-identity']);
});

test('with an access code that has not been given nothing is told', async (t) => {
	const server = await TestServer.start({ accessCode: 'blue-otter-42' });
	t.after(() => server.stop());
	const answer = await new Browser(server.app, '', '').ask('GET', '/api/progress');
	assert.deepEqual([answer.statusCode, answer.json().code], [401, 'access-code']);
});

test('who asks for it is erased, and nobody else; the browser is a stranger then; who leads rooms is not erased from under them', async (t) => {
	const server = await TestServer.start();
	t.after(() => server.stop());
	const [anna, ben, grace] = [await server.visitor(), await server.visitor(), await server.visitor()];
	for (const one of [anna, ben]) await one.ask('POST', '/api/lessons/apptainer/first/steps/read/done');
	const [hers, his] = [server.learner(anna), server.learner(ben)];
	const answer = await anna.ask('DELETE', '/api/me');
	assert.deepEqual([answer.statusCode, answer.json()], [200, { erased: true }]);
	assert.equal(answer.cookies.find(({ name }) => name === 'etabli')?.value, '', 'its cookie goes');
	assert.deepEqual(server.store.erasing.holdings(hers.id), []);
	assert.ok(server.store.erasing.holdings(his.id).some(({ table }) => table === 'step'));
	assert.equal((await anna.ask('GET', '/api/progress')).json().code, 'no-identity');
	assert.equal((await ben.ask('GET', '/api/progress')).statusCode, 200);
	assert.equal((await new Browser(server.app, '', '').ask('DELETE', '/api/me')).json().code, 'no-identity');

	const rooms = new RoomService({ store: server.store, key: Buffer.alloc(32, 7), now: () => Date.now() });
	const room = rooms.create(
		{ title: 'Jour 1', course: 'apptainer', lessons: [], starts: 1, ends: 2, expected: 1, names: [] },
		{ learner: server.learner(grace), name: 'Grace' },
	);
	assert.equal((await grace.ask('DELETE', '/api/me?end=1')).json().code, 'leads-rooms');
	rooms.leave(room.id, server.learner(grace));
	assert.equal((await grace.ask('DELETE', '/api/me?end=1')).statusCode, 200);
});
