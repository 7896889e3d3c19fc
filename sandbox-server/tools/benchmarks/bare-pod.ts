/** What the figures of a cluster are held against: a pod with nothing of ours around it, from the request to the moment when it runs. */
import { randomUUID } from 'node:crypto';
import { openApi } from '../../runtimes/kubernetes/engine.ts';
import { Informer } from '../../runtimes/kubernetes/informer.ts';
import type { KubeApi } from '../../runtimes/kubernetes/kube-api.ts';
import { sandboxPod } from '../../runtimes/kubernetes/pod.ts';
import { keepOfPod, type SandboxPod } from '../../runtimes/kubernetes/sandbox-pod.ts';
import { type KubernetesSettings, podSettings, readKubernetesSettings } from '../../runtimes/kubernetes/settings.ts';
import { now } from './client.ts';
import type { Kit } from './kit.ts';

type Pod = ReturnType<typeof sandboxPod>;

const label = 'etabli.bench';
const idle = ['sleep', 'infinity'];
/** For a pod to run, and to be gone, ms. */
const patience = 180_000;

/** Pods one after the other. Call `close` in any case. */
export class BarePods {
	readonly #kit: Kit;
	readonly #api: KubeApi;
	readonly #settings: KubernetesSettings;
	readonly #informer: Informer<SandboxPod>;
	readonly #run = randomUUID().slice(0, 8);
	#heard = () => {};

	private constructor(kit: Kit, api: KubeApi, settings: KubernetesSettings) {
		this.#kit = kit;
		this.#api = api;
		this.#settings = settings;
		this.#informer = new Informer({
			api,
			path: this.#path,
			selector: `${label}=${this.#run}`,
			keep: keepOfPod,
			onChange: () => this.#heard(),
			onLost: () => {},
		});
	}

	/** @throws RuntimeAway; Error: no cluster is named */
	static async open(kit: Kit): Promise<BarePods> {
		if (!kit.kubernetes) throw new Error('no cluster is named: --kubernetes FILE');
		const pods = new BarePods(kit, await openApi('kubernetes'), readKubernetesSettings(kit.kubernetes.file));
		await pods.#informer.ready(kit.signal);
		return pods;
	}

	get #path(): string {
		return `/api/v1/namespaces/${this.#settings.namespace}/pods`;
	}

	/**
	 * From the request for it until the cluster says that it runs, ms; it is gone when this returns.
	 * @param as bare: the image and its limits, and nothing else; sandbox: all that a sandbox's pod has, with a process that sleeps
	 */
	async start(as: 'bare' | 'sandbox'): Promise<number> {
		const { limits, kubernetes } = this.#kit;
		const name = `etabli-bare-${randomUUID().slice(0, 8)}`;
		const spec = { name, image: kubernetes?.image ?? '', ociRuntime: undefined, limits, labels: {} };
		const whole = sandboxPod(spec, podSettings(this.#settings, 'bench'), name, idle);
		// No server is to take it for one of its own.
		const metadata = { name, namespace: this.#settings.namespace, labels: { [label]: this.#run } };
		const pod = as === 'sandbox' ? { ...whole, metadata } : { ...bare(whole), metadata };
		const begun = now();
		await this.#api.ask({ method: 'POST', path: this.#path, body: pod, signal: AbortSignal.timeout(patience) });
		try {
			await this.#until(() => this.#informer.get(name)?.state.kind === 'running', `${name} to run`);
			return now() - begun;
		} finally {
			await this.#api.ask({
				method: 'DELETE',
				path: `${this.#path}/${name}`,
				body: { gracePeriodSeconds: 0 },
				signal: AbortSignal.timeout(patience),
			});
			await this.#until(() => this.#informer.get(name) === undefined, `${name} to be gone`);
		}
	}

	async #until(holds: () => boolean, what: string): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			const late = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), patience);
			this.#heard = () => {
				if (!holds()) return;
				clearTimeout(late);
				resolve();
			};
			this.#heard();
		});
	}

	close(): void {
		this.#informer.close();
		this.#api.close();
	}
}

/** The same image, command and limits; no rights taken, no volume of ours. */
function bare({ spec }: Pod): Pod {
	const [container] = spec?.containers ?? [];
	const { requests = {}, limits = {} } = container?.resources ?? {};
	const plain = ({ cpu = '0', memory = '0' }: Record<string, string>) => ({ cpu, memory });
	return {
		apiVersion: 'v1',
		kind: 'Pod',
		spec: {
			restartPolicy: 'Never',
			automountServiceAccountToken: false,
			containers: [
				{
					name: 'bare',
					image: container?.image ?? '',
					imagePullPolicy: 'IfNotPresent',
					command: idle,
					resources: { requests: plain(requests), limits: plain(limits) },
				},
			],
			...(spec?.imagePullSecrets ? { imagePullSecrets: spec.imagePullSecrets } : {}),
			...(spec?.nodeSelector ? { nodeSelector: spec.nodeSelector } : {}),
			...(spec?.tolerations ? { tolerations: spec.tolerations } : {}),
		},
	};
}
