/** A trainer of a rehearsed room: opens it, leads the class, shows a terminal, takes the results away, closes it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Course } from '../../../../src/shared/course/course.ts';
import { LearnerClient } from '../learner-client.ts';
import type { Attendee } from './attendee.ts';
import { FeedReader } from './feed-reader.ts';
import type { Ledger } from './ledger.ts';
import { LookPage } from './look-page.ts';

const longest = 180_000;
/** Lines that are shown to everybody. */
const shownLines = 5;

export interface TrainerPart {
	address: string;
	/** Lets in where the server asks for an access code. */
	cookie?: string | undefined;
	course: Course;
	/** Of the link that lets a trainer in, once. */
	secret: string;
	ledger: Ledger;
}

export class Trainer {
	readonly page: LearnerClient;
	room = '';
	code = '';
	readonly #part: TrainerPart;
	#feed: FeedReader | undefined;

	constructor(part: TrainerPart) {
		const { address, course, cookie = '' } = part;
		this.#part = part;
		this.page = new LearnerClient({ address, course: course.slug, lesson: this.#lesson.slug, language: 'fr', cookie });
	}

	get #lesson() {
		const [lesson] = this.#part.course.lessons;
		if (!lesson) throw new Error(`${this.#part.course.slug} has no lesson`);
		return lesson;
	}

	get feed(): FeedReader {
		if (!this.#feed) throw new Error('no room is open');
		return this.#feed;
	}

	get #url(): string {
		return `/api/rooms/${this.room}`;
	}

	/** By a link that nobody has used. */
	async enter(): Promise<void> {
		await this.page.post('/api/rooms/enter', { secret: this.#part.secret });
	}

	/** A room for so many people, which is open from now on. */
	async open(title: string, expected: number): Promise<void> {
		const starts = Date.now();
		const { slug, lessons } = this.#part.course;
		const body = { title, course: slug, lessons: lessons.map((lesson) => lesson.slug), starts, ends: starts + 8 * 3600_000, expected };
		const { id } = (await this.page.post('/api/rooms', body)) as { id: string };
		this.room = id; // To be erased from now on, whatever comes.
		const { code } = (await this.page.post(`/api/rooms/${id}/open`)) as { code: string };
		this.follow(id);
		this.code = code;
	}

	/** The cockpit of a room. */
	follow(room: string): void {
		this.room = room;
		this.#feed = new FeedReader(this.page, `${this.#url}/feed?cards=changes`);
		this.#feed.onPerson = ({ id, marks }) => {
			const steps = this.#feed?.room?.steps ?? [];
			for (const [at, { lesson, step }] of steps.entries()) if (marks[at] === 'p') this.#part.ledger.onGrid(id, `${lesson}/${step}`);
		};
	}

	/** @returns the secret of a link for one person */
	async invite(role: 'trainer' | 'helper', name: string): Promise<string> {
		return ((await this.page.post(`${this.#url}/links`, { role, name })) as { secret: string }).secret;
	}

	/** A workbench of their own, as everybody has one. */
	async sitDown(): Promise<void> {
		await this.page.connect();
		await this.page.start(longest);
	}

	/** What a trainer does with the whole class, one after the other, each with a pause before. @param here who is in the room at that moment */
	scenes(here: () => Attendee[]): ((pause: number) => Promise<void>)[] {
		const first = { lesson: this.#lesson.slug, step: this.#lesson.steps[0]?.id ?? '' };
		const told = (what: string, act: () => Promise<unknown>, seen: Parameters<Attendee['see']>[0]) => this.#told(here(), what, act, seen);
		const post = (path: string, body: object) => this.page.post(`${this.#url}/${path}`, body);
		const text = 'Pause à dix heures et demie';
		return [
			() =>
				told(
					'the message',
					() => post('messages', { text, to: 'all' }),
					({ notes }) => notes.some((note) => note.text === text),
				),
			() =>
				told(
					'to look up',
					() => post('pace', { attention: { seconds: 5 } }),
					({ pace }) => pace.attention !== undefined,
				),
			() =>
				told(
					'the gate and the clock',
					() => post('pace', { gate: first, clock: { ...first, minutes: 1 } }),
					({ pace }) => pace.gate?.step === first.step && pace.clock !== undefined,
				),
			() =>
				told(
					'the end of gate and clock',
					() => post('pace', { gate: null, clock: null }),
					({ pace }) => pace.gate === undefined && pace.clock === undefined,
				),
			() =>
				told(
					'where the trainer leads',
					() => post('follow', first),
					({ follow }) => follow?.step === first.step,
				),
			() =>
				told(
					'that the trainer leads no more',
					() => this.page.request('DELETE', `${this.#url}/follow`),
					({ follow }) => follow === undefined,
				),
			() => this.#show(here()),
			() => this.#showTheirs(here()),
			() => this.#card(here()),
		].map((scene) => async (pause: number) => {
			await sleep(pause);
			await scene();
		});
	}

	async #told(here: Attendee[], what: string, act: () => Promise<unknown>, seen: Parameters<Attendee['see']>[0]): Promise<void> {
		const { ledger } = this.#part;
		const began = performance.now();
		await act();
		await Promise.all(
			here.map((attendee) =>
				attendee.see(seen, what).then(
					() => ledger.told.push(performance.now() - began),
					(error) => ledger.fail(attendee.name, error),
				),
			),
		);
	}

	/** The trainer's terminal is shown to everybody, who see each line of it. */
	async #show(here: Attendee[]): Promise<void> {
		const { ledger } = this.#part;
		const terminal = await this.page.terminal();
		await this.page.until(() => terminal.prompts > 0, 'the prompt', longest);
		await this.page.post(`${this.#url}/show`, { lesson: this.#lesson.slug, terminal: '1' });
		const followers = await Promise.all(
			here.map(async (attendee) => {
				await attendee.see(({ shown }) => shown !== undefined, 'the trainer’s terminal');
				return { attendee, page: attendee.page, seen: await attendee.shown };
			}),
		);
		for (let line = 0; line < shownLines; line++) {
			const began = performance.now();
			const said = `shown-${line}-to-all`;
			const ended = terminal.run(`echo ${said}`);
			const all = followers.map(async ({ attendee, page, seen }) => {
				// Who has gone to another machine meanwhile follows there.
				if (!seen || attendee.page !== page) return;
				await page
					.until(() => seen.output.includes(said), 'a line of the trainer’s terminal')
					.then(() => ledger.followed.push(performance.now() - began))
					.catch((error) => attendee.page === page && !page.closed && ledger.fail(attendee.name, error));
			});
			await Promise.all([ended, ...all]);
		}
		await this.#told(
			here,
			'the end of what was shown',
			() => this.page.request('DELETE', `${this.#url}/show`),
			({ shown }) => shown === undefined,
		);
	}

	/** A learner's terminal is shown to everybody, with their leave. */
	async #showTheirs(here: Attendee[]): Promise<void> {
		const { ledger } = this.#part;
		// Who says yes, and stays where they are.
		const owner = here.find((attendee) => !attendee.isShy && !attendee.leaves) ?? here[0];
		if (!owner) return;
		const whose = { learner: owner.page.name, lesson: this.#lesson.slug, all: true };
		const { page } = await LookPage.ask(this.page, { room: this.room, ledger, whose });
		await page.until(() => page.phase === 'looking', 'a yes to be shown to all');
		const others = here.filter((attendee) => attendee !== owner);
		await Promise.all(
			others.map(async (attendee) => {
				await attendee
					.see(({ shown }) => shown?.lent === true, 'the learner’s terminal')
					.catch((error) => ledger.fail(attendee.name, error));
				await attendee.shown;
			}),
		);
		await owner.see(({ shown, looks }) => shown?.mine === true && looks.some(({ all }) => all), 'that everybody looks');
		await this.#told(
			here,
			'the end of what the learner showed',
			() => page.end(),
			({ shown }) => shown === undefined,
		);
	}

	/** A minute card, which everybody answers once. */
	async #card(here: Attendee[]): Promise<void> {
		const choices = ['oui', 'presque', 'non'];
		const { card } = (await this.page.post(`${this.#url}/cards`, { question: 'Tout est clair ?', choices })) as { card: { id: string } };
		const answers = () => this.feed.cards.find(({ id }) => id === card.id);
		await this.feed.until(() => (answers()?.people ?? 0) >= here.length, 'everybody’s answer to the minute card');
		await this.page.post(`${this.#url}/cards/${card.id}`, { open: false, shown: true });
		const wall = new FeedReader(this.page, `${this.#url}/front`);
		try {
			await wall.until(() => wall.wall[0]?.id === card.id, 'the minute card on the wall');
			const sum = (wall.wall[0]?.counts ?? []).reduce((all, count) => all + count, 0);
			if (sum !== answers()?.people) throw new Error(`the wall shows ${sum} of ${answers()?.people} answers`);
		} finally {
			wall.close();
		}
	}

	/** Takes the files away. @returns which steps each person has passed, by public name */
	async export(): Promise<Map<string, Set<string>>> {
		const results = (await this.page.get(`${this.#url}/results`)) as {
			people: { learner: string; steps: { lesson: string; step: string; state: string }[] }[];
		};
		const csv = await this.page.text('GET', `${this.#url}/results.csv?language=fr`);
		const steps = results.people[0]?.steps.length ?? 0;
		const lines = csv.trimEnd().split('\r\n').length - 1;
		if (lines < results.people.length)
			throw new Error(`results.csv has ${lines} lines for ${results.people.length} people (${steps} steps)`);
		const statements = (await this.page.get(`${this.#url}/results.xapi.json`)) as unknown[];
		if (statements.length < results.people.length)
			throw new Error(`${statements.length} xAPI statements for ${results.people.length} people`);
		for (const file of ['cards.csv?language=fr', 'steps.csv?language=fr']) await this.page.text('GET', `${this.#url}/${file}`);
		return new Map(
			results.people.map(({ learner, steps: all }) => [
				learner,
				new Set(all.filter(({ state }) => state === 'passed').map(({ lesson, step }) => `${lesson}/${step}`)),
			]),
		);
	}

	async close(here: Attendee[]): Promise<void> {
		await this.#told(
			here,
			'that the room is closed',
			() => this.page.post(`${this.#url}/close`),
			({ state }) => state === 'closed',
		);
	}

	/** The room is erased, and the trainer's workbench is put away. */
	async leave(isOwner: boolean): Promise<void> {
		this.#feed?.close();
		const erased = isOwner && this.room ? this.page.request('DELETE', this.#url) : undefined;
		await Promise.allSettled([erased]);
		await this.page.request('DELETE', `/api/sandboxes/${this.#part.course.slug}`).catch(() => undefined); // They may have none.
		await this.page.disconnect();
		await erased;
	}
}
