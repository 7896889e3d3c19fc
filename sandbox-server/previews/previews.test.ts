import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { ManualClock } from '../../tests/fixtures/manual-clock.ts';
import type { Lines } from '../sandboxes/lines.ts';
import { cookieName, keyCookie, keyIn, locationFor } from './headers.ts';
import { Previews } from './previews.ts';

/** Of a sandbox; no connection is wanted here. */
const sandbox = (): Lines & { closed: boolean } => ({ closed: false }) as Lines & { closed: boolean };

function world() {
	const clock = new ManualClock();
	const signedIn = new Set(['session']);
	const previews = new Previews({ now: () => clock.now(), isSignedIn: (session) => signedIn.has(session) });
	const open = (lines: Lines, port = 8000, suffix = 'localhost:8080', protocol = 'http:') => {
		const { address, origin } = previews.open({
			...{ owner: { id: 'ada', session: 'session' }, lines, port, path: '/a', page: 'http://127.0.0.1:8080', language: 'fr' },
			place: { protocol, suffix },
		});
		const preview = previews.find(new URL(origin).host);
		assert.ok(preview);
		return { preview, ticket: address.slice(address.indexOf('=') + 1) };
	};
	return { clock, signedIn, previews, open };
}

test('a first address is good once, for half a minute, and a key as long as its session', async () => {
	const { clock, signedIn, previews, open } = world();
	const { preview, ticket } = open(sandbox());
	const { ticket: late } = open(preview.lines);
	const entry = previews.redeem(preview, ticket);
	assert.equal(entry?.path, '/a');
	assert.equal(previews.redeem(preview, ticket), undefined);
	assert.ok(previews.admits(preview, entry.key));
	for (const key of [undefined, '', ticket, entry.key.slice(1)]) assert.ok(!previews.admits(preview, key));
	await clock.advance(30_001);
	assert.equal(previews.redeem(preview, late), undefined);
	signedIn.clear();
	assert.ok(!previews.admits(preview, entry.key));
});

test('one name for a sandbox and port while it is there, another for all else, and bounds on each', () => {
	const { previews, open } = world();
	const [one, other] = [sandbox(), sandbox()];
	const { preview } = open(one);
	assert.equal(open(one).preview, preview);
	const others = [open(one, 8001), open(other), open(one, 8000, 'pages.example.org', 'https:')].map(({ preview: { host } }) => host);
	assert.equal(new Set([...others, preview.host]).size, 4);
	for (let count = 0; count < 20; count++) open(one);
	assert.equal(preview.tickets.size, 8);
	for (let count = 0; count < 20; count++) previews.redeem(preview, open(one).ticket);
	assert.equal(preview.keys.size, 16);
	for (let port = 1; port <= 13; port++) open(one, port);
	assert.throws(() => open(one, 99), new Refusal('too-many', 'ports of one sandbox'));
	one.closed = true;
	assert.equal(previews.find(preview.host), undefined);
	assert.notEqual(open(sandbox()).preview.host, preview.host);
	assert.equal(previews.find(preview.host.toUpperCase()), undefined);
	assert.equal(previews.find(preview.host.replace('localhost:8080', 'localhost:8081')), undefined);
});

test('cookies and addresses say no more than the preview’s own host', () => {
	const local = { origin: 'http://p1-x.localhost:8080', secure: true, port: 8000 };
	const tls = { origin: 'https://p1-x.pages.example.org', secure: true, port: 80 };
	const plain = { origin: 'http://p1-x.pages.lan', secure: false, port: 8000 };
	assert.equal(keyCookie(local, 'k'), 'etabli-preview=k; Path=/; HttpOnly; Secure; SameSite=None; Partitioned');
	assert.equal(keyCookie(tls, 'k'), '__Host-etabli-preview=k; Path=/; HttpOnly; Secure; SameSite=None; Partitioned');
	assert.equal(keyCookie(plain, 'k'), 'etabli-preview=k; Path=/; HttpOnly; SameSite=Lax');
	assert.equal(keyIn(tls, `a=1; etabli-preview=planted;${cookieName(tls)}=k`), 'k');
	assert.equal(keyIn(tls, undefined), undefined);
	const to = (value: string, preview = local) => locationFor(value, preview);
	assert.equal(to('http://[::1]:8000/x'), `${local.origin}/x`);
	assert.equal(to('http://0.0.0.0:8000?x'), `${local.origin}/?x`);
	assert.equal(to('http://localhost/x', tls as typeof local), `${tls.origin}/x`);
	for (const other of [
		'/x',
		'x',
		'//localhost:8000/x',
		'http://localhost:8000.example.org/',
		'http://localhost:80001/',
		'http://localhost@example.org/',
		'',
	])
		assert.equal(to(other), other);
});
