/** Where people reach this server. */
import type { FastifyRequest } from 'fastify';
import type { Addresses } from '../auth/origin.ts';

/** As the operator says, or else as the request's own address has it: "https://etabli.example.org". */
export function originOf(
	{ addresses }: { addresses: Pick<Addresses, 'publicOrigin'> },
	{ protocol, headers }: Pick<FastifyRequest, 'protocol' | 'headers'>,
): string {
	return addresses.publicOrigin ?? `${protocol}://${headers.host}`;
}
