/**
 * What a terminal showed, as plain text: the recorded bytes are drawn by a terminal without a window, and its lines are read. Lines that were
 * typed over, such as progress bars and edited commands, come out as they looked in the end; full-screen programs (vim, less) leave
 * nothing, as on a real screen. `clear` and `reset` take nothing away: the text is a record.
 */
import { setImmediate } from 'node:timers/promises';
import headless from '@xterm/headless';
import { boundWork } from '../sandboxes/bounded-drawing.ts';
import type { Recording } from '../sandboxes/recording.ts';
import { KeptLines } from './kept-lines.ts';

/** Lines that are kept, before those that are too many bytes go. */
const lines = 5_000;
/** Drawn at a time: other work comes in between, bytes. */
const piece = 64 * 1024;
/** Sizes that are followed: each draws all lines anew. */
const mostSizes = 200;

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
		boundWork(terminal);
		const kept = new KeptLines();
		let sizes = 0;
		for (const part of parts) {
			if ('cols' in part) {
				if (++sizes > mostSizes) continue;
				if (sizes > 1) await setImmediate();
				terminal.resize(Math.max(2, part.cols), Math.max(1, part.rows));
				continue;
			}
			for (let at = 0; at < part.bytes.length; at += piece)
				await new Promise<void>((resolve) => terminal.write(kept.take(part.bytes.subarray(at, at + piece)), resolve));
		}
		return newest(textOf(terminal), limit);
	} finally {
		terminal.dispose();
	}
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
