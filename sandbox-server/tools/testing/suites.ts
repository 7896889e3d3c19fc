/** The suites in their order, cheapest first, and which files and programs each needs. */
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../../setup/paths.ts';

export type SuiteName = 'types' | 'lint' | 'imports' | 'unit' | 'contract' | 'integration' | 'security' | 'faults' | 'kubernetes' | 'e2e';

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
	/** Those of its files that get on with nobody: they measure what others would use, or write where others do. They come when all else is over, one at a time. */
	alone?: readonly string[];
	/**
	 * Of the two that go on side by side (`schedule`); the first unless said. The second mostly computes: what is written into no engine, and the browser's.
	 */
	lane?: 'second';
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
		lane: 'second',
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
		lane: 'second',
		kind: [{ title: 'Biome', args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'] }],
		patterns: [],
		machinery: false,
		concurrency: 1,
		packages: [],
	},
	{
		name: 'imports',
		lane: 'second',
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
		lane: 'second',
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
		// Measures want the machine; Astro's development server writes into the checkout.
		alone: ['tests/integration/benchmarks.test.ts', 'tests/integration/dev.test.ts'],
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
	// Where the cluster of the tests has been built, or is to be: tests/README.md.
	{ name: 'kubernetes', kind: 'node', patterns: ['tests/kubernetes/**/*.test.ts'], machinery: true, concurrency: 1, packages: [] },
	{
		name: 'e2e',
		lane: 'second',
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
	/** These are of those that get on with nobody. */
	alone?: true;
}

/**
 * What runs beside what: a suite with a real engine waits more than it computes, the browser's the other way round. Pure.
 * @returns lanes to be run side by side, each in its order; what comes afterwards, one after the other
 */
export function schedule(selection: readonly Selection[]): { lanes: Selection[][]; alone: Selection[] } {
	const isAlone = (suite: Suite, file: string): boolean => suite.alone?.includes(file) ?? false;
	const together = selection
		.map(({ suite, files }) => ({ suite, files: files.filter((file) => !isAlone(suite, file)) }))
		.filter(({ suite, files }) => Array.isArray(suite.kind) || files.length > 0);
	const alone = selection
		.map(({ suite, files }) => ({ suite, files: files.filter((file) => isAlone(suite, file)), alone: true as const }))
		.filter(({ files }) => files.length > 0);
	const lanes = [together.filter(({ suite }) => suite.lane === undefined), together.filter(({ suite }) => suite.lane === 'second')];
	return { lanes: lanes.filter((lane) => lane.length > 0), alone };
}

/** @returns results in the order of the suites; of one suite there may be several */
export function inOrderOfSuites<T extends { suite: string }>(results: readonly T[]): T[] {
	const names: readonly string[] = suites.map(({ name }) => name);
	return results.toSorted((a, b) => names.indexOf(a.suite) - names.indexOf(b.suite));
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
