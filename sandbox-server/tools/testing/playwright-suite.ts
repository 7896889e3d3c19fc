/** The end-to-end suite: Playwright with a real Chromium. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../setup/paths.ts';
import { run } from '../../setup/run.ts';
import type { Test } from './result.ts';
import { patience } from './slowness.ts';

/** The parts of Playwright's JSON report that we read. */
interface Report {
	suites?: ReportSuite[];
	errors?: { message?: string }[];
}
interface ReportSuite {
	title: string;
	file?: string;
	suites?: ReportSuite[];
	specs?: { title: string; tests: ReportTest[] }[];
}
interface ReportTest {
	projectName: string;
	status: 'expected' | 'unexpected' | 'flaky' | 'skipped';
	annotations?: { type: string; description?: string }[];
	results: { errors?: { message?: string }[]; status?: string; duration?: number }[];
}

export interface PlaywrightRequest {
	/** Parts of file names; none: all. */
	filter: readonly string[];
	/** Tests at a time. */
	parallel: number;
	env: NodeJS.ProcessEnv;
	folder: string;
	onLine: (line: string) => void;
	signal?: AbortSignal | undefined;
}

/** Each test has limits of its own: a suite that says nothing for so long hangs, ms. */
const silenceMs = 10 * 60_000;

/** Runs the tests. A bad end that no failed test explains is a failed test itself. @throws the signal's reason */
export async function runPlaywright(request: PlaywrightRequest): Promise<Test[]> {
	const output = join(request.folder, 'e2e.json');
	rmSync(output, { force: true });
	const result = await run(
		process.execPath,
		[
			join(root, 'node_modules/@playwright/test/cli.js'),
			'test',
			'--reporter=line,json',
			`--workers=${request.parallel}`,
			...request.filter,
		],
		{
			cwd: root,
			env: { ...request.env, PLAYWRIGHT_JSON_OUTPUT_FILE: output, FORCE_COLOR: '0' },
			onLine: request.onLine,
			signal: request.signal,
			silence: patience(silenceMs),
		},
	);
	request.signal?.throwIfAborted();
	const tests = existsSync(output) ? readReport(JSON.parse(readFileSync(output, 'utf8')) as Report) : [];
	if (result.status !== 0 && !tests.some(({ state }) => state === 'failed')) {
		tests.push({
			name: 'Playwright',
			file: '',
			state: 'failed',
			text: `It ended with status ${result.status} although no test failed:\n${result.tail}`,
		});
	}
	return tests;
}

/** A test that passed only when it was tried again counts as failed: it would fail somebody else. */
export function readReport(report: Report): Test[] {
	const walk = (suite: ReportSuite, names: string[], file: string): Test[] => {
		const here = suite.file ?? file;
		// The outermost suite is the file itself.
		const path = suite.title === here || suite.title === '' ? names : [...names, suite.title];
		const own = (suite.specs ?? []).flatMap(({ title, tests }) =>
			tests.map((test): Test => {
				const name = [...(test.projectName ? [`[${test.projectName}]`] : []), ...path, title].join(' › ');
				const errors = test.results.flatMap(({ errors: each }) => each ?? []).map(({ message }) => message ?? '');
				const why = test.annotations?.find(({ type }) => type === 'skip' || type === 'fixme')?.description ?? '';
				const known = { name, file: here, ms: test.results.reduce((sum, { duration = 0 }) => sum + duration, 0) };
				if (test.status === 'expected') return { ...known, state: 'passed', text: '' };
				if (test.status === 'skipped') return { ...known, state: 'skipped', text: why };
				return {
					...known,
					state: 'failed',
					text: [...(test.status === 'flaky' ? ['It passed only when tried again.'] : []), ...errors].join('\n'),
				};
			}),
		);
		return [...own, ...(suite.suites ?? []).flatMap((inner) => walk(inner, path, here))];
	};
	const broken = (report.errors ?? []).map(
		({ message }): Test => ({ name: 'Playwright', file: '', state: 'failed', text: message ?? 'unknown error' }),
	);
	return [...broken, ...(report.suites ?? []).flatMap((suite) => walk(suite, [], ''))];
}
