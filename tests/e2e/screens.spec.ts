/** What the dock says, one after the other, with pictures to be looked at by a person, in test-results/screens: they are not compared. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../sandbox-server/setup/paths.ts';
import { expect, test } from './support/own-server.ts';

const folder = join(root, 'test-results/screens');
mkdirSync(folder, { recursive: true });

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
	await dialog.getByRole('button', { name: lesson.t.endLab }).click();
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
