/** Pods as a real cluster cannot be told to let them come and go. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import { limitsSchema } from '../../../src/shared/course/course.ts';
import { RuntimeAway, StartFailed } from '../runtime.ts';
import { type Answer, badApiServer, refusing, saying, telling } from './bad-api-server.ts';
import type { PodSettings } from './pod.ts';
import { Pods } from './pods.ts';

const settings: PodSettings = {
	namespace: 'etabli',
	instance: 'i1',
	runtimeClasses: { runc: '' },
	requests: { memory: 0.25, cpu: 0.1 },
	pullSecrets: [],
	priorityClass: undefined,
	nodeSelector: {},
	tolerations: [],
};
const none = saying({ metadata: { resourceVersion: '5' }, items: [] });

test('a pod that runs and ends within one word of the cluster has not started', async () => {
	let watch: ServerResponse | undefined;
	const watching: Answer = (_request, response) => {
		watch = response;
		response.writeHead(200).flushHeaders();
	};
	const making: Answer = async (request, response) => {
		const pod = JSON.parse(await text(request)) as V1Pod;
		const now = (type: string, resourceVersion: string, state: object) =>
			JSON.stringify({
				type,
				object: { ...pod, metadata: { ...pod.metadata, uid: 'u1', resourceVersion }, status: { containerStatuses: [{ state }] } },
			});
		response.writeHead(201).end('{}');
		watch?.write(`${now('ADDED', '6', { running: {} })}\n${now('MODIFIED', '7', { terminated: { reason: 'Error', exitCode: 3 } })}\n`);
	};
	const server = await badApiServer({ list: [none, making, saying({}), refusing(404, 'NotFound')], watch: [watching] });
	const pods = new Pods({ api: server.api, settings, onChange: () => undefined });
	const limits = limitsSchema.parse({});
	const spec = { name: 'one', image: 'x', ociRuntime: undefined, limits, labels: { 'etabli.instance': 'i1' } };
	const gone = () => watch?.write(`${JSON.stringify({ type: 'DELETED', object: { metadata: { name: 'one', resourceVersion: '8' } } })}\n`);
	const deleted = setInterval(() => server.asked.some((asked) => asked.startsWith('DELETE')) && gone(), 20);
	await assert.rejects(pods.start(spec, AbortSignal.timeout(60_000)), StartFailed);
	clearInterval(deleted);
	pods.close();
	server.close();
});

test('a pod of that name that is another installation’s is let be', async () => {
	const other = saying({ metadata: { name: 'one', uid: 'u1', labels: { 'etabli.instance': 'i2' } } });
	const server = await badApiServer({ list: [none, other], watch: [telling([], 'is silent')] });
	const pods = new Pods({ api: server.api, settings, onChange: () => undefined });
	await pods.destroy('one');
	assert.deepEqual(
		server.asked.filter((asked) => asked.startsWith('DELETE')),
		[],
	);
	pods.close();
	server.close();
});

test('who throws when told of a pod keeps nobody else from being told', async (t) => {
	const pod = {
		metadata: { name: 'one', uid: 'u1', resourceVersion: '5', labels: { 'etabli.instance': 'i1' } },
		status: { containerStatuses: [{ state: { running: {} } }] },
	};
	const followed: ServerResponse[] = [];
	const watching: Answer = (_request, response) => {
		followed.push(response);
		response.writeHead(200).flushHeaders();
	};
	const list = saying({ metadata: { resourceVersion: '5' }, items: [pod] });
	const server = await badApiServer({ list: [list], watch: [watching] });
	const angry = (): never => {
		throw new Error('I will not hear of it');
	};
	const pods = new Pods({ api: server.api, settings, onChange: angry });
	t.after(() => {
		pods.close();
		server.close();
	});
	await pods.watch(angry, angry);
	const told = Promise.withResolvers<string>();
	const broken = Promise.withResolvers<Error>();
	await pods.watch(told.resolve, broken.resolve);
	followed[0]?.write(`${JSON.stringify({ type: 'DELETED', object: pod })}\n`);
	assert.equal(await told.promise, 'one');
	followed[0]?.destroy();
	assert.ok((await broken.promise) instanceof RuntimeAway);
});
