/** Learners of a room whose checks are asked for twice a second each, in a thread of their own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { BenchmarkClient, now } from './client.ts';
import { benchCourse, benchLesson, benchStep } from './course.ts';

export interface CockpitWork {
	address: string;
	people: number;
	/** Of the room. */
	code: string;
}
/** For so many seconds. */
export interface CockpitOrder {
	seconds: number;
}
/** When each learner's verdicts were told to them, ms since 1970, in order, by public name. */
export type Verdicts = Record<string, number[]>;

const everyMs = 500;
const { address, people, code } = workerData as CockpitWork;
const clients = await Promise.all(
	Array.from({ length: people }, async (_, index) => {
		const client = new BenchmarkClient(address);
		await client.request('POST', '/api/rooms/join', { code, name: `Person ${index + 1}` });
		await client.connect();
		await client.start();
		return client;
	}),
);

async function work(client: BenchmarkClient, index: number, seconds: number): Promise<number[]> {
	const told: number[] = [];
	const begun = now() + (everyMs * index) / people;
	for (let round = 0; round < (seconds * 1000) / everyMs; round++) {
		await sleep(Math.max(0, begun + round * everyMs - now()));
		await client.request('POST', `/api/lessons/${benchCourse}/${benchLesson}/steps/${benchStep}/check`);
		told.push(Date.now());
	}
	return told;
}

parentPort?.on('message', async ({ seconds }: CockpitOrder) => {
	const all = await Promise.all(clients.map(async (client, index) => [client.name, await work(client, index, seconds)] as const));
	parentPort?.postMessage(Object.fromEntries(all) satisfies Verdicts);
});
parentPort?.postMessage('ready');
