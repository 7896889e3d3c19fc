import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Finder, PromptCounter } from './finder.ts';

const prompt = '\x1b]133;A\x07$ \x1b]133;B\x07';
const shell = `\x1b]133;D;0\x07${prompt}\r${prompt}ls\r\n\x1b]133;C\x07\x1b]133;out\r\n\x1b]133;D;130\x07${prompt}`;

test('prompts count once after each command, wherever the stream is cut', () => {
	for (let length = 1; length <= shell.length; length++) {
		const counter = new PromptCounter();
		let prompts = 0;
		for (let at = 0; at < shell.length; at += length) prompts += counter.push(Buffer.from(shell.slice(at, at + length)));
		assert.equal(prompts, 2, `in pieces of ${length}`);
	}
});

test('a sequence is found wherever the stream is cut', () => {
	for (let length = 1; length <= 6; length++) {
		const finder = new Finder(Buffer.from('abab'));
		let found = 0;
		for (let at = 0; at < 12; at += length) found += finder.push(Buffer.from('xababababxxabab'.slice(0, 12).slice(at, at + length)));
		assert.equal(found, 2, `in pieces of ${length}`);
	}
});
