/**
 * Signing in by an identity provider: to there with a proof in a signed cookie, back with a code, and who that is here. A way back is good
 * once, in the browser that began, for ten minutes.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Language, languageSchema } from '../../../src/shared/language.ts';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import type { People } from '../../store/people.ts';
import type { Cookies } from '../cookies.ts';
import { adoptable } from '../principal.ts';
import type { Sessions } from '../sessions.ts';
import { nameIn, rolesOf } from './claims.ts';
import { newProof, Provider } from './provider.ts';
import type { SsoSettings } from './settings.ts';

const cookieName = 'etabli-sign-in';
const waySeconds = 600;
const hour = 3600_000;
/** Who may do more than a learner is asked again each day; so is, less often, a learner who is let in by their account alone. */
const lifetimes = { role: 16 * hour, must: 30 * 24 * hour, may: 400 * 24 * hour };

const waySchema = z.strictObject({
	state: z.string(),
	nonce: z.string(),
	verifier: z.string(),
	language: languageSchema,
	to: z.string().optional(),
	expires: z.number(),
});
export type Way = z.output<typeof waySchema>;

/** Undefined: signed by us, but for something else. */
function wayOf(text: string): Way | undefined {
	try {
		return waySchema.parse(JSON.parse(text));
	} catch {
		return undefined;
	}
}

interface SignInDeps {
	settings: SsoSettings;
	people: People;
	/** As the store has it. */
	transaction: <T>(work: () => T) => T;
	cookies: Cookies;
	sessions: Sessions;
	/** Takes somebody out of the rooms that they led: their account makes them no trainer any more. */
	demote: (learner: string) => void;
	/** Is somebody in a room? Then four words lead to them, too. */
	inRoom: (learner: string) => boolean;
	now: () => number;
}

export class SignIn {
	readonly #deps: SignInDeps;
	readonly #provider: Provider;
	/** States that have come back, with when they are over in any case; a restart forgets them, the provider does not forget its codes. */
	readonly #used = new Map<string, number>();

	constructor(deps: SignInDeps) {
		this.#deps = deps;
		this.#provider = new Provider(deps.settings, deps.now);
	}

	get host(): string {
		return new URL(this.#deps.settings.issuer).host;
	}

	get learners(): SsoSettings['learners'] {
		return this.#deps.settings.learners;
	}

	/** Where the browser goes to. @param redirect where it comes back to @throws Refusal sso-away, sso-nonsense */
	async begin(
		reply: FastifyReply,
		{ redirect, language, to }: { redirect: string; language: Language; to: string | undefined },
	): Promise<string> {
		const proof = newProof();
		const address = await this.#provider.address(proof, redirect);
		const way: Way = { ...proof, language, expires: this.#deps.now() + waySeconds * 1000, ...(to !== undefined && { to }) };
		this.#deps.cookies.set(reply, cookieName, JSON.stringify(way), { seconds: waySeconds });
		return address.href;
	}

	/**
	 * The way that this browser has begun, taken: another return by it is refused. Undefined: none, or one that is over. One of another state
	 * stays: it is that of a tab that began later, or somebody else's link was followed.
	 */
	takeWay(request: FastifyRequest, reply: FastifyReply, state: string | null): Way | undefined {
		const { cookies, now } = this.#deps;
		const text = cookies.read(request.headers.cookie, cookieName);
		if (text === undefined) return undefined;
		const way = wayOf(text);
		// Before the provider is asked: a stranger's code is not exchanged.
		if (way?.state !== state) return undefined;
		cookies.remove(reply, cookieName);
		for (const [state, expires] of this.#used) if (expires <= now()) this.#used.delete(state);
		if (way.expires <= now() || this.#used.has(way.state)) return undefined;
		this.#used.set(way.state, way.expires);
		return way;
	}

	/**
	 * Finishes it: whoever the provider vouches for is known in this browser from now on, with the roles that their claims give today.
	 * @param back the whole address that the browser came back to
	 * @throws Refusal sso-away, sso-nonsense, sso-clock, sso-declined, sso-again, sso-no-role
	 */
	async finish(request: FastifyRequest, reply: FastifyReply, { way, back }: { way: Way; back: URL }): Promise<void> {
		const { settings, people, sessions, transaction, demote, inRoom, now } = this.#deps;
		const claims = await this.#provider.claims(back, way);
		const roles = rolesOf(claims, settings);
		const name = nameIn(claims, settings);
		const account = { issuer: claims.iss, subject: claims.sub };
		const learner = transaction(() => {
			const known = people.learnerOfAccount(account);
			if (known && roles.length === 0 && people.roles(known.id).length > 0) demote(known.id);
			if (roles.length === 0 && settings.learners === 'no') {
				if (known) {
					people.setRoles(known.id, []);
					people.endSessions(known.id);
				}
				return undefined;
			}
			const adopted = known || roles.length > 0 ? undefined : adoptable(request.principal, inRoom);
			// Who has come back by four words is known in other browsers, without the account: of the hall, perhaps.
			if (adopted) people.endSessions(adopted.id);
			const who = known ?? adopted ?? people.createLearner();
			people.setRoles(who.id, roles);
			people.putAccount({ ...account, learner: who.id, ...(name !== undefined && { name }) });
			return who;
		});
		if (!learner) throw new Refusal('sso-no-role', 'no role by these claims');
		if (request.principal.kind !== 'nobody') people.endSession(request.principal.session);
		const ms = roles.length > 0 ? lifetimes.role : settings.learners === 'must' ? lifetimes.must : lifetimes.may;
		people.boundSessions(learner.id, now() + ms);
		sessions.open(reply, learner, ms);
	}

	/** Where people sign out at the provider, too. @param redirect where they come back to */
	signOutAddress(redirect: string): Promise<string | undefined> {
		return this.#provider.signOutAddress(redirect);
	}
}
