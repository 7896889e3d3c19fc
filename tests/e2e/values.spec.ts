/** Values that differ from learner to learner: an example where no server is, one's own where there is one. */
import { course } from './support/lesson-page.ts';
import { builtSite, StaticSite } from './support/static-site.ts';
import { expect, test } from './support/test.ts';

const serial = '#step-environment .value[data-value="serial"]';

test('each learner has a number of their own, in text, code and terminal, and the check wants it', async ({
	lesson,
	page,
	anotherLearner,
}) => {
	await lesson.openLive('build', 'en');
	const values = page.locator(serial);
	await expect(values.first()).toHaveAttribute('data-own', '');
	const mine = (await values.first().textContent()) ?? '';
	expect(mine).toMatch(/^\d{5}$/);
	expect(new Set(await values.allTextContents())).toEqual(new Set([mine]));
	await lesson.command('echo "my number: $SERIAL"');
	await lesson.shows(new RegExp(`^my number: ${mine}$`, 'm'));
	for (const id of ['definition', 'environment']) {
		for (const block of await lesson.blocks(id).all()) await lesson.press(block);
		await expect(lesson.step(id)).toHaveAttribute('data-state', 'passed');
	}
	await lesson.shows(new RegExp(`^Serial: ${mine}$`, 'm'));
	const other = await anotherLearner();
	await other.open('build', 'fr');
	await expect(other.page.locator(serial).first()).toHaveAttribute('data-own', '');
	expect(await other.page.locator(serial).first().textContent()).not.toBe(mine);
	await page.reload();
	await expect(values.first()).toHaveText(mine);
});

test('without a server an example is shown, and said to be one', async ({ page, complaints }) => {
	// A plain web host has no interface.
	complaints.expect(/api\/session/);
	const site = await new StaticSite(builtSite()).listen();
	try {
		await page.goto(`${site.address}/fr/${course}/build/`);
		await expect(page.locator(serial).first()).toHaveText(/^\d{5}$/);
		await expect(page.locator(serial).first()).toHaveAttribute('title', /^Exemple/);
		await expect(page.getByText('soulignés de points')).toBeVisible();
		await page.goto(`${site.address}/fr/${course}/first-container/`);
		await expect(page.getByText('soulignés de points')).toHaveCount(0);
	} finally {
		await site.close();
	}
});
