/** The one place where errors become answers: a code and a sentence for the person, everything else into the log only. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Language } from '../../src/shared/language.ts';
import { Refusal, type RefusalCode, refusalText } from '../../src/shared/protocol/refusals.ts';
import type { Sparing } from '../observability/log/sparing.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import { requestLanguage } from './language.ts';

/** Body of a refusal. */
export function refusal(error: Refusal, language: Language): { code: RefusalCode; message: string } {
	return { code: error.code, message: refusalText(error.code, language, error.values) };
}

/** Whatever was thrown → what a person may know of it. */
export function asRefusal(error: unknown): Refusal {
	if (error instanceof Refusal) return error;
	if (isDiskFull(error)) return new Refusal('server-full', 'nothing can be stored', { cause: error });
	const { statusCode, message } = error as Partial<FastifyError>;
	const code = statusCode === undefined ? 'internal' : codeOfStatus(statusCode);
	return new Refusal(code, message, { cause: error });
}

/** Of the framework's and its plugins' own errors. */
function codeOfStatus(status: number): RefusalCode {
	if (status === 413 || status === 414 || status === 431) return 'too-large';
	if (status === 429) return 'too-many';
	// 403 is @fastify/static's answer to a path that leaves the site: there is nothing there.
	if (status === 403 || status === 404) return 'not-found';
	return status >= 400 && status < 500 ? 'bad-request' : 'internal';
}

/** @param told of the code of each */
export function installRefusals(app: FastifyInstance, sparing: Sparing, told?: (code: RefusalCode) => void): void {
	app.setErrorHandler((thrown, request, reply) => {
		const error = asRefusal(thrown);
		told?.(error.code);
		if (isDiskFull(thrown)) request.log.error('the disk of the data folder is full: nothing can be stored until there is room');
		if (error.code === 'internal') request.log.error({ err: thrown }, 'internal error');
		// A wrong --public-url shows by this, and keeps everybody out.
		const level = error.code === 'wrong-origin' ? 'warn' : 'info';
		if (error.code !== 'internal')
			sparing.line(error.code, (leftOut) => request.log[level]({ code: error.code, detail: error.message, leftOut }, 'refused'));
		return sendRefusal(error, request, reply);
	});
}

/** A refusal that a page says, on ways that a browser goes itself: into the log, where strangers cannot flood it, and what they sent is cut. */
export function logRefusal(
	error: Refusal,
	{
		thrown,
		request,
		sparing,
		level,
		text,
	}: { thrown: unknown; request: FastifyRequest; sparing: Sparing; level: 'info' | 'warn' | 'error'; text: string },
): void {
	const detail = error.message.slice(0, 200);
	const err = level === 'error' ? thrown : undefined;
	sparing.line(error.code, (leftOut) => request.log[level]({ code: error.code, detail, err, leftOut }, text));
}

/** The queue moves by minutes, not by seconds. */
const queuePatience = 60;
/** Seconds after which a refusal for lack of room or of time may be tried again, when nothing better is known. */
const patience = 5;

/**
 * When to come back, in whole seconds: later by up to half for each, so that those who were turned away together do not return together.
 * @param least what is known of it, in seconds
 */
export function comeBackAfter(least: number = patience): string {
	return String(Math.ceil(least * (1 + Math.random() / 2)));
}

const isForNow = (error: Refusal): boolean => error.status === 429 || error.status === 503;

/** Answers with a refusal, whatever the route's own answers look like. */
export function sendRefusal(error: Refusal, request: FastifyRequest, reply: FastifyReply): FastifyReply {
	// The limit on requests knows when it ends.
	if (isForNow(error))
		reply.header(
			'retry-after',
			comeBackAfter(Number(reply.getHeader('retry-after')) || (error.code === 'queue-full' ? queuePatience : patience)),
		);
	return reply
		.code(error.status)
		.header('cache-control', 'no-store')
		.type('application/json; charset=utf-8')
		.serializer(JSON.stringify)
		.send(refusal(error, requestLanguage(request)));
}

/** The same where there is no reply yet: an upgrade, or a request that is no HTTP. Ends the connection. */
export function refuseOnSocket(socket: Duplex, error: Refusal, language: Language): void {
	const body = JSON.stringify(refusal(error, language));
	const head = [
		`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
		'Connection: close',
		'Content-Type: application/json; charset=utf-8',
		'Cache-Control: no-store',
		`Content-Length: ${Buffer.byteLength(body)}`,
		...(isForNow(error) ? [`Retry-After: ${comeBackAfter()}`] : []),
	];
	socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
