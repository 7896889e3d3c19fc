/**
 * Whether learners would have a network: a NetworkPolicy that no network plugin enforces is taken by the cluster all the same, so only trying tells.
 * A pod like a sandbox's tries to reach what it must not, for some seconds, and says by its exit code what it has reached.
 */
import { randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { V1Pod } from '@kubernetes/client-node';
import { instanceLabel } from '../containers.ts';
import type { SandboxSpec } from '../runtime.ts';
import type { KubeApi } from './kube-api.ts';
import { keepOfAgent } from './node-agents.ts';
import { Pods } from './pods.ts';
import { type KubernetesSettings, podSettings } from './settings.ts';

/** For the pod to run, and for its answer, ms. */
const patience = { start: 90_000, answer: 60_000 };
/** One that a look before this one could not remove is older than that, ms. */
const leftOverMs = 10 * 60_000;
/** Mark of its pod in place of a server's: none takes it for one of its own. */
const instance = 'doctor';

export interface NetworkTrial {
	/** Where it was tried. */
	node: string | undefined;
	/** What the pod reached to the end; empty: nothing. */
	reached: string[];
	/** It reached something at first, and nothing any more at the end: policies come into force some moments after a pod. */
	openAtFirst: boolean;
}

/** An address for the pod to try, and what that is. */
interface Target {
	what: string;
	/** Hosts and ports in turns; `service`: the API server's as pods are told it. */
	at: string[];
}

/** Base of the exit code: below it are the shell's own troubles. */
const base = 16;
/** What is surely shut does not look so: its shell cannot connect, or has no `timeout`. */
const cannotTry = 15;
/** Added where it was open at first alone. */
const openAtFirst = 8;

/**
 * Arguments: for each target a word with its addresses, host and port in turns. Four rounds, since policies may take some moments; in each all are
 * tried at once, for two seconds at most.
 */
const script = `
reach() { timeout 2 bash -c ': 3<> "/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null; }
any() { while [ $# -gt 1 ]; do reach "\${1/service/$KUBERNETES_SERVICE_HOST}" "\${2/service/$KUBERNETES_SERVICE_PORT}" && return; shift 2; done; return 1; }
case "$(LC_ALL=C timeout 2 bash -c ': 3<> /dev/tcp/127.0.0.1/1' 2>&1)" in *refused*) ;; *) exit ${cannotTry} ;; esac
first=0
for round in 1 2 3 4; do
	last=0 bit=1 pids=()
	for target in "$@"; do any $target & pids+=($!); done
	for pid in "\${pids[@]}"; do wait "$pid" && last=$((last | bit)); bit=$((bit * 2)); done
	[ $round = 1 ] && first=$last
	sleep 1
done
[ $last = 0 ] && [ $first != 0 ] && exit $((${base} + ${openAtFirst}))
exit $((${base} + last))
`;

/**
 * Makes one pod, waits for its answer, and removes it, whatever happens.
 * @param spec a sandbox of a course; its image has bash
 * @throws StartFailed with the reason that such a pod does not run; RuntimeAway; Error with a sentence
 */
export async function tryNetwork(api: KubeApi, settings: KubernetesSettings, spec: SandboxSpec): Promise<NetworkTrial> {
	const targets = await targetsOf(api, settings);
	const words = targets.map(({ at }) => at.join(' '));
	const command = ['bash', '-c', script, 'bash', ...words];
	const pods = new Pods({ api, settings: podSettings(settings, instance), command, onChange: () => {} });
	const name = `etabli-doctor-network-${randomUUID().slice(0, 8)}`;
	try {
		await removeLeftOvers(pods);
		await pods.start({ ...spec, name }, AbortSignal.timeout(patience.start));
		const ended = Promise.withResolvers<void>();
		// Awaited below, unless something fails before that.
		ended.promise.catch(() => undefined);
		await pods.watch((one) => one === name && ended.resolve(), ended.reject);
		if ((await pods.status(name)) === 'ended') ended.resolve();
		const late = setTimeout(() => ended.reject(new Error('the pod that tries it does not come to an end')), patience.answer);
		await ended.promise.finally(() => clearTimeout(late));
		const path = `/api/v1/namespaces/${settings.namespace}/pods/${name}`;
		return answerOf(await api.ask<V1Pod>({ path, signal: AbortSignal.timeout(patience.answer) }), targets);
	} finally {
		await pods.destroy(name, AbortSignal.timeout(patience.answer)).catch(() => undefined); // Found again by the next look.
		pods.close();
	}
}

/** @throws Error with a sentence */
function answerOf({ spec, status }: V1Pod, targets: readonly Target[]): NetworkTrial {
	const { exitCode = -1, reason = '' } = status?.containerStatuses?.[0]?.state?.terminated ?? {};
	const said = exitCode - base;
	if (said < 0 || said > openAtFirst)
		throw new Error(`the pod that tries it ended by itself (${reason} ${exitCode}): has its image bash with /dev/tcp, and timeout?`);
	const reached = targets.filter((_, index) => said < openAtFirst && (said >> index) & 1).map(({ what }) => what);
	return { node: spec?.nodeName, reached, openAtFirst: said === openAtFirst };
}

async function removeLeftOvers(pods: Pods): Promise<void> {
	for (const { name, created } of await pods.list({ key: instanceLabel, value: instance })) {
		if (Date.now() - created > leftOverMs) await pods.destroy(name);
	}
}

/** At most three: their answers are bits of the exit code. */
async function targetsOf(api: KubeApi, settings: KubernetesSettings): Promise<Target[]> {
	const { hostname, port, protocol } = new URL(api.server);
	const plain = hostname.replace(/^\[|\]$/g, '');
	const address = isIP(plain)
		? plain
		: await lookup(plain).then(
				({ address: found }) => found,
				() => undefined,
			);
	// From a pod this machine's own addresses are the pod's.
	const outside = address === undefined || /^(127\.|::1$)/.test(address) ? [] : [address, port || (protocol === 'http:' ? '80' : '443')];
	const agents = await agentsOf(api, settings);
	return [
		{ what: 'the API server', at: [...outside, 'service', 'service'] },
		{ what: 'node agents', at: agents.flatMap((host) => [host, String(settings.nodeAgents.port)]) },
		{ what: 'the metadata of its node (169.254.169.254)', at: ['169.254.169.254', '80'] },
	];
}

/** Addresses of some: one that is reached is enough. */
async function agentsOf(api: KubeApi, { nodeAgents: { namespace, selector } }: KubernetesSettings): Promise<string[]> {
	const { items } = await api.ask<{ items: V1Pod[] }>({
		path: `/api/v1/namespaces/${namespace}/pods`,
		query: { labelSelector: selector },
		signal: AbortSignal.timeout(patience.answer),
	});
	return items.flatMap((item) => keepOfAgent(item).host ?? []).slice(0, 3);
}
