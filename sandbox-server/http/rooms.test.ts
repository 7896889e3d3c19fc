/** Rooms over HTTP: joined by strangers with a code, led by their own trainers alone. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RoomService } from '../rooms/room-service.ts';
import { Browser, TestServer } from './stand-ins.ts';

const hour = 3600_000;
const draft = { title: 'Conteneurs', course: 'apptainer', lessons: ['first'], starts: hour, ends: 2 * hour, roster: 'Curie;Marie\n---\n' };

async function open(t: TestContext, changes = {}) {
	const server = await TestServer.start({ requestsPerMinute: 10_000, ...changes });
	t.after(() => server.stop());
	/** A browser that nothing is known of; what it is given stays in it. */
	const stranger = () => new Browser(server.app, '', '');
	/** Does it, and goes on as whom the answer's cookies make of the browser. */
	const go = async (browser: Browser, url: string, body: object) => {
		const answer = await browser.ask('POST', url, body);
		const given = answer.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ');
		return { status: answer.statusCode, body: answer.json(), browser: given === '' ? browser : new Browser(server.app, given, '') };
	};
	const invited = async (name: string) => {
		const { secret } = new RoomService({ store: server.store, key: Buffer.alloc(32, 7), now: () => Date.now() }).invite({
			role: 'trainer',
			name,
		});
		return (await go(stranger(), '/api/rooms/enter', { secret })).browser;
	};
	return { server, stranger, go, invited };
}

test('a trainer makes a room; people join by its code, are seen by name, and see what is known of them', async (t) => {
	const { stranger, go, invited } = await open(t);
	const grace = await invited('Grace Hopper');
	const made = (await grace.ask('POST', '/api/rooms', draft)).json();
	assert.deepEqual([made.state, made.names, made.problems], ['planned', ['Curie Marie'], [{ line: 2, fault: 'no-name' }]]);
	const url = `/api/rooms/${made.id}`;
	assert.equal((await go(stranger(), '/api/rooms/join', { code: made.code, name: 'Ada' })).body.code, 'room-not-open');
	await grace.ask('POST', `${url}/open`);
	const ada = await go(stranger(), '/api/rooms/join', { code: made.code.toLowerCase(), name: ' Ada  Lovelace\u202e' });
	assert.deepEqual([ada.status, ada.body.name, ada.body.room.title], [200, 'Ada Lovelace', 'Conteneurs']);
	assert.match(ada.body.word, /^[a-z]+(-[a-z]+){3}$/);
	const view = (await grace.ask('GET', url)).json();
	assert.deepEqual(
		view.people.map(({ name, role }: { name: string; role: string }) => `${name}: ${role}`),
		['Grace Hopper: trainer', 'Ada Lovelace: learner'],
	);
	const me = (await ada.browser.ask('GET', `${url}/me`)).json();
	assert.deepEqual([me.name, me.room.role, me.room.erases], ['Ada Lovelace', 'learner', 2 * hour + 30 * 24 * hour]);
	assert.equal(me.room.code, undefined);
	assert.equal(me.hand, undefined);
	await ada.browser.ask('POST', `${url}/hand?language=fr`, { lesson: 'first', step: 'read', line: 'Perdue' });
	const { since: _, ...hand } = (await ada.browser.ask('GET', `${url}/me`)).json().hand;
	assert.deepEqual(hand, { lesson: 'first', step: 'read', line: 'Perdue', looks: false });
	await ada.browser.ask('DELETE', `${url}/hand`);
	await ada.browser.ask('POST', '/api/lessons/apptainer/first/steps/read/done');
	const door = (await ada.browser.ask('POST', '/api/rooms/door', { code: made.code })).json();
	assert.deepEqual([door.title, door.names, door.known], ['Conteneurs', ['Curie Marie'], 'Ada Lovelace']);
	assert.deepEqual((await ada.browser.ask('GET', '/api/session')).json().rooms, [
		{ id: made.id, title: 'Conteneurs', course: 'apptainer' },
	]);
	const shared = await go(ada.browser, '/api/rooms/join', { code: made.code, name: 'Emmy', stranger: true });
	assert.notEqual(shared.browser.cookie, ada.browser.cookie, 'somebody else at the same machine');
	assert.equal((await go(ada.browser, '/api/rooms/join', { code: made.code, name: 'Emmy' })).body.code, 'name-taken');
	await shared.browser.ask('DELETE', `${url}/me`);
	const elsewhere = await go(stranger(), '/api/rooms/back', { word: ada.body.word });
	assert.equal(
		(await elsewhere.browser.ask('GET', '/api/lessons/apptainer/first/steps')).json().steps[0].state,
		'passed',
		'with everything',
	);
	await elsewhere.browser.ask('DELETE', `${url}/me`);
	assert.deepEqual((await ada.browser.ask('GET', '/api/rooms')).json(), { rooms: [], trainer: false });
	assert.equal((await grace.ask('GET', url)).json().people.length, 1);
});

test('a trainer of another room, a helper, a member and a stranger may do what is theirs, and no more', async (t) => {
	const { server, stranger, go, invited } = await open(t);
	const [grace, linus] = [await invited('Grace'), await invited('Linus')];
	const room = (await grace.ask('POST', '/api/rooms', draft)).json();
	await linus.ask('POST', '/api/rooms', draft);
	const url = `/api/rooms/${room.id}`;
	await grace.ask('POST', `${url}/open`);
	const { secret } = (await grace.ask('POST', `${url}/links`, { role: 'helper', name: 'Alan' })).json();
	const helper = await go(stranger(), '/api/rooms/enter', { secret });
	const member = await go(await server.visitor(), '/api/rooms/join', { code: room.code, name: 'Ada' });
	const others = { linus, helper: helper.browser, member: member.browser, learner: await server.visitor(), nobody: stranger() };
	/** Who may, besides the room's own trainer. */
	const allowed: Record<string, readonly string[]> = { 'room.lead': [], 'room.help': ['helper'], 'room.member': ['helper', 'member'] };
	const tried = server.app.listed.filter(({ action, method }) => allowed[action] && method !== 'HEAD');
	const bodies: Record<string, object> = {
		'/api/rooms/:room': draft,
		'/api/rooms/:room/links': { role: 'helper', name: 'Eve' },
		'/api/rooms/:room/copy': { starts: hour, ends: 2 * hour },
		'/api/rooms/:room/messages': { text: 'Bonjour', to: 'all' },
		'/api/rooms/:room/looks': { learner: 'learner-7f3a9c', lesson: 'first', terminal: '1' },
		'/api/rooms/:room/looks/:look/answer': { yes: true, to: 'asked' },
		'/api/rooms/:room/opened': { lesson: 'first', step: 'read', what: { hint: 1 } },
		'/api/rooms/:room/cards': { question: 'Ça va ?' },
		'/api/rooms/:room/cards/:card/answer': { text: 'Oui' },
		'/api/rooms/:room/hand': { lesson: 'first', step: 'read' },
		'/api/rooms/:room/show': { lesson: 'first', terminal: '1' },
		'/api/rooms/:room/follow': { lesson: 'first', step: 'read' },
	};
	let tries = 0;
	for (const { method, url: pattern, action } of tried) {
		for (const [who, browser] of Object.entries(others)) {
			if (allowed[action]?.includes(who)) continue;
			const answer = await browser.ask(
				method as 'POST',
				pattern.replace(':room', room.id).replace(/:\w+/, '0123456789ab'),
				method === 'POST' ? (bodies[pattern] ?? {}) : undefined,
			);
			assert.equal(answer.json().code, who === 'nobody' ? 'no-identity' : 'forbidden', `${who}: ${method} ${pattern}`);
			tries++;
		}
	}
	assert.equal(tries, 183);
	for (const who of ['linus', 'learner'] as const) assert.equal((await others[who].ask('GET', `${url}/me`)).json().code, 'forbidden');
	assert.equal((await others.helper.ask('GET', `${url}/me`)).json().room.role, 'helper');
	assert.equal((await grace.ask('GET', url)).json().state, 'open', 'nothing has changed');
});

test('a hand is raised, seen by helpers alone, taken and closed; helpers of another room cannot touch it', async (t) => {
	const { stranger, go, invited } = await open(t);
	const grace = await invited('Grace');
	const made = async () => {
		const { id, code } = (await grace.ask('POST', '/api/rooms', draft)).json();
		await grace.ask('POST', `/api/rooms/${id}/open`);
		const { secret } = (await grace.ask('POST', `/api/rooms/${id}/links`, { role: 'helper', name: 'Alan' })).json();
		return { url: `/api/rooms/${id}`, code, helper: (await go(stranger(), '/api/rooms/enter', { secret })).browser };
	};
	const [room, other] = [await made(), await made()];
	const ada = (await go(stranger(), '/api/rooms/join', { code: room.code, name: 'Ada' })).browser;
	const raised = (await ada.ask('POST', `${room.url}/hand`, { lesson: 'first', step: 'pull', line: 'Perdue' })).json();
	assert.deepEqual([raised.hand.step, raised.hand.place, raised.hand.line], ['pull', 1, 'Perdue']);
	assert.equal(
		(await ada.ask('POST', `${room.url}/hand`, { lesson: 'first', step: 'pull', line: 'x'.repeat(300) })).json().code,
		'bad-request',
	);
	assert.equal((await ada.ask('POST', `${room.url}/hand`, { lesson: 'none', step: 'pull' })).json().code, 'not-found');
	const { hands } = (await room.helper.ask('GET', `${room.url}/hands`)).json();
	assert.deepEqual([hands.length, hands[0].name, hands[0].line], [1, 'Ada', 'Perdue']);
	const hand = `hands/${hands[0].id}`;
	assert.equal((await other.helper.ask('POST', `${room.url}/${hand}/take`)).json().code, 'forbidden');
	assert.equal((await other.helper.ask('POST', `${other.url}/${hand}/take`)).json().code, 'not-found', 'not by way of their own room');
	assert.equal((await room.helper.ask('POST', `${room.url}/${hand}/take`)).statusCode, 200);
	assert.equal((await grace.ask('GET', `${room.url}/hands`)).json().hands[0].takenBy, 'Alan');
	const late = (await grace.ask('POST', `${room.url}/${hand}/take?language=en`, { takenBy: null })).json();
	assert.deepEqual([late.code, late.message.split('.')[0]], ['hand-taken', 'Alan is on the way already']);
	assert.deepEqual((await grace.ask('POST', `${room.url}/${hand}/take`, { takenBy: 'Alan' })).json(), { done: true });
	assert.equal((await ada.ask('GET', `${room.url}/hands`)).json().code, 'forbidden');
	await room.helper.ask('DELETE', `${room.url}/${hand}`);
	assert.deepEqual((await grace.ask('GET', `${room.url}/hands`)).json(), { hands: [] });
});

test('a room whose time the store could not give back is not taken', async (t) => {
	const { server, invited } = await open(t);
	const grace = await invited('Grace');
	const far = { ...draft, starts: Number.MAX_SAFE_INTEGER - hour, ends: Number.MAX_SAFE_INTEGER };
	assert.equal((await grace.ask('POST', '/api/rooms', far)).json().code, 'bad-request');
	const room = (await grace.ask('POST', '/api/rooms', draft)).json();
	assert.equal((await grace.ask('POST', `/api/rooms/${room.id}`, far)).json().code, 'bad-request');
	const late = { ...draft, starts: Date.UTC(2200) - hour, ends: Date.UTC(2200) };
	assert.equal((await grace.ask('POST', '/api/rooms', late)).json().ends, late.ends);
	assert.equal(server.store.rooms.rooms().length, 2);
});

test('codes and words are not to be guessed, and who guesses keeps only themselves out', async (t) => {
	const { server, go, invited } = await open(t, { now: () => hour });
	const grace = await invited('Grace');
	const room = (await grace.ask('POST', '/api/rooms', draft)).json();
	await grace.ask('POST', `/api/rooms/${room.id}/open`);
	const [guesser, honest] = [await server.visitor(), await server.visitor()];
	const said = [];
	for (let i = 0; i < 4; i++) said.push((await go(guesser, '/api/rooms/join', { code: `ACDEF${i + 3}`, name: 'x' })).body.code);
	for (let i = 0; i < 4; i++) said.push((await go(guesser, '/api/rooms/back', { word: `loutre ${i}` })).body.code);
	assert.deepEqual(said, [...Array(4).fill('wrong-room-code'), 'wrong-word', 'wrong-word', 'too-many', 'too-many']);
	assert.equal((await go(guesser, '/api/rooms/join', { code: room.code, name: 'x' })).status, 429);
	assert.equal((await go(honest, '/api/rooms/join', { code: room.code, name: 'Ada' })).status, 200);
	assert.equal((await go(await server.visitor(), '/api/rooms/join', { code: room.code, name: 'ADA' })).body.code, 'name-taken');
});

test('wrong personal words of one address are bounded by themselves: everybody else comes back', async (t) => {
	const { server, stranger, go, invited } = await open(t, { now: () => hour });
	const grace = await invited('Grace');
	const room = (await grace.ask('POST', '/api/rooms', draft)).json();
	await grace.ask('POST', `/api/rooms/${room.id}/open`);
	const { word } = (await go(stranger(), '/api/rooms/join', { code: room.code, name: 'Ada' })).body;
	const back = async (cookie: string, payload: { word: string }, remoteAddress: string) => {
		const headers = { host: 'localhost:8080', origin: 'http://localhost:8080', cookie };
		return (await server.app.inject({ method: 'POST', url: '/api/rooms/back', headers, payload, remoteAddress })).statusCode;
	};
	// Each browser has few tries: a stranger has many browsers.
	let wrong = 0;
	for (let browser = 0; browser < 13; browser++) {
		const { cookie } = await server.visitor();
		for (let attempt = 0; attempt < 5; attempt++) if ((await back(cookie, { word: `loutre ${attempt}` }, '10.0.0.1')) === 403) wrong++;
	}
	assert.equal(wrong, 60);
	const { cookie } = await server.visitor();
	assert.equal(await back(cookie, { word }, '10.0.0.1'), 429);
	assert.equal(await back(cookie, { word }, '10.0.0.2'), 200);
});

test('wrong personal words of everybody together are bounded, and wrong room codes do not count among them', async (t) => {
	const { server, stranger, go, invited } = await open(t, { now: () => hour });
	const grace = await invited('Grace');
	const room = (await grace.ask('POST', '/api/rooms', draft)).json();
	await grace.ask('POST', `/api/rooms/${room.id}/open`);
	const { word } = (await go(stranger(), '/api/rooms/join', { code: room.code, name: 'Ada' })).body;
	await go(stranger(), '/api/rooms/join', { code: 'ACDEFG', name: 'x' });
	let wrong = 0;
	for (; ; wrong++) {
		// Each from an address of its own, as a program with many machines has them.
		const remoteAddress = `10.0.${wrong >> 8}.${wrong & 255}`;
		const payload = { word: `loutre ${wrong}` };
		const headers = { host: 'localhost:8080', origin: 'http://localhost:8080' };
		const answer = await server.app.inject({ method: 'POST', url: '/api/rooms/back', headers, payload, remoteAddress });
		if (answer.json().code === 'too-many') break;
		assert.equal(answer.json().code, 'wrong-word');
	}
	assert.equal(wrong, 300);
	assert.equal((await go(stranger(), '/api/rooms/back', { word })).body.code, 'too-many');
	assert.equal((await go(stranger(), '/api/rooms/join', { code: room.code, name: 'Emmy' })).status, 200);
});

test('where an access code is asked for, a room’s code is as good, and a wrong one makes no learner', async (t) => {
	const { stranger, go, invited } = await open(t, { accessCode: 'blue-otter-42' });
	const grace = await invited('Grace');
	const room = (await grace.ask('POST', '/api/rooms', draft)).json();
	await grace.ask('POST', `/api/rooms/${room.id}/open`);
	const wrong = await go(stranger(), '/api/rooms/join', { code: 'ACDEFG', name: 'Ada' });
	assert.deepEqual([wrong.body.code, wrong.browser.cookie], ['wrong-room-code', '']);
	const ada = await go(stranger(), '/api/rooms/join', { code: room.code, name: 'Ada' });
	assert.equal((await ada.browser.ask('GET', '/api/sandboxes/apptainer')).statusCode, 200);
	assert.equal((await stranger().ask('GET', '/api/session')).json().code, 'access-code', 'others are still asked');
});

test('pages are told at once of a room that is closed or changed, and of who has left', async (t) => {
	const told: object[] = [];
	const attendance = { touch: (changed: object) => void told.push(changed) };
	const { server, stranger, go, invited } = await open(t, { attendance });
	const grace = await invited('Grace');
	const made = (await grace.ask('POST', '/api/rooms', draft)).json();
	const url = `/api/rooms/${made.id}`;
	await grace.ask('POST', `${url}/open`);
	const ada = await go(stranger(), '/api/rooms/join', { code: made.code, name: 'Ada' });
	await ada.browser.ask('DELETE', `${url}/me`);
	await grace.ask('POST', url, draft);
	await grace.ask('POST', `${url}/close`);
	assert.deepEqual(told, [{ learners: [server.session(ada.browser).learner.id] }, { room: made.id }, { room: made.id }]);
});
