/** `etabli test [suite | part of a file name]`: brings what the tests need, runs them, counts them. docs: tests/README.md */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies, nodeEnv } from '../setup/dependencies.ts';
import { Failure } from '../setup/failure.ts';
import { type Asker, ask, availablePackages, installCommand, installPackages, missingPackages } from '../setup/packages.ts';
import { dataPaths, root } from '../setup/paths.ts';
import { elapsed, Progress, type Step } from '../setup/progress.ts';
import { run, which } from '../setup/run.ts';
import { buildCluster, builtCluster, clusterVariable } from '../tools/testing/kubernetes-cluster.ts';
import { runNodeSuite } from '../tools/testing/node-suite.ts';
import { runPlaywright } from '../tools/testing/playwright-suite.ts';
import { details, exitStatus, longest, type SuiteResult, summaryLine, type Test } from '../tools/testing/result.ts';
import { patience } from '../tools/testing/slowness.ts';
import { inOrderOfSuites, type Selection, schedule, select, suites } from '../tools/testing/suites.ts';
import { type Arguments, unknown, usageStatus } from './arguments.ts';
import { Interrupted, watchInterrupts } from './interrupt.ts';

/** Apart from `up`'s, so that tests never touch a running server. Images are shared: they belong to the engine. */
const data = join(root, '.etabli/test');

/** @returns 0 when at least one test ran and none failed */
export async function test(args: Arguments): Promise<number> {
	const word = args.words[0];
	const parallel = Number(args.values['parallel'] ?? 2);
	if (parallel < 1 || parallel > 16) throw new Failure(`--parallel is from 1 to 16, not ${parallel}.`, { status: usageStatus });
	const selection = select(word);
	if (selection.length === 0)
		throw unknown(
			'suite or test file',
			word ?? '',
			suites.map(({ name }) => name),
			'ls tests',
		);
	const interrupt = watchInterrupts();
	const { signal } = interrupt;
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	const paths = dataPaths(data);
	mkdirSync(paths.logs, { recursive: true });
	progress.openLog(join(paths.logs, 'test.log'));
	const started = performance.now();
	try {
		const { asker } = await import('./asker.ts');
		if (args.values['install'] !== false) await ensurePackages(selection, asker(args.values['yes'] === true), progress, signal);
		await ensureDependencies(progress, true, signal);
		if (!existsSync(join(root, '.astro/types.d.ts')))
			await progress.step(
				'Types of the site',
				async (step) =>
					void (await run(process.execPath, ['node_modules/astro/bin/astro.mjs', 'sync'], {
						cwd: root,
						env: nodeEnv(),
						onLine: (line) => step.detail(line),
						signal,
					})),
			);
		if (process.env[clusterVariable] === '1' && selection.some(({ suite }) => suite.name === 'kubernetes') && !builtCluster())
			await progress.step('Building a Kubernetes cluster, once', (step) =>
				buildCluster({ onLine: (line) => step.detail(line), signal }).then(() => undefined),
			);
		const { withTestEnvironment } = await import('../tools/testing/test-environment.ts');
		const results = await withTestEnvironment(
			{ wanted: selection.some(({ suite }) => suite.machinery), args, paths, progress, signal },
			(env) => progress.step('Tests', (step) => runAll(selection, { word, parallel, env, step, progress, signal })),
		);
		process.stdout.write(
			`${details(results).join('\n')}\n\nAll that was said: ${progress.logPath} (${elapsed(performance.now() - started)})\n${summaryLine(results)}\n`,
		);
		return exitStatus(results);
	} catch (error) {
		if (signal.aborted && signal.reason instanceof Interrupted) {
			process.stdout.write('\nInterrupted.\n');
			return signal.reason.status;
		}
		throw error;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}

/** Says what it installs, then does. @throws Failure */
async function ensurePackages(selection: readonly Selection[], asker: Asker, progress: Progress, signal: AbortSignal): Promise<void> {
	const wanted = [...new Set(selection.flatMap(({ suite }) => suite.packages))];
	// Where there is no apt, the programs may be there all the same; what is missing fails in its test.
	if (!which('dpkg-query')) return;
	const missing = await missingPackages(wanted);
	if (missing.length > 0) {
		progress.say(`The tests need the distribution’s packages ${missing.join(', ')}.`);
		if (!(await ask(asker, 'Install them?')))
			throw new Failure('Not installed, as you wished.', { hint: `Type: ${installCommand(missing)}   or run ./etabli test --no-install` });
		await progress.step(`Installing ${missing.length} packages`, (step) => installPackages(missing, step, signal));
	}
	// Nobody is asked for a password for these alone.
	if (missing.length === 0 && process.getuid?.() !== 0) return;
	const wished = await availablePackages(await missingPackages(selection.flatMap(({ suite }) => suite.wished ?? [])));
	if (wished.length > 0 && (await ask(asker, `The tests are faster, or try more, with ${wished.join(', ')}. Install that, too?`)))
		await progress.step(`Installing ${wished.join(', ')}`, async (step) => {
			await installPackages(wished, step, signal).catch((error: unknown) => {
				if (!(error instanceof Failure)) throw error;
				step.remark = `not installed, the tests take longer or try less: ${error.message}`;
			});
		});
}

interface RunRequest {
	word: string | undefined;
	/** Files at a time, of suites whose files get on with each other; tests at a time in the browser. */
	parallel: number;
	env: NodeJS.ProcessEnv;
	step: Step;
	progress: Progress;
	signal: AbortSignal;
}

/** Two lanes side by side, then the files that get on with nobody. @returns in the order of the suites */
async function runAll(selection: readonly Selection[], request: RunRequest): Promise<SuiteResult[]> {
	const { lanes, alone } = schedule(selection);
	const inOrder = async (lane: readonly Selection[]): Promise<SuiteResult[]> => {
		const done: SuiteResult[] = [];
		for (const each of lane) done.push(await runSuite(each, request));
		return done;
	};
	const ended = await Promise.allSettled(lanes.map(inOrder));
	const done = ended.flatMap((lane) => {
		if (lane.status === 'rejected') throw lane.reason;
		return lane.value;
	});
	return inOrderOfSuites([...done, ...(await inOrder(alone))]);
}

async function runSuite(selection: Selection, { word, parallel, env, step, progress, signal }: RunRequest): Promise<SuiteResult> {
	const started = performance.now();
	const { name } = selection.suite;
	// Which suite said it, since two speak at the same time.
	const onLine = (line: string): void => step.detail(`${name}: ${line}`);
	const tests = await runTests(selection, word, { parallel, env, onLine, signal });
	const duration = performance.now() - started;
	for (const line of longest(tests)) onLine(line);
	const failed = tests.filter(({ state }) => state === 'failed').length;
	const told = failed > 0 ? `${failed} of ${tests.length} failed` : `${tests.length} tests`;
	progress.say(`${failed > 0 ? '✗' : '✓'} ${name}${selection.alone ? ', alone' : ''} — ${told} (${elapsed(duration)})`);
	return { suite: name, tests, duration };
}

interface Running {
	parallel: number;
	env: NodeJS.ProcessEnv;
	onLine: (line: string) => void;
	signal: AbortSignal;
}

async function runTests({ suite, files, alone }: Selection, word: string | undefined, running: Running): Promise<Test[]> {
	const folder = join(data, 'results');
	mkdirSync(folder, { recursive: true });
	if (suite.kind === 'node') {
		const concurrency = suite.sideBySide && !alone ? running.parallel : suite.concurrency;
		return await runNodeSuite({ ...running, files, concurrency, folder, name: alone ? `${suite.name}-alone` : suite.name });
	}
	if (suite.kind === 'playwright')
		return runPlaywright({ ...running, filter: word === undefined || word === suite.name ? [] : files, folder });
	return await Promise.all(suite.kind.map(({ title, args }) => runProgram(title, args, running)));
}

/** A program that checks everything at once is one test. */
async function runProgram(title: string, args: readonly string[], { env, onLine, signal }: Running): Promise<Test> {
	const result = await run(process.execPath, args, {
		cwd: root,
		env: { ...env, FORCE_COLOR: '0', NO_COLOR: '1' },
		onLine,
		signal,
		timeout: patience(10 * 60_000),
	});
	signal.throwIfAborted();
	return { name: title, file: '', state: result.status === 0 ? 'passed' : 'failed', text: result.stdout || result.tail };
}
