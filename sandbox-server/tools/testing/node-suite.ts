/** Suites of `node --test`. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../../setup/paths.ts';
import { run } from '../../setup/run.ts';
import type { Test } from './result.ts';
import { patience } from './slowness.ts';

export interface NodeSuiteRequest {
	files: readonly string[];
	/** Files at the same time. */
	concurrency: number;
	env: NodeJS.ProcessEnv;
	/** For what the reporter writes. */
	folder: string;
	name: string;
	onLine: (line: string) => void;
	signal?: AbortSignal | undefined;
}

/** ms for one test, unless it sets its own limit. */
const testMs = 5 * 60_000;
/**
 * A runner that says nothing for so long hangs, ms. Files are told in their order: while one that takes long is at work, those behind it are
 * not heard of, so that this has to be longer than any test's own limit.
 */
const silenceMs = 60 * 60_000;

/** @returns every test; a crash of the runner itself is a failed test too */
export async function runNodeSuite(request: NodeSuiteRequest): Promise<Test[]> {
	if (request.files.length === 0) return [];
	const output = join(request.folder, `${request.name}.jsonl`);
	rmSync(output, { force: true });
	const result = await run(
		process.execPath,
		[
			'--disable-warning=ExperimentalWarning',
			'--test',
			`--test-concurrency=${request.concurrency}`,
			`--test-timeout=${patience(testMs)}`,
			`--test-reporter=${join(import.meta.dirname, 'reporter.ts')}`,
			`--test-reporter-destination=${output}`,
			'--test-reporter=spec',
			'--test-reporter-destination=stdout',
			...request.files,
		],
		// Set inside a test run, it would make the inner one report to the outer.
		{
			cwd: root,
			env: { ...request.env, NODE_TEST_CONTEXT: undefined },
			onLine: request.onLine,
			signal: request.signal,
			silence: patience(silenceMs),
		},
	);
	request.signal?.throwIfAborted();
	const lines = existsSync(output) ? readFileSync(output, 'utf8').split('\n').filter(Boolean) : [];
	const tests = lines.map((line) => JSON.parse(line) as Test).map((test) => ({ ...test, file: test.file && relative(root, test.file) }));
	if (result.status !== 0 && !tests.some(({ state }) => state === 'failed')) {
		tests.push({
			name: 'the test runner',
			file: '',
			state: 'failed',
			text: `It ended with status ${result.status} although no test failed:\n${result.tail}`,
		});
	}
	return tests;
}
