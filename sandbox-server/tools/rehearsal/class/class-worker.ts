/** The people of a rehearsed class, in a thread of their own: the server's answers must not wait for what its visitors do. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Course } from '../../../../src/shared/course/course.ts';
import { mannerOf, type Person, play } from './person.ts';

export interface ClassOrder {
	address: string;
	cookie: string | undefined;
	course: Course;
	learners: number;
	/** ms in which the class arrives, and in all. */
	arrival: number;
	length: number;
	/** Nobody floods, attacks or leaves without a word, and everybody leaves a file and looks for it in the end. */
	polite: boolean;
}

const { address, cookie, course, learners, arrival, length, polite } = workerData as ClassOrder;
const until = performance.now() + length;
const steps = course.lessons.reduce((sum, lesson) => sum + lesson.steps.length, 0);
const people = Array.from({ length: learners }, async (_, number): Promise<Person> => {
	const person = await play({
		address,
		cookie,
		course,
		number,
		manner: mannerOf(number, learners, polite),
		arrival: arrival * Math.random(),
		think: length / steps,
		until,
		leavesFile: polite,
	});
	parentPort?.postMessage(person);
	return person;
});
await Promise.all(people);
