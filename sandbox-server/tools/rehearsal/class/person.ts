/** One learner of a rehearsed class: comes, thinks, types what lessons ask for, waits for the verdict; or behaves as people do. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Course, Lesson, Step } from '../../../../src/shared/course/course.ts';
import { fillValues } from '../../../../src/shared/course/parameters.ts';
import { splitCommands } from '../../../../src/shared/course/split-commands.ts';
import type { ClientTerminal } from '../client-terminal.ts';
import { LearnerClient } from '../learner-client.ts';
import { type ClusterSeen, ClusterWatcher } from './cluster-seen.ts';

export type Manner = 'steady' | 'reloads' | 'two tabs' | 'leaves' | 'floods' | 'attacks';

/** What became of one learner. Times in ms. */
export interface Person {
	number: number;
	manner: Manner;
	/** From the click on "start" to the prompt. */
	start: number | undefined;
	/** Had to wait for somebody to leave. */
	queued: boolean;
	/** From the end of a step's last command to its green mark. */
	verdicts: number[];
	/** From a key to its echo. */
	echoes: number[];
	/** What should not have happened, in words. */
	failures: string[];
	/** Malformed messages sent, and of these refused. */
	attacks: { sent: number; refused: number };
	/** What was amiss with their cluster; undefined: they had none. */
	cluster?: ClusterSeen | undefined;
	/** The file that they left in their home was in the next sandbox; undefined: nobody came to look. */
	fileKept?: boolean | undefined;
}

export interface Part {
	address: string;
	/** Before the first visit: access, where a code is asked for. */
	cookie?: string | undefined;
	course: Course;
	number: number;
	manner: Manner;
	/** Before the click, ms. */
	arrival: number;
	/** Mean pause before each step, ms. */
	think: number;
	/** No step is begun after this moment (`performance.now`). */
	until: number;
	/** Leaves a file at the beginning, puts the sandbox away at the end, and looks for the file in the next one. */
	leavesFile: boolean;
}

/** In the home of who leaves a file. */
const leftFile = 'left-by-a-rehearsal';
/** Longest time that a command, a verdict or a prompt may take, ms. What takes longer has failed. */
const patience = 180_000;
const floodMs = 20_000;
/** Who thinks presses a key now and then: so often, ms. */
const keyMs = 2000;
const attackRounds = 25;
/** Of a terminal's output, so much is told of where a step did not turn green, characters. */
const shownOutput = 1000;

/** How the n-th learner behaves: one floods, one attacks, of twenty one leaves; of ten one reloads and one has two tabs. `polite`: those alone. */
export function mannerOf(number: number, learners: number, polite = false): Manner {
	if (polite) return number % 10 === 5 ? 'reloads' : number % 10 === 7 ? 'two tabs' : 'steady';
	if (learners >= 4 && number === 2) return 'floods';
	if (learners >= 4 && number === 3) return 'attacks';
	if (number % 20 === 9) return 'leaves';
	if (number % 10 === 5) return 'reloads';
	return number % 10 === 7 ? 'two tabs' : 'steady';
}

/** Never throws: what goes wrong is in `failures`. */
export async function play(part: Part): Promise<Person> {
	const { number, manner } = part;
	const person: Person = {
		number,
		manner,
		start: undefined,
		queued: false,
		verdicts: [],
		echoes: [],
		failures: [],
		attacks: { sent: 0, refused: 0 },
	};
	const visit = new Visit(part, person);
	try {
		await sleep(part.arrival);
		await visit.go();
	} catch (error) {
		person.failures.push(error instanceof Error ? error.message : String(error));
	} finally {
		await visit.end();
	}
	return person;
}

class Visit {
	readonly #part: Part;
	readonly #person: Person;
	#cookie = '';
	#pages: LearnerClient[] = [];
	/** What stands in the file that they leave. */
	readonly #mark: string;
	readonly #cluster = new ClusterWatcher();

	constructor(part: Part, person: Person) {
		this.#part = part;
		this.#cookie = part.cookie ?? '';
		this.#person = person;
		this.#mark = `left-by-${part.number}`;
	}

	async go(): Promise<void> {
		await this.#lessons();
		if (this.#part.leavesFile) await this.#findFile();
	}

	async #lessons(): Promise<void> {
		const { course, manner, until, leavesFile } = this.#part;
		for (const [index, lesson] of course.lessons.entries()) {
			if (performance.now() > until) return;
			let page = await this.#open(lesson);
			const clicked = performance.now();
			if (index === 0 && manner === 'two tabs') (await this.#open(lesson)).send({ type: 'start' });
			const wait = page.start(patience);
			if (index === 0)
				void page
					.until(() => page.sandbox.state === 'queued', 'a place in the queue')
					.then(
						() => this.#queued(),
						() => undefined,
					);
			await wait;
			let terminal = await this.#prompt(page);
			if (index === 0) this.#person.start = performance.now() - clicked;
			if (index === 0 && leavesFile) await terminal.run(`echo ${this.#mark} > ~/${leftFile}`, patience);
			if (index === 0 && manner === 'floods') await flood(terminal, page);
			if (index === 0 && manner === 'attacks') await this.#attack(lesson);
			for (const [at, step] of lesson.steps.entries()) {
				if (performance.now() > until) return;
				await this.#think(page, terminal);
				if (manner === 'reloads' && at % 2 === 1) {
					await page.disconnect();
					page = await this.#open(lesson);
					await page.start(patience);
					terminal = await this.#prompt(page);
				}
				if (manner === 'leaves' && at === 2) return;
				await this.#step(page, terminal, lesson, step);
			}
			await page.disconnect();
		}
	}

	#queued(): void {
		this.#person.queued = true;
	}

	async #open({ slug: lesson }: Pick<Lesson, 'slug'>): Promise<LearnerClient> {
		const { address, course, number } = this.#part;
		const visit = { address, course: course.slug, lesson, language: number % 2 === 0 ? 'en' : 'fr', cookie: this.#cookie } as const;
		const page = new LearnerClient(visit);
		this.#pages.push(page);
		page.heard = (message) => message.type === 'cluster' && this.#cluster.told(message.state);
		await page.connect();
		this.#cookie = page.cookie;
		return page;
	}

	/** A shell at its prompt; what was on the screen before a reload counts as well. */
	async #prompt(page: LearnerClient): Promise<ClientTerminal> {
		const terminal = await page.terminal();
		await page.until(() => terminal.prompts > 0, 'the prompt', patience);
		return terminal;
	}

	async #think(page: LearnerClient, terminal: ClientTerminal): Promise<void> {
		const { think, until } = this.#part;
		const end = Math.min(performance.now() + think * (0.3 + 1.4 * Math.random()), until);
		for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
			await sleep(Math.min(left, keyMs));
			await this.#echo(page, terminal);
		}
	}

	/** Puts the sandbox away, if its files can be kept, and looks into the next one. */
	async #findFile(): Promise<void> {
		const [lesson] = this.#part.course.lessons;
		if (!lesson) return;
		this.#person.fileKept = false;
		const page = await this.#open(lesson);
		await page.request('DELETE', `/api/sandboxes/${this.#part.course.slug}?ask=1`);
		await page.until(() => page.sandbox.state === 'none', 'the sandbox to be gone', patience);
		await page.start(patience);
		const said = await (await this.#prompt(page)).run(`cat ~/${leftFile}`, patience);
		this.#person.fileKept = said.includes(this.#mark);
	}

	async #step(page: LearnerClient, terminal: ClientTerminal, lesson: Lesson, step: Step): Promise<void> {
		const { course } = this.#part;
		page.send({ type: 'focus', step: step.id, begun: true });
		if (step.check === undefined) {
			await page.post(`/api/lessons/${course.slug}/${lesson.slug}/steps/${step.id}/done`);
			return;
		}
		await this.#echo(page, terminal);
		const solution = fillValues(step.solution ?? '', await page.values());
		for (const command of splitCommands(solution)) await terminal.run(command, patience);
		await page.answer(lesson, step);
		const ended = performance.now();
		const name = `${lesson.slug}/${step.id}`;
		const what = () => {
			const { state = 'unknown', message = 'nothing' } = page.steps.get(step.id) ?? {};
			return `step ${name} to turn green (it is ${state} and says: ${message}; the terminal: ${JSON.stringify(terminal.output.slice(-shownOutput))})`;
		};
		await page.until(() => page.steps.get(step.id)?.state === 'passed', what, patience);
		this.#person.verdicts.push(performance.now() - ended);
	}

	/** One key, and its echo; then the line is emptied again. */
	async #echo(page: LearnerClient, terminal: ClientTerminal): Promise<void> {
		const { bytes } = terminal;
		const pressed = performance.now();
		terminal.type('x');
		await page.until(() => terminal.bytes > bytes, 'the echo of a key', patience);
		this.#person.echoes.push(performance.now() - pressed);
		terminal.type('\x15');
		await sleep(50);
	}

	/** Pages that say what no page says. Each must be refused, and cost nobody else anything. */
	async #attack(lesson: Lesson): Promise<void> {
		const { attacks, failures } = this.#person;
		for (let round = 0; round < attackRounds; round++) {
			const page = await this.#open(lesson);
			page.sendRaw(malformed[round % malformed.length] as string | Uint8Array);
			attacks.sent++;
			const refused = await page
				.until(() => page.closed !== undefined, 'to be cut off', 10_000)
				.then(
					() => true,
					() => page.closed !== undefined,
				);
			if (refused) attacks.refused++;
			else failures.push(`a malformed message was not refused: ${String(malformed[round % malformed.length]).slice(0, 60)}`);
			await page.disconnect();
		}
	}

	/** Who leaves goes without a word; the others put everything away. */
	async end(): Promise<void> {
		// What is told of a cluster that ends with its sandbox says nothing.
		this.#person.cluster = structuredClone(this.#cluster.seen);
		if (this.#part.manner !== 'leaves')
			await this.#pages[0]?.request('DELETE', `/api/sandboxes/${this.#part.course.slug}`).catch((error: unknown) => {
				// None is there when it could not be had, which has been told.
				if (this.#person.failures.length === 0)
					this.#person.failures.push(`the sandbox could not be put away: ${error instanceof Error ? error.message : error}`);
			});
		await Promise.allSettled(this.#pages.map((page) => page.disconnect()));
	}
}

/** Output without end for a while, then Ctrl-C. */
async function flood(terminal: ClientTerminal, page: LearnerClient): Promise<void> {
	const { prompts } = terminal;
	terminal.type('yes flooding the terminal\r');
	await sleep(floodMs);
	terminal.type('\x03');
	await page.until(() => terminal.prompts > prompts, 'the prompt after a flood', patience);
}

const malformed: readonly (string | Uint8Array)[] = [
	'{',
	'[]',
	'{"type":"root"}',
	'{"type":"open","channel":-1,"terminal":"1","cols":80,"rows":24}',
	'{"type":"open","channel":1,"terminal":"../../1","cols":80,"rows":24}',
	'{"type":"ack","channel":1,"bytes":1e300}',
	'{"type":"start","as":"somebody else"}',
	Uint8Array.of(2),
	Uint8Array.of(9, 1, 0, 0, 0, 65),
	new Uint8Array(80_000),
];
