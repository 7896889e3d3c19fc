/** Containers as anybody would have them from the engine, with its own terminals: what the benchmarks hold ours against. */
import type { Duplex } from 'node:stream';
import type { Container } from 'dockerode';
import type { ContainerSpec } from '../containers.ts';
import type { DockerEngine } from './engine.ts';
import { containerOptions } from './options.ts';

export interface PlainTerminal {
	stream: Duplex;
	resize(columns: number, rows: number): Promise<void>;
}

/** A program on a pseudo-terminal in a container that is there: what `docker exec -it` gives. */
export async function execTerminal(engine: DockerEngine, container: string, command: string[]): Promise<PlainTerminal> {
	const exec = await engine.client.getContainer(container).exec({
		Cmd: command,
		AttachStdin: true,
		AttachStdout: true,
		AttachStderr: true,
		Tty: true,
		Env: ['TERM=xterm-256color'],
	});
	const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
	return { stream, resize: async (w, h) => void (await exec.resize({ w, h })) };
}

/** A container of such a specification. Call `remove` in any case. */
export class PlainContainer {
	readonly #container: Container;

	private constructor(container: Container) {
		this.#container = container;
	}

	/** @param terminal its main process has a pseudo-terminal */
	static async create(engine: DockerEngine, spec: ContainerSpec, { terminal }: { terminal: boolean }): Promise<PlainContainer> {
		const options = containerOptions(spec, engine.traits, spec.seccomp && JSON.stringify(spec.seccomp));
		const asked = terminal ? { Tty: true, OpenStdin: true, AttachStdin: true, AttachStdout: true, AttachStderr: true } : {};
		return new PlainContainer(await engine.client.createContainer({ ...options, ...asked }));
	}

	/** Its terminal; before `start`, so that nothing is missed. */
	async attach(): Promise<Duplex> {
		return (await this.#container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })) as Duplex;
	}

	async start(): Promise<void> {
		await this.#container.start();
	}

	/** Number of its main process. */
	async pid(): Promise<number> {
		return (await this.#container.inspect()).State.Pid;
	}

	async remove(): Promise<void> {
		await this.#container.remove({ force: true, v: true });
	}
}
