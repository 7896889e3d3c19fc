/** Much output to one page: how fast, and whether every byte arrives; against the same bytes by the engine's exec. */
import { createHash } from 'node:crypto';
import { type BenchmarkClient, now } from '../client.ts';
import { type Kit, type Measure, sandboxOf } from '../kit.ts';
import { RawTerminal } from '../raw.ts';
import type { Row } from '../rows.ts';
import { median } from '../statistics.ts';

/** Lines of 76 letters, as they look in a build's log. */
export function bulkFile(bytes: number): string {
	return `base64 /dev/urandom | head -c ${bytes} > /tmp/bulk`;
}

interface Printable {
	prompts: number;
	onOutput: ((bytes: Uint8Array) => void) | undefined;
	type(text: string): void;
	until(condition: () => boolean, what: string, ms?: number): Promise<void>;
}

/** Prints the file; @returns MB/s of output, and the hash of what stands between two marks of ours */
async function print(terminal: Printable, length: number): Promise<{ rate: number; hash: string; bytes: number }> {
	// Put together by the shell, so that the echo of the command is not mistaken for it.
	const begin = Buffer.from('<<begin>>');
	const hash = createHash('sha256');
	let head = Buffer.alloc(0);
	let inside = false;
	let left = length;
	let first = 0;
	let last = 0;
	const take = (bytes: Uint8Array) => {
		if (!inside) {
			head = Buffer.concat([head, bytes]);
			const at = head.indexOf(begin);
			if (at < 0) return;
			inside = true;
			first = now();
			return take(head.subarray(at + begin.length));
		}
		const piece = bytes.subarray(0, left);
		hash.update(piece);
		left -= piece.length;
		if (left === 0 && last === 0) last = now();
	};
	terminal.onOutput = take;
	const before = terminal.prompts;
	terminal.type(`printf '<<%s>>' begin; cat /tmp/bulk\r`);
	await terminal.until(() => terminal.prompts > before, 'the end of the output', 180_000);
	terminal.onOutput = undefined;
	return { rate: length / 1e6 / ((last - first) / 1000), hash: hash.digest('hex'), bytes: length - left };
}

/** Hash and length of the file as a terminal prints it: each line ends with \r\n. */
async function expected(client: BenchmarkClient): Promise<{ hash: string; length: number }> {
	let text = '';
	client.onOutput = (bytes) => {
		text += Buffer.from(bytes).toString();
	};
	await client.run("echo sum=$(sed 's/$/\\r/' /tmp/bulk | sha256sum | cut -c1-64) size=$(sed 's/$/\\r/' /tmp/bulk | wc -c)");
	client.onOutput = undefined;
	const found = /sum=([0-9a-f]{64}) size=(\d+)/.exec(text);
	if (!found?.[1]) throw new Error('the sandbox did not say what it would print');
	return { hash: found[1], length: Number(found[2]) };
}

async function run(kit: Kit): Promise<Row[]> {
	const { bytes, runs } = kit.scale.bulk;
	const server = await kit.docker();
	const client = await server.withTerminal();
	await client.run(bulkFile(bytes));
	// Whole lines only.
	await client.run('truncate -s $(($(stat -c %s /tmp/bulk) / 77 * 77)) /tmp/bulk');
	const { hash, length } = await expected(client);
	const raw = await RawTerminal.open(kit, sandboxOf(server, client.name));
	const rates = { ours: [] as number[], raw: [] as number[] };
	let lost = 0;
	for (let round = 0; round < runs; round++) {
		kit.signal.throwIfAborted();
		kit.detail(`${bytes / 1e6} MB, run ${round + 1} of ${runs}`);
		const ours = await print(client, length);
		const reference = await print(raw, length);
		rates.ours.push(ours.rate);
		rates.raw.push(reference.rate);
		if (ours.hash !== hash) lost++;
	}
	raw.close();
	return [
		{
			what: 'output to one page, median',
			value: median(rates.ours),
			unit: 'MB/s',
			samples: runs,
			reference: { what: 'the same by exec', value: median(rates.raw) },
			target: { of: 'figure', at: 'least', limit: 25 },
		},
		{
			what: 'runs in which a byte was lost, added or out of order',
			value: lost,
			unit: 'runs',
			reference: { what: `runs of ${length} bytes, by their SHA-256`, value: runs },
			target: { of: 'figure', at: 'most', limit: 0 },
		},
	];
}

export const bulk: Measure = { name: 'bulk', title: 'Much output to one page', run };
