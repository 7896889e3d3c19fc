/** The suites in their order, cheapest first, and which files and programs each needs. */
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../../setup/paths.ts';

export type SuiteName = 'types' | 'lint' | 'imports' | 'unit' | 'contract' | 'integration' | 'security' | 'faults' | 'e2e';

export interface Suite {
	name: SuiteName;
	/** node: `node --test`; playwright; or programs of which each counts as one test. */
	kind: 'node' | 'playwright' | { title: string; args: string[] }[];
	/** Of test files, from the checkout. */
	patterns: string[];
	/** Needs the engine, images, guest files and the built site. */
	machinery: boolean;
	/** Files at a time. */
	concurrency: number;
	/** Its files get on with each other: `--parallel` counts. */
	sideBySide?: boolean;
	/** Those of its files that do not: they measure what others would use, or write where others do. They come last, one at a time. */
	alone?: readonly string[];
	/** The distribution's packages, besides those of the engine and the images. */
	packages: string[];
	/** Others that make it faster, or try more, where the distribution has them. */
	wished?: string[];
}

/** A C library to link statically, for the agent; and what npm compiles node-pty with. */
const compiler = ['gcc', 'g++', 'libc6-dev', 'make', 'python3'];

export const suites: readonly Suite[] = [
	{
		name: 'types',
		kind: [
			// TypeScript 7, the native compiler: four times less processor time than 6, which astro check still needs for its own interface.
			{ title: 'TypeScript', args: ['node_modules/typescript-native/bin/tsc', '--noEmit'] },
			{
				title: 'Astro',
				args: [
					'node_modules/astro/bin/astro.mjs',
					'check',
					'--tsconfig',
					'src/tsconfig.json',
					'--minimumFailingSeverity',
					'warning',
					'--minimumSeverity',
					'warning',
				],
			},
		],
		patterns: [],
		machinery: false,
		concurrency: 1,
		packages: [],
	},
	{
		name: 'lint',
		kind: [{ title: 'Biome', args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'] }],
		patterns: [],
		machinery: false,
		concurrency: 1,
		packages: [],
	},
	{
		name: 'imports',
		kind: [
			{
				title: 'directions and cycles of imports',
				args: [
					'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
					'--config',
					'.dependency-cruiser.mjs',
					'src',
					'sandbox-server',
					'tests',
				],
			},
		],
		patterns: [],
		machinery: false,
		concurrency: 1,
		packages: [],
	},
	// clang and its run-time libraries: the agent is fuzzed with sanitizers.
	{
		name: 'unit',
		kind: 'node',
		patterns: ['src/**/*.test.ts', 'sandbox-server/**/*.test.ts'],
		machinery: false,
		concurrency: 2,
		packages: [...compiler, 'clang', 'libclang-rt-dev'],
	},
	{
		name: 'contract',
		kind: 'node',
		patterns: ['tests/contract/**/*.test.ts'],
		machinery: true,
		concurrency: 1,
		sideBySide: true,
		packages: [],
	},
	{
		name: 'integration',
		kind: 'node',
		patterns: ['tests/integration/**/*.test.ts'],
		machinery: true,
		concurrency: 1,
		sideBySide: true,
		// Astro's development server writes into the checkout.
		alone: ['tests/integration/dev.test.ts'],
		// The browser is for the bench.
		packages: [...compiler, 'chromium', 'fonts-dejavu'],
		// For tests/integration/gvisor.test.ts, which says when it is too old.
		wished: ['runsc'],
	},
	{
		name: 'security',
		kind: 'node',
		patterns: ['tests/security/**/*.test.ts'],
		machinery: true,
		concurrency: 1,
		sideBySide: true,
		// Sandboxes at their limits take what they can of the machine.
		alone: ['tests/security/hostile-class.test.ts', 'tests/security/isolation.test.ts'],
		packages: [],
	},
	{ name: 'faults', kind: 'node', patterns: ['tests/faults/**/*.test.ts'], machinery: true, concurrency: 1, packages: [] },
	{
		name: 'e2e',
		kind: 'playwright',
		patterns: ['tests/e2e/**/*.spec.ts'],
		machinery: true,
		concurrency: 1,
		packages: ['chromium', 'fonts-dejavu'],
		// The same browser without windows: a quarter less processor time.
		wished: ['chromium-headless-shell'],
	},
];

/** A suite with its files, by path from the checkout. */
export interface Selection {
	suite: Suite;
	files: string[];
}

/**
 * @param word a suite's name; else part of a test file's path; undefined: everything
 * @returns what there is to run: suites without any file are left out
 */
export function select(word: string | undefined, find: (patterns: string[]) => string[] = findFiles): Selection[] {
	const byName = suites.filter(({ name }) => name === word);
	const candidates = byName.length > 0 ? byName : suites;
	return candidates.flatMap((suite) => {
		if (Array.isArray(suite.kind)) return word === undefined || byName.length > 0 ? [{ suite, files: [] }] : [];
		const files = find(suite.patterns).filter((file) => word === undefined || byName.length > 0 || file.includes(word));
		return files.length > 0 ? [{ suite, files }] : [];
	});
}

function findFiles(patterns: string[]): string[] {
	return patterns
		.flatMap((pattern) => globSync(pattern, { cwd: root }))
		.map((file) => relative(root, join(root, file)))
		.sort();
}
