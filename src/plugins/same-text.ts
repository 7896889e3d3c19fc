/**
 * Expressive Code plugin: a block is the text that its author wrote. What the page shows, the button copies, the block writes and `prove`
 * tries must not differ, whatever the library takes for decoration: comments that look like file names, blanks at the ends of lines, the
 * signs of a difference.
 */
import { ExpressiveCodeBlock, type ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code';
import type { Element } from 'hast';
import { withoutEmptyEnds } from '../courses/lesson-blocks.ts';

type Input = ConstructorParameters<typeof ExpressiveCodeBlock>[0];
/** What is remembered of a block. `source` is also given by our own <Code>. */
type Remembered = { source?: string; useDiffSyntax?: boolean };
const remembered = (block: ExpressiveCodeBlock) => block.props as Remembered;

/** Makes a block that remembers how it was written. */
export const rememberSource = ({ input }: { input: Input }): ExpressiveCodeBlock =>
	new ExpressiveCodeBlock({ ...input, props: { ...input.props, source: input.code } as Input['props'] });

/** Another name of the language `diff`, to be given to the highlighter (`langAlias`). */
export const differenceName = 'patch';

/** Of what the library shows: blanks at the ends of lines, which no reader sees, are the only ones it may leave out. */
const shownOf = (source: string): string =>
	withoutEmptyEnds(source)
		.split('\n')
		.map((line) => line.trimEnd())
		.join('\n');

/** @throws Error, ending the build, where a block would be shown otherwise than it is written */
export function sameText(): ExpressiveCodePlugin {
	return {
		name: 'etabli-same-text',
		hooks: {
			// Of a block that it knows as a difference the library takes + and − away; by its other name it only colours it.
			preprocessLanguage: ({ codeBlock }) => {
				if (codeBlock.language === 'diff') codeBlock.language = differenceName;
			},
			preprocessMetadata: ({ codeBlock }) => {
				remembered(codeBlock).useDiffSyntax = false;
			},
			postprocessRenderedBlock: ({ codeBlock, renderData }) => {
				const source = withoutEmptyEnds((remembered(codeBlock).source ?? codeBlock.code).replaceAll('\r\n', '\n'));
				if (codeBlock.code !== shownOf(source)) {
					const place = codeBlock.parentDocument?.sourceFilePath ?? 'a lesson';
					throw new Error(`${place}: the site would show another text than this code block has, which begins with: ${source.slice(0, 80)}`);
				}
				const button = copyButton(renderData.blockAst);
				// As the library writes it: lines parted by DEL.
				if (button) button.properties.dataCode = source.replaceAll('\n', '\x7f');
			},
		},
	};
}

function copyButton(element: Element): Element | undefined {
	if (element.tagName === 'button' && typeof element.properties.dataCode === 'string') return element;
	for (const child of element.children) {
		const found = child.type === 'element' ? copyButton(child) : undefined;
		if (found) return found;
	}
	return undefined;
}
