/** Cookies as browsers send them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastifyCookie from '@fastify/cookie';
import Fastify from 'fastify';
import { Cookies } from './cookies.ts';

test('a signed cookie is read; one that was altered, or of which there are two, is not', async (t) => {
	const app = Fastify();
	t.after(() => app.close());
	await app.register(fastifyCookie, { secret: 'a secret of the test' });
	const cookies = new Cookies(app, { secure: false });
	const ada = encodeURIComponent(app.signCookie('ada'));
	const eve = encodeURIComponent(app.signCookie('eve'));
	assert.equal(cookies.read(`other=1; etabli=${ada}`, 'etabli'), 'ada');
	assert.equal(cookies.read(`etabli=${ada}x`, 'etabli'), undefined);
	// A page of the same domain can set one of that name with a longer path, which browsers send first.
	assert.equal(cookies.read(`etabli=${eve}; etabli=${ada}`, 'etabli'), undefined);
	assert.equal(cookies.read(`my-etabli=${eve}; etabli=${ada}`, 'etabli'), 'ada');
	assert.equal(cookies.read(undefined, 'etabli'), undefined);
});
