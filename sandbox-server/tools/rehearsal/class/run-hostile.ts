/** A class with hostile learners in it, and somebody who comes when all is over. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Hostile } from './hostile.ts';
import type { HostileOrder } from './hostile-worker.ts';
import type { ClassReport } from './judgement.ts';
import { type Person, play } from './person.ts';
import { type ClassRequest, runClass } from './run-class.ts';

export interface BesetRequest extends ClassRequest {
	/** How many hostile learners there are besides. */
	hostile: number;
}

export interface BesetReport {
	/** Of the others. */
	others: ClassReport;
	hostile: Hostile[];
	/** Somebody who came when all had left: got a prompt, left a file, found it again. */
	newcomer: Person;
}

/** The class without anybody hostile: what `runBeset` is compared with. @throws as `runClass` */
export function runAlone(request: ClassRequest): Promise<ClassReport> {
	return runClass({ ...request, polite: true });
}

/** The hostile come with the others, and stay until the last of these has left. @throws as `runClass` */
export async function runBeset({ hostile, ...request }: BesetRequest): Promise<BesetReport> {
	const { address, cookie, course } = request;
	const order: HostileOrder = { address, cookie, course, hostile };
	const worker = new Worker(join(import.meta.dirname, 'hostile-worker.ts'), { workerData: order });
	const told = once(worker, 'message') as Promise<[Hostile[]]>;
	told.catch(() => undefined); // It is awaited below; until then nobody else may be told.
	try {
		const others = await runAlone(request);
		worker.postMessage('over');
		const [all] = await told;
		return { others, hostile: all, newcomer: await newcomer(request) };
	} finally {
		await worker.terminate();
	}
}

async function newcomer({ address, cookie, course, learners }: ClassRequest): Promise<Person> {
	// A lesson without steps: comes, leaves a file, goes, comes back.
	const lessons = course.lessons.slice(0, 1).map((lesson) => ({ ...lesson, steps: [] }));
	const part = { address, cookie, course: { ...course, lessons }, number: learners, manner: 'steady' } as const;
	return await play({ ...part, arrival: 0, think: 0, until: Number.POSITIVE_INFINITY, leavesFile: true });
}
