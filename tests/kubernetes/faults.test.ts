/**
 * What goes wrong in a cluster, provoked for real on the one of the tests, under a whole server: what the learner reads in both languages, what the
 * operator finds in the log, and that all is well again afterwards.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasons } from '../../sandbox-server/labs/reasons.ts';
import { openApi } from '../../sandbox-server/runtimes/kubernetes/engine.ts';
import type { ClientTerminal } from '../../sandbox-server/tools/rehearsal/client-terminal.ts';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import type { Language } from '../../src/shared/language.ts';
import { refusals } from '../../src/shared/protocol/refusals.ts';
import { eventually } from '../fixtures/eventually.ts';
import { authority, read } from '../fixtures/node-agent/certificates.ts';
import { machinery, WholeServer } from '../fixtures/server.ts';
import { type TestInstallation, testInstallation } from './support/test-installation.ts';

let server: WholeServer | undefined;
// Before the cluster goes.
after(async () => await server?.stop());

const found = await testInstallation();
const skip = 'missing' in found ? found.missing : false;
const here = found as TestInstallation;
const languages = ['fr', 'en'] as const;
/** How long the API server is away, ms. */
const awayMs = 60_000;
/** In the namespace of sandboxes. */
const kubectl = (...args: string[]) => here.cluster.kubectl('--namespace', here.namespace, ...args);

let served: WholeServer;

before(async () => {
	if (skip) return;
	process.env['ETABLI_KUBERNETES'] = here.file;
	process.env['KUBECONFIG'] = await ownAccount();
	served = await WholeServer.start({ engine: 'kubernetes' });
	server = served;
});
/** A server has an account of its own: what the tests do to it concerns nobody else. @returns its kubeconfig */
async function ownAccount(): Promise<string> {
	const { cluster, file } = here;
	const account = { name: 'server-of-tests', namespace: 'default' };
	await cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account });
	await cluster.apply({
		apiVersion: 'rbac.authorization.k8s.io/v1',
		kind: 'ClusterRoleBinding',
		metadata: { name: account.name },
		roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
		subjects: [{ kind: 'ServiceAccount', ...account }],
	});
	const token = await cluster.kubectl('create', 'token', account.name, '--duration', '24h');
	const shown = JSON.parse(await cluster.kubectl('config', 'view', '--raw', '--output', 'json')) as {
		users: object[];
		contexts: { context: { user: string } }[];
	};
	shown.users = [{ name: account.name, user: { token } }];
	for (const { context } of shown.contexts) context.user = account.name;
	const path = join(dirname(file), 'server.kubeconfig');
	writeFileSync(path, JSON.stringify(shown), { mode: 0o600 });
	return path;
}

/** The pod of a learner. */
async function podOf(learner: LearnerClient, from = served): Promise<string> {
	return await eventually(() => {
		const store = new DatabaseSync(join(from.data, 'store.sqlite'), { readOnly: true });
		try {
			const query = 'select s.name from sandbox s join learner l on l.id = s.learner where l.name = ? and s.state = ?';
			const row = store.prepare(query).get(learner.name, 'ready') as { name: string } | undefined;
			return row?.name;
		} finally {
			store.close();
		}
	}, `a pod of ${learner.name}`);
}

interface Sitting {
	learner: LearnerClient;
	terminal: ClientTerminal;
}

async function sit(language: Language): Promise<Sitting> {
	const learner = await served.withTerminal({ language });
	const terminal = await learner.terminal();
	await terminal.run('before=kept');
	return { learner, terminal };
}

const works = async ({ terminal }: Sitting) => assert.match(await terminal.run('echo "still $before"'), /still kept/);

/** Another sandbox, after the loss of one. */
async function another({ learner }: Sitting): Promise<void> {
	await learner.start();
	assert.match(await (await learner.terminal()).run('echo "fresh $before."'), /fresh \./);
	await learner.goHome();
}

/** Why there is no sandbox, as it is read on the page of somebody who asks for one. */
async function refused(from: WholeServer, language: Language): Promise<string> {
	const learner = await from.learner({ language }).connect();
	learner.send({ type: 'start' });
	let asked = false;
	await learner.until(() => {
		asked ||= learner.sandbox.state === 'queued' || learner.sandbox.state === 'starting';
		return asked && learner.sandbox.state === 'none';
	}, 'the refusal');
	const { reason = '' } = learner.sandbox;
	await learner.disconnect();
	return reason;
}

describe('a pod', { skip }, () => {
	it('that somebody deletes is told as lost, and another can be had', async () => {
		for (const language of languages) {
			const sitting = await sit(language);
			await kubectl('delete', 'pod', await podOf(sitting.learner), '--wait=false');
			await sitting.learner.until(() => sitting.learner.sandbox.state === 'lost', 'to be told of the loss');
			assert.equal(sitting.learner.sandbox.reason, reasons.lost()[language]);
			await another(sitting);
		}
	});

	it('that is evicted, as when its node is drained, is told as lost, and another can be had', async () => {
		const sitting = await sit('en');
		const name = await podOf(sitting.learner);
		const path = join(dirname(here.file), 'eviction.json');
		writeFileSync(path, JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: here.namespace } }));
		await kubectl('create', '--raw', `/api/v1/namespaces/${here.namespace}/pods/${name}/eviction`, '--filename', path);
		await sitting.learner.until(() => sitting.learner.sandbox.state === 'lost', 'to be told of the loss');
		assert.equal(sitting.learner.sandbox.reason, reasons.lost().en);
		await another(sitting);
	});

	it('that cannot be removed keeps nobody from a fresh one, and is told to the operator', async (t) => {
		const sitting = await sit('en');
		const name = await podOf(sitting.learner);
		const held = (finalizers: string[]) =>
			kubectl('patch', 'pod', name, '--type', 'merge', '--patch', JSON.stringify({ metadata: { finalizers } }));
		await held(['etabli.test/stuck']);
		t.after(() => held([]).catch(() => undefined));
		await sitting.learner.post('/api/sandboxes/trial/reset', { progress: false });
		await sitting.learner.until(() => sitting.learner.sandbox.state === 'ready', 'a fresh sandbox', 180_000);
		assert.notEqual(await podOf(sitting.learner), name);
		assert.match(await (await sitting.learner.terminal()).run('echo "fresh $before."'), /fresh \./);
		await eventually(() => said(served, name).includes('cannot be ended'), 'the operator to be told');
		await held([]);
		await eventually(() => said(served, name).includes('could not be ended is gone'), 'it to be gone');
		await sitting.learner.goHome();
	});
});

/** Lines of the log about this. */
function said(from: WholeServer, word: string): string {
	return `${from.said}${from.log()}`
		.split('\n')
		.filter((line) => line.includes(word))
		.join('\n');
}

/**
 * Of those who ask for a pod, so many are told that it is too much (429), by a webhook that the API server asks.
 * @returns a function that ends that, and says how many were told
 */
async function overload(t: TestContext): Promise<() => Promise<number>> {
	const { cluster, namespace, file } = here;
	// As the API server reaches this process.
	const api = connect({ host: new URL((await openApi('kubernetes')).server).hostname, port: 6443 });
	await once(api, 'connect');
	const address = api.localAddress ?? '';
	api.destroy();
	const signer = await authority(dirname(file), 'webhook-ca');
	const { cert, key, ca } = read(await signer.sign(address, 'webhook', 'IP'));
	let told = 0;
	const webhook = createServer({ cert, key }, async (request, response) => {
		const { uid } = (JSON.parse(await text(request)) as { request: { uid: string } }).request;
		told++;
		const status = { code: 429, reason: 'TooManyRequests', message: 'too many requests, for the test', details: { retryAfterSeconds: 1 } };
		const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: false, status } };
		response.setHeader('content-type', 'application/json').end(JSON.stringify(review));
	});
	webhook.listen(0, address);
	await once(webhook, 'listening');
	const url = `https://${address}:${(webhook.address() as AddressInfo).port}/`;
	const name = 'too-much.etabli.test';
	await cluster.apply({
		apiVersion: 'admissionregistration.k8s.io/v1',
		kind: 'ValidatingWebhookConfiguration',
		metadata: { name },
		webhooks: [
			{
				...{ name, sideEffects: 'None', admissionReviewVersions: ['v1'], failurePolicy: 'Ignore' },
				clientConfig: { url, caBundle: ca.toString('base64') },
				namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
				rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
			},
		],
	});
	const end = async () => {
		await cluster.kubectl('delete', 'validatingwebhookconfiguration', name, '--ignore-not-found');
		webhook.close();
		return told;
	};
	t.after(end);
	await eventually(() => isRefused(), 'the API server to say that it is too much');
	told = 0;
	const soFar = eventually(() => told >= 2, 'the API server to say so twice');
	return async () => {
		await soFar;
		return await end();
	};
}

/** Whoever asks for a pod is told to wait. */
async function isRefused(): Promise<boolean> {
	const api = await openApi('kubernetes');
	const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'tried' }, spec: { containers: [{ name: 'tried', image: 'tried' }] } };
	try {
		const path = `/api/v1/namespaces/${here.namespace}/pods`;
		await api.ask({ method: 'POST', path, query: { dryRun: 'All' }, body: pod, signal: AbortSignal.timeout(5000) });
		return false;
	} catch (error) {
		return /asked for patience/.test((error as Error).message);
	} finally {
		api.close();
	}
}

describe('a start', { skip }, () => {
	it('whose image no node can have says so to the operator, and to the learner that it failed', async (t) => {
		const { images } = machinery();
		const image = 'registry.invalid/etabli/none:1';
		const poor = await WholeServer.start({
			engine: 'kubernetes',
			images: { ...images, registry: undefined, seeds: [], courses: { trial: image, brief: image } },
		});
		t.after(() => poor.stop());
		for (const language of languages) assert.equal(await refused(poor, language), refusals['start-failed'].text[language]);
		assert.match(said(poor, image), /the node cannot have the image registry\.invalid\/etabli\/none:1/);
	});

	it('beyond the quota says so to the operator, and to the learner that it failed; with room it goes on', async (t) => {
		const quota = {
			apiVersion: 'v1',
			kind: 'ResourceQuota',
			metadata: { name: 'few', namespace: here.namespace },
			spec: { hard: { pods: '0' } },
		};
		const lift = () => kubectl('delete', 'resourcequota', 'few', '--ignore-not-found');
		t.after(lift);
		await here.cluster.apply(quota);
		await eventually(
			async () => (await kubectl('get', 'resourcequota', 'few', '--output', 'jsonpath={.status.hard.pods}')) === '0',
			'the quota',
		);
		for (const language of languages) assert.equal(await refused(served, language), refusals['start-failed'].text[language]);
		assert.match(said(served, 'quota'), /the quota \\*"few\\*" of the namespace etabli is used up/);
		await lift();
		await (await sit('en')).learner.goHome();
	});

	it('to which the API server says "too many requests" waits, and is done when it may', async (t) => {
		const end = await overload(t);
		const learner = await served.learner({ language: 'fr' }).connect();
		learner.send({ type: 'start' });
		await learner.until(() => learner.sandbox.state === 'starting', 'the start');
		assert.ok((await end()) >= 2);
		await learner.until(() => learner.sandbox.state === 'ready', 'the sandbox', 90_000);
		await learner.goHome();
	});
});

describe('what stands between', { skip }, () => {
	it('a node agent that is killed comes back, and terminals go on', async () => {
		const sitting = await sit('en');
		const script = `for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2>/dev/null | grep -q '[n]ode-agent/main.ts' && kill -9 \${p#/proc/}; done; true`;
		await here.cluster.enter('node-1', 'sh', '-c', script);
		const { learner } = sitting;
		await learner.until(() => learner.sandbox.state === 'starting', 'the page to be told that it is being looked for');
		await learner.until(() => learner.sandbox.state === 'ready', 'the sandbox to be reached again');
		// As the page does it: its terminals are opened again, with all that they have shown.
		await works({ learner, terminal: await learner.terminal() });
		// Folders of new ones are made by the one that has come back; until then their starts fail.
		const next = await eventually(async () => await sit('fr').catch(() => undefined), 'a sandbox by the one that has come back');
		await next.learner.goHome();
		await learner.goHome();
	});

	it('the API server is away for a minute: terminals go on, who asks is told and served afterwards', async (t) => {
		const sittings = await Promise.all(languages.map(sit));
		const waiting = await Promise.all(languages.map((language) => served.learner({ language }).connect()));
		await cut(t, async () => {
			for (const { learner } of sittings) {
				const { language } = learner.visit;
				await learner.until(() => learner.noticed.includes(refusals['engine-away'].text[language]), 'the notice');
			}
			for (const learner of waiting) {
				await learner.until(() => learner.sandbox.state === 'unavailable', 'to be told that there is none to be had');
				assert.equal(learner.sandbox.reason, refusals['engine-away'].text[learner.visit.language]);
				learner.send({ type: 'start' });
			}
			for (const sitting of sittings) await works(sitting);
			await sleep(awayMs);
			for (const sitting of sittings) await works(sitting);
		});
		for (const learner of waiting) {
			await learner.until(() => learner.sandbox.state === 'ready', 'the sandbox asked for meanwhile', 180_000);
			await learner.goHome();
		}
		for (const sitting of sittings) {
			await works(sitting);
			await sitting.learner.goHome();
		}
	});
});

/** Nobody reaches the API server while `work` is done. */
async function cut(t: TestContext, work: () => Promise<void>): Promise<void> {
	const rule = ['INPUT', '--protocol', 'tcp', '--dport', '6443', '--jump', 'REJECT', '--reject-with', 'tcp-reset'];
	const change = (how: '--insert' | '--delete') => here.cluster.enter('control', 'iptables', how, ...rule);
	let isCut = true;
	const open = async () => {
		if (isCut) await change('--delete');
		isCut = false;
	};
	t.after(open);
	await change('--insert');
	try {
		await work();
	} finally {
		await open();
	}
}
