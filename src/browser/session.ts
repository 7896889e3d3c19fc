/** Is there a server behind this page? Without one the lesson is for reading. */
import type { Session } from '../shared/api.ts';

/** Who the learner is; undefined when no server of ours answers (a plain web host, or no network). Sets the identity cookie. */
export async function findSession(): Promise<Session | undefined> {
	try {
		const response = await fetch('/api/session', { headers: { accept: 'application/json' } });
		if (!response.ok || !response.headers.get('content-type')?.includes('json')) return undefined;
		const body = (await response.json()) as Partial<Session>;
		return typeof body.learner === 'string' && typeof body.live === 'boolean' ? (body as Session) : undefined;
	} catch {
		// No network, or something else than our server: both mean reading mode, which the dock explains.
		return undefined;
	}
}
