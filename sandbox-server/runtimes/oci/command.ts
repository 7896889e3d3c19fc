/** An OCI runtime by its command line: what runc, crun, youki and runsc have in common. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { isGvisor } from '../../../src/shared/course/oci-runtimes.ts';

/** Where OCI runtimes are; a user's PATH may lack the system's folders. */
export const programFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** In which they are found by their names, and find their own helpers. */
export function programEnv(): NodeJS.ProcessEnv {
	return { ...process.env, PATH: programFolders.join(':') };
}

export interface OciCommand {
	/** Such as "runc". */
	program: string;
	/** Its own folder of states. */
	root: string;
	args: readonly string[];
	/** Where it writes what went wrong. */
	log: string;
	/** Killed when it aborts. */
	signal: AbortSignal;
}

/**
 * What gVisor is to be told, besides what a container's configuration says: a network with its loopback interface alone; and that the agent may connect to the
 * socket in the folder that it shares with the server, which is nobody's but this sandbox's.
 */
export const gvisorOptions = ['--network=none', '--host-uds=open'];

/** The runtime's whole command line but its own name. Pure. */
export function ociArguments({ program, root, args, log }: Omit<OciCommand, 'signal'>): string[] {
	return [...(isGvisor(program) ? gvisorOptions : []), '--root', root, '--log', log, '--log-format', 'json', ...args];
}

/**
 * Nothing of ours is inherited but /dev/null: what the runtime starts would have it too.
 * @throws Error with the runtime's own last words; the signal's reason
 */
export async function runOci({ program, root, args, log, signal }: OciCommand): Promise<void> {
	const status = await new Promise<number | string>((resolve, reject) => {
		signal.throwIfAborted();
		const child = spawn(program, ociArguments({ program, root, args, log }), {
			stdio: 'ignore',
			cwd: '/',
			env: programEnv(),
			signal,
			killSignal: 'SIGKILL',
		});
		child.once('error', (error: NodeJS.ErrnoException) => {
			const told = error.code === 'ENOENT' ? new Error(`the OCI runtime ${program} is not there (any more)`, { cause: error }) : error;
			reject(signal.aborted ? signal.reason : told);
		});
		child.once('exit', (code, by) => resolve(code ?? by ?? 'unknown'));
	});
	if (status !== 0) throw new Error(lastWords(log) ?? `${program} ${args[0] ?? ''} ended with ${status}`);
}

function lastWords(log: string): string | undefined {
	if (!existsSync(log)) return undefined;
	const said = readFileSync(log, 'utf8')
		.split('\n')
		.flatMap((line) => {
			try {
				const { level, msg } = JSON.parse(line) as { level?: string; msg?: string };
				// gVisor's last words are a warning.
				return level === 'error' || level === 'fatal' || msg?.startsWith('FATAL ERROR: ') ? (msg ?? []) : [];
			} catch {
				// Not a line of its log.
				return [];
			}
		});
	return said.at(-1);
}
