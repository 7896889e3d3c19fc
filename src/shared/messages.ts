/** Messages of the WebSocket, version 1 (docs/protocol.md §2). Text frames are these, as JSON; binary frames carry terminal bytes. */
import { z } from 'zod';
import { sandboxReportSchema, stepReportSchema } from './api.ts';
import { slugSchema } from './slug.ts';

export const subprotocol = 'etabli.v1';
/** Bytes in flight per channel before the browser must acknowledge. */
export const windowBytes = 256 * 1024;
/** Largest frame that the server accepts. */
export const maxClientFrame = 64 * 1024 + 5;
export const frameKind = { output: 1, input: 2, preamble: 3 } as const;

const channel = z.number().int().min(1).max(0xffff).describe('chosen by the browser, unique in its connection');
const size = z.number().int().min(1).max(1000);
const terminal = z
	.string()
	.regex(/^[1-4]$/)
	.describe("number of the lesson's terminal");

export const clientMessageSchema = z.discriminatedUnion('type', [
	z.strictObject({ type: z.literal('start') }).describe('give me a sandbox (starting one is the learner’s wish, not a page load’s)'),
	z
		.strictObject({ type: z.literal('open'), channel, terminal, cols: size, rows: size })
		.describe('show this terminal; a shell starts if there is none'),
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
	}),
	z.strictObject({ type: z.literal('focus'), step: slugSchema }).describe('the step that the learner works on: its checks run first'),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

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
			type: z.literal('notice'),
			code: z.string(),
			message: z.string(),
			over: z.literal(true).optional().describe('what an earlier notice of this code told is over'),
		})
		.describe('something that the learner should know: memory full, …'),
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
