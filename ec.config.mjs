/** Code blocks. In a file of its own, because components that render code while the site is built read it again. */
import { defineEcConfig } from '@astrojs/starlight/expressive-code';
import { diagrams } from './src/plugins/diagrams.ts';
import { learnerValues } from './src/plugins/learner-values.ts';
import { runBlocks } from './src/plugins/run-blocks.ts';
import { differenceName, rememberSource, sameText } from './src/plugins/same-text.ts';

export default defineEcConfig({
	plugins: [runBlocks(), sameText(), learnerValues(), diagrams()],
	customCreateBlock: rememberSource,
	shiki: { langAlias: { [differenceName]: 'diff' } },
	// A tab stays one: some files need it.
	tabWidth: 0,
	// Comments belong to the text, in here-documents and first lines of files as well; what is run leaves them out by itself.
	frames: { extractFileNameFromCode: false, removeCommentsWhenCopyingTerminalFrames: false },
	// Lessons lie in courses/<course>/<lesson>/<language>.mdx, where Starlight does not look for a language.
	getBlockLocale: ({ file }) => (/\/en\.mdx$/.test(file.path ?? '') || file.url?.pathname.startsWith('/en/') ? 'en' : 'fr'),
	styleOverrides: { borderRadius: '0.5rem', codeFontSize: '0.875rem', frames: { frameBoxShadowCssValue: 'none' } },
});
