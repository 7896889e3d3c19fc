/** Tickets for the WebSocket: random, for one use, for 30 s, for one learner and one lesson page. In memory: a restart voids them all. */
import { randomBytes } from 'node:crypto';

export const ticketSeconds = 30;
/** Unused tickets of one learner; a page needs one, and uses it at once. */
const perLearner = 8;

/** Whose page a ticket is for; whatever else is known of that page goes with it. */
interface Page {
	principal: { id: string };
}

interface Ticket<Visitor> {
	visitor: Visitor;
	/** ms since 1970. */
	expires: number;
}

export class Tickets<Visitor extends Page> {
	/** In the order of issue, which is that of expiry. */
	readonly #tickets = new Map<string, Ticket<Visitor>>();
	readonly #now: () => number;

	constructor(now: () => number) {
		this.#now = now;
	}

	/** A new ticket. A learner's oldest unused one gives way when there are too many. */
	issue(visitor: Visitor): string {
		this.#forgetExpired();
		const own = [...this.#tickets].filter(([, ticket]) => ticket.visitor.principal.id === visitor.principal.id);
		if (own.length >= perLearner && own[0]) this.#tickets.delete(own[0][0]);
		const ticket = randomBytes(24).toString('base64url');
		this.#tickets.set(ticket, { visitor, expires: this.#now() + ticketSeconds * 1000 });
		return ticket;
	}

	/** Uses a ticket up. Undefined when it is unknown, used, expired or not this learner's; whoever shows it, it is gone afterwards. */
	redeem(text: string, id: string): Visitor | undefined {
		this.#forgetExpired();
		const ticket = this.#tickets.get(text);
		this.#tickets.delete(text);
		return ticket && ticket.visitor.principal.id === id ? ticket.visitor : undefined;
	}

	get size(): number {
		return this.#tickets.size;
	}

	#forgetExpired(): void {
		for (const [text, ticket] of this.#tickets) {
			if (ticket.expires > this.#now()) break;
			this.#tickets.delete(text);
		}
	}
}
