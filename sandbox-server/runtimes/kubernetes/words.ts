/**
 * Why a pod does not run, in plain words out of the cluster's, with what to do: pure. For operators, in the log and by `doctor`; learners are told by
 * labs/reasons.ts.
 */
import type { V1Pod } from '@kubernetes/client-node';
import type { PodState } from './sandbox-pod.ts';

/** What the sandbox was to have of a node. */
export interface Wanted {
	namespace: string;
	image: string;
	/** Bytes and cores that the scheduler counts it with. */
	memory: number;
	cpu: number;
}

/** Out of what is asked for. */
export function wantedOf({ metadata, spec }: V1Pod): Wanted {
	const [container] = spec?.containers ?? [];
	const { memory = '0', cpu = '0m' } = container?.resources?.requests ?? {};
	return {
		namespace: metadata?.namespace ?? '',
		image: container?.image ?? '',
		memory: Number(memory),
		cpu: Number(cpu.replace('m', '')) / 1000,
	};
}

/** Reasons of a container that waits, and will not run by waiting. */
const hopeless: Record<string, (wanted: Wanted) => string> = {
	ErrImagePull: ({ image }) => `the node cannot have the image ${image}`,
	ImagePullBackOff: ({ image }) => `the node cannot have the image ${image}`,
	ErrImageNeverPull: ({ image }) => `the node does not have the image ${image}, and is not to pull it`,
	InvalidImageName: ({ image }) => `"${image}" is no name of an image`,
	ImageInspectError: ({ image }) => `the image ${image} is spoilt on the node`,
	RegistryUnavailable: ({ image }) => `the registry of the image ${image} does not answer`,
	CreateContainerConfigError: () => 'the node cannot make what the pod asks for',
	CreateContainerError: () => 'the node cannot make the container',
	RunContainerError: () => 'the node cannot start the container',
};

/** Why it will not run; undefined: it may, with time. */
export function hopelessText(state: PodState, wanted: Wanted): string | undefined {
	if (state.kind === 'running') return undefined;
	if (state.kind === 'ended') return endedText(state.reason, state.text);
	const text = hopeless[state.reason]?.(wanted);
	return text && withDetail(text, state.text);
}

/** Why a pod that runs no more has ended. */
export function endedText(reason: string, text: string): string {
	const plain: Record<string, string> = {
		OOMKilled: 'it ran out of its memory',
		Evicted: 'the node put it out, since it was short of something',
		UnexpectedAdmissionError: 'the node could not give what it asks for (a device, most likely: is its node agent well?)',
		OutOfmemory: 'the node had no memory left',
		OutOfcpu: 'the node had no processor time left',
		OutOfpods: 'the node has as many pods as it may',
		NodeLost: 'its node is lost',
		NodeShutdown: 'its node was shut down',
		Terminated: 'its node was shut down',
		StartError: 'its main process could not be started',
		ContainerCannotRun: 'its main process could not be started',
		DeadlineExceeded: 'it was given a time, which is over',
	};
	return withDetail(
		plain[reason] ?? `it ended at once${reason && reason !== 'Error' && reason !== 'Completed' ? ` (${reason})` : ''}`,
		text,
	);
}

/**
 * Why no node takes it, from the scheduler's "0/3 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint {…}. preemption: …".
 */
export function unschedulableText(text: string, wanted: Wanted): string {
	const [, count = '', reasons = ''] = /^0\/(\d+) nodes are available: (.*?)(?:\. (?:preemption|no new claims)\b.*)?\.?$/s.exec(text) ?? [];
	if (count === '0' || /no nodes available/i.test(text)) return 'the cluster has no node that could take a sandbox';
	if (!reasons) return withDetail('no node takes it', text);
	const parts = reasons.split(/, (?=\d+ )/).map((part) => nodeReason(part, wanted));
	return `none of the ${count} nodes takes it: ${parts.join('; ')}`;
}

function nodeReason(part: string, { memory, cpu }: Wanted): string {
	const [, count = '', reason = part] = /^(\d+) (.*)$/s.exec(part.trim()) ?? [];
	const nodes = count === '1' ? '1 node' : `${count} nodes`;
	const verb = (one: string, more: string) => (count === '1' ? one : more);
	if (/^Insufficient memory/.test(reason)) return `${nodes} ${verb('has', 'have')} no ${gib(memory)} of memory left`;
	if (/^Insufficient cpu/.test(reason)) return `${nodes} ${verb('has', 'have')} no ${cpu} of a processor left`;
	if (/^Insufficient etabli\/fuse/.test(reason)) return `${nodes} ${verb('offers', 'offer')} no /dev/fuse (is the node agent well there?)`;
	if (/^Insufficient pods|^Too many pods/.test(reason)) return `${nodes} ${verb('has', 'have')} as many pods as allowed`;
	if (/didn't match Pod's node affinity/.test(reason)) return `${nodes} ${verb('is', 'are')} not among those for sandboxes (nodeSelector)`;
	if (/^node\(s\) were unschedulable/.test(reason)) return `${nodes} ${verb('is', 'are')} being emptied (kubectl cordon)`;
	const [, taint] = /^node\(s\) had untolerated taint(?:\(s\)|s)? *(?:\{([^}]*)\})?/.exec(reason) ?? [undefined, undefined];
	if (/^node\(s\) had untolerated taint/.test(reason)) {
		const key = (taint ?? '').replace(/: *$/, '').trim();
		if (key === '') return `${nodes} ${verb('is', 'are')} kept for others (taints)`;
		if (/^node\.kubernetes\.io\/(not-ready|unreachable)/.test(key)) return `${nodes} ${verb('does', 'do')} not answer`;
		if (/^node\.kubernetes\.io\/memory-pressure/.test(key)) return `${nodes} ${verb('is', 'are')} short of memory`;
		if (/^node\.kubernetes\.io\/disk-pressure/.test(key)) return `${nodes} ${verb('is', 'are')} short of disk`;
		return `${nodes} ${verb('is', 'are')} kept for others (taint ${key})`;
	}
	return `${nodes}: ${reason}`;
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2).replace(/\.?0+$/, '')} GiB`;

/** What the API server says no with, to the making of a pod. */
export function refusalText(status: number, text: string, { namespace }: Pick<Wanted, 'namespace'>): string {
	const [, quota, requested, , limited] = /exceeded quota: ([^,]+), requested: (.*?), used: (.*?), limited: (.*)$/s.exec(text) ?? [];
	if (quota !== undefined)
		return `the quota "${quota}" of the namespace ${namespace} is used up (asked for: ${requested}; allowed in all: ${limited}): raise it, or lower --max-sandboxes`;
	if (/violates PodSecurity/.test(text)) {
		const [, level = '', why = text] = /violates PodSecurity "([^"]*)": (.*)$/s.exec(text) ?? [];
		return `the namespace ${namespace} does not admit it (Pod Security "${level}": ${why}): docs/operator/kubernetes.md says which level it is to have`;
	}
	const [, runtimeClass] = /RuntimeClass(?:\.node\.k8s\.io)? "([^"]+)" not found/.exec(text) ?? [];
	if (runtimeClass !== undefined)
		return `the cluster has no RuntimeClass "${runtimeClass}": make it, or name another in the file of --kubernetes (runtimes:)`;
	if (/namespaces? "[^"]*" not found/.test(text)) return `the cluster has no namespace ${namespace}: kubectl create namespace ${namespace}`;
	if (/being terminated/.test(text)) return `the namespace ${namespace} is being removed`;
	if (/cannot create resource/.test(text))
		return `this server may not make pods in the namespace ${namespace}: give its account the role of docs/operator/kubernetes.md`;
	const [, webhook, denial] = /admission webhook "([^"]+)" denied the request: (.*)$/s.exec(text) ?? [];
	if (webhook !== undefined) return `a rule of the cluster does not admit it (${webhook}: ${denial})`;
	if (/ValidatingAdmissionPolicy/.test(text)) return `a rule of the cluster does not admit it (${text})`;
	return status === 422 || status === 400 ? `the cluster does not understand the pod (its version?): ${text}` : text;
}

/** Events of a pod that say why it does not get on; undefined: of no interest here. */
export function eventText(reason: string, text: string): string | undefined {
	if (reason === 'FailedMount' || reason === 'FailedAttachVolume') {
		if (/driver name node-agent\.etabli not found/.test(text))
			return 'no node agent is at work on its node: kubectl get pods --namespace etabli-system --output wide';
		return withDetail('the node cannot give it its folders', text);
	}
	if (reason === 'FailedCreatePodSandBox') return withDetail('the node cannot prepare it', text);
	return undefined;
}

function withDetail(text: string, detail: string): string {
	const plain = detail.trim().replaceAll(/\s+/g, ' ');
	return plain === '' ? text : `${text}: ${plain.length > 600 ? `${plain.slice(0, 600)}…` : plain}`;
}
