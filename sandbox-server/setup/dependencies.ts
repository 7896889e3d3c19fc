/** npm's packages of this checkout, exactly as package-lock.json says. Imports none of them. */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { codeOf, Failure } from './failure.ts';
import { root } from './paths.ts';
import { withLock } from './processes.ts';
import type { Progress } from './progress.ts';
import { run, runOk, which } from './run.ts';
import { compareVersions } from './version.ts';

/** Older ones cannot read our lock. */
const oldestNpm = '7';
const npmVersionMs = 20_000;

interface LockedPackage {
	version?: string;
	optional?: boolean;
	devOptional?: boolean;
	dev?: boolean;
	peer?: boolean;
}
export type Lock = Record<string, LockedPackage>;

/**
 * Is what is installed what the lock file asks for? Compared by content, so that an installation by hand counts and one that was
 * interrupted does not (npm writes its own list of what it has installed at the very end).
 * @param installed of node_modules/.package-lock.json
 */
export function satisfied(locked: Lock, installed: Lock, development: boolean): boolean {
	return Object.entries(locked).every(([path, { version, optional, dev, devOptional }]) => {
		// Optional ones depend on the processor and the C library.
		if (path === '' || optional || devOptional || (dev && !development)) return true;
		return installed[path]?.version === version;
	});
}

function readLock(path: string): Lock | undefined {
	try {
		return (JSON.parse(readFileSync(path, 'utf8')) as { packages: Lock }).packages;
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return undefined;
		throw error;
	}
}

/** The environment in which programs written for Node run with this very Node. */
export function nodeEnv(): NodeJS.ProcessEnv {
	const env: NodeJS.ProcessEnv = {
		...process.env,
		PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
		ASTRO_TELEMETRY_DISABLED: '1',
	};
	// node-pty is compiled. It uses only the stable part of Node's interface, so that the headers of the distribution's Node do as well,
	// and nothing has to be fetched.
	if (env['npm_config_nodedir'] === undefined && existsSync('/usr/include/node/node_api.h')) env['npm_config_nodedir'] = '/usr';
	return env;
}

/** @param development with the packages that only tests and development need @throws Failure */
export async function ensureDependencies(progress: Progress, development: boolean, signal?: AbortSignal): Promise<void> {
	const locked = readLock(join(root, 'package-lock.json'));
	if (!locked)
		throw new Failure(`${root} has no package-lock.json: it is not a complete checkout.`, { hint: 'Clone the repository again.' });
	const enough = (): boolean => {
		const installed = readLock(join(root, 'node_modules/.package-lock.json'));
		return installed !== undefined && satisfied(locked, installed, development);
	};
	if (enough()) return;
	const npm = which('npm');
	if (!npm)
		throw new Failure('npm is needed to bring the packages that etabli is made of.', { hint: 'Install it: apt-get install -y npm' });
	const { stdout } = await run(npm, ['--version'], { env: nodeEnv(), signal, timeout: npmVersionMs });
	if (compareVersions(stdout, oldestNpm) < 0)
		throw new Failure(`npm ${oldestNpm} or later is needed, and ${npm} ${stdout.trim() ? `is ${stdout.trim()}` : 'does not start'}.`, {
			hint: 'Put the npm that belongs to your Node.js first in PATH, then run this again.',
		});
	await progress.step(development ? 'Packages, those for development included' : 'Packages', async (step) => {
		const lock = join(root, '.etabli/run/packages.lock');
		await withLock(
			lock,
			(pid) => step.detail(`another etabli (process ${pid}) is bringing them; waiting`),
			async () => {
				if (enough()) return;
				await runOk(npm, ['ci', '--no-audit', '--no-fund', '--no-update-notifier', ...(development ? [] : ['--omit=dev'])], {
					cwd: root,
					env: nodeEnv(),
					onLine: (line) => step.detail(line),
					signal,
					hint: 'Check the network and npm’s registry setting (npm ping), then run this again.',
				});
			},
			signal,
		);
	});
}
