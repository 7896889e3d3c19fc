/** From a pod's volume to what is mounted there. Pure, but for the reasons why not. */
import { Refused, status } from './grpc.ts';
import type { MemoryFolder } from './mounts.ts';
import { type PodIdentity, plainName } from './sandbox.ts';

export type Volume = { kind: 'transport'; pod: PodIdentity } | { kind: 'guest' } | { kind: 'memory'; folder: MemoryFolder };

type Context = Record<string, string>;

/** Beyond any node's memory: a number that is longer is a mistake. */
const mostBytes = 2 ** 50;
const mostFiles = 100_000_000;
const mostId = 2 ** 32 - 2;

/**
 * @param context the volume's attributes, and the pod's name as the kubelet adds it (podInfoOnMount)
 * @param namespaces where sandboxes may be; empty: anywhere
 * @throws Refused
 */
export function volumeOf(context: Context, namespaces: readonly string[]): Volume {
	if (context['csi.storage.k8s.io/ephemeral'] !== 'true') {
		throw invalid(
			'this driver has only volumes that a pod states itself (spec.volumes[].csi), and CSIDriver has to say podInfoOnMount: true',
		);
	}
	const namespace = context['csi.storage.k8s.io/pod.namespace'] ?? '';
	if (namespaces.length > 0 && !namespaces.includes(namespace)) {
		throw new Refused(
			status.PERMISSION_DENIED,
			`pods of the namespace ${namespace} get no volumes here: --namespace names ${namespaces.join(', ')}`,
		);
	}
	const { kind } = context;
	if (kind === 'guest') return { kind };
	if (kind === 'transport') return { kind, pod: podOf(context, namespace) };
	if (kind === 'memory') return { kind, folder: memoryOf(context) };
	throw invalid(`kind is ${quoted(kind)}; it has to be transport, guest or memory`);
}

function podOf(context: Context, namespace: string): PodIdentity {
	const name = context['csi.storage.k8s.io/pod.name'] ?? '';
	const uid = context['csi.storage.k8s.io/pod.uid'] ?? '';
	const { instance = '', sandbox = name } = context;
	if (!plainName.test(instance)) throw invalid(`instance is ${quoted(instance)}; it has to be letters a–z, digits and hyphens, at most 63`);
	if (!plainName.test(name))
		throw invalid(`the pod is called ${quoted(name)}; a sandbox's name is letters a–z, digits and hyphens, at most 63`);
	// Who may make pods could otherwise pass one off as somebody else's sandbox.
	if (sandbox !== name) throw invalid(`sandbox is ${quoted(sandbox)}, and the pod is called ${quoted(name)}: they have to be the same`);
	return { instance, name, namespace, uid };
}

function memoryOf(context: Context): MemoryFolder {
	const { mode = '', exec = 'true' } = context;
	if (!/^[01]?[0-7]{3}$/.test(mode)) throw invalid(`mode is ${quoted(mode)}; it has to be octal digits, such as 0700`);
	if (exec !== 'true' && exec !== 'false') throw invalid(`exec is ${quoted(exec)}; it has to be true or false`);
	return {
		bytes: numberOf(context, 'size', { from: 1, to: mostBytes }),
		files: numberOf(context, 'files', { from: 1, to: mostFiles }),
		mode: mode.padStart(4, '0'),
		owner: numberOf(context, 'owner', { from: 0, to: mostId }),
		exec: exec === 'true',
	};
}

function numberOf(context: Context, name: string, { from, to }: { from: number; to: number }): number {
	const text = context[name] ?? '';
	const value = Number(text);
	if (!/^\d+$/.test(text) || value < from || value > to)
		throw invalid(`${name} is ${quoted(text)}; it has to be a number from ${from} to ${to}`);
	return value;
}

const quoted = (text: string | undefined): string => (text ? JSON.stringify(text.slice(0, 100)) : 'missing');
const invalid = (sentence: string): Refused => new Refused(status.INVALID_ARGUMENT, sentence);
