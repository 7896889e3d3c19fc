import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/shared/nearest.ts';
import { defaultUids, options } from '../options.ts';
import { Failure } from '../setup/failure.ts';
import { type Flag, parseArguments, unknown } from './arguments.ts';
import { commands } from './commands.ts';
import { earlyValues } from './early.ts';
import { commandHelp, overview } from './help.ts';

const flags: Flag[] = [
	{ flag: '--port', type: 'number', value: 'N', description: '' },
	{ flag: '--data', type: 'string', value: 'DIR', description: '' },
	{ flag: '--keep', type: 'boolean', description: '' },
	{ flag: '--courses', type: 'list', value: 'DIR', description: '' },
];
const parse = (...argv: string[]) => parseArguments(argv, flags, 'up');
const refusal = (...argv: string[]): string => {
	try {
		parse(...argv);
	} catch (error) {
		assert.ok(error instanceof Failure);
		assert.equal(error.status, 2);
		return error.message;
	}
	return 'accepted';
};

test('values beside and behind "=", switches on and off, words', () => {
	assert.deepEqual(parse('--port', '80', '--data=a=b', '--keep', 'word'), {
		values: { port: 80, data: 'a=b', keep: true },
		words: ['word'],
		help: false,
	});
	assert.deepEqual(parse('--no-keep', '--', '--port'), { values: { keep: false }, words: ['--port'], help: false });
	assert.equal(parse('--data', '-x').values['data'], '-x');
	assert.equal(parse('-h').help, true);
	assert.deepEqual(parse('--courses', 'a', '--courses=b').values['courses'], ['a', 'b']);
});

test('every slip gets a sentence', () => {
	assert.equal(refusal('--prot', '80'), 'Unknown option "--prot". Did you mean "--port"?');
	assert.equal(refusal('--zzzzzzzz'), 'Unknown option "--zzzzzzzz".');
	assert.equal(refusal('--port'), '--port needs a value: --port N.');
	assert.equal(refusal('--port', '--keep'), '--port needs a value: --port N.');
	assert.equal(refusal('--port', '8o'), '--port is a whole number, not "8o".');
	assert.equal(refusal('--data='), '--data must not be empty.');
	assert.equal(refusal('--keep=maybe'), '--keep is true or false, not "maybe".');
});

test('the nearest word is a slip away, or begins like it', () => {
	const names = ['up', 'down', 'doctor', 'test', 'dev'];
	assert.deepEqual(
		['u', 'pu', 'donw', 'doc', 'tets', 'banana'].map((word) => nearest(word, names)),
		['up', 'up', 'down', 'doctor', 'test', undefined],
	);
	assert.match(unknown('command', 'banana', names, './etabli --help').message, /^Unknown command "banana"\.$/);
});

test('help names every command and every option with its variable, within 100 columns', () => {
	for (const { name } of commands) assert.match(overview(commands), new RegExp(`^  ${name} `, 'm'));
	for (const command of commands) {
		const text = commandHelp(command);
		for (const { flag, env } of command.flags) assert.ok(text.includes(flag) && (!env || text.includes(env)), `${command.name} ${flag}`);
		for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
	}
});

test('early values: flag before variable before default', () => {
	const args = parseArguments(['--port', '1'], options, 'up');
	const values = earlyValues(args, options, { ETABLI_PORT: '2', ETABLI_HOST: '::1', ETABLI_DATA: '/d' });
	assert.deepEqual(values, { host: '::1', port: 1, data: '/d', engine: undefined, uids: defaultUids });
	assert.throws(() => earlyValues(parseArguments([], options, 'up'), options, { ETABLI_PORT: 'x' }), /ETABLI_PORT is a whole number/);
});
