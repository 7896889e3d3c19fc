/** What sandboxes cost that nobody uses at the moment: memory, and processor time, with open pages. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../../runtimes/engine.ts';
import { type Kit, type Measure, sandboxOf } from '../kit.ts';
import { availableMemory, childrenOf, cpuSeconds, groupCpu, groupMemory, helpersOf, pssBytes } from '../proc.ts';
import { RawContainer } from '../raw.ts';
import type { Row } from '../rows.ts';
import type { MeasuredServer } from '../server.ts';
import { median } from '../statistics.ts';

const mb = 1e6;
const gib = 2 ** 30;
/** What the machine has to keep while sandboxes are counted, bytes. */
const reserve = 2 * gib;
/** What one is expected to need at first, bytes: far more than it does. */
const guess = 48 * mb;

/** What sandboxes with open terminals took while nobody used them. */
export interface Lain {
	/** Sandboxes that there was room for. */
	count: number;
	/** Their control groups, and their helpers' share of memory, bytes. */
	groups: number;
	helpers: number;
	/** Memory of the machine that went meanwhile, bytes. */
	taken: number;
	/** Processor time, % of a core. */
	busy: { server: number; sandboxes: number; helpers: number };
}

/** As many as the measure's scale says, and for as long. @param on the server, and its engine */
export async function lieIdle(kit: Kit, { server, engine }: { server: MeasuredServer; engine: Engine }): Promise<Lain> {
	const { seconds, sandboxes: wanted } = kit.scale.idle;
	const count = Math.max(1, Math.min(wanted, Math.floor((availableMemory() - reserve) / guess)));
	const sandboxes: number[] = [];
	const free = availableMemory();
	for (let index = 0; index < count; index++) {
		kit.signal.throwIfAborted();
		if (index % 10 === 0) kit.detail(`sandbox ${index + 1} of ${count}`);
		const client = await server.withTerminal();
		const pid = await engine.pid(sandboxOf(server, client.name));
		if (pid === undefined) throw new Error(`the sandbox of ${client.name} does not run`);
		sandboxes.push(pid);
	}
	await sleep(3000);
	kit.detail(`${count} idle, looked at for ${seconds} s`);
	// Programs that the server itself has beside it serve all sandboxes, and are helpers, too.
	const helpers = () => [...new Set([...helpersOf(sandboxes).filter((pid) => pid !== server.pid), ...childrenOf(server.pid)])];
	const busy = () => ({
		server: server.cpu(),
		sandboxes: sandboxes.reduce((sum, pid) => sum + groupCpu(pid), 0),
		helpers: helpers().reduce((sum, pid) => sum + unlessEnded(() => cpuSeconds(pid)), 0),
	});
	const [begun, before] = [performance.now(), busy()];
	await sleep(seconds * 1000);
	const after = busy();
	const wall = (performance.now() - begun) / 1000;
	const share = (part: keyof typeof after) => (100 * (after[part] - before[part])) / wall;
	return {
		count,
		groups: sandboxes.reduce((sum, pid) => sum + groupMemory(pid), 0),
		helpers: helpers().reduce((sum, pid) => sum + unlessEnded(() => pssBytes(pid)), 0),
		taken: free - availableMemory(),
		busy: { server: share('server'), sandboxes: share('sandboxes'), helpers: share('helpers') },
	};
}

/** What serves all may have been started for a moment. */
function unlessEnded(read: () => number): number {
	try {
		return read() || 0;
	} catch {
		return 0;
	}
}

async function run(kit: Kit): Promise<Row[]> {
	const wanted = kit.scale.idle.sandboxes;
	const server = await kit.docker();
	const { count, groups, helpers, taken, busy } = await lieIdle(kit, { server, engine: kit.engine });
	const each = (groups + helpers) / count;
	const plain = await plainContainer(kit);
	const oneCore = { what: 'one core', value: 100 };
	const note = count < wanted ? `room for ${count} of ${wanted} only` : undefined;
	return [
		{
			what: 'memory of an idle sandbox with its shell, engine’s helper included',
			value: each / mb,
			unit: 'MB',
			samples: count,
			reference: plain,
		},
		{
			what: 'idle sandboxes in a GiB',
			value: gib / each,
			unit: 'sandboxes',
			reference: { what: 'such containers with nothing but `sleep`', value: gib / (plain.value * mb) },
		},
		{
			what: `memory of ${count} idle learners in all, server included`,
			value: (groups + helpers + server.rss()) / gib,
			unit: 'GiB',
			reference: { what: 'free memory that went meanwhile, whoever took it', value: taken / gib },
			target: { of: 'figure', at: 'most', limit: 6 },
			...(note && { note }),
		},
		{
			what: `processor time of ${count} idle learners with open terminals`,
			value: busy.server + busy.sandboxes + busy.helpers,
			unit: '% of a core',
			reference: oneCore,
			target: { of: 'figure', at: 'most', limit: 5 },
			note: `server ${busy.server.toFixed(2)} %, sandboxes ${busy.sandboxes.toFixed(2)} %, engine’s helpers ${busy.helpers.toFixed(2)} %; the engine’s daemon serves others too and is not in it`,
		},
	];
}

async function plainContainer(kit: Kit): Promise<{ what: string; value: number }> {
	const values: number[] = [];
	for (let round = 0; round < 3; round++) {
		const container = await RawContainer.run(kit, { idle: true });
		try {
			await sleep(300);
			const pid = await container.pid();
			values.push((groupMemory(pid) + helpersOf([pid]).reduce((sum, helper) => sum + pssBytes(helper), 0)) / mb);
		} finally {
			await container.remove();
		}
	}
	return { what: 'the same container with nothing but `sleep`', value: median(values) };
}

export const idle: Measure = { name: 'idle', title: 'Sandboxes that do nothing', run };
