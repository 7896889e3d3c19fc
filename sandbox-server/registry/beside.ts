/** The registry where somebody else runs it: in the same pod, as the chart has it. Only waited for, and looked after by whoever runs it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './client.ts';

/** How long it may take to answer after its start, in ms: it begins when the server does, and the garbage collection comes first. */
const startPatience = 120_000;

export class RegistryBeside {
	readonly socket: string;
	readonly data: string;

	/** @param folder as RegistryServiceOptions has it */
	constructor(folder: string) {
		this.data = join(folder, 'data');
		this.socket = join(folder, 'socket/registry.sock');
	}

	/** Resolves when it answers. @throws when it does not; the signal's reason */
	async start(signal?: AbortSignal): Promise<void> {
		for (const end = Date.now() + startPatience; !(await this.#healthy()); await sleep(200, undefined, { signal }))
			if (Date.now() > end) throw new Error(`no registry answers at ${this.socket}: is its container running beside the server?`);
	}

	async #healthy(): Promise<boolean> {
		const signal = AbortSignal.timeout(5000);
		return await ask(this.socket, { method: 'GET', path: '/v2/', signal }).then(
			({ status }) => status === 200,
			// Whatever the fault: it does not answer, which is the answer.
			() => false,
		);
	}

	/** As RegistryService's: nothing here, since it is not ours to end. */
	release(): void {}
	async stop(): Promise<void> {}
	missed(): void {}
}
