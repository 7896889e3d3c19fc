/** Starts and ends that a real API server cannot be made to spoil so; the good ones are in tests/kubernetes. */
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { limitsSchema } from '../../../src/shared/course/course.ts';
import { RuntimeAway, type SandboxSpec, StartFailed } from '../runtime.ts';
import { type Answer, badApiServer, hangingUp, mute, refusing, saying, telling } from './bad-api-server.ts';
import type { PodSettings } from './pod.ts';
import { Pods } from './pods.ts';

const spec: SandboxSpec = { name: 'etabli-1', image: 'course:1', ociRuntime: undefined, limits: limitsSchema.parse({}), labels: {} };
const settings: PodSettings = {
	namespace: 'n',
	instance: 'i',
	runtimeClasses: {},
	requests: { memory: 1, cpu: 1 },
	pullSecrets: [],
	priorityClass: undefined,
	appArmor: undefined,
	nodeSelector: {},
	tolerations: [],
};
const none = saying({ metadata: { resourceVersion: '1' }, items: [] });
/** As the API server has a pod that was asked for. */
type Made = { metadata: Record<string, unknown>; status?: object };

async function withPods<T>(
	answers: { list: Answer[]; watch?: Answer[] },
	use: (pods: Pods) => Promise<T>,
): Promise<{ result: T; asked: string[] }> {
	const server = await badApiServer(answers);
	const pods = new Pods({ api: server.api, settings, onChange: () => undefined });
	try {
		return { result: await use(pods), asked: server.asked };
	} finally {
		pods.close();
		server.close();
	}
}

test('a start whose answer is lost is known to be its own when it is asked for again, and comes to its end', async () => {
	let made: Made | undefined;
	const making: Answer = (request, response) => {
		void text(request).then((body) => {
			made ??= { ...JSON.parse(body), status: { containerStatuses: [{ state: { running: {} } }] } } as Made;
			Object.assign(made.metadata, { uid: 'u', resourceVersion: '2', creationTimestamp: '2026-12-01T00:00:00Z' });
			// Made, and then it is not said.
			refusing(500, 'InternalError', { 'retry-after': '0' })(request, response);
		});
	};
	const watching: Answer = (request, response) =>
		telling(made ? [{ type: 'ADDED', object: made }] : [], made ? 'is silent' : 'ends')(request, response);
	const { asked } = await withPods(
		{
			list: [none, making, refusing(409, 'AlreadyExists'), (request, response) => saying(made ?? {})(request, response)],
			watch: [watching],
		},
		async (pods) => await pods.start(spec),
	);
	assert.deepEqual(
		asked.filter((one) => !one.startsWith('watch')),
		[
			'GET /api/v1/namespaces/n/pods',
			'POST /api/v1/namespaces/n/pods',
			'POST /api/v1/namespaces/n/pods',
			'GET /api/v1/namespaces/n/pods/etabli-1',
		],
	);
});

test('a pod of that name that is somebody else’s is left alone', async () => {
	const theirs = saying({ metadata: { name: 'etabli-1', uid: 'u', annotations: { 'etabli/start': 'another' } } });
	const { asked } = await withPods({ list: [none, refusing(409, 'AlreadyExists'), theirs] }, async (pods) => {
		await assert.rejects(
			pods.start(spec),
			(error: Error) => error instanceof StartFailed && error.message === 'etabli-1: the name is taken',
		);
	});
	assert.ok(asked.every((one) => !one.startsWith('DELETE')));
});

test('no from the API server is a failed start, silence is an engine that is away', async () => {
	const quota = refusing(403, 'exceeded quota: class, requested: pods=1, used: pods=5, limited: pods=5');
	await withPods({ list: [none, quota, refusing(404, 'NotFound')] }, async (pods) => {
		await assert.rejects(
			pods.start(spec),
			(error: Error) => error instanceof StartFailed && /^etabli-1: the quota "class" .* is used up/.test(error.message),
		);
	});
	await withPods({ list: [none, hangingUp] }, async (pods) => await assert.rejects(pods.start(spec), RuntimeAway));
	await withPods({ list: [hangingUp] }, async (pods) => {
		await assert.rejects(pods.start(spec), RuntimeAway);
		await assert.rejects(pods.list({ key: 'a', value: 'b' }), RuntimeAway);
		await assert.rejects(
			pods.watch(
				() => undefined,
				() => undefined,
			),
			RuntimeAway,
		);
	});
});

test('who gives up gets an answer at once, and what was made meanwhile goes', async () => {
	const controller = new AbortController();
	let made: Made | undefined;
	const slow: Answer = (request, response) => {
		void text(request).then((body) => {
			made = JSON.parse(body) as Made;
			Object.assign(made.metadata, { uid: 'u', resourceVersion: '2' });
			controller.abort(new Error('changed my mind'));
			setImmediate(() => saying(made ?? {})(request, response));
		});
	};
	const { asked } = await withPods(
		{
			list: [none, slow, (request, response) => saying(made ?? {})(request, response), saying({}), refusing(404, 'NotFound')],
			watch: [mute],
		},
		async (pods) => await assert.rejects(pods.start(spec, controller.signal), StartFailed),
	);
	assert.ok(asked.includes('DELETE /api/v1/namespaces/n/pods/etabli-1'));
});

test('an API server that is away breaks each watch once', async () => {
	const breaks: Error[] = [];
	await withPods({ list: [none, hangingUp], watch: [telling([], 'is silent'), hangingUp] }, async (pods) => {
		const alive = setInterval(() => undefined, 1000);
		await new Promise<void>((resolve) => {
			void pods.watch(
				() => undefined,
				(error) => {
					breaks.push(error);
					resolve();
				},
			);
		});
		clearInterval(alive);
	});
	assert.equal(breaks.length, 1);
	assert.ok(breaks[0] instanceof RuntimeAway);
});
