/** A trainer's page of a large room, with no sandbox behind: how soon a verdict is on it, what that costs, and how soon the page is there. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { pageAddress } from '../../../../src/shared/page-names.ts';
import { FeedReader } from '../../rehearsal/room/feed-reader.ts';
import { Chromium, inPage } from '../chromium.ts';
import { BenchmarkClient } from '../client.ts';
import type { CockpitOrder, CockpitWork, Verdicts } from '../cockpit-worker.ts';
import { benchCourse } from '../course.ts';
import type { Kit, Measure } from '../kit.ts';
import type { Row } from '../rows.ts';
import type { MeasuredServer } from '../server.ts';
import { median, percentile } from '../statistics.ts';

const hour = 3600_000;
/** Of a core. */
const cheap = 5;

interface Room {
	id: string;
	code: string;
}

async function makeRoom(trainer: BenchmarkClient, title: string): Promise<Room> {
	const starts = Date.now();
	const { id } = (await trainer.request('POST', '/api/rooms', {
		title,
		course: benchCourse,
		starts,
		ends: starts + hour,
		expected: 1,
	})) as Room;
	return (await trainer.request('POST', `/api/rooms/${id}/open`, {})) as Room;
}

const come = (kit: Kit, work: CockpitWork): Promise<Worker> => kit.people('cockpit-worker.ts', work);

/** @returns when everybody's verdicts were told to them, and the server's processor time meanwhile, s */
async function judged(server: MeasuredServer, people: Worker, seconds: number): Promise<{ told: Verdicts; cpu: number }> {
	const before = server.cpu();
	people.postMessage({ seconds } satisfies CockpitOrder);
	const [told] = (await once(people, 'message')) as [Verdicts];
	return { told, cpu: server.cpu() - before };
}

/** Runs in the page from its beginning: notes when the rows are there, and when they have been painted. */
function notePaint(rows: number): void {
	const look = () => {
		if (document.querySelectorAll('.class-grid tbody tr').length < rows) return requestAnimationFrame(look);
		requestAnimationFrame(() => setTimeout(() => Object.assign(globalThis, { painted: performance.now() })));
		return undefined;
	};
	look();
}

/** @returns ms from the page's beginning to the first rows of the class */
async function paint(chromium: Chromium, server: MeasuredServer, { id }: Room, rows: number): Promise<number> {
	const run = await chromium.page(`${server.address}${pageAddress('room', 'en')}?room=${id}`, { before: inPage(notePaint, rows) });
	for (let tries = 0; tries < 600; tries++) {
		const painted = await run('globalThis.painted ?? 0');
		if (typeof painted === 'number' && painted > 0) {
			// What one page shows must not cost the next one anything.
			await chromium.closePages();
			return painted;
		}
		await sleep(50);
	}
	throw new Error('the class did not appear in the page');
}

async function paints(kit: Kit, server: MeasuredServer, trainer: BenchmarkClient, large: Room): Promise<Row> {
	const { people, few, paints: times } = kit.scale.cockpit;
	const small = await makeRoom(trainer, 'Few');
	const others = await come(kit, { address: server.address, people: few, code: small.code });
	const chromium = await Chromium.start();
	const stop = () => void chromium.stop();
	kit.signal.addEventListener('abort', stop);
	try {
		const [name = '', value = ''] = trainer.cookie.split('=');
		await chromium.cookie({ name, value, url: server.address });
		const seen: { many: number[]; few: number[] } = { many: [], few: [] };
		await paint(chromium, server, small, Math.min(few, people)); // What is loaded once is no class's.
		for (let time = 0; time < times; time++) {
			kit.signal.throwIfAborted();
			seen.few.push(await paint(chromium, server, small, Math.min(few, people)));
			seen.many.push(await paint(chromium, server, large, Math.min(few, people)));
		}
		return {
			what: `first rows of the cockpit with ${people} learners in Chromium, median`,
			value: median(seen.many),
			unit: 'ms',
			samples: times,
			reference: { what: `with ${few}`, value: median(seen.few) },
			target: { of: 'ratio', at: 'most', limit: 1.5 },
		};
	} finally {
		kit.signal.removeEventListener('abort', stop);
		await chromium.stop();
		await others.terminate();
	}
}

async function run(kit: Kit): Promise<Row[]> {
	const { people: many, seconds } = kit.scale.cockpit;
	const server = await kit.fake({ notYet: true, site: await kit.site() });
	const trainer = new BenchmarkClient(server.address);
	await trainer.request('POST', '/api/rooms/enter', { secret: server.invitation });
	const room = await makeRoom(trainer, 'Many');
	kit.detail(`${many} learners come`);
	const people = await come(kit, { address: server.address, people: many, code: room.code });
	await judged(server, people, Math.min(seconds, 5)); // What is made on first use is no verdict's.
	kit.detail('two verdicts a second each, nobody looks');
	const alone = await judged(server, people, seconds);

	kit.detail('two verdicts a second each, a cockpit is open');
	const feed = new FeedReader(trainer, `/api/rooms/${room.id}/feed?cards=changes`);
	await feed.until(() => feed.people.size === many, 'the class');
	const late: number[] = [];
	const known = new Map([...feed.people].map(([name, { seen }]) => [name, seen]));
	// When there was a verdict last, by the clock of this machine: of two that are gathered, the later.
	feed.onPerson = ({ id, seen }) => {
		if (seen > (known.get(id) ?? 0)) late.push(Date.now() - seen);
		known.set(id, seen);
	};
	const watched = await judged(server, people, seconds);
	const arrived = () => Object.entries(watched.told).every(([name, told]) => (known.get(name) ?? 0) > (told.at(-2) ?? 0));
	await feed.until(arrived, 'everybody’s last verdict on the grid');
	feed.close();
	const share = (cpu: number) => (cpu / seconds) * 100;
	kit.detail('the page in Chromium');
	const painted = await paints(kit, server, trainer, room);
	await people.terminate();
	return [
		{
			what: `verdict, on the trainer’s grid, p95 (${many} learners, two a second each)`,
			value: percentile(late, 95),
			unit: 'ms',
			samples: late.length,
			reference: { what: 'how long what changes is gathered', value: 250 },
			target: { of: 'figure', at: 'most', limit: 300 },
		},
		{
			what: 'processor time of the server with the cockpit open',
			value: share(watched.cpu),
			unit: '% of a core',
			reference: { what: 'the same verdicts, nobody looks', value: share(alone.cpu) },
			target: { of: 'difference', at: 'most', limit: cheap },
		},
		painted,
	];
}

export const cockpit: Measure = { name: 'cockpit', title: 'A large class on the trainer’s page', run };
