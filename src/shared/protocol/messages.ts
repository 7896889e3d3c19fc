/** Messages of the WebSocket, version 1 (docs/protocol.md §2). Text frames are these, as JSON; binary frames carry terminal bytes. */
import { z } from 'zod';
import { slugSchema } from '../course/slug.ts';
import { terminalPattern } from '../course/terminal-names.ts';
import { sandboxReportSchema, stepReportSchema } from './api.ts';

export const subprotocol = 'etabli.v1';
/** Bytes in flight per channel before the browser must acknowledge. */
export const windowBytes = 256 * 1024;
/** Largest frame that the server accepts. */
export const maxClientFrame = 64 * 1024 + 5;
/** `packed` is output too: its size in bytes (u32 LE), then the bytes deflated (RFC 1951). Only for those who asked for it. */
export const frameKind = { output: 1, input: 2, preamble: 3, packed: 4 } as const;
/** Of a packed frame: the size before its bytes. */
export const packedHeadBytes = 4;

const channel = z.number().int().min(1).max(0xffff).describe('chosen by the browser, unique in its connection');
const size = z.number().int().min(1).max(1000);
const terminal = z.string().regex(terminalPattern).describe("number of the lesson's terminal, or the name of the node on which it is: c1");
const zone = z
	.string()
	.max(64)
	.regex(/^[A-Za-z][\w+-]*(\/[A-Za-z][\w+-]*)*$/)
	.describe('the learner’s time zone, as the IANA table names it: for a shell that starts');

export const clientMessageSchema = z.discriminatedUnion('type', [
	z.strictObject({ type: z.literal('start') }).describe('give me a sandbox (starting one is the learner’s wish, not a page load’s)'),
	z
		.strictObject({ type: z.literal('open'), channel, terminal, cols: size, rows: size, zone: zone.optional() })
		.describe('show this terminal; a shell starts if there is none'),
	z
		.strictObject({ type: z.literal('watch'), channel, terminal })
		.describe('look at this terminal, in the size that it has; no shell starts, and nothing can be typed there'),
	z
		.strictObject({ type: z.literal('follow'), channel, packs: z.boolean().optional().describe('I can read packed frames') })
		.describe('look at the terminal that a trainer of my room shows; nothing can be typed there'),
	z.strictObject({ type: z.literal('close'), channel }).describe('stop showing; the shell lives on'),
	z.strictObject({ type: z.literal('end'), channel }).describe('end the shell and its programs'),
	z.strictObject({ type: z.literal('resize'), channel, cols: size, rows: size }),
	z.strictObject({
		type: z.literal('ack'),
		channel,
		bytes: z
			.number()
			.int()
			.min(1)
			.max(2 ** 31),
		rate: z
			.number()
			.int()
			.min(1)
			.max(1_000_000)
			.optional()
			.describe('bytes that the page parses in a millisecond while it does nothing else'),
	}),
	z.strictObject({ type: z.literal('active') }).describe('the learner has read, scrolled or typed; at most once a minute is enough'),
	z
		.strictObject({
			type: z.literal('focus'),
			step: slugSchema,
			begun: z.literal(true).optional().describe('the learner has pressed something in it; without it, they look at it'),
			again: z.literal(true).optional().describe('the page has been connected before, and says it once more'),
		})
		.describe(
			'the step that the learner looks at, or works on: that it is not done yet is told only in the second case, or when it is next',
		),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

/** Largest text frame of each kind, bytes: what it may hold, and some room. A longer one is refused. */
export const clientMessageBytes: Record<ClientMessage['type'], number> = {
	start: 64,
	open: 256,
	watch: 128,
	follow: 64,
	close: 64,
	end: 64,
	resize: 128,
	ack: 128,
	active: 64,
	focus: 192,
};

export const serverMessageSchema = z.discriminatedUnion('type', [
	z.strictObject({ type: z.literal('welcome'), protocol: z.literal(1), sandbox: sandboxReportSchema, steps: z.array(stepReportSchema) }),
	z.strictObject({ type: z.literal('sandbox'), sandbox: sandboxReportSchema }),
	z.strictObject({ type: z.literal('step'), report: stepReportSchema }),
	z.strictObject({ type: z.literal('opened'), channel, cols: size, rows: size, fresh: z.boolean().describe('a new shell, not a replay') }),
	z.strictObject({ type: z.literal('live'), channel }).describe('the replay is over'),
	z.strictObject({ type: z.literal('resized'), channel, cols: size, rows: size }),
	z.strictObject({ type: z.literal('reset'), channel }).describe('output was lost: clear the screen, a replay follows until "live"'),
	z.strictObject({ type: z.literal('exited'), channel, code: z.number().int().optional(), signal: z.number().int().optional() }),
	z
		.strictObject({
			type: z.literal('command'),
			channel,
			command: z.string(),
			cut: z.literal(true).optional().describe('only its beginning is told'),
		})
		.describe('a command that was started in the trainer’s terminal, since it is shown'),
	z.strictObject({ type: z.literal('gone'), channel }).describe('what a watched channel showed is no more: look again, if you like'),
	z
		.strictObject({
			type: z.literal('notice'),
			code: z.string(),
			message: z.string(),
			over: z.literal(true).optional().describe('what an earlier notice of this code told is over'),
		})
		.describe('something that the learner should know: memory full, …'),
	z
		.strictObject({
			type: z.literal('room'),
			state: z.record(z.string(), z.unknown()).nullable(),
			now: z.number().int().describe('the server’s clock, ms since 1970'),
		})
		.describe('the room that the learner is in, as `memberStateSchema` has it (read by pages in a room alone); null: in none any more'),
	z
		.strictObject({ type: z.literal('cluster'), state: z.record(z.string(), z.unknown()) })
		.describe('how the learner’s cluster stands, as `clusterViewSchema` has it (read by pages of lessons with a cluster alone)'),
	z
		.strictObject({
			type: z.literal('look'),
			phase: z.enum(['asked', 'looking', 'typing-asked', 'typing', 'ended']),
			hands: z.enum(['own', 'guest']).describe('who typed last: whose terminal it is, or who looks'),
		})
		.describe('to a page that looks at somebody’s terminal: what it may do'),
	z.strictObject({ type: z.literal('error'), code: z.string(), message: z.string(), channel: channel.optional() }),
]);
export type ServerMessage = z.infer<typeof serverMessageSchema>;

/** kind and channel */
export const frameHeadBytes = 5;

/** kind, channel and bytes → one binary frame. */
export function encodeFrame(kind: number, channelNumber: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
	const frame = new Uint8Array(frameHeadBytes + bytes.length);
	frame[0] = kind;
	new DataView(frame.buffer).setUint32(1, channelNumber, true);
	frame.set(bytes, frameHeadBytes);
	return frame;
}

/** One binary frame → its parts; undefined when it is too short. The bytes are a view, not a copy. */
export function decodeFrame(frame: Uint8Array): { kind: number; channel: number; bytes: Uint8Array } | undefined {
	if (frame.length < frameHeadBytes) return undefined;
	const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
	return { kind: view.getUint8(0), channel: view.getUint32(1, true), bytes: frame.subarray(frameHeadBytes) };
}
