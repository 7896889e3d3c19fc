/**
 * Cookies of this server: signed, for this host alone, out of reach of scripts. Where TLS is used their names begin with `__Host-`: a
 * browser takes such a cookie only from the very host, over TLS, so that no neighbour of the same domain can plant one.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';

/** 400 days, the most that browsers grant. */
export const cookieSeconds = 400 * 24 * 3600;

export interface CookieOptions {
	/** How long the browser keeps it. */
	seconds?: number;
	/** It has to come back with a form that another site's page posts here: in a window, or in a frame of that site, where it is that frame's alone. */
	crossSite?: 'top' | 'framed';
}

export class Cookies {
	readonly #app: FastifyInstance;
	readonly #secure: boolean;

	/** @param app with @fastify/cookie, which holds the key; `secure`: the public address is one of https */
	constructor(app: FastifyInstance, { secure }: { secure: boolean }) {
		this.#app = app;
		this.#secure = secure;
	}

	/** What the `Cookie` header holds under that name, when we have signed it. */
	read(header: string | undefined, name: string): string | undefined {
		return this.#signed(header, this.#nameOf(name));
	}

	/** The same under the name without `__Host-`, as versions before gave it over TLS too; undefined where both are one. */
	readPlain(header: string | undefined, name: string): string | undefined {
		return this.#secure ? this.#signed(header, name) : undefined;
	}

	/** Sets or renews it, in the manner of the group of routes that answers. */
	set(reply: FastifyReply, name: string, value: string, { seconds = cookieSeconds, crossSite }: CookieOptions = {}): void {
		const sameSite = crossSite ? 'none' : (reply.request.routeOptions.config.policy?.sameSite ?? 'lax');
		reply.setCookie(this.#nameOf(name), value, {
			signed: true,
			httpOnly: true,
			// Browsers take "none" over TLS only.
			sameSite: this.#secure ? sameSite : 'lax',
			secure: this.#secure,
			path: '/',
			maxAge: seconds,
			partitioned: this.#secure && crossSite === 'framed',
		});
	}

	/** @param crossSite as it was set */
	remove(reply: FastifyReply, name: string, crossSite?: CookieOptions['crossSite']): void {
		reply.clearCookie(this.#nameOf(name), {
			path: '/',
			secure: this.#secure,
			...(this.#secure && crossSite && { sameSite: 'none', partitioned: crossSite === 'framed' }),
		});
	}

	/** Names in the `Cookie` header that begin so, whoever has made them. */
	names(header: string | undefined, prefix: string): string[] {
		const all = header === undefined ? [] : Object.keys(this.#app.parseCookie(header));
		return all.filter((name) => name.startsWith(this.#nameOf(prefix))).map((name) => name.slice(this.#nameOf('').length));
	}

	/** Takes away what `readPlain` finds. */
	removePlain(reply: FastifyReply, name: string): void {
		if (this.#secure) reply.clearCookie(name, { path: '/' });
	}

	#nameOf(name: string): string {
		return this.#secure ? `__Host-${name}` : name;
	}

	/** Of two of one name one has been planted, by a neighbour of the same domain: neither is believed. */
	#signed(header: string | undefined, name: string): string | undefined {
		const raw = header === undefined ? undefined : this.#app.parseCookie(header)[name];
		if (header === undefined || raw === undefined) return undefined;
		if (header.split(';').filter((pair) => pair.split('=')[0]?.trim() === name).length > 1) return undefined;
		const { valid, value } = this.#app.unsignCookie(raw);
		return valid ? value : undefined;
	}
}
