/** Learners who type, in a thread of their own. Each has a page (or a bare WebSocket), and two keys a second. */
import { parentPort, workerData } from 'node:worker_threads';
import WebSocket from 'ws';
import { BenchmarkClient, now } from './client.ts';

const { address, learners, seconds, bare } = workerData as { address: string; learners: number; seconds: number; bare: boolean };
const betweenKeys = 500;
const samples: number[] = [];
let unanswered = 0;

interface Typist {
	press(): void;
	/** When the key was pressed that has no echo yet; 0: none. */
	pressed: number;
}

function answered(typist: Typist): void {
	if (typist.pressed === 0) return;
	samples.push(now() - typist.pressed);
	typist.pressed = 0;
}

async function lab(): Promise<Typist> {
	if (bare) {
		const socket = new WebSocket(address, { perMessageDeflate: false });
		await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
		const typist: Typist = { pressed: 0, press: () => socket.send('\x02\x01\x00\x00\x00x') };
		socket.on('message', () => answered(typist));
		return typist;
	}
	const client = await new BenchmarkClient(address).connect();
	await client.start();
	await client.open();
	const typist: Typist = { pressed: 0, press: () => client.type('x') };
	client.onOutput = () => answered(typist);
	return typist;
}

const typists: Typist[] = [];
for (let index = 0; index < learners; index++) typists.push(await lab());
parentPort?.postMessage('ready');
await new Promise((resolve) => setTimeout(resolve, 500));
const timers = typists.map((typist, index) => {
	const press = () => {
		if (typist.pressed > 0) return;
		typist.pressed = now();
		typist.press();
	};
	// Spread over the half second, as people are.
	return setTimeout(() => timers.push(setInterval(press, betweenKeys)), (betweenKeys * index) / learners);
});
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
for (const timer of timers) clearInterval(timer);
await new Promise((resolve) => setTimeout(resolve, 500));
unanswered = typists.filter(({ pressed }) => pressed > 0).length;
parentPort?.postMessage({ samples, unanswered });
process.exit();
