/** Ctrl-C while the terminal is flooded: until the prompt has come, behind everything that was on its way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../client.ts';
import { type Kit, type Measure, sandboxOf } from '../kit.ts';
import { RawTerminal } from '../raw.ts';
import type { Row } from '../rows.ts';
import { median } from '../statistics.ts';

/** Time that the flood runs before it is interrupted, ms. */
const floodMs = 700;

interface Interruptible {
	prompts: number;
	type(text: string): void;
	until(condition: () => boolean, what: string): Promise<void>;
}

async function interruptOnce(terminal: Interruptible): Promise<number> {
	const before = terminal.prompts;
	terminal.type('yes flooding the terminal\r');
	await sleep(floodMs);
	const begun = now();
	terminal.type('\x03');
	await terminal.until(() => terminal.prompts > before, 'the prompt after Ctrl-C');
	return now() - begun;
}

async function run(kit: Kit): Promise<Row[]> {
	const server = await kit.docker();
	const client = await server.withTerminal();
	const raw = await RawTerminal.open(kit, sandboxOf(server, client.name));
	const ours: number[] = [];
	const reference: number[] = [];
	for (let round = 0; round < kit.scale.interrupts; round++) {
		kit.signal.throwIfAborted();
		ours.push(await interruptOnce(client));
		reference.push(await interruptOnce(raw));
	}
	raw.close();
	const as = { unit: 'ms', samples: ours.length };
	const target = { of: 'figure', at: 'most', limit: 300 } as const;
	return [
		{ ...as, what: 'Ctrl-C in a flood, p50', value: median(ours), reference: { what: 'by exec, p50', value: median(reference) } },
		{
			...as,
			what: 'Ctrl-C in a flood, greatest',
			value: Math.max(...ours),
			reference: { what: 'by exec, greatest', value: Math.max(...reference) },
			target,
		},
	];
}

export const interrupt: Measure = { name: 'interrupt', title: 'Ctrl-C in a flood', run };
