import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frenchSpaces, sentenceParts, typographic, wholeParts } from './typography.ts';

test('marks stay with the word before them', () => {
	assert.equal(
		frenchSpaces('Quoi ? Ceci : « cela » ! **Oui** ; non :'),
		'Quoi\u202f? Ceci\u00a0: «\u00a0cela\u00a0»\u202f! **Oui**\u202f; non\u00a0:',
	);
});

test('what is no punctuation is left alone', () => {
	for (const text of ['a ? b:c', '| :--- | ---: |', ':::note', ' !important', '`x` ;x']) {
		if (text === 'a ? b:c') assert.equal(frenchSpaces(text), 'a\u202f? b:c');
		else assert.equal(frenchSpaces(text), text);
	}
});

test('an apostrophe within a word is typographic, quotes of a shell stay', () => {
	assert.equal(typographic("L'image n'est pas là : echo 'oui'", 'fr'), "L’image n’est pas là\u00a0: echo 'oui'");
	assert.equal(typographic("the lesson's folder : x", 'en'), 'the lesson’s folder : x');
});

test('a sentence with code: apostrophes beside it are printed, code is left as it is', () => {
	assert.deepEqual(sentenceParts("Il n'y a pas d'`image` : tapez `echo 'a' ; ls`", 'fr'), [
		{ text: 'Il n’y a pas d’', code: false },
		{ text: 'image', code: true },
		{ text: '\u00a0: tapez ', code: false },
		{ text: "echo 'a' ; ls", code: true },
	]);
	assert.deepEqual(sentenceParts("`x`'s end, a lone ` stays", 'en'), [
		{ text: 'x', code: true },
		{ text: '’s end, a lone ` stays', code: false },
	]);
});

test('an option of a command stays in one line: short code as a whole, of long code the options', () => {
	assert.deepEqual(wholeParts('apptainer run --contain'), [{ text: 'apptainer run --contain', whole: true }]);
	assert.deepEqual(wholeParts('apptainer exec lolcow.sif'), [{ text: 'apptainer exec lolcow.sif', whole: false }]);
	assert.deepEqual(wholeParts('apptainer build --build-arg VERSION=1.0 --force x-y-of-a-name-that-is-long.sif'), [
		{ text: 'apptainer build ', whole: false },
		{ text: '--build-arg', whole: true },
		{ text: ' VERSION=1.0 ', whole: false },
		{ text: '--force', whole: true },
		{ text: ' x-y-of-a-name-that-is-long.sif', whole: false },
	]);
	assert.deepEqual(wholeParts('a - b -- c'), [{ text: 'a - b -- c', whole: false }]);
});
