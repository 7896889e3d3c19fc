/** What sandboxes cost that nobody uses at the moment: memory, and processor time, with open pages. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kit, type Measure, sandboxOf } from '../kit.ts';
import { availableMemory, cpuSeconds, groupCpu, groupMemory, helpersOf, pssBytes } from '../proc.ts';
import { RawContainer } from '../raw.ts';
import type { Row } from '../rows.ts';
import { median } from '../statistics.ts';

const mb = 1e6;
const gib = 2 ** 30;
/** What the machine has to keep while sandboxes are counted, bytes. */
const reserve = 2 * gib;
/** What one is expected to need at first, bytes: far more than it does. */
const guess = 48 * mb;

/** @param sandboxes numbers of their main processes */
function memoryOf(sandboxes: readonly number[]): { groups: number; helpers: number } {
	const groups = sandboxes.reduce((sum, pid) => sum + groupMemory(pid), 0);
	const helpers = helpersOf(sandboxes).reduce((sum, pid) => sum + pssBytes(pid), 0);
	return { groups, helpers };
}

async function run(kit: Kit): Promise<Row[]> {
	const { seconds } = kit.scale.idle;
	const wanted = kit.scale.idle.sandboxes;
	const count = Math.max(1, Math.min(wanted, Math.floor((availableMemory() - reserve) / guess)));
	const server = await kit.docker();
	const sandboxes: number[] = [];
	const free = availableMemory();
	for (let index = 0; index < count; index++) {
		kit.signal.throwIfAborted();
		if (index % 10 === 0) kit.detail(`sandbox ${index + 1} of ${count}`);
		const client = await server.withTerminal();
		const pid = await kit.engine.pid(sandboxOf(server, client.name));
		if (pid === undefined) throw new Error(`the sandbox of ${client.name} does not run`);
		sandboxes.push(pid);
	}
	await sleep(3000);
	kit.detail(`${count} idle, looked at for ${seconds} s`);
	const busy = () => {
		const helpers = helpersOf(sandboxes).reduce((sum, pid) => sum + cpuSeconds(pid), 0);
		return { server: server.cpu(), sandboxes: sandboxes.reduce((sum, pid) => sum + groupCpu(pid), 0), helpers };
	};
	const [begun, before] = [performance.now(), busy()];
	await sleep(seconds * 1000);
	const after = busy();
	const wall = (performance.now() - begun) / 1000;
	const share = (part: keyof typeof after) => (100 * (after[part] - before[part])) / wall;
	const { groups, helpers } = memoryOf(sandboxes);
	const taken = free - availableMemory();
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
			value: share('server') + share('sandboxes') + share('helpers'),
			unit: '% of a core',
			reference: oneCore,
			target: { of: 'figure', at: 'most', limit: 5 },
			note: `server ${share('server').toFixed(2)} %, sandboxes ${share('sandboxes').toFixed(2)} %, engine’s helpers ${share('helpers').toFixed(2)} %; the engine’s daemon serves others too and is not in it`,
		},
	];
}

async function plainContainer(kit: Kit): Promise<{ what: string; value: number }> {
	const values: number[] = [];
	for (let round = 0; round < 3; round++) {
		const container = await RawContainer.run(kit, { idle: true });
		try {
			await sleep(300);
			const { groups, helpers } = memoryOf([await container.pid()]);
			values.push((groups + helpers) / mb);
		} finally {
			await container.remove();
		}
	}
	return { what: 'the same container with nothing but `sleep`', value: median(values) };
}

export const idle: Measure = { name: 'idle', title: 'Sandboxes that do nothing', run };
