/** Hosts with AppArmor (Ubuntu): Docker's own profile forbids mounting, which Apptainer needs, so ours is loaded beside it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { codeOf } from './failure.ts';
import { rootPrefix } from './packages.ts';
import { root } from './paths.ts';
import type { Progress } from './progress.ts';
import { run, runOk, which } from './run.ts';
import { hashInputs, type Stamps } from './stamps.ts';

export const profileName = 'etabli-sandbox';
export const profileFile = join(import.meta.dirname, 'apparmor', profileName);

/** Does the kernel enforce AppArmor? */
export function apparmorEnabled(): boolean {
	const path = '/sys/module/apparmor/parameters/enabled';
	return existsSync(path) && readFileSync(path, 'utf8').startsWith('Y');
}

/** Is our profile loaded? undefined when only root may know. */
export function profileLoaded(): boolean | undefined {
	try {
		return readFileSync('/sys/kernel/security/apparmor/profiles', 'utf8')
			.split('\n')
			.some((line) => line.startsWith(`${profileName} `));
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return false;
		if (codeOf(error) === 'EACCES') return undefined;
		throw error;
	}
}

/** What has to be done about the profile. @param stamp hash of the one that was loaded last, by us; the kernel does not tell which it has */
export function profileState(facts: {
	loaded: boolean | undefined;
	stamp: string | undefined;
	hash: string;
}): 'current' | 'older' | 'absent' {
	if (!facts.loaded) return 'absent';
	return facts.stamp === facts.hash ? 'current' : 'older';
}

/**
 * Loads the profile, also in the place of an older one; nothing on kernels without AppArmor.
 * @returns whether sandboxes can be started with it
 * @throws Failure
 */
export async function loadProfile(progress: Progress, stamps: Stamps): Promise<boolean> {
	if (!apparmorEnabled()) return false;
	const hash = hashInputs({ root, paths: [profileFile] });
	// Without root nobody can see what is loaded: the engine refuses to start a sandbox with a profile that is not there, so it is not asked for.
	const state = profileState({ loaded: profileLoaded(), stamp: stamps.read('apparmor'), hash });
	if (state === 'current') return true;
	const parser = which('apparmor_parser');
	const prefix = await rootPrefix();
	if (!parser || !prefix) {
		const trouble =
			state === 'older'
				? 'an older profile of the sandboxes may be loaded: ending them, or Apptainer in them, may fail.'
				: 'the profile of the sandboxes is not loaded: Apptainer will not work in them.';
		progress.say(
			`Warning: this machine has AppArmor, and ${trouble}\nType: sudo apt-get install -y apparmor; sudo apparmor_parser -r ${profileFile}`,
		);
		return state === 'older';
	}
	await progress.step('Loading the AppArmor profile of the sandboxes', async (step) => {
		const onLine = (line: string): void => step.detail(line);
		const load = (file: string): [string, string[]] => {
			const [command, ...args] = [...prefix, parser, '-r', '-W', file];
			return [command as string, args];
		};
		if ((await run(...load(profileFile), { onLine })).status === 0) return;
		// AppArmor 3 does not know the rule for user namespaces, and does not restrict them.
		const older = join(mkdtempSync(join(tmpdir(), 'etabli-apparmor-')), profileName);
		try {
			writeFileSync(older, withoutUserns(readFileSync(profileFile, 'utf8')));
			await runOk(...load(older), { onLine, hint: `Look at ${profileFile}; ./etabli doctor tells more.` });
		} finally {
			rmSync(dirname(older), { recursive: true });
		}
	});
	stamps.write('apparmor', hash);
	return true;
}

/** The profile in the words of AppArmor 3. */
export function withoutUserns(profile: string): string {
	return profile.replace(/^\s*userns,\n/m, '');
}
