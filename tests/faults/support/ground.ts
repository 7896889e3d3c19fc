/** What is behind the sandboxes of a busy class: seen from outside, and killed. Docker, or the server itself with an OCI runtime. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bundles } from '../../../sandbox-server/runtimes/oci/bundles.ts';
import { imageRoot, ociContainersLeft, stateRoot } from '../../../sandbox-server/runtimes/oci/engine.ts';
import type { Random } from '../../fixtures/random.ts';
import type { WholeServer } from '../../fixtures/server.ts';
import { childrenOf, commandLine, type OwnEngine } from './own-engine.ts';

export interface Ground {
	/** Containers of the server, ended ones too. @throws Error when nobody can say */
	containers(): Promise<{ name: string; running: boolean }[]>;
	/** Number of a container's first process; undefined when it does not run or nobody can say. */
	mainProcess(name: string): Promise<number | undefined>;
	/** A program behind the sandboxes, to be killed; undefined when that does not run just now. */
	victim(random: Random): { name: string; pid: number } | undefined;
	/** What there is that nobody knows of, or that nobody looks after. */
	amiss(): Promise<string[]>;
	/** What is there when the server has been stopped for good: nothing is allowed to be, but what is the engine's own affair, `harmless`. */
	remains(): { left: string[]; harmless: number };
}

/** A Docker Engine of the test's own, with containers of this server alone. */
export class DockerGround implements Ground {
	readonly #engine: OwnEngine;

	constructor(engine: OwnEngine) {
		this.#engine = engine;
	}

	async containers(): Promise<{ name: string; running: boolean }[]> {
		const all = await this.#engine.docker.listContainers({ all: true });
		return all.map(({ Names, State }) => ({ name: (Names[0] ?? '').slice(1), running: State === 'running' }));
	}

	async mainProcess(name: string): Promise<number | undefined> {
		try {
			const { State } = await this.#engine.docker.getContainer(name).inspect();
			return State.Running && State.Pid > 1 ? State.Pid : undefined;
		} catch {
			// The engine is away, or the container: something else is killed instead.
			return undefined;
		}
	}

	victim(random: Random): { name: string; pid: number } | undefined {
		const name = random.below(3) === 0 ? 'containerd' : 'dockerd';
		const pid = this.#engine.pid(name);
		return pid === undefined ? undefined : { name, pid };
	}

	async amiss(): Promise<string[]> {
		const wrong: string[] = [];
		const { Volumes } = await this.#engine.docker.listVolumes();
		for (const { Name } of Volumes ?? []) wrong.push(`volume ${Name}`);
		// A dockerd that is killed in the middle of a start may forget the container and leave the process that was to look after it, with nothing
		// to look after: that is the engine's, and is counted by whoever asks for `remains`. Anything that runs in one would be ours.
		const all = await this.#engine.docker.listContainers();
		const running = all.map(({ Id }) => Id);
		for (const { container, programs } of this.#strays(running)) {
			if (programs.length > 0) wrong.push(`engine: of no container, ${container.slice(0, 12)} runs ${programs.join(', ')}`);
		}
		const lookedAfter = this.#engine.shims().map((pid) => this.#engine.lookedAfter(pid).container);
		for (const id of running) if (!lookedAfter.includes(id)) wrong.push(`engine: nobody looks after ${id.slice(0, 12)}`);
		return wrong;
	}

	remains(): { left: string[]; harmless: number } {
		const strays = this.#strays([]);
		const left = strays.filter(({ programs }) => programs.length > 0);
		return { left: left.map(({ container, programs }) => `${container}: ${programs}`), harmless: strays.length - left.length };
	}

	/** Processes that look after containers which the engine does not know, with the programs in them. */
	#strays(running: readonly string[]): { container: string; programs: string[] }[] {
		return this.#engine
			.shims()
			.map((pid) => this.#engine.lookedAfter(pid))
			.filter(({ container }) => !running.includes(container));
	}
}

/** The server starts its sandboxes itself. What others of this machine have there before the test is theirs. */
export class OciGround implements Ground {
	readonly #server: WholeServer;
	readonly #builder: OwnEngine;
	readonly #before = new Set(this.#found());

	/** @param builder an engine of the test's own, with the images */
	constructor(server: WholeServer, builder: OwnEngine) {
		this.#server = server;
		this.#builder = builder;
	}

	async containers(): Promise<{ name: string; running: boolean }[]> {
		const instance = readFileSync(join(this.#server.data, 'instance'), 'utf8').trim();
		return (await ociContainersLeft()?.list({ 'etabli.instance': instance })) ?? [];
	}

	async mainProcess(name: string): Promise<number | undefined> {
		return ociContainersLeft()?.pid(name);
	}

	/** What is about to start a sandbox, where something is; else what waits for their ends; or the engine that has the images. */
	victim(random: Random): { name: string; pid: number } | undefined {
		const children = childrenOf(this.#server.pid).map((pid) => ({ pid, words: commandLine(pid) }));
		const starter = children.find(({ words }) => words.includes('--bundle'));
		const watcher = children.find(({ words }) => words.includes('--watch-ends'));
		const choice = random.below(3);
		if (starter && choice !== 2) return { name: 'the OCI runtime at a start', pid: starter.pid };
		if (watcher && choice !== 2) return { name: 'what waits for ends', pid: watcher.pid };
		const pid = this.#builder.pid('dockerd');
		return pid === undefined ? undefined : { name: 'the engine that builds', pid };
	}

	async amiss(): Promise<string[]> {
		return this.#new();
	}

	remains(): { left: string[]; harmless: number } {
		return { left: this.#new(), harmless: 0 };
	}

	#new(): string[] {
		return this.#found().filter((one) => !this.#before.has(one));
	}

	/** States and control groups of no container, and mounts that everybody sees. */
	#found(): string[] {
		const known = new Set(new Bundles(join(stateRoot, 'bundles')).names());
		const strange = (folder: string) =>
			existsSync(folder)
				? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !known.has(entry.name))
				: [];
		// "": cgroup v2 has one hierarchy, which is that folder itself.
		const hierarchies = ['', ...readdirSync('/sys/fs/cgroup')].map((name) => join('/sys/fs/cgroup', name, 'etabli'));
		return [
			...[join(stateRoot, 'states'), ...hierarchies].flatMap((folder) =>
				strange(folder).map(({ name }) => `${folder}: ${name} is nobody’s`),
			),
			...readFileSync('/proc/self/mounts', 'utf8')
				.split('\n')
				.filter((line) => line.includes(` ${stateRoot}/`) || line.includes(` ${imageRoot}/`)),
		];
	}
}
