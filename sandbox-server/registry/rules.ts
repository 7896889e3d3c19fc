/** What a learner may ask of the registry: a pure function from a request's line to what goes upstream, or a refusal. */
import type { LabName } from '../store/store.ts';

/** The lab's name says who it is, such as "learner-7f3a9c": the only place that they can push to. */
export interface Identity extends LabName {
	/** Names of the course's images, without tags: they can be read. */
	images: readonly string[];
}

export type RefusalCode = 'DENIED' | 'NAME_UNKNOWN' | 'NAME_INVALID' | 'UNSUPPORTED' | 'TOOMANYREQUESTS' | 'SIZE_INVALID' | 'UNAVAILABLE';

export interface Refusal {
	kind: 'refuse';
	status: number;
	code: RefusalCode;
	message: string;
}

/** Answered by ourselves: the list of names, and "is there a registry". */
export interface Answer {
	kind: 'answer';
	body: unknown;
}

export interface Passage {
	kind: 'pass';
	/** Path and query for the registry itself. */
	path: string;
	/** What is written, for the quota: nothing, a beginning of an upload, bytes of an upload, a manifest. */
	write: 'none' | 'begin' | 'bytes' | 'manifest';
	/** The name as the learner knows it. */
	name: string;
	/** The body of the answer carries the registry's own name of the repository, to be put back. */
	renames: boolean;
}

const maxPath = 1024;
const namePattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const maxName = 160;
const digestPattern = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const uploadPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Parameters of uploads and lists that the registry knows. `_state` is its own signed note. */
const stateBytes = 4096;
const statePattern = /^[A-Za-z0-9_=-]+$/;
const countPattern = /^[0-9]{1,4}$/;

const refuse = (status: number, code: RefusalCode, message: string): Refusal => ({ kind: 'refuse', status, code, message });
const malformed = refuse(400, 'NAME_INVALID', 'malformed request');
const readOnly = refuse(405, 'UNSUPPORTED', 'this cannot be done here');

/** Where the registry keeps an image of a course: two courses may have images of one name. */
export const upstreamOfCourse = (course: string, image: string): string => `courses/${course}/${image}`;

/** Decides about one request. `target` is the request line's, untouched. */
export function decide(method: string, target: string, who: Identity): Passage | Answer | Refusal {
	// Nothing in the registry's paths needs an escape: whoever sends one wants two readers to read different things.
	if (target.length > maxPath + stateBytes || !/^\/v2(?:\/[A-Za-z0-9._:/-]*)?(?:\?[\x21-\x7e]*)?$/.test(target)) return malformed;
	const [path = '', ...queries] = target.split('?');
	if (queries.length > 1 || path.length > maxPath || path.includes('//') || path.split('/').some((part) => part === '.' || part === '..'))
		return malformed;
	const query = new URLSearchParams(queries[0] ?? '');
	const reads = method === 'GET' || method === 'HEAD';

	if (path === '/v2' || path === '/v2/') return reads ? { kind: 'answer', body: {} } : readOnly;
	if (path === '/v2/_catalog') return reads ? { kind: 'answer', body: { repositories: [...who.images].sort() } } : readOnly;

	const route = parse(path.slice('/v2/'.length));
	if (!route) return refuse(404, 'NAME_INVALID', 'there is no such thing in a registry');
	const own = route.name.startsWith(`${who.learner}/`);
	const upstream = upstreamName(route.name, who);
	if (upstream === undefined) return refuse(reads ? 404 : 403, reads ? 'NAME_UNKNOWN' : 'DENIED', denial(who, reads));
	const pass = (rest: string, write: Passage['write'], parameters: Record<string, string> = {}): Passage => ({
		kind: 'pass',
		path: `/v2/${upstream}/${rest}${Object.keys(parameters).length > 0 ? `?${new URLSearchParams(parameters)}` : ''}`,
		write,
		name: route.name,
		renames: !own && rest === 'tags/list',
	});

	if (reads && route.kind === 'tags') return pass('tags/list', 'none', known(query, { n: countPattern, last: tagPattern }));
	if (reads && route.kind === 'manifest') return pass(`manifests/${route.reference}`, 'none');
	if (reads && route.kind === 'blob') return pass(`blobs/${route.reference}`, 'none');
	if (method === 'DELETE' || !['GET', 'HEAD', 'POST', 'PATCH', 'PUT'].includes(method)) return readOnly;
	if (!own) return reads ? readOnly : refuse(403, 'DENIED', denial(who, false));
	if (method === 'PUT' && route.kind === 'manifest') return pass(`manifests/${route.reference}`, 'manifest');
	if (method === 'POST' && route.kind === 'begin')
		return pass('blobs/uploads/', 'begin', { ...known(query, { digest: digestPattern }), ...mount(query, who) });
	if (route.kind === 'upload') {
		const state = known(query, { _state: statePattern });
		if ((state['_state']?.length ?? 0) > stateBytes) return malformed;
		if (method === 'GET') return pass(`blobs/uploads/${route.reference}`, 'none', state);
		if (method === 'PATCH') return pass(`blobs/uploads/${route.reference}`, 'bytes', state);
		if (method === 'PUT')
			return pass(`blobs/uploads/${route.reference}`, 'bytes', { ...state, ...known(query, { digest: digestPattern }) });
	}
	return readOnly;
}

interface Route {
	name: string;
	kind: 'tags' | 'manifest' | 'blob' | 'begin' | 'upload';
	reference: string;
}

/** Splits "<name>/manifests/<reference>" and its like; undefined when it is none of them. */
function parse(path: string): Route | undefined {
	const found = /^(.+)\/(?:(tags)\/list|(manifests)\/([^/]+)|(blobs)\/uploads\/([^/]*)|(blobs)\/([^/]+))$/.exec(path);
	const name = found?.[1] ?? '';
	if (!found || name.length > maxName || !namePattern.test(name)) return undefined;
	if (found[2]) return { name, kind: 'tags', reference: '' };
	const manifest = found[4];
	if (manifest !== undefined)
		return digestPattern.test(manifest) || tagPattern.test(manifest) ? { name, kind: 'manifest', reference: manifest } : undefined;
	const upload = found[6];
	if (upload === '') return { name, kind: 'begin', reference: '' };
	if (upload !== undefined) return uploadPattern.test(upload) ? { name, kind: 'upload', reference: upload } : undefined;
	const blob = found[8] ?? '';
	return digestPattern.test(blob) ? { name, kind: 'blob', reference: blob } : undefined;
}

/** The registry's own name for a repository that the learner may read; undefined when they may not know it. */
function upstreamName(name: string, who: Identity): string | undefined {
	if (name.startsWith(`${who.learner}/`)) return name;
	return who.images.includes(name) ? upstreamOfCourse(who.course, name) : undefined;
}

/** Taking a blob over from another repository: only from one that the learner may read; otherwise an ordinary upload begins. */
function mount(query: URLSearchParams, who: Identity): Record<string, string> {
	const { mount: digest, from } = known(query, { mount: digestPattern, from: namePattern });
	const source = from === undefined ? undefined : upstreamName(from, who);
	return digest !== undefined && source !== undefined ? { mount: digest, from: source } : {};
}

/** Of the query's parameters those that are expected and have the right form; the first of each. */
function known(query: URLSearchParams, patterns: Record<string, RegExp>): Record<string, string> {
	const found: Record<string, string> = {};
	for (const [name, pattern] of Object.entries(patterns)) {
		const value = query.get(name);
		if (value !== null && pattern.test(value)) found[name] = value;
	}
	return found;
}

function denial(who: Identity, reads: boolean): string {
	return reads ? 'no such image here' : `you can push only under your own name: ${who.learner}/…`;
}
