/** A learner of a rehearsed room: joins by its code, works, asks for help, says yes to who looks, follows, answers, leaves and comes back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Course, Lesson, Step } from '../../../../src/shared/course/course.ts';
import { fillValues } from '../../../../src/shared/course/parameters.ts';
import { splitCommands } from '../../../../src/shared/course/split-commands.ts';
import { type MemberState, memberStateSchema } from '../../../../src/shared/protocol/room-member.ts';
import { patience } from '../../testing/slowness.ts';
import type { ClientTerminal } from '../client-terminal.ts';
import { LearnerClient } from '../learner-client.ts';
import type { Ledger } from './ledger.ts';

/** Longest time that a command, a verdict or a prompt may take on an ordinary machine, ms. */
const longest = 180_000;
/** Between two attempts of a page to connect again, ms. */
const againMs = 200;

export interface AttendeePart {
	address: string;
	/** Lets in where the server asks for an access code. */
	cookie?: string | undefined;
	course: Course;
	room: string;
	code: string;
	number: number;
	/** Mean pause before each step, ms. */
	think: number;
	ledger: Ledger;
	/** Waits while the whole class stands still. */
	turn: () => Promise<void>;
}

export class Attendee {
	page: LearnerClient;
	readonly passed = new Set<string>();
	/** Something has gone wrong: they do nothing more. */
	done = false;
	/** Waits for somebody to come, or for the class to go on; or has come to the end. */
	idle = false;
	readonly #part: AttendeePart;
	readonly #waiting = new Set<() => void>();
	readonly #answered = new Set<string>();
	#word = '';
	#lesson: Lesson;
	#terminal: ClientTerminal | undefined;
	#shown: Promise<ClientTerminal> | undefined;
	/** The page is closed because its learner wants it. */
	#leaving = false;

	constructor(part: AttendeePart) {
		this.#part = part;
		const [first] = part.course.lessons;
		if (!first) throw new Error(`${part.course.slug} has no lesson`);
		this.#lesson = first;
		this.page = this.#newPage(part.cookie ?? '');
	}

	get name(): string {
		return `Élève ${this.#part.number + 1}`;
	}

	get room(): MemberState | undefined {
		return this.page.room ? memberStateSchema.parse(this.page.room) : undefined;
	}

	/** What is shown to the room, as this page follows it; undefined: nothing is, or the page has gone meanwhile. What goes wrong otherwise is written down. */
	get shown(): Promise<ClientTerminal | undefined> {
		return this.#shown?.catch(() => undefined) ?? Promise.resolve(undefined);
	}

	/** Every fourth leaves, and comes back. */
	get leaves(): boolean {
		return this.#part.number % 4 === 3;
	}

	/** Every fifth says no to who wants to look. */
	get isShy(): boolean {
		return this.#part.number % 5 === 4;
	}

	#newPage(cookie: string): LearnerClient {
		const { address, course } = this.#part;
		const page = new LearnerClient({ address, course: course.slug, lesson: this.#lesson.slug, language: 'fr', cookie });
		page.heard = ({ type }) => {
			if (page === this.page && type === 'room') this.#roomSaid();
			for (const look of [...this.#waiting]) look();
		};
		return page;
	}

	/** Comes in by the code, and has a prompt. */
	async arrive(): Promise<void> {
		const { code, ledger, room } = this.#part;
		const began = performance.now();
		const joined = (await this.page.post('/api/rooms/join', { code, name: this.name })) as { word: string };
		this.#word = joined.word;
		await this.#open(this.#lesson);
		ledger.starts.push(performance.now() - began);
		if (this.#part.number > 0) return;
		await ledger.refused('a learner’s look at the trainer’s feed', 'forbidden', () => this.page.get(`/api/rooms/${room}/feed`));
		await ledger.refused('a learner’s message to all', 'forbidden', () =>
			this.page.post(`/api/rooms/${room}/messages`, { text: 'hello', to: 'all' }),
		);
	}

	async #open(lesson: Lesson): Promise<void> {
		this.#lesson = lesson;
		const { cookie } = this.page;
		await this.#close();
		this.page = this.#newPage(cookie);
		await this.page.connect();
		this.#roomSaid();
		await this.page.start(longest);
		await this.#prompt();
	}

	async #close(): Promise<void> {
		this.#leaving = true;
		await this.page.disconnect();
		this.#leaving = false;
		this.#shown = undefined;
	}

	async #prompt(): Promise<void> {
		const terminal = await this.page.terminal();
		await this.page.until(() => terminal.prompts > 0, 'the prompt', longest);
		this.#terminal = terminal;
	}

	/** All steps of the course; a hand goes up at one of them. */
	async work(): Promise<void> {
		const { course, number, think, turn, ledger } = this.#part;
		const steps = course.lessons.flatMap((lesson) => lesson.steps.map((step) => ({ lesson, step })));
		const asks = number % 3 === 0 ? Math.floor(number / 3) % steps.length : -1;
		const leaves = this.leaves ? Math.floor(steps.length / 2) : -1;
		for (const [at, { lesson, step }] of steps.entries()) {
			await sleep(think * (0.3 + 1.4 * Math.random()));
			this.idle = true;
			await turn();
			this.idle = false;
			if (lesson !== this.#lesson) await this.#open(lesson);
			if (at === leaves) await this.#leaveAndReturn();
			if (at === asks) await this.askForHelp(step.id);
			await this.#step(lesson, step);
			ledger.count.steps++;
		}
		this.idle = true;
	}

	async #step(lesson: Lesson, step: Step): Promise<void> {
		const { course, ledger } = this.#part;
		this.page.send({ type: 'focus', step: step.id, begun: true });
		const key = `${lesson.slug}/${step.id}`;
		if (step.check === undefined) await this.page.post(`/api/lessons/${course.slug}/${lesson.slug}/steps/${step.id}/done`);
		else {
			const terminal = this.#terminal;
			if (!terminal) throw new Error('there is no terminal');
			await this.#echo(terminal);
			const solution = fillValues(step.solution ?? '', await this.page.values());
			for (const command of splitCommands(solution)) await terminal.run(command, longest);
			await this.page.answer(lesson, step);
			const ended = performance.now();
			const what = `step ${key} to turn green (it says: ${this.page.steps.get(step.id)?.message ?? 'nothing'})`;
			await this.page.until(() => this.page.steps.get(step.id)?.state === 'passed', what, longest);
			ledger.verdicts.push(performance.now() - ended);
		}
		this.passed.add(key);
		ledger.green(this.page.name, key);
	}

	async #echo(terminal: ClientTerminal): Promise<void> {
		const { bytes } = terminal;
		const pressed = performance.now();
		terminal.type('x');
		await this.page.until(() => terminal.bytes > bytes, 'the echo of a key');
		this.#part.ledger.echoes.push(performance.now() - pressed);
		terminal.type('\x15');
		await sleep(50);
	}

	/** Raises a hand; resolves when it is down again. */
	async askForHelp(step: string): Promise<void> {
		await this.raise(step);
		this.idle = true;
		await this.see(({ hand }) => hand === undefined, 'to be helped', longest);
		this.idle = false;
		// What the helper typed has been seen here, too, before anything else is typed.
		const terminal = this.#terminal;
		await this.page.until(() => terminal?.busy !== true, 'the end of what the helper did');
	}

	async raise(step = this.#lesson.steps[0]?.id ?? ''): Promise<void> {
		const { room, ledger } = this.#part;
		await this.page.post(`/api/rooms/${room}/hand?language=fr`, { lesson: this.#lesson.slug, step, line: `${this.name} ?`, looks: true });
		ledger.count.raised++;
		await this.see(({ hand }) => hand !== undefined, 'their own hand');
	}

	async lower(): Promise<void> {
		await this.page.request('DELETE', `/api/rooms/${this.#part.room}/hand`);
		await this.see(({ hand }) => hand === undefined, 'their hand to be down');
	}

	/** Goes without a word, and comes back on another machine by the personal word. */
	async #leaveAndReturn(): Promise<void> {
		const { count } = this.#part.ledger;
		const before = this.page.name;
		count.left++;
		await this.#close();
		this.page = this.#newPage(this.#part.cookie ?? '');
		await this.page.post('/api/rooms/back', { word: this.#word });
		await this.page.connect();
		this.#roomSaid();
		await this.page.start(longest);
		await this.#prompt();
		const green = [...this.page.steps.values()].filter(({ state }) => state === 'passed').length;
		const known = [...this.passed].filter((key) => key.startsWith(`${this.#lesson.slug}/`)).length;
		if (this.page.name !== before) throw new Error(`came back as ${this.page.name}, not ${before}`);
		if (green !== known) throw new Error(`came back and found ${green} of ${known} green steps`);
		count.returned++;
	}

	/** The server was killed: a page connects again until it is there. Resolves once everything of it is back. */
	async comeBack(): Promise<void> {
		const { cookie } = this.page;
		this.#shown = undefined;
		for (let connected = false; !connected; ) {
			this.page = this.#newPage(cookie);
			connected = await this.page.connect().then(
				() => true,
				() => sleep(againMs, false),
			);
		}
		await this.page.start(longest);
		await this.#prompt();
		this.#roomSaid();
	}

	/** Resolves when the room stands so on this learner's page, whichever it is by then. @throws Error naming `what` */
	see(condition: (room: MemberState) => boolean, what: string, ms = 60_000): Promise<void> {
		return new Promise((resolve, reject) => {
			const look = (): void => {
				const room = this.room;
				if (!room || !condition(room)) return;
				clearTimeout(timer);
				this.#waiting.delete(look);
				resolve();
			};
			const timer = setTimeout(() => {
				this.#waiting.delete(look);
				reject(new Error(`waiting for ${what}: not after ${patience(ms)} ms`));
			}, patience(ms));
			this.#waiting.add(look);
			look();
		});
	}

	/** Does what the room asks for. */
	#roomSaid(): void {
		const { room } = this;
		if (!room) return;
		for (const look of room.looks)
			if (look.phase === 'asked' || look.phase === 'typing-asked')
				void this.#answer(look.id, look.phase).catch((error) => this.#fail(error));
		if (room.card && !room.card.answered && !this.#answered.has(room.card.id)) {
			this.#answered.add(room.card.id);
			void this.#answerCard(room.card).catch((error) => this.#fail(error));
		}
		if (room.shown && !room.shown.mine) this.#shown ??= this.#follow();
		if (!room.shown) this.#shown = undefined;
	}

	#follow(): Promise<ClientTerminal> {
		const following = this.page.follow();
		following.catch((error) => this.#leaving || this.page.closed || this.#fail(error));
		return following;
	}

	async #answer(look: string, to: 'asked' | 'typing-asked'): Promise<void> {
		const { room, ledger } = this.#part;
		const key = `${look} ${to}`;
		if (this.#answered.has(key)) return;
		this.#answered.add(key);
		const yes = !this.isShy;
		const entry = ledger.looks.get(look) ?? { learner: this.page.name, leave: false, secret: 0 };
		ledger.looks.set(look, { ...entry, leave: yes });
		if (to === 'asked') ledger.count[yes ? 'yes' : 'no']++;
		await this.page.post(`/api/rooms/${room}/looks/${look}/answer`, { yes, to });
	}

	/** Takes the second yes back: from now on nobody else types here. */
	async withdrawTyping(look: string): Promise<void> {
		await this.page.post(`/api/rooms/${this.#part.room}/looks/${look}/answer`, { yes: false, to: 'typing' });
	}

	/** What this learner's terminal has shown. */
	get output(): string {
		return this.#terminal?.output ?? '';
	}

	async #answerCard({ id, choices }: { id: string; choices: readonly string[] }): Promise<void> {
		const { room, number, ledger } = this.#part;
		const body = choices.length > 0 ? { choice: number % choices.length } : { text: `réponse ${number}` };
		await this.page.post(`/api/rooms/${room}/cards/${id}/answer`, body);
		ledger.count.answered++;
	}

	#fail(error: unknown): void {
		this.#part.ledger.fail(this.name, error);
	}

	/** What the room has written down of who looked at this learner. */
	async log(): Promise<string[]> {
		const me = (await this.page.get(`/api/rooms/${this.#part.room}/me`)) as { looks: { what: string }[] };
		return me.looks.map(({ what }) => what);
	}

	/** Puts everything away. */
	async end(): Promise<void> {
		await this.page.request('DELETE', `/api/sandboxes/${this.#part.course.slug}`).catch(() => undefined); // None is there when it was never had, which has been told.
		await this.#close();
	}
}
