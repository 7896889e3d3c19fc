/** People in a room who follow a trainer's terminal, or as many who have one each, in a thread of their own. */
import { parentPort, workerData } from 'node:worker_threads';
import { BenchmarkClient, now } from './client.ts';
import { beginFlood, endFlood } from './echo-agent.ts';

export interface FollowWork {
	address: string;
	people: number;
	/** Of the room; undefined: each has a terminal of their own. */
	code: string | undefined;
}
export type FollowOrder = 'flood' | 'stop' | 'pause' | 'bytes';
/** When the last of them had got as many bytes, ms by `now`, in order; and how many they have got in all. */
export interface Followed {
	arrivals: number[];
	bytes: number;
}

const { address, people, code } = workerData as FollowWork;
const clients: BenchmarkClient[] = [];
const arrivals: number[] = [];
/** How many people have got the first, the second, … byte of what has come since all were there. */
const counts = new Uint16Array(10_000);
let counting = false;

/** @returns what counts a person's bytes */
function counter(): (bytes: Uint8Array) => void {
	let got = 0;
	return (bytes) => {
		if (!counting) return;
		const until = Math.min(got + bytes.length, counts.length);
		for (; got < until; got++) {
			const have = (counts[got] ?? 0) + 1;
			counts[got] = have;
			if (have === people) arrivals.push(now());
		}
	};
}

for (let index = 0; index < people; index++) {
	const client = new BenchmarkClient(address);
	if (code) await client.request('POST', '/api/rooms/join', { code, name: `Person ${index + 1}` });
	await client.connect();
	if (code) {
		client.send({ type: 'follow', channel: 1, packs: true });
		await client.until(() => client.live, 'the trainer’s terminal');
		client.onOutput = counter();
	} else {
		await client.start();
		await client.open();
	}
	clients.push(client);
}
counting = true;

parentPort?.on('message', (order: FollowOrder) => {
	if (order === 'flood' || order === 'stop') for (const client of clients) client.type(order === 'flood' ? beginFlood : endFlood);
	else if (order === 'pause') for (const client of clients) client.pause(true);
	else parentPort?.postMessage({ arrivals, bytes: clients.reduce((sum, { bytes }) => sum + bytes, 0) } satisfies Followed);
});
parentPort?.postMessage('ready');
