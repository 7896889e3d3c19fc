/** End-to-end tests: `./etabli test e2e`. A real Chromium, and the whole real server with real sandboxes (tests/README.md). */
import { defineConfig } from '@playwright/test';
import { patience } from './sandbox-server/tools/testing/slowness.ts';

const chromium = process.env['ETABLI_TEST_CHROMIUM'];

export default defineConfig({
	testDir: 'tests/e2e',
	outputDir: 'test-results/e2e',
	globalSetup: './tests/e2e/support/shared-server.ts',
	// What passes only the second time fails somebody else.
	retries: 0,
	fullyParallel: true,
	forbidOnly: process.env['CI'] !== undefined,
	timeout: patience(240_000),
	expect: { timeout: patience(60_000) },
	use: {
		browserName: 'chromium',
		// Without a graphics card, drawing as if there were one takes a third more processor time; WebGL is there all the same.
		...(chromium
			? { launchOptions: { executablePath: chromium, args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'] } }
			: {}),
		viewport: { width: 1440, height: 900 },
		locale: 'fr-FR',
		colorScheme: 'light',
		// Nothing moves that does not have to: the cursor does not blink, pictures can be compared.
		contextOptions: { reducedMotion: 'reduce' },
		actionTimeout: patience(45_000),
		// What was done, asked and said. Copies of the page at each action would take the cores from what is tested.
		trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false },
		screenshot: 'only-on-failure',
	},
});
