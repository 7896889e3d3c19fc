import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from './config.ts';
import { nodeAgentManifests } from './manifests.ts';

const labels = { 'app.kubernetes.io/name': 'etabli-node-agent', 'app.kubernetes.io/part-of': 'etabli' };

interface DaemonSet {
	spec: { template: { spec: { hostNetwork: boolean; containers: { args: string[] }[] } } };
}

test('all that a cluster is told', () => {
	const metadata = { name: 'etabli-node-agent', namespace: 'etabli-system', labels };
	const probe = { tcpSocket: { port: 'servers' }, periodSeconds: 10 };
	const args =
		'--node $(NODE_NAME) --port 7443 --kubelet /var/lib/kubelet --state /run/etabli-node/state --cert /etc/etabli-node-agent/tls.crt --key /etc/etabli-node-agent/tls.key --ca /etc/etabli-node-agent/ca.crt --fuse /host-dev/fuse --namespace etabli';
	assert.deepEqual(nodeAgentManifests({ image: 'etabli-node-agent:1' }), [
		{
			apiVersion: 'v1',
			kind: 'Namespace',
			metadata: { name: 'etabli-system', labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
		},
		{
			apiVersion: 'storage.k8s.io/v1',
			kind: 'CSIDriver',
			metadata: { name: 'node-agent.etabli', labels: { ...labels, 'security.kubernetes.io/csi-ephemeral-volume-profile': 'restricted' } },
			spec: {
				attachRequired: false,
				podInfoOnMount: true,
				fsGroupPolicy: 'None',
				requiresRepublish: false,
				storageCapacity: false,
				volumeLifecycleModes: ['Ephemeral'],
			},
		},
		{ apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
		{
			apiVersion: 'apps/v1',
			kind: 'DaemonSet',
			metadata,
			spec: {
				selector: { matchLabels: { 'app.kubernetes.io/name': 'etabli-node-agent' } },
				updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
				template: {
					metadata: { labels },
					spec: {
						serviceAccountName: 'etabli-node-agent',
						automountServiceAccountToken: false,
						enableServiceLinks: false,
						hostNetwork: false,
						dnsPolicy: 'Default',
						hostPID: true,
						priorityClassName: 'system-node-critical',
						nodeSelector: { 'kubernetes.io/os': 'linux' },
						tolerations: [{ operator: 'Exists' }],
						terminationGracePeriodSeconds: 5,
						containers: [
							{
								name: 'node-agent',
								image: 'etabli-node-agent:1',
								imagePullPolicy: 'IfNotPresent',
								args: args.split(' '),
								env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
								ports: [{ name: 'servers', containerPort: 7443, protocol: 'TCP' }],
								securityContext: { privileged: true, readOnlyRootFilesystem: true },
								resources: { requests: { cpu: '200m', memory: '128Mi' }, limits: { memory: '2Gi' } },
								readinessProbe: probe,
								livenessProbe: { ...probe, failureThreshold: 6 },
								volumeMounts: [
									{ name: 'kubelet', mountPath: '/var/lib/kubelet', mountPropagation: 'Bidirectional' },
									{ name: 'state', mountPath: '/run/etabli-node', mountPropagation: 'Bidirectional' },
									{ name: 'tls', mountPath: '/etc/etabli-node-agent', readOnly: true },
									{ name: 'devices', mountPath: '/host-dev', readOnly: true },
								],
							},
						],
						volumes: [
							{ name: 'kubelet', hostPath: { path: '/var/lib/kubelet', type: 'Directory' } },
							{ name: 'state', hostPath: { path: '/run/etabli-node', type: 'DirectoryOrCreate' } },
							{ name: 'tls', secret: { secretName: 'etabli-node-agent-tls', defaultMode: 0o400 } },
							{ name: 'devices', hostPath: { path: '/dev', type: 'Directory' } },
						],
					},
				},
			},
		},
	]);
});

test('its arguments are those that the program takes', () => {
	const made = nodeAgentManifests({ image: 'i', kubelet: '/data/kubelet', sandboxes: ['a', 'b'], hostNetwork: true });
	const { hostNetwork, containers } = (made.at(-1) as DaemonSet).spec.template.spec;
	const config = readConfig(containers[0]?.args ?? [], '1');
	assert.deepEqual([hostNetwork, config.kubelet, config.namespaces], [true, '/data/kubelet', ['a', 'b']]);
});
