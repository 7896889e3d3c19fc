/** All that an agent has kept of a terminal, for drawing it once more. */
import { type Agent, AgentGone, type ShellEnd, type Stream } from '../agent/agent.ts';
import type { OutputTimes } from './output-times.ts';
import { unlessGone } from './viewers.ts';

/** More than an agent keeps of a terminal (4 MiB): all of it comes without a word in between. */
const recordCredit = 8 * 2 ** 20;
/** Pieces of a record: an agent keeps 4096 sizes. Sizes and preambles cost no credit, and who plays the agent can send them for ever. */
const recordPieces = 50_000;
/** Bytes of all preambles of a record; an agent's has 2 KiB at most. */
const recordPreambles = 64 * 1024;

export interface Recording {
	/** In order. `from`: offset of the first byte; undefined: a preamble, which is none of the shell's output. */
	parts: ({ bytes: Uint8Array; from?: number } | { cols: number; rows: number })[];
}

/** A terminal that has something to show. */
export interface Recorded {
	/** "first-container/1". */
	terminal: string;
	/** How far its output goes: when that is as before, nothing is to be kept. */
	end: bigint;
	/** The agent's number of its shell. */
	term: number;
	/** How its shell ended; undefined while it lives. */
	over: ShellEnd | undefined;
	/** When its output came. */
	times: OutputTimes;
	/** undefined when it cannot be had any more, or when the signal aborts. */
	record(signal: AbortSignal): Promise<Recording | undefined>;
}

/** @returns undefined when the connection ends meanwhile, when it is too much, or when `signal` aborts */
export function record(agent: Agent, term: number, signal: AbortSignal): Promise<Recording | undefined> {
	const parts: Recording['parts'] = [];
	return new Promise((resolve) => {
		let stream: Stream | undefined;
		const end = (found: Recording | undefined) => {
			signal.removeEventListener('abort', abort);
			if (!signal.aborted) unlessGone(() => stream?.detach());
			resolve(found);
		};
		const abort = () => end(undefined);
		signal.addEventListener('abort', abort, { once: true });
		if (signal.aborted) return abort();
		let preambles = 0;
		const add = (one: Recording['parts'][number]) => {
			if (parts.push(one) > recordPieces) end(undefined);
		};
		try {
			stream = agent.attach(
				{ term, from: 'start', credit: recordCredit, pacing: false },
				{
					// The bytes are the connection's: they are another frame's soon.
					output: (bytes, offset) => add({ bytes: Uint8Array.from(bytes), from: Number(offset) }),
					preamble: (bytes) => {
						preambles += bytes.length;
						if (preambles > recordPreambles) end(undefined);
						else add({ bytes: Uint8Array.from(bytes) });
					},
					resized: (cols, rows) => add({ cols, rows }),
					live: () => end({ parts }),
					gap: () => void parts.splice(0),
					refused: () => end(undefined),
				},
			);
		} catch (error) {
			if (!(error instanceof AgentGone)) throw error;
			abort();
		}
	});
}
