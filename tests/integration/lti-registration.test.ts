/** Dynamic registration: a platform registers itself by a link of the operator's, once; what is no platform of that place registers nothing. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { origin, TestServer } from '../../sandbox-server/http/stand-ins.ts';
import { membersScope, scoreScope } from '../../sandbox-server/lti/claims.ts';
import { invite } from '../../sandbox-server/lti/registration.ts';
import { LearningPlatform } from '../fixtures/learning-platform.ts';
import { Visitor } from '../fixtures/lti-visitor.ts';

const toolConfiguration = 'https://purl.imsglobal.org/spec/lti-tool-configuration';
let platform: LearningPlatform;
before(async () => {
	platform = await LearningPlatform.start();
});
after(async () => await platform.stop());
beforeEach(() => {
	Object.assign(platform, {
		configuration: {},
		registrationTrouble: undefined,
		registeredAs: { [toolConfiguration]: { deployment_id: '3' } },
	});
	platform.registered.length = 0;
	platform.registrationTokens.clear();
});

async function withServer(work: (server: TestServer) => Promise<void>, changes = {}): Promise<void> {
	const server = await TestServer.start(changes);
	try {
		await work(server);
	} finally {
		await server.stop();
	}
}

const invited = (server: TestServer, name = 'moodle') => invite(server.store.lti, name, Date.now() + server.clock.ahead).secret;
async function open(server: TestServer, secret: string, asked = platform.registration()) {
	const url = `/api/lti/register?invitation=${secret}&${asked}`;
	return await server.app.inject({ url, headers: { host: 'localhost:8080', 'accept-language': 'en', 'sec-fetch-dest': 'iframe' } });
}

test('a platform registers itself by a link, and its courses open lessons', () =>
	withServer(async (server) => {
		const secret = invited(server);
		const alone = await server.app.inject({ url: `/api/lti/register?invitation=${secret}`, headers: { host: 'localhost:8080' } });
		assert.match(alone.body, /pour la plateforme/, 'opened by the operator themself: it is still good');
		const page = await open(server, secret);
		assert.equal(page.statusCode, 200, page.body);
		assert.match(page.body, /Établi is registered.*postMessage\(\{ subject: 'org\.imsglobal\.lti\.close' \}/s);
		assert.match(String(page.headers['content-security-policy']), /script-src 'sha256-[^']+'.*frame-ancestors \*$/);
		assert.deepEqual(server.store.lti.platforms(), [platform.row]);
		const [told = {}] = platform.registered;
		assert.deepEqual(
			[told['initiate_login_uri'], told['redirect_uris'], told['jwks_uri'], told['token_endpoint_auth_method']],
			[`${origin}/api/lti/login`, [`${origin}/api/lti/launch`], `${origin}/api/lti/keys`, 'private_key_jwt'],
		);
		assert.equal(told['scope'], `${scoreScope} ${membersScope}`);
		const { claims, messages, target_link_uri: target, domain } = told[toolConfiguration] as Record<string, unknown>;
		assert.deepEqual([claims, target, domain], [['iss', 'sub', 'name'], `${origin}/fr/`, 'localhost:8080'], 'no address of mail');
		assert.deepEqual((messages as { type: string; target_link_uri?: string }[])[1]?.target_link_uri, `${origin}/api/lti/choose`);

		platform.next = { sub: 'ada', name: 'Ada', target: `${origin}/fr/apptainer/first/` };
		assert.equal(await new Visitor(server, platform).launch(), '/fr/apptainer/first/');
		const again = await open(server, secret);
		assert.equal(again.statusCode, 403);
		assert.match(again.body, /Établi is not registered.*This registration link has been used/s);
		assert.equal(platform.registered.length, 1, 'the platform was not asked');
	}));

test('of two at once one registers; a link is good for a day; strangers have none', () =>
	withServer(async (server) => {
		const secret = invited(server);
		const answers = await Promise.all([open(server, secret), open(server, secret)]);
		assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [200, 403]);
		assert.equal(platform.registered.length, 1);
		const late = invited(server, 'late');
		server.clock.ahead = 25 * 3600_000;
		assert.equal((await open(server, late)).statusCode, 403);
		invited(server, 'fresh');
		server.clock.ahead = 0;
		assert.equal((await open(server, late)).statusCode, 403, 'forgotten');
		assert.equal((await open(server, 'x')).statusCode, 403);
		assert.equal(platform.registered.length, 1);
	}));

test('what is not one platform at one place registers nothing, and the link stays good', async () => {
	let asked = 0;
	const elsewhere = createServer((_, response) => {
		asked++;
		response.writeHead(200, { 'content-type': 'application/json' }).end('{"client_id":"stolen"}');
	});
	await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
	const other = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
	await withServer(async (server) => {
		const secret = invited(server);
		const refused = async (what: string, question?: string) => {
			const answer = await open(server, secret, question);
			assert.equal(answer.statusCode, 502, `${what}: ${answer.body}`);
			assert.match(answer.body, /The registration did not come about/, what);
			assert.deepEqual(server.store.lti.platforms(), [], what);
		};
		for (const [what, configuration] of [
			['another issuer', { issuer: other }],
			['an issuer that is no address', { issuer: 'moodle' }],
			['a registration elsewhere', { registration_endpoint: `${other}/register` }],
			['keys without TLS', { jwks_uri: 'http://moodle.example.org/keys' }],
			['a file', { token_endpoint: 'file:///etc/passwd' }],
			['a login in the address', { authorization_endpoint: platform.row.authorization.replace('//', '//a:b@') }],
			['no keys', { jwks_uri: undefined }],
		] as const) {
			platform.configuration = configuration;
			await refused(what);
		}
		platform.configuration = {};
		for (const path of ['/openid-configuration', '/register'])
			for (const trouble of [
				{ status: 500 },
				{ status: 302, headers: { location: `${other}${path}` } },
				{ body: '<!doctype html>' },
				{ body: '{}' },
				{ body: `{"client_id":"${' '.repeat(300 * 1024)}"}` },
			]) {
				platform.registrationTrouble = { path, ...trouble };
				await refused(`${path} ${JSON.stringify(trouble).slice(0, 80)}`);
			}
		platform.registrationTrouble = undefined;
		const configuration = (address: string) => new URLSearchParams({ openid_configuration: address }).toString();
		for (const address of [
			'http://moodle.example.org/c',
			'http://192.168.0.1/c',
			'file:///etc/passwd',
			'x',
			`${other}/c`,
			'http://127.0.0.1:9/c',
		])
			await refused(address, configuration(address));
		await refused('no token', configuration(`${platform.row.issuer}/openid-configuration`));
		assert.equal(asked, 1, 'elsewhere nothing was asked but what the link itself named');

		platform.registeredAs = {};
		const page = await open(server, secret);
		assert.match(page.body, /deployment id is still missing.*\.\/etabli lti add moodle --deployment ID/s);
		assert.doesNotMatch(page.body, /<script>/, 'it stays to be read');
		assert.deepEqual(server.store.lti.platforms(), [{ ...platform.row, deployments: [] }]);
	});
	await withServer(async (server) => assert.equal((await open(server, invited(server))).statusCode, 502), {
		addresses: { publicOrigin: 'https://etabli.example.org', host: '127.0.0.1' },
	});
	assert.equal(platform.registered.length, 1, 'a server with TLS asks nothing of this machine itself');
	elsewhere.close();
});

test('who is registered already is not registered again, nor by a name that is taken', () =>
	withServer(async (server) => {
		const { lti } = server.store;
		const secret = invited(server);
		lti.putPlatform({ ...platform.row, name: 'old', keys: 'https://moodle.example.org/keys' });
		assert.equal((await open(server, secret)).statusCode, 409, 'of the same issuer with other keys');
		lti.putPlatform({ ...platform.row, name: 'old' });
		assert.equal((await open(server, secret)).statusCode, 409, 'that one');
		lti.removePlatform('old');
		lti.putPlatform({ ...platform.row, issuer: 'https://other.example.org' });
		const told = platform.registered.length;
		assert.equal((await open(server, secret)).statusCode, 409, 'the name');
		assert.equal(platform.registered.length, told);
		lti.removePlatform('moodle');
		assert.equal((await open(server, secret)).statusCode, 200);
	}));
