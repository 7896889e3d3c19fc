/** The server's memory: for each open terminal with its replay, and under a page that does not read what floods towards it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kit, Measure } from '../kit.ts';
import { PlainServer } from '../plain-ws-server.ts';
import type { Row } from '../rows.ts';

const mb = 1e6;
/** What each terminal has printed before its page opens. */
const replayBytes = 1024 * 1024;
const firstVisits = 10;

async function terminals(kit: Kit): Promise<Row[]> {
	const server = await kit.fake({ replayBytes });
	const plain = await PlainServer.start();
	try {
		// What is made on first use, for all that come later, is no terminal's: a few come and go before anything is counted.
		for (let visit = 0; visit < firstVisits; visit++) {
			(await server.withTerminal()).drop();
			await plain.connect();
		}
		await sleep(1500);
		const before = (await server.memory()).rss;
		const plainBefore = await plain.rss();
		const rows: Row[] = [];
		let open = 0;
		for (const count of kit.scale.terminals) {
			for (; open < count; open++) {
				kit.signal.throwIfAborted();
				if (open % 50 === 0) kit.detail(`terminal ${open + 1} of ${count}`);
				await server.withTerminal();
				await plain.connect();
			}
			// What was used for opening is given back first.
			await sleep(1500);
			const each = ((await server.memory()).rss - before) / count / mb;
			const plainEach = ((await plain.rss()) - plainBefore) / count / mb;
			rows.push({
				what: `each of ${count} open terminals, replay of 1 MiB sent`,
				value: each,
				unit: 'MB',
				reference: { what: 'a connection to a bare WebSocket server', value: plainEach },
				// One alone says little: a page of memory more or less.
				...(count > 1 && { target: { of: 'figure', at: 'most', limit: 1 } as const }),
			});
		}
		return rows;
	} finally {
		await plain.stop();
	}
}

async function flood(kit: Kit): Promise<Row[]> {
	const server = await kit.docker();
	const client = await server.withTerminal();
	await client.run('yes | head -c 3000000');
	await sleep(1000);
	await server.memory();
	const before = server.rss();
	const rows: Row[] = [];
	for (const manner of ['does not read', 'reads, and never acknowledges'] as const) {
		const silent = await server.client(client.cookie);
		await silent.open();
		client.drop();
		if (manner === 'does not read') silent.pause(true);
		else silent.acknowledges = false;
		silent.type('yes flooding the terminal\r');
		let most = 0;
		for (let tick = 0; tick < kit.scale.flood * 2; tick++) {
			kit.signal.throwIfAborted();
			await sleep(500);
			most = Math.max(most, server.rss());
		}
		silent.pause(false);
		silent.drop();
		// Another page interrupts, so that the next round begins at a prompt.
		const other = await server.client(client.cookie);
		other.send({ type: 'open', channel: 1, terminal: '1', cols: 120, rows: 30 });
		await other.until(() => other.live, 'the flooded terminal');
		const { prompts } = other;
		other.type('\x03');
		await other.until(() => other.prompts > prompts, 'the prompt after Ctrl-C');
		other.drop();
		rows.push({
			what: `growth in a flood of ${kit.scale.flood} s, page ${manner}`,
			value: (most - before) / mb,
			unit: 'MB',
			reference: { what: 'the server before it, all in all', value: before / mb },
			target: { of: 'figure', at: 'most', limit: 20 },
		});
	}
	return rows;
}

async function run(kit: Kit): Promise<Row[]> {
	return [...(await terminals(kit)), ...(await flood(kit))];
}

export const memory: Measure = { name: 'memory', title: 'Memory of the server', run };
