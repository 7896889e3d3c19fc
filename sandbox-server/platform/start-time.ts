/** By which a process is known again: its number is used again, number and start time together are not. */
import { readFileSync } from 'node:fs';

/** Clock ticks since the machine started, as /proc gives them; undefined when there is no process of that number (or it is a zombie). */
export function startTime(pid: number): string | undefined {
	let stat: string;
	try {
		stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ESRCH') return undefined;
		throw error;
	}
	// The name stands in parentheses and may contain anything; fields are counted after it: state is the first, start time the 20th.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return fields[0] === 'Z' ? undefined : fields[19];
}
