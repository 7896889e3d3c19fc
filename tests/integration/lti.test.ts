/** LTI 1.3 with a platform that signs for real: launches, what is refused, choosing a lesson, scores that are not lost.(Over 400 lines: the cases share one server, and each stands for itself.) */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { AppDeps } from '../../sandbox-server/http/app-deps.ts';
import { origin, TestServer, testCourse } from '../../sandbox-server/http/stand-ins.ts';
import { names, scoreScope } from '../../sandbox-server/lti/claims.ts';
import { Scores } from '../../sandbox-server/lti/scores.ts';
import { PlatformServices } from '../../sandbox-server/lti/services.ts';
import { keySet } from '../../sandbox-server/lti/tool-key.ts';
import { newSigningKey, type SigningKey } from '../../sandbox-server/platform/signing-key.ts';
import { RoomService } from '../../sandbox-server/rooms/room-service.ts';
import { openStore } from '../../sandbox-server/store/sqlite-store.ts';
import { LearningPlatform } from '../fixtures/learning-platform.ts';
import { Visitor, withPlatform } from '../fixtures/lti-visitor.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

const lesson = `${origin}/fr/apptainer/first/`;
let platform: LearningPlatform;
before(async () => {
	platform = await LearningPlatform.start();
});
after(async () => await platform.stop());
beforeEach(() => {
	platform.next = { sub: 'ada', name: 'Ada Lovelace', target: lesson };
	platform.scores.length = 0;
	platform.troubles.length = 0;
	platform.removed.clear();
});

const withServer = (work: (server: TestServer) => Promise<void>, changes: Partial<AppDeps> = {}) => withPlatform(platform, work, changes);

const servicesOf = (key: SigningKey, clock: ManualClock) => new PlatformServices({ key: async () => key, clock });
const refused = (code: string) => `/fr/connexion/#${code}`;

test('a lesson opens from a course: the same person each time, past an access code, with no role', () =>
	withServer(
		async (server) => {
			platform.next.claims = {
				'https://purl.imsglobal.org/spec/lti/claim/roles': ['http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor'],
			};
			const ada = new Visitor(server, platform);
			assert.equal(await ada.launch(), '/fr/apptainer/first/');
			assert.deepEqual(await ada.account(), { name: 'Ada Lovelace', roles: ['learner'] });
			const { learner } = (await ada.ask('/api/session')).json();
			const tablet = new Visitor(server, platform);
			await tablet.launch();
			assert.equal((await tablet.ask('/api/session')).json().learner, learner);
			platform.next = { sub: 'ben', target: lesson };
			const ben = new Visitor(server, platform);
			await ben.launch();
			assert.notEqual((await ben.ask('/api/session')).json().learner, learner);
		},
		{ accessCode: 'blue-otter-42' },
	));

test('nobody is led to another site by a launch', () =>
	withServer(async (server) => {
		for (const target of [
			'https://evil.example/fr/apptainer/first/',
			`${origin}//evil.example/`,
			'javascript:alert(1)',
			'',
			`${origin}/api/sign-out`,
		]) {
			platform.next.target = target;
			assert.equal(await new Visitor(server, platform).launch(), '/fr/', target);
		}
	}));

test('what is not signed by that platform, for us, now, in a deployment of ours, is refused', () =>
	withServer(async (server) => {
		const now = Math.floor(Date.now() / 1000);
		const wrong: [string, Partial<LearningPlatform['next']>, string][] = [
			['another key', { stranger: true }, 'lti-refused'],
			['a symmetric signature', { algorithm: 'HS256' }, 'lti-refused'],
			['for somebody else', { claims: { aud: 'client-8' } }, 'lti-refused'],
			['for several, and not us', { claims: { aud: ['client-7', 'client-8'], azp: 'client-8' } }, 'lti-refused'],
			['another issuer', { claims: { iss: 'https://evil.example' } }, 'lti-refused'],
			['another nonce', { claims: { nonce: 'x' } }, 'lti-refused'],
			['another deployment', { claims: { [names.deployment]: '4' } }, 'lti-refused'],
			['another version', { claims: { [names.version]: '1.1' } }, 'lti-refused'],
			['another message', { claims: { [names.type]: 'LtiSubmissionReviewRequest' } }, 'lti-refused'],
			['nobody', { claims: { sub: undefined } }, 'lti-refused'],
			['over', { claims: { iat: now - 300, exp: now - 120 } }, 'sso-clock'],
			['of the future', { claims: { iat: now + 300, exp: now + 600 } }, 'sso-clock'],
			['good for days', { claims: { iat: now - 3600, exp: now + 86_400 } }, 'sso-clock'],
		];
		for (const [what, change, code] of wrong) {
			platform.next = { sub: 'ada', target: lesson, ...change };
			const visitor = new Visitor(server, platform);
			assert.equal(await visitor.launch(), refused(code), what);
			assert.equal(await visitor.account(), undefined, what);
		}
		platform.next = { sub: 'ada', target: lesson, claims: { aud: ['client-7', 'client-8'], azp: 'client-7' } };
		assert.equal(await new Visitor(server, platform).launch(), '/fr/apptainer/first/');
		const visitor = new Visitor(server, platform);
		assert.equal(await visitor.launch({ ...(await visitor.begin()), id_token: 'a.b.c' }), refused('lti-refused'));
		const unknown = await visitor.ask(`/api/lti/login?${new URLSearchParams({ ...platform.login(), client_id: 'client-8' })}`);
		assert.equal(unknown.headers.location, refused('lti-unknown'));
		server.store.lti.removePlatform('moodle');
		server.store.lti.putPlatform({ ...platform.row, keys: 'http://127.0.0.1:9/keys' });
		assert.equal(await new Visitor(server, platform).launch(), refused('lti-away'));
	}));

test('a launch is good once, in the browser that began it, for ten minutes', () =>
	withServer(async (server) => {
		const ada = new Visitor(server, platform);
		const form = await ada.begin();
		assert.equal(await new Visitor(server, platform).launch(form), refused('sso-again'), 'signed in as somebody else by a form');
		const before = new Map(ada.cookies);
		assert.equal(await ada.launch(form), '/fr/apptainer/first/');
		for (const [name, value] of before) ada.cookies.set(name, value);
		assert.equal(await ada.launch(form), refused('sso-again'), 'state, nonce and token again, with the old cookie');
		for (const [name, value] of before) ada.cookies.set(name.replace(/[\w-]{32}$/, 'x'.repeat(32)), value);
		assert.equal(await ada.launch({ ...form, state: 'x'.repeat(32) }), refused('sso-again'), 'the same under another state');
		const late = new Visitor(server, platform);
		const slow = await late.begin();
		server.clock.ahead = 601_000;
		assert.equal(await late.launch(slow), refused('sso-again'));
		server.clock.ahead = 0;
		const two = new Visitor(server, platform);
		const [one, other] = [await two.begin(), await two.begin()];
		assert.equal(await two.launch(one), '/fr/apptainer/first/', 'two lessons opened at once');
		assert.equal(await two.launch(other), '/fr/apptainer/first/');
		assert.equal((await two.ask('/api/rooms', { title: 'x' })).json().code, 'wrong-origin', 'other routes take no form of the platform');
	}));

test('who has worked in a browser without an account keeps that work, though the form of the platform comes without their session', () =>
	withServer(
		async (server) => {
			platform.next.target = 'https://etabli.example.org/fr/apptainer/first/';
			const own = { origin: 'https://etabli.example.org' };
			const ada = new Visitor(server, platform, { crossSite: true });
			const { learner } = (await ada.ask('/api/session')).json();
			const id = server.store.people.named(learner)[0]?.id ?? '';
			server.store.putStep({ learner: id, course: 'apptainer' }, { lesson: 'first', step: 'read', state: 'passed' });
			assert.equal(await ada.launch(), '/fr/apptainer/first/');
			assert.equal((await ada.ask('/api/session')).json().learner, learner, 'the same, with an account now');
			assert.deepEqual(await ada.account(), { name: 'Ada Lovelace', roles: ['learner'] });
			const tablet = new Visitor(server, platform, { crossSite: true });
			await tablet.ask('/api/session');
			await tablet.launch();
			assert.equal((await tablet.ask('/api/session')).json().learner, learner, 'an account that is known takes nobody else over');

			// In a hall: the next person at that machine comes from the platform too.
			platform.next = { ...platform.next, sub: 'ben', name: 'Ben' };
			const sessions = () => server.store.erasing.holdings(id).find(({ table }) => table === 'session')?.rows;
			const before = sessions();
			const ben = new Visitor(server, platform, { crossSite: true });
			for (const [name, value] of ada.cookies) ben.cookies.set(name, value);
			await ben.launch();
			assert.notEqual((await ben.ask('/api/session')).json().learner, learner);
			assert.equal(sessions(), (before ?? 0) - 1, 'the session of the person before ends on the server too');

			platform.next = { ...platform.next, sub: 'emmy', name: 'Emmy' };
			const member = new Visitor(server, platform, { crossSite: true });
			const { learner: joined } = (await member.ask('/api/session')).json();
			const rooms = new RoomService({ store: server.store, key: Buffer.alloc(32, 7), now: () => Date.now() });
			const draft = { title: 'Jour 1', course: 'apptainer', lessons: [], starts: 1, ends: 2, expected: 1, names: [] };
			const room = rooms.open(rooms.create(draft).id);
			const [known] = server.store.people.named(joined);
			if (known) rooms.join(known, { code: room.code ?? '', name: 'Emmy' });
			await member.launch();
			assert.notEqual((await member.ask('/api/session')).json().learner, joined, 'four words lead to that one');

			// Another browser cannot be led to it, nor this one twice, nor late.
			platform.next = { ...platform.next, sub: 'niels', name: 'Niels' };
			const niels = new Visitor(server, platform, { crossSite: true });
			const arrive = async () => String((await niels.ask('/api/lti/launch', await niels.begin())).headers.location);
			const address = await arrive();
			const victim = new Visitor(server, platform, { crossSite: true });
			await victim.ask('/api/session');
			assert.equal((await victim.ask(address)).headers.location, refused('sso-again'));
			assert.equal(await victim.account(), undefined);
			assert.equal((await niels.ask(address)).headers.location, '/fr/apptainer/first/', 'it is still good where it belongs');
			assert.equal((await niels.ask(address)).headers.location, refused('sso-again'));
			const late = await arrive();
			server.clock.ahead = 61_000;
			assert.equal((await niels.ask(late, undefined, own)).headers.location, refused('sso-again'));
		},
		{ addresses: { publicOrigin: 'https://etabli.example.org', host: '127.0.0.1' } },
	));

test('in a frame there is a way out of it; over TLS cookies come back from the platform’s form', () =>
	withServer(
		async (server) => {
			const framed = await new Visitor(server, platform).ask(
				`/api/lti/login?${new URLSearchParams({ ...platform.login(), lti_message_hint: '"><script>' })}`,
				undefined,
				{ 'sec-fetch-dest': 'iframe' },
			);
			assert.equal(framed.statusCode, 200);
			assert.match(framed.body, /<a href="\/api\/lti\/login\?[^"]+" target="_blank"/);
			assert.doesNotMatch(framed.body, /"><script>/);
			assert.match(String(framed.headers['content-security-policy']), /^default-src 'none'.*frame-ancestors \*$/);
			assert.equal(framed.headers['x-frame-options'], undefined);
			const unknown = await new Visitor(server, platform).ask(
				`/api/lti/login?${new URLSearchParams({ ...platform.login('https://etabli.example.org/api/lti/choose'), iss: 'https://evil.example' })}`,
				undefined,
				{ 'sec-fetch-dest': 'iframe', 'accept-language': 'en' },
			);
			assert.match(unknown.body, /This learning platform is not \(or no longer\) known here/, 'said in the frame: pages may not be in it');
			assert.match(String(unknown.headers['content-security-policy']), /frame-ancestors \*$/);
			const top = await new Visitor(server, platform).ask(`/api/lti/login?${new URLSearchParams(platform.login())}`);
			assert.match(String(top.headers['set-cookie']), /^__Host-etabli-lti-.*; HttpOnly; Secure; SameSite=None/);
			const busy = new Visitor(server, platform);
			for (let number = 0; number < 12; number++) await busy.ask(`/api/lti/login?${new URLSearchParams(platform.login())}`);
			assert.equal(busy.cookies.size, 8);
			const choosing = await new Visitor(server, platform).ask(
				`/api/lti/login?${new URLSearchParams(platform.login('https://etabli.example.org/api/lti/choose'))}`,
				undefined,
				{ 'sec-fetch-dest': 'iframe' },
			);
			assert.match(String(choosing.headers['set-cookie']), /SameSite=None/);
			assert.match(String(choosing.headers['set-cookie']), /Partitioned/);
		},
		{ addresses: { publicOrigin: 'https://etabli.example.org', host: '127.0.0.1' } },
	));

test('strangers fill neither a browser with cookies nor the log', () =>
	withServer(async (server) => {
		const login = `/api/lti/login?${new URLSearchParams(platform.login())}`;
		const browser = new Visitor(server, platform);
		const image = await browser.ask(login, undefined, { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' });
		assert.equal(image.headers.location, refused('bad-request'));
		assert.equal(browser.cookies.size, 0);
		const first = await browser.begin();
		let last = first;
		for (let number = 0; number < 20; number++) {
			server.clock.ahead += 10;
			last = await browser.begin();
		}
		assert.equal(browser.cookies.size, 8);
		assert.equal(await browser.launch(first), refused('sso-again'));
		assert.equal(await browser.launch(last), '/fr/apptainer/first/', 'the newest stay');

		server.log.length = 0;
		const long = new URLSearchParams({ ...platform.login(), iss: 'x'.repeat(4000), client_id: 'y'.repeat(4000) });
		for (let number = 0; number < 100; number++) await new Visitor(server, platform).ask(`/api/lti/login?${long}`);
		const lines = server.log.filter((line) => line.includes('launch refused'));
		assert.equal(lines.length, 30);
		for (const line of lines) assert.ok(line.length < 600, line);
	}));

test('a teacher chooses a lesson, and the platform gets a link that is signed by us', () =>
	withServer(async (server) => {
		platform.next.claims = {
			[names.type]: 'LtiDeepLinkingRequest',
			[names.choice]: {
				deep_link_return_url: `${platform.row.issuer}/chosen`,
				accept_types: ['link', 'ltiResourceLink'],
				data: 'csrf:"7"',
			},
		};
		const teacher = new Visitor(server, platform);
		const page = await teacher.ask('/api/lti/launch', await teacher.begin());
		assert.equal(page.statusCode, 200);
		const id = /name="id" value="([\w-]+)"/.exec(page.body)?.[1] ?? '';
		assert.match(page.body, /<button name="lesson" value="apptainer\/second">/);
		assert.equal((await teacher.ask('/api/lti/choose', { id: 'x', lesson: 'apptainer/second' })).headers.location, refused('sso-again'));
		const chosen = await teacher.ask('/api/lti/choose', { id, lesson: 'apptainer/second' });
		assert.match(String(chosen.headers['content-security-policy']), new RegExp(`form-action ${platform.row.issuer};`));
		const jwt = /name="JWT" value="([^"]+)"/.exec(chosen.body)?.[1] ?? '';
		const { payload } = await jwtVerify(jwt, createLocalJWKSet(await platform.tool()), {
			issuer: 'client-7',
			audience: platform.row.issuer,
		});
		assert.equal(payload[names.deployment], '3');
		assert.equal(payload[names.data], 'csrf:"7"');
		const [item] = payload[names.items] as { url: string; lineItem: object; type: string }[];
		assert.deepEqual([item?.type, item?.url], ['ltiResourceLink', `${origin}/fr/apptainer/second/`]);
		assert.deepEqual(item?.lineItem, { scoreMaximum: 2, label: 'a', resourceId: 'apptainer/second' });
		assert.equal((await teacher.ask('/api/lti/choose', { id, lesson: 'apptainer/second' })).headers.location, refused('sso-again'), 'once');
		platform.next.claims = {
			...platform.next.claims,
			[names.choice]: { deep_link_return_url: 'javascript:alert(1)', accept_types: ['ltiResourceLink'] },
		};
		assert.equal(await new Visitor(server, platform).launch(), refused('lti-refused'));
	}));

test('a score follows each step that is passed; while the platform is away, and over a restart, nothing is lost', async () => {
	const store = openStore(':memory:');
	const key = await newSigningKey();
	const clock = new ManualClock();
	const lines: string[] = [];
	const log = { info: () => {}, warn: (_: object, text: string) => void lines.push(text), error: () => {} } as never;
	const fresh = () => new Scores({ store, courses: [testCourse], services: servicesOf(key, clock), clock, log });
	let scores = fresh();
	const server = await TestServer.start({ store, ltiKey: async () => key, scores: { touch: (of) => scores.touch(of) } });
	platform.tool = () => keySet(key);
	store.lti.putPlatform(platform.row);
	try {
		const ada = new Visitor(server, platform);
		platform.next.claims = { [names.grades]: { scope: [scoreScope], lineitem: platform.column('first'), lineitems: 'https://x' } };
		await ada.launch();
		const learner = store.lti.grades()[0]?.learner ?? '';
		const of = { learner, course: 'apptainer', lesson: 'first' };
		const pass = (step: string) => {
			store.putStep(of, { lesson: 'first', step, state: 'passed' });
			scores.touch(of);
		};
		const told = () =>
			platform.scores.map(
				({ column, userId, scoreGiven, scoreMaximum, activityProgress }) =>
					`${column} ${userId} ${scoreGiven}/${scoreMaximum} ${activityProgress}`,
			);
		await scores.turn();
		assert.deepEqual(told(), [], 'nothing is passed: nothing is said');
		pass('read');
		await scores.turn();
		assert.deepEqual(told(), ['first ada 1/2 InProgress']);
		await scores.turn();
		assert.equal(platform.scores.length, 1, 'once');

		platform.troubles.push(503, 500);
		pass('pull');
		await scores.turn();
		assert.equal(platform.scores.length, 1);
		await scores.turn();
		assert.equal(platform.troubles.length, 1, 'it is left alone for a while');
		scores = fresh();
		await scores.turn();
		assert.equal(platform.scores.length, 1, 'away still, after a restart');
		await clock.advance(2000);
		await scores.turn();
		assert.deepEqual(told().slice(1), ['first ada 2/2 Completed']);

		store.forgetSteps(of, 'first', 'read');
		scores.touch(of);
		await scores.turn();
		assert.equal(platform.scores.length, 2, 'a step that is taken back takes no points back');
		assert.equal(lines.filter((line) => /tried again/.test(line)).length, 2);

		platform.next = {
			sub: 'ada',
			target: `${origin}/en/apptainer/second/`,
			claims: { [names.grades]: { scope: [scoreScope], lineitem: platform.column('second') } },
		};
		await ada.launch();
		store.putStep(of, { lesson: 'second', step: 'read', state: 'passed' });
		scores.touch({ ...of, lesson: 'second' });
		platform.troubles.push(404);
		await scores.turn();
		assert.equal(store.lti.grades({ ...of, lesson: 'second' }).length, 1, 'a proxy may have said it: the line stays');
		assert.equal(platform.scores.length, 2);
		await clock.advance(2000);
		await scores.turn();
		assert.equal(told()[2], 'second ada 1/2 InProgress', 'it was a proxy');
		store.putStep(of, { lesson: 'second', step: 'pull', state: 'passed' });
		scores.touch({ ...of, lesson: 'second' });
		platform.removed.add('second');
		await scores.turn();
		await clock.advance(6 * 24 * 3600_000);
		scores = fresh();
		await scores.turn();
		assert.equal(store.lti.grades({ ...of, lesson: 'second' }).length, 1, 'six days, and a restart');
		await clock.advance(2 * 24 * 3600_000);
		await scores.turn();
		assert.deepEqual(store.lti.grades({ ...of, lesson: 'second' }), [], 'the column is gone');
		store.lti.removePlatform('moodle');
		assert.deepEqual(store.lti.grades(), []);
	} finally {
		await server.stop();
	}
});

test('a score that is refused holds up no other, and few of those at rest are looked at after a restart', async () => {
	const store = openStore(':memory:');
	const key = await newSigningKey();
	const clock = new ManualClock();
	const silent = { info: () => {}, warn: () => {}, error: () => {} } as never;
	const fresh = () => new Scores({ store, courses: [testCourse], services: servicesOf(key, clock), clock, log: silent });
	platform.tool = () => keySet(key);
	store.lti.putPlatform(platform.row);
	const put = (subject: string, step?: string) => {
		const of = { learner: store.people.createLearner().id, course: 'apptainer', lesson: 'first' };
		store.lti.putGrade({ ...of, platform: 'moodle', column: platform.column('first'), subject });
		if (step !== undefined) store.putStep(of, { lesson: 'first', step, state: 'passed' });
		return of;
	};
	const told = () => platform.scores.map(({ userId }) => userId);
	try {
		put('early', 'read');
		const scores = fresh();
		await scores.turn();
		assert.deepEqual(told(), ['early'], 'with a token from now on');
		const [guest, ada] = [put('guest', 'read'), put('ada', 'read')];
		for (const one of [guest, ada]) scores.touch(one);
		platform.troubles.push(400);
		await scores.turn();
		assert.deepEqual(told(), ['early', 'ada'], 'somebody who cannot be graded holds up nobody');
		await scores.turn();
		assert.equal(platform.scores.length, 2, 'the one refused is left alone for a while');
		await clock.advance(2000);
		await scores.turn();
		assert.deepEqual(told(), ['early', 'ada', 'guest']);

		put('idle');
		assert.deepEqual(store.lti.unsettled(), [], 'nobody has more than was told');
		for (let number = 0; number < 20; number++) put(`late ${number}`, 'no-step-of-the-lesson');
		const again = fresh();
		let between = 0;
		let next = setImmediate(function go() {
			between++;
			next = setImmediate(go);
		});
		await again.turn();
		clearImmediate(next);
		assert.ok(between >= 10, 'others go between');
		store.lti.putPlatform({ ...platform.row, client: 'client-8' });
		assert.deepEqual(store.lti.grades(), [], 'another registration: lines of the one before go');
	} finally {
		store.close();
	}
});
