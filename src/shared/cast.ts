/** Reads a recording of a terminal as asciinema writes it: asciicast, format 2 or 3 (docs.asciinema.org/manual/asciicast). */

export interface CastEvent {
	/** Since the beginning, s. */
	at: number;
	/** "o": output; "r": a new size; "m": a marker; "x": the shell's end; there may be others, which players pass over. */
	code: string;
	data: string;
}

export interface Cast {
	cols: number;
	rows: number;
	/** Players shorten longer silences to this, s. */
	idle: number | undefined;
	/** In order. */
	events: CastEvent[];
}

export interface CastFault {
	/** From 1. */
	line: number;
	what: string;
	remedy: string;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isSide = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1000;
const isSize = (text: string): boolean => {
	const [, cols, rows] = /^(\d+)x(\d+)$/.exec(text) ?? [];
	return isSide(Number(cols)) && isSide(Number(rows));
};
const again = 'Record it again with `asciinema rec`, and let it end by itself.';

/** @param text the whole file. @returns what is wrong with it, by its first mistake */
export function readCast(text: string): Cast | { fault: CastFault } {
	const lines = text.split('\n');
	const header = headerOf(lines[0] ?? '');
	if ('fault' in header) return header;
	const events: CastEvent[] = [];
	let at = 0;
	for (const [index, line] of lines.entries()) {
		// Format 3 has remarks.
		if (index === 0 || line.trim() === '' || (header.version === 3 && line.startsWith('#'))) continue;
		const fault = (what: string, remedy: string) => ({ fault: { line: index + 1, what, remedy } });
		const event = parsed(line);
		if (event === undefined) {
			const isLast = lines.slice(index + 1).every((one) => one.trim() === '');
			if (isLast) return fault('The cast is cut off in the middle of an event: what came after it is missing.', again);
			return fault('This line is not JSON.', again);
		}
		const [time, code, data] = Array.isArray(event) && event.length === 3 ? event : [];
		if (typeof time !== 'number' || typeof code !== 'string' || typeof data !== 'string')
			return fault('This is no event of a cast.', 'An event is [seconds, "o", "text"].');
		const now = header.version === 3 ? at + time : time;
		if (!Number.isFinite(now) || now < at || (header.version === 3 && time < 0))
			return fault('Time goes backwards here.', 'Each event comes after the one before it: put them in order.');
		at = now;
		if (code === 'r' && !isSize(data)) return fault(`${data} is no size.`, 'Write columns and rows: "80x24".');
		events.push({ at, code, data });
	}
	if (!events.some(({ code }) => code === 'o')) return { fault: { line: 1, what: 'The cast shows nothing.', remedy: again } };
	const { cols, rows, idle } = header;
	return { cols, rows, idle, events };
}

type Header = { version: 2 | 3; cols: number; rows: number; idle: number | undefined };

function headerOf(line: string): Header | { fault: CastFault } {
	const header = parsed(line);
	const fault = (what: string, remedy: string) => ({ fault: { line: 1, what, remedy } });
	if (!isObject(header)) return fault('This is no cast: its first line is no header.', 'It is what `asciinema rec NAME.cast` writes.');
	const { version, width, height, term, idle_time_limit: idle } = header;
	if (version !== 2 && version !== 3) {
		return fault(
			`Casts of format ${JSON.stringify(version) ?? '?'} are not played.`,
			'Write format 3: `asciinema convert -f asciicast-v3 OLD NEW`.',
		);
	}
	const [cols, rows] = version === 2 ? [width, height] : isObject(term) ? [term['cols'], term['rows']] : [];
	if (!isSide(cols) || !isSide(rows)) {
		const where = version === 2 ? '"width": 80, "height": 24' : '"term": {"cols": 80, "rows": 24}';
		return fault('The header does not say how large the terminal is.', `Write ${where}.`);
	}
	return { version, cols, rows, idle: typeof idle === 'number' && idle > 0 ? idle : undefined };
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** How long it takes to be seen, with long silences shortened, s. */
export function playedSeconds({ events, idle }: Pick<Cast, 'events' | 'idle'>, mostIdle = idle ?? Number.POSITIVE_INFINITY): number {
	let seconds = 0;
	let before = 0;
	for (const { at } of events) {
		seconds += Math.min(at - before, mostIdle);
		before = at;
	}
	return seconds;
}
