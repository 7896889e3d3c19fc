/** Builds the agent: a small static program, from C with no dependency but libc. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Folder of the agent's sources. */
export const agentFolder = join(import.meta.dirname, 'agent');
/** Its sources, relative to `agentFolder`; its headers lie beside them. */
export const agentSources = [
	'attributes.c',
	'carry.c',
	'connection.c',
	'forward.c',
	'frames.c',
	'incoming.c',
	'limits.c',
	'main.c',
	'modes.c',
	'preamble.c',
	'requests.c',
	'ring.c',
	'root.c',
	'run.c',
	'spawn.c',
	'streams.c',
	'terminal.c',
	'vitals.c',
	'watch.c',
] as const;
export const agentHeaders = ['agent.h', 'modes.h'] as const;
/** Harnesses of the fuzzers, relative to `agentFolder`: not part of the program. */
export const fuzzers = {
	frames: {
		harness: ['fuzz/fuzz-frames.c', 'fuzz/fake-spawn.c'],
		under: [
			'attributes.c',
			'frames.c',
			'incoming.c',
			'modes.c',
			'preamble.c',
			'requests.c',
			'ring.c',
			'run.c',
			'streams.c',
			'terminal.c',
			'vitals.c',
		],
	},
	modes: { harness: ['fuzz/fuzz-modes.c'], under: ['attributes.c', 'modes.c', 'preamble.c', 'ring.c'] },
} as const;
/** For the compiler of an image's build as well: `cc <flags> -o agent <sources>`. */
export const agentFlags = ['-std=gnu11', '-static', '-O2', '-Wall', '-Wextra', '-Werror'] as const;

/**
 * Compiles the agent with a compiler of this machine.
 * @param outFile path of the program to make
 * @throws with the compiler's own words when it fails or is not there
 */
export async function compileAgent(outFile: string, options: { cc?: string; flags?: readonly string[] } = {}): Promise<void> {
	const { cc = 'cc', flags = agentFlags } = options;
	await promisify(execFile)(cc, [...flags, '-o', outFile, ...agentSources], { cwd: agentFolder });
}
