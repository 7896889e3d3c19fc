/** Is there a server behind this page? Without one the lesson is for reading. */
import { codeOf } from '../../shared/protocol/access-link.ts';
import type { Session } from '../../shared/protocol/api.ts';

/** A server answers, and asks for the access code first. */
export const codeWanted = 'code-wanted';

/** A server of ours answers, and does not take this page's address for its own, or wants people to sign in; its sentence says what to do. */
export interface DoorClosed {
	refused: string;
	signIn?: boolean;
}

export type Found = Session | typeof codeWanted | DoorClosed;

/** The server knows who this is; otherwise it wants a code, or refuses the page's address, or wants them to sign in. */
export const isSession = (found: Found): found is Session => typeof found === 'object' && 'learner' in found;

/**
 * Who the learner is; undefined when no server of ours answers (a plain web host, or no network). Sets the identity cookie. A code in the
 * page's own address (`#code=…`, for kiosks) is given first.
 */
export async function findSession(): Promise<Found | undefined> {
	try {
		await giveCodeOfAddress();
		const response = await fetch(`/api/session?language=${document.documentElement.lang}`, { headers: { accept: 'application/json' } });
		if (!response.headers.get('content-type')?.includes('json')) return undefined;
		const body = (await response.json()) as Partial<Session> & { code?: unknown; message?: unknown };
		if (response.status === 401 && body.code === 'access-code') return codeWanted;
		if (body.code === 'wrong-origin') return { refused: String(body.message) };
		if (body.code === 'sign-in') return { refused: String(body.message), signIn: true };
		if (!response.ok) return undefined;
		return typeof body.learner === 'string' && typeof body.live === 'boolean' ? (body as Session) : undefined;
	} catch {
		// No network, or something else than our server: both mean reading mode, which the dock explains.
		return undefined;
	}
}

/** Out of the address at once: it is not to be bookmarked, nor read over a shoulder. A wrong one is as good as none: the page asks. */
async function giveCodeOfAddress(): Promise<void> {
	const address = new URL(location.href);
	const code = codeOf(address);
	if (!code) return;
	address.searchParams.delete('code');
	if (address.hash.startsWith('#code=')) address.hash = '';
	history.replaceState(history.state, '', address);
	await giveCode(code, 'fr');
}

/** @returns undefined when the browser is let in, else the server's sentence ('' when there was none) */
export async function giveCode(code: string, language: string): Promise<string | undefined> {
	const response = await fetch(`/api/access?language=${language}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ code: code.slice(0, 100) }),
	});
	if (response.ok) return undefined;
	const answer = (await response.json().catch(() => undefined)) as { message?: string } | undefined;
	return answer?.message ?? '';
}
