/** Who asks. Everything that a request or a message may do is decided by this and by what it is about (authorise.ts). */
import type { Role } from '../../src/shared/protocol/roles.ts';
import type { LearnerRow, SessionRow } from '../store/people.ts';

/** What is asked for before there is more than lessons to read: the access code, or to sign in. undefined: nothing, or it has been done. */
export type Missing = 'access-code' | 'sign-in' | undefined;

/** A browser that is not known yet. */
export interface Nobody {
	readonly kind: 'nobody';
	readonly missing: Missing;
}

export interface Person {
	/** anonymous: known by their browser alone. account: by a trainer's link, or because an identity provider vouches for them. */
	readonly kind: 'anonymous' | 'account';
	/** In the store. Never leaves the server. */
	readonly id: string;
	/** Public name, "learner-7f3a9c". */
	readonly name: string;
	/** On the whole server. */
	readonly roles: ReadonlySet<Role>;
	/** Digest of the session's secret. */
	readonly session: string;
	readonly learner: LearnerRow;
	/** As for nobody: the code may have been changed since they were here. */
	readonly missing: Missing;
}

export type Principal = Nobody | Person;

/** Whose work in this browser goes on under an account that is new here: theirs who have none, if nothing but this browser leads to it. */
export function adoptable(principal: Principal, inRoom: (learner: string) => boolean): LearnerRow | undefined {
	const own = principal.kind === 'anonymous' && principal.roles.size === 1 && !inRoom(principal.id);
	return own ? principal.learner : undefined;
}

/** Who a row of the store's sessions is. */
export function personOf(
	{ learner, digest, roles, account }: Pick<SessionRow, 'learner' | 'digest' | 'roles' | 'account'>,
	missing: Missing = undefined,
): Person {
	return {
		kind: account ? 'account' : 'anonymous',
		id: learner.id,
		name: learner.name,
		roles: new Set<Role>(['learner', ...roles]),
		session: digest,
		learner,
		missing,
	};
}
