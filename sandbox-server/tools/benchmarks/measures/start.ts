/** From the click on "start" to the prompt: with a sandbox from the pool, and with one that has to be made. */
import { now } from '../client.ts';
import { type Kit, type Measure, poolFull } from '../kit.ts';
import { RawContainer } from '../raw.ts';
import type { Row } from '../rows.ts';
import type { MeasuredServer } from '../server.ts';
import { median, percentile } from '../statistics.ts';

/** Click until the prompt, ms, as the page sees it. The learner leaves with the sandbox. */
export async function click(server: MeasuredServer): Promise<number> {
	const client = await server.client();
	const begun = now();
	await client.start();
	await client.open();
	const ms = now() - begun;
	await client.goHome();
	return ms;
}

/** Time that the server itself took of a click: from "start" read to "ready" sent, and from "open" read to the prompt sent. */
function doorTimes(server: MeasuredServer): number[] {
	return server.clicks.splice(0).map(({ start, ready, open, prompt }) => ready - start + (prompt - open));
}

async function reference(kit: Kit): Promise<number> {
	const container = await RawContainer.run(kit);
	await container.remove();
	return container.promptMs;
}

async function run(kit: Kit): Promise<Row[]> {
	const { warm, cold } = kit.scale.starts;
	const server = await kit.docker();
	const coldPage: number[] = [];
	const references: number[] = [];
	for (let round = 0; round < cold; round++) {
		kit.signal.throwIfAborted();
		kit.detail(`cold start ${round + 1} of ${cold}`);
		// In turn, so that both see the same moments of the machine.
		references.push(await reference(kit));
		coldPage.push(await click(server));
	}
	const coldDoor = doorTimes(server);
	const warmPage: number[] = [];
	server.pool(2);
	for (let round = 0; round < warm; round++) {
		kit.detail(`start ${round + 1} of ${warm} from the pool`);
		await poolFull(server, kit.signal);
		warmPage.push(await click(server));
	}
	const warmDoor = doorTimes(server);
	if (warmDoor.length !== warm || coldDoor.length !== cold) throw new Error('not every click was seen at the server’s door');
	const run50 = { what: 'create, attach, start of the same image and limits until its shell’s prompt, p50', value: median(references) };
	const run95 = { ...run50, what: run50.what.replace('p50', 'p95'), value: percentile(references, 95) };
	const at20ms = { of: 'figure', at: 'most', limit: 20 } as const;
	const as = { unit: 'ms', samples: warm };
	return [
		{ ...as, what: 'from the pool, server side, p50', value: median(warmDoor), reference: run50 },
		{ ...as, what: 'from the pool, server side, p95', value: percentile(warmDoor, 95), reference: run95, target: at20ms },
		{ ...as, what: 'from the pool, as the page sees it, p50', value: median(warmPage), reference: run50 },
		{ ...as, what: 'from the pool, as the page sees it, p95', value: percentile(warmPage, 95), reference: run95 },
		{
			...as,
			samples: cold,
			what: 'cold, server side, p50',
			value: median(coldDoor),
			reference: run50,
			target: { of: 'ratio', at: 'most', limit: 1.1 },
		},
		{ ...as, samples: cold, what: 'cold, as the page sees it, p50', value: median(coldPage), reference: run50 },
		{ ...as, samples: cold, what: 'cold, as the page sees it, p95', value: percentile(coldPage, 95), reference: run95 },
	];
}

export const start: Measure = { name: 'start', title: 'From the click to the prompt', run };
