/** Plays a class against a server that runs, and looks at the machine meanwhile. */
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Course } from '../../../../src/shared/course/course.ts';
import { availableMemory, machineCpu } from '../../benchmarks/proc.ts';
import type { ClassOrder } from './class-worker.ts';
import type { ClassReport, Headroom } from './judgement.ts';
import type { Person } from './person.ts';

export interface ClassRequest {
	address: string;
	/** With which everybody comes, where the server asks for an access code. */
	cookie?: string | undefined;
	course: Course;
	learners: number;
	minutes: number;
	/** The server is on this machine: what is left of it is looked at. */
	here: boolean;
	/** Called as each learner is done. */
	onPerson: (person: Person, done: number) => void;
	signal: AbortSignal;
	/** As `ClassOrder` has it; false if left out. */
	polite?: boolean;
}

const lookMs = 500;

/** @throws the signal's reason; Error when the people's thread breaks */
export async function runClass(request: ClassRequest): Promise<ClassReport> {
	const { address, cookie, course, learners, minutes, here, onPerson, signal, polite = false } = request;
	const length = minutes * 60_000;
	// The whole class comes within a minute, as they do when the trainer says "now".
	const order: ClassOrder = { address, cookie, course, learners, arrival: Math.min(60_000, length / 5), length, polite };
	const people: Person[] = [];
	const machine = here ? new Machine() : undefined;
	const worker = new Worker(join(import.meta.dirname, 'class-worker.ts'), { workerData: order });
	try {
		await new Promise<void>((resolve, reject) => {
			const give = () => reject(signal.reason);
			signal.addEventListener('abort', give, { once: true });
			worker.on('message', (person: Person) => onPerson(person, people.push(person)));
			worker.once('error', reject);
			worker.once('exit', () => resolve());
		});
	} finally {
		machine?.stop();
		await worker.terminate();
	}
	return { learners, minutes, people, headroom: machine?.headroom() };
}

class Machine {
	readonly #before = machineCpu();
	readonly #timer = setInterval(() => this.#look(), lookMs);
	#least = availableMemory();
	#after = this.#before;

	#look(): void {
		this.#least = Math.min(this.#least, availableMemory());
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#look();
		this.#after = machineCpu();
	}

	headroom(): Headroom {
		const all = this.#after.all - this.#before.all;
		const busy = all > 0 ? (this.#after.busy - this.#before.busy) / all : 0;
		return { memory: totalmem(), leastFree: this.#least, busy, cores: cpus().length };
	}
}
