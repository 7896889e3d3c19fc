/** Hosts with AppArmor (Ubuntu): Docker's own profile forbids mounting, which Apptainer needs, so ours is loaded beside it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './failure.ts';
import { rootPrefix } from './packages.ts';
import type { Progress } from './progress.ts';
import { runOk, which } from './run.ts';

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

/** Loads (or replaces) the profile; nothing on kernels without AppArmor. @throws Failure */
export async function loadProfile(progress: Progress): Promise<void> {
	if (!apparmorEnabled()) return;
	const parser = which('apparmor_parser');
	const prefix = await rootPrefix();
	if (!parser || !prefix) {
		if (!profileLoaded())
			progress.say(
				`Warning: this machine has AppArmor, and the profile of the sandboxes is not loaded.\nType: sudo apt-get install -y apparmor; sudo apparmor_parser -r ${profileFile}`,
			);
		return;
	}
	if (profileLoaded()) return;
	await progress.step('Loading the AppArmor profile of the sandboxes', async (step) => {
		const [command, ...args] = [...prefix, parser, '-r', '-W', profileFile];
		await runOk(command as string, args, {
			onLine: (line) => step.detail(line),
			hint: `Look at ${profileFile}; ./etabli doctor tells more.`,
		});
	});
}
