/** Who may do what: every route and every message, tried by everybody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientMessageSchema } from '../../src/shared/protocol/messages.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { type Role, roles } from '../../src/shared/protocol/roles.ts';
import { personFor } from '../../tests/fixtures/person.ts';
import { Browser, origin, TestServer } from '../http/stand-ins.ts';
import { type Action, actionOf, actions, authorise } from './authorise.ts';
import type { Principal } from './principal.ts';

/** What needs no identity: everything else is for the person whom it belongs to. */
const open: readonly Action[] = [
	'interface.read',
	'access.enter',
	'session.open',
	'sign-in.read',
	'sign-in.begin',
	'lti.launch',
	'room.enter',
	'certificate.verify',
];
/** What a role allows, without anything of one's own. Nobody here is in a room. */
const byRole: Partial<Record<Action, readonly Role[]>> = {
	'room.create': ['trainer', 'operator'],
	'room.lead': ['operator'],
	'room.help': ['operator'],
	'room.member': [],
};

const room = { title: 'Jour 1', course: 'apptainer', starts: 1, ends: 2 };
const bodies: Record<string, object> = {
	'/api/access': { code: 'blue-otter-42' },
	'/api/tickets': { course: 'apptainer', lesson: 'first', language: 'fr' },
	'/api/lessons/:course/:lesson/file/look': { path: 'a' },
	'/api/lessons/:course/:lesson/files': { folders: [''], files: ['a'] },
	'/api/lessons/:course/:lesson/file': { path: 'a', text: 'b', mark: 'none' },
	'/api/lessons/:course/:lesson/quizzes/:quiz': { choices: [1] },
	'/api/sandboxes/:course/previews': { port: 8000 },
	'/api/certificates': { course: 'apptainer', name: 'Ada' },
	'/api/certificates/verify': { code: 'ACDE-FGHJ-KPRT-WXY3-4679' },
	'/api/rooms/door': { code: 'ACDEFG' },
	'/api/rooms/join': { code: 'ACDEFG', name: 'Ada' },
	'/api/rooms/back': { word: 'loutre-tambour-citron-vague' },
	'/api/rooms/enter': { secret: 'x' },
	'/api/rooms': room,
	'/api/rooms/:room': room,
	'/api/rooms/:room/links': { role: 'helper', name: 'Alan' },
	'/api/rooms/:room/copy': { starts: 1, ends: 2 },
	'/api/rooms/:room/looks': { learner: 'learner-7f3a9c', lesson: 'first', terminal: '1' },
	'/api/rooms/:room/looks/:look/answer': { yes: true, to: 'asked' },
	'/api/rooms/:room/hand': { lesson: 'first', step: 'read' },
	'/api/rooms/:room/show': { lesson: 'first', terminal: '1' },
	'/api/rooms/:room/follow': { lesson: 'first', step: 'read' },
	'/api/rooms/:room/opened': { lesson: 'first', step: 'read', what: { hint: 1 } },
	'/api/rooms/:room/cards': { question: 'Ça va ?' },
	'/api/rooms/:room/cards/:card/answer': { text: 'Oui' },
	'/api/rosters/:course': { platform: 'moodle', context: '7' },
	'/api/rooms/:room/messages': { text: 'Bonjour', to: 'all' },
};
const names: Record<string, string> = {
	course: 'apptainer',
	lesson: 'first',
	step: 'read',
	quiz: 'q',
	room: '0123456789ab',
	hand: '0123456789ab',
	look: '0123456789ab',
	card: '0123456789ab',
};

/** Everybody who may come to the door. */
async function everybody(server: TestServer): Promise<Record<string, Browser>> {
	const { app, store } = server;
	const all: Record<string, Browser> = { nobody: new Browser(app, '', '') };
	for (const role of roles) {
		const browser = await server.visitor();
		if (role !== 'learner') store.people.putRole(server.learner(browser).id, role);
		all[role] = browser;
	}
	return all;
}

async function tryAll(server: TestServer, expected: (who: string, action: Action) => string): Promise<number> {
	let count = 0;
	const people = await everybody(server);
	const routes = server.app.listed.filter(({ method }) => method !== 'HEAD');
	for (const { method, url, action } of routes) {
		for (const [who, browser] of Object.entries(people)) {
			const path = url.replace(/:(\w+)/g, (_, name: string) => names[name] ?? name);
			const answer = await browser.ask(method as 'GET', path, bodies[url] ?? (method === 'POST' ? {} : undefined));
			const code = answer.headers['content-type']?.includes('json') ? answer.json().code : undefined;
			const said = ['no-identity', 'access-code', 'forbidden'].includes(code) ? code : 'let in';
			assert.equal(said, expected(who, action), `${who}: ${method} ${url}: ${answer.body.slice(0, 200)}`);
			assert.notEqual(code, 'bad-request', `${method} ${url}: the test asks in the right form`);
			count++;
		}
	}
	return count;
}

test('every route, by everybody: without an identity nothing but the door is open', async (t) => {
	const server = await TestServer.start({ requestsPerMinute: 10_000 });
	t.after(() => server.stop());
	const count = await tryAll(server, (who, action) => {
		if (open.includes(action)) return 'let in';
		if (who === 'nobody') return 'no-identity';
		return (byRole[action]?.includes(who as Role) ?? true) ? 'let in' : 'forbidden';
	});
	t.diagnostic(`${server.app.listed.length} routes, ${count} tries`);

	assert.equal(count, 460, 'routes × (nobody and four roles); a new route belongs into this number');
});

test('every route, by everybody, where an access code is asked for and has not been given', async (t) => {
	const before = await TestServer.start();
	const code = 'blue-otter-42';
	const server = await TestServer.start({ requestsPerMinute: 10_000, accessCode: code, store: before.store });
	t.after(() => server.stop());
	const people = await everybody(before);
	let count = 0;
	for (const { method, url, action } of server.app.listed.filter(({ method }) => method !== 'HEAD')) {
		if (open.includes(action) && action !== 'session.open') continue;
		for (const { cookie } of Object.values(people)) {
			const path = url.replace(/:(\w+)/g, (_, name: string) => names[name] ?? name);
			const answer = await server.app.inject({
				method: method as 'GET',
				url: path,
				headers: { host: 'localhost:8080', origin, cookie },
				...(method === 'POST' && { payload: bodies[url] ?? {} }),
			});
			assert.deepEqual([answer.statusCode, answer.json().code], [401, 'access-code'], `${method} ${url}`);
			count++;
		}
	}
	assert.equal(count, 375);
	await before.app.close();
});

const learner = (id: string) => ({ id, name: id, seed: id, created: 0 });

test('what is somebody else’s is refused to every role, action by action and message by message', () => {
	let count = 0;
	const refusal = (who: Principal, action: Action): string => {
		count++;
		try {
			authorise(who, action, { kind: 'own', owner: 'ben' });
			return 'let in';
		} catch (error) {
			assert.ok(error instanceof Refusal);
			return error.code;
		}
	};
	const combinations: Role[][] = roles.map((role) => (role === 'learner' ? [] : [role]));
	for (const action of [...actions, ...Object.values(actionOf)]) {
		for (const some of combinations) {
			const allowed = open.includes(action) || (action === 'room.create' && byRole[action]?.some((role) => some.includes(role)));
			assert.equal(refusal(personFor(learner('anna'), some), action), allowed ? 'let in' : 'forbidden', `${action} by ${some}`);
		}
		const roomy = byRole[action] !== undefined;
		assert.equal(refusal(personFor(learner('ben')), action), roomy ? 'forbidden' : 'let in', `${action} by its owner`);
	}
	assert.equal(count, 5 * (actions.length + Object.keys(actionOf).length));
	const messages = clientMessageSchema.options.map(({ shape }) => [...shape.type.values][0]);
	assert.deepEqual(Object.keys(actionOf).sort(), messages.sort(), 'every message has its action');
});

test('a route that does not say which action it is stops the server before it listens', async () => {
	const policy = { name: 'planted', origins: [], framedBy: [], sameSite: 'lax', requestsPerMinute: 10 } as const;
	const group = { policy, install: (app: TestServer['app']) => void app.get('/api/planted', async () => 'x') };
	await assert.rejects(TestServer.start({ groups: [group] }), /GET \/api\/planted does not say which action it is/);
});
