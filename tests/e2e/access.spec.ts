/** A server that asks for a code: what a learner sees, types and keeps. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../sandbox-server/setup/paths.ts';
import { languages } from '../../src/shared/language.ts';
import { expect, test } from './support/own-server.ts';

/** The browser itself tells of each refusal. */
const refused = /Failed to load resource: the server responded with a status of 40[13]/;

test('the code is asked for once, in the terminal’s place, while the lesson can be read', async ({
	lesson,
	page,
	startServer,
	complaints,
}) => {
	complaints.expect(refused);
	const server = await startServer({ engine: 'none', accessCode: 'blue-otter-42' });
	await lesson.open('first-container', 'fr', server.address);
	const input = page.getByLabel('Code d’accès');
	await expect(input).toBeVisible();
	await expect(page.getByText('Votre formateur vous l’a donné.')).toBeVisible();
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	await input.fill('blue-otter-24');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('alert').filter({ hasText: 'Ce n’est pas le bon code.' })).toBeVisible();
	await input.fill('Blue-Otter-42 ');
	await page.getByRole('button', { name: 'Entrer' }).click();
	await expect(page.getByText(lesson.t.readingEngine)).toBeVisible();
	await page.reload();
	await expect(page.getByText(lesson.t.readingEngine)).toBeVisible();
	await expect(input).toHaveCount(0);
});

test('a link for kiosks has the code in it; the address bar does not keep it', async ({ lesson, page, startServer, complaints }) => {
	complaints.expect(refused);
	const server = await startServer({ engine: 'none', accessCode: 'blue-otter-42' });
	await page.goto(`${server.address}/en/?code=blue-otter-42#courses`);
	await expect(page).toHaveURL(`${server.address}/en/#courses`);
	await lesson.open('first-container', 'en', server.address);
	await expect(page.getByText(lesson.t.readingEngine)).toBeVisible();
	await page.context().clearCookies();
	await page.goto(`${server.address}/en/?code=out-of-date`);
	await lesson.open('first-container', 'en', server.address);
	await expect(page.getByLabel('Access code')).toBeVisible();
});

/** To be looked at by a person, in test-results/screens: nothing is compared. */
for (const language of languages) {
	for (const colorScheme of ['light', 'dark'] as const) {
		for (const width of [1440, 390]) {
			test.describe(`${language}-${colorScheme}-${width}`, () => {
				test.use({ colorScheme, viewport: { width, height: width === 390 ? 844 : 900 }, hasTouch: width === 390 });

				test('a picture of the question', async ({ lesson, page, startServer, complaints }, { titlePath }) => {
					complaints.expect(refused);
					const server = await startServer({ engine: 'none', accessCode: 'blue-otter-42' });
					await lesson.open('first-container', language, server.address);
					const unfold = page.locator('[data-unfold]');
					if (await unfold.isVisible()) await unfold.click();
					await page.locator('#access-code').fill('blue-otter-24');
					await page.keyboard.press('Enter');
					await expect(page.locator('.access-code [role=alert]')).not.toBeEmpty();
					const folder = join(root, 'test-results/screens');
					mkdirSync(folder, { recursive: true });
					await page.screenshot({ path: join(folder, `access-code-${titlePath.at(-2)}.png`) });
				});
			});
		}
	}
}
