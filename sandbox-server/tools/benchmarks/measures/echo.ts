/** From a key to its echo on the page's side, against a pseudo-terminal by the engine's exec in the same sandbox; in quiet, and while four others flood. */
import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../client.ts';
import { Flood } from '../flood.ts';
import { type Kit, type Measure, sandboxOf } from '../kit.ts';
import { RawTerminal } from '../raw.ts';
import type { Row } from '../rows.ts';
import { percentile } from '../statistics.ts';

const flooders = 4;
/** Keys on one line before it is thrown away, so that the line never wraps. */
const lineLength = 60;

interface Typable {
	bytes: number;
	type(text: string): void;
	until(condition: () => boolean, what: string): Promise<void>;
}

/** One key, ms until something comes back. */
export async function key(terminal: Typable, index: number): Promise<number> {
	const { bytes } = terminal;
	const begun = now();
	terminal.type(index % lineLength === lineLength - 1 ? '\x15' : 'x');
	await terminal.until(() => terminal.bytes > bytes, 'an echo');
	const ms = now() - begun;
	// A line editor may answer in two pieces: the second must not count for the next key.
	await sleep(4);
	return ms;
}

/** In turns, so that both see the same moments of the machine. */
export async function compare(kit: Kit, ours: Typable, raw: Typable): Promise<{ ours: number[]; raw: number[] }> {
	const samples = { ours: [] as number[], raw: [] as number[] };
	for (let index = 0; index < kit.scale.keys; index++) {
		if (index % 100 === 0) kit.signal.throwIfAborted();
		samples.ours.push(await key(ours, index));
		samples.raw.push(await key(raw, index));
	}
	return samples;
}

function rows(when: string, { ours, raw }: { ours: number[]; raw: number[] }, note?: string): Row[] {
	return [50, 99].map((p) => ({
		what: `${when}, p${p}`,
		value: percentile(ours, p),
		unit: 'ms',
		samples: ours.length,
		reference: { what: `pseudo-terminal by exec, p${p}`, value: percentile(raw, p) },
		target: { of: 'difference', at: 'most', limit: p === 50 ? 1 : 5 },
		...(note && { note }),
	}));
}

async function run(kit: Kit): Promise<Row[]> {
	const server = await kit.docker();
	const ours = await server.withTerminal();
	const raw = await RawTerminal.open(kit, sandboxOf(server, ours.name));
	// The first keys pay for what is made on first use.
	for (let index = 0; index < 10; index++) await Promise.all([key(ours, index), key(raw, index)]);
	kit.detail('in quiet');
	const quiet = await compare(kit, ours, raw);
	kit.detail(`while ${flooders} others flood`);
	const flood = await Flood.lab(kit, server, flooders);
	await flood.begin();
	const flooded = await compare(kit, ours, raw);
	const rate = await flood.end();
	raw.close();
	return [
		...rows('in quiet', quiet),
		...rows(`while ${flooders} others flood`, flooded, `${rate.toFixed(0)} MB/s of flood came through to their pages`),
	];
}

export const echo: Measure = { name: 'echo', title: 'From a key to its echo', run };
