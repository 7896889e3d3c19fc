/** Single sign-on against a real identity provider: who gets in, as whom, and what is refused.(Over 400 lines: the cases share one server, and each stands for itself.) */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { SsoSettings } from '../../sandbox-server/auth/sso/settings.ts';
import { clock, ssoFindings } from '../../sandbox-server/cli/doctor-sso.ts';
import type { AppDeps } from '../../sandbox-server/http/app-deps.ts';
import { origin, TestServer } from '../../sandbox-server/http/stand-ins.ts';
import { openStore } from '../../sandbox-server/store/sqlite-store.ts';
import { clientId, clientSecret, IdentityProvider } from '../fixtures/identity-provider.ts';

let provider: IdentityProvider;
before(async () => {
	provider = await IdentityProvider.start(origin);
});
after(async () => await provider.stop());
beforeEach(() => {
	provider.fault = undefined;
	provider.people.clear();
	provider.people.set('grace', { name: 'Grace Hopper', groups: ['staff', 'formateurs'] });
	provider.people.set('ada', { name: 'Ada Lovelace', groups: ['students'] });
});

const settings = (changes: Partial<SsoSettings> = {}): SsoSettings => ({
	issuer: provider.issuer,
	client: clientId,
	secret: clientSecret,
	scope: 'openid profile groups',
	learners: 'may',
	name: 'name',
	roles: { trainer: { groups: 'formateurs' } },
	...changes,
});

async function withServer(work: (server: TestServer) => Promise<void>, changes: Partial<AppDeps> = {}): Promise<void> {
	const server = await TestServer.start({ sso: settings(), ...changes });
	try {
		await work(server);
	} finally {
		await server.stop();
	}
}

/** A browser: cookies of our server and of the provider, each for its own. */
class Visitor {
	readonly #server: TestServer;
	readonly ours = new Map<string, string>();
	readonly #theirs = new Map<string, string>();
	constructor(server: TestServer) {
		this.#server = server;
	}

	async ask(url: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', payload?: object) {
		const cookie = [...this.ours].map((pair) => pair.join('=')).join('; ');
		const answer = await this.#server.app.inject({
			method,
			url,
			headers: { host: 'localhost:8080', origin, cookie },
			...(payload && { payload }),
		});
		for (const { name, value } of answer.cookies) {
			if (value === '') this.ours.delete(name);
			else this.ours.set(name, value);
		}
		return answer;
	}

	/** Goes to the provider from our address. @returns where the provider leads back to, not gone there yet */
	async toProvider(start: string, login: string): Promise<string> {
		const begun = await this.ask(start);
		let address = String(begun.headers.location);
		let body: URLSearchParams | undefined;
		while (!address.startsWith(`${origin}/`)) {
			const answer = await fetch(address, {
				redirect: 'manual',
				headers: { cookie: [...this.#theirs].map((pair) => pair.join('=')).join('; ') },
				...(body && { method: 'POST', body }),
			});
			for (const line of answer.headers.getSetCookie()) {
				const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
				this.#theirs.set(name, value);
			}
			const next = answer.headers.get('location');
			assert.ok(next !== null || body === undefined, await answer.text());
			body = next === null ? new URLSearchParams({ login }) : undefined;
			address = next === null ? address : new URL(next, address).href;
		}
		return address;
	}

	/** The whole way. @returns where it ends */
	async signIn(login: string, to = '/fr/salles/'): Promise<string> {
		const back = await this.toProvider(`/api/sign-in/start?${new URLSearchParams({ language: 'fr', to })}`, login);
		return String((await this.ask(back.slice(origin.length))).headers.location);
	}

	async account() {
		return (await this.ask('/api/sign-in')).json().account as { name: string; roles: string[] } | undefined;
	}
}

const refused = (code: string) => `/fr/connexion/#${code}`;

test('a trainer signs in and leads rooms; the role goes when the claim does, and with it the rooms', () =>
	withServer(async (server) => {
		const grace = new Visitor(server);
		assert.equal(await grace.signIn('grace'), '/fr/salles/');
		assert.deepEqual(await grace.account(), { name: 'Grace Hopper', roles: ['learner', 'trainer'] });
		const made = await grace.ask('/api/rooms', 'POST', { title: 'Jour 1', course: 'apptainer', starts: Date.now(), ends: Date.now() + 1 });
		assert.equal(made.statusCode, 200, made.body);
		assert.equal(made.json().people[0].name, 'Grace Hopper');
		const room = `/api/rooms/${made.json().id}`;

		const tablet = new Visitor(server);
		await tablet.signIn('grace');
		assert.equal((await tablet.ask(room)).statusCode, 200, 'the same person in another browser');

		provider.people.set('grace', { name: 'Grace Hopper', groups: ['staff', 'Formateurs', 'formateurs-2'] });
		assert.equal(await new Visitor(server).signIn('grace'), '/fr/salles/');
		for (const browser of [grace, tablet]) {
			assert.equal((await browser.ask(room)).statusCode, 403, 'out of the room');
			assert.equal((await browser.ask('/api/rooms', 'POST', { title: 'x', course: 'apptainer', starts: 1, ends: 2 })).statusCode, 403);
		}
	}));

test('a certificate is made out to the name of the account, whatever is typed', () =>
	withServer(async (server) => {
		const ada = new Visitor(server);
		await ada.signIn('ada');
		for (const lesson of ['first', 'second'])
			for (const step of ['read/done', 'pull/check']) await ada.ask(`/api/lessons/apptainer/${lesson}/steps/${step}`, 'POST');
		assert.equal((await ada.ask('/api/certificates')).json().name, 'Ada Lovelace');
		const issued = await ada.ask('/api/certificates', 'POST', { course: 'apptainer', name: 'Charles Babbage' });
		assert.equal(issued.json().name, 'Ada Lovelace');
	}));

test('a trainer is asked again after sixteen hours, in every browser; a learner stays', () =>
	withServer(async (server) => {
		const [grace, ada] = [new Visitor(server), new Visitor(server)];
		await ada.signIn('ada');
		await grace.signIn('grace');
		server.clock.ahead = 15 * 3600_000;
		await grace.ask('/api/session');
		assert.ok(await grace.account());
		server.clock.ahead = 17 * 3600_000;
		assert.equal(await grace.account(), undefined, 'visits do not make it longer');
		assert.equal((await ada.account())?.name, 'Ada Lovelace');
	}));

test('a link of a room makes no longer session of one that the provider vouches for', () =>
	withServer(
		async (server) => {
			const [grace, ada] = [new Visitor(server), new Visitor(server)];
			await grace.signIn('grace');
			await ada.signIn('ada');
			const { id } = (
				await grace.ask('/api/rooms', 'POST', { title: 'a', course: 'apptainer', starts: Date.now(), ends: Date.now() + 1 })
			).json();
			const { secret } = (await grace.ask(`/api/rooms/${id}/links`, 'POST', { role: 'helper', name: 'Ada' })).json();
			assert.equal((await ada.ask('/api/rooms/enter', 'POST', { secret })).statusCode, 200);
			assert.equal((await ada.ask('/api/rooms')).json().rooms[0].role, 'helper');
			assert.equal((await ada.account())?.name, 'Ada Lovelace');
			server.clock.ahead = 31 * 24 * 3600_000;
			assert.equal(await ada.account(), undefined, 'asked again after thirty days');
		},
		{ sso: settings({ learners: 'must' }) },
	));

test('a learner keeps the work of this browser, unless a room’s four words lead to it too', () =>
	withServer(async (server) => {
		const ada = new Visitor(server);
		const { learner } = (await ada.ask('/api/session')).json();
		await ada.signIn('ada');
		assert.equal((await ada.ask('/api/session')).json().learner, learner);
		const elsewhere = new Visitor(server);
		await elsewhere.signIn('ada');
		assert.equal((await elsewhere.ask('/api/session')).json().learner, learner);

		const grace = new Visitor(server);
		await grace.signIn('grace');
		const { id } = (
			await grace.ask('/api/rooms', 'POST', { title: 'a', course: 'apptainer', starts: Date.now(), ends: Date.now() + 3600_000 })
		).json();
		const { code } = (await grace.ask(`/api/rooms/${id}/open`, 'POST')).json();
		const ben = new Visitor(server);
		provider.people.set('ben', { name: 'Ben' });
		const before = (await ben.ask('/api/session')).json().learner;
		const { word } = (await ben.ask('/api/rooms/join', 'POST', { code, name: 'Ben' })).json();
		assert.ok(word);
		await ben.signIn('ben');
		assert.notEqual((await ben.ask('/api/session')).json().learner, before);
		assert.equal(
			(await ben.ask('/api/rooms/join', 'POST', { code, name: 'Ben B' })).json().word,
			undefined,
			'four words lead to no account',
		);
		const [old, hall] = [new Visitor(server), new Visitor(server)];
		await hall.ask('/api/rooms/back', 'POST', { word });
		assert.equal((await old.ask('/api/rooms/back', 'POST', { word })).json().learner, before);

		await old.ask(`/api/rooms/${id}/me`, 'DELETE');
		provider.people.set('lin', { name: 'Lin' });
		await old.signIn('lin');
		assert.equal((await old.ask('/api/session')).json().learner, before, 'out of the room: taken over');
		assert.equal((await old.account())?.name, 'Lin');
		assert.equal(await hall.account(), undefined, 'who was known elsewhere by four words is not in the account');
	}));

test('where learners do not sign in, an account without a role is told so, and is nobody', () =>
	withServer(
		async (server) => {
			const ada = new Visitor(server);
			assert.equal(await ada.signIn('ada'), refused('sso-no-role'));
			assert.equal(await ada.account(), undefined);
			assert.equal(await new Visitor(server).signIn('grace'), '/fr/salles/');
		},
		{ sso: settings({ learners: 'no' }) },
	));

test('where learners must sign in, nobody else gets a sandbox but who joins a room by its code', () =>
	withServer(
		async (server) => {
			const anybody = new Visitor(server);
			const closed = await anybody.ask('/api/session');
			assert.deepEqual([closed.statusCode, closed.json().code], [401, 'sign-in']);
			const ada = new Visitor(server);
			await ada.signIn('ada', '/fr/apptainer/first/');
			assert.equal((await ada.ask('/api/sandboxes/apptainer', 'POST')).statusCode, 200);
			assert.deepEqual((await ada.ask('/api/sign-out', 'POST')).statusCode, 200);
			assert.equal((await ada.ask('/api/session')).statusCode, 401, 'signed out');

			const grace = new Visitor(server);
			await grace.signIn('grace');
			const { id } = (
				await grace.ask('/api/rooms', 'POST', { title: 'a', course: 'apptainer', starts: Date.now(), ends: Date.now() + 3600_000 })
			).json();
			const { code } = (await grace.ask(`/api/rooms/${id}/open`, 'POST')).json();
			provider.fault = 'no answer';
			assert.equal((await anybody.ask('/api/rooms/join', 'POST', { code, name: 'Éve' })).statusCode, 200);
			assert.equal((await anybody.ask('/api/session')).statusCode, 200, 'the provider is away, the room’s code goes on');
			assert.equal((await anybody.ask('/api/sandboxes/apptainer', 'POST')).statusCode, 200);
		},
		{ sso: settings({ learners: 'must' }) },
	));

test('a way back is good once, in the browser that began it, for ten minutes, with its own state', () =>
	withServer(async (server) => {
		const start = '/api/sign-in/start?language=fr';
		const back = async (visitor: Visitor, address: string) => String((await visitor.ask(address.slice(origin.length))).headers.location);
		const ada = new Visitor(server);
		const address = await ada.toProvider(start, 'ada');
		assert.equal(await back(new Visitor(server), address), refused('sso-again'), 'another browser');
		const planted = new Map(ada.ours);
		assert.equal(await back(ada, address), '/fr/connexion/');
		for (const [name, value] of planted) ada.ours.set(name, value);
		assert.equal(await back(ada, address), refused('sso-again'), 'state, nonce and code again, with the old cookie');

		const late = new Visitor(server);
		const slow = await late.toProvider(start, 'ada');
		server.clock.ahead = 601_000;
		assert.equal(await back(late, slow), refused('sso-again'));

		const [mallory, victim] = [new Visitor(server), new Visitor(server)];
		const stolen = new URL(await mallory.toProvider(start, 'ada'));
		const own = new URL(await victim.toProvider(start, 'grace'));
		assert.equal(await back(victim, stolen.href), refused('sso-again'), 'signed in as somebody else by a link');
		const again = new URL(await victim.toProvider(start, 'grace'));
		again.searchParams.set('code', stolen.searchParams.get('code') ?? '');
		assert.equal(await back(victim, again.href), refused('sso-again'), 'a code of another sign-in: PKCE');
		assert.equal(own.searchParams.has('code'), true);
		assert.equal(await victim.account(), undefined);

		const tabs = new Visitor(server);
		const [first, second] = [await tabs.toProvider(start, 'ada'), await tabs.toProvider(start, 'ada')];
		assert.equal(await back(tabs, first), refused('sso-again'), 'of two tabs the one that began first');
		assert.equal(await back(tabs, second), '/fr/connexion/', 'the other goes on');
	}));

test('what the provider says that is not right is refused with a sentence, and signs nobody in', () =>
	withServer(async (server) => {
		const faults = {
			'late clock': 'sso-clock',
			'early clock': 'sso-clock',
			'other nonce': 'sso-nonsense',
			'other key': 'sso-nonsense',
			'no answer': 'sso-away',
			nonsense: 'sso-nonsense',
		} as const;
		for (const [fault, code] of Object.entries(faults)) {
			provider.fault = fault as keyof typeof faults;
			const visitor = new Visitor(server);
			assert.equal(await visitor.signIn('ada'), refused(code), fault);
			assert.equal(await visitor.account(), undefined, fault);
		}
		provider.fault = undefined;
		assert.equal(await new Visitor(server).signIn(''), refused('sso-declined'));
		assert.doesNotMatch(server.log.join('\n'), /"(id_token|access_token|code)":"[^s]/, 'nothing of tokens or codes in the log');
	}));

test('a provider that is away, or is none, hinders nobody else', async () => {
	for (const [issuer, code] of [
		['http://127.0.0.1:9', 'sso-away'],
		[`${provider.issuer}/nowhere`, 'sso-nonsense'],
	] as const)
		await withServer(
			async (server) => {
				const visitor = new Visitor(server);
				assert.equal((await visitor.ask('/api/sign-in/start?language=fr')).headers.location, refused(code));
				assert.equal((await visitor.ask('/api/session')).statusCode, 200);
			},
			{ sso: settings({ issuer }) },
		);
	await withServer(
		async (server) => {
			assert.equal((await new Visitor(server).ask('/api/sign-in/start?language=en')).headers.location, '/en/sign-in/#sso-none');
		},
		{ sso: undefined },
	);
});

test('strangers do not fill the log', () =>
	withServer(async (server) => {
		for (let number = 0; number < 100; number++) await new Visitor(server).ask(`/api/sign-in/back?state=${'x'.repeat(4000)}`);
		const lines = server.log.filter((line) => line.includes('sign-in refused'));
		assert.equal(lines.length, 30);
		for (const line of lines) assert.ok(line.length < 600, line);
	}));

test('nobody is led to another site afterwards', () =>
	withServer(async (server) => {
		const elsewhere = [
			'https://evil.example/',
			'//evil.example/',
			'/\\evil.example',
			'/fr/../..//evil.example',
			'/fr/%2f%2fevil',
			'javascript:alert(1)',
			'/api/sign-out',
			`/fr/${'x/'.repeat(400)}`,
			'/fr/?to=//evil',
		];
		for (const to of elsewhere) assert.equal(await new Visitor(server).signIn('ada', to), '/fr/connexion/', to);
		assert.equal(await new Visitor(server).signIn('ada', '/en/room/?room=0123456789ab'), '/en/room/?room=0123456789ab');
	}));

test('the store, the log and the cookies hold no token of the provider', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-sso-'));
	const store = openStore(join(folder, 'store.sqlite'));
	provider.tokens.length = 0;
	try {
		await withServer(
			async (server) => {
				const grace = new Visitor(server);
				await grace.signIn('grace');
				assert.ok(await grace.account());
				assert.ok(provider.tokens.length >= 2, 'an ID token and an access token');
				const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
				assert.ok(files.some((text) => text.includes('Grace Hopper')));
				for (const text of [...files, ...server.log, ...grace.ours.values()])
					for (const token of provider.tokens) assert.ok(!text.includes(token));
			},
			{ store },
		);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('signing out ends it here and says where it ends elsewhere', () =>
	withServer(async (server) => {
		const grace = new Visitor(server);
		await grace.signIn('grace');
		const before = new Map(grace.ours);
		const out = (await grace.ask('/api/sign-out?language=fr', 'POST')).json();
		assert.match(out.elsewhere, new RegExp(`^${provider.issuer}/session/end\\?.*post_logout_redirect_uri=`));
		for (const [name, value] of before) grace.ours.set(name, value);
		assert.equal(await grace.account(), undefined, 'the old cookie is worth nothing');
		const anonymous = new Visitor(server);
		const { learner } = (await anonymous.ask('/api/session')).json();
		await anonymous.ask('/api/sign-out', 'POST');
		assert.equal((await anonymous.ask('/api/session')).json().learner, learner, 'who has no account loses nothing');
	}));

test('doctor asks the provider what the server would ask, and says what to mend', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-sso-'));
	const look = async (changes: Record<string, unknown> = {}, publicUrl = origin): Promise<string[]> => {
		writeFileSync(join(folder, 'secret'), `${changes['secret'] ?? clientSecret}\n`);
		const { secret: _, ...file } = {
			issuer: provider.issuer,
			client: clientId,
			secretFile: 'secret',
			learners: 'may',
			...changes,
		} as Record<string, unknown>;
		writeFileSync(join(folder, 'sso.yaml'), JSON.stringify(file));
		const found = await ssoFindings({ sso: join(folder, 'sso.yaml'), accessCode: undefined, publicUrl, port: 8080 });
		for (const { state, remedy, text } of found) if (state !== 'ok') assert.ok(remedy, text);
		return found.map(({ state, text }) => `${state}: ${text}`);
	};
	const good = await look();
	assert.deepEqual(
		good.filter((line) => !line.startsWith('ok')),
		[],
		good.join('\n'),
	);
	assert.match((await look({ issuer: `${provider.issuer}/other` })).join(), /^failed: .*other/);
	assert.match((await look({ issuer: 'http://127.0.0.1:9' })).join(), /^failed: http:\/\/127\.0\.0\.1:9: fetch failed/);
	assert.match((await look({ secret: 'another' })).join('\n'), /^failed: .*secret/m);
	assert.match((await look({ client: 'unknown' })).join('\n'), /^failed: .*unknown/m);
	assert.match((await look({}, 'https://elsewhere.example')).join('\n'), /^failed: .*elsewhere\.example/m);
	assert.match((await look({ issuer: 'http://idp.example.org' })).join(), /^failed: .*sso\.yaml:1.*https/s);
	assert.match((await look({ learners: 'no' })).join(), /nobody could sign in/);
	assert.match((await look({ role: {} })).join(), /role/);
	assert.equal(clock(0, 300_000).state, 'failed');
	rmSync(folder, { recursive: true });
});
