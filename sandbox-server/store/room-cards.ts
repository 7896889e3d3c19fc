/**
 * Minute cards. Who has answered and what was answered stand in two tables that nothing joins: answers have neither a person, nor a time, nor an
 * order (texts are kept by random names, of choices only how many chose each).
 */
import { randomBytes } from 'node:crypto';
import type { CardAnswer } from '../../src/shared/protocol/room-cards.ts';
import type { Row, Sqlite } from './sqlite.ts';

export interface CardRow {
	id: string;
	room: string;
	question: string;
	/** Empty: people answer in their own words. */
	choices: string[];
	open: boolean;
	/** On the wall. */
	shown: boolean;
	/** ms since 1970 */
	made: number;
}

export interface CardRows {
	/** Adds or changes. */
	put(card: CardRow): void;
	/** Newest first. */
	of(room: string): CardRow[];
	/** @returns false, and nothing is stored: they have answered already, or are not in the room */
	answer(card: { id: string; room: string }, learner: string, answer: CardAnswer): boolean;
	/** How many chose each choice, by its number; answers in words. */
	answers(card: string): { counts: Map<number, number>; texts: string[] };
	/** Ids of the room's cards that they have answered. */
	answeredBy(room: string, learner: string): string[];
}

/** The tables `card`, `card_voter`, `card_count` and `card_text`. */
export class CardTables implements CardRows {
	readonly #sql: Sqlite;

	constructor(sql: Sqlite) {
		this.#sql = sql;
	}

	put({ id, room, question, choices, open, shown, made }: CardRow): void {
		this.#sql.run(
			`insert into card (id, room, question, choices, open, shown, made) values (?, ?, ?, ?, ?, ?, ?)
			on conflict do update set open = excluded.open, shown = excluded.shown`,
			...[id, room, question, JSON.stringify(choices), Number(open), Number(shown), made],
		);
	}

	of(room: string): CardRow[] {
		return this.#sql.all('select * from card where room = ? order by made desc, id', room).map(cardRow);
	}

	answer({ id, room }: { id: string; room: string }, learner: string, answer: CardAnswer): boolean {
		return this.#sql.transaction(() => {
			const voted = this.#sql.run(
				`insert into card_voter (card, room, learner) select ?1, room, learner from room_person
				where room = ?2 and learner = ?3 on conflict do nothing`,
				...[id, room, learner],
			);
			if (voted === 0) return false;
			if ('choice' in answer)
				this.#sql.run(
					'insert into card_count (card, choice, people) values (?, ?, 1) on conflict do update set people = people + 1',
					id,
					answer.choice,
				);
			else this.#sql.run('insert into card_text (card, name, text) values (?, ?, ?)', id, randomBytes(12).toString('hex'), answer.text);
			return true;
		});
	}

	answers(card: string): { counts: Map<number, number>; texts: string[] } {
		const counts = this.#sql.all('select choice, people from card_count where card = ?', card);
		const texts = this.#sql.all('select text from card_text where card = ? order by name', card);
		return {
			counts: new Map(counts.map((row) => [Number(row['choice']), Number(row['people'])])),
			texts: texts.map((row) => String(row['text'])),
		};
	}

	answeredBy(room: string, learner: string): string[] {
		return this.#sql.all('select card from card_voter where room = ? and learner = ?', room, learner).map((row) => String(row['card']));
	}
}

function cardRow(row: Row): CardRow {
	return {
		id: String(row['id']),
		room: String(row['room']),
		question: String(row['question']),
		choices: JSON.parse(String(row['choices'])) as string[],
		open: Number(row['open']) === 1,
		shown: Number(row['shown']) === 1,
		made: Number(row['made']),
	};
}
