/** Another server takes the first one's place while terminals are open and print: nothing of them may be lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { plainText } from '../../../src/shared/control-sequences.ts';
import { BenchmarkClient, now } from './client.ts';
import type { Kit } from './kit.ts';
import { availableMemory } from './proc.ts';
import type { Row } from './rows.ts';
import type { MeasuredServer } from './server.ts';
import { median } from './statistics.ts';

/** The machine keeps at least so much, bytes. */
const reserve = 2 * 2 ** 30;
/** Sandboxes that are started at once. */
const atOnce = 4;
/** Lines that each terminal prints, one a second. */
const lines = 60;
/** Printed before another server comes. */
const linesBefore = 5;

const line = (index: number): string => `line ${index} of what nobody may lose`;
const program = `clear; for i in $(seq ${lines}); do echo "line $i of what nobody may lose"; sleep 1; done; echo all said`;
const expected = [...Array.from({ length: lines }, (_, index) => line(index + 1)), 'all said'];

/** Somebody whose terminal prints. */
interface Printing {
	client: BenchmarkClient;
	bytes: Uint8Array[];
}

/** As many as there is room for, up to `most`. @returns them, and why there are not more */
async function open(kit: Kit, server: MeasuredServer, most: number): Promise<{ open: BenchmarkClient[]; why: string | undefined }> {
	const there: BenchmarkClient[] = [];
	while (there.length < most) {
		kit.signal.throwIfAborted();
		kit.detail(`${there.length} of ${most} terminals`);
		if (availableMemory() < reserve) return { open: there, why: 'the machine has no more memory' };
		const asked = Array.from({ length: Math.min(atOnce, most - there.length) }, () => server.withTerminal());
		const settled = await Promise.allSettled(asked);
		there.push(...settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
		const refused = settled.find((one) => one.status === 'rejected');
		if (refused) return { open: there, why: String(refused.reason).slice(0, 200) };
	}
	return { open: there, why: undefined };
}

function watch(client: BenchmarkClient): Printing {
	const bytes: Uint8Array[] = [];
	client.onOutput = (part) => bytes.push(Uint8Array.from(part));
	return { client, bytes };
}

const textOf = ({ bytes }: Printing): string => plainText(Buffer.concat(bytes).toString());

/** Comes back as a page does, again and again until it is let in. @returns when its terminal was live */
async function back(address: string, cookie: string): Promise<{ printing: Printing; live: number }> {
	for (;;) {
		const printing = watch(new BenchmarkClient(address, cookie));
		try {
			await printing.client.connect();
			await printing.client.ready();
			await printing.client.open();
			return { printing, live: now() };
		} catch {
			printing.client.drop();
			await sleep(50);
		}
	}
}

/** Lines as they came, from the first of the program's to its last. */
function printed(text: string): string[] {
	const all = text.split('\n').map((one) => one.trim());
	const first = all.lastIndexOf(line(1));
	const last = all.indexOf('all said', first);
	return first < 0 ? [] : all.slice(first, last < 0 ? undefined : last + 1);
}

/** @returns how long each page was without its terminal, and whether all of it came */
export async function restart(kit: Kit, server: MeasuredServer, most: number): Promise<Row[]> {
	const { open: people, why } = await open(kit, server, most);
	const printing = people.map(watch);
	for (const { client } of printing) client.type(`${program}\r`);
	for (const one of printing) await one.client.until(() => textOf(one).includes(line(linesBefore)), 'the first lines');
	kit.detail(`another server, ${printing.length} terminals open`);
	let gone = 0;
	const next = await kit.replace(server, () => {
		gone = now();
	});
	const served = now() - gone;
	const returned = await Promise.all(printing.map(({ client }) => back(next.address, client.cookie)));
	const pauses = returned.map(({ live }) => live - gone);
	let same = 0;
	for (const { printing: one } of returned) {
		await one.client
			.until(() => printed(textOf(one)).at(-1) === 'all said', 'the last line', (lines + 60) * 1000)
			.catch((error: Error) => {
				throw new Error(`${error.message}; it ends with ${JSON.stringify(textOf(one).slice(-200))}`);
			});
		if (JSON.stringify(printed(textOf(one))) === JSON.stringify(expected)) same++;
	}
	for (const { printing: one } of returned) await one.client.goHome();
	const samples = printing.length;
	const told = why === undefined ? {} : { note: `there was room for ${samples} of ${most}: ${why}` };
	return [
		{
			what: `another server: pause of the slowest of ${samples} open terminals`,
			value: Math.max(...pauses) / 1000,
			unit: 's',
			samples,
			reference: { what: 'the first told to end → the next serves', value: served / 1000 },
			target: { of: 'figure', at: 'most', limit: 3 },
			...told,
		},
		{ what: 'the same, p50', value: median(pauses) / 1000, unit: 's', samples, reference: { what: 'the same', value: served / 1000 } },
		{
			what: 'terminals whose output is all there, line by line, before and after',
			value: same,
			unit: 'terminals',
			samples,
			reference: { what: 'were open', value: samples },
			target: { of: 'ratio', at: 'least', limit: 1 },
		},
	];
}
