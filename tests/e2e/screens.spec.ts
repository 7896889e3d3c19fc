/** Pictures to be looked at by a person, in test-results/screens: nothing is compared. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../sandbox-server/setup/paths.ts';
import { languages } from '../../src/shared/language.ts';
import { expect, test } from './support/own-server.ts';
import { search } from './support/search.ts';

const folder = join(root, 'test-results/screens');
mkdirSync(folder, { recursive: true });

for (const language of languages) {
	for (const colorScheme of ['light', 'dark'] as const) {
		for (const width of [1440, 390]) {
			test.describe(`${language}-${colorScheme}-${width}`, () => {
				test.use({ colorScheme, viewport: { width, height: width === 390 ? 844 : 900 }, hasTouch: width === 390 });

				test('pictures', async ({ lesson, page }, { titlePath }) => {
					const name = titlePath.at(-2);
					const shoot = (what: string) => page.screenshot({ path: join(folder, `${what}-${name}.png`) });
					await page.goto(`/${language}/`);
					await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
					await shoot('home');
					await page.goto(language === 'fr' ? '/fr/aide/' : '/en/help/');
					await shoot('help');
					await lesson.open('first-container', language);
					const unfold = page.locator('[data-unfold]');
					const narrow = await unfold.isVisible();
					if (narrow) {
						await shoot('lesson-closed');
						await unfold.click();
					}
					await lesson.prompt();
					await shoot('lesson-start');
					for (const step of ['pull', 'run']) {
						for (const block of await lesson.blocks(step).all()) await lesson.press(block);
						await expect(lesson.step(step)).toHaveAttribute('data-state', 'passed');
					}
					await lesson.command('apptainer exec lolcow.sif cat /etc/os-release > outside.txt');
					await lesson.status('exec').getByRole('button', { name: lesson.t.check }).click();
					await expect(lesson.step('exec')).toHaveAttribute('data-state', 'failed');
					await lesson.status('run').evaluate((element) => element.scrollIntoView({ block: 'center' }));
					await shoot('lesson-passed');
					await lesson.status('exec').evaluate((element) => element.scrollIntoView({ block: 'center' }));
					await shoot('lesson-middle');
					if (narrow) await page.locator('[data-fold]').click();
					await lesson.status('exec').getByRole('button').last().scrollIntoViewIfNeeded();
					await shoot('lesson-step');
					await lesson.openReset();
					await shoot('dialog');
					await page.keyboard.press('Escape');
					await search(page, 'overlay');
					await expect(page.getByRole('dialog').getByRole('link').first()).toBeVisible();
					await shoot('search');
				});
			});
		}
	}
}

test('pictures of what the dock says', async ({ lesson, page, anotherLearner, startServer, complaints }) => {
	complaints.expect(/WebSocket connection|ERR_CONNECTION_REFUSED/);
	const server = await startServer({ maxSandboxes: 1 });
	const shoot = (what: string) => page.screenshot({ path: join(folder, `dock-${what}.png`) });
	const first = await anotherLearner();
	await first.openLive('first-container', 'fr', server.address);
	await lesson.open('first-container', 'fr', server.address);
	await expect(lesson.dockSentence).toContainText('place 1');
	await shoot('queued');
	await first.leave();
	await lesson.prompt();
	await lesson.type('exit');
	await expect(page.getByText(lesson.t.shellExited)).toBeVisible();
	await shoot('exited');
	await page.keyboard.press('Enter');
	await lesson.prompt();
	await lesson.start('cat');
	await lesson.step('pull').getByRole('button', { name: lesson.t.run }).first().click();
	await page.locator('.run-note').scrollIntoViewIfNeeded();
	await page.mouse.wheel(0, 150);
	await expect(page.locator('.run-note')).toBeInViewport();
	await shoot('busy');
	const dialog = await lesson.openReset();
	await dialog.getByRole('button', { name: lesson.t.endBench }).click();
	await expect(lesson.dockSentence).toHaveText(lesson.t.stateNone);
	await shoot('none');
	await server.kill('SIGKILL');
	await expect(lesson.dockSentence).toContainText('Connexion perdue');
	await shoot('lost');
	await server.serve({ engine: 'none' });
	await page.reload();
	await expect(page.getByText(lesson.t.readingEngine)).toBeVisible();
	await shoot('reading');
});
