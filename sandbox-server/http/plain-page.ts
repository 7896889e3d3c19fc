/** A page of some lines that the server writes itself, where a platform's frame or form needs one: no script but one that is named, nothing loaded. */
import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { Language } from '../../src/shared/language.ts';

interface PlainPage {
	language: Language;
	title: string;
	/** HTML. */
	body: string;
	/** Where its form may lead; nowhere when left out. */
	formTo?: string;
	/** Runs once the page is there. */
	script?: string;
}

const style = `body{font:1.0625rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
h2{font-size:1.125rem;margin:1.5rem 0 .5rem}ul{list-style:none;padding:0}li{margin:.5rem 0}
button,a{font:inherit;display:inline-block;padding:.5rem 1rem;border:1px solid;border-radius:.5rem;background:none;color:inherit;text-align:start;text-decoration:none;cursor:pointer}`;

/** Text → what it is in HTML, in attributes in quotes too. */
export function html(text: string): string {
	return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Any site may show it in a frame: it does nothing but what a press of a button in it says. */
export function sendPlainPage(reply: FastifyReply, { language, title, body, formTo, script }: PlainPage): FastifyReply {
	const run = script === undefined ? '' : `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'; `;
	return reply
		.removeHeader('x-frame-options')
		.header(
			'content-security-policy',
			`default-src 'none'; style-src 'unsafe-inline'; ${run}form-action ${formTo ?? "'none'"}; base-uri 'none'; frame-ancestors *`,
		)
		.type('text/html; charset=utf-8')
		.serializer(String)
		.send(
			`<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${html(title)}</title><style>${style}</style><main><h1>${html(title)}</h1>${body}</main>${script === undefined ? '' : `<script>${script}</script>`}</html>`,
		);
}
