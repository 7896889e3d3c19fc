/** What the benchmarks hold its figures against: the engine alone, with nothing of ours between. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { DockerEngine } from '../../runtimes/docker/engine.ts';
import { execTerminal, PlainContainer } from '../../runtimes/docker/plain-container.ts';
import { sandboxContainer } from '../../runtimes/sandbox-container.ts';
import { which } from '../../setup/run.ts';
import { now } from './client.ts';
import { PromptCounter } from './finder.ts';
import type { Kit } from './kit.ts';

const shell = ['bash', '--rcfile', '/opt/etabli/bashrc', '-i'];

/** The same as a command, for a program that has pseudo-terminals itself. @throws Error: there is no Docker, or no client of it */
export function ownShell(kit: Kit, container: string): string[] {
	const { url } = dockerOf(kit);
	const client = which('docker');
	if (!client) throw new Error('there is no Docker client on this machine (package docker-cli or docker.io)');
	return [client, '--host', url, 'exec', '--interactive', '--tty', '--env', 'TERM=xterm-256color', container, ...shell];
}

/** A shell on a pseudo-terminal by the engine's `exec`, in a container that is there: what `docker exec -it` gives. */
export class RawTerminal {
	bytes = 0;
	prompts = 0;
	onOutput: ((bytes: Uint8Array) => void) | undefined;
	readonly #stream: Duplex;
	readonly #counter = new PromptCounter();
	readonly #looks = new Set<() => void>();

	private constructor(stream: Duplex) {
		this.#stream = stream;
		stream.on('error', () => undefined); // A container that goes takes its stream along.
		stream.on('data', (bytes: Buffer) => {
			this.bytes += bytes.length;
			this.prompts += this.#counter.push(bytes);
			this.onOutput?.(bytes);
			for (const look of [...this.#looks]) look();
		});
	}

	/** Resolves at the prompt. */
	static async open(kit: Kit, container: string): Promise<RawTerminal> {
		const { stream, resize } = await execTerminal(dockerOf(kit), container, shell);
		const terminal = new RawTerminal(stream);
		await terminal.until(() => terminal.prompts > 0, 'a prompt by exec');
		await resize(120, 30);
		return terminal;
	}

	type(text: string): void {
		this.#stream.write(text);
	}

	async run(command: string): Promise<void> {
		const before = this.prompts;
		this.type(`${command}\r`);
		await this.until(() => this.prompts > before, `the prompt after "${command.slice(0, 60)}"`);
	}

	until(condition: () => boolean, what: string, ms = 120_000): Promise<void> {
		return new Promise((resolve, reject) => {
			const look = () => {
				if (!condition()) return;
				clearTimeout(timer);
				this.#looks.delete(look);
				resolve();
			};
			const timer = setTimeout(() => {
				this.#looks.delete(look);
				reject(new Error(`waiting for ${what}: not after ${ms} ms`));
			}, ms);
			this.#looks.add(look);
			look();
		});
	}

	close(): void {
		this.#stream.destroy();
	}
}

/** A container of the sandbox's image with the sandbox's options and another main process. Call `remove` in any case. */
export class RawContainer {
	readonly #container: PlainContainer;
	readonly #folder: string;
	/** From the request to the first prompt of its shell, ms; NaN for a container that has none. */
	readonly promptMs: number;

	private constructor(container: PlainContainer, folder: string, promptMs: number) {
		this.#container = container;
		this.#folder = folder;
		this.promptMs = promptMs;
	}

	/**
	 * As `docker run -it` does it: create, attach, start; and waits for the prompt. The command's own start-up is not in it.
	 * @param idle runs a sleeping process instead of a shell
	 */
	static async run(kit: Kit, { idle = false } = {}): Promise<RawContainer> {
		const { image, guest, limits } = kit;
		const engine = dockerOf(kit);
		const folder = mkdtempSync(join(tmpdir(), 'etabli-raw-'));
		const spec = sandboxContainer(
			{ name: `etabli-raw-${process.pid}-${count++}`, image, ociRuntime: undefined, limits, labels: {} },
			{ transport: folder, guest },
			idle ? ['sleep', 'infinity'] : shell,
		);
		const begun = now();
		const container = await PlainContainer.create(engine, spec, { terminal: !idle });
		try {
			if (idle) {
				await container.start();
				return new RawContainer(container, folder, Number.NaN);
			}
			const stream = await container.attach();
			const counter = new PromptCounter();
			const prompted = new Promise<number>((resolve, reject) => {
				stream.on('data', (bytes: Buffer) => counter.push(bytes) > 0 && resolve(now()));
				stream.once('error', reject).once('end', () => reject(new Error('the container ended before its prompt')));
			});
			prompted.catch(() => undefined); // Awaited below, unless the start itself fails.
			await container.start();
			const at = await prompted;
			stream.destroy();
			return new RawContainer(container, folder, at - begun);
		} catch (error) {
			await container.remove();
			rmSync(folder, { recursive: true, force: true });
			throw error;
		}
	}

	/**
	 * One that serves something, with the engine's own network, and its port forwarded to one of 127.0.0.1.
	 * @param command its main process; it listens on `port` of every address
	 */
	static async serve(kit: Kit, command: string[], port: number): Promise<{ container: RawContainer; port: number }> {
		const { image, guest, limits } = kit;
		const folder = mkdtempSync(join(tmpdir(), 'etabli-raw-'));
		const spec = sandboxContainer(
			{ name: `etabli-raw-${process.pid}-${count++}`, image, ociRuntime: undefined, limits, labels: {} },
			{ transport: folder, guest },
			command,
		);
		const container = new RawContainer(await PlainContainer.create(dockerOf(kit), spec, { terminal: false, port }), folder, Number.NaN);
		try {
			await container.#container.start();
			return { container, port: await container.#container.forwarded(port) };
		} catch (error) {
			await container.remove();
			throw error;
		}
	}

	async pid(): Promise<number> {
		return await this.#container.pid();
	}

	async remove(): Promise<void> {
		await this.#container.remove();
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

let count = 0;

/** @throws Error: the reference is always Docker */
function dockerOf({ engine }: Kit): DockerEngine {
	const { builder } = engine;
	if (builder instanceof DockerEngine && builder.kind === 'docker') return builder;
	throw new Error(`the reference is made with Docker’s interface; this engine is ${engine.kind}`);
}
