/** The hostile learners of a rehearsed class, in a thread of their own: the others' times must not wait for what they read. */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { Course } from '../../../../src/shared/course/course.ts';
import { harass } from './hostile.ts';

export interface HostileOrder {
	address: string;
	cookie: string | undefined;
	course: Course;
	/** How many. */
	hostile: number;
}

const { address, cookie, course, hostile } = workerData as HostileOrder;
const over = new AbortController();
// The one message that comes says that it is over.
if (parentPort) void once(parentPort, 'message').then(() => over.abort());
const all = Array.from({ length: hostile }, (_, number) => harass({ address, cookie, course, number, over: over.signal }));
parentPort?.postMessage(await Promise.all(all));
parentPort?.close();
