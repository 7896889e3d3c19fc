/** What is kept of a sandbox's pod, and how it stands: pure functions of what the API server says. */
import type { V1ContainerState, V1Pod, V1PodCondition } from '@kubernetes/client-node';
import type { KubeObject } from './informer.ts';
import { labelsAnnotation, startAnnotation } from './pod.ts';

export interface SandboxPod {
	uid: string;
	/** ms since 1970. */
	created: number;
	/** As the caller gave them. */
	labels: Record<string, string>;
	/** Whose start it was. */
	start: string | undefined;
	/** undefined: it has no node yet. */
	node: string | undefined;
	state: PodState;
	/** It is to go, and not gone yet. */
	ending: boolean;
}

/**
 * - waiting: not begun yet; `reason` is the cluster's word for why ("" while all is well), `text` its words.
 * - ended: it runs no more, or never did.
 */
export type PodState = { kind: 'running' } | { kind: 'waiting' | 'ended'; reason: string; text: string };

export function keepOfPod(object: KubeObject): SandboxPod {
	const { metadata = {}, spec, status } = object as V1Pod;
	return {
		uid: metadata.uid ?? '',
		// As JSON has it: the client's types say Date.
		created: Date.parse(String(metadata.creationTimestamp)),
		labels: labelsOf(metadata.annotations?.[labelsAnnotation], metadata.labels),
		start: metadata.annotations?.[startAnnotation],
		node: spec?.nodeName,
		state: stateOf(status),
		ending: metadata.deletionTimestamp !== undefined,
	};
}

/** The annotation is the whole; a pod that somebody has changed by hand still has its labels. */
function labelsOf(text: string | undefined, labels: Record<string, string> = {}): Record<string, string> {
	try {
		return { ...labels, ...(JSON.parse(text ?? '{}') as Record<string, string>) };
	} catch {
		return labels;
	}
}

function stateOf(status: V1Pod['status']): PodState {
	const container = status?.containerStatuses?.[0];
	if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return ended(status.reason, status.message, container?.state);
	if (container?.state?.terminated) return ended(undefined, undefined, container.state);
	if (container?.state?.running) return { kind: 'running' };
	const { reason = '', message = '' } = container?.state?.waiting ?? {};
	// What every container waits with at first says nothing.
	if (reason !== '' && reason !== 'ContainerCreating' && reason !== 'PodInitializing') return { kind: 'waiting', reason, text: message };
	const scheduled = status?.conditions?.find(({ type }: V1PodCondition) => type === 'PodScheduled');
	if (scheduled?.status === 'False') return { kind: 'waiting', reason: scheduled.reason ?? '', text: scheduled.message ?? '' };
	return { kind: 'waiting', reason: '', text: '' };
}

function ended(reason: string | undefined, text: string | undefined, state: V1ContainerState | undefined): PodState {
	const { reason: why, message, exitCode } = state?.terminated ?? {};
	return { kind: 'ended', reason: reason ?? why ?? '', text: text ?? message ?? (exitCode === undefined ? '' : `exit code ${exitCode}`) };
}
