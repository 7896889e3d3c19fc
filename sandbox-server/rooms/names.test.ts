/** What people type: names, codes, words, lists. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rosterText } from '../../src/shared/room/roster-text.ts';
import { nameKey, readName } from '../platform/names.ts';
import { newCode, newWord, readCode, readWord } from './codes.ts';
import { easyWords } from './easy-words.ts';
import { mostNames, readRoster } from './roster.ts';

test('names stay as people write them', () => {
	for (const name of ['Marie Curie', 'Éloïse', 'José-María', 'O’Neil', '李小龙', 'Nguyễn Văn A', 'X', '🙂 Max', '12']) {
		assert.equal(readName(name), name.normalize('NFC'));
	}
	assert.equal(readName('  Marie\t\n Curie '), 'Marie Curie');
});

test('a name is nothing but a name: no controls, directions, invisible letters, towers of marks, and not without end', () => {
	assert.equal(readName('\x1b[2JMarie\u202e eiruC\u200b\ufeff\u0000'), '[2JMarie eiruC');
	assert.equal(readName(`M${'\u0301'.repeat(200)}arie`), 'Ḿ\u0301\u0301arie'.normalize('NFC'));
	assert.equal([...(readName('é'.repeat(300)) ?? '')].length, 40);
	assert.equal(readName('<script>alert(1)</script>'), '<script>alert(1)</script>', 'text is text: whoever shows it shows text');
	for (const nothing of ['', '   ', '\u200b\u200b', '\u3164', '---', '<>', '\u202e'])
		assert.equal(readName(nothing), undefined, JSON.stringify(nothing));
	assert.ok((readName('x'.repeat(10_000_000)) ?? '').length === 40);
});

test('two names are the same when they sound so', () => {
	assert.equal(nameKey('Éloïse  Durand'), nameKey('eloise durand'));
	assert.equal(nameKey('Jean-Luc'), nameKey('JEAN LUC'));
	assert.notEqual(nameKey('Anne'), nameKey('Anna'));
});

test('codes are of letters that nobody mistakes, and are read however they are typed', () => {
	for (let i = 0; i < 1000; i++) {
		const code = newCode();
		assert.match(code, /^[ACDEFGHJKPRTWXY34679]{6}$/);
		assert.equal(readCode(` ${code.slice(0, 3).toLowerCase()}-${code.slice(3)} `), code);
	}
	for (const none of ['', 'ABC', 'O0O0O0', 'ACDEFGH', '"; drop table room']) assert.equal(readCode(none), undefined);
});

test('a personal word is four of 256 easy words, and is read however it is typed', () => {
	assert.equal(new Set(easyWords).size, 256);
	assert.ok(easyWords.every((word) => /^[a-z]{2,10}$/.test(word)));
	const word = newWord();
	assert.equal(word.split('-').length, 4);
	assert.equal(readWord(` ${word.replaceAll('-', '  ').toUpperCase()}. `), word);
	assert.equal(readWord('Étoile, mélèze'), 'etoile-meleze');
});

test('a list of names: separators, a mark of the byte order, Latin-1, empty lines; what is not understood is named by its line', () => {
	const text = '\ufeffCurie;Marie;marie@example.org\r\n\r\nLovelace\tAda\n"Noether, Emmy"\ncurie marie\n---\n';
	assert.deepEqual(readRoster(text), {
		names: ['Curie Marie', 'Lovelace Ada', 'Noether Emmy'],
		problems: [
			{ line: 5, fault: 'twice' },
			{ line: 6, fault: 'no-name' },
		],
	});
	assert.equal(rosterText(Buffer.from('Élodie', 'latin1')), 'Élodie');
	assert.equal(rosterText(Buffer.from('Élodie')), 'Élodie');
	assert.equal(rosterText(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Élodie', 'utf16le')])), 'Élodie');
	const long = readRoster(Array.from({ length: mostNames + 2 }, (_, i) => `Nom ${i}`).join('\n'));
	assert.equal(long.names.length, mostNames);
	assert.deepEqual(
		long.problems.map(({ fault }) => fault),
		['too-many', 'too-many'],
	);
});
