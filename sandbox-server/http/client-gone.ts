import type { FastifyReply } from 'fastify';

/** A signal that aborts when the connection closes: nobody is there any more for an answer that is not sent by then. */
export function clientGone({ raw }: FastifyReply): AbortSignal {
	const controller = new AbortController();
	if (raw.closed) controller.abort();
	raw.once('close', () => controller.abort());
	return controller.signal;
}
