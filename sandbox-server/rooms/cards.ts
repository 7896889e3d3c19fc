/** Minute cards of rooms: one question at a time, answered once by each, without anybody knowing whose an answer is. */
import { randomBytes } from 'node:crypto';
import type { Language } from '../../src/shared/language.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { type CardAnswer, cardBounds, type FeedCard, fewestAnswers } from '../../src/shared/protocol/room-cards.ts';
import type { MemberState } from '../../src/shared/protocol/room-member.ts';
import { plain } from '../platform/names.ts';
import type { CardRow, CardRows } from '../store/room-cards.ts';
import type { RoomRow, Rooms } from '../store/rooms.ts';
import { csvText } from './csv.ts';

/** Rooms whose cards are kept at hand. */
const mostRead = 100;

interface CardsDeps {
	store: { cards: CardRows; rooms: Rooms };
	/** ms since 1970 */
	now: () => number;
}

/** Told of a room's cards: to everybody in it, or to that learner alone, whose answer is in. */
type Listener = (room: string, learner: string | undefined) => void;

export class Cards {
	readonly #deps: CardsDeps;
	readonly #listeners = new Set<Listener>();
	/** Those of rooms that are looked at, as they were read last: they are asked for several times a second. */
	readonly #read = new Map<string, { opening: string; cards: FeedCard[] }>();
	/** By room, who has answered the card that is open: whoever leaves and comes back has answered it still. The store forgets them as they leave. */
	readonly #answered = new Map<string, { card: string; learners: Set<string> }>();

	constructor(deps: CardsDeps) {
		this.#deps = deps;
	}

	/** Told of rooms whose cards have changed, until the returned function is called. */
	subscribe(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Asks; the question before it is closed. @throws Refusal room-closed, cards-full, bad-choices, bad-request */
	make(room: RoomRow, { question, choices }: Pick<CardRow, 'question' | 'choices'>): FeedCard {
		if (room.state !== 'open') throw new Refusal('room-closed', room.id);
		const before = this.#deps.store.cards.of(room.id);
		if (before.length >= cardBounds.cards) throw new Refusal('cards-full', room.id);
		const said = { question: plain(question), choices: choices.map(plain) };
		if (said.question === '') throw new Refusal('bad-request', 'nothing of the question can be shown');
		if (!areGood(said.choices)) throw new Refusal('bad-choices', room.id);
		this.#closeAll(before);
		const id = randomBytes(6).toString('hex');
		// The newest is first, also of two that were made within a millisecond.
		const made = Math.max(this.#deps.now(), (before[0]?.made ?? 0) + 1);
		const card = { id, room: room.id, ...said, open: true, shown: false, made };
		this.#deps.store.cards.put(card);
		this.#tell(room.id);
		return this.#feedCard(card, room);
	}

	/** Opens or closes it, puts it on the wall or takes it away. @throws Refusal not-found, room-closed */
	change(room: RoomRow, id: string, { open, shown }: { open?: boolean | undefined; shown?: boolean | undefined }): void {
		const all = this.#deps.store.cards.of(room.id);
		const card = this.#card(room.id, id);
		if (open && room.state !== 'open') throw new Refusal('room-closed', room.id);
		if (open) this.#closeAll(all.filter((one) => one.id !== id));
		// One at a time is on the wall.
		if (shown) for (const one of all) if (one.shown && one.id !== id) this.#deps.store.cards.put({ ...one, shown: false });
		this.#put({ ...card, open: open ?? card.open, shown: shown ?? card.shown });
		this.#tell(room.id);
	}

	/** @throws Refusal not-found; forbidden: by somebody who leads or helps; card-over: it is closed, or they have answered; card-full; bad-request */
	answer(room: RoomRow, learner: string, id: string, answer: CardAnswer): void {
		const card = this.#card(room.id, id);
		if (this.#deps.store.rooms.person(room.id, learner)?.role !== 'learner') throw new Refusal('forbidden', 'not a learner of the room');
		if (!card.open || room.state !== 'open') throw new Refusal('card-over', `card ${id}`);
		const fits = 'choice' in answer ? answer.choice < card.choices.length : card.choices.length === 0;
		const said = 'text' in answer ? { text: plain(answer.text) } : answer;
		if (!fits || ('text' in said && said.text === '')) throw new Refusal('bad-request', `another kind of answer than card ${id} asks for`);
		const known = this.#whoAnswered(room.id, id);
		if (known.has(learner)) throw new Refusal('card-over', `card ${id} has been answered`);
		if (countAnswers(this.#deps.store.cards.answers(id)) >= cardBounds.answers) throw new Refusal('card-full', `card ${id}`);
		if (!this.#deps.store.cards.answer(card, learner, said)) throw new Refusal('card-over', `card ${id} has been answered`);
		known.add(learner);
		this.#tell(room.id, learner);
	}

	/** Forgets who answered in rooms that are closed, or no more. */
	sweep(): void {
		for (const room of this.#answered.keys()) if (this.#deps.store.rooms.room(room)?.state !== 'open') this.#answered.delete(room);
	}

	/** Newest first. */
	of(room: Pick<RoomRow, 'id' | 'state' | 'code'>): FeedCard[] {
		// Closing the room closes its cards in the store; each opening has a code of its own.
		const opening = `${room.state} ${room.code}`;
		const known = this.#read.get(room.id);
		if (known?.opening === opening) return known.cards;
		const cards = this.#deps.store.cards.of(room.id).map((card) => this.#feedCard(card, room));
		if (this.#read.size >= mostRead) this.#read.clear();
		this.#read.set(room.id, { opening, cards });
		return cards;
	}

	/** What somebody of the room is asked; undefined: nothing. */
	mine({ id: room, state }: Pick<RoomRow, 'id' | 'state'>, learner: string): MemberState['card'] {
		if (state !== 'open') return undefined;
		const open = this.#deps.store.cards.of(room).find((card) => card.open);
		if (!open) return undefined;
		const { id, question, choices } = open;
		const answered = this.#whoAnswered(room, id).has(learner) || this.#deps.store.cards.answeredBy(room, learner).includes(id);
		return { id, question, choices, answered };
	}

	/** Since the card was opened, and the server started. */
	#whoAnswered(room: string, card: string): Set<string> {
		const known = this.#answered.get(room);
		if (known?.card === card) return known.learners;
		const learners = new Set<string>();
		this.#answered.set(room, { card, learners });
		return learners;
	}

	/** Questions that somebody has answered; what they said is not known. */
	answeredBy(room: string, learner: string): string[] {
		const own = new Set(this.#deps.store.cards.answeredBy(room, learner));
		return this.#deps.store.cards.of(room).flatMap(({ id, question }) => (own.has(id) ? [question] : []));
	}

	#feedCard({ id, question, choices, open, shown }: CardRow, { state }: Pick<RoomRow, 'state'>): FeedCard {
		const answers = this.#deps.store.cards.answers(id);
		const { counts, texts } = answers;
		const people = countAnswers(answers);
		const card = { id, question, choices, open: open && state === 'open', shown, people };
		if (people < fewestAnswers) return card;
		return choices.length > 0 ? { ...card, counts: choices.map((_, choice) => counts.get(choice) ?? 0) } : { ...card, texts };
	}

	#card(room: string, id: string): CardRow {
		const card = this.#deps.store.cards.of(room).find((one) => one.id === id);
		if (!card) throw new Refusal('not-found', `card ${id}`);
		return card;
	}

	#closeAll(cards: readonly CardRow[]): void {
		for (const card of cards) if (card.open) this.#put({ ...card, open: false });
	}

	#put(card: CardRow): void {
		this.#deps.store.cards.put(card);
		if (!card.open && this.#answered.get(card.room)?.card === card.id) this.#answered.delete(card.room);
	}

	/** @param learner who alone is concerned; left out: everybody in the room */
	#tell(room: string, learner?: string): void {
		this.#read.delete(room);
		for (const listener of [...this.#listeners]) listener(room, learner);
	}
}

/** None, or some to choose from, as they are shown. */
function areGood(choices: readonly string[]): boolean {
	const fit = choices.every(({ length }) => length > 0 && length <= cardBounds.choice);
	return fit && choices.length !== 1 && choices.length <= cardBounds.choices && new Set(choices).size === choices.length;
}

function countAnswers({ counts, texts }: ReturnType<CardRows['answers']>): number {
	return texts.length + [...counts.values()].reduce((sum, count) => sum + count, 0);
}

const heads = { fr: ['Question', 'Réponse', 'Personnes'], en: ['Question', 'Answer', 'People'] } as const;
const withheld = { fr: '(trop peu de réponses pour rester anonymes)', en: '(too few answers to stay anonymous)' } as const;

/** One line for each answer in words, or for each choice. */
export function cardsCsv(cards: readonly FeedCard[], language: Language): string {
	const lines = cards.toReversed().flatMap(({ question, choices, people, counts, texts }) => {
		if (counts) return choices.map((choice, index) => [question, choice, counts[index] ?? 0]);
		return texts ? texts.map((text) => [question, text, 1]) : [[question, withheld[language], people]];
	});
	return csvText([heads[language], ...lines], language);
}
