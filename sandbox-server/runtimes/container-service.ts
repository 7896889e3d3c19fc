/** A service that is a container. */
import { createHash } from 'node:crypto';
import type { ContainerSpec, Containers } from './containers.ts';
import type { Service } from './service.ts';

/** By which a running service is known to be as it is wanted: of its image, and with its limits. */
const specLabel = 'etabli.spec';

export class ContainerService implements Service {
	readonly #containers: Containers;
	readonly #spec: ContainerSpec;

	constructor(containers: Containers, spec: ContainerSpec) {
		this.#containers = containers;
		const digest = createHash('sha256').update(JSON.stringify(spec)).digest('hex');
		this.#spec = { ...spec, labels: { ...spec.labels, [specLabel]: digest.slice(0, 32) } };
	}

	async runs(): Promise<boolean> {
		const { name, labels } = this.#spec;
		return (await this.#containers.list(labels)).some((record) => record.name === name && record.running);
	}

	async start(): Promise<void> {
		await this.stop();
		await this.#containers.start(this.#spec);
	}

	async stop(): Promise<void> {
		await this.#containers.destroy(this.#spec.name);
	}
}
