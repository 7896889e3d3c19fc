/** LTI 1.3: a lesson is opened from a course of a learning platform, or chosen for one. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Lesson } from '../../../src/shared/course/course.ts';
import { fill } from '../../../src/shared/fill.ts';
import { type Language, languages, type Text } from '../../../src/shared/language.ts';
import { pageAddress } from '../../../src/shared/page-names.ts';
import { Refusal, refusalText } from '../../../src/shared/protocol/refusals.ts';
import { ownAddress } from '../../../src/shared/protocol/sign-in.ts';
import type { Access } from '../../auth/access.ts';
import type { Cookies } from '../../auth/cookies.ts';
import { ownPages, type Policy } from '../../auth/policy.ts';
import { adoptable, type Principal } from '../../auth/principal.ts';
import type { Sessions } from '../../auth/sessions.ts';
import { type Arrival, Arrivals } from '../../lti/arrivals.ts';
import { Choices, signedChoice } from '../../lti/choice.ts';
import { type Launch, names, scoreScope } from '../../lti/claims.ts';
import { isFramed, Launches, type LoginRequest } from '../../lti/launches.ts';
import { register } from '../../lti/registration.ts';
import { keySet } from '../../lti/tool-key.ts';
import type { Sparing } from '../../observability/log/sparing.ts';
import { plain, readName } from '../../platform/names.ts';
import type { PlatformRow } from '../../store/lti.ts';
import type { AppDeps } from '../app-deps.ts';
import { requestLanguage } from '../language.ts';
import { ltiTexts } from '../lti-texts.ts';
import { originOf } from '../origin.ts';
import { html, sendPlainPage } from '../plain-page.ts';
import { asRefusal, logRefusal } from '../refusals.ts';

/** Platforms post forms from whatever they are called; a launch is wanted if it brings back our state, and is signed. A class comes at once. */
export const ltiPolicy: Policy = { ...ownPages, name: 'learning platforms', origins: 'any', requestsPerMinute: 2000 };

/** A signed statement with the names of a platform's many roles. */
const bodyLimit = 64 * 1024;
/** Who comes from a platform comes from there again. */
const sessionMs = 30 * 24 * 3600_000;

const paths = {
	login: '/api/lti/login',
	launch: '/api/lti/launch',
	arrive: '/api/lti/arrive',
	choose: '/api/lti/choose',
	keys: '/api/lti/keys',
	register: '/api/lti/register',
} as const;

interface LtiRouteDeps extends Pick<AppDeps, 'store' | 'courses' | 'addresses' | 'now' | 'onRefusal' | 'ltiKey' | 'scores'> {
	access: Access;
	cookies: Cookies;
	sessions: Sessions;
	sparing: Sparing;
}

/** Routes of LTI. A browser goes these ways itself: faults lead to a page that says them, or are said in the frame where pages may not be. */
export function installLtiRoutes(app: FastifyInstance, deps: LtiRouteDeps): void {
	const { store, courses, access, cookies, sessions, sparing, now } = deps;
	const launches = new Launches({ rows: store.lti, cookies, now });
	const choices = new Choices(now);
	const arrivals = new Arrivals({ cookies, now });
	const config = { action: 'lti.launch' } as const;
	const schema = { hide: true };
	app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
		done(null, Object.fromEntries(new URLSearchParams(String(body)))),
	);

	/**
	 * @param work what the route does
	 * @param title of a page that says what went wrong; left out: in a frame alone there is one
	 */
	const guarded =
		(work: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>, title?: Text) =>
		async (request: FastifyRequest, reply: FastifyReply) => {
			try {
				return await work(request, reply);
			} catch (error) {
				const refusal = asRefusal(error);
				deps.onRefusal?.(refusal.code);
				const level = refusal.code === 'internal' ? 'error' : 'warn';
				logRefusal(refusal, { thrown: error, request, sparing, level, text: 'launch refused' });
				const language = requestLanguage(request);
				if (title || isFramed(request)) {
					const body = `<p>${html(refusalText(refusal.code, language, refusal.values))}</p>`;
					return sendPlainPage(reply.code(refusal.status), { language, title: (title ?? ltiTexts.failed)[language], body });
				}
				return reply.redirect(`${pageAddress('signIn', language)}#${refusal.code}`, 303);
			}
		};

	const login = guarded(async (request, reply) => {
		// An image on a page of somebody else's would fill the browser with cookies.
		if (!['navigate', undefined].includes(request.headers['sec-fetch-mode'] as string | undefined))
			throw new Refusal('bad-request', 'a login that is no navigation');
		const asked = formOf(request.method === 'GET' ? request.query : request.body);
		const origin = originOf(deps, request);
		const framed = isFramed(request);
		// Pages of ours are shown in no frame, and browsers keep cookies from it: out of it, and from the beginning.
		if (framed && asked['target_link_uri'] !== origin + paths.choose) return sendWayOut(request, reply, asked);
		return reply.redirect(launches.begin(reply, asked, { launch: origin + paths.launch, framed }), 303);
	});
	app.get(paths.login, { schema, config }, login);
	app.post(paths.login, { schema, config, bodyLimit }, login);

	app.post(
		paths.launch,
		{ schema, config, bodyLimit },
		guarded(async (request, reply) => {
			const { platform, launch } = await launches.finish(request, reply, formOf(request.body));
			const language = languageOf(launch, request);
			if (launch[names.type] === 'LtiDeepLinkingRequest')
				return sendChoice(reply, { id: choices.begin({ platform, launch, language }), language });
			const target = targetOf(launch, originOf(deps, request));
			// The lesson's own language is the page's; without a lesson, the platform's.
			const address = target ?? `/${language}/`;
			return reply.redirect(`${paths.arrive}?id=${arrivals.begin(reply, { platform, launch, address })}`, 303);
		}),
	);

	app.get(
		paths.arrive,
		{ schema, config },
		guarded(async (request, reply) => {
			const arrival = arrivals.take(request, reply, formOf(request.query)['id']);
			const learner = come(arrival, request.principal);
			if (request.principal.kind !== 'nobody') store.people.endSession(request.principal.session);
			sessions.open(reply, learner, sessionMs);
			access.give(reply);
			return reply.redirect(arrival.address, 303);
		}),
	);

	app.post(
		paths.choose,
		{ schema, config, bodyLimit },
		guarded(async (request, reply) => {
			const { id, lesson: wanted } = formOf(request.body);
			const open = choices.take(String(id));
			const found = lessonAt(`/fr/${String(wanted)}/`);
			if (!found) throw new Refusal('not-found', String(wanted).slice(0, 100));
			const jwt = await signedChoice(open, { ...found, origin: originOf(deps, request), key: await deps.ltiKey() });
			const { language, address } = open;
			const form = `<form method="post" action="${html(address)}"><input type="hidden" name="JWT" value="${html(jwt)}"><button>${ltiTexts.goOn[language]}</button></form>`;
			const title = ltiTexts.back[language];
			return sendPlainPage(reply, { language, title, body: form, formTo: new URL(address).origin, script: 'document.forms[0].submit()' });
		}),
	);

	app.get(
		paths.register,
		{ schema, config },
		guarded(async (request, reply) => {
			const { invitation, openid_configuration: configuration, registration_token: token } = formOf(request.query);
			const language = requestLanguage(request);
			if (typeof invitation !== 'string') throw new Refusal('lti-invitation');
			if (typeof configuration !== 'string') return sendPlainPage(reply, { language, ...notThere(language) });
			const origin = originOf(deps, request);
			const platform = await register(
				store.lti,
				{ invitation, configuration, token: typeof token === 'string' ? token : undefined },
				{ tool: { origin, description: ltiTexts.description[language], choose: ltiTexts.choose[language] }, now: now() },
			);
			request.log.info({ platform: platform.name, issuer: platform.issuer }, 'a learning platform has registered itself');
			const known = platform.deployments.length > 0;
			const lines = [ltiTexts.registeredText[language], ...(known ? [] : [ltiTexts.noDeployment[language]])];
			const body = lines.map((line) => `<p>${html(fill(line, { name: platform.name, issuer: platform.issuer }))}</p>`).join('');
			// What the platform's page waits for, that shows this one. It says nothing that others may not know.
			const script = known ? "(window.opener || window.parent).postMessage({ subject: 'org.imsglobal.lti.close' }, '*');" : undefined;
			return sendPlainPage(reply, { language, title: ltiTexts.registered[language], body, ...(script !== undefined && { script }) });
		}, ltiTexts.notRegistered),
	);

	app.get(paths.keys, { schema, config }, async (_, reply) => reply.send(await keySet(await deps.ltiKey())));

	function sendWayOut(request: FastifyRequest, reply: FastifyReply, asked: LoginRequest): FastifyReply {
		const language = requestLanguage(request);
		const again = `${paths.login}?${new URLSearchParams(asked as Record<string, string>)}`;
		const body = `<p>${ltiTexts.openText[language]}</p><p><a href="${html(again)}" target="_blank" rel="noopener">${ltiTexts.open[language]}</a></p>`;
		return sendPlainPage(reply, { language, title: ltiTexts.open[language], body });
	}

	function sendChoice(reply: FastifyReply, { id, language }: { id: string; language: Language }): FastifyReply {
		const lines = courses.map(({ slug, settings, lessons }) => {
			const items = lessons.map(
				(lesson) =>
					`<li><button name="lesson" value="${html(`${slug}/${lesson.slug}`)}">${html(lesson.head[language].title)}</button></li>`,
			);
			return `<h2>${html(settings.title[language])}</h2><ul>${items.join('')}</ul>`;
		});
		const body = `<form method="post" action="${paths.choose}"><input type="hidden" name="id" value="${id}">${lines.join('')}</form>`;
		return sendPlainPage(reply, { language, title: ltiTexts.choose[language], body, formTo: "'self'" });
	}

	/** Who that is here, by what name; and where the score of the lesson goes. */
	function come({ platform, launch, address }: Arrival, principal: Principal) {
		const account = { issuer: `lti:${platform.issuer}`, subject: launch.sub };
		const name = launch.name === undefined ? undefined : readName(launch.name);
		return store.transaction(() => {
			const known = store.people.learnerOfAccount(account);
			const adopted = known ? undefined : adoptable(principal, (id) => store.rooms.rooms(id).length > 0);
			if (adopted) store.people.endSessions(adopted.id);
			const learner = known ?? adopted ?? store.people.createLearner();
			store.people.putAccount({ ...account, learner: learner.id, ...(name !== undefined && { name }) });
			const found = lessonAt(address);
			const grades = launch[names.grades];
			const column = grades?.scope.includes(scoreScope) ? serviceOf(grades.lineitem, platform) : undefined;
			if (found && column !== undefined) {
				const of = { learner: learner.id, course: found.course.slug, lesson: found.lesson.slug };
				store.lti.putGrade({ ...of, platform: platform.name, column, subject: launch.sub });
				deps.scores.touch(of);
			}
			const context = launch[names.context];
			const members = serviceOf(launch[names.members]?.context_memberships_url, platform);
			if (found && context && members !== undefined) {
				const title = plain(context.title ?? context.label ?? context.id).slice(0, 200) || context.id;
				store.lti.putCourse({ platform: platform.name, context: context.id, course: found.course.slug, title, members });
			}
			return learner;
		});
	}

	function lessonAt(address: string): { course: AppDeps['courses'][number]; lesson: Lesson } | undefined {
		const [, , courseSlug, lessonSlug] = address.split('/');
		const course = courses.find(({ slug }) => slug === courseSlug);
		const lesson = course?.lessons.find(({ slug }) => slug === lessonSlug);
		return course && lesson && { course, lesson };
	}
}

/** Somebody has opened the link that a platform is to open. */
const notThere = (language: Language) => ({
	title: ltiTexts.forPlatform[language],
	body: `<p>${html(ltiTexts.forPlatformText[language])}</p>`,
});

/** What came in a form, an address, or JSON; anything else is nothing. */
function formOf(given: unknown): LoginRequest {
	return given !== null && typeof given === 'object' ? (given as LoginRequest) : {};
}

function languageOf(launch: Launch, request: FastifyRequest): Language {
	const locale = launch[names.presentation]?.locale?.toLowerCase();
	return (
		languages.find((one) => locale === one || locale?.startsWith(`${one}-`) || locale?.startsWith(`${one}_`)) ?? requestLanguage(request)
	);
}

/** The page of ours that the platform's link leads to. */
function targetOf(launch: Launch, origin: string): string | undefined {
	const text = launch[names.target];
	if (text === undefined || !URL.canParse(text)) return undefined;
	const url = new URL(text);
	return url.origin === origin ? ownAddress(url.pathname) : undefined;
}

/** Over TLS, unless the platform itself is not (one on this machine, for trying things out). */
function serviceOf(text: string | undefined, platform: PlatformRow): string | undefined {
	if (text === undefined || !URL.canParse(text)) return undefined;
	const { protocol } = new URL(text);
	return protocol === 'https:' || protocol === new URL(platform.token).protocol ? text : undefined;
}
