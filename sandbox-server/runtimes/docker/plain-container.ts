/** Containers as anybody would have them from the engine, with its own terminals: what the benchmarks hold ours against. */
import type { Duplex } from 'node:stream';
import type { Container, HostConfig } from 'dockerode';
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

	/** @param terminal its main process has a pseudo-terminal; @param port of it that the engine forwards, on its own network */
	static async create(
		engine: DockerEngine,
		spec: ContainerSpec,
		{ terminal, port }: { terminal: boolean; port?: number },
	): Promise<PlainContainer> {
		const options = containerOptions(spec, engine.traits, spec.seccomp && JSON.stringify(spec.seccomp));
		const asked = terminal ? { Tty: true, OpenStdin: true, AttachStdin: true, AttachStdout: true, AttachStderr: true } : {};
		const forwarded = port === undefined ? {} : forwarding(options.HostConfig ?? {}, port);
		return new PlainContainer(await engine.client.createContainer({ ...options, ...asked, ...forwarded }));
	}

	/** Its terminal; before `start`, so that nothing is missed. */
	async attach(): Promise<Duplex> {
		return (await this.#container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })) as Duplex;
	}

	async start(): Promise<void> {
		await this.#container.start();
	}

	/** Port of 127.0.0.1 at which the engine answers for this one. @throws Error when it does not */
	async forwarded(port: number): Promise<number> {
		const found = (await this.#container.inspect()).NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort;
		if (!found) throw new Error(`the engine does not forward port ${port}`);
		return Number(found);
	}

	/** Number of its main process. */
	async pid(): Promise<number> {
		return (await this.#container.inspect()).State.Pid;
	}

	async remove(): Promise<void> {
		await this.#container.remove({ force: true, v: true });
	}
}

/** As `docker run --publish 127.0.0.1::PORT`. */
function forwarding(host: HostConfig, port: number): { ExposedPorts: object; NetworkDisabled: false; HostConfig: HostConfig } {
	const name = `${port}/tcp`;
	return {
		ExposedPorts: { [name]: {} },
		NetworkDisabled: false,
		HostConfig: { ...host, NetworkMode: 'bridge', PortBindings: { [name]: [{ HostIp: '127.0.0.1', HostPort: '' }] } },
	};
}
