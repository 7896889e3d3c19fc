/** Runtime, images, guest files and site for the tests, and the environment by which tests find them (tests/README.md). */
import type { Arguments } from '../../cli/arguments.ts';
import { asker } from '../../cli/asker.ts';
import { configuration } from '../../cli/settings.ts';
import type { Engine } from '../../runtimes/engine.ts';
import { nodeEnv } from '../../setup/dependencies.ts';
import { releaseEngine } from '../../setup/engine.ts';
import { Failure } from '../../setup/failure.ts';
import type { DataPaths } from '../../setup/paths.ts';
import { prepare } from '../../setup/prepare.ts';
import type { Progress } from '../../setup/progress.ts';
import { which } from '../../setup/run.ts';
import { watchOver } from './guard.ts';
import { measureSlowness, slownessVariable } from './slowness.ts';
import { makeRunFolder, runEnvironment, tidyUp } from './tidy.ts';

export interface TestEnvironmentRequest {
	/** false: the tests need none. */
	wanted: boolean;
	args: Arguments;
	paths: DataPaths;
	progress: Progress;
	signal: AbortSignal;
}

/** A machine of continuous integration is shared with others: quiet at the start, it may be five times slower for minutes. */
const sharedMargin = 5;

/**
 * Runs `work` with the environment of the tests. Afterwards, however it ended, nothing of it is left: an engine that was started for them is
 * stopped too. @throws Failure
 */
export async function withTestEnvironment<T>(request: TestEnvironmentRequest, work: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
	const { args, paths, progress, signal } = request;
	const env: NodeJS.ProcessEnv = {
		...nodeEnv(),
		ETABLI_TEST_DATA: paths.data,
		ETABLI_TEST_CHROMIUM: chromium() ?? '',
		[slownessVariable]: String(await measureSlowness(sharedMargin)),
	};
	if (!request.wanted) return await guarded({ engine: undefined, progress, signal }, (run) => work({ ...env, ...run }));
	const config = { ...configuration({ ...args, values: { ...args.values, data: paths.data } }), keep: false };
	const { machinery, why, site } = await prepare({ config, paths, progress, signal, asker: asker(config.yes) });
	// Tests that ran without what they test would prove nothing.
	if (!machinery) throw new Failure('The tests need a container engine.', { hint: why ?? '' });
	const { engine, images, guest } = machinery;
	try {
		const tests = (run: NodeJS.ProcessEnv) =>
			work({
				...env,
				...run,
				ETABLI_TEST_ENGINE: engine.url,
				ETABLI_TEST_GUEST: guest,
				ETABLI_TEST_SITE: site,
				ETABLI_TEST_BASE: images.base,
				ETABLI_TEST_IMAGE: Object.values(images.courses)[0],
				ETABLI_TEST_REGISTRY_IMAGE: images.registry,
				ETABLI_TEST_SEED_IMAGE: images.seeds.find(({ name }) => name.startsWith('debian-mini:'))?.image,
				ETABLI_TEST_IMAGES: JSON.stringify(images),
			});
		return await guarded({ engine, progress, signal }, tests);
	} finally {
		await releaseEngine(engine, progress);
	}
}

export interface Guarded {
	engine: Engine | undefined;
	progress: Progress;
	signal: AbortSignal;
}

/**
 * A run that was interrupted tidies up here; one that was killed, by its guard.
 * @param work gets the part of its environment by which it is known
 */
export async function guarded<T>({ engine, progress, signal }: Guarded, work: (run: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
	const folder = makeRunFolder();
	const guard = watchOver(folder, engine?.url);
	try {
		return await work(runEnvironment(folder));
	} finally {
		const tidy = () => tidyUp(folder, engine);
		await (signal.aborted ? progress.step('Tidying up', tidy) : tidy());
		await guard.dismiss();
	}
}

/** The distribution's Chromium, if possible without windows, or Chrome; Playwright's own is used when it is set or there is none. */
function chromium(): string | undefined {
	return (
		process.env['ETABLI_TEST_CHROMIUM'] ??
		['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']
			.map((name) => which(name))
			.find((path) => path !== undefined)
	);
}
