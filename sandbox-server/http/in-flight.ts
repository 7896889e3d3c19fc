/** Requests of one person that are under way on routes with large bodies: what is being received waits in memory. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { rateKey } from './groups.ts';

/**
 * For a route's `onRequest`: before anything of the body is read.
 * @param most at once, of one person
 */
export function fewAtOnce(most: number): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
	const underWay = new Map<string, number>();
	return async (request, { raw }) => {
		const key = rateKey(request);
		const now = underWay.get(key) ?? 0;
		if (now >= most) throw new Refusal('too-many', 'large bodies of one person');
		underWay.set(key, now + 1);
		// Also when the browser went away in the middle of it.
		raw.once('close', () => {
			const left = (underWay.get(key) ?? 1) - 1;
			if (left > 0) underWay.set(key, left);
			else underWay.delete(key);
		});
	};
}
