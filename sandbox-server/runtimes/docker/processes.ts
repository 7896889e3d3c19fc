/** Processes of a container, as this machine numbers them. */
import { readdirSync, readFileSync } from 'node:fs';

/** @param id of the container, whole: control groups have it in their names, whichever driver made them; none if it runs elsewhere */
export function processesOf(id: string): number[] {
	return readdirSync('/proc')
		.map(Number)
		.filter((pid) => pid > 0 && belongsTo(pid, id));
}

/** Is it a process of the container with this id? */
export function belongsTo(pid: number, id: string): boolean {
	return groupsOf(pid).includes(id);
}

function groupsOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
	} catch {
		return ''; // It has ended meanwhile.
	}
}
