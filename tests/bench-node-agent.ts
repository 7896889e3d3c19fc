/**
 * By hand, as root: what the node agent costs beside a socket of the same machine.
 *
 *     node tests/bench-node-agent.ts [ECHOES]
 *
 * A program of the sandbox (another process) echoes single bytes, or sends as fast as it can; once its socket is this process's own, once the node
 * agent and TLS stand between. Prints p50 and p99 of an echo, and MB/s.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectUnix } from '../sandbox-server/platform/unix-socket.ts';
import { Stand } from './fixtures/node-agent/stand.ts';

const bulk = 256 << 20;
const part = Buffer.alloc(64 << 10, 'x');

/** The sandbox's side: a path as argument; the first byte that it hears says what to do. */
async function program(path: string): Promise<void> {
	const socket = connectUnix(path);
	socket.on('error', () => process.exit());
	const [first] = (await once(socket, 'data')) as [Buffer];
	if (first[0] === 'e'.charCodeAt(0)) {
		socket.write(first);
		socket.on('data', (bytes) => socket.write(bytes));
		return;
	}
	for (let sent = 0; sent < bulk; sent += part.length) if (!socket.write(part)) await once(socket, 'drain');
	socket.end();
}

async function echoes(stream: Duplex, count: number): Promise<number[]> {
	const times: number[] = [];
	for (let i = 0; i < count; i++) {
		const at = performance.now();
		stream.write('e');
		await once(stream, 'data');
		times.push(performance.now() - at);
		// As keys come: the processor has gone to sleep meanwhile.
		await sleep(i % 10 === 0 ? 5 : 0);
	}
	return times.sort((one, other) => one - other);
}

async function rate(stream: Duplex): Promise<number> {
	const at = performance.now();
	stream.write('b');
	let got = 0;
	for await (const bytes of stream) got += bytes.length;
	if (got !== bulk) throw new Error(`${got} bytes of ${bulk} came`);
	return bulk / 1e6 / ((performance.now() - at) / 1000);
}

const run = (path: string) => fork(import.meta.filename, ['--program', path]);
const figure = (value: number): string => value.toFixed(2);

/** `meet`: a connection to a program that is started for it. */
async function measure(title: string, count: number, meet: () => Promise<Duplex>): Promise<void> {
	const echo = await meet();
	await echoes(echo, 200);
	const times = await echoes(echo, count);
	echo.destroy();
	const at = (part: number): string => figure(times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN);
	const rates: number[] = [];
	for (let i = 0; i < 3; i++) rates.push(await rate(await meet()));
	const best = rates.sort((one, other) => one - other)[1] ?? Number.NaN;
	console.log(`${title.padEnd(18)} echo p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms; ${best.toFixed(0)} MB/s (median of 3)`);
}

async function main(count: number): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-bench-'));
	const direct = join(folder, 'direct.sock');
	const server = createServer();
	server.listen(direct);
	const stand = await Stand.make();
	const pod = { name: 'lab1', namespace: 'etabli', uid: 'bench' };
	try {
		await measure('direct socket', count, async () => {
			run(direct);
			const [socket] = await once(server, 'connection');
			return socket;
		});
		await stand.start();
		const at = await stand.kubelet.publish(stand.endpoint, pod, {
			volume: 'transport',
			kind: 'transport',
			instance: 'here',
			sandbox: 'lab1',
		});
		const far = await stand.come();
		await measure('through node agent', count, async () => {
			const parked = far.park('lab1', 'agent');
			await parked.listening;
			run(join(at, 'agent.sock'));
			await parked.status;
			return parked.stream;
		});
		await far.leave();
	} finally {
		server.close();
		await stand.remove([stand.kubelet.target(pod.uid, 'transport')]);
		rmSync(folder, { recursive: true, force: true });
	}
}

if (process.argv[2] === '--program') await program(process.argv[3] ?? '');
else await main(Number(process.argv[2] ?? 3000));
