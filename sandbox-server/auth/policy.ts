/** What holds for a group of routes at the door: where requests may come from, who may frame the answers, which cookies, how many requests. */
import type { Action } from './authorise.ts';
import type { Principal } from './principal.ts';

export interface Policy {
	readonly name: string;
	/**
	 * Origins beside this server's own from which requests other than GET and HEAD are taken: a learning platform's, whose form post lands here, and which may be called so or so.
	 * A route of such a group has to know by itself that the request was wanted (by a state that it had given out).
	 */
	readonly origins: readonly string[] | 'any';
	/** Origins that may show an answer in a frame. */
	readonly framedBy: readonly string[];
	/** Whether cookies set here come back in requests that another site makes the browser send. */
	readonly sameSite: 'lax' | 'none';
	/** Of one person, or of one address for whoever is not known. */
	readonly requestsPerMinute: number;
}

/** For this server's own pages, and for everything that names no other: nothing from anywhere else. */
export const ownPages: Policy = { name: 'own pages', origins: [], framedBy: [], sameSite: 'lax', requestsPerMinute: 600 };

declare module 'fastify' {
	interface FastifyContextConfig {
		/** What the route does; every route below /api/ names it. */
		action?: Action;
		/** That of its group; `ownPages` when left out. */
		policy?: Policy;
	}
	interface FastifyRequest {
		/** Who asks. Known below /api/; elsewhere nobody. */
		principal: Principal;
	}
}
