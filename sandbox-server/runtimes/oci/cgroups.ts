/** Control groups of a container, in whatever hierarchies this machine has (v1, v2, both), past the OCI runtime. */
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Groups of ours stand below this one, at the root of each hierarchy. */
export const cgroupParent = '/etabli';

/** Ends of killed processes are awaited by pauses of so many ms. */
const pause = 5;

/** Mount points of the hierarchies. */
function hierarchies(): string[] {
	return readFileSync('/proc/self/mounts', 'utf8')
		.split('\n')
		.map((line) => line.split(' '))
		.filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
		.map(([, place = '']) => place);
}

/** Of cgroup v2 alone; a v2 hierarchy beside v1 ("hybrid") holds no limits. */
export function cgroupVersion(): 'v1' | 'v2' {
	return existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1';
}

/** A container's swap can be limited: with cgroup v1 the kernel may have been told not to count it (swapaccount=0). */
export function limitsSwap(): boolean {
	return cgroupVersion() === 'v2' || hierarchies().some((place) => existsSync(join(place, 'memory.memsw.limit_in_bytes')));
}

function groups(name: string): string[] {
	return hierarchies()
		.map((place) => join(place, cgroupParent, name))
		.filter((path) => existsSync(path));
}

/** The group and all below it, outer ones first. */
function within(group: string): string[] {
	const below = readdirSync(group, { recursive: true, withFileTypes: true });
	return [group, ...below.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))];
}

function processesIn(group: string): number[] {
	try {
		return (
			readFileSync(join(group, 'cgroup.procs'), 'utf8')
				.split('\n')
				.map(Number)
				// 0: one that this process cannot see; to kill it would be to kill one's own group.
				.filter((pid) => pid > 0)
		);
	} catch {
		// It has gone meanwhile.
		return [];
	}
}

/** Numbers of all processes in the container's groups, each once. */
export function processesInGroups(name: string): number[] {
	return [...new Set(groups(name).flatMap((group) => within(group).flatMap(processesIn)))];
}

/** Kills whatever is in the container's groups, and takes them away. @throws the signal's reason when something does not end */
export async function clearGroups(name: string, signal: AbortSignal): Promise<void> {
	for (const group of groups(name)) {
		for (const one of within(group).reverse()) {
			while (existsSync(one) && !removed(one)) {
				for (const pid of processesIn(one)) kill(pid);
				signal.throwIfAborted();
				await sleep(pause);
			}
		}
	}
}

function removed(group: string): boolean {
	try {
		rmdirSync(group);
		return true;
	} catch (error) {
		// EBUSY: somebody is still in it.
		if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
		throw error;
	}
}

/** Done when there is no such process. */
export function kill(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// It has ended, which is what is wanted.
	}
}
