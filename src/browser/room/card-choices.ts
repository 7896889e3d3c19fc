/** The choices of a question, from the lines that a trainer writes. */
import type { RoomStrings } from '../../i18n/room-fr.ts';
import { fill } from '../../shared/fill.ts';
import { cardBounds } from '../../shared/protocol/room-cards.ts';

/**
 * One a line; empty lines and those that are there already are left out.
 * @returns none: people answer in their own words
 * @throws Error with the sentence for the form: only one, too many, or one that is too long
 */
export function choicesOf(text: string, t: Pick<RoomStrings, 'cardOneChoice' | 'cardMoreChoices' | 'cardLongChoice'>): string[] {
	const lines = text.split('\n').map((line) => line.trim());
	const choices = [...new Set(lines)].filter((line) => line !== '');
	const long = choices.find((choice) => choice.length > cardBounds.choice);
	if (long !== undefined) throw new Error(fill(t.cardLongChoice, { begin: long.slice(0, 24), n: long.length, most: cardBounds.choice }));
	if (choices.length === 1) throw new Error(t.cardOneChoice);
	if (choices.length > cardBounds.choices) throw new Error(fill(t.cardMoreChoices, { n: choices.length, most: cardBounds.choices }));
	return choices;
}
