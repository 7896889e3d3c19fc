/** What a run may have left on the machine: processes, mounts, control groups of its containers. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { allProcesses, endStartedWith, startedWith } from './processes.ts';

/** Control groups of what is compared stand below this one, at the root of each hierarchy. */
export const comparedGroups = '/etabli-compare';

/** ms in which what was killed is to be gone, and ms between two looks. */
const patience = 3000;
const pause = 50;

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

const mounts = (mark: string): string[] =>
	readFileSync('/proc/self/mounts', 'utf8')
		.split('\n')
		.flatMap((line) => (line.includes(mark) ? [line.split(' ')[1] ?? ''] : []));

/**
 * Ends and takes away what a run has started and made, also of one that had no time to end it in order. Blocks, for some seconds at most: it is
 * also the last that this process does.
 * @param run mark of the run @param folder of the run @returns what is still there, a line each
 */
export function sweep(run: string, folder: string): string[] {
	// Where sockets of daemons stand when the folder's own name is too long.
	const folders = [folder, `/run/ec-${run}`];
	for (let waited = 0; ; waited += pause) {
		endStartedWith(`ec-${run}`);
		for (const place of mounts(`${folder}/`)) spawnSync('umount', ['--lazy', place], { timeout: 5000 });
		for (const one of folders) removeFolder(one);
		const left = [...leftovers(run), ...folders.filter((one) => existsSync(one)).map((one) => `folder ${one}`)];
		if (left.length === 0 || waited >= patience) return left;
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
	}
}

/** What cannot be removed is named afterwards. */
function removeFolder(folder: string): void {
	const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 };
	try {
		rmSync(folder, options);
	} catch {
		// Programs leave folders that not even their owner may enter, such as overlay's.
		spawnSync('chmod', ['-R', 'u+rwX', folder], { timeout: 30_000 });
		try {
			rmSync(folder, options);
		} catch {
			// It is there still, which is said.
		}
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
	return [
		...[...processes.values()].map(({ pid, line }) => `process ${pid}: ${line.slice(0, 120)}`),
		...mounts(run).map((place) => `mount ${place}`),
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
