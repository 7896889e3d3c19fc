/** Sandboxes that are pods of a cluster, beside Docker on the same machine: starts, echoes, what the API server is asked, another server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BarePods } from '../bare-pod.ts';
import type { BenchmarkClient } from '../client.ts';
import { type Kit, type Measure, poolFull } from '../kit.ts';
import { type Row, takeMeasure } from '../rows.ts';
import type { MeasuredServer } from '../server.ts';
import { restart } from '../server-restart.ts';
import { median, percentile } from '../statistics.ts';
import { compare, key } from './echo.ts';
import { click } from './start.ts';

/** Between two commands of somebody who works, ms. */
const workMs = 5000;

/** A pod's start as a learner has it, a bare pod's, and a sandbox's pod with nothing in it, in turns. */
async function cold(kit: Kit, pods: MeasuredServer): Promise<Row[]> {
	const bare = await BarePods.open(kit);
	const times = { ours: [] as number[], bare: [] as number[], empty: [] as number[] };
	try {
		const { cold: rounds } = kit.scale.kubernetes;
		for (let round = 0; round < rounds; round++) {
			kit.signal.throwIfAborted();
			kit.detail(`cold start ${round + 1} of ${rounds}`);
			times.bare.push(await bare.start('bare'));
			times.ours.push(await click(pods));
			times.empty.push(await bare.start('sandbox'));
		}
	} finally {
		bare.close();
	}
	const as = { unit: 'ms', samples: times.ours.length };
	const reference = { what: 'a bare pod of the same image, from the request until it runs, p50', value: median(times.bare) };
	return [
		{
			...as,
			what: 'cold pod, click → prompt, p50',
			value: median(times.ours),
			reference,
			target: { of: 'ratio', at: 'most', limit: 1.15 },
		},
		{ ...as, what: 'a sandbox’s pod with a process that sleeps, request → it runs, p50', value: median(times.empty), reference },
	];
}

async function warm(kit: Kit, pods: MeasuredServer, docker: MeasuredServer): Promise<Row[]> {
	const times = { pods: [] as number[], docker: [] as number[] };
	pods.pool(2);
	docker.pool(2);
	await poolFull(pods, kit.signal);
	const before = await pods.questions();
	const { warm: rounds } = kit.scale.kubernetes;
	for (let round = 0; round < rounds; round++) {
		kit.detail(`start ${round + 1} of ${rounds} from the pool, of each`);
		// Neither is to be measured while the other's next sandbox is being made.
		await poolFull(pods, kit.signal);
		await poolFull(docker, kit.signal);
		times.docker.push(await click(docker));
		await poolFull(docker, kit.signal);
		times.pods.push(await click(pods));
	}
	await poolFull(pods, kit.signal);
	const asked = ((await pods.questions()) - before) / rounds;
	pods.pool(0);
	docker.pool(0);
	const as = { unit: 'ms', samples: rounds };
	const docker50 = { what: 'Docker’s, from the pool, p50', value: median(times.docker) };
	return [
		{
			...as,
			what: 'claim from the pool → prompt, p50',
			value: median(times.pods),
			reference: docker50,
			target: { of: 'ratio', at: 'most', limit: 2 },
			note: `for each sandbox, from the request for the pod until it is gone, the API server was asked ${asked.toFixed(1)} times`,
		},
		{
			...as,
			what: 'the same, p95',
			value: percentile(times.pods, 95),
			reference: { what: 'Docker’s, p95', value: percentile(times.docker, 95) },
		},
	];
}

async function echoes(kit: Kit, pods: MeasuredServer, docker: MeasuredServer): Promise<Row[]> {
	const there = await pods.withTerminal();
	const here = await docker.withTerminal();
	for (let index = 0; index < 10; index++) await Promise.all([key(there, index), key(here, index)]);
	kit.detail('keys and their echoes, in turns');
	const { ours, raw } = await compare(kit, there, here);
	await there.goHome();
	await here.goHome();
	return [50, 99].map((p) => ({
		what: `key → echo through the node agent, p${p}`,
		value: percentile(ours, p),
		unit: 'ms',
		samples: ours.length,
		reference: { what: `Docker’s, p${p}`, value: percentile(raw, p) },
		...(p === 99 && { target: { of: 'difference', at: 'most', limit: 2 } as const }),
	}));
}

/** What is asked while people work: nothing of theirs passes the API server, so it is what the server wants to know by itself. */
async function questions(kit: Kit, pods: MeasuredServer): Promise<Row[]> {
	const { people, seconds } = kit.scale.kubernetes;
	const working: BenchmarkClient[] = [];
	for (let each = 0; each < people; each++) working.push(await pods.withTerminal());
	kit.detail(`${people} people work for ${seconds} s`);
	const before = await pods.questions();
	const end = Date.now() + seconds * 1000;
	let commands = 0;
	while (Date.now() < end) {
		kit.signal.throwIfAborted();
		await Promise.all(working.map((person) => person.run(`echo work-${commands++} > note; cat note`)));
		await sleep(workMs, undefined, { signal: kit.signal });
	}
	const asked = (await pods.questions()) - before;
	for (const person of working) await person.goHome();
	return [
		{
			what: 'requests to the API server, for each learner and hour while they work',
			value: asked / people / (seconds / 3600),
			unit: 'requests',
			samples: asked,
			reference: { what: `commands of each of ${people} in these ${seconds} s`, value: commands / people, unit: 'commands' },
			target: { of: 'figure', at: 'most', limit: 10 },
			note: 'counted in the server’s process; watches that are opened again every few minutes are among them, and fewer people share them here than in a class',
		},
	];
}

/** One that cannot be taken is shown as such, and the others are taken all the same. */
async function run(kit: Kit): Promise<Row[]> {
	const pods = await kit.pods();
	const docker = await kit.docker();
	const parts: [string, () => Promise<Row[]>][] = [
		['cold pod → prompt', () => cold(kit, pods)],
		['claim from the pool → prompt', () => warm(kit, pods, docker)],
		['key → echo through the node agent', () => echoes(kit, pods, docker)],
		['requests to the API server', () => questions(kit, pods)],
		['another server', () => restart(kit, pods, kit.scale.kubernetes.terminals)],
	];
	const rows: Row[] = [];
	for (const [title, part] of parts) rows.push(...(await takeMeasure({ measure: 'kubernetes', title }, part, kit.signal)).rows);
	return rows;
}

export const kubernetes: Measure = { name: 'kubernetes', title: 'Sandboxes on a Kubernetes cluster, beside Docker', run };
