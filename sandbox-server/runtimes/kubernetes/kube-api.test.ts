import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, badApiServer, hangingUp, mute, refusing, saying, telling } from './bad-api-server.ts';
import { Informer } from './informer.ts';
import { ApiAway, ApiRefusal, KubeApi } from './kube-api.ts';

const path = '/api/v1/namespaces/n/pods';
const unhurried = () => AbortSignal.timeout(60_000);
const pod = (name: string, version: string, uid = `uid of ${name}`) => ({ metadata: { name, uid, resourceVersion: version } });
const list = (version: string, ...items: object[]) => saying({ metadata: { resourceVersion: version }, items });

async function asking(...answers: Answer[]) {
	const server = await badApiServer({ list: answers });
	try {
		return { found: await server.api.ask({ path, signal: unhurried() }), asked: server.asked };
	} finally {
		server.close();
	}
}

test('an API server that asks for patience, or is not well for a moment, is asked again', async () => {
	const { found, asked } = await asking(
		refusing(429, 'TooManyRequests', { 'retry-after': '0' }),
		refusing(503, 'Unavailable'),
		saying({ x: 1 }),
	);
	assert.deepEqual(found, { x: 1 });
	assert.equal(asked.length, 3);
});

test('one that stays unwell, or hangs up, is away; one that says no has said no', async () => {
	await assert.rejects(asking(refusing(500, 'InternalError', { 'retry-after': '0' })), ApiAway);
	await assert.rejects(asking(hangingUp), ApiAway);
	await assert.rejects(
		asking(refusing(401, 'Unauthorized')),
		(error: Error) => error instanceof ApiAway && /does not know us/.test(error.message),
	);
	await assert.rejects(
		asking(refusing(403, 'Forbidden')),
		(error: Error) => error instanceof ApiRefusal && error.status === 403 && error.reason === 'Forbidden',
	);
	// Something that stands before it.
	await assert.rejects(
		asking((_request, response) => response.writeHead(200).end('<h1>welcome</h1>')),
		(error: Error) => error instanceof ApiAway && /no API server: <h1>welcome/.test(error.message),
	);
	await assert.rejects(
		asking((_request, response) => response.writeHead(404).end('<h1>no</h1>')),
		(error: Error) => error instanceof ApiRefusal && error.message === '<h1>no</h1>',
	);
});

test('who gives up is told so at once, also while it has been asked for patience', async () => {
	for (const answer of [mute, refusing(429, 'TooManyRequests', { 'retry-after': '60' })]) {
		const server = await badApiServer({ list: [answer] });
		const given = new AbortController();
		const asked = server.api.ask({ path, signal: given.signal });
		setTimeout(() => given.abort(), 50);
		await assert.rejects(asked, ApiAway);
		await assert.rejects(server.api.ask({ path, signal: given.signal }), ApiAway);
		server.close();
	}
});

test('a cluster that nobody has named is said to be just that', async () => {
	const kubeconfig = JSON.stringify({ contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }], clusters: [], users: [] });
	await assert.rejects(KubeApi.open({ context: 'b', kubeconfig }), /no context "b"; it has: a/);
	await assert.rejects(KubeApi.open({ context: undefined, kubeconfig: '{{' }), /kubeconfig cannot be read/);
});

/** Follows; `changes` grows as it is told, and `until` resolves when it has as many as that. */
async function following(lists: Answer[], watches: Answer[], silenceMs?: number) {
	const server = await badApiServer({ list: lists, watch: watches, ...(silenceMs === undefined ? {} : { silenceMs }) });
	const changes: string[] = [];
	const lost: string[] = [];
	let look = () => {};
	const informer = new Informer({
		api: server.api,
		path,
		selector: 'a=b',
		keep: ({ metadata }) => metadata?.resourceVersion,
		onChange: (name, now, before) => {
			changes.push(`${name}: ${before ?? '–'} → ${now ?? '–'}`);
			look();
		},
		onLost: (error) => {
			lost.push(error.name);
			look();
		},
	});
	informer.ready().catch(() => undefined);
	// A watch keeps no process alive.
	const alive = setInterval(() => undefined, 1000);
	return {
		...server,
		informer,
		changes,
		lost,
		until: (holds: () => boolean) =>
			new Promise<void>((resolve) => {
				look = () => holds() && resolve();
				look();
			}),
		close() {
			clearInterval(alive);
			informer.close();
			server.close();
		},
	};
}

test('what is listed and then told is known, and a watch that ends in good order goes on where it was', async () => {
	const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } };
	const followed = await following(
		[list('5', pod('a', '3'))],
		[
			telling([{ type: 'ADDED', object: pod('b', '6') }, { type: 'MODIFIED', object: pod('a', '7') }, bookmark], 'ends'),
			telling([{ type: 'DELETED', object: pod('b', '10') }], 'is silent'),
		],
	);
	await followed.informer.ready();
	assert.deepEqual([...followed.informer], [['a', '3']]);
	await followed.until(() => followed.changes.length === 4);
	assert.deepEqual(followed.changes, ['a: – → 3', 'b: – → 6', 'a: 3 → 7', 'b: 6 → –']);
	assert.deepEqual(followed.asked.slice(0, 3), [`GET ${path}`, 'watch 5', 'watch 9']);
	assert.deepEqual(followed.lost, []);
	followed.close();
});

test('where the API server has forgotten what it was told last, all is listed again, and what was missed comes out', async () => {
	const forgotten = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } };
	const followed = await following(
		[list('5', pod('a', '3'), pod('b', '4'), pod('c', '5')), list('9', pod('a', '3'), pod('b', '8', 'another'), pod('d', '9'))],
		[telling([forgotten], 'ends'), telling([], 'is silent')],
	);
	await followed.until(() => followed.changes.length === 8);
	assert.deepEqual(followed.changes.slice(3), ['c: 5 → –', 'a: 3 → 3', 'b: 4 → –', 'b: – → 8', 'd: – → 9']);
	assert.deepEqual(followed.lost, []);
	followed.close();
	// The same, said with the status of the answer.
	const again = await following([list('5'), list('9', pod('d', '9'))], [refusing(410, 'Gone'), telling([], 'is silent')]);
	await again.until(() => again.changes.length === 1);
	again.close();
});

test('a watch that is cut, or silent, or refused is told once, and is taken up again', async () => {
	// One that answers is followed until it breaks: that is told each time.
	const ways: [Answer, number][] = [
		[telling([], 'is cut'), 2],
		[telling([], 'is silent'), 2],
		[mute, 1],
		[hangingUp, 1],
		[refusing(403, 'Forbidden'), 1],
	];
	for (const [bad, times] of ways) {
		const followed = await following([list('5')], [bad, bad, telling([{ type: 'ADDED', object: pod('a', '6') }], 'is silent')], 200);
		await followed.until(() => followed.changes.length === 1);
		assert.equal(followed.lost.length, times);
		await followed.informer.ready();
		followed.close();
	}
});

test('nothing is said to be followed while a watch is refused', async () => {
	const followed = await following([list('5')], [refusing(403, 'Forbidden'), telling([], 'is silent')]);
	await assert.rejects(followed.informer.ready(), ApiRefusal);
	followed.close();
});

test('an API server that is away: whoever waits is told, and it is found when it is back', async () => {
	const followed = await following([hangingUp, list('5', pod('a', '3'))], [telling([], 'is silent')]);
	await assert.rejects(followed.informer.ready(), ApiAway);
	await followed.informer.ready();
	assert.deepEqual([...followed.informer], [['a', '3']]);
	assert.deepEqual(followed.lost, ['ApiAway']);
	followed.close();
});
