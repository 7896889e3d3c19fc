import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { growth } from '../../../tests/fixtures/growth.ts';
import { type EndedCommand, MarkReader } from './marks.ts';
import { printedEnd } from './printed.ts';

const mark = (text: string) => `\x1b]${text}\x07`;
const command = (text: string, exit: number, folder = '/home/learner') =>
	`${mark(`633;E;${text}`)}${mark(`633;P;Cwd=${folder}`)}${mark('133;C')}output\r\n${mark(`133;D;${exit}`)}${mark('133;A')}$ `;

/** Feeds the text in pieces of `size` bytes. */
function read(text: string, size = 1e9, keepPrinted = false): EndedCommand[] {
	const commands: EndedCommand[] = [];
	const reader = new MarkReader((ended) => commands.push(ended), { now: () => 0, keepPrinted: () => keepPrinted });
	const bytes = Buffer.from(text);
	for (let at = 0; at < bytes.length; at += size) {
		const piece = bytes.subarray(at, at + size);
		reader.push(piece, BigInt(at + piece.length));
	}
	return commands;
}

test('commands come out with status, folder and the offset after their end mark, however the bytes are cut', () => {
	const text = `${mark('133;A')}$ ${command('ls -l', 0)}${command('false', 1, '/tmp')}`;
	const first = text.indexOf(mark('133;D;0')) + mark('133;D;0').length;
	for (const size of [1, 2, 3, 7, 1000]) {
		const [one, two, ...more] = read(text, size);
		assert.deepEqual(one, { command: 'ls -l', exit: 0, folder: '/home/learner', ms: 0, offset: BigInt(first) });
		assert.deepEqual([two?.command, two?.exit, two?.folder], ['false', 1, '/tmp']);
		assert.equal(more.length, 0);
	}
});

test('escapes are undone', () => {
	const [ended] = read(command('printf "a\\\\n" \\x3b echo \\x0a x', 0));
	assert.equal(ended?.command, 'printf "a\\n" ; echo \n x');
});

test('an end without a start, and a start without an end, are no commands', () => {
	assert.deepEqual(read(mark('133;D;130') + mark('133;A')), []);
	assert.deepEqual(read(mark('633;E;vim') + mark('133;C')), []);
});

test('an unclosed mark does not swallow the command after it', () => {
	assert.equal(read(`\x1b]2;title without end\r\n${command('ls', 0)}`)[0]?.command, 'ls');
	assert.equal(read(`\x1b]633;E;rm\x1b[31m${command('ls', 0)}`)[0]?.command, 'ls');
});

test('an endless mark is given up and memory stays bounded', () => {
	assert.equal(read(`\x1b]0;${'x'.repeat(200_000)}${command('ls', 0)}`, 4096)[0]?.command, 'ls');
});

test('a mark may end in ESC \\', () => {
	assert.equal(read(command('ls', 0).replaceAll('\x07', '\x1b\\'), 1)[0]?.command, 'ls');
});

test('the real shell with our settings reports what was typed', async () => {
	const rc = fileURLToPath(new URL('../../guest/bashrc', import.meta.url));
	const lines = ['cd /tmp', 'false', 'echo "a;b" \\\\ | cat', "printf 'x\\n'", 'for i in 1 2; do', 'true; done', '# note', 'exit', ''];
	const env = { PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'xterm', HISTFILE: '/dev/null' };
	const shell = spawn('script', ['-qec', `bash --rcfile '${rc}' -i`, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
	shell.stdin.write(lines.join('\n'));
	const chunks: Buffer[] = [];
	for await (const chunk of shell.stdout) chunks.push(chunk as Buffer);
	const commands = read(Buffer.concat(chunks).toString());
	const seen = commands.map(({ command: text, exit }) => `${exit} ${text}`);
	for (const expected of ['0 cd /tmp', '1 false', '0 echo "a;b" \\\\ | cat', "0 printf 'x\\n'"]) {
		assert.ok(seen.includes(expected), `${expected} in ${JSON.stringify(seen)}`);
	}
	assert.equal(commands.find((c) => c.command === 'false')?.folder, '/tmp');
	assert.ok(
		seen.some((text) => text.includes('for i in 1 2')),
		JSON.stringify(seen),
	);
});

test('a command of an inner shell is told beside the one that runs', () => {
	const inner = mark('633;Inner;3;/tmp/a\\x3bb;test "x\\x3by"');
	const text = `${mark('633;E;tmux')}${mark('633;P;Cwd=/home')}${mark('133;C')}screen${inner}screen${mark('133;D;0')}`;
	for (const size of [1, 3, 1000]) {
		assert.deepEqual(
			read(text, size).map(({ command: told, exit, folder }) => [told, exit, folder]),
			[
				['test "x;y"', 3, '/tmp/a;b'],
				['tmux', 0, '/home'],
			],
		);
	}
	assert.deepEqual(read(mark('633;Inner;;/tmp;ls') + mark('633;Inner;0;/tmp') + mark('633;Inner;0;/tmp;a;b')), []);
});

test('what a command printed: between its marks, without escape sequences, however the bytes are cut', () => {
	const text = `before ${mark('633;E;x')}${mark('133;C')}one\r\n\x1b[31mtw\x1b[0mo\x1b]0;title\x07é\r\n10%\r100%\r\n${mark('133;D;0')}$ after${command('next', 0)}`;
	for (const size of [1, 2, 3, 5, 64, 1e9]) {
		const [first, second] = read(text, size, true);
		assert.equal(first?.printed, 'one\ntwoé\n100%', `${size} bytes at a time`);
		assert.equal(second?.printed, 'output');
	}
	assert.equal(read(text)[0]?.printed, undefined, 'not kept unless it is asked for');
});

test('of a long output the beginning and the end are kept, and no more', () => {
	const body = Array.from({ length: 100_000 }, (_, n) => `line ${n}`).join('\r\n');
	for (const size of [1000, 65_536, 1e9]) {
		const [{ printed = '' } = {}] = read(`${mark('633;E;x')}${mark('133;C')}${body}\r\n${mark('133;D;0')}`, size, true);
		assert.match(printed, /^line 0\nline 1\n[\s\S]*\n\[…\]\n[\s\S]*\nline 99998\nline 99999$/);
		assert.ok(printed.length <= 2 * printedEnd + 10);
	}
	const exact = 'x'.repeat(printedEnd + 10);
	assert.equal(read(`${mark('633;E;x')}${mark('133;C')}${exact}${mark('133;D;0')}`, 7, true)[0]?.printed, exact);
});

test('what a command printed is text: whatever terminals are sent vanishes, and spinners show their last picture', () => {
	const prints = (output: string, size = 1e9) =>
		read(`${mark('633;E;x')}${mark('133;C')}${output}${mark('133;D;0')}`, size, true)[0]?.printed;
	for (const size of [1, 3, 1e9]) {
		// `tput sgr0` of TERM=xterm-256color.
		assert.equal(prints('OK\x1b(B\x1b[m\r\n', size), 'OK');
		assert.equal(prints('\x1b[38:2::255:0:0mred\x1b[0m\x1bP+q544e\x1b\\ \x1b_app\x1b\\done\x1b[?25h', size), 'red done');
		assert.equal(prints('-\b\\\b|\b/\b \bbuilt\r\n', size), 'built');
		assert.equal(prints('abc\b\b\r\n  5 %\r100 %\r\r\nnext 1\r', size), 'abc\n100 %');
		assert.equal(prints('ě → é\r\n\r\n', size), 'ě → é');
	}
	// What the cut leaves of a sequence is none of it read.
	const long = `${'\x1b[31mx\x1b[0m'.repeat(printedEnd)}end`;
	assert.doesNotMatch(prints(long) ?? '', /31m|0m/);
});

test('twice the output is twice the work: sequences without end, by the byte; lines without end; commands without end', () => {
	const start = `${mark('633;E;x')}${mark('133;C')}`;
	const worst: Record<string, (n: number) => string> = {
		'title without end': (n) => `\x1b]0;${'x'.repeat(n)}`,
		'mark without end': (n) => `\x1b]133;${'\x1b]133;'.repeat(n / 6)}`,
		'colour without end': (n) => `\x1b[${'1;'.repeat(n / 2)}`,
		'one long line': (n) => `${start}${'x'.repeat(n)}${mark('133;D;0')}`,
		'carriage returns': (n) => `${start}${'\r'.repeat(n)}x${mark('133;D;0')}`,
		'empty lines': (n) => `${start}${'\n'.repeat(n)}x${mark('133;D;0')}`,
		'many commands': (n) => `${start}${'x'.repeat(100)}${mark('133;D;0')}`.repeat(n / 130),
	};
	for (const [name, text] of Object.entries(worst)) {
		for (const [n, size] of [
			[250, 65_536],
			[1000, 1],
		] as const) {
			const ratio = growth((length) => read(text(length), size, true), n);
			assert.ok(ratio < 4, `${name}, ${size} bytes at a time: ${ratio}`);
		}
	}
});
