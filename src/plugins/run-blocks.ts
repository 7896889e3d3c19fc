/** Expressive Code plugin: ```bash run``` blocks are marked for the browser, ```text output``` blocks look like what a program says. */

import type { ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code';
import type { Element } from 'hast';

const captions = {
	fr: { output: 'Ce que vous verrez', shell: 'Terminal' },
	en: { output: 'What you will see', shell: 'Terminal' },
};

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
				const texts = locale?.startsWith('en') ? captions.en : captions.fr;
				const words = codeBlock.meta.split(/\s+/);
				const isShell = ['bash', 'sh', 'shell', 'console'].includes(codeBlock.language);
				if (isShell && words.includes('run')) figure.properties['data-run'] = '';
				if (words.includes('output')) addClass(figure, 'is-output');
				const caption = words.includes('output') ? texts.output : isShell && !codeBlock.props.title ? texts.shell : undefined;
				const header = figure.children.find((child): child is Element => child.type === 'element' && child.tagName === 'figcaption');
				if (caption && header)
					header.children = [
						{ type: 'element', tagName: 'span', properties: { className: ['title'] }, children: [{ type: 'text', value: caption }] },
					];
			},
		},
	};
}

function addClass(element: Element, name: string): void {
	const names = element.properties.className;
	element.properties.className = [...(Array.isArray(names) ? names : []), name];
}
