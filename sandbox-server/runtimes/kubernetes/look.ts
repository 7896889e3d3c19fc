/** Looks at a cluster as a server would use it, and changes nothing: for `doctor`. A pod is tried without being made. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { V1Node, V1Pod } from '@kubernetes/client-node';
import type { RuntimeInfo, SandboxSpec } from '../runtime.ts';
import { ApiRefusal, type KubeApi } from './kube-api.ts';
import { keepOfAgent } from './node-agents.ts';
import { NodeLink } from './node-link.ts';
import { sandboxPod } from './pod.ts';
import { clusterInfo } from './runtime.ts';
import { type KubernetesSettings, podSettings } from './settings.ts';
import { refusalText } from './words.ts';

/** For each answer, ms. */
const patience = 10_000;

export interface ClusterFacts {
	/** Address of the API server. */
	server: string;
	/** Why it does not answer as it should. */
	info: RuntimeInfo | { problem: string };
	/** What this server is to be allowed, and is not; undefined: that cannot be asked. */
	forbidden: string[] | undefined;
	/** Names of nodes that take pods. */
	nodes: string[];
	/** Node agents by their nodes; `problem`: why one cannot be reached. */
	agents: { node: string; problem: string | undefined }[];
	/** Files of certificates that cannot be read, with the system's words. */
	files: string[];
	/** Sandboxes that were tried, by course; `problem`: why such a pod is not taken. */
	trials: { course: string; problem: string | undefined }[];
}

/** What the account of a server needs, in words and in Kubernetes' own. */
const needed = (settings: KubernetesSettings) => [
	...['get', 'list', 'watch', 'create', 'delete'].map((verb) => ({ verb, resource: 'pods', namespace: settings.namespace })),
	{ verb: 'list', resource: 'events', namespace: settings.namespace },
	...['list', 'watch'].map((verb) => ({ verb, resource: 'pods', namespace: settings.nodeAgents.namespace })),
	...['get', 'list'].map((verb) => ({ verb, resource: 'nodes', namespace: undefined })),
	{ verb: 'list', resource: 'runtimeclasses', group: 'node.k8s.io', namespace: undefined },
];

/** @param sandboxes one for each course @throws nothing: what fails is a fact */
export async function lookAtCluster(
	api: KubeApi,
	settings: KubernetesSettings,
	sandboxes: Record<string, SandboxSpec>,
): Promise<ClusterFacts> {
	const signal = AbortSignal.timeout(patience);
	const info = await clusterInfo(api, settings, signal).catch((error: Error) => ({ problem: error.message }));
	const facts: ClusterFacts = {
		server: api.server,
		info,
		forbidden: undefined,
		nodes: [],
		agents: [],
		files: await unreadable(settings),
		trials: [],
	};
	// Who does not answer once is not asked a dozen times more.
	if ('problem' in info && !(await answers(api))) return facts;
	facts.forbidden = await forbidden(api, settings);
	facts.nodes = await nodesOf(api);
	facts.agents = await agentsOf(api, settings, facts.files.length === 0);
	facts.trials = await Promise.all(
		Object.entries(sandboxes).map(async ([course, spec]) => ({ course, problem: await tried(api, settings, spec) })),
	);
	return facts;
}

async function answers(api: KubeApi): Promise<boolean> {
	return await api.ask({ path: '/version', signal: AbortSignal.timeout(patience) }).then(
		() => true,
		() => false,
	);
}

async function unreadable({ nodeAgents: { ca, certificate, key } }: KubernetesSettings): Promise<string[]> {
	const said = await Promise.all(
		[ca, certificate, key].map((file) =>
			readFile(file).then(
				() => '',
				(error: Error) => error.message,
			),
		),
	);
	return said.filter((text) => text !== '');
}

async function forbidden(api: KubeApi, settings: KubernetesSettings): Promise<string[] | undefined> {
	try {
		const asked = needed(settings).map(async (right) => {
			const { status } = await api.ask<{ status?: { allowed?: boolean } }>({
				method: 'POST',
				path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
				body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: right } },
				signal: AbortSignal.timeout(patience),
			});
			return status?.allowed ? [] : [`${right.verb} ${right.resource}${right.namespace === undefined ? '' : ` in ${right.namespace}`}`];
		});
		return (await Promise.all(asked)).flat();
	} catch {
		return undefined;
	}
}

async function nodesOf(api: KubeApi): Promise<string[]> {
	const { items } = await api
		.ask<{ items: V1Node[] }>({ path: '/api/v1/nodes', signal: AbortSignal.timeout(patience) })
		.catch((): { items: V1Node[] } => ({ items: [] }));
	return items.filter(({ spec }) => !spec?.unschedulable).map(({ metadata }) => metadata?.name ?? '');
}

async function agentsOf(api: KubeApi, { nodeAgents }: KubernetesSettings, canConnect: boolean): Promise<ClusterFacts['agents']> {
	const { items } = await api
		.ask<{ items: V1Pod[] }>({
			path: `/api/v1/namespaces/${nodeAgents.namespace}/pods`,
			query: { labelSelector: nodeAgents.selector },
			signal: AbortSignal.timeout(patience),
		})
		.catch((): { items: V1Pod[] } => ({ items: [] }));
	const agents = items.map(keepOfAgent).filter(({ node }) => node !== undefined);
	return await Promise.all(
		agents.map(async ({ node = '', host, ready }) => {
			if (!ready || host === undefined) return { node, problem: 'it is not ready' };
			return { node, problem: canConnect ? await unreachable({ host, port: nodeAgents.port }, nodeAgents) : undefined };
		}),
	);
}

/** Why a node agent does not take us in; undefined: it does. */
async function unreachable(address: { host: string; port: number }, files: KubernetesSettings['nodeAgents']): Promise<string | undefined> {
	const { promise, resolve } = Promise.withResolvers<string | undefined>();
	const link = new NodeLink({
		address: () => address,
		files,
		onUp: () =>
			void link.ask('GET', '/v1/instances/doctor/sandboxes').then(
				({ status, text }) => resolve(status < 300 ? undefined : text),
				(error: Error) => resolve(error.message),
			),
		onDown: () => undefined,
		onFault: (error) => resolve(error.message),
	});
	const late = setTimeout(() => resolve(`no answer at ${address.host}:${address.port}`), patience);
	try {
		return await promise;
	} finally {
		clearTimeout(late);
		link.close();
	}
}

/** Why such a pod would not be taken; undefined: it would. */
async function tried(api: KubeApi, settings: KubernetesSettings, spec: SandboxSpec): Promise<string | undefined> {
	const pod = sandboxPod(spec, podSettings(settings, 'doctor'), randomUUID());
	try {
		const path = `/api/v1/namespaces/${settings.namespace}/pods`;
		await api.ask({ method: 'POST', path, query: { dryRun: 'All' }, body: pod, signal: AbortSignal.timeout(patience) });
		return undefined;
	} catch (error) {
		if (error instanceof ApiRefusal) return refusalText(error.status, error.message, settings);
		return (error as Error).message;
	}
}
