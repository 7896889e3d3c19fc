/** Running other programs: output by lines to the log, a clear failure, ended with us. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Failure } from './failure.ts';

export interface RunOptions {
	cwd?: string | undefined;
	env?: NodeJS.ProcessEnv | undefined;
	/** Called with each line of stdout and stderr. */
	onLine?: ((line: string) => void) | undefined;
	signal?: AbortSignal | undefined;
	/** ms; the program is ended afterwards. */
	timeout?: number | undefined;
	/** ms; the program is ended when it has said nothing for so long. */
	silence?: number | undefined;
}

export interface RunResult {
	/** Exit status; 128 + n after signal n is not distinguished: -1. */
	status: number;
	stdout: string;
	/** The last lines of stdout and stderr together. */
	tail: string;
}

const tailLines = 20;
/** Bytes of stdout kept for the caller. */
const stdoutLimit = 16 * 2 ** 20;

/** Runs to the end, whatever the status. @throws Failure when the program does not exist */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, {
			cwd: options.cwd,
			env: options.env ?? process.env,
			stdio: ['ignore', 'pipe', 'pipe'],
			signal: options.signal,
			timeout: options.timeout,
		});
		const tail: string[] = [];
		const { silence } = options;
		const hush = silence === undefined ? undefined : setTimeout(() => child.kill(), silence);
		let stdout = '';
		const reader = (keep: boolean): ((chunk: string) => void) => {
			let rest = '';
			return (chunk) => {
				hush?.refresh();
				if (keep && stdout.length < stdoutLimit) stdout += chunk;
				const lines = (rest + chunk).split(/\r?\n|\r/);
				rest = lines.pop() ?? '';
				for (const line of lines) {
					if (!line.trim()) continue;
					options.onLine?.(line);
					tail.push(line);
					if (tail.length > tailLines) tail.shift();
				}
			};
		};
		const readers = [
			{ stream: child.stdout, read: reader(true) },
			{ stream: child.stderr, read: reader(false) },
		];
		for (const { stream, read } of readers) {
			stream.setEncoding('utf8');
			stream.on('data', read);
			// The last line may lack its end.
			stream.on('end', () => read('\n'));
		}
		let aborted: Error | undefined;
		child.on('error', (error) => {
			clearTimeout(hush);
			// It has been told to end, and may still be writing.
			if (error.name === 'AbortError') aborted = error;
			else reject(new Failure(`Could not run ${command}: ${error.message}`, { cause: error }));
		});
		child.on('close', (status) => {
			clearTimeout(hush);
			if (aborted) reject(aborted);
			else resolve({ status: status ?? -1, stdout, tail: tail.join('\n') });
		});
	});
}

/** Runs to success. @throws Failure with the last lines of what was said */
export async function runOk(command: string, args: readonly string[], options: RunOptions & { hint?: string } = {}): Promise<RunResult> {
	const result = await run(command, args, options);
	if (result.status !== 0) {
		const words = [command, ...args].join(' ');
		throw new Failure(
			`"${words.length > 120 ? `${words.slice(0, 117)}...` : words}" failed (status ${result.status}):\n${indent(result.tail)}`,
			{
				...(options.hint === undefined ? {} : { hint: options.hint }),
			},
		);
	}
	return result;
}

function indent(text: string): string {
	return text.replace(/^/gm, '    ');
}

/** Where the shell would find the program; undefined when nowhere. The system's own folders are searched even if PATH lacks them. */
export function which(command: string, path: string = process.env['PATH'] ?? ''): string | undefined {
	for (const folder of [...path.split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']) {
		if (!folder) continue;
		const file = join(folder, command);
		try {
			accessSync(file, constants.X_OK);
			return file;
		} catch {
			// not in this folder
		}
	}
	return undefined;
}

/** Which engine is installed, by what starts it. Docker is preferred: it is what most courses are run with. */
export function installedEngine(): 'docker' | 'podman' | undefined {
	if (which('dockerd')) return 'docker';
	return which('podman') ? 'podman' : undefined;
}
