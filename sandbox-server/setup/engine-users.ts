/** Which processes of Établi work with this machine's engine, of whatever checkout: who started it stops it when nobody else does any more. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '../runtimes/id-range.ts';
import { root } from './paths.ts';
import { markedProcess, markProcess } from './processes.ts';

/** Only root starts an engine that all can use; what others may write is in the checkout alone. */
const usersFolder = join(process.getuid?.() === 0 ? stateFolder : join(root, '.etabli/run'), 'engine-users');

const markOf = (folder: string, pid: number) => join(folder, `${pid}.json`);

/** This process works with the engine from now on. */
export function noteUse(folder = usersFolder): void {
	markProcess(markOf(folder, process.pid), process.pid, root);
}

/** It does not any more. */
export function forgetUse(folder = usersFolder): void {
	rmSync(markOf(folder, process.pid), { force: true });
}

/** Is another process at work with the engine? It may just have no container at this moment. */
export function usedByOthers(folder = usersFolder): boolean {
	if (!existsSync(folder)) return false;
	const own = markOf(folder, process.pid);
	return readdirSync(folder)
		.map((name) => join(folder, name))
		.some((mark) => mark !== own && markedProcess(mark) !== undefined);
}
