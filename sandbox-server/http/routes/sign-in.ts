/** Single sign-on: the way to the identity provider and back, and signing out. A browser goes these ways itself, so faults lead to a page that says them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Language } from '../../../src/shared/language.ts';
import { pageAddress } from '../../../src/shared/page-names.ts';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import {
	ownAddress,
	signInBackAddress,
	signInSchema,
	signInStartAddress,
	signInStartSchema,
	signOutSchema,
} from '../../../src/shared/protocol/sign-in.ts';
import type { Cookies } from '../../auth/cookies.ts';
import type { Sessions } from '../../auth/sessions.ts';
import { SignIn } from '../../auth/sso/sign-in.ts';
import type { Sparing } from '../../observability/log/sparing.ts';
import type { AppDeps } from '../app-deps.ts';
import { requestLanguage } from '../language.ts';
import { originOf } from '../origin.ts';
import { asRefusal, logRefusal } from '../refusals.ts';
import { answers, typed } from './route.ts';

interface SignInRouteDeps extends Pick<AppDeps, 'sso' | 'store' | 'rooms' | 'addresses' | 'now' | 'onRefusal'> {
	cookies: Cookies;
	sessions: Sessions;
	sparing: Sparing;
}

/** Routes of single sign-on; without a provider they say that there is none. */
export function installSignInRoutes(plain: FastifyInstance, deps: SignInRouteDeps): void {
	const app = typed(plain);
	const { sso, store, rooms, cookies, sessions, sparing, now } = deps;
	const signIn =
		sso &&
		new SignIn({
			settings: sso,
			people: store.people,
			transaction: (work) => store.transaction(work),
			cookies,
			sessions,
			demote: (learner) => rooms.leaveLed(learner),
			inRoom: (learner) => store.rooms.rooms(learner).length > 0,
			now,
		});
	const faulty = (request: FastifyRequest, reply: FastifyReply, { error, language }: { error: unknown; language: Language }) => {
		const refusal = asRefusal(error);
		deps.onRefusal?.(refusal.code);
		const level = ['sso-nonsense', 'sso-clock', 'internal'].includes(refusal.code) ? 'error' : 'info';
		logRefusal(refusal, { thrown: error, request, sparing, level, text: 'sign-in refused' });
		return reply.redirect(`${pageAddress('signIn', language)}#${refusal.code}`, 303);
	};

	const about = { response: answers(signInSchema), description: 'Whether there is single sign-on here, and who is signed in.' };
	app.get('/api/sign-in', { schema: about, config: { action: 'sign-in.read' } }, ({ principal }) => {
		const offered = signIn && { provider: signIn.host };
		const account = principal.kind === 'account' && { name: store.people.accountName(principal.id), roles: [...principal.roles] };
		return { ...offered, learners: signIn?.learners ?? 'no', ...(account && { account }) };
	});

	const start = { querystring: signInStartSchema, hide: true };
	app.get(signInStartAddress, { schema: start, config: { action: 'sign-in.begin' } }, async (request, reply) => {
		const { language, to } = request.query;
		// A browser that looks ahead of the click: it would have two ways begun.
		if (String(request.headers['sec-purpose'] ?? '').startsWith('prefetch')) return reply.code(204).send();
		try {
			if (!signIn) throw new Refusal('sso-none');
			const redirect = originOf(deps, request) + signInBackAddress;
			return reply.redirect(await signIn.begin(reply, { redirect, language, to: ownAddress(to) }), 303);
		} catch (error) {
			return faulty(request, reply, { error, language });
		}
	});

	app.get(signInBackAddress, { schema: { hide: true }, config: { action: 'sign-in.begin' } }, async (request, reply) => {
		const { search, searchParams } = new URL(request.url, 'http://x');
		const way = signIn?.takeWay(request, reply, searchParams.get('state'));
		const language = way?.language ?? requestLanguage(request);
		try {
			if (!signIn) throw new Refusal('sso-none');
			if (!way) throw new Refusal('sso-again', 'no way that was begun here');
			// With the address under which the provider knows us, whatever a proxy has made of it.
			const back = new URL(originOf(deps, request) + signInBackAddress + search);
			await signIn.finish(request, reply, { way, back });
			return reply.redirect(way.to ?? pageAddress('signIn', language), 303);
		} catch (error) {
			return faulty(request, reply, { error, language });
		}
	});

	const out = { response: answers(signOutSchema), description: 'Sign out in this browser. Who has no account stays who they are.' };
	app.post('/api/sign-out', { schema: out, config: { action: 'session.end' } }, async (request, reply) => {
		const { principal } = request;
		if (principal.kind !== 'account') return {};
		sessions.end(request, reply);
		const language = requestLanguage(request);
		const elsewhere = await signIn?.signOutAddress(originOf(deps, request) + pageAddress('signIn', language));
		return elsewhere === undefined ? {} : { elsewhere };
	});
}
