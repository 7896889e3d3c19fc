/** What a cluster is told of the node agent: one pure function. The sandboxes' own objects are not here. */
import { nodeAgentName, nodeAgentPort, volumeDriver } from '../runtimes/kubernetes/names.ts';

export interface ManifestOptions {
	/** Reference of the node agent's image. */
	image: string;
	imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
	/** Of the node agent. */
	namespace?: string;
	/** Namespaces of sandboxes; pods of others get no volumes. */
	sandboxes?: readonly string[];
	/** Secret with tls.crt, tls.key and ca.crt: the certificate names `etabli-node-agent`, the authority is that of servers. */
	secret?: string;
	/** The kubelet's folder on the nodes. */
	kubelet?: string;
	/** Reached at the nodes' own addresses: for servers outside of the cluster. */
	hostNetwork?: boolean;
	/** Nodes that it runs on. */
	nodeSelector?: Record<string, string>;
}

/** Labels of the node agents' pods, by which servers find them. */
export const nodeAgentLabels = { 'app.kubernetes.io/name': nodeAgentName, 'app.kubernetes.io/part-of': 'etabli' };

const stateFolder = '/run/etabli-node';
const tlsFolder = '/etc/etabli-node-agent';
const devices = '/host-dev';

/** In the order in which they are to be made. */
export function nodeAgentManifests(options: ManifestOptions): object[] {
	const { namespace = 'etabli-system' } = options;
	const metadata = { name: nodeAgentName, namespace, labels: nodeAgentLabels };
	return [
		{
			apiVersion: 'v1',
			kind: 'Namespace',
			// It mounts for the kubelet, which is a node's own work.
			metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
		},
		csiDriver(),
		// It asks nothing of the API server: no role, no token.
		{ apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
		{
			apiVersion: 'apps/v1',
			kind: 'DaemonSet',
			metadata,
			spec: {
				selector: { matchLabels: { 'app.kubernetes.io/name': nodeAgentName } },
				updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
				template: { metadata: { labels: nodeAgentLabels }, spec: podSpec(options) },
			},
		},
	];
}

function csiDriver(): object {
	return {
		apiVersion: 'storage.k8s.io/v1',
		kind: 'CSIDriver',
		metadata: {
			name: volumeDriver,
			labels: {
				...nodeAgentLabels,
				// Pods of restricted namespaces may have these volumes: they are bounded, and lead nowhere.
				'security.kubernetes.io/csi-ephemeral-volume-profile': 'restricted',
			},
		},
		spec: {
			attachRequired: false,
			podInfoOnMount: true,
			fsGroupPolicy: 'None',
			requiresRepublish: false,
			storageCapacity: false,
			volumeLifecycleModes: ['Ephemeral'],
		},
	};
}

function podSpec(options: ManifestOptions): object {
	const { image, imagePullPolicy = 'IfNotPresent', sandboxes = ['etabli'], secret = 'etabli-node-agent-tls' } = options;
	const { kubelet = '/var/lib/kubelet', hostNetwork = false, nodeSelector = {} } = options;
	const args = [
		...['--node', '$(NODE_NAME)', '--port', String(nodeAgentPort), '--kubelet', kubelet, '--state', `${stateFolder}/state`],
		...['--cert', `${tlsFolder}/tls.crt`, '--key', `${tlsFolder}/tls.key`, '--ca', `${tlsFolder}/ca.crt`, '--fuse', `${devices}/fuse`],
		...sandboxes.flatMap((name) => ['--namespace', name]),
	];
	const probe = { tcpSocket: { port: 'servers' }, periodSeconds: 10 };
	return {
		serviceAccountName: nodeAgentName,
		automountServiceAccountToken: false,
		enableServiceLinks: false,
		hostNetwork,
		// It asks for no names.
		dnsPolicy: 'Default',
		// To find a pod's processes whose own file systems keep them from ending.
		hostPID: true,
		priorityClassName: 'system-node-critical',
		nodeSelector: { 'kubernetes.io/os': 'linux', ...nodeSelector },
		// Wherever sandboxes may be.
		tolerations: [{ operator: 'Exists' }],
		terminationGracePeriodSeconds: 5,
		containers: [
			{
				name: 'node-agent',
				image,
				imagePullPolicy,
				args,
				env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
				ports: [{ name: 'servers', containerPort: nodeAgentPort, protocol: 'TCP' }],
				// Mounts that the kubelet sees can only be made so.
				securityContext: { privileged: true, readOnlyRootFilesystem: true },
				// What it asks for is also its weight beside the sandboxes: every key that somebody types waits for it.
				resources: { requests: { cpu: '200m', memory: '128Mi' }, limits: { memory: '2Gi' } },
				readinessProbe: probe,
				livenessProbe: { ...probe, failureThreshold: 6 },
				volumeMounts: [
					{ name: 'kubelet', mountPath: kubelet, mountPropagation: 'Bidirectional' },
					{ name: 'state', mountPath: stateFolder, mountPropagation: 'Bidirectional' },
					{ name: 'tls', mountPath: tlsFolder, readOnly: true },
					{ name: 'devices', mountPath: devices, readOnly: true },
				],
			},
		],
		volumes: [
			{ name: 'kubelet', hostPath: { path: kubelet, type: 'Directory' } },
			{ name: 'state', hostPath: { path: stateFolder, type: 'DirectoryOrCreate' } },
			{ name: 'tls', secret: { secretName: secret, defaultMode: 0o400 } },
			{ name: 'devices', hostPath: { path: '/dev', type: 'Directory' } },
		],
	};
}
