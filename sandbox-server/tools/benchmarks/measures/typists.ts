/** Hundreds of learners who type at the same time, with no sandboxes behind: what the server's own part of an echo is. */
import { once } from 'node:events';
import type { Kit, Measure } from '../kit.ts';
import { PlainServer } from '../plain-ws-server.ts';
import type { Row } from '../rows.ts';
import { percentile } from '../statistics.ts';

interface Typed {
	samples: number[];
	unanswered: number;
}

async function type(kit: Kit, address: string, bare: boolean): Promise<Typed> {
	const worker = await kit.people('typists-worker.ts', { address, bare, ...kit.scale.typists });
	const [typed] = (await once(worker, 'message', { signal: kit.signal })) as [Typed];
	await worker.terminate();
	return typed;
}

async function run(kit: Kit): Promise<Row[]> {
	const { learners } = kit.scale.typists;
	const server = await kit.fake();
	kit.detail(`${learners} learners`);
	const ours = await type(kit, server.address, false);
	const plain = await PlainServer.start();
	let bare: Typed;
	try {
		bare = await type(kit, plain.address, true);
	} finally {
		await plain.stop();
	}
	const row = (p: number) => ({
		what: `${learners} learners, two keys a second each: echo, p${p}`,
		value: percentile(ours.samples, p),
		unit: 'ms',
		samples: ours.samples.length,
		reference: { what: `a bare WebSocket server, as many connections and keys, p${p}`, value: percentile(bare.samples, p) },
	});
	return [
		row(50),
		{ ...row(99), target: { of: 'figure', at: 'most', limit: 50 } },
		{
			what: 'keys without an echo',
			value: ours.unanswered,
			unit: 'keys',
			reference: { what: 'at the bare server', value: bare.unanswered },
			target: { of: 'figure', at: 'most', limit: 0 },
		},
	];
}

export const typists: Measure = { name: 'typists', title: 'Many learners at once', run };
