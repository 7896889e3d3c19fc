/** A trainer's terminal that a room follows, with no sandbox behind: what the followers see how soon, what they cost, and what they do to the trainer. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { BenchmarkClient, now } from '../client.ts';
import { benchCourse, benchLesson } from '../course.ts';
import { beginFlood, endFlood } from '../echo-agent.ts';
import type { Followed, FollowOrder, FollowWork } from '../follow-worker.ts';
import type { Kit, Measure } from '../kit.ts';
import type { Row } from '../rows.ts';
import type { MeasuredServer } from '../server.ts';
import { percentile } from '../statistics.ts';

const hour = 3600_000;

class People {
	readonly #worker: Worker;

	private constructor(worker: Worker) {
		this.#worker = worker;
	}

	static async come(kit: Kit, work: FollowWork): Promise<People> {
		return new People(await kit.people('follow-worker.ts', work));
	}

	tell(order: FollowOrder): void {
		this.#worker.postMessage(order);
	}

	async got(): Promise<Followed> {
		this.tell('bytes');
		return (await once(this.#worker, 'message'))[0] as Followed;
	}

	async leave(): Promise<void> {
		await this.#worker.terminate();
	}
}

/** The trainer types; @returns when each key was sent, and how long its echo took, ms */
async function type(kit: Kit, trainer: BenchmarkClient): Promise<{ sent: number[]; echoes: number[] }> {
	const sent: number[] = [];
	const echoes: number[] = [];
	for (let key = 0; key < kit.scale.follow.keys; key++) {
		if (key % 100 === 0) kit.signal.throwIfAborted();
		const { bytes } = trainer;
		const begun = now();
		sent.push(begun);
		trainer.type('x');
		await trainer.until(() => trainer.bytes > bytes, 'an echo');
		echoes.push(now() - begun);
		await sleep(20);
	}
	return { sent, echoes };
}

/** A trainer at a prompt that is shown to an open room. */
async function room(server: MeasuredServer): Promise<{ trainer: BenchmarkClient; code: string }> {
	const door = new BenchmarkClient(server.address);
	await door.request('POST', '/api/rooms/enter', { secret: server.invitation });
	const trainer = await server.client(door.cookie);
	await trainer.start();
	await trainer.open();
	const starts = Date.now();
	const draft = { title: 'Bench', course: benchCourse, starts, ends: starts + hour, expected: 1 };
	const { id } = (await trainer.request('POST', '/api/rooms', draft)) as { id: string };
	const { code } = (await trainer.request('POST', `/api/rooms/${id}/open`, {})) as { code: string };
	await trainer.request('POST', `/api/rooms/${id}/show`, { lesson: benchLesson, terminal: '1' });
	return { trainer, code };
}

/** @returns ms of the server's processor for each MB that arrived, and how many MB/s did */
async function flooded(
	kit: Kit,
	server: MeasuredServer,
	people: People,
	flood: (on: boolean) => void,
): Promise<{ cost: number; rate: number }> {
	const { seconds } = kit.scale.follow;
	flood(true);
	await sleep(500);
	const before = { cpu: server.cpu(), bytes: (await people.got()).bytes };
	await sleep(seconds * 1000);
	const cpu = server.cpu() - before.cpu;
	const mb = ((await people.got()).bytes - before.bytes) / 1e6;
	flood(false);
	return { cost: (cpu * 1000) / mb, rate: mb / seconds };
}

async function run(kit: Kit): Promise<Row[]> {
	const { people: many, seconds } = kit.scale.follow;
	const server = await kit.fake();
	const { trainer, code } = await room(server);
	await type(kit, trainer); // What is made on first use is no key's.
	kit.detail('the trainer alone');
	const alone = await type(kit, trainer);
	kit.detail(`${many} people come`);
	const people = await People.come(kit, { address: server.address, people: many, code });
	const followed = await type(kit, trainer);
	await sleep(200);
	const { arrivals } = await people.got();
	const late = followed.sent.map((sent, index) => (arrivals[index] ?? Number.NaN) - sent);
	kit.detail('a flood of 1 MB/s, followed');
	const shared = await flooded(kit, server, people, (on) => trainer.type(on ? beginFlood : endFlood));
	await server.memory();
	const rss = server.rss();
	people.tell('pause');
	trainer.type(beginFlood);
	let most = 0;
	for (let second = 0; second < seconds; second++) {
		await sleep(1000);
		most = Math.max(most, server.rss());
	}
	trainer.type(endFlood);
	await people.leave();

	kit.detail(`${many} terminals, 1 MB/s each`);
	const other = await kit.fake();
	const owners = await People.come(kit, { address: other.address, people: many, code: undefined });
	const separate = await flooded(kit, other, owners, (on) => owners.tell(on ? 'flood' : 'stop'));
	await owners.leave();
	const keys = { unit: 'ms', samples: late.length };
	const own = { what: 'echo of the trainer’s own terminal, nobody follows, p95', value: percentile(alone.echoes, 95) };
	return [
		{
			...keys,
			what: `key of the trainer, on page ${many} of ${many}, p95`,
			value: percentile(late, 95),
			reference: own,
			target: { of: 'ratio', at: 'most', limit: 3 },
		},
		{ ...keys, what: 'the same, in itself', value: percentile(late, 95), reference: own, target: { of: 'figure', at: 'most', limit: 50 } },
		{
			...keys,
			what: `echo of the trainer’s own terminal, ${many} follow, p99`,
			value: percentile(followed.echoes, 99),
			reference: { what: 'nobody follows, p99', value: percentile(alone.echoes, 99) },
			target: { of: 'difference', at: 'most', limit: 2 },
		},
		{
			what: `processor time of the server, ${many} follow 1 MB/s`,
			value: shared.cost,
			unit: 'ms for each MB that arrived',
			reference: { what: `${many} terminals of 1 MB/s each`, value: separate.cost },
			target: { of: 'ratio', at: 'most', limit: 0.25 },
			note: `${shared.rate.toFixed(0)} MB/s arrived in all, ${separate.rate.toFixed(0)} at the terminals of their own`,
		},
		{
			what: `growth for each of ${many} who follow 1 MB/s and do not read`,
			value: (most - rss) / many / 1e6,
			unit: 'MB',
			reference: { what: 'the server before it, all in all', value: rss / 1e6 },
			target: { of: 'figure', at: 'most', limit: 1 },
		},
	];
}

export const follow: Measure = { name: 'follow', title: 'A trainer’s terminal, followed', run };
