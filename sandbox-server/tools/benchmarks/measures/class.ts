/** A class begins: everybody clicks "start" in the same moment. Some click in two tabs, some reload the page, some leave without a word. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchmarkClient, now } from '../client.ts';
import { type Kit, type Measure, poolFull, storedSandboxes } from '../kit.ts';
import { RawContainer } from '../raw.ts';
import type { Row } from '../rows.ts';
import type { MeasuredServer } from '../server.ts';
import { median, percentile } from '../statistics.ts';

interface Start {
	learner: string;
	/** From the first click to the prompt, ms; undefined for who left. */
	ms: number | undefined;
	failed: string | undefined;
}

/** By their number in the class: every tenth of a kind. */
function manner(index: number): 'steady' | 'reloads' | 'two tabs' | 'leaves' {
	if (index % 10 === 3) return 'reloads';
	if (index % 10 === 6) return 'two tabs';
	return index % 20 === 9 ? 'leaves' : 'steady';
}

async function begin(server: MeasuredServer, client: BenchmarkClient, index: number, clients: BenchmarkClient[]): Promise<Start> {
	const learner = client.name;
	const how = manner(index);
	let page = client;
	const begun = now();
	try {
		page.send({ type: 'start' });
		if (how === 'leaves') {
			await sleep(50);
			page.drop();
			return { learner, ms: undefined, failed: undefined };
		}
		if (how === 'two tabs') {
			const tab = await server.client(client.cookie);
			tab.send({ type: 'start' });
			clients.push(tab);
		}
		if (how === 'reloads') {
			await sleep(100);
			page.drop();
			page = await server.client(client.cookie);
			clients.push(page);
		}
		await page.ready();
		await page.open();
		const ms = now() - begun;
		// Somebody reads before they type, and then types.
		await sleep(Math.random() * 1000);
		await page.run('echo hello');
		return { learner, ms, failed: undefined };
	} catch (error) {
		return { learner, ms: undefined, failed: error instanceof Error ? error.message : String(error) };
	}
}

/** How one class began. */
export interface ClassBegun {
	/** From the first click to the prompt, ms, of all who stayed. */
	waited: number[];
	/** The same of those who found a sandbox ready. */
	pooled: number[];
	/** What those read who got none. */
	failures: string[];
}

/**
 * A class of `size` on a full pool; everybody leaves with their sandbox.
 * @param cookies of those who have been here before; new ones are added
 */
export async function beginClass(kit: Kit, server: MeasuredServer, size: number, cookies: string[] = []): Promise<ClassBegun> {
	kit.detail(`${size} at once: filling the pool`);
	await poolFull(server, kit.signal, 600_000);
	const clients: BenchmarkClient[] = [];
	for (let index = 0; index < size; index++) {
		const client = await server.client(cookies[index]);
		cookies[index] = client.cookie;
		clients.push(client);
	}
	kit.detail(`${size} at once`);
	const people = [...clients];
	const clicked = Date.now();
	const starts = await Promise.all(people.map((client, index) => begin(server, client, index, clients)));
	const rows = storedSandboxes(server);
	const fromPool = new Set(rows.filter(({ created, learner }) => learner !== null && created < clicked).map(({ learner }) => learner));
	// Those who left have one as well: it is put away like the others.
	for (const client of people) await client.goHome();
	for (const client of clients) client.drop();
	return {
		waited: starts.flatMap(({ ms }) => (ms === undefined ? [] : [ms])),
		pooled: starts.flatMap(({ ms, learner }) => (ms !== undefined && fromPool.has(learner) ? [ms] : [])),
		failures: starts.flatMap(({ failed }) => (failed === undefined ? [] : [failed])),
	};
}

/** Nobody may fail. */
export function failureRow(what: string, size: number, failures: readonly string[]): Row {
	return {
		what,
		value: failures.length,
		unit: 'starts',
		reference: { what: 'learners who clicked', value: size },
		target: { of: 'figure', at: 'most', limit: 0 },
		...(failures[0] && { note: `first failure: ${failures[0]}` }),
	};
}

async function round(kit: Kit, server: MeasuredServer, size: number, cookies: string[]): Promise<Row[]> {
	const { waited, pooled, failures } = await beginClass(kit, server, size, cookies);
	if (waited.length === 0) return [{ what: `${size} at once`, failed: failures[0] ?? 'nobody got a prompt' }];
	const one = await containerAlone(kit);
	const as = { unit: 'ms', samples: waited.length };
	const target = (limit: number) => ({ of: 'figure', at: 'most', limit }) as const;
	return [
		failureRow(`${size} at once: starts that failed`, size, failures),
		{ ...as, what: `${size} at once: click to prompt, p50`, value: median(waited), reference: one },
		{ ...as, what: `${size} at once: click to prompt, p95`, value: percentile(waited, 95), reference: one, target: target(5000) },
		...(pooled.length === 0
			? []
			: [
					{
						...as,
						samples: pooled.length,
						what: `${size} at once: those from the pool, p95`,
						value: percentile(pooled, 95),
						reference: one,
						target: target(250),
					},
				]),
	];
}

/** One container of the engine, nothing else at work. */
export async function containerAlone(kit: Kit): Promise<{ what: string; value: number }> {
	const times: number[] = [];
	for (let count = 0; count < 3; count++) {
		const container = await RawContainer.run(kit);
		await container.remove();
		times.push(container.promptMs);
	}
	return { what: 'one container alone, until its shell’s prompt', value: median(times) };
}

async function run(kit: Kit): Promise<Row[]> {
	const { sizes, pool } = kit.scale.classes;
	const server = await kit.docker({ pool });
	const rows: Row[] = [];
	const cookies: string[] = [];
	for (const size of sizes) {
		kit.signal.throwIfAborted();
		rows.push(...(await round(kit, server, size, cookies)));
	}
	return rows;
}

export const classStart: Measure = { name: 'class', title: 'A class begins: all click in the same moment', run };
