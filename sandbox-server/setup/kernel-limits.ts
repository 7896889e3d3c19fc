/**
 * Kernel limits that sandboxes share, of the whole machine, or of one user where they have one number together (docs/decisions/0028-a-number-each.md):
 * learners must not be able to take all of something. Measured (docs/decisions/0003-hardening.md): with the usual limit of 4096, one sandbox took every pseudo-terminal of the
 * machine, and nobody could open a terminal any more.
 */
import { readFileSync } from 'node:fs';
import { Failure } from './failure.ts';
import { rootPrefix } from './packages.ts';
import type { Progress } from './progress.ts';
import { runOk } from './run.ts';

export interface KernelLimit {
	/** As sysctl writes it. */
	name: string;
	/** More than the sandboxes' memory lets learners take. */
	wanted: number;
	/** What runs short: "No pseudo-terminal is left". */
	what: string;
}

export const kernelLimits: readonly KernelLimit[] = [
	{ name: 'kernel.pty.max', wanted: 1_048_576, what: 'pseudo-terminals' },
	{ name: 'fs.inotify.max_user_instances', wanted: 65_536, what: 'watches of files (inotify)' },
	// Each takes some 250 bytes of its sandbox's memory.
	{ name: 'fs.file-max', wanted: 1_000_000_000, what: 'open files' },
];

const pathOf = (name: string) => `/proc/sys/${name.replaceAll('.', '/')}`;

/** Its value now; undefined where the kernel has no such limit. */
export function kernelLimit(name: string): number | undefined {
	try {
		return Number(readFileSync(pathOf(name), 'utf8'));
	} catch {
		// No such setting in this kernel: nothing to raise.
		return undefined;
	}
}

/** Those that are too low. */
export function lowKernelLimits(): KernelLimit[] {
	return kernelLimits.filter(({ name, wanted }) => (kernelLimit(name) ?? wanted) < wanted);
}

/** Raises them until the next boot, and says so. Without the right to, says what to type; the sandboxes start all the same. */
export async function ensureKernelLimits(progress: Progress): Promise<void> {
	const low = lowKernelLimits();
	if (low.length === 0) return;
	const settings = low.map(({ name, wanted }) => `${name}=${wanted}`);
	const warn = (type: string) =>
		progress.say(`Warning: learners could use up ${low.map(({ what }) => what).join(' and ')} for all.\n${type} ${settings.join(' ')}`);
	const prefix = await rootPrefix();
	if (!prefix) return warn('Type: sudo sysctl');
	const raised = progress.step(`Raising limits of the kernel that sandboxes share (${settings.join(', ')})`, async (step) => {
		for (const { name, wanted } of low) {
			// Not by sysctl: a minimal machine does not have it.
			const [command = 'sh', ...args] = [...prefix, 'sh', '-c', 'echo "$1" > "$2"', 'sh', String(wanted), pathOf(name)];
			await runOk(command, args, { onLine: (line) => step.detail(line) });
		}
	});
	await raised.catch((error: unknown) => {
		// Root in a container sees the machine's limits, and may not change them.
		if (!(error instanceof Failure)) throw error;
		warn('On the machine itself, type: sysctl');
	});
}
