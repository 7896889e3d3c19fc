/** What a page may say, whatever kind of page it is: how long a message is, and how many there are. */
import { type ClientMessage, clientMessageBytes, clientMessageSchema } from '../../src/shared/protocol/messages.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';

/** Longer ones are not even read. */
const maxTextBytes = Math.max(...Object.values(clientMessageBytes));

/** Messages; fast typing and dragging a window edge stay far below. */
export const messageRate = { burst: 600, perSecond: 200 };

/** An acknowledgement follows each piece of output, which may be many a second. */
const ackCost = 0.05;

/** @param message undefined: a frame of bytes */
export const messageCost = (message: ClientMessage | undefined): number => (message?.type === 'ack' ? ackCost : 1);

/** @param bytes of a text frame. @throws Refusal bad-message */
export function readMessage(bytes: Buffer): ClientMessage {
	if (bytes.length > maxTextBytes) throw new Refusal('bad-message', `text frame of ${bytes.length} bytes`);
	const message = parse(bytes);
	if (bytes.length > clientMessageBytes[message.type]) throw new Refusal('bad-message', `${message.type} of ${bytes.length} bytes`);
	return message;
}

function parse(bytes: Buffer): ClientMessage {
	try {
		return clientMessageSchema.parse(JSON.parse(bytes.toString('utf8')));
	} catch (cause) {
		throw new Refusal('bad-message', 'text frame', { cause });
	}
}
