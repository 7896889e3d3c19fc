/** Choices of a question as they are written, and what is said of those that the server would not take. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomFr as t } from '../../i18n/room-fr.ts';
import { cardBounds, cardRequestSchema } from '../../shared/protocol/room-cards.ts';
import { choicesOf } from './card-choices.ts';

test('choices are lines, each once; without any, people answer in their own words', () => {
	assert.deepEqual(choicesOf(' Oui \n\nNon\r\nOui\n', t), ['Oui', 'Non']);
	assert.deepEqual(choicesOf(' \n', t), []);
});

test('one choice, one too many and one too long have a sentence that says so; what has none is taken by the server', () => {
	const lines = (n: number) => Array.from({ length: n }, (_, index) => `choix ${index}`).join('\n');
	assert.throws(() => choicesOf('Oui\nOui', t), { message: t.cardOneChoice });
	assert.throws(() => choicesOf(lines(cardBounds.choices + 1), t), { message: /7.*6/ });
	assert.throws(() => choicesOf(`Oui\n${'e'.repeat(cardBounds.choice + 1)}`, t), { message: /« e{24}… ».*81.*80/ });
	for (const text of ['', lines(2), lines(cardBounds.choices), `Oui\n${'e'.repeat(cardBounds.choice)}`])
		assert.ok(cardRequestSchema.safeParse({ question: 'Trop vite ?', choices: choicesOf(text, t) }).success, text);
});
