import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PageContext } from './context.ts';
import { enterByLink } from './enter.ts';

/** @param hash of the address. @returns what was given to the server, whether the page goes on, and the address that is left */
async function entered(t: import('node:test').TestContext, hash: string) {
	let left = `/fr/salle/?x=1${hash}`;
	const given: string[] = [];
	const stand = (name: string, value: object) => {
		const before = Object.getOwnPropertyDescriptor(globalThis, name);
		Object.defineProperty(globalThis, name, { value, configurable: true });
		t.after(() => (before ? Object.defineProperty(globalThis, name, before) : Reflect.deleteProperty(globalThis, name)));
	};
	stand('location', { hash, pathname: '/fr/salle/', search: '?x=1' });
	stand('history', { state: null, replaceState: (_state: unknown, _title: string, address: string) => (left = address) });
	const api = { enter: async (secret: string) => given.push(secret) };
	const goesOn = await enterByLink({ api } as unknown as PageContext);
	return { given, goesOn, left };
}

test('the secret behind #enter= is given to the server and leaves the address; broken, it is given as it stands', async (t) => {
	for (const [hash, secret] of [
		['#enter=abc', 'abc'],
		['#enter=a%20b', 'a b'],
		['#enter=50%', '50%'],
		['#enter=%E9', '%E9'],
		[`#enter=${'x'.repeat(300)}`, 'x'.repeat(100)],
	] as const)
		assert.deepEqual(await entered(t, hash), { given: [secret], goesOn: true, left: '/fr/salle/?x=1' });
});

test('an address without one is left as it is', async (t) => {
	for (const hash of ['', '#enter=', '#step-pull'])
		assert.deepEqual(await entered(t, hash), { given: [], goesOn: true, left: `/fr/salle/?x=1${hash}` });
});
