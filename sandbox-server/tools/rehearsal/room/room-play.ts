/**
 * A rehearsed room from its first link to its erasure: trainers, helpers and learners, all without a browser. In the middle, whoever plays it may
 * take the server away for a moment.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Course } from '../../../../src/shared/course/course.ts';
import { patience } from '../../testing/slowness.ts';
import { LearnerClient } from '../learner-client.ts';
import { Attendee } from './attendee.ts';
import { Helper } from './helper.ts';
import { Ledger } from './ledger.ts';
import { Trainer } from './trainer.ts';

export interface RoomOrder {
	address: string;
	/** Lets in where the server asks for an access code. */
	cookie: string | undefined;
	/** Of the link of a trainer of this server. */
	secret: string;
	course: Course;
	learners: number;
	trainers: number;
	helpers: number;
	/** ms in which the class arrives, and in which it works. */
	arrival: number;
	length: number;
}

/** The ways into the room for people who are not played: its code, and the secrets of one trainer's and one helper's link. */
export interface RoomDoors {
	id: string;
	code: string;
	trainer: string;
	helper: string;
}

export interface RoomPlay {
	/** Told what is being done. */
	onScene?: (what: string) => void;
	/** Told once the room is open. */
	onOpen?: (doors: RoomDoors) => void;
	/** In the middle of it: hands are up, somebody looks; resolves when the server, which was away, answers again. */
	midway?: () => Promise<void>;
	/** Ends it before its time: everything is put away, and the room erased. */
	signal?: AbortSignal;
}

/** What became of the room. */
export interface RoomReport {
	learners: number;
	trainers: number;
	helpers: number;
	/** ms of everything, from the first link to the last export. */
	length: number;
	ledger: Pick<Ledger, 'starts' | 'verdicts' | 'grid' | 'echoes' | 'followed' | 'told' | 'back' | 'failures' | 'count'>;
	/** Steps that were green on their learners' pages; and of these, not in the results, or not on the grid. */
	green: number;
	lost: number;
	/** Frames of terminals that came to somebody who had no leave; texts that were typed without it and arrived. */
	secret: number;
	/** Looks with leave, and of these, those that the person who was looked at finds in their log. */
	looked: number;
	logged: number;
	/** The server was away in the middle. */
	killed: boolean;
}

/** Hands that are up, and nobody takes, while the server is away. */
const handsUp = 3;
/** Between two looks at a class that comes to rest, ms. */
const restMs = 100;
/** For so long learners' workbenches are waited for at the end, ms on an ordinary machine: the room is erased all the same. */
const tidyMs = 20_000;

/** Never throws for what goes wrong in the class: that is in the report. @throws the signal's reason; Error when the room cannot be made */
export async function playRoom(order: RoomOrder, { signal, ...how }: RoomPlay = {}): Promise<RoomReport> {
	const play = new Play(order);
	const { promise: ended, reject } = Promise.withResolvers<never>();
	const end = (): void => reject(signal?.reason);
	ended.catch(() => undefined); // It ends nothing any more once the room is put away.
	signal?.addEventListener('abort', end, { once: true });
	try {
		signal?.throwIfAborted();
		return await Promise.race([inRoom(play, how), ended]);
	} finally {
		signal?.removeEventListener('abort', end);
		await play.leave();
	}
}

async function inRoom(play: Play, { onScene = () => undefined, onOpen, midway }: RoomPlay): Promise<RoomReport> {
	const began = performance.now();
	onScene('the room is opened');
	await play.open();
	onOpen?.(await play.doors());
	onScene('the class comes in');
	await play.arrive();
	onScene('the class works');
	const half = play.work();
	await play.lead(onScene, midway && (() => play.interrupt(midway)));
	onScene('the class works on its own');
	await half;
	onScene('results are taken away');
	return await play.end(performance.now() - began, midway !== undefined);
}

class Play {
	readonly #order: RoomOrder;
	readonly #ledger = new Ledger();
	readonly #trainers: Trainer[];
	#helpers: Helper[] = [];
	#attendees: Attendee[] = [];
	readonly #over = new AbortController();
	#gate: Promise<void> | undefined;

	constructor(order: RoomOrder) {
		this.#order = order;
		this.#trainers = [this.#trainer(order.secret)];
	}

	get #lead(): Trainer {
		return this.#trainers[0] as Trainer;
	}

	#trainer(secret: string): Trainer {
		const { address, cookie, course } = this.#order;
		return new Trainer({ address, cookie, course, secret, ledger: this.#ledger });
	}

	/** Who is in the room, and has not failed. */
	readonly #here = (): Attendee[] => this.#attendees.filter(({ page }) => page.name !== '');

	async open(): Promise<void> {
		const { learners, trainers, helpers, course, address, cookie = '' } = this.#order;
		await this.#lead.enter();
		await this.#lead.open('Répétition', learners);
		const { room } = this.#lead;
		for (let number = 2; number <= trainers; number++) {
			const other = this.#trainer(await this.#lead.invite('trainer', `Formatrice ${number}`));
			this.#trainers.push(other);
			await other.enter();
			other.follow(room);
		}
		const taken = new Set<string>();
		for (let number = 1; number <= helpers; number++) {
			const name = `Assistant ${number}`;
			const secret = await this.#lead.invite('helper', name);
			const client = new LearnerClient({ address, course: course.slug, lesson: course.lessons[0]?.slug ?? '', language: 'fr', cookie });
			await client.post('/api/rooms/enter', { secret });
			const attendee = (learner: string) => this.#attendees.find(({ page }) => page.name === learner);
			const helper = new Helper({ client, name, room, ledger: this.#ledger, taken, attendee });
			this.#helpers.push(helper);
			void helper.work(this.#over.signal).catch((error) => this.#ledger.fail(name, error));
		}
		await Promise.all(this.#trainers.map((trainer) => trainer.sitDown()));
	}

	async doors(): Promise<RoomDoors> {
		const { room: id, code } = this.#lead;
		const [trainer, helper] = [
			await this.#lead.invite('trainer', 'Formatrice à l’écran'),
			await this.#lead.invite('helper', 'Aide à l’écran'),
		];
		return { id, code, trainer, helper };
	}

	async arrive(): Promise<void> {
		const { address, cookie, course, learners, arrival, length } = this.#order;
		const { room, code } = this.#lead;
		const steps = course.lessons.reduce((sum, lesson) => sum + lesson.steps.length, 0);
		const turn = () => this.#gate ?? Promise.resolve();
		const shared = { address, cookie, course, room, code, think: length / steps, ledger: this.#ledger, turn };
		this.#attendees = Array.from({ length: learners }, (_, number) => new Attendee({ ...shared, number }));
		await this.#each(async (attendee) => {
			await sleep(arrival * Math.random(), undefined, { signal: this.#over.signal });
			await attendee.arrive();
		});
	}

	async work(): Promise<void> {
		await this.#each((attendee) => attendee.work());
	}

	async #each(act: (attendee: Attendee) => Promise<void>): Promise<void> {
		const all = this.#attendees.filter(({ done }) => !done);
		await Promise.all(
			all.map(async (attendee) => {
				try {
					await act(attendee);
				} catch (error) {
					attendee.done = true;
					this.#ledger.fail(attendee.name, error);
				}
			}),
		);
	}

	/** The trainers' scenes, spread over the time; in their middle, the interruption. */
	async lead(onScene: (what: string) => void, interrupt: (() => Promise<void>) | undefined): Promise<void> {
		// The trainers take turns: what one begins, another may end.
		const each = this.#trainers.map((trainer) => trainer.scenes(this.#here));
		const scenes = (each[0] ?? []).map((first, at) => each[at % each.length]?.[at] ?? first);
		const pause = this.#order.length / (scenes.length + 1);
		for (const [at, scene] of scenes.entries()) {
			if (at === Math.floor(scenes.length / 2) && interrupt) {
				onScene('the server is taken away');
				await interrupt().catch((error) => this.#ledger.fail('the interruption', error));
			}
			onScene(`scene ${at + 1} of ${scenes.length}`);
			await scene(pause).catch((error) => this.#ledger.fail(`scene ${at + 1}`, error));
		}
	}

	/** The class stands still with hands up and somebody looking; the server goes, and comes back; everything has to be as it was, but for the look. */
	async interrupt(away: () => Promise<void>): Promise<void> {
		let go = (): void => undefined;
		this.#gate = new Promise((resolve) => {
			go = () => resolve();
		});
		try {
			await this.#rest(() => this.#attendees.every(({ done, idle }) => done || idle), 'the class to stand still');
			for (const helper of this.#helpers) helper.paused = true;
			await this.#rest(() => this.#helpers.every(({ busy }) => !busy), 'the helpers to stand still');
			const up = this.#here().filter((attendee) => attendee.room?.hand === undefined);
			const raisedNow = up.slice(0, handsUp);
			for (const attendee of raisedNow) await attendee.raise();
			const hands = () => this.#lead.feed.hands.map(({ id }) => id).sort();
			const raised = () => this.#here().filter((attendee) => attendee.room?.hand).length;
			await this.#lead.feed.until(() => hands().length === raised(), 'all hands in the feed');
			const before = { hands: hands(), grid: this.#grid() };
			const looked = await this.#lookAtOne();

			await away();
			const returned = performance.now();
			await Promise.all(
				this.#here().map((attendee) =>
					attendee.comeBack().then(
						() => this.#ledger.back.push(performance.now() - returned),
						(error) => this.#ledger.fail(attendee.name, error),
					),
				),
			);
			await Promise.all(this.#trainers.map(({ page }) => page.connect()));
			await this.#lead.feed.until(
				() => this.#lead.feed.snapshots > 1 && this.#lead.feed.counts?.here === before.grid.length,
				'everybody on the grid',
			);
			const after = { hands: hands(), grid: this.#grid() };
			if (JSON.stringify(before.hands) !== JSON.stringify(after.hands))
				throw new Error(`${before.hands.length} hands were up, and after the restart ${after.hands.length}, or others`);
			if (JSON.stringify(before.grid) !== JSON.stringify(after.grid)) throw new Error('the grid is another after the restart');
			const watched = this.#here().filter((attendee) => (attendee.room?.looks.length ?? 0) > 0);
			if (watched.length > 0 || !looked.closed) throw new Error(`${watched.length} people are looked at after the restart`);
			// Who asks for help while they work are waited for; these have only stood there.
			for (const attendee of raisedNow) await attendee.lower();
		} finally {
			for (const helper of this.#helpers) helper.paused = false;
			this.#gate = undefined;
			go();
		}
	}

	/** Names and marks as the first trainer sees them. */
	#grid(): string[] {
		return [...this.#lead.feed.people.values()].map(({ name, marks }) => `${name} ${marks}`).sort();
	}

	async #lookAtOne() {
		const [helper] = this.#helpers;
		const willing = this.#attendees.find((attendee) => attendee.room?.hand !== undefined && !attendee.isShy);
		const hand = this.#lead.feed.hands.find(({ learner }) => learner === willing?.page.name);
		if (!helper || !hand) throw new Error('nobody’s hand is up');
		const { page } = await helper.look(hand);
		await page.until(() => page.phase === 'looking' && page.output !== '', 'what the terminal shows');
		return page;
	}

	async #rest(condition: () => boolean, what: string): Promise<void> {
		const end = performance.now() + patience(180_000);
		while (!condition()) {
			if (performance.now() > end) throw new Error(`waiting for ${what}`);
			await sleep(restMs);
		}
	}

	async end(length: number, killed: boolean): Promise<RoomReport> {
		const { learners, trainers, helpers } = this.#order;
		const ledger = this.#ledger;
		await this.#rest(() => this.#lead.feed.hands.length === 0, 'all hands to be down').catch((error) => ledger.fail('the queue', error));
		this.#over.abort();
		const green = this.#attendees.flatMap((attendee) => [...attendee.passed].map((step) => ({ attendee, step })));
		const marks = (attendee: Attendee) => this.#lead.feed.people.get(attendee.page.name)?.marks ?? '';
		const steps = this.#lead.feed.room?.steps ?? [];
		const onGrid = ({ attendee, step }: { attendee: Attendee; step: string }) =>
			marks(attendee)[steps.findIndex((one) => `${one.lesson}/${one.step}` === step)] === 'p';
		await this.#lead.feed.until(() => green.every(onGrid), 'every green step on the grid').catch((error) => ledger.fail('the grid', error));
		const results = await this.#lead.export().catch((error) => ledger.fail('the export', error));
		const kept = green.filter((one) => onGrid(one) && results?.get(one.attendee.page.name)?.has(one.step));
		const entries = [...ledger.looks.values()];
		const logs = await Promise.all(this.#here().map((attendee) => attendee.log().catch(() => [])));
		const sneaked = this.#attendees.filter(({ output }) => /^(early|late)-[0-9a-f]{12}/m.test(output)).length;
		const report: RoomReport = {
			learners,
			trainers,
			helpers,
			length,
			ledger,
			green: green.length,
			lost: green.length - kept.length,
			secret: sneaked + entries.reduce((sum, { secret }) => sum + secret, 0),
			looked: ledger.count.yes,
			logged: logs.flat().filter((what) => what === 'looking' || what === 'shown-to-all').length,
			killed,
		};
		await this.#lead.close(this.#here());
		await ledger.refused('a hand in a closed room', 'room-closed', async () => this.#attendees[0]?.raise());
		return report;
	}

	/** Everything is put away, and the room erased. What could not be is in the report. */
	async leave(): Promise<void> {
		this.#over.abort();
		for (const helper of this.#helpers) helper.close();
		const ended = new AbortController();
		await Promise.race([
			Promise.allSettled(this.#attendees.map((attendee) => attendee.end())),
			sleep(patience(tidyMs), undefined, { signal: ended.signal }).catch(() => undefined),
		]);
		ended.abort();
		const left = await Promise.allSettled(this.#trainers.map((trainer, at) => trainer.leave(at === 0)));
		for (const one of left) if (one.status === 'rejected') this.#ledger.fail('the end of the room', one.reason);
	}
}
