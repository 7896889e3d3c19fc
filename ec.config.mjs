/** Code blocks. In a file of its own, because components that render code while the site is built read it again. */
import { defineEcConfig } from '@astrojs/starlight/expressive-code';
import { runBlocks } from './src/plugins/run-blocks.ts';

export default defineEcConfig({
	plugins: [runBlocks()],
	styleOverrides: { borderRadius: '0.5rem', codeFontSize: '0.875rem', frames: { frameBoxShadowCssValue: 'none' } },
});
