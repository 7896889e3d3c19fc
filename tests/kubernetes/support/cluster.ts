/** The Kubernetes cluster of the tests: started for a test, or by hand (`start-cluster.ts`), and gone with who started it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { run, runOk } from '../../../sandbox-server/setup/run.ts';
import { builtCluster, clusterVariable, whyNotBuilt } from '../../../sandbox-server/tools/testing/kubernetes-cluster.ts';

export interface StartRequest {
	/** Path of the program (`build.ts`). */
	program: string;
	nodes?: number;
	/** First two bytes of the addresses of machines, services and pods, such as 10.189. */
	net?: string;
	/** Folder of its files; unset: a temporary one, removed at the end. */
	folder?: string;
	onLine?: (line: string) => void;
}

export interface Cluster extends AsyncDisposable {
	folder: string;
	/** Path of a kubeconfig with every right. */
	kubeconfig: string;
	/** Runs kubectl to success. @returns what it says @throws Failure with what it said */
	kubectl(...args: string[]): Promise<string>;
	/** Applies it. @param flags of `kubectl apply` */
	apply(manifest: unknown, ...flags: string[]): Promise<void>;
	/** Brings images of the machine's Docker to every node. */
	load(...images: string[]): Promise<void>;
	/** Runs a command inside a machine: `control`, `node-1`, … */
	enter(machine: string, ...command: string[]): Promise<string>;
	/** As when the current fails; `start` brings it back, and resolves when it is ready. */
	kill(node: string): Promise<void>;
	start(node: string): Promise<void>;
	/** Ends everything and removes its files. */
	[Symbol.asyncDispose](): Promise<void>;
}

/** Starts one; resolves when its nodes are ready. @throws Error with what the program said last */
export async function startCluster({ program, nodes = 1, net = '10.189', folder, onLine }: StartRequest): Promise<Cluster> {
	const place = folder ?? mkdtempSync(join(tmpdir(), 'kube-'));
	mkdirSync(place, { recursive: true });
	const args = ['up', '--lease', '--data', place, '--nodes', String(nodes), '--net', net];
	const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
	const said: string[] = [];
	createInterface(child.stderr).on('line', (line) => {
		said.push(line);
		onLine?.(line);
	});
	const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
	const answer = async (): Promise<string> => {
		const { value, done } = await answers.next();
		if (done) throw new Error(`The cluster has ended:\n${said.slice(-20).join('\n')}`);
		return value;
	};
	const end = async (): Promise<void> => {
		await stop(child);
		if (!folder) rmSync(place, { recursive: true, force: true });
	};
	try {
		await answer();
	} catch (error) {
		await end();
		throw error;
	}
	const order = async (line: string): Promise<void> => {
		child.stdin.write(`${line}\n`);
		const said = await answer();
		if (!said.startsWith('done: ')) throw new Error(said);
	};
	return {
		...clusterIn(program, place),
		kill: (node) => order(`kill ${node}`),
		start: (node) => order(`start ${node}`),
		[Symbol.asyncDispose]: end,
	};
}

/** What can be done with a cluster that runs in this folder, whoever started it. */
export function clusterIn(program: string, folder: string): Omit<Cluster, 'kill' | 'start' | typeof Symbol.asyncDispose> {
	const kubeconfig = join(folder, 'kubeconfig');
	const env = { ...process.env, KUBECONFIG: kubeconfig };
	const kubectl = join(dirname(program), 'kubectl');
	return {
		folder,
		kubeconfig,
		kubectl: async (...args) => (await runOk(kubectl, args, { env })).stdout.trimEnd(),
		apply: async (manifest, ...flags) => await feed(kubectl, ['apply', '-f', '-', ...flags], JSON.stringify(manifest), env),
		load: async (...images) => {
			const archive = join(folder, 'images.tar');
			try {
				await runOk('docker', ['save', '--output', archive, ...images]);
				await runOk(program, ['images', '--data', folder, archive]);
			} finally {
				rmSync(archive, { force: true });
			}
		},
		enter: async (machine, ...command) => (await runOk(program, ['enter', '--data', folder, machine, ...command])).stdout,
	};
}

async function stop(child: ChildProcess): Promise<void> {
	const ended = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, 'exit');
	child.stdin?.end();
	await ended;
}

async function feed(command: string, args: readonly string[], input: string, env: NodeJS.ProcessEnv): Promise<void> {
	const child = spawn(command, args, { env, stdio: ['pipe', 'ignore', 'pipe'] });
	let said = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		said += text;
	});
	child.stdin.end(input);
	const [status] = await once(child, 'close');
	if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${said}`);
}

/** Removes what a killed cluster has left in a folder: control groups, above all. */
export async function sweepCluster(program: string, folder: string): Promise<void> {
	await run(program, ['sweep', '--data', folder]);
}

/** The program of a cluster for `./etabli test`, or why there is none, with what to do. */
export function clusterForTests(): { program: string } | { missing: string } {
	if (process.getuid?.() !== 0) return { missing: 'the cluster of the tests needs root' };
	const program = builtCluster();
	if (program) return { program };
	const build = `set ${clusterVariable}=1, and ./etabli test first builds the one of the tests: once for each machine, many minutes`;
	return { missing: `no Kubernetes cluster: ${whyNotBuilt() ?? build}` };
}
