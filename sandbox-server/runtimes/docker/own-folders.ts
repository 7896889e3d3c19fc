/** Has the container's user the folders in memory that were asked for? Seen from outside, where this machine lets one look. */
import { readFileSync, statSync } from 'node:fs';
import type { MemoryFolder } from '../containers.ts';

/**
 * @param pid of the container's main process on this machine
 * @returns what is wrong, as a sentence; undefined: nothing, or it cannot be seen from here
 */
export function strangeFolder(pid: number, folders: readonly Pick<MemoryFolder, 'at' | 'owner'>[]): string | undefined {
	const user = userOf(pid);
	if (user === undefined) return undefined;
	for (const { at } of folders.filter(({ owner }) => owner !== 0)) {
		const found = folderOf(pid, at);
		if (!found || (found.uid === user && (found.mode & 0o700) === 0o700)) continue;
		const mode = (found.mode & 0o7777).toString(8).padStart(4, '0');
		return (
			`the engine and its OCI runtime did not make ${at} its user's own: it has the mode ${mode} and belongs to ${found.uid}, not ${user}. ` +
			`The mode may be that of the image's own folder: make it 0700 there. Otherwise start with --engine oci, or with Docker`
		);
	}
	return undefined;
}

function userOf(pid: number): number | undefined {
	try {
		return Number(/^Uid:\t\d+\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN);
	} catch {
		return undefined; // It has ended.
	}
}

function folderOf(pid: number, at: string): { uid: number; mode: number } | undefined {
	try {
		return statSync(`/proc/${pid}/root${at}`);
	} catch {
		return undefined; // It has ended, or this server is not root.
	}
}
