import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexed, lookedFor, shown } from './search-words.ts';

test('words behind an apostrophe and with ligatures are words of their own in the index, and read as on the page', () => {
	const text = "L’image d'une œuvre, l’Ætna, aujourd’hui; « 5’ » isn’t";
	const words = indexed(text)
		.split(/\s+/)
		.map((word) => word.replace(/[^\p{L}]/gu, ''));
	for (const word of ['image', 'une', 'œuvre', 'oeuvre', 'Ætna', 'Aetna', 'hui']) assert.ok(words.includes(word), word);
	assert.equal(shown(indexed(text)), text);
});

test('what was found is marked, whichever of the words it was', () => {
	const [article, image] = indexed('L’image').split(' ');
	assert.equal(shown(`${article} <mark>${image}</mark>`), 'L’<mark>image</mark>');
	assert.equal(shown(`<mark>${article}</mark> ${image}`), '<mark>L’</mark>image');
	const [folded, work] = indexed('œuvre,').split(' ');
	assert.equal(shown(`une <mark>${folded}</mark> ${work} d’art`), 'une <mark>œuvre,</mark> d’art');
	assert.equal(shown(`une ${folded} <mark>${work}</mark> d’art`), 'une <mark>œuvre,</mark> d’art');
	assert.equal(shown(`une <mark>${folded}</mark> <mark>${work}</mark> d’art`), 'une <mark>œuvre,</mark> d’art');
	assert.equal(shown(`une ${folded}`), 'une ');
});

test('what is typed is looked for without its article, in words', () => {
	assert.equal(lookedFor("l'intérieur"), 'intérieur');
	assert.equal(lookedFor('L’image d’une aujourd’hui'), 'image une aujourd hui');
	assert.equal(lookedFor("don't"), 'don t');
});
