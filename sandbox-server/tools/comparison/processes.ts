/** Processes of the host, as /proc has them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Process {
	pid: number;
	parent: number;
	/** Its name, as the kernel keeps it. */
	comm: string;
	/** Arguments, joined by spaces. */
	line: string;
}

/** All that there are; those that end meanwhile are left out. */
export function allProcesses(): Process[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.flatMap((name) => {
			try {
				const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
				const end = stat.lastIndexOf(')');
				const parent = Number(stat.slice(end + 2).split(' ')[1]);
				const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
				return [{ pid: Number(name), parent, comm: stat.slice(stat.indexOf('(') + 1, end), line }];
			} catch {
				// It has ended since it was listed.
				return [];
			}
		});
}

/**
 * Those that a run started, whatever they call themselves: the mark stands in the environment or the working folder with which they began.
 * Podman, as an ordinary user, leaves one that has it nowhere else. Whoever has a terminal is somebody who looks into the folder.
 */
export function startedWith(mark: string): Process[] {
	return allProcesses().filter(
		({ pid }) => pid !== process.pid && !hasTerminal(pid) && (environ(pid).includes(mark) || cwd(pid).includes(mark)),
	);
}

/** Kills them; they take their time to go. */
export function endStartedWith(mark: string): void {
	for (const { pid } of startedWith(mark)) {
		try {
			process.kill(pid, 'SIGKILL');
		} catch {
			// It has ended, or is another user's: then it is named.
		}
	}
}

function hasTerminal(pid: number): boolean {
	const stat = orNothing(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
	return !['0', undefined].includes(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4]);
}

const environ = (pid: number): string => orNothing(() => readFileSync(`/proc/${pid}/environ`, 'utf8'));
const cwd = (pid: number): string => orNothing(() => readlinkSync(`/proc/${pid}/cwd`));

function orNothing(read: () => string): string {
	try {
		return read();
	} catch {
		// It has ended since it was listed, or is nobody's business.
		return '';
	}
}

/**
 * The processes that came with containers: those that carry a container's name, what stands between them and a process that was there
 * before, and all that comes from any of these.
 * @param before numbers of the processes from before they were started
 * @param names of the containers
 * @param clients numbers of the commands that started them
 */
export function cameWith(
	all: readonly Process[],
	{ before, names, clients }: { before: ReadonlySet<number>; names: readonly string[]; clients: readonly number[] },
): number[] {
	const fresh = new Map(all.filter(({ pid }) => !before.has(pid)).map((one) => [one.pid, one]));
	const found = new Set(
		[...fresh.values()].filter(({ pid, line }) => clients.includes(pid) || names.some((name) => line.includes(name))).map(({ pid }) => pid),
	);
	for (const pid of [...found]) {
		for (let one = fresh.get(pid); one && fresh.has(one.parent); one = fresh.get(one.parent)) {
			// The commands themselves were started by this process, which was there before.
			found.add(one.parent);
		}
	}
	for (let size = -1; size !== found.size; ) {
		size = found.size;
		for (const { pid, parent } of fresh.values()) if (found.has(parent)) found.add(pid);
	}
	return [...found].sort((a, b) => a - b);
}
