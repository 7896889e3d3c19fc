/** What `doctor` says of the network that learners would have on a cluster: the last thing that it looks at, by a pod that it makes and removes. */
import type { KubeApi } from '../runtimes/kubernetes/kube-api.ts';
import { type NetworkTrial, tryNetwork } from '../runtimes/kubernetes/network-trial.ts';
import type { KubernetesSettings } from '../runtimes/kubernetes/settings.ts';
import type { SandboxSpec } from '../runtimes/runtime.ts';
import type { Finding } from './doctor/findings.ts';

const subject = 'Network of sandboxes';

export interface NetworkQuestion {
	api: KubeApi;
	settings: KubernetesSettings;
	/** Finds a sandbox that the cluster would take; undefined: there is none. */
	find: () => Promise<SandboxSpec | undefined>;
	/** What was found before: where something has failed, such a pod would not run. */
	before: readonly Finding[];
}

/** Never rejects. */
export async function networkFinding({ api, settings, find, before }: NetworkQuestion): Promise<Finding> {
	const notYet: Finding = {
		subject,
		state: 'warning',
		text: 'not tried, since sandboxes would not start yet',
		remedy: 'Once the rest is well, doctor tries it with a pod.',
	};
	if (before.some(({ state }) => state === 'failed')) return notYet;
	try {
		const spec = await find();
		if (!spec) return notYet;
		return judgeNetwork(await tryNetwork(api, settings, spec), settings);
	} catch (error) {
		return {
			subject,
			state: 'failed',
			text: `could not be tried: ${(error as Error).message}`,
			remedy: 'A pod like a sandbox’s has to start, with an image of a course that has bash.',
		};
	}
}

/** Pure. */
export function judgeNetwork({ node, reached, openAtFirst }: NetworkTrial, { namespace }: Pick<KubernetesSettings, 'namespace'>): Finding {
	const tried = `tried on ${node ?? 'a node'} with a pod like a sandbox’s, which is gone again`;
	const remedy = `The network plugin has to enforce policies, and the chart’s has to be there: kubectl get networkpolicy --namespace ${namespace} (docs/operator/kubernetes.md)`;
	if (reached.length > 0)
		return { subject, state: 'failed', text: `open: it reaches ${reached.join(', ')} (${tried}); learners would, too`, remedy };
	if (openAtFirst)
		return {
			subject,
			state: 'warning',
			text: `closed only some moments after a pod has begun (${tried})`,
			remedy: 'Sandboxes that wait in the pool are closed before learners get them: set pool: in course.yaml.',
		};
	return { subject, state: 'ok', text: `closed: it reaches neither the API server nor node agents (${tried})` };
}
