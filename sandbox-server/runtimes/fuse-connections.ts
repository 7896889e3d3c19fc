/**
 * Connections of FUSE file systems that processes of a sandbox have mounted. A process that waits for an answer of such a file system ends
 * by no signal while the file system's own program stands still; the kernel lets its owner, and root, abort the connection, after which
 * every request fails (Linux, Documentation/filesystems/fuse.rst, "Aborting a filesystem connection").
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const control = '/sys/fs/fuse/connections';

/** @param mountinfo as /proc/PID/mountinfo has it @returns numbers of the connections of all FUSE mounts in it, as fusectl names them */
export function fuseConnections(mountinfo: string): Set<string> {
	const found = new Set<string>();
	for (const line of mountinfo.split('\n')) {
		const [before = '', after = ''] = line.split(' - ');
		const [major, minor] = (before.split(' ')[2] ?? '').split(':');
		// Of a block device ("fuseblk") the connection is another number, and no learner has one.
		if (/^fuse(\.|\s|$)/.test(after) && major === '0' && minor) found.add(minor);
	}
	return found;
}

function mountsOf(process: number | 'self'): Set<string> {
	try {
		return fuseConnections(readFileSync(`/proc/${process}/mountinfo`, 'utf8'));
	} catch {
		return new Set(); // It has ended meanwhile.
	}
}

/**
 * Aborts what these processes of this machine have mounted, and nothing that the machine itself has.
 *
 * @returns how many were aborted: none without the right to, or when there are none
 */
export function abortFuseConnections(processes: readonly number[]): number {
	const ours = new Set([...mountsOf('self'), ...mountsOf(1)]);
	const theirs = new Set(processes.flatMap((pid) => [...mountsOf(pid)]).filter((one) => !ours.has(one)));
	if (theirs.size === 0) return 0;
	// Not every machine has the control files there yet. Where sandboxes are this user's own, so are their connections.
	if (process.getuid?.() === 0 && existsSync(control) && readdirSync(control).length === 0)
		spawnSync('mount', ['-t', 'fusectl', 'none', control]);
	let aborted = 0;
	for (const one of theirs) {
		try {
			writeFileSync(join(control, one, 'abort'), '1');
			aborted++;
		} catch {
			// It has gone meanwhile, or this container of ours may not: the caller goes by the number.
		}
	}
	return aborted;
}
