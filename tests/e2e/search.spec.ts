/** The search before it is all there: nothing that is typed is lost, and what could not be loaded is asked for again. */
import type { Page } from '@playwright/test';
import { course } from './support/lesson-page.ts';
import { builtSite, StaticSite } from './support/static-site.ts';
import { expect, test } from './support/test.ts';

let site: StaticSite;
test.beforeEach(async ({ complaints }) => {
	complaints.expect(/status of 404/);
	site = await new StaticSite(builtSite()).listen();
});
test.afterEach(() => site.close());

const late = /\/_astro\/(results|search)|\/pagefind\//;

/** Has what the search loads late wait. @returns what lets it come */
async function hold(page: Page): Promise<() => void> {
	const held = Promise.withResolvers<void>();
	await page.route(late, async (route) => {
		await held.promise;
		await route.continue();
	});
	return held.resolve;
}

/** As soon as the page takes the key for it; on a machine that is twenty times slower. */
async function openEarly(page: Page): Promise<void> {
	await (await page.context().newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: 20 });
	await page.goto(`${site.address}/fr/${course}/first-container/`, { waitUntil: 'commit' });
	await page.locator('[data-open-modal]:enabled').waitFor();
	await page.keyboard.press('Control+k');
}

test('no letter is lost while the search is loaded, and it is loaded only when it is opened', async ({ page }) => {
	const release = await hold(page);
	await page.goto(`${site.address}/fr/${course}/first-container/`);
	await page.waitForLoadState('networkidle');
	expect(site.served.filter(({ path }) => late.test(path))).toEqual([]);
	await openEarly(page);
	const box = page.getByRole('dialog').getByRole('textbox');
	await page.keyboard.type('overay');
	await expect(box).toHaveValue('overay');
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('ArrowLeft');
	release();
	await expect(page.getByRole('dialog').getByRole('status')).toHaveText(/^(Aucun|\d+) résultats? pour «\soveray\s»$/);
	// The field is still the same one: the caret is where it was.
	await page.keyboard.type('l');
	await expect(box).toHaveValue('overlay');
	await expect(page.getByRole('dialog').getByRole('status')).toHaveText(/^\d+ résultats pour «\soverlay\s»$/);
});

test('letters that come while the search’s parts arrive one by one are all there', async ({ page }) => {
	await page.route(late, async (route) => {
		await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
		await route.continue();
	});
	await openEarly(page);
	await page.keyboard.type('conteneur', { delay: 30 });
	await expect(page.getByRole('dialog').getByRole('textbox')).toHaveValue('conteneur');
	await expect(page.getByRole('dialog').getByRole('status')).toHaveText(/résultats pour «\sconteneur\s»$/);
});

for (const part of [/\/_astro\/results/, /\/pagefind\/pagefind\.js/, /\/pagefind\/(pagefind-worker|wasm)/])
	test(`a search that cannot load ${part.source} says so, and tries again with the next letter`, async ({ page, context, complaints }) => {
		complaints.expect(/Failed to load|ERR_FAILED|falling back to main thread/);
		let broken = true;
		await context.route(part, (route) => (broken ? route.abort() : route.continue()));
		await openEarly(page);
		await page.keyboard.type('overla');
		const status = page.getByRole('dialog').getByRole('status');
		await expect(status).toHaveText('La recherche n’a pas pu être chargée. Vérifiez la connexion, puis tapez de nouveau.');
		broken = false;
		await page.keyboard.type('y');
		await expect(status).toHaveText(/résultats pour «\soverlay\s»$/);
		await expect(page.getByRole('dialog').getByRole('textbox')).toHaveValue('overlay');
	});

test('who goes offline is told so, not that nothing is found', async ({ page, context, complaints }) => {
	complaints.expect(/Failed to load|ERR_INTERNET_DISCONNECTED|Failed to fetch/);
	await page.goto(`${site.address}/fr/${course}/first-container/`);
	await page.getByRole('button', { name: /^Rechercher/ }).click();
	const status = page.getByRole('dialog').getByRole('status');
	await page.keyboard.type('conteneur');
	await expect(status).toHaveText(/résultats pour «\sconteneur\s»$/);
	await context.setOffline(true);
	await page.getByRole('dialog').getByRole('textbox').fill('overla');
	await expect(status).toHaveText('La recherche n’a pas pu être chargée. Vérifiez la connexion, puis tapez de nouveau.');
	await context.setOffline(false);
	await page.keyboard.type('y');
	await expect(status).toHaveText(/résultats pour «\soverlay\s»$/);
});

test('more results, by keyboard; what was found is left by a link, by Escape or beside the dialog', async ({
	page,
	context,
	complaints,
}) => {
	await page.goto(`${site.address}/fr/${course}/first-container/`);
	const dialog = page.getByRole('dialog');
	await page.getByRole('button', { name: /^Rechercher/ }).click();
	await page.keyboard.type('image');
	const pages = dialog.locator('.search-results li');
	await expect(pages).toHaveCount(5);
	complaints.expect(/Failed to load|ERR_FAILED/);
	let away = true;
	await context.route(/\/pagefind\/fragment\//, (route) => (away ? route.abort() : route.continue()));
	await dialog.getByRole('button', { name: 'Voir plus de résultats' }).press('Enter');
	await expect(dialog.getByRole('status')).toHaveText(
		'La recherche n’a pas pu être chargée. Vérifiez la connexion, puis tapez de nouveau.',
	);
	away = false;
	await dialog.getByRole('button', { name: 'Voir plus de résultats' }).press('Enter');
	await expect(pages).toHaveCount(10);
	await expect(pages.nth(5).getByRole('link').first()).toBeFocused();
	await page.keyboard.press('Escape');
	await expect(dialog).toBeHidden();
	await page.keyboard.press('Control+k');
	await page.keyboard.type('premier conteneur');
	await expect(dialog.getByRole('textbox')).toHaveValue('premier conteneur');
	await dialog.getByRole('button', { name: 'Effacer' }).click();
	await expect(dialog.getByRole('textbox')).toHaveValue('');
	await expect(dialog.getByRole('textbox')).toBeFocused();
	await expect(pages).toHaveCount(0);
	await page.mouse.click(5, 400);
	await expect(dialog).toBeHidden();
});
