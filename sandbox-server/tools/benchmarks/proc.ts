/** What the kernel says of processes and control groups. Linux only, as the sandboxes are. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Clock ticks a second: 100 on every Linux that Node runs on (sysconf(_SC_CLK_TCK)). */
const ticks = 100;

/** Processor time of a process so far, its ended children not counted, in s. */
export function cpuSeconds(pid: number): number {
	const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
	// The second field is the name in brackets, and may contain anything.
	const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** Proportional share of memory of a process, bytes: pages that n processes share count with an n-th. */
export function pssBytes(pid: number): number {
	const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
	return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? Number.NaN) * 1024;
}

/** Memory that is free or can be freed at once, bytes. */
export function availableMemory(): number {
	return Number(/^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? Number.NaN) * 1024;
}

/** Busy and all processor time of the machine so far, in s over all processors. */
export function machineCpu(): { busy: number; all: number } {
	const fields = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).slice(1, 9).map(Number);
	const all = fields.reduce((sum, field) => sum + field, 0);
	const idle = (fields[3] ?? 0) + (fields[4] ?? 0);
	return { busy: (all - idle) / ticks, all: all / ticks };
}

/** Folder of the process's control group for a controller; undefined where that cannot be told. */
function groupFolder(pid: number, controller: string): string | undefined {
	const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
	const own = lines.find((line) => line.split(':')[1]?.split(',').includes(controller));
	const folder = own ? join('/sys/fs/cgroup', controller, own.split(':')[2] ?? '') : join('/sys/fs/cgroup', lines[0]?.split(':')[2] ?? '');
	return existsSync(folder) ? folder : undefined;
}

/** Memory that the process's control group uses, without file pages that could be dropped, bytes. @throws Error where it cannot be read */
export function groupMemory(pid: number): number {
	const folder = groupFolder(pid, 'memory');
	if (folder === undefined) throw new Error('the control group of the sandbox cannot be read');
	const read = (name: string) => readFileSync(join(folder, name), 'utf8');
	const used = Number(existsSync(join(folder, 'memory.current')) ? read('memory.current') : read('memory.usage_in_bytes'));
	const inactive = /^(?:total_)?inactive_file (\d+)$/m.exec(read('memory.stat'))?.[1];
	return used - Number(inactive ?? 0);
}

/** Processor time of the process's control group so far, in s. @throws Error where it cannot be read */
export function groupCpu(pid: number): number {
	const folder = groupFolder(pid, 'cpuacct');
	if (folder === undefined) throw new Error('the control group of the sandbox cannot be read');
	const old = join(folder, 'cpuacct.usage');
	if (existsSync(old)) return Number(readFileSync(old, 'utf8')) / 1e9;
	return Number(/^usage_usec (\d+)$/m.exec(readFileSync(join(folder, 'cpu.stat'), 'utf8'))?.[1]) / 1e6;
}

/** The engine's helpers (containerd-shim, conmon, …): the parents of the containers' main processes, each once. */
export function helpersOf(mains: readonly number[]): number[] {
	const parents = mains.flatMap((pid) => /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? []);
	return [...new Set(parents.map(Number))].filter((pid) => pid > 1);
}

/** Processes that this one has started itself, and that are still its own. */
export function childrenOf(pid: number): number[] {
	return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
		try {
			return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
		} catch {
			return []; // The thread has ended.
		}
	});
}
