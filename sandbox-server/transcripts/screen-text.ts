/**
 * What a terminal showed, as plain text: the recorded bytes are drawn by a terminal without a window, and its lines are read. Lines that were
 * typed over, such as progress bars and edited commands, come out as they looked in the end; full-screen programs (vim, less) leave
 * nothing, as on a real screen. `clear` takes nothing away: the text is a record.
 */
import { setImmediate } from 'node:timers/promises';
import headless from '@xterm/headless';

/** Lines that are kept, before those that are too many bytes go. */
const lines = 5_000;
/** Drawn at a time: other work comes in between, bytes. */
const piece = 64 * 1024;
/**
 * "Do it n times": repeat a character, insert or delete lines, scroll, go on or back by tab stops. A number of ten digits keeps a processor busy
 * for an hour, and this one is everybody's. No terminal is larger than 1000 columns and rows.
 */
const repeating = ['b', 'L', 'M', 'S', 'T', 'I', 'Z'];
const mostTimes = 1000;
/** Lines of 80 columns that may be gone over in one recording at such a request, or when the screen is erased, changed or reset. */
const mostWork = 200_000;
/** Go over the whole screen, and no program that people use asks for them: columns in and out, a screen full of E. */
const unheard = [
	{ intermediates: "'", final: '}' },
	{ intermediates: "'", final: '~' },
	{ intermediates: ' ', final: '@' },
	{ intermediates: ' ', final: 'A' },
];
/** Marks on top of one character: repeating it repeats all of them. */
const mostMarks = 16;
/** Sizes that are followed: each draws all lines anew. */
const mostSizes = 200;

export interface Recording {
	/** In order. */
	parts: ({ bytes: Uint8Array } | { cols: number; rows: number })[];
}

/** @param limit bytes of text; of more, the newest lines are taken. Empty when nothing was shown */
export async function screenText({ parts }: Recording, limit: number): Promise<string> {
	const terminal = new headless.Terminal({
		cols: 80,
		rows: 24,
		scrollback: lines,
		allowProposedApi: true,
		scrollOnEraseInDisplay: true,
		// What it cannot read is a learner's affair, and not worth a line of the server's log.
		logLevel: 'off',
	});
	try {
		bound(terminal);
		let sizes = 0;
		for (const part of parts) {
			if ('cols' in part) {
				if (++sizes > mostSizes) continue;
				if (sizes > 1) await setImmediate();
				terminal.resize(Math.max(2, part.cols), Math.max(1, part.rows));
				continue;
			}
			for (let at = 0; at < part.bytes.length; at += piece)
				await new Promise<void>((resolve) => terminal.write(part.bytes.subarray(at, at + piece), resolve));
		}
		return newest(textOf(terminal), limit);
	} finally {
		terminal.dispose();
	}
}

/** Keeps what a few bytes can ask for within `mostWork`; what comes beyond is not drawn. */
function bound(terminal: InstanceType<typeof headless.Terminal>): void {
	let work = 0;
	/** @returns true: there is nothing left for it */
	const spend = (amount: number): boolean => {
		work += amount;
		return work > mostWork;
	};
	const screen = () => terminal.rows * Math.ceil(terminal.cols / 80);
	const { parser } = terminal;
	for (const final of repeating) {
		parser.registerCsiHandler({ final }, ([times]) => {
			const wanted = typeof times === 'number' ? Math.max(1, times) : 1;
			return wanted > mostTimes || (final === 'b' && isHeavy(terminal)) || spend(wanted * Math.ceil(terminal.cols / 80));
		});
	}
	// 3 is "erase what has scrolled away", which `clear` asks for.
	parser.registerCsiHandler({ final: 'J' }, ([what]) => what === 3 || spend(screen()));
	for (const final of ['h', 'l']) {
		const isScreen = (mode: number | number[]): boolean => mode === 47 || mode === 1047 || mode === 1049;
		parser.registerCsiHandler({ prefix: '?', final }, (modes) => modes.some(isScreen) && spend(modes.length * screen()));
	}
	parser.registerEscHandler({ final: 'c' }, () => spend(screen()));
	parser.registerEscHandler({ intermediates: '#', final: '8' }, () => true);
	for (const id of unheard) parser.registerCsiHandler(id, () => true);
}

/** The character before the cursor, of one cell or of two, carries more marks than a person's would. */
function isHeavy({ buffer }: InstanceType<typeof headless.Terminal>): boolean {
	const { active } = buffer;
	const line = active.getLine(active.baseY + active.cursorY);
	return [1, 2].some((back) => (line?.getCell(active.cursorX - back)?.getChars().length ?? 0) > mostMarks);
}

function textOf(terminal: InstanceType<typeof headless.Terminal>): string[] {
	const { normal } = terminal.buffer;
	const found: string[] = [];
	for (let at = 0; at < normal.length; at++) {
		const line = normal.getLine(at);
		if (!line) continue;
		const wraps = normal.getLine(at + 1)?.isWrapped ?? false;
		const text = line.translateToString(!wraps);
		if (line.isWrapped && found.length > 0) found[found.length - 1] += text;
		else found.push(text);
	}
	const trimmed = found.map((line) => line.trimEnd());
	return trimmed.slice(0, trimmed.findLastIndex((line) => line !== '') + 1);
}

function newest(all: string[], limit: number): string {
	let bytes = 0;
	let from = all.length;
	while (from > 0) {
		bytes += Buffer.byteLength(all[from - 1] ?? '') + 1;
		if (bytes > limit) break;
		from--;
	}
	const kept = all.slice(from).map((line) => `${line}\n`);
	return `${from > 0 ? '[…]\n' : ''}${kept.join('')}`;
}
