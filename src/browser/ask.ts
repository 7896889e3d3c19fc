/** One question to the server's interface; the answer is checked against its shared schema. */
import { config, type z } from 'zod';

// Zod would compile its checks with `new Function`, which the content policy forbids.
config({ jitless: true });

/** A refusal with the server's sentence for the person. */
export class Refused extends Error {
	/** 0: there was no answer at all. */
	readonly status: number;
	readonly code: string | undefined;
	constructor(status: number, message: string, code?: string) {
		super(message);
		this.status = status;
		this.code = code;
	}
}

export interface Question<S extends z.ZodType> {
	schema: S;
	/** undefined: GET; null: POST with nothing in it. */
	body?: unknown;
	method?: 'DELETE' | undefined;
	/** The sentence when there is no answer at all. */
	failed: string;
}

/** @throws Refused */
export async function ask<S extends z.ZodType>(url: string, { schema, body, method, failed }: Question<S>): Promise<z.output<S>> {
	const options: RequestInit = { method: method ?? (body === undefined ? 'GET' : 'POST') };
	if (body) Object.assign(options, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
	const response = await fetch(url, options).catch(() => {
		throw new Refused(0, failed);
	});
	const answer: unknown = await response.json().catch(() => undefined);
	if (!response.ok) {
		const { message, code } = (answer ?? {}) as { message?: unknown; code?: unknown };
		throw new Refused(response.status, typeof message === 'string' ? message : failed, typeof code === 'string' ? code : undefined);
	}
	return schema.parse(answer);
}
