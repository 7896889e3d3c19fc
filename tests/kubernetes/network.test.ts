/** Whether learners would have a network is found out by trying, on a cluster that enforces policies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openApi } from '../../sandbox-server/runtimes/kubernetes/engine.ts';
import { tryNetwork } from '../../sandbox-server/runtimes/kubernetes/network-trial.ts';
import { readKubernetesSettings } from '../../sandbox-server/runtimes/kubernetes/settings.ts';
import { limitsSchema } from '../../src/shared/course/course.ts';
import { type TestInstallation, testInstallation } from './support/test-installation.ts';

const found = await testInstallation();
const skip = 'missing' in found ? found.missing : false;

test('an open network is found by trying, and a closed one, and no pod is left', { skip }, async (t) => {
	const { cluster, file, image, namespace } = found as TestInstallation;
	const api = await openApi('kubernetes');
	t.after(() => api.close());
	const settings = readKubernetesSettings(file);
	const spec = { name: 'any', image, ociRuntime: undefined, limits: limitsSchema.parse({}), labels: {} };

	const open = await tryNetwork(api, settings, spec);
	assert.deepEqual(open.reached.slice(0, 2), ['the API server', 'node agents']);
	assert.equal(open.node, 'node-1');

	// As the chart makes it.
	const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'closed', namespace } };
	await cluster.apply({ ...policy, spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } });
	t.after(() => cluster.kubectl('--namespace', namespace, 'delete', 'networkpolicy', 'closed'));
	const closed = await tryNetwork(api, settings, spec);
	assert.deepEqual(closed.reached, []);

	assert.equal(await cluster.kubectl('--namespace', namespace, 'get', 'pods', '--output', 'name'), '');
});
