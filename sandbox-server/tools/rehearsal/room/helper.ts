/** A helper of a rehearsed room: takes who has waited longest, looks with leave, types after a second yes, and goes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { plainText } from '../../../../src/shared/control-sequences.ts';
import type { LearnerClient } from '../learner-client.ts';
import type { Attendee } from './attendee.ts';
import { FeedReader } from './feed-reader.ts';
import type { Ledger } from './ledger.ts';
import { LookPage } from './look-page.ts';

/** Between two looks at the queue while nobody waits, ms. */
const restMs = 200;

export interface HelperPart {
	client: LearnerClient;
	name: string;
	room: string;
	ledger: Ledger;
	/** Hands to whom one of them is on the way: they stand in one hall, and see each other get up before the page says it. */
	taken: Set<string>;
	/** By public name. */
	attendee: (learner: string) => Attendee | undefined;
}

export class Helper {
	readonly queue: FeedReader;
	readonly name: string;
	/** Takes nobody for now. */
	paused = false;
	/** Somebody is being helped. */
	busy = false;
	readonly #part: HelperPart;

	constructor(part: HelperPart) {
		this.#part = part;
		this.name = part.name;
		this.queue = new FeedReader(part.client, `/api/rooms/${part.room}/queue`);
	}

	/** Until `over`. */
	async work(over: AbortSignal): Promise<void> {
		const { ledger, taken, attendee } = this.#part;
		await this.#tryTooMuch();
		// Who is in the room besides those who are played is helped by others.
		const free = ({ id, learner, takenBy }: (typeof this.queue.hands)[number]) =>
			takenBy === undefined && !taken.has(id) && attendee(learner) !== undefined;
		while (!over.aborted) {
			const hand = this.paused ? undefined : this.queue.hands.find(free);
			if (!hand) {
				await sleep(restMs);
				continue;
			}
			taken.add(hand.id);
			this.busy = true;
			await this.#help(hand).catch((error) => ledger.fail(this.name, error));
			this.busy = false;
		}
	}

	/** What is a trainer's, or needs a raised hand. */
	async #tryTooMuch(): Promise<void> {
		const { client, room, ledger } = this.#part;
		await ledger.refused('a helper’s look at the trainer’s feed', 'forbidden', () => client.get(`/api/rooms/${room}/feed`));
		await ledger.refused('a helper’s message to all', 'forbidden', () =>
			client.post(`/api/rooms/${room}/messages`, { text: 'hello', to: 'all' }),
		);
		await ledger.refused('a helper’s closing of the room', 'forbidden', () => client.post(`/api/rooms/${room}/close`));
	}

	async #help({ id, learner, lesson }: { id: string; learner: string; lesson: string }): Promise<void> {
		const { client, room, ledger } = this.#part;
		const taken = await client.post(`/api/rooms/${room}/hands/${id}/take`, { takenBy: null }).then(
			() => true,
			() => false, // Lowered, or its learner has gone, in the same moment.
		);
		if (!taken) return;
		ledger.count.taken++;
		const { look, page } = await this.look({ learner, lesson });
		await page
			.until(() => page.phase !== 'asked', 'a yes or a no')
			.catch((error) => {
				if (!page.closed) throw error;
			});
		if (page.phase === 'looking' || page.phase === 'typing-asked') await this.#type(look, learner, page);
		await page.end();
		await client.request('DELETE', `/api/rooms/${room}/hands/${id}`);
		ledger.count.helped++;
	}

	/** Asks to look. */
	look({ learner, lesson }: { learner: string; lesson: string }): Promise<{ look: string; page: LookPage }> {
		const { client, room, ledger } = this.#part;
		return LookPage.ask(client, { room, ledger, whose: { learner, lesson } });
	}

	async #type(look: string, learner: string, page: LookPage): Promise<void> {
		const { client, room, ledger, attendee } = this.#part;
		const owner = attendee(learner);
		await page.until(() => page.output !== '', 'what the terminal shows');
		// Nothing is typed with one yes alone.
		const before = page.errors.length;
		ledger.count.tried++;
		page.type(`echo early-${look}\r`);
		await page.until(() => page.errors.length > before, 'the refusal of a key without the second yes');
		ledger.count.refused++;
		await client.post(`/api/rooms/${room}/looks/${look}/typing`);
		await page.until(() => page.phase !== 'typing-asked' && page.phase !== 'looking', 'the second yes');
		ledger.count.typed++;
		const said = `helped-${look}`;
		page.type(`echo ${said}\r`);
		// Once as it is typed, once as it is printed.
		await page.until(() => plainText(page.output).split(said).length > 2, 'what was typed');
		ledger.count.arrived++;
		if (!owner) return;
		await owner.withdrawTyping(look);
		await page.until(() => page.phase === 'looking', 'the second yes to be taken back');
		const { length } = page.errors;
		ledger.count.tried++;
		page.type(`echo late-${look}\r`);
		await page.until(() => page.errors.length > length, 'the refusal of a key after the second yes was taken back');
		ledger.count.refused++;
	}

	close(): void {
		this.queue.close();
	}
}
