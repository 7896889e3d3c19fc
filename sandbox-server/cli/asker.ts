import { createInterface } from 'node:readline';
import { Failure } from '../setup/failure.ts';
import type { Asker } from '../setup/packages.ts';

/** How to ask whoever is there. CI=true: nobody is, whatever the streams look like. @param yes --yes */
export function asker(yes: boolean): Asker {
	const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true && process.env['CI'] !== 'true';
	return { yes, interactive, input: process.stdin, output: process.stdout };
}

/** Asks before something that cannot be undone; an empty answer is no. @throws Failure when nobody is there to ask, and --yes was not given */
export async function sure({ yes, interactive, input, output }: Asker, question: string): Promise<boolean> {
	if (yes) return true;
	if (!interactive) throw new Failure(`${question} Nobody is there to answer.`, { hint: '--yes answers it.' });
	const lines = createInterface({ input, output, prompt: `${question} [y/N] ` });
	try {
		lines.prompt();
		for await (const line of lines) return ['y', 'yes', 'o', 'oui'].includes(line.trim().toLowerCase());
		return false;
	} finally {
		lines.close();
	}
}
