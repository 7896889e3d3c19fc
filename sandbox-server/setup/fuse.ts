/** /dev/fuse, which Apptainer needs in the sandbox to mount a SIF file: there, and open to the learner's user. */
import { existsSync, statSync } from 'node:fs';
import { rootPrefix } from './packages.ts';
import type { Progress } from './progress.ts';
import { run, runOk, which } from './run.ts';

export const fuseDevice = '/dev/fuse';
/** What the learner's user needs to read and write the device, which belongs to root. */
export const fuseMode = 0o006;

/** Says what it changes. Without the right to change it, says what to type; the sandboxes start all the same. */
export async function ensureFuse(progress: Progress): Promise<void> {
	const usable = (): boolean => existsSync(fuseDevice) && (statSync(fuseDevice).mode & fuseMode) === fuseMode;
	if (usable()) return;
	const prefix = await rootPrefix();
	if (!prefix) {
		progress.say(
			`Warning: learners cannot use ${fuseDevice}, so Apptainer cannot mount images.\nType: sudo modprobe fuse; sudo chmod 0666 ${fuseDevice}`,
		);
		return;
	}
	await progress.step(`Opening ${fuseDevice} to the sandboxes (mode 0666)`, async (step) => {
		const [first, ...rest] = prefix;
		const asRoot = (args: string[]): [string, string[]] =>
			first === undefined ? [args[0] as string, args.slice(1)] : [first, [...rest, ...args]];
		const onLine = (line: string): void => step.detail(line);
		if (!existsSync(fuseDevice) && which('modprobe')) await run(...asRoot(['modprobe', 'fuse']), { onLine });
		// Character device 10:229, by Linux's own list of devices (Documentation/admin-guide/devices.txt).
		if (!existsSync(fuseDevice)) await runOk(...asRoot(['mknod', fuseDevice, 'c', '10', '229']), { onLine });
		await runOk(...asRoot(['chmod', '0666', fuseDevice]), { onLine });
	});
}
