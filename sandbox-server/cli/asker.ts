import type { Asker } from '../setup/packages.ts';

/** How to ask whoever is there. CI=true: nobody is, whatever the streams look like. @param yes --yes */
export function asker(yes: boolean): Asker {
	const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true && process.env['CI'] !== 'true';
	return { yes, interactive, input: process.stdin, output: process.stdout };
}
