/** Learners whose terminals print without end, in a thread of their own: whoever measures is not to do their work. */
import { parentPort, workerData } from 'node:worker_threads';
import { BenchmarkClient } from './client.ts';

const { address, learners } = workerData as { address: string; learners: number };
const clients: BenchmarkClient[] = [];
for (let count = 0; count < learners; count++) {
	const client = await new BenchmarkClient(address).connect();
	await client.start();
	await client.open();
	clients.push(client);
}
parentPort?.on('message', async (order: 'flood' | 'stop') => {
	if (order === 'flood') for (const client of clients) client.type('yes flooding the terminal\r');
	else {
		for (const client of clients) client.drop();
		parentPort?.postMessage(clients.reduce((sum, { bytes }) => sum + bytes, 0));
		parentPort?.close();
	}
});
parentPort?.postMessage('withTerminal');
