import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growth } from '../../tests/fixtures/growth.ts';
import { plainText, SequenceParser, unescapedMark } from './control-sequences.ts';

/** What a program may send between two texts, and nothing of it is to be read. */
const sequences: Record<string, string> = {
	'tput sgr0': '\x1b(B\x1b[m',
	colour: '\x1b[1;31m',
	'colour with colons': '\x1b[38:2::255:100:0m',
	'private mode': '\x1b[?2004h',
	'key report': '\x1b[>4;2m',
	'soft reset': '\x1b[!p',
	'cursor style': '\x1b[2 q',
	'character set': '\x1b)0',
	'screen full of E': '\x1b#8',
	'keypad mode': '\x1b=',
	reset: '\x1bc',
	'title, closed by BEL': '\x1b]0;a title\x07',
	'title, closed by ST': '\x1b]0;a title\x1b\\',
	link: '\x1b]8;;https://example.org\x1b\\',
	'picture (DCS)': '\x1bP0;1;0q"1;1;2;2#0;2;0;0;0~~\x1b\\',
	'program command (APC)': '\x1b_Gf=24,s=1;AAAA\x1b\\',
	'privacy message (PM)': '\x1b^secret\x1b\\',
	'start of string (SOS)': '\x1bXwords\x1b\\',
	'eight-bit colour': '\x9b31m',
	'eight-bit title': '\x9d0;title\x9c',
	'broken off by CAN': '\x1b[31\x18',
	'broken off by the next': '\x1b]0;never closed\x1b[0m',
	'ESC twice': '\x1b\x1b[0m',
};

test('of what terminals are sent, only the text is left', () => {
	for (const [name, sequence] of Object.entries(sequences)) assert.equal(plainText(`OK${sequence}B`), 'OKB', name);
	assert.equal(plainText(`é—${Object.values(sequences).join('…')}`), `é—${'…'.repeat(Object.keys(sequences).length - 1)}`);
	// Line ends in the middle of a sequence are line ends all the same; what is never closed takes nothing before it away.
	assert.equal(plainText('a\x1b[3\r\n1mb'), 'a\r\nb');
	assert.equal(plainText('kept\x1b]0;never closed'), 'kept');
	assert.equal(plainText('kept\x1b'), 'kept');
});

test('a mark says what the shell has escaped in it', () => {
	assert.equal(unescapedMark(String.raw`echo a\x3b ls \\x3b\x0acat`), 'echo a; ls \\x3b\ncat');
});

test('bytes that are parts of letters begin no sequence', () => {
	const parser = new SequenceParser({ decoded: false });
	// Its second byte is 0x9b, which would be CSI by itself.
	for (const byte of Buffer.from('ě1m')) assert.equal(parser.take(byte), 'text');
});

test('twice the output is twice the work, whatever never ends', () => {
	for (const endless of ['\x1b]0;', '\x1b[', '']) {
		for (const unit of ['1', '\x1b]']) {
			const ratio = growth((n) => plainText(endless + unit.repeat(n)), 500);
			assert.ok(ratio < 4, `${JSON.stringify(endless)} and ${JSON.stringify(unit)}: ${ratio}`);
		}
	}
});
