/**
 * A Docker Engine of this test's own, which may be killed: dockerd with its own containerd, folders and socket, beside the machine's. It
 * comes back by itself when it ends, as an init system would have it, until `stop`. Needs root and an installed dockerd.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientOf } from '../../../sandbox-server/images/docker/client.ts';
import type { Engine } from '../../../sandbox-server/runtimes/engine.ts';
import { startTime } from '../../../sandbox-server/setup/processes.ts';
import { run, which } from '../../../sandbox-server/setup/run.ts';
import { patience } from '../../../sandbox-server/tools/testing/slowness.ts';
import { eventually } from '../../fixtures/eventually.ts';

/** Before it is started again, ms: what an init system waits. */
const restartPause = 200;

export interface OwnEngineOptions {
	/** Containers go on while the daemon is away; otherwise the daemon ends them when it comes back. */
	liveRestore: boolean;
}

/** Why there can be none here; undefined: there can. */
export function whyNoEngine(): string | undefined {
	if (process.getuid?.() !== 0) return 'only root can start a container engine beside the machine’s own';
	return which('dockerd') ? undefined : 'there is no dockerd on this machine';
}

export class OwnEngine {
	readonly #folder = mkdtempSync(join(tmpdir(), 'etabli-e-'));
	readonly #liveRestore: boolean;
	#child: ChildProcess | undefined;
	#stopping = false;
	/** Times that it was started. */
	starts = 0;

	private constructor({ liveRestore }: OwnEngineOptions) {
		this.#liveRestore = liveRestore;
	}

	/** Started, and it answers. Call `stop` in any case. */
	static async start(options: OwnEngineOptions): Promise<OwnEngine> {
		const engine = new OwnEngine(options);
		// A test that is killed leaves no engine: the runner's SIGTERM would otherwise end this process alone.
		process.once('exit', () => engine.#child?.kill('SIGKILL'));
		try {
			engine.#spawn();
			await engine.answers();
			return engine;
		} catch (error) {
			await engine.stop();
			throw error;
		}
	}

	get url(): string {
		return `unix://${join(this.#folder, 'docker.sock')}`;
	}

	/** The program's own interface: this is about Docker itself. */
	get docker(): ReturnType<typeof clientOf> {
		return clientOf(this.url);
	}

	#spawn(): void {
		const { PATH = '' } = process.env;
		const log = openSync(join(this.#folder, 'dockerd.log'), 'a', 0o600);
		const child = spawn(
			// A network of its own: an engine that is to have no bridge takes docker0 away, and that is the machine's. Its containers have none.
			'unshare',
			[
				...['--net', which('dockerd') ?? 'dockerd'],
				...['--host', this.url, '--data-root', join(this.#folder, 'data'), '--exec-root', join(this.#folder, 'exec')],
				...['--pidfile', join(this.#folder, 'pid'), '--bridge', 'none', '--iptables=false', '--ip6tables=false', '--log-level', 'warn'],
				...(this.#liveRestore ? ['--live-restore'] : []),
			],
			// A session of its own: Ctrl-C at the terminal is for the test, which stops the engine last.
			{ detached: true, stdio: ['ignore', log, log], env: { ...process.env, PATH: `${PATH}:/usr/local/sbin:/usr/sbin:/sbin` } },
		);
		closeSync(log);
		this.#child = child;
		this.starts++;
		child.once('exit', () => setTimeout(() => this.#again(), restartPause));
	}

	#again(): void {
		if (this.#stopping) return;
		// dockerd believes the number of a containerd that has died with it, as long as nobody has collected its remains, and waits 15 s for it. An
		// init system clears away what is left of a service before it starts it again.
		const note = join(this.#folder, 'exec/containerd/containerd.pid');
		if (existsSync(note) && startTime(Number(readFileSync(note, 'utf8'))) === undefined) rmSync(note, { force: true });
		this.#spawn();
	}

	/** Resolves when it answers. @throws Error with its last words */
	async answers(): Promise<void> {
		try {
			await eventually(
				() =>
					this.docker.ping().then(
						() => true,
						() => false,
					),
				'the engine to answer',
			);
		} catch (error) {
			throw new Error(`the engine of this test does not answer:\n${this.said().slice(-2000)}`, { cause: error });
		}
	}

	said(): string {
		const path = join(this.#folder, 'dockerd.log');
		return existsSync(path) ? readFileSync(path, 'utf8') : '';
	}

	/** Process number of the daemon, or of the containerd that it has started; undefined when that does not run just now. */
	pid(which: 'dockerd' | 'containerd'): number | undefined {
		const daemon = this.#child;
		if (!daemon?.pid || daemon.exitCode !== null || daemon.signalCode !== null) return undefined;
		if (which === 'dockerd') return daemon.pid;
		const path = join(this.#folder, 'exec/containerd/containerd.pid');
		const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
		return pid > 0 && commandLine(pid)[0]?.endsWith('containerd') ? pid : undefined;
	}

	/** Copies images of the machine's engine, with their names. */
	async bring(from: Engine, images: readonly string[]): Promise<void> {
		for (const image of images) {
			const loading = await this.docker.loadImage(await from.images.save([image]));
			// Its words of progress have to be read for it to go on.
			await once(loading.resume(), 'end');
			await this.docker.getImage(image).inspect();
		}
	}

	/** Processes that look after containers of this engine, one for each that runs. */
	shims(): number[] {
		const address = join(this.#folder, 'exec/containerd/containerd.sock');
		return readdirSync('/proc')
			.filter((name) => /^\d+$/.test(name))
			.map(Number)
			.filter((pid) => {
				const words = commandLine(pid);
				return words[0]?.includes('containerd-shim') && words.includes(address);
			});
	}

	/** What such a process looks after: its container's id, and the programs in it; those of a start that never came to its end do not count. */
	lookedAfter(shim: number): { container: string; programs: string[] } {
		const words = commandLine(shim);
		const container = words[words.indexOf('-id') + 1] ?? '';
		const programs = childrenOf(shim).map((pid) => commandLine(pid).join(' ').trim());
		return { container, programs: programs.filter((program) => program !== '' && !program.startsWith('runc init')) };
	}

	/** Ends it with every container, and removes all of it. Idempotent. */
	async stop(): Promise<void> {
		if (!existsSync(this.#folder)) return;
		try {
			await this.docker.ping();
			for (const { Id } of await this.docker.listContainers({ all: true }))
				await this.docker.getContainer(Id).remove({ force: true, v: true });
		} catch {
			// It does not answer: its processes are ended below.
		}
		this.#stopping = true;
		const child = this.#child;
		if (child?.pid && child.exitCode === null && child.signalCode === null) {
			const ended = once(child, 'exit');
			child.kill('SIGTERM');
			const hard = setTimeout(() => child.kill('SIGKILL'), patience(20_000));
			await ended;
			clearTimeout(hard);
		}
		for (const pid of this.shims()) process.kill(pid, 'SIGKILL');
		await sleep(100);
		for (const mount of mountsBelow(this.#folder)) await run('umount', ['--lazy', mount]);
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

/** Words of a process's command; none when it is gone. */
export function commandLine(pid: number): string[] {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
	} catch {
		// It has ended since it was listed.
		return [];
	}
}

/** Numbers of a process's children; none when it is gone. */
export function childrenOf(pid: number): number[] {
	try {
		return readdirSync(`/proc/${pid}/task`)
			.flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' '))
			.filter(Boolean)
			.map(Number);
	} catch {
		// It has ended since it was listed.
		return [];
	}
}

/** Mount points below a folder, the innermost first. */
function mountsBelow(folder: string): string[] {
	return readFileSync('/proc/self/mounts', 'utf8')
		.split('\n')
		.map((line) => line.split(' ')[1] ?? '')
		.filter((place) => place.startsWith(`${folder}/`))
		.sort((a, b) => b.length - a.length);
}
