/** Requests to a registry: to ours over its unix socket, to another one of an operator's by plain http. */
import { type IncomingMessage, type OutgoingHttpHeaders, type RequestOptions, request } from 'node:http';
import type { Readable } from 'node:stream';
import { connectUnix } from '../platform/unix-socket.ts';

export interface RegistryAnswer {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	body: Buffer;
}

/** Largest answer that is read: a manifest. */
const maxBody = 8 * 1024 * 1024;

/** The body, if any, is a stream whose length is in the headers, or a text. */
export interface Question {
	method: string;
	path: string;
	headers?: OutgoingHttpHeaders;
	body?: Readable | Buffer;
	signal?: AbortSignal | undefined;
}

/** One request. @throws when the registry does not answer, or its answer is too long */
export function ask(socket: string, question: Question): Promise<RegistryAnswer> {
	return asked({ createConnection: () => connectUnix(socket) }, { ...question, headers: { host: 'registry', ...question.headers } });
}

/** The same of a registry that is reached by plain http. @param host with its port */
export function askPlainly(host: string, question: Question): Promise<RegistryAnswer> {
	const { hostname, port } = new URL(`http://${host}`);
	return asked({ hostname, port: port || 80 }, question);
}

function asked(place: RequestOptions, { method, path, headers = {}, body, signal }: Question): Promise<RegistryAnswer> {
	return new Promise((resolve, reject) => {
		const outgoing = request({ ...place, method, path, headers: { connection: 'close', ...headers }, signal });
		outgoing.on('error', reject);
		outgoing.on('response', (answer) => {
			const chunks: Buffer[] = [];
			let size = 0;
			answer.on('data', (chunk: Buffer) => {
				size += chunk.length;
				if (size > maxBody) outgoing.destroy(new Error('the registry’s answer is too long'));
				else chunks.push(chunk);
			});
			answer.on('error', reject);
			answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }));
		});
		if (body === undefined || Buffer.isBuffer(body)) outgoing.end(body);
		else {
			body.on('error', (error) => outgoing.destroy(error));
			body.pipe(outgoing);
		}
	});
}

/** A blob as a stream, which the signal ends too. @throws when the registry does not answer, or has none */
export function open(socket: string, path: string, signal?: AbortSignal): Promise<IncomingMessage> {
	return new Promise((resolve, reject) => {
		const headers = { host: 'registry', connection: 'close' };
		const outgoing = request({ createConnection: () => connectUnix(socket), path, headers, signal });
		outgoing.on('error', reject);
		outgoing.on('response', (answer) => {
			if (answer.statusCode === 200) return resolve(answer);
			answer.destroy();
			reject(new Error(`the registry answers ${answer.statusCode} when it is asked for ${path}`));
		});
		outgoing.end();
	});
}
