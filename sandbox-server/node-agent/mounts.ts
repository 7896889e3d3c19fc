/** Mounts for pods. Made by mount(8): Node has no call for it. */
import { execFile } from 'node:child_process';
import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Semaphore } from '../platform/semaphore.ts';

const run = promisify(execFile);
/** At once: they share the node's processors with everybody's sandboxes. */
const commands = new Semaphore({ places: 4 });

/** @throws with the command's own words */
async function command(name: string, args: string[]): Promise<void> {
	try {
		await commands.run(() => run(name, args));
	} catch (error) {
		const said = (error as { stderr?: string }).stderr?.trim();
		throw new Error(said || (error instanceof Error ? error.message : String(error)));
	}
}

/** Something is mounted at `path`: it is of another file system than its parent, as is everything that is mounted here. */
export function isMounted(path: string): boolean {
	const found = statSync(path, { throwIfNoEntry: false });
	return found !== undefined && found.dev !== statSync(dirname(path)).dev;
}

/** `from`, read-only, at `to`. Idempotent. @param exec programs may be started from there @throws Error */
export async function bindReadOnly(from: string, to: string, exec: boolean): Promise<void> {
	const options = `bind,ro,nosuid,nodev,${exec ? 'exec' : 'noexec'}`;
	mkdirSync(to, { recursive: true });
	// One that was killed halfway may have left a mount that can be written to.
	await command('mount', isMounted(to) ? ['-o', `remount,${options}`, to] : ['-o', options, from, to]);
}

export interface MemoryFolder {
	bytes: number;
	files: number;
	/** Four octal digits. */
	mode: string;
	/** uid and gid. */
	owner: number;
	exec: boolean;
}

/** A folder in memory, which counts as that of the programs that write there. Idempotent. @throws Error */
export async function mountMemory(to: string, { bytes, files, mode, owner, exec }: MemoryFolder): Promise<void> {
	mkdirSync(to, { recursive: true });
	if (isMounted(to)) return;
	const options = [`size=${bytes}`, `nr_inodes=${files}`, `mode=${mode}`, `uid=${owner}`, `gid=${owner}`, 'nosuid'];
	// `dev` where programs are built: without it every `apptainer build` warns. It gives nothing away: device nodes need a right that no sandbox has.
	await command('mount', ['-t', 'tmpfs', '-o', [...options, ...(exec ? ['exec', 'dev'] : ['noexec', 'nodev'])].join(','), 'etabli', to]);
}

/** Takes away whatever is mounted there, and the folder. Idempotent. @throws Error */
export async function unmount(path: string): Promise<void> {
	// A pod's programs are gone by now; somebody else of the node may still stand in it, and must not keep it.
	while (isMounted(path)) await command('umount', ['--lazy', path]);
	if (statSync(path, { throwIfNoEntry: false })) rmdirSync(path);
}

/** A folder in memory of this program's own: bounded, with programs that can be started whatever the node's /run is mounted with. Idempotent. @throws Error */
export async function mountState(path: string): Promise<void> {
	mkdirSync(path, { recursive: true });
	if (isMounted(path)) return;
	await command('mount', ['-t', 'tmpfs', '-o', 'size=256m,nr_inodes=200k,mode=0755,nosuid,nodev,exec', 'etabli', path]);
}
