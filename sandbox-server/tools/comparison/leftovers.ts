/** What a run may have left on the machine: processes, mounts, control groups of its containers. */
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { allProcesses, startedWith } from './processes.ts';

/** Control groups of what is compared stand below this one, at the root of each hierarchy. */
export const comparedGroups = '/etabli-compare';

/** Folders of control groups that carry the run's name. */
function groups(run: string): string[] {
	const tops = ['/sys/fs/cgroup', ...list('/sys/fs/cgroup').map((name) => join('/sys/fs/cgroup', name))];
	const within = tops.flatMap((top) => [top, join(top, comparedGroups), join(top, 'lxc'), join(top, 'docker')]);
	return [...new Set(within)].flatMap((folder) =>
		list(folder)
			.filter((name) => name.includes(run))
			.map((name) => join(folder, name)),
	);
}

function list(folder: string): string[] {
	try {
		return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : [])) : [];
	} catch {
		// It has gone, or is nobody's business.
		return [];
	}
}

/**
 * Takes away empty control groups that programs have left, and says what else is still there.
 * @param run mark of the run, part of every container's name and of its folder
 */
export function leftovers(run: string): string[] {
	for (const group of groups(run)) removeGroup(group);
	// Theirs all; another run may be using it.
	for (const top of ['', ...list('/sys/fs/cgroup')]) removeEmpty(join('/sys/fs/cgroup', top, comparedGroups));
	const named = allProcesses().filter(({ pid, line }) => pid !== process.pid && line.includes(run) && !line.includes('etabli compare'));
	const processes = new Map([...named, ...startedWith(`ec-${run}`)].map((one) => [one.pid, one]));
	const mounts = readFileSync('/proc/self/mounts', 'utf8')
		.split('\n')
		.flatMap((line) => (line.includes(run) ? [line.split(' ')[1] ?? ''] : []));
	return [
		...[...processes.values()].map(({ pid, line }) => `process ${pid}: ${line.slice(0, 120)}`),
		...mounts.map((place) => `mount ${place}`),
		...groups(run).map((group) => `control group ${group}`),
	];
}

function removeGroup(group: string): void {
	for (const name of list(group)) removeGroup(join(group, name));
	removeEmpty(group);
}

function removeEmpty(group: string): void {
	try {
		rmdirSync(group);
	} catch {
		// There is none, or somebody is in it: then it is named.
	}
}
