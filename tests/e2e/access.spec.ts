/** A server that asks for a code: what a learner sees, types and keeps. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../sandbox-server/setup/paths.ts';
import { languages } from '../../src/shared/language.ts';
import { course, LessonPage } from './support/lesson-page.ts';
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

test('a link for kiosks has the code in it; neither the address bar nor a proxy’s log keeps it', async ({
	lesson,
	page,
	startServer,
	complaints,
	startProxy,
}) => {
	complaints.expect(refused);
	const server = await startServer({ engine: 'none', accessCode: 'blue-otter-42' });
	const proxy = await startProxy(server.address);
	const enters = async (link: string, bar: string) => {
		await page.goto(`${proxy.address}${link}`);
		await expect(page).toHaveURL(`${proxy.address}${bar}`);
		await lesson.open('first-container', 'en', proxy.address);
		await expect(page.getByText(lesson.t.readingEngine)).toBeVisible();
		await page.context().clearCookies();
	};
	await enters('/en/#code=blue-otter-42', '/en/');
	await enters(`/fr/${course}/first-container/?from=qr#code=Blue%2DOtter-42`, `/fr/${course}/first-container/?from=qr`);
	expect(proxy.log.join('\n')).not.toMatch(/otter/i);
	// A link of before.
	await enters('/en/?code=blue-otter-42#courses', '/en/#courses');
	await page.goto(`${server.address}/en/#code=out-of-date`);
	await lesson.open('first-container', 'en', server.address);
	await expect(page.getByLabel('Access code')).toBeVisible();
});

test('the question in both languages, light and dark, wide and narrow: pictures to be looked at, in test-results/screens', async ({
	browser,
	startServer,
	complaints,
}) => {
	complaints.expect(refused);
	const server = await startServer({ engine: 'none', accessCode: 'blue-otter-42' });
	const folder = join(root, 'test-results/screens');
	mkdirSync(folder, { recursive: true });
	for (const language of languages) {
		for (const colorScheme of ['light', 'dark'] as const) {
			for (const [width, height] of [
				[1440, 900],
				[390, 844],
			] as const) {
				const context = await browser.newContext({ colorScheme, viewport: { width, height }, hasTouch: width === 390 });
				complaints.listenTo(context);
				const page = await context.newPage();
				await new LessonPage(page).open('first-container', language, server.address);
				const unfold = page.locator('[data-unfold]');
				if (await unfold.isVisible()) await unfold.click();
				await page.locator('#access-code').fill('blue-otter-24');
				await page.keyboard.press('Enter');
				await expect(page.locator('.access-code [role=alert]')).not.toBeEmpty();
				await page.screenshot({ path: join(folder, `access-code-${language}-${colorScheme}-${width}.png`) });
				await context.close();
			}
		}
	}
});
