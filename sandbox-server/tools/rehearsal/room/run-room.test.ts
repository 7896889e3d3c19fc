/** A rehearsed room that comes to nothing, on a server that is somebody’s: it is erased there. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Course } from '../../../../src/shared/course/course.ts';
import { runRoom } from './run-room.ts';

const room = '7f3a9c';

/** A server on which rooms can be made and opened. @param invite answers whoever asks for a link; undefined: nobody ever does */
async function server(t: TestContext, { open = 200, invite }: { open?: number; invite?: number }) {
	const asked: string[] = [];
	const { promise: inviting, resolve: invited } = Promise.withResolvers<void>();
	const http = createServer((request, answer) => {
		const path = request.url ?? '';
		asked.push(`${request.method} ${path}`);
		const say = (status: number, body = '{}') => answer.writeHead(status, { 'content-type': 'application/json' }).end(body);
		if (path.endsWith('/links')) {
			invited();
			if (invite !== undefined) say(invite);
		} else if (path.endsWith('/open')) say(open, '{"code":"ABC"}');
		else if (path.endsWith('/feed')) say(404);
		else say(200, JSON.stringify({ id: room }));
	});
	http.listen(0, '127.0.0.1');
	await once(http, 'listening');
	t.after(() => {
		http.closeAllConnections();
		http.close();
	});
	const course = { slug: 'a', lessons: [{ slug: 'b', steps: [{ id: 'c' }] }] } as unknown as Course;
	const play = (signal: AbortSignal) =>
		runRoom({
			address: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
			cookie: undefined,
			secret: 'x',
			course,
			learners: 2,
			trainers: 1,
			helpers: 1,
			arrival: 10,
			length: 10,
			onScene: () => undefined,
			signal,
		});
	const erased = () => asked.filter((one) => one === `DELETE /api/rooms/${room}`).length;
	return { play, erased, inviting };
}

for (const [what, how] of Object.entries({ 'cannot be opened': { open: 500 }, 'nobody can be invited to': { invite: 500 } }))
	test(`a room that ${what} is erased`, async (t) => {
		const { play, erased } = await server(t, how);
		await assert.rejects(play(new AbortController().signal), /500/);
		assert.equal(erased(), 1);
	});

test('after an interrupt the room is erased, although an answer never comes', async (t) => {
	const { play, erased, inviting } = await server(t, {});
	const interrupt = new AbortController();
	const played = play(interrupt.signal);
	await inviting;
	interrupt.abort(new Error('interrupted'));
	await assert.rejects(played, /^Error: interrupted$/);
	assert.equal(erased(), 1);
});
