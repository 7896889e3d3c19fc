import { defaultLanguage, type Language, languages } from '../../src/shared/language.ts';

/** The `Accept-Language` header → the language of ours that the browser likes best; French when it names none of them. */
export function acceptedLanguage(header: string | undefined): Language {
	let best: { language: Language; quality: number } | undefined;
	for (const part of (header ?? '').slice(0, 1000).split(',')) {
		const [tag = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
		const q = parameters.find((parameter) => parameter.startsWith('q='));
		const quality = q === undefined ? 1 : Number(q.slice(2));
		const language = languages.find((candidate) => tag === candidate || tag.startsWith(`${candidate}-`));
		if (language && quality > 0 && (!best || quality > best.quality)) best = { language, quality };
	}
	return best?.language ?? defaultLanguage;
}

/** The language of a refusal: that of the query (`?language=en`), else what the browser prefers. */
export function requestLanguage(request: { url?: string | undefined; headers: { 'accept-language'?: string | undefined } }): Language {
	const asked = /[?&]language=([a-z]{2})(?:&|$)/.exec(request.url ?? '')?.[1];
	return languages.find((language) => language === asked) ?? acceptedLanguage(request.headers['accept-language']);
}
