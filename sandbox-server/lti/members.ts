/** Who is in a course of a platform (Names and Role Provisioning Services 2.0), as a list of names for a room. Nothing of it is kept here. */
import { z } from 'zod';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { nameKey, readName } from '../platform/names.ts';
import type { PlatformCourse, PlatformRow } from '../store/lti.ts';
import { membersScope } from './claims.ts';
import { jsonOf, Nonsense, NoToken, type PlatformServices } from './services.ts';

/** What is read of one list; a lecture hall has a tenth of it. */
const most = { pages: 100, people: 5000, pageBytes: 2 * 2 ** 20 };
const mediaType = 'application/vnd.ims.lti-nrps.v2.membershipcontainer+json';

const text = z.string().optional().catch(undefined);
const memberSchema = z.object({
	user_id: z.union([z.string(), z.number()]).transform(String),
	status: text,
	name: text,
	given_name: text,
	family_name: text,
	roles: z.array(z.string()).default([]),
});
const pageSchema = z.object({ members: z.array(memberSchema) });
type Member = z.output<typeof memberSchema>;

export interface CourseList {
	/** Learners, by name; no two are the same to a person. */
	names: string[];
	/** In the course, and no learners: teachers, observers. */
	others: number;
	/** Learners whose names the platform does not say, or that cannot be shown. */
	nameless: number;
	/** Who got a number after their name: somebody before them has it too. */
	numbered: number;
	/** Learners for whom there was no room on the list. */
	left: number;
}

/**
 * @param mostNames that the list may have
 * @throws Refusal lti-no-list, lti-list-away, lti-list-nonsense, lti-no-names
 */
export async function courseList(
	services: Pick<PlatformServices, 'ask'>,
	{ platform, course, mostNames }: { platform: PlatformRow; course: PlatformCourse; mostNames: number },
): Promise<CourseList> {
	try {
		return listOf(await members(services, platform, course.members), mostNames);
	} catch (error) {
		if (error instanceof Refusal) throw error;
		const detail = String(error).slice(0, 300);
		const options = { cause: error, values: { platform: platform.name } };
		if (error instanceof NoToken && error.status < 500 && error.status !== 429) throw new Refusal('lti-no-list', detail, options);
		if (error instanceof Nonsense) throw new Refusal('lti-list-nonsense', detail, options);
		throw new Refusal('lti-list-away', detail, options);
	}
}

async function members(services: Pick<PlatformServices, 'ask'>, platform: PlatformRow, first: string): Promise<Member[]> {
	const all = new Map<string, Member>();
	const asked = new Set<string>();
	for (let address: URL | undefined = new URL(first); address; ) {
		asked.add(address.href);
		const answer: Response = await services.ask(platform, membersScope, address, { headers: { accept: mediaType } });
		if (!answer.ok) {
			await answer.body?.cancel();
			const values = { platform: platform.name };
			const said = `status ${answer.status}`;
			throw new Refusal([401, 403, 404].includes(answer.status) ? 'lti-no-list' : 'lti-list-away', said, { values });
		}
		for (const member of (await jsonOf(answer, most.pageBytes, pageSchema)).members) all.set(member.user_id, member);
		if (all.size > most.people) throw new Nonsense(`more than ${most.people} people`);
		const next = nextOf(answer.headers.get('link'), address);
		if (next && asked.has(next.href)) throw new Nonsense(`page ${asked.size} leads back`);
		if (next && asked.size >= most.pages) throw new Nonsense(`more than ${most.pages} pages`);
		address = next;
	}
	return [...all.values()];
}

/** Where the next page is. @throws Nonsense when it is elsewhere: the token is for this place alone */
function nextOf(header: string | null, from: URL): URL | undefined {
	const links = (header ?? '').matchAll(/<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)/g);
	for (const [, target = '', parameters = ''] of links) {
		const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/i.exec(parameters);
		const names = (relation?.[1] ?? relation?.[2] ?? '').toLowerCase().split(/\s+/);
		if (!names.includes('next')) continue;
		const next = URL.canParse(target, from.href) ? new URL(target, from) : undefined;
		if (next?.origin !== from.origin) throw new Nonsense('the next page is elsewhere');
		return next;
	}
	return undefined;
}

function listOf(all: readonly Member[], mostNames: number): CourseList {
	const present = all.filter(({ status = 'Active' }) => status.toLowerCase() === 'active');
	const learners = present.filter(({ roles }) => roles.some((role) => /(^|[#/])(learner|student)$/i.test(role)));
	const shown = learners.flatMap((member) => nameOf(member) ?? []).sort(new Intl.Collator('fr').compare);
	if (learners.length > 0 && shown.length === 0) throw new Refusal('lti-no-names', `${learners.length} learners`);
	const taken = new Set(shown.map(nameKey));
	const given = new Set<string>();
	const names: string[] = [];
	let numbered = 0;
	for (const name of shown.slice(0, mostNames)) {
		let unique = name;
		for (let number = 2; given.has(nameKey(unique)); number++) {
			const tried = `${[...name].slice(0, 36).join('').trim()} ${number}`;
			if (!taken.has(nameKey(tried))) unique = tried;
		}
		if (unique !== name) numbered++;
		given.add(nameKey(unique));
		names.push(unique);
	}
	return {
		names,
		others: present.length - learners.length,
		nameless: learners.length - shown.length,
		numbered,
		left: Math.max(0, shown.length - mostNames),
	};
}

/** As it can stand on a line of a list: those separate cells by these signs. An address is no name to be shown around. */
function nameOf({ name, given_name: given, family_name: family }: Member): string | undefined {
	const whole = name?.trim() || [given, family].filter(Boolean).join(' ');
	return whole.includes('@') ? undefined : readName(whole.replace(/[;,"]/g, ' '));
}
