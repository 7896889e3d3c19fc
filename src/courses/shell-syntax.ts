/** Asks the shell itself whether it understands commands and scripts, without running them. */
import { spawnSync } from 'node:child_process';

/** Why bash does not understand a text, in its own words; undefined: it does, or there is no bash here to be asked. */
export function bashFault(text: string): { line: number; message: string } | undefined {
	const result = spawnSync('bash', ['-n'], {
		input: `${text}\n`,
		encoding: 'utf8',
		env: { PATH: process.env['PATH'], LC_ALL: 'C' },
		timeout: 10_000,
	});
	if (result.error || (result.status === 0 && !result.stderr)) return undefined;
	const [first = ''] = result.stderr.trim().split('\n');
	const [, line = '1', message = first] = /line (\d+): (.*)$/.exec(first) ?? [];
	return { line: Number(line), message };
}

/** Is there a bash on this machine to be asked? */
export const hasBash = (): boolean => spawnSync('bash', ['-n', '-c', ''], { timeout: 10_000 }).status === 0;

/**
 * Why grep -E, which tries regular expressions in sandboxes, does not understand one, or reads it otherwise than it looks; in its own words.
 * undefined: it does, or there is no grep here to be asked.
 */
export function regexFault(regex: string): string | undefined {
	// Those of other dialects: some versions of grep read them as plain letters without a word.
	const letter = /(?<!\\)(?:\\\\)*\\([A-Za-z])/.exec(regex)?.[1];
	if (letter && !'wWsSbB'.includes(letter)) return `\\${letter} has no meaning there`;
	const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' };
	const { error, status, stderr } = spawnSync('grep', ['-E', '-e', regex], { input: '', encoding: 'utf8', env, timeout: 10_000 });
	if (error || (stderr === '' && (status ?? 2) < 2)) return undefined;
	return /grep: (?:warning: )?(.*)/.exec(stderr)?.[1] ?? `grep ended with ${status}`;
}
