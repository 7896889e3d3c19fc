/** Code blocks. In a file of its own, because components that render code while the site is built read it again. */
import { defineEcConfig } from '@astrojs/starlight/expressive-code';
import { learnerValues } from './src/plugins/learner-values.ts';
import { runBlocks } from './src/plugins/run-blocks.ts';

export default defineEcConfig({
	plugins: [runBlocks(), learnerValues()],
	// A tab stays one: some files need it.
	tabWidth: 0,
	// It would also take lines that begin with # out of here-documents; what is run leaves comments out by itself.
	frames: { removeCommentsWhenCopyingTerminalFrames: false },
	// Lessons lie in courses/<course>/<lesson>/<language>.mdx, where Starlight does not look for a language.
	getBlockLocale: ({ file }) => (/\/en\.mdx$/.test(file.path ?? '') || file.url?.pathname.startsWith('/en/') ? 'en' : 'fr'),
	styleOverrides: { borderRadius: '0.5rem', codeFontSize: '0.875rem', frames: { frameBoxShadowCssValue: 'none' } },
});
