/** Processes of this machine, as /proc tells of them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';

function numbers(): number[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map(Number);
}

/** '' when it has ended, or is not to be looked at. */
function textOf(pid: number, file: string): string {
	try {
		return readFileSync(`/proc/${pid}/${file}`, 'utf8');
	} catch {
		return '';
	}
}

/** Those that are just making a container by this file of steps. */
export function startersOf(steps: string): number[] {
	return numbers().filter((pid) => textOf(pid, 'cmdline').includes(`--carry\0${steps}\0`));
}

/** Processes and threads of this server's user. */
export function ownProcesses(): number {
	const mine = process.getuid?.();
	return numbers().reduce((sum, pid) => {
		try {
			return statSync(`/proc/${pid}`).uid === mine ? sum + readdirSync(`/proc/${pid}/task`).length : sum;
		} catch {
			// It has ended since it was listed.
			return sum;
		}
	}, 0);
}

/** The process and all below it. In a namespace of its own no process leaves its first one. */
export function withDescendants(main: number): number[] {
	const children = new Map<number, number[]>();
	for (const pid of numbers()) {
		const stat = textOf(pid, 'stat');
		const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
		children.set(parent, [...(children.get(parent) ?? []), pid]);
	}
	const found = [main];
	for (let at = 0; at < found.length; at++) found.push(...(children.get(found[at] as number) ?? []));
	return found;
}
