import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { clusterOf } from './choice.ts';
import { podSettings, readKubernetesSettings } from './settings.ts';

test('a cluster is asked for by name, with a context or without', () => {
	assert.deepEqual(clusterOf('kubernetes'), { context: undefined });
	assert.deepEqual(clusterOf('kubernetes:admin@here'), { context: 'admin@here' });
	for (const other of [undefined, 'oci', 'none', 'unix:///run/docker.sock']) assert.equal(clusterOf(other), undefined);
});

test('the file needs no more than certificates, whose paths start from its folder; mistakes are told with their lines', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-settings-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const file = join(folder, 'kubernetes.yaml');
	writeFileSync(file, 'nodeAgents:\n  ca: tls/ca.crt\n  certificate: tls/tls.crt\n  key: /etc/tls.key\nruntimes:\n  runsc: gvisor\n');
	const settings = readKubernetesSettings(file);
	assert.deepEqual(settings.nodeAgents, {
		namespace: 'etabli-system',
		selector: 'app.kubernetes.io/name=etabli-node-agent',
		port: 7443,
		ca: join(folder, 'tls/ca.crt'),
		certificate: join(folder, 'tls/tls.crt'),
		key: '/etc/tls.key',
	});
	assert.deepEqual(podSettings(settings, 'i1'), {
		namespace: 'etabli',
		instance: 'i1',
		runtimeClasses: { runc: '', runsc: 'gvisor' },
		requests: { memory: 0.25, cpu: 0.1 },
		pullSecrets: [],
		priorityClass: undefined,
		nodeSelector: {},
		tolerations: [],
	});
	writeFileSync(file, 'namespace: Etabli\nnodeAgents:\n  ca: x\n');
	assert.throws(
		() => readKubernetesSettings(file),
		/kubernetes\.yaml:1[\s\S]*Write a name of Kubernetes[\s\S]*nodeAgents\.certificate. is missing/,
	);
});
