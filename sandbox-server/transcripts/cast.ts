/**
 * A recording as an asciinema cast, format v3 (docs.asciinema.org/manual/asciicast/v3): a header, then a line for each event, with the seconds
 * since the one before. Control sequences stay as they are: it is a terminal that plays it. Whatever bytes there are, each line is JSON.
 */
import type { KeptRecording } from './kept-recording.ts';

export interface CastWords {
	title: string;
	/** A marker where output begins of which no time is known. */
	noTimes: string;
	/** A marker at the start, when the beginning is not kept. */
	cut: string;
}

/** What a player shortens longer silences to, s. They are in the file as they were. */
const idleSeconds = 2;
/** Text of one event, letters: of what came at once, or without times. */
const mostLetters = 32 * 1024;
/** JSON allows these inside of a text; programs that read line by line, and terminals that show a file, do better without. */
const unescaped = /[\x7f-\x9f\u2028\u2029\ufeff]/g;
const spelt = (one: string) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
const json = (text: string): string => JSON.stringify(text).replace(unescaped, spelt);

export function castOf(recording: KeptRecording, words: CastWords): string {
	const { from, bytes, preamble, sizes, moments, cut, exit } = recording;
	const [first = { cols: 80, rows: 24 }, ...later] = sizes;
	const lines = new CastLines();
	if (cut) lines.event('m', words.cut, undefined);
	lines.output(preamble, undefined);
	const end = from + bytes.length;
	let unknown = false;
	let size = 0;
	let at = from;
	for (let moment = 0; at < end; ) {
		while ((moments[moment]?.end ?? Number.POSITIVE_INFINITY) <= at) moment++;
		const now = moments[moment];
		for (let next = later[size]; next && next.at <= at; next = later[++size]) lines.event('r', `${next.cols}x${next.rows}`, now?.ms);
		// Behind the last moment is what came while the bytes were fetched.
		const isUnknown = now !== undefined && now.ms === undefined;
		if (isUnknown && !unknown) lines.event('m', words.noTimes, undefined);
		unknown = isUnknown;
		const until = Math.min(end, now?.end ?? end, later[size]?.at ?? end);
		// A letter may begin before the cut; what is left of it is none.
		const start = at === from && cut ? afterHalfLetter(bytes) : at - from;
		lines.output(bytes.subarray(start, until - from), now?.ms);
		at = until;
	}
	for (const next of later.slice(size)) lines.event('r', `${next.cols}x${next.rows}`, undefined);
	lines.end();
	if (exit !== undefined) lines.event('x', String(exit), undefined);
	const began = moments.find(({ ms }) => ms !== undefined)?.ms;
	const header = {
		version: 3,
		term: { cols: first.cols, rows: first.rows, type: 'xterm-256color' },
		...(began !== undefined && { timestamp: Math.floor(began / 1000) }),
		idle_time_limit: idleSeconds,
	};
	// The title comes from a course.
	return `${JSON.stringify(header).slice(0, -1)},"title":${json(words.title)}}\n${lines.text}`;
}

function afterHalfLetter(bytes: Uint8Array): number {
	let at = 0;
	while (at < 3 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++;
	return at;
}

/** Events in order; output that came at one moment is one of them. */
class CastLines {
	readonly #lines: string[] = [];
	/** A letter may come in two pieces, with time between them. */
	readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
	#waiting: { text: string; ms: number | undefined } | undefined;
	/** Of the last event whose time is known. */
	#last: number | undefined;

	/** @param ms undefined: at once */
	event(code: 'm' | 'r' | 'x', data: string, ms: number | undefined): void {
		this.#flush();
		this.#add(code, data, ms);
	}

	output(bytes: Uint8Array, ms: number | undefined): void {
		this.#text(this.#decoder.decode(bytes, { stream: true }), ms);
	}

	/** Nothing comes any more: half a letter is none. */
	end(): void {
		this.#text(this.#decoder.decode(), this.#waiting?.ms);
		this.#flush();
	}

	get text(): string {
		return this.#lines.join('');
	}

	#text(text: string, ms: number | undefined): void {
		if (text === '') return;
		if (this.#waiting && this.#waiting.ms !== ms) this.#flush();
		this.#waiting = { text: (this.#waiting?.text ?? '') + text, ms };
		if (this.#waiting.text.length >= mostLetters) this.#flush();
	}

	#flush(): void {
		if (this.#waiting) this.#add('o', this.#waiting.text, this.#waiting.ms);
		this.#waiting = undefined;
	}

	/** The machine's clock may have been put back meanwhile: then no time has passed. */
	#add(code: string, data: string, ms: number | undefined): void {
		const passed = ms === undefined || this.#last === undefined ? 0 : Math.max(0, Math.round(ms) - this.#last);
		if (ms !== undefined) this.#last = Math.round(ms);
		this.#lines.push(`[${passed / 1000}, "${code}", ${json(data)}]\n`);
	}
}
