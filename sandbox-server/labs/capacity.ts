/** How many sandboxes a machine has room for: by memory and by processes, unless the operator has set a number. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Course } from '../../src/shared/course/course.ts';
import type { Log } from '../platform/log.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { machineProcesses } from '../runtimes/sandbox-container.ts';

/** Part of the engine's memory that sandboxes may fill; the rest is for the engine, the registry and this server. */
const memoryShare = 0.8;
/**
 * What a sandbox is counted with, of its memory limit: an idle one takes a few per cent of it and only some learners build at once. Should
 * all of them fill up together, the kernel ends programs of sandboxes first (OomScoreAdj), not the server.
 */
const expectedUse = 0.25;
/** Where memory has no limit: a learner's own in two courses, and one ahead for each. */
const few = 4;
/** Part of the kernel's processes that sandboxes may have: all of them, each up to its limit, since nothing is ended first when none is left. */
const processShare = 0.8;

export interface Capacity {
	sandboxes: number;
	/** What bounds it. */
	by: 'option' | 'memory' | 'processes';
	/** A sentence for the operator. */
	text: string;
}

/** What the machine of the engine has; bytes, and processes of the whole kernel (undefined when it is another machine's). */
interface Machine {
	memory: number;
	processes: number | undefined;
	/** As in RuntimeInfo. */
	unbounded?: boolean | undefined;
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1).replace(/\.0$/, '')} GiB`;

/** The courses' hungriest sandbox is what is counted with; at least one fits. */
export function capacityOf(courses: readonly Course[], { memory, processes, unbounded }: Machine, chosen: number | undefined): Capacity {
	const each = Math.max(...courses.map(({ settings }) => settings.limits.memory));
	const eachProcesses = Math.max(...courses.map(({ settings }) => machineProcesses(settings.runtime, settings.limits.processes)));
	if (chosen !== undefined) return { sandboxes: chosen, by: 'option', text: `Room for ${chosen} sandboxes, as --max-sandboxes says.` };
	if (!Number.isFinite(each)) return { sandboxes: 1, by: 'memory', text: 'No course, hence no sandboxes.' };
	if (unbounded) {
		const sandboxes = Math.max(1, Math.min(few, Math.floor((memory * memoryShare) / each)));
		const text = `Room for ${sandboxes} sandboxes: for one learner, since their memory is not limited. --max-sandboxes sets another number.`;
		return { sandboxes, by: 'memory', text };
	}
	const byMemory = Math.max(1, Math.floor((memory * memoryShare) / (each * expectedUse)));
	const byProcesses =
		processes === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((processes * processShare) / eachProcesses));
	if (byProcesses < byMemory)
		return {
			sandboxes: byProcesses,
			by: 'processes',
			text: `Room for ${byProcesses} sandboxes: the kernel’s ${processes} processes, ${eachProcesses} each (sysctl kernel.pid_max raises that).`,
		};
	return {
		sandboxes: byMemory,
		by: 'memory',
		text: `Room for ${byMemory} sandboxes: 80 % of ${gib(memory)} of memory, a quarter of ${gib(each)} each. --max-sandboxes sets another number.`,
	};
}

/** The same for the engine that is there. One that does not answer, or that is elsewhere, is counted by what is known of it. */
export async function measureCapacity(
	runtime: Runtime,
	local: boolean,
	courses: readonly Course[],
	chosen: number | undefined,
	log: Log,
): Promise<Capacity> {
	let memory = totalmem();
	let unbounded: boolean | undefined;
	try {
		if (chosen === undefined) ({ memory, unbounded } = await runtime.info(AbortSignal.timeout(10_000)));
	} catch (error) {
		log.warn({ err: error }, 'the engine does not answer: room for sandboxes is counted by this machine’s memory');
	}
	return capacityOf(courses, { memory, processes: local ? kernelProcesses() : undefined, unbounded }, chosen);
}

/** Processes and threads that this kernel can have at most; undefined where it does not say. */
function kernelProcesses(): number | undefined {
	try {
		return Math.min(...['pid_max', 'threads-max'].map((name) => Number(readFileSync(`/proc/sys/kernel/${name}`, 'utf8'))));
	} catch {
		// Another system than Linux: the engine runs in a machine of its own.
		return undefined;
	}
}
