import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientMessage, clientMessageBytes } from '../../src/shared/protocol/messages.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { readMessage } from './client-messages.ts';

/** The longest that each may be by its schema. */
const longest: { [T in ClientMessage['type']]: Extract<ClientMessage, { type: T }> } = {
	start: { type: 'start' },
	open: { type: 'open', channel: 65535, terminal: '4', cols: 1000, rows: 1000, zone: `A${'a'.repeat(63)}` },
	watch: { type: 'watch', channel: 65535, terminal: '4' },
	follow: { type: 'follow', channel: 65535, packs: true },
	close: { type: 'close', channel: 65535 },
	end: { type: 'end', channel: 65535 },
	resize: { type: 'resize', channel: 65535, cols: 1000, rows: 1000 },
	ack: { type: 'ack', channel: 65535, bytes: 2 ** 31 },
	active: { type: 'active' },
	focus: { type: 'focus', step: 'a'.repeat(60), begun: true, again: true },
};

for (const message of Object.values(longest)) {
	test(`${message.type}: the longest that the schema knows is read; padded beyond its bound, it is refused`, () => {
		const text = JSON.stringify(message);
		const bound = clientMessageBytes[message.type];
		assert.deepEqual(readMessage(Buffer.from(text)), message);
		assert.deepEqual(readMessage(Buffer.from(text.padEnd(bound))), message);
		assert.throws(
			() => readMessage(Buffer.from(text.padEnd(bound + 1))),
			(error) => error instanceof Refusal && error.code === 'bad-message',
		);
	});
}
