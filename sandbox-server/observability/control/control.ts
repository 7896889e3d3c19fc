/**
 * What the operator may ask of a running server, and tell it: HTTP with JSON on a unix socket in a folder that only the server's user can
 * enter. Whoever gets there could read the store as well: nothing else is asked of them.
 */
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { slugSchema } from '../../../src/shared/course/course.ts';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import { connectUnix, listenUnix } from '../../platform/unix-socket.ts';

const roomSchema = z.strictObject({ bytes: z.number(), most: z.number().describe('bytes, of all learners together') });

export const statusSchema = z.strictObject({
	engine: z.boolean().describe('it answers'),
	capacity: z.number().describe('sandboxes that may run at once'),
	queue: z.number(),
	stuck: z.number().describe('sandboxes that the engine cannot end'),
	connections: z.number().describe('open pages'),
	terminals: z.number(),
	homes: roomSchema.extend({ count: z.number() }),
	archives: roomSchema.describe('on their way to browsers'),
	registry: roomSchema.describe('images of learners'),
	pools: z.array(
		z.strictObject({
			course: z.string(),
			version: z.string().optional().describe('of the course, with the commit'),
			ready: z.number(),
			wanted: z.number(),
		}),
	),
	labs: z.array(
		z.strictObject({
			learner: z.string(),
			course: z.string(),
			phase: z.string(),
			pages: z.number(),
			since: z.number().optional().describe('ms since 1970'),
			ends: z.number().optional().describe('ms since 1970'),
		}),
	),
});
export type ControlStatus = z.infer<typeof statusSchema>;

export const poolOrderSchema = z.strictObject({
	course: slugSchema,
	ready: z.number().int().min(0).max(200).nullable().describe('null: as the course says'),
	from: z.number().optional().describe('ms since 1970; at once if left out'),
	until: z.number().optional().describe('ms since 1970; until another order if left out'),
});
export type PoolRequest = z.infer<typeof poolOrderSchema>;

export const eraseSchema = z.strictObject({
	learner: z.string().describe('public name'),
	end: z.boolean().describe('what they have open is ended'),
});
export type EraseRequest = z.infer<typeof eraseSchema>;

export interface Controlled {
	status(): ControlStatus;
	/** @throws Refusal not-found */
	orderPool(order: PoolRequest): void;
	/** @throws Refusal not-found, in-use, sandbox-busy, engine-away */
	erase(whom: EraseRequest): Promise<void>;
}

/** Nobody answers, or refuses; the message is for the operator. */
export class ControlFailed extends Error {
	override readonly name = 'ControlFailed';
	/** No server runs. */
	readonly none: boolean;
	constructor(message: string, options: ErrorOptions & { none?: boolean } = {}) {
		super(message, options);
		this.none = options.none === true;
	}
}

const folder = (data: string): string => join(data, 'control');
const socketOf = (data: string): string => join(folder(data), 'control.sock');
const maxBody = 4096;
const patienceMs = 10_000;
/** Ending a sandbox may take long. */
const erasePatienceMs = 120_000;

/** @returns a function that ends it */
export async function listenControl(data: string, controlled: Controlled): Promise<() => Promise<void>> {
	await mkdir(folder(data), { recursive: true, mode: 0o700 });
	const server = createServer((asked, answer) => {
		const send = (status: number, body: object) => {
			answer.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
		};
		respond(asked, controlled).then(
			(body) => send(200, body),
			(error: unknown) =>
				send(error instanceof Refusal ? error.status : 400, { message: error instanceof Error ? error.message : String(error) }),
		);
	});
	const close = await listenUnix(server, socketOf(data));
	return async () => {
		server.closeAllConnections();
		await close();
	};
}

async function respond(asked: IncomingMessage, controlled: Controlled): Promise<object> {
	const route = `${asked.method} ${asked.url}`;
	if (route === 'GET /status') return controlled.status();
	if (route !== 'POST /pool' && route !== 'POST /erase') throw new Refusal('not-found', route);
	if (Number(asked.headers['content-length'] ?? maxBody + 1) > maxBody) throw new Refusal('too-large');
	const body = await json(asked);
	if (route === 'POST /pool') controlled.orderPool(poolOrderSchema.parse(body));
	else await controlled.erase(eraseSchema.parse(body));
	return controlled.status();
}

/** Asks the server of a data folder. @throws ControlFailed */
export async function askControl(data: string, order?: PoolRequest): Promise<ControlStatus> {
	return await talk(data, order ? '/pool' : '/status', { body: order, ms: patienceMs });
}

/** Has the server of a data folder erase a person. @throws ControlFailed */
export async function askErase(data: string, body: EraseRequest): Promise<void> {
	await talk(data, '/erase', { body, ms: erasePatienceMs });
}

async function talk(data: string, path: string, { body: given, ms }: { body: object | undefined; ms: number }): Promise<ControlStatus> {
	const body = given && JSON.stringify(given);
	try {
		const answer = await new Promise<IncomingMessage>((resolve, reject) => {
			const call = request({
				method: body ? 'POST' : 'GET',
				path,
				headers: { host: 'control', ...(body && { 'content-length': Buffer.byteLength(body) }) },
				createConnection: () => connectUnix(socketOf(data)),
				signal: AbortSignal.timeout(ms),
			});
			call.once('response', resolve);
			call.once('error', reject);
			call.end(body);
		});
		const said = await json(answer);
		if (answer.statusCode !== 200) throw new ControlFailed((said as { message?: string }).message ?? `status ${answer.statusCode}`);
		return statusSchema.parse(said);
	} catch (cause) {
		if (cause instanceof ControlFailed) throw cause;
		const code = (cause as NodeJS.ErrnoException).code;
		if (code === 'ENOENT' || code === 'ECONNREFUSED') throw new ControlFailed(`No server of ${data} is running.`, { cause, none: true });
		if (code === 'EACCES') throw new ControlFailed(`The server of ${data} belongs to another user.`, { cause });
		throw new ControlFailed(`The server of ${data} gave no answer: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
	}
}
