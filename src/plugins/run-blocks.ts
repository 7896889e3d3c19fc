/**
 * Expressive Code plugin: what a fence says is to be done with a block (src/courses/fence.ts) is written on it, for readers in its caption
 * and for the browser in data attributes.
 */
import type { ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code';
import type { Element } from 'hast';
import { type Intent, readFence } from '../courses/fence.ts';
import { nodeOf } from '../shared/course/terminal-names.ts';
import type { Language } from '../shared/language.ts';

const captions = {
	fr: {
		output: 'Ce que vous verrez',
		shell: 'Terminal',
		on: 'sur',
		stays: 'reste en marche',
		interrupt: 'après Ctrl+C',
		append: 'à ajouter à la fin',
		replace: 'remplace la ligne',
		line: 'ligne',
		noRun: 'À ne pas exécuter',
	},
	en: {
		output: 'What you will see',
		shell: 'Terminal',
		on: 'on',
		stays: 'keeps running',
		interrupt: 'after Ctrl+C',
		append: 'to be added at its end',
		replace: 'replaces the line',
		line: 'line',
		noRun: 'Not to be run',
	},
};

const languageOf = (locale: string | undefined): Language => (locale?.startsWith('en') ? 'en' : 'fr');

/** Marks each block with what may be done with it: run, write a file, copy; the page's script adds the buttons. */
export function runBlocks(): ExpressiveCodePlugin {
	return {
		name: 'etabli-run-blocks',
		hooks: {
			postprocessRenderedBlock: ({ codeBlock, renderData, locale }) => {
				const figure = renderData.blockAst;
				if (figure.type !== 'element' || figure.tagName !== 'figure') return;
				// Expressive Code's script takes this away where nothing is to be scrolled. Where something is, it would otherwise make
				// each block a landmark without a name.
				const pre = figure.children.find((child): child is Element => child.type === 'element' && child.tagName === 'pre');
				if (pre) pre.properties.tabIndex = 0;
				const { intent } = readFence(codeBlock.language, codeBlock.meta);
				mark(figure, intent);
				if (intent.kind === 'no-run' && !intent.copy) removeCopy(figure);
				const isShell = ['bash', 'sh', 'shell', 'console'].includes(codeBlock.language);
				const title = captionOf(intent, captions[languageOf(locale)], codeBlock.props.title) ?? (isShell ? captions.fr.shell : undefined);
				const header = figure.children.find((child): child is Element => child.type === 'element' && child.tagName === 'figcaption');
				const untouched = codeBlock.props.title !== undefined && title === codeBlock.props.title;
				if (title && header && !untouched)
					header.children = [
						{ type: 'element', tagName: 'span', properties: { className: ['title'] }, children: [{ type: 'text', value: title }] },
					];
			},
		},
	};
}

/** @param title that the author has given; undefined: the block has no caption of its own */
function captionOf(intent: Intent, texts: (typeof captions)[Language], title: string | undefined): string | undefined {
	switch (intent.kind) {
		case 'read':
			return title;
		case 'output':
			return texts.output;
		case 'no-run':
			return [texts.noRun, title].filter(Boolean).join(' · ');
		case 'run': {
			const { terminal, wait, interrupt } = intent;
			if (!terminal && wait && !interrupt) return title;
			const node = terminal && nodeOf(terminal);
			// A title does not say on which machine the commands mean something.
			const place = node
				? `${title ? `${title} ·` : texts.shell} ${texts.on} ${node}`
				: (title ?? (terminal ? `${texts.shell} ${terminal}` : texts.shell));
			return [place, interrupt && texts.interrupt, !wait && texts.stays].filter(Boolean).join(' · ');
		}
		case 'open':
			return title ?? (intent.line ? `${intent.path} · ${texts.line} ${intent.line}` : intent.path);
		case 'file': {
			const { path, placing } = intent;
			if (placing.mode === 'append') return `${path} · ${texts.append}`;
			return placing.mode === 'replace' ? `${path} · ${texts.replace} ${placing.pattern}` : path;
		}
	}
}

/** For the browser (src/browser/blocks/run-buttons.ts) and the style sheet. */
function mark(figure: Element, intent: Intent): void {
	const { properties } = figure;
	switch (intent.kind) {
		case 'read':
			return;
		case 'run':
			properties['data-run'] = '';
			if (intent.terminal) properties['data-terminal'] = intent.terminal;
			if (!intent.wait) properties['data-nowait'] = '';
			if (intent.interrupt) properties['data-interrupt'] = '';
			return;
		case 'file':
			addClass(figure, 'is-file');
			properties['data-file'] = intent.path;
			properties['data-placing'] = intent.placing.mode;
			if (intent.placing.mode === 'replace') properties['data-pattern'] = intent.placing.pattern;
			return;
		case 'open':
			addClass(figure, 'is-file');
			properties['data-open'] = intent.path;
			if (intent.line) properties['data-line'] = String(intent.line);
			return;
		case 'output':
			addClass(figure, 'is-output');
			if (intent.compare) properties['data-compare'] = intent.compare;
			return;
		case 'no-run':
			addClass(figure, 'is-no-run');
	}
}

function removeCopy(figure: Element): void {
	figure.children = figure.children.filter((child) => {
		const names = child.type === 'element' ? child.properties.className : undefined;
		return !(Array.isArray(names) && names.includes('copy'));
	});
}

function addClass(element: Element, name: string): void {
	const names = element.properties.className;
	element.properties.className = [...(Array.isArray(names) ? names : []), name];
}
