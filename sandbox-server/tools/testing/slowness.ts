/**
 * How slow this machine is. The bounds of tests and of `prove` are for what hangs; what is merely slow must not be taken for that. So they
 * are multiplied by what the machine shows at the start: `etabli test` and `prove` measure it once, tests find it in their environment.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';

/** Two processes at once, each this much work: an ordinary machine has two processors. */
const processes = 2;
const work =
	"const { createHash } = require('node:crypto'); for (let i = 0, s = ''; i < 150_000; i++) s = createHash('sha256').update(s + i).digest('hex');";
/** What that takes there, ms; most of it is processor time, so that a quota is felt. */
const ordinaryMs = 400;
/** By how much slower it may become later: other work may begin. */
const usualMargin = 2;

/** In the environment of tests: the factor, a number. */
export const slownessVariable = 'ETABLI_TEST_SLOWNESS';

let factor = Number(process.env[slownessVariable]) || 1;

/**
 * @param margin by how much slower this machine may become while the bounds count
 * @returns by what the bounds of this process are multiplied from now on, at least 1
 */
export async function measureSlowness(margin = usualMargin): Promise<number> {
	const began = performance.now();
	await Promise.all(
		Array.from({ length: processes }, async () => {
			const child = spawn(process.execPath, ['-e', work], { stdio: 'ignore', env: { ...process.env, NODE_OPTIONS: '' } });
			await once(child, 'close');
		}),
	);
	factor = Math.max(1, Math.ceil((margin * (performance.now() - began)) / ordinaryMs));
	return factor;
}

/**
 * Does more wait for the processors than they can do? What takes long then may be no fault of what takes it.
 * @param load how many programs have run or waited, on average, of the last minute; @param processors of this machine
 * @returns a sentence for a person; undefined: it does not
 */
export function busyMachine(load = loadavg()[0] ?? 0, processors = availableParallelism()): string | undefined {
	if (load < 1.5 * processors) return undefined;
	return `This machine is busy: on average ${load.toFixed(0)} programs wanted its ${processors} processor${processors === 1 ? '' : 's'} in the last minute.`;
}

/** @param ms what an ordinary machine would never need @returns what this one would never need */
export function patience(ms: number): number {
	return ms * factor;
}
