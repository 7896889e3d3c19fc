/**
 * Markdown as lessons need it, as an Astro integration. Two hyphens stay two hyphens: in these texts they are an option of a command, which
 * does not end a line without its letter. And the labels of footnotes, which the processor has once for the whole site, are in the language
 * of the text.
 */
import type { AstroIntegration } from 'astro';
import { languageOfText } from '../courses/lesson-blocks.ts';
import type { Language } from '../shared/language.ts';
import { wholeParts } from '../shared/typography.ts';

const footnotes: Record<Language, { title: string; back: string }> = {
	fr: { title: 'Notes', back: 'Revenir à l’appel de la note' },
	en: { title: 'Notes', back: 'Back to where the note is called' },
};

/** The part of the processor's interface that is used here: the processor itself is Astro's dependency, not ours. */
interface Processor {
	name: string;
	options?: { features: { smartPunctuation?: unknown }; hastPlugins: unknown[] };
}
interface HtmlElement {
	tagName: string;
	properties?: Record<string, unknown>;
	children?: { type: string }[];
}
interface Context {
	textContent(element: HtmlElement): string;
	setProperty(element: HtmlElement, name: string, value: unknown): void;
}

/** @throws Error when the site is configured with another Markdown processor */
export function lessonMarkdown(): AstroIntegration {
	return {
		name: 'etabli-lesson-markdown',
		hooks: {
			'astro:config:setup': ({ config }) => {
				const { name, options } = config.markdown.processor as Processor;
				if (name !== 'satteri' || !options) throw new Error(`The Markdown processor is "${name}": lessons need "satteri".`);
				options.features.smartPunctuation = { dashes: false };
				options.hastPlugins.push(wholeOptions, ({ fileURL }: { fileURL?: URL }) => footnoteLabels(languageOfText(fileURL?.pathname ?? '')));
			},
		},
	};
}

/** Options in code stay in one line (src/shared/typography.ts). */
function wholeOptions() {
	return {
		name: 'etabli-whole-options',
		element: [
			{
				filter: ['code'],
				visit: (element: HtmlElement, context: Context) => {
					const text = context.textContent(element);
					// A block's has a line end, and where values stand there is more than text.
					if (element.properties?.['className'] !== undefined || text.includes('\n')) return undefined;
					const parts = wholeParts(text);
					if (parts.every(({ whole }) => whole)) context.setProperty(element, 'className', ['whole']);
					else if (parts.length > 1 && element.children?.every(({ type }) => type === 'text'))
						return { ...element, children: parts.map(({ text: value, whole }) => (whole ? kept(value) : { type: 'text', value })) };
					return undefined;
				},
			},
		],
	};
}
const kept = (value: string) => ({
	type: 'element',
	tagName: 'span',
	properties: { className: ['whole'] },
	children: [{ type: 'text', value }],
});

function footnoteLabels(language: Language) {
	const { title, back } = footnotes[language];
	return {
		name: 'etabli-footnote-labels',
		element: [
			{
				filter: ['h2'],
				visit: (element: HtmlElement) =>
					element.properties?.id === 'footnote-label' ? { ...element, children: [{ type: 'text', value: title }] } : undefined,
			},
			{
				filter: ['a'],
				visit: (element: HtmlElement, context: Context) => {
					const label = element.properties?.['ariaLabel'] ?? element.properties?.['aria-label'];
					const number = /^Back to reference (.+)$/.exec(String(label))?.[1];
					if (number) context.setProperty(element, 'ariaLabel', `${back} ${number}`);
				},
			},
		],
	};
}
