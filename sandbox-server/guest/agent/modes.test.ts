/** The preamble against the terminal that will read it: whoever reads only the preamble is in the modes of who read everything. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import headless from '@xterm/headless';
import { agentFolder } from '../build.ts';

const rows = 24;
let folder = '';

before(() => {
	folder = mkdtempSync(join(tmpdir(), 'etabli-modes-'));
	execFileSync('cc', ['-std=gnu11', '-O1', '-o', join(folder, 'tool'), 'fuzz/modes-tool.c', 'modes.c', 'attributes.c', 'preamble.c'], {
		cwd: agentFolder,
	});
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The preambles of these outputs, by the real code. */
function preambles(cases: Buffer[]): Buffer[] {
	const input = cases.flatMap((bytes) => {
		const head = Buffer.alloc(6);
		head.writeUInt32LE(bytes.length);
		head.writeUInt16LE(rows, 4);
		return [head, bytes];
	});
	const output = execFileSync(join(folder, 'tool'), { input: Buffer.concat(input), maxBuffer: 1 << 26 });
	const found: Buffer[] = [];
	for (let at = 0; at < output.length; ) {
		const length = output.readUInt32LE(at);
		found.push(output.subarray(at + 4, at + 4 + length));
		at += 4 + length;
	}
	assert.equal(found.length, cases.length);
	return found;
}

const privateModes = [1, 6, 7, 9, 25, 45, 66, 1000, 1002, 1003, 1004, 1006, 1016, 1049, 2004];
const questions = [...privateModes.map((mode) => `\x1b[?${mode}$p`), '\x1b[4$p', '\x1b[20$p', '\x1bP$qr\x1b\\', '\x1bP$q q\x1b\\'].join('');

/** What a terminal says of its modes after it has read `bytes`; and how it then shows letters. */
async function modesAfter(bytes: Buffer): Promise<Record<string, unknown>> {
	const terminal = new headless.Terminal({ cols: 80, rows, allowProposedApi: true, logLevel: 'off' });
	let answers = '';
	let title = '';
	terminal.onTitleChange((text) => {
		title = text;
	});
	const write = (data: string | Uint8Array) => new Promise<void>((resolve) => terminal.write(data, resolve));
	await write(bytes);
	// Out of a sequence that is still open; ST ends strings, and is nothing elsewhere.
	await write('\x1b\\');
	await write('\r\x1b[K');
	await write('qx~');
	const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + terminal.buffer.active.cursorY);
	const cell = line?.getCell(0);
	const looks = cell && {
		text: line?.translateToString(true, 0, 3),
		colours: [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor()],
		flags: [
			cell.isBold(),
			cell.isDim(),
			cell.isItalic(),
			cell.isUnderline(),
			cell.isBlink(),
			cell.isInverse(),
			cell.isInvisible(),
			cell.isStrikethrough(),
			cell.isOverline(),
		].map(Boolean),
	};
	terminal.onData((data) => {
		answers += data;
	});
	await write(questions);
	const seen = { looks, answers, title, buffer: terminal.buffer.active.type, modes: { ...terminal.modes } };
	terminal.dispose();
	return seen;
}

async function assertFaithful(outputs: Buffer[]): Promise<void> {
	const made = preambles(outputs);
	for (const [i, output] of outputs.entries()) {
		const shown = JSON.stringify([output, made[i]].map(String));
		assert.deepEqual({ shown, ...(await modesAfter(made[i] ?? Buffer.alloc(0))) }, { shown, ...(await modesAfter(output)) });
	}
}

/** A small generator of our own, so that every run tries the same. */
function random(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

/** xterm.js leaves the cursor hidden and newline mode on after RIS, other terminals do not: here both end up the same. */
const fullReset = '\x1bc\x1b[?25h\x1b[20l';
const pieces = [
	...[1, 6, 7, 9, 25, 45, 66, 1000, 1002, 1003, 1004, 1006, 1016, 47, 1047, 1049, 2004].flatMap((mode) => [
		`\x1b[?${mode}h`,
		`\x1b[?${mode}l`,
	]),
	...['\x1b[?1;1006;1002h', '\x1b[?25;7l', '\x1b[4h', '\x1b[4l', '\x1b[20h', '\x1b[20l', '\x1b=', '\x1b>', '\x1b[!p', fullReset],
	...[
		'\x1b[3;10r',
		'\x1b[r',
		'\x1b[5r',
		'\x1b[9;3r',
		'\x1b[2;999r',
		'\x1b(0',
		'\x1b(B',
		'\x1b)0',
		'\x1b)B',
		'\x1b*0',
		'\x0e',
		'\x0f',
		'\x1bn',
		'\x1b(A',
		'\x1b%G',
	],
	...[
		'\x1b[1m',
		'\x1b[0m',
		'\x1b[m',
		'\x1b[2;3;4m',
		'\x1b[22m',
		'\x1b[23;24m',
		'\x1b[4:3m',
		'\x1b[4:0m',
		'\x1b[7;9;53m',
		'\x1b[27;29;55m',
		'\x1b[31;42m',
		'\x1b[95;106m',
	],
	...[
		'\x1b[38;5;200m',
		'\x1b[48;2;1;2;3m',
		'\x1b[38:2::9:8:7m',
		'\x1b[38:5:77m',
		'\x1b[39;49m',
		'\x1b[58:2::1:2:3m',
		'\x1b[8m',
		'\x1b[28m',
		'\x1b[5m',
		'\x1b[25m',
		'\x1b[;1m',
	],
	...[
		'\x1b[0 q',
		'\x1b[ q',
		'\x1b[3 q',
		'\x1b[6 q',
		'\x1b]0;one\x07',
		'\x1b]2;deux é\x1b\\',
		'\x1b]1;icon\x07',
		'\x1b]8;;\x07',
		'\x1b]2;cut\x18',
		'\x1bPq#1\x1b\\',
		'\x1b_app\x1b\\',
	],
	...[
		'\xc2\x9b1m',
		'\xc2\x9d2;c1\xc2\x9c',
		'\x1b[31',
		'\x1b[?25',
		'\x1b[1\x1b[3m',
		'\x1b[1\x18',
		'\x1b[>1h',
		'\x1b[?1$h',
		'\x1b[1 m',
		'text',
		'\xc3\xa9',
		'\xe6\xbc\xa2',
		'\r\n',
	],
].map((piece) => Buffer.from(piece, 'latin1'));

describe('the preamble', () => {
	it('stands for each sequence alone', () => assertFaithful(pieces));

	/*
	 * Not both in one mixture: xterm.js restores the saved character set, and it alone, with the cursor (1049l does so). What it is then in
	 * cannot be said by any designation. A program that saves the cursor while it draws lines is the only one to meet this.
	 */
	const designations = ['\x1b(0', '\x1b)0', '\x1b*0', '\x1b(A', '\x0e', '\x1bn'];
	const designates = (piece: Buffer) => designations.includes(piece.toString('latin1'));
	const restores = (piece: Buffer) => piece.toString('latin1') === '\x1b[?1049l';
	for (const [name, left] of [
		['character sets', restores],
		['screens', designates],
	] as const) {
		it(`stands for long mixtures of them, with ${name}`, async () => {
			const chosen = pieces.filter((piece) => !left(piece));
			const draw = random(2);
			await assertFaithful(
				Array.from({ length: 300 }, () =>
					Buffer.concat(Array.from({ length: 1 + draw(30) }, () => chosen[draw(chosen.length)] ?? Buffer.alloc(0))),
				),
			);
		});
	}
});
