import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandLimit } from './command-limit.ts';
import { MarkReader } from './marks.ts';

const command = (text = 'ls') => ({ command: text, folder: '/home/learner' });

test('a pasted script is recorded; a program that prints marks without end is not', () => {
	let now = 0;
	const limit = new CommandLimit(() => now);
	let taken = 0;
	while (limit.take(command())) taken++;
	assert.ok(taken >= 150, `only ${taken} commands of a pasted script`);
	assert.ok(taken <= 200, `${taken} at once`);
	now += 1000;
	assert.equal(limit.take(command()), true, 'a second later there is room again');
	now -= 5000;
	for (let i = 0; i < 10; i++) limit.take(command());
	assert.equal(limit.take(command()), false, 'a clock that is set back gives nothing');
});

test('long commands count for more', () => {
	const limit = new CommandLimit(() => 0);
	let bytes = 0;
	while (limit.take(command('x'.repeat(4000)))) bytes += 4000;
	assert.ok(bytes < 256 * 1024, `${bytes} bytes at once`);
});

test('of a forged mark no more is kept than a shell would have written', () => {
	const found: { command: string; folder: string }[] = [];
	const reader = new MarkReader((ended) => found.push(ended));
	const mark = (text: string) => `\x1b]${text}\x07`;
	const forged = [`633;P;Cwd=${'/f'.repeat(9000)}`, `633;E;${'c'.repeat(19_000)}`, '133;C', '133;D;0'].map(mark).join('');
	reader.push(Buffer.from(forged), BigInt(forged.length));
	assert.equal(found[0]?.command.length, 4000);
	assert.equal(found[0]?.folder.length, 1000);
});
