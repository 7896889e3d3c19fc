/** Vite plugin: `virtual:etabli/comparison` is what `./etabli compare` found on this machine, as data; undefined when it was not run. */
import { readFileSync } from 'node:fs';
import { type Comparison, comparisonSchema } from '../shared/comparison/comparison.ts';
import type { VitePlugin } from './vite-plugin.ts';

const name = 'virtual:etabli/comparison';

/** @param path JSON as the command has written it; undefined: there is none @throws Error when it is something else */
export function readComparisonFile(path: string | undefined): Comparison | undefined {
	return path ? comparisonSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}

/** @param comparison undefined: there is no result, and no link to it */
export function comparisonModule(comparison: Comparison | undefined): VitePlugin {
	return {
		name: 'etabli-comparison',
		resolveId: (id) => (id === name ? `\0${name}` : undefined),
		load: (id) => (id === `\0${name}` ? `export const comparison = ${JSON.stringify(comparison)};` : undefined),
	};
}
