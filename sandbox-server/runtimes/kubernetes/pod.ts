/** The pod of a sandbox: a container of ours in the words of Kubernetes, one pure function from what it is to be to what is asked for. */
import type { V1Pod, V1PodSpec, V1ResourceRequirements, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { isGvisor } from '../../../src/shared/course/oci-runtimes.ts';
import { type ContainerSpec, instanceLabel, type MemoryFolder } from '../containers.ts';
import type { SandboxSpec } from '../runtime.ts';
import { sandboxContainer } from '../sandbox-container.ts';
import { seccompFileName } from '../seccomp.ts';
import { fuseResource, volumeDriver } from './names.ts';

/** What pods depend on besides the sandbox: the installation. */
export interface PodSettings {
	namespace: string;
	/** Mark of the data folder. */
	instance: string;
	/** OCI runtime, as a course.yaml names it → RuntimeClass; '': none is asked for. One that is not named here is a RuntimeClass of that name. */
	runtimeClasses: Record<string, string>;
	/** Part of its limit that each sandbox has to itself, and that the scheduler counts it with. */
	requests: { memory: number; cpu: number };
	/** Names of secrets with which images are pulled. */
	pullSecrets: readonly string[];
	priorityClass: string | undefined;
	nodeSelector: Record<string, string>;
	tolerations: readonly { key?: string; operator?: 'Exists' | 'Equal'; value?: string; effect?: string }[];
}

/** What the caller has said of it, all of it: values of labels are letters and digits in Kubernetes, and ours need not be. */
export const labelsAnnotation = 'etabli/labels';
/** Whose start it was: known again when the answer to a question was lost. */
export const startAnnotation = 'etabli/start';
/** Of the one container. */
export const containerName = 'sandbox';

/**
 * Where the kubelet puts a file into every container, of the node's disk, that everybody may write to without end: in a folder that nobody but the
 * image's root may enter, whom no program of a sandbox is.
 */
const terminationMessagePath = '/root/.termination-message';

/** @param start a word that no other start has */
export function sandboxPod(spec: SandboxSpec, settings: PodSettings, start: string, command?: string[]): V1Pod {
	// Folders of a machine: the volumes stand in their place.
	const container = sandboxContainer(spec, { transport: '', guest: '' }, command);
	const { labels } = container;
	return {
		apiVersion: 'v1',
		kind: 'Pod',
		metadata: {
			name: spec.name,
			namespace: settings.namespace,
			labels: { ...plainLabels(labels), [instanceLabel]: settings.instance },
			annotations: { [labelsAnnotation]: JSON.stringify(labels), [startAnnotation]: start },
		},
		spec: podSpec(container, settings, command === undefined),
	};
}

/** Those that Kubernetes takes as labels. */
function plainLabels(labels: Record<string, string>): Record<string, string> {
	const fits = (value: string) => /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/.test(value);
	return Object.fromEntries(Object.entries(labels).filter(([, value]) => fits(value)));
}

function podSpec(container: ContainerSpec, settings: PodSettings, isAgent: boolean): V1PodSpec {
	const gvisor = isGvisor(container.ociRuntime);
	const volumes = [...ownVolumes(container.name, settings.instance), ...container.memoryFolders.map(memoryVolume)];
	const runtimeClassName = runtimeClassOf(container.ociRuntime, settings);
	return {
		restartPolicy: 'Never',
		// With 0 Kubernetes forgets the pod before its processes have ended, and its name would be given away too soon.
		terminationGracePeriodSeconds: 1,
		hostname: container.hostname,
		...(runtimeClassName ? { runtimeClassName } : {}),

		// Rights: none. gVisor is a boundary of its own, and its nodes need not map users.
		...(gvisor ? {} : { hostUsers: false }),
		automountServiceAccountToken: false,
		securityContext: {
			runAsNonRoot: true,
			runAsUser: container.owner.uid,
			runAsGroup: container.owner.gid,
			...(container.seccomp ? { seccompProfile: { type: 'Localhost', localhostProfile: seccompFileName() } } : {}),
		},

		// Surroundings: nobody to ask, nothing told.
		enableServiceLinks: false,
		dnsPolicy: 'None',
		dnsConfig: { nameservers: ['127.0.0.1'] },

		containers: [
			{
				name: containerName,
				image: container.image,
				imagePullPolicy: 'IfNotPresent',
				command: [...container.command, ...(isAgent ? limitArguments(container, gvisor) : [])],
				workingDir: container.workingFolder,
				env: Object.entries(container.env).map(([name, value]) => ({ name, value })),
				terminationMessagePath,
				securityContext: {
					allowPrivilegeEscalation: false,
					capabilities: { drop: ['ALL'] },
					privileged: false,
					readOnlyRootFilesystem: true,
					...(container.openProc && !gvisor ? { procMount: 'Unmasked' } : {}),
				},
				resources: resources(container, settings, gvisor),
				volumeMounts: volumes.map(({ mount }) => mount),
			},
		],
		volumes: volumes.map(({ volume }) => volume),

		...(settings.pullSecrets.length > 0 ? { imagePullSecrets: settings.pullSecrets.map((name) => ({ name })) } : {}),
		...(settings.priorityClass === undefined ? {} : { priorityClassName: settings.priorityClass }),
		...(Object.keys(settings.nodeSelector).length > 0 ? { nodeSelector: settings.nodeSelector } : {}),
		...(settings.tolerations.length > 0 ? { tolerations: [...settings.tolerations] } : {}),
	};
}

/** undefined: the nodes' own runtime. */
export function runtimeClassOf(
	ociRuntime: string | undefined,
	{ runtimeClasses }: Pick<PodSettings, 'runtimeClasses'>,
): string | undefined {
	return ociRuntime === undefined ? undefined : (runtimeClasses[ociRuntime] ?? ociRuntime) || undefined;
}

interface Mounted {
	volume: V1Volume;
	mount: V1VolumeMount;
}

/** Of the node's agent: where the sandbox meets the server, and the programs that every sandbox has. */
function ownVolumes(sandbox: string, instance: string): Mounted[] {
	return [
		volume({ name: 'transport', at: '/run/etabli', readOnly: true, attributes: { kind: 'transport', instance, sandbox } }),
		volume({ name: 'guest', at: '/opt/etabli', readOnly: true, attributes: { kind: 'guest' } }),
	];
}

/**
 * Also of the node's agent: an `emptyDir` in memory has no bound on files, no owner and no mode, and one on the disk that is full ends the pod instead of
 * saying so.
 */
function memoryVolume({ at, bytes, files, mode, owner, exec }: MemoryFolder): Mounted {
	return volume({
		name: at.slice(1).replaceAll('/', '-'),
		at,
		readOnly: false,
		attributes: { kind: 'memory', size: `${bytes}`, files: `${files}`, mode, owner: `${owner}`, exec: `${exec}` },
	});
}

function volume({
	name,
	at,
	readOnly,
	attributes,
}: {
	name: string;
	at: string;
	readOnly: boolean;
	attributes: Record<string, string>;
}): Mounted {
	return {
		volume: { name, csi: { driver: volumeDriver, readOnly, volumeAttributes: attributes } },
		mount: { name, mountPath: at, ...(readOnly ? { readOnly } : {}) },
	};
}

/** Limits that no pod has words for: the agent sets them for itself, and so for all that it starts. */
function limitArguments({ resourceLimits, processes }: ContainerSpec, gvisor: boolean): string[] {
	// A number counts for all processes of its user in the namespace of users, which is the pod's alone.
	const limits = gvisor ? resourceLimits : [...resourceLimits, { name: 'nproc', soft: processes, hard: processes }];
	return limits.flatMap(({ name, soft, hard }) => ['--limit', `${name}=${soft}:${hard}`]);
}

function resources({ memory, cpus, devices }: ContainerSpec, { requests }: PodSettings, gvisor: boolean): V1ResourceRequirements {
	const fuse: Record<string, string> = devices.includes('/dev/fuse') && !gvisor ? { [fuseResource]: '1' } : {};
	const milli = (cores: number) => `${Math.max(1, Math.round(cores * 1000))}m`;
	return {
		requests: { memory: `${Math.ceil(memory * requests.memory)}`, cpu: milli((cpus ?? 1) * requests.cpu), ...fuse },
		limits: { memory: `${memory}`, ...(cpus === undefined ? {} : { cpu: milli(cpus) }), ...fuse },
	};
}
