/**
 * A terminal's recording as it lies on the disk: one line of JSON about it, then the bytes as the terminal had them. The cast is made of it when it
 * is taken home, in the words of whoever takes it.
 */
import { z } from 'zod';
import type { Moment } from '../sandboxes/output-times.ts';
import type { Recording } from '../sandboxes/recording.ts';

export interface KeptRecording {
	/** The agent's number of its shell: times of another one say nothing here. */
	term: number;
	/** Offset of the first byte. */
	from: number;
	/** What came before `from` is not kept. */
	cut: boolean;
	bytes: Buffer;
	/** What brings a fresh terminal into the modes of the first byte; the agent has it when it has let go of output. */
	preamble: Buffer;
	/** From that offset on the terminal had this size; the first at `from` or before. */
	sizes: Size[];
	moments: Moment[];
	/** Exit status of the shell, as a shell would tell it; undefined while it lives. */
	exit: number | undefined;
}

interface Size {
	at: number;
	cols: number;
	rows: number;
}

/** Behind it a shell stands at its prompt: the modes of a terminal are those of the beginning. */
const prompt = Buffer.from('\x1b]133;A');
const lineFeed = 0x0a;
const version = 1;

const headSchema = z.strictObject({
	version: z.literal(version),
	term: z.int(),
	from: z.int().nonnegative(),
	cut: z.boolean(),
	preamble: z.base64(),
	sizes: z.array(z.tuple([z.int(), z.int().positive(), z.int().positive()])),
	// Offset and time after the moment before: smaller numbers, and they compress.
	moments: z.array(z.tuple([z.int(), z.int().nullable()])),
	exit: z.int().nullable(),
});

/** @param limit bytes of output: of more, the newest are kept, from a prompt on if there is one. @returns undefined: nothing has been shown */
export function keptRecording(
	{ parts }: Recording,
	about: { term: number; moments: readonly Moment[]; exit: number | undefined },
	limit: number,
): KeptRecording | undefined {
	let from: number | undefined;
	let end = 0;
	let preambles: Uint8Array[] = [];
	let pieces: Uint8Array[] = [];
	const sizes: Size[] = [];
	for (const part of parts) {
		if ('cols' in part) {
			// Of several at one place the last counts.
			if (sizes.at(-1)?.at === end) sizes.pop();
			sizes.push({ at: end, cols: part.cols, rows: part.rows });
		} else if (part.from === undefined) {
			if (pieces.length === 0) preambles.push(part.bytes);
		} else {
			if (from === undefined || part.from !== end) {
				// Whoever plays the agent may leave something out.
				if (from !== undefined) preambles = [];
				from = part.from;
				pieces = [];
			}
			pieces.push(part.bytes);
			end = part.from + part.bytes.length;
		}
	}
	if (from === undefined) return undefined;
	const bytes = Buffer.concat(pieces);
	const skipped = bytes.length > limit ? cutAt(bytes, bytes.length - limit) : 0;
	const start = from + skipped;
	return {
		term: about.term,
		from: start,
		cut: start > 0,
		bytes: bytes.subarray(skipped),
		preamble: skipped > 0 ? Buffer.alloc(0) : Buffer.concat(preambles),
		sizes: sizes.slice(
			Math.max(
				0,
				sizes.findLastIndex(({ at }) => at <= start),
			),
		),
		moments: about.moments.filter((moment) => moment.end > start),
		exit: about.exit,
	};
}

function cutAt(bytes: Buffer, least: number): number {
	const atPrompt = bytes.indexOf(prompt, least);
	if (atPrompt >= 0) return atPrompt;
	const line = bytes.indexOf(lineFeed, least);
	return line >= 0 ? line + 1 : least;
}

export function packRecording({ term, from, cut, bytes, preamble, sizes, moments, exit }: KeptRecording): Buffer {
	let end = from;
	let ms = 0;
	const head: z.infer<typeof headSchema> = {
		version,
		term,
		from,
		cut,
		preamble: preamble.toString('base64'),
		sizes: sizes.map((size) => [size.at, size.cols, size.rows]),
		moments: moments.map((moment) => {
			const after = moment.end - end;
			end = moment.end;
			if (moment.ms === undefined) return [after, null];
			const later = Math.round(moment.ms) - ms;
			ms += later;
			return [after, later];
		}),
		exit: exit ?? null,
	};
	return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes]);
}

/** @returns undefined: it is none of this version's */
export function unpackRecording(packed: Buffer): KeptRecording | undefined {
	const line = packed.indexOf(lineFeed);
	if (line < 0) return undefined;
	const { success, data } = headSchema.safeParse(parsed(packed.toString('utf8', 0, line)));
	if (!success) return undefined;
	let end = data.from;
	let ms = 0;
	return {
		term: data.term,
		from: data.from,
		cut: data.cut,
		bytes: packed.subarray(line + 1),
		preamble: Buffer.from(data.preamble, 'base64'),
		sizes: data.sizes.map(([at, cols, rows]) => ({ at, cols, rows })),
		moments: data.moments.map(([after, later]) => {
			end += after;
			if (later === null) return { end, ms: undefined };
			ms += later;
			return { end, ms };
		}),
		exit: data.exit ?? undefined,
	};
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
