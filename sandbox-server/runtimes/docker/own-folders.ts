/** Has the container's user the folders in memory that were asked for? Seen from outside, where this machine lets one look. */
import { lstatSync, readFileSync, type Stats } from 'node:fs';
import type { MemoryFolder } from '../containers.ts';

/** OCI runtimes whose containers are processes of this machine's kernel, with their root where /proc shows it. */
const ordinary = /^(?:runc|crun|youki)$/;

/** Can containers of this OCI runtime be looked into? Those of others may have a virtual machine, or a kernel of their own, as their process. */
export function canBeSeen(ociRuntime: string | undefined): boolean {
	return ociRuntime !== undefined && ordinary.test(ociRuntime);
}

/**
 * @param pid of the container's main process on this machine
 * @returns what is wrong, as a sentence; 'unseen': that cannot be seen from here; undefined: nothing
 */
export function strangeFolder(pid: number, folders: readonly Pick<MemoryFolder, 'at' | 'owner'>[]): string | 'unseen' | undefined {
	const user = userOf(pid);
	if (user === undefined) return 'unseen';
	for (const { at } of folders.filter(({ owner }) => owner !== 0)) {
		const found = folderOf(pid, at);
		if (!found) return 'unseen';
		if (found.uid === user && (found.mode & 0o700) === 0o700) continue;
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

/** Through no link: one of the image would lead out of the container from here. */
function folderOf(pid: number, at: string): Stats | undefined {
	try {
		let path = `/proc/${pid}/root`;
		let found: Stats | undefined;
		for (const part of at.split('/').filter(Boolean)) {
			path += `/${part}`;
			found = lstatSync(path);
			if (!found.isDirectory()) return undefined;
		}
		return found;
	} catch {
		return undefined; // It has ended, or this server is not root.
	}
}
