/** The page that stands where a program's page would: a sentence, what to do, and, where something may still come, it comes by itself. */
import { createHash } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Language } from '../../src/shared/language.ts';
import { type RefusalCode, refusals, refusalText } from '../../src/shared/protocol/refusals.ts';
import { doorPath } from './previews.ts';

const words = {
	fr: { title: 'Aperçu', retry: 'Réessayer', waiting: 'Cette page s’ouvrira d’elle-même dès que quelque chose y répond.' },
	en: { title: 'Preview', retry: 'Try again', waiting: 'This page opens by itself as soon as something answers there.' },
};

const style = `html{color-scheme:light dark}body{font:1.0625rem/1.5 system-ui,sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.25rem}a{font:inherit;display:inline-block;padding:.5rem 1rem;border:1px solid;border-radius:.5rem;color:inherit;text-decoration:none}`;

/** Asks whether somebody listens by now, while the page is in sight. */
const script = `setInterval(async()=>{if(document.hidden)return;try{if((await fetch('${doorPath}ready')).status===204)location.reload()}catch{}},2000)`;
const hash = createHash('sha256').update(script).digest('base64');

const html = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

export interface SentencePage {
	status: number;
	headers: OutgoingHttpHeaders;
	body: string;
}

/** @param waits it opens by itself once something listens */
export function sentencePage(
	code: RefusalCode,
	language: Language,
	{ port, waits }: { port?: number; waits?: boolean } = {},
): SentencePage {
	const { title, retry, waiting } = words[language];
	const sentence = refusalText(code, language, { port: String(port) });
	const more = waits ? `<p>${html(waiting)}</p><p><a href="">${html(retry)}</a></p><script>${script}</script>` : '';
	const body = `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${html(title)}</title><style>${style}</style><main><h1>${html(title)}</h1><p>${html(sentence)}</p>${more}</main></html>`;
	return {
		status: refusals[code].status,
		headers: {
			'content-type': 'text/html; charset=utf-8',
			'content-length': Buffer.byteLength(body),
			'cache-control': 'no-store',
			'x-content-type-options': 'nosniff',
			'referrer-policy': 'no-referrer',
			// Any page may show it: there is nothing on it but the sentence.
			'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *`,
		},
		body,
	};
}
