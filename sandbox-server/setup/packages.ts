/** The distribution's packages: which are missing, may we install them, install them. Debian and its kin (apt) only. */
import { spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Failure } from './failure.ts';
import type { Step } from './progress.ts';
import { run, runOk, which } from './run.ts';

/** How the person at the terminal can be asked. */
export interface Asker {
	/** --yes: every question is answered yes. */
	yes: boolean;
	/** Is a person there? */
	interactive: boolean;
	input: NodeJS.ReadableStream;
	output: NodeJS.WritableStream;
}

/** Asks yes or no; yes when nobody is there to ask, or with --yes. An empty answer is yes, the end of the input no. */
export async function ask(asker: Asker, question: string): Promise<boolean> {
	if (asker.yes || !asker.interactive) return true;
	const lines = createInterface({ input: asker.input, output: asker.output, prompt: `${question} [Y/n] ` });
	try {
		lines.prompt();
		// The iterator keeps lines that were typed ahead.
		for await (const line of lines) {
			const answer = line.trim().toLowerCase();
			if (['', 'y', 'yes', 'o', 'oui'].includes(answer)) return true;
			if (['n', 'no', 'non'].includes(answer)) return false;
			lines.prompt();
		}
		return false;
	} finally {
		lines.close();
	}
}

let asked: string[] | undefined | 'not yet' = 'not yet';

/**
 * The prefix of a command that needs root: [] as root, ["sudo", "-n"] for a sudoer, whom sudo asks for the password once when a person
 * is there; undefined when we may not.
 */
export async function rootPrefix(): Promise<string[] | undefined> {
	if (process.getuid?.() === 0) return [];
	if (!which('sudo')) return undefined;
	if ((await run('sudo', ['-n', 'true'], { timeout: 5_000 })).status === 0) return ['sudo', '-n'];
	if (asked === 'not yet') asked = process.stdin.isTTY && sudoAsks() ? ['sudo', '-n'] : undefined;
	return asked;
}

/** Groups whose members sudo lets do anything: Debian's and Ubuntu's, Fedora's and SUSE's. */
const sudoGroups = ['sudo', 'wheel', 'admin'];

/** Is this root, or somebody who is likely to become it by sudo? Nobody is asked for a password. */
export async function likelyRoot(): Promise<boolean> {
	if (process.getuid?.() === 0) return true;
	if (!which('sudo')) return false;
	if ((await run('sudo', ['-n', 'true'], { timeout: 5_000 })).status === 0) return true;
	const groups = (await run('id', ['-Gn'], { timeout: 5_000 })).stdout.trim().split(' ');
	return sudoGroups.some((group) => groups.includes(group));
}

/** sudo's own question on the terminal; its answer then holds for some minutes. */
function sudoAsks(): boolean {
	process.stdout.write('\nThe next step needs root: sudo asks for your password. (An empty answer leaves it out.)\n');
	return spawnSync('sudo', ['-v'], { stdio: 'inherit' }).status === 0;
}

/** Those of the packages that are not installed; all of them where dpkg is unknown. */
export async function missingPackages(names: readonly string[]): Promise<string[]> {
	if (!which('dpkg-query')) return [...names];
	const result = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names]);
	const installed = new Set(
		result.stdout
			.split('\n')
			.filter((line) => line.endsWith(' installed'))
			.map((line) => line.split(' ')[0]),
	);
	return names.filter((name) => !installed.has(name));
}

/** Those of the packages that the distribution has, as far as this machine has been told. */
export async function availablePackages(names: readonly string[]): Promise<string[]> {
	if (!which('apt-cache')) return [];
	const known = await Promise.all(names.map((name) => run('apt-cache', ['show', name])));
	return names.filter((_name, at) => known[at]?.status === 0);
}

/** The command that a person would type for it. */
export function installCommand(names: readonly string[]): string {
	const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
	return `${sudo}apt-get install -y --no-install-recommends ${names.join(' ')}`;
}

/**
 * Installs the packages. dpkg is told not to start services: we start what we need, also where there is no init system.
 * @throws Failure when there is no apt, no right to, or a package cannot be had
 */
export async function installPackages(names: readonly string[], step: Step, signal?: AbortSignal): Promise<void> {
	if (names.length === 0) return;
	const hint = `Type: ${installCommand(names)}`;
	if (!which('apt-get'))
		throw new Failure(`These programs are needed, and this machine has no apt-get: ${names.join(' ')}.`, {
			hint: 'Install them with your distribution’s own tool, then run this again.',
		});
	const prefix = await rootPrefix();
	if (!prefix)
		throw new Failure(`Packages are needed (${names.join(' ')}), and you are neither root nor may you use sudo without a password.`, {
			hint,
		});
	const as = (args: string[]): [string, string[]] => {
		const [command, ...rest] = [
			...prefix,
			'env',
			'DEBIAN_FRONTEND=noninteractive',
			'LC_ALL=C.UTF-8',
			'apt-get',
			'-q',
			'-o',
			'DPkg::Lock::Timeout=300',
			...args,
		];
		return [command as string, rest];
	};
	const onLine = (line: string): void => step.detail(line);
	// An interrupted dpkg leaves packages unpacked but not configured: apt-get -f install and dpkg --configure mend that, and do nothing otherwise.
	const [dpkg, ...dpkgArgs] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'dpkg', '--configure', '-a'];
	await runOk(dpkg as string, dpkgArgs, { onLine, signal, hint });
	const install = ['install', '-y', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', ...names];
	await run(...as(['update']), { onLine, signal });
	await runOk(...as(install), { onLine, signal, hint: `Look at the messages of apt-get above. By hand: ${installCommand(names)}` });
}
