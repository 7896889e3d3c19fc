/** HTTP as no browser speaks it: every id swapped on every route, forged cookies, foreign origins and hosts, slow and broken requests.(Over 400 lines: the cases share one server, and each stands for itself.) */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { after, before, test } from 'node:test';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { Random } from '../fixtures/random.ts';
import { Attacked, assertShowsNothing, checkedCode } from './hostility.ts';

let attacked: Attacked;
/** Has a sandbox, and passed a step: what a stranger would be after. */
let victim: LearnerClient;
let origin: string;
before(async () => {
	attacked = await Attacked.start();
	victim = attacked.bystander;
	origin = attacked.server.address;
});
after(() => attacked?.server.stop());

let requests = 0;
after(() => {
	console.log(`${requests} hostile HTTP requests`);
	assert.ok(requests >= 2300, `${requests}`);
});

/** A path goes out as it is written here: no client normalises it. @returns status and body of the answer */
async function ask(method: string, path: string, headers: Record<string, string>, body = ''): Promise<{ status: number; body: string }> {
	requests++;
	const { host } = new URL(origin);
	const all = {
		host,
		connection: 'close',
		...(body && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
		...headers,
	};
	const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
	const answer = await attacked.raw(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`, false);
	const [start = '', ...rest] = answer.split('\r\n\r\n');
	assertShowsNothing(answer);
	return { status: Number(start.split(' ')[1] ?? 0), body: rest.join('\r\n\r\n') };
}

/** Routes of the interface that have names in them, with how these are put in; a room is named as a course is, which none is. */
type Names = { course: string; lesson: string; step: string };
const routes: { method: string; path: (names: Names) => string; body?: string }[] = [
	{ method: 'GET', path: ({ course }) => `/api/courses/${course}/progress` },
	{ method: 'GET', path: ({ course, lesson }) => `/api/lessons/${course}/${lesson}/steps` },
	{ method: 'POST', path: ({ course, lesson }) => `/api/lessons/${course}/${lesson}/reset`, body: '{"progress":true}' },
	{ method: 'GET', path: ({ course }) => `/api/sandboxes/${course}` },
	{ method: 'POST', path: ({ course }) => `/api/sandboxes/${course}` },
	{ method: 'DELETE', path: ({ course }) => `/api/sandboxes/${course}` },
	{ method: 'POST', path: ({ course }) => `/api/sandboxes/${course}/reset`, body: '{"progress":true}' },
	{ method: 'POST', path: ({ course }) => `/api/sandboxes/${course}/extend` },
	{ method: 'GET', path: ({ course, lesson }) => `/api/lessons/${course}/${lesson}/values` },
	{ method: 'POST', path: ({ course, lesson }) => `/api/lessons/${course}/${lesson}/file/look`, body: '{"path":"done.txt"}' },
	{
		method: 'POST',
		path: ({ course, lesson }) => `/api/lessons/${course}/${lesson}/file`,
		body: '{"path":"done.txt","text":"x","mark":"x"}',
	},
	{ method: 'POST', path: ({ course, lesson }) => `/api/lessons/${course}/${lesson}/files`, body: '{"folders":[""],"files":[]}' },
	{ method: 'POST', path: ({ course, lesson, step }) => `/api/lessons/${course}/${lesson}/quizzes/${step}`, body: '{"choices":[0]}' },
	{ method: 'GET', path: ({ course }) => `/api/certificates/${course}/pdf` },
	{ method: 'GET', path: ({ course }) => `/api/certificates/${course}/badge` },
	{ method: 'DELETE', path: ({ course }) => `/api/certificates/${course}` },
	{ method: 'GET', path: ({ course }) => `/api/rooms/${course}` },
	{ method: 'GET', path: ({ course }) => `/api/rooms/${course}/feed` },
	{ method: 'GET', path: ({ course }) => `/api/rooms/${course}/me` },
	{ method: 'POST', path: ({ course }) => `/api/rooms/${course}/close` },
	{ method: 'POST', path: ({ course, lesson }) => `/api/rooms/${course}/hands/${lesson}/take` },
	{ method: 'DELETE', path: ({ course, lesson }) => `/api/rooms/${course}/looks/${lesson}` },
	{ method: 'DELETE', path: ({ course }) => `/api/rooms/${course}` },
	...['check', 'reset', 'done'].map((action) => ({
		method: 'POST',
		path: ({ course, lesson, step }: Names) => `/api/lessons/${course}/${lesson}/steps/${step}/${action}`,
	})),
];

/** Somebody who is known, and has nothing. */
async function stranger(): Promise<LearnerClient> {
	const learner = attacked.server.learner();
	await learner.get('/api/session');
	return learner;
}

test('other names on every route: refused with a code, whoever’s they are, and no sandbox is made, reset or ended', async () => {
	const before = await attacked.server.sandboxes();
	const victimName = victim.name;
	const bad = [
		'..',
		'.',
		'%2e%2e',
		'%2e%2e%2f%2e%2e%2fetc',
		'..%2f..%2fetc%2fpasswd',
		'%2f',
		'trial%2f..%2ftrial',
		'__proto__',
		'constructor',
		'toString',
		'hasOwnProperty',
	];
	bad.push(
		'TRIAL',
		'trial%00',
		'trial%0d%0aX-Evil:%201',
		'%ff%fe',
		'%',
		'%zz',
		'a'.repeat(99),
		'a'.repeat(2000),
		'*',
		"'%20OR%201=1--",
		'$%7Bx%7D',
		before[0] ?? 'x',
		victimName,
		'-',
		'a--b',
		'é',
	);
	const good: Names = { course: 'trial', lesson: 'sandbox', step: 'write' };
	const swapped: Names[] = [
		...bad.flatMap((name) => [
			{ ...good, course: name },
			{ ...good, lesson: name },
			{ ...good, step: name },
		]),
		// Names that exist, but not there.
		{ ...good, course: 'brief' },
		{ ...good, lesson: 'visit' },
		{ ...good, lesson: 'broken' },
		{ ...good, step: 'hangs' },
	];
	let eve = await stranger();
	let count = 0;
	for (const names of swapped) {
		for (const route of routes) {
			if (route.path(names) === route.path(good) || (names.course === 'brief' && !route.path(names).includes('lessons'))) continue;
			if (++count % 500 === 0) eve = await stranger();
			const { status, body } = await ask(route.method, route.path(names), { origin, cookie: eve.cookie }, route.body);
			const what = `${status} ${body.slice(0, 200)} for ${route.method} ${route.path(names)}`;
			// A lesson that exists in the course is no mistake of the address.
			if (names.lesson === 'broken' && status === 200) continue;
			// Nor is to withdraw a certificate that one has not: it is gone.
			if (route.method === 'DELETE' && route.path(names).startsWith('/api/certificates/') && status === 200) continue;
			assert.ok(status >= 400 && status < 500, what);
			assert.ok(['bad-request', 'not-found', 'no-sandbox', 'too-large', 'wrong-origin'].includes(checkedCode(body)), what);
		}
	}
	assert.deepEqual(await attacked.server.sandboxes(), before);
	await attacked.isUnharmed();
	attacked.hadNoFault();
});

test('a stranger sees and touches nothing of the victim’s: the cookie says whose it is, nothing else does', async () => {
	const eve = await stranger();
	const before = await attacked.server.sandboxes();
	for (const extra of ['', `?learner=${victim.name}`, `?sandbox=${before[0]}`, `?__proto__[learner]=${victim.name}`]) {
		for (const path of ['/api/sandboxes/trial', '/api/courses/trial/progress', '/api/lessons/trial/sandbox/steps']) {
			const { status, body } = await ask('GET', path + extra, { cookie: eve.cookie, 'x-learner': victim.name });
			if (extra && status === 400) continue;
			assert.equal(status, 200, body);
			assert.doesNotMatch(body, /ready|passed/);
		}
	}
	await eve.request('DELETE', '/api/sandboxes/trial');
	assert.deepEqual(await attacked.server.sandboxes(), before);
	await attacked.isUnharmed();
});

test('cookies: forged, truncated, foreign-signed, doubled, huge', async () => {
	const [name, value = ''] = victim.cookie.split('=');
	const text = decodeURIComponent(value);
	const [id = '', signature = ''] = text.split('.');
	const random = new Random(7);
	const forged = [
		...[
			'',
			'.',
			id,
			`${id}.`,
			`.${signature}`,
			`${id}.${signature.slice(0, -1)}`,
			`${id}.${signature}=`,
			`${id}.${signature.toLowerCase()}`,
			`${id}x.${signature}`,
			`${id}.${'A'.repeat(43)}`,
		],
		...['__proto__', 'null', '[object Object]', 's:x', `${id};${signature}`, '%00', '%', 'x'.repeat(4000)],
		// One character of the true one changed, anywhere.
		...Array.from({ length: 200 }, () => {
			const at = random.below(text.length - 2);
			return text.slice(0, at) + (text[at] === 'Q' ? 'Z' : 'Q') + text.slice(at + 1);
		}),
	];
	for (const cookie of forged.map((bad) => `${name}=${encodeURIComponent(bad)}`).concat(`${name}`, `=${value}`, `${name}x=${value}`)) {
		const { status, body } = await ask('GET', '/api/sandboxes/trial', { cookie });
		assert.deepEqual([status, checkedCode(body)], [401, 'no-identity'], cookie.slice(0, 200));
	}
	const session = await ask('GET', '/api/session', { cookie: `${name}=${encodeURIComponent(`${id}.forged`)}` });
	assert.equal(session.status, 200);
	assert.ok(!session.body.includes(victim.name), 'who comes with a forged cookie is somebody new');
	await attacked.isUnharmed();
});

test('origins and hosts: whatever changes something must come from a page of ours', async () => {
	const eve = await stranger();
	const { host, port } = new URL(origin);
	const foreign: Record<string, string>[] = [
		...[
			'null',
			'http://evil.example',
			`http://evil.example:${port}`,
			`https://${host}`,
			'http://127.0.0.1',
			`http://127.0.0.1:${Number(port) + 1}`,
			`http://a.127.0.0.1:${port}`,
			`${origin}/`,
			`${origin}.evil.example`,
			'',
		].map((bad) => ({ origin: bad })),
		{},
		// DNS rebinding: page and host agree on a name that a stranger holds.
		...['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, `etabli.evil.example:${port}`].map((bad) => ({
			host: bad,
			origin: `http://${bad}`,
		})),
	];
	for (const headers of foreign) {
		for (const { method, path, body } of routes.filter((route) => route.method !== 'GET')) {
			const answer = await ask(
				method,
				path({ course: 'trial', lesson: 'sandbox', step: 'read' }),
				{ cookie: eve.cookie, ...headers },
				body,
			);
			assert.deepEqual([answer.status, checkedCode(answer.body)], [403, 'wrong-origin'], JSON.stringify(headers));
		}
		const ticket = await ask(
			'POST',
			'/api/tickets',
			{ cookie: eve.cookie, ...headers },
			'{"course":"trial","lesson":"sandbox","language":"en"}',
		);
		assert.equal(ticket.status, 403);
	}
	for (const bad of ['evil.example', `evil.example:${port}`, 'x'.repeat(300), 'a b', '@', '127.0.0.1:99999', `${host}@evil.example`]) {
		const { status, body } = await ask('GET', '/api/session', { host: bad });
		assert.ok(status === 403 || status === 400, `${bad}: ${status}`);
		assert.ok(['wrong-origin', 'bad-request'].includes(checkedCode(body)));
	}
	await attacked.isUnharmed();
});

test('bodies: broken, of another type, too large, with keys of the prototype', async () => {
	const eve = await stranger();
	const headers = { origin, cookie: eve.cookie };
	const bodies = [
		'{',
		'[]',
		'null',
		'"x"',
		'1',
		'{"course":1}',
		'{"course":"trial"}',
		'{"course":"trial","lesson":"sandbox","language":"de"}',
		`{"__proto__":{"course":"trial"},"lesson":"sandbox","language":"en"}`,
	];
	bodies.push(
		'{"course":"trial","lesson":"sandbox","language":"en","learner":"x"}',
		'{"constructor":{"prototype":{}},"course":"trial","lesson":"sandbox","language":"en"}',
		`{"course":"${'a'.repeat(5000)}","lesson":"sandbox","language":"en"}`,
		`${'['.repeat(7000)}`,
	);
	for (const body of bodies) {
		const answer = await ask('POST', '/api/tickets', headers, body);
		assert.deepEqual([answer.status, checkedCode(answer.body)], [400, 'bad-request'], body.slice(0, 100));
	}
	for (const type of [
		'text/plain',
		'application/x-www-form-urlencoded',
		'multipart/form-data; boundary=x',
		'application/xml',
		'application/json; charset=evil',
	]) {
		const answer = await ask(
			'POST',
			'/api/tickets',
			{ ...headers, 'content-type': type },
			'{"course":"trial","lesson":"visit","language":"en"}',
		);
		assert.ok(answer.status >= 400 && answer.status < 500, `${type}: ${answer.status}`);
		checkedCode(answer.body);
	}
	const large = await ask('POST', '/api/tickets', headers, `{"course":"${'x'.repeat(20_000)}"}`);
	assert.deepEqual([large.status, checkedCode(large.body)], [413, 'too-large']);
	await attacked.isUnharmed();
	attacked.hadNoFault();
});

test('files: no address leads out of the site', async () => {
	const targets = ['etc/passwd', 'package.json', 'sandbox-server/app.ts', 'secret', 'store.sqlite', 'instance'];
	const ways = [
		'/',
		'/../',
		'/../../',
		'/..%2f',
		'/%2e%2e/',
		'/%2e%2e%2f%2e%2e%2f',
		'/fr/../../',
		'/fr/..%5c..%5c',
		'/.%2e/',
		'//',
		'/./',
		'/fr/%252e%252e/',
		'/_astro/../../',
		'/pagefind/..%2f..%2f..%2f',
	];
	for (const way of ways) {
		for (const target of [...targets, ...targets.map((one) => `../../../../..${attacked.server.data}/${one}`)]) {
			const { status, body } = await ask('GET', `${way}${target}`, {});
			assert.ok(status >= 300 && status < 500, `${way}${target}: ${status}`);
			assert.doesNotMatch(body, /root:x:|"devDependencies"|SQLite format|createServer/);
		}
	}
	await attacked.isUnharmed();
});

test('requests that are no HTTP, and 500 made of noise', async () => {
	const random = new Random(42);
	const broken = [
		'\r\n\r\n',
		'GET\r\n\r\n',
		'GET / HTTP/9.9\r\n\r\n',
		'GET / HTTP/1.1\r\n\r\n',
		`GET /${'a'.repeat(70_000)} HTTP/1.1\r\n\r\n`,
		`GET / HTTP/1.1\r\nhost: x\r\n${'x: y\r\n'.repeat(5000)}\r\n`,
	];
	broken.push(
		'POST /api/tickets HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
		'POST /api/tickets HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n',
	);
	broken.push(
		'POST /api/tickets HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n',
		'CONNECT evil.example:80 HTTP/1.1\r\nhost: x\r\n\r\n',
		'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
		'GET http://evil.example/ HTTP/1.1\r\nhost: x\r\n\r\n',
		'\u0016\u0003\u0001\u0002\u0000\u0001',
	);
	broken.push(
		'GET /ws HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
		'GET /ws HTTP/1.1\r\nhost: x\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n',
	);
	for (let i = 0; i < 500; i++) broken.push(Buffer.from(random.bytes(1 + random.below(400))).toString('latin1'));
	for (const text of broken) {
		requests++;
		const answer = await attacked.raw(text);
		assertShowsNothing(answer);
		const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
		assert.ok(
			status === 0 || (status >= 300 && status < 500) || text.startsWith('GET http:') || text === 'GET / HTTP/9.9\r\n\r\n',
			`${status} for ${JSON.stringify(text.slice(0, 80))}`,
		);
	}
	await attacked.isUnharmed();
	attacked.hadNoFault();
});

test('two hundred connections that dawdle keep nobody out', async () => {
	const { hostname, port } = new URL(origin);
	const slow = await Promise.all(
		Array.from({ length: 200 }, async () => {
			const socket = connectPlain(Number(port), hostname);
			socket.on('error', () => undefined); // Cut off: as it should be, sooner or later.
			await once(socket, 'connect');
			socket.write('POST /api/tickets HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000\r\nx-slow: ');
			return socket;
		}),
	);
	requests += slow.length;
	for (let round = 0; round < 20; round++) {
		for (const socket of slow) socket.write('a');
		assert.equal((await fetch(`${origin}/healthz`)).status, 200);
	}
	await attacked.isUnharmed();
	await attacked.server.learner().connect();
	for (const socket of slow) socket.destroy();
});

test('a learner who asks without end is told too-many, and others are not', async () => {
	const eve = await stranger();
	// Many at once: more than 600 in a minute, also where one takes its time.
	const refused = new Set<string>();
	for (let round = 0; round < 100 && refused.size === 0; round++) {
		const answers = await Promise.all(Array.from({ length: 50 }, () => ask('GET', '/api/sandboxes/trial', { cookie: eve.cookie })));
		for (const { status, body } of answers) if (status !== 200) refused.add(checkedCode(body));
	}
	assert.deepEqual([...refused], ['too-many']);
	await (await stranger()).get('/api/sandboxes/trial');
	await attacked.isUnharmed();
	attacked.hadNoFault();
});
