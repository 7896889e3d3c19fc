/**
 * What runs in a page with a terminal, a lesson's or ttyd's, that is flooded: it is sent there as text, so it may use nothing but its
 * parameters and what every page has.
 */

export interface Seen {
	/** As the shell itself has timed it, s. */
	seconds: number;
	/** Bytes of output that came. */
	bytes: number;
	/** What was printed has come to the page, byte for byte, and its last lines stand on the screen. */
	whole: boolean;
}

/** The part of a lesson's terminal, and of ttyd's, that is used. */
interface LabTerminal extends HTMLElement {
	readonly live: boolean;
	readonly idle: boolean;
	focusScreen(): void;
	lines(): string[];
}
interface Xterm {
	focus(): void;
	/** `done` is called when everything before has been parsed. */
	write(data: string, done: () => void): void;
	buffer: {
		active: {
			length: number;
			baseY: number;
			cursorY: number;
			getLine(at: number): { translateToString(trim: boolean): string } | undefined;
		};
	};
}
interface Kept {
	/** Everything that came by WebSocket, in order. */
	came: unknown[];
	/** When the last key came, ms. */
	key: number;
	/** Of what came, so much has been looked at for the prompt. */
	looked: number;
	/** The end of what has been looked at since that key. */
	end: string;
	/** The prompt has come, behind words of that pattern; in a lesson's page it has been parsed as well. */
	atPrompt(words: string): boolean;
	lines(): string[];
}
type Watched = typeof globalThis & { kept: Kept; term?: Xterm };

/** Before the page's own scripts: keeps what comes, without looking at it. */
export function keepWhatComes(): void {
	const came: unknown[] = [];
	const lab = () => document.querySelector('lab-terminal') as LabTerminal | null;
	const watched = globalThis as Watched;
	const line = (at: number) => watched.term?.buffer.active.getLine(at)?.translateToString(true) ?? '';
	watched.WebSocket = class extends WebSocket {
		constructor(url: string | URL, protocols?: string | string[]) {
			super(url, protocols);
			this.addEventListener('message', ({ data }) => came.push(data));
		}
	};
	watched.kept = {
		came,
		key: 0,
		looked: 0,
		end: '',
		atPrompt(words) {
			const { kept } = watched;
			for (const letters = new TextDecoder('latin1'); kept.looked < came.length; kept.looked++) {
				const piece = came[kept.looked];
				if (piece instanceof ArrayBuffer) kept.end = (kept.end + letters.decode(piece.slice(-1000))).slice(-1000);
			}
			// Where typing begins, the shell's mark says so.
			const said = kept.end.search(words);
			return said >= 0 && kept.end.includes('\u001b]133;B', said) && (watched.term !== undefined || (lab()?.idle ?? false));
		},
		lines: () => (watched.term ? Array.from({ length: watched.term.buffer.active.length }, (_, at) => line(at)) : (lab()?.lines() ?? [])),
	};
	addEventListener(
		'keydown',
		({ timeStamp }) => {
			Object.assign(watched.kept, { key: timeStamp, looked: came.length, end: '' });
		},
		{ capture: true },
	);
}

/**
 * Resolves when the shell is at its prompt, as the screen has it, and the keyboard is in it.
 * @param words pattern of what its program has said last; "" for any
 * @param ms patience
 * @returns ms since the last key, until that was painted
 */
export async function untilPrompt({ words = '', ms }: { words?: string; ms: number }): Promise<number> {
	const { kept, term } = globalThis as Watched;
	const begun = performance.now();
	while (!kept.atPrompt(words)) {
		if (performance.now() - begun > ms) {
			const shown = kept.lines().filter((text) => text !== '');
			throw new Error(`no prompt in the page: ${JSON.stringify(shown.slice(-3))}`);
		}
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	if (term) await new Promise<void>((resolve) => term.write('', resolve));
	// The next task comes after the frame with the prompt has been painted.
	await new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
	const sinceKey = performance.now() - kept.key;
	const lab = document.querySelector('lab-terminal') as LabTerminal | null;
	if (lab) lab.focusScreen();
	else term?.focus();
	return sinceKey;
}

/** What comes from now on is looked at. */
export function beginKeeping(): void {
	const { kept } = globalThis as Watched;
	kept.came.length = 0;
	kept.looked = 0;
}

/** @param lines how many were printed, as `seq` was told to */
export function whatCame(lines: number): Seen {
	const { kept } = globalThis as Watched;
	// Of ttyd: "0" and bytes. Of a lesson: kind 1, the number of the terminal, four bytes, and bytes.
	const pieces = kept.came
		.filter((data) => data instanceof ArrayBuffer)
		.map((data) => new Uint8Array(data))
		.flatMap((frame) => (frame[0] === 0x30 ? [frame.subarray(1)] : frame[0] === 1 ? [frame.subarray(5)] : []));
	const decoder = new TextDecoder();
	const text = pieces.map((piece) => decoder.decode(piece, { stream: true })).join('');
	const printed = Array.from({ length: lines }, (_, at) => `line ${String(at + 1).padStart(7, '0')} of the output: the quick brown fox`);
	const shown = kept.lines();
	const last = shown.lastIndexOf(printed.at(-1) ?? '');
	const onScreen = Math.min(lines, 500);
	const drawn = last >= 0 && printed.slice(-onScreen).every((line, at) => shown[last - onScreen + 1 + at] === line);
	if (!shown.some((line) => line.startsWith('took='))) throw new Error(`no time on the screen: ${JSON.stringify(shown.slice(-5))}`);
	const took = /^took=(\d+)[.,](\d+)$/.exec(shown.findLast((line) => line.startsWith('took=')) ?? '');
	return {
		seconds: took ? Number(`${took[1]}.${took[2]}`) : Number.NaN,
		bytes: pieces.reduce((sum, { length }) => sum + length, 0),
		whole: drawn && text.includes(`${printed.join('\r\n')}\r\n`),
	};
}
