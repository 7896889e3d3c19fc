/** Recordings of terminals in lessons: as text, played under the server's content policy, and on a plain web host with no server. */
import { castEn } from '../../src/i18n/cast-en.ts';
import { castFr } from '../../src/i18n/cast-fr.ts';
import { accessible } from './support/axe.ts';
import { course } from './support/lesson-page.ts';
import { builtSite, StaticSite } from './support/static-site.ts';
import { expect, test } from './support/test.ts';

const lesson = 'build';
/** What the terminal shows at the end of it. */
const end = /Meuh, moo/;
/** A plain host answers "not found" to our question for a server, and browsers write that down. */
const asked = /status of 404.*\/api\/session|404 \(Not Found\)/;

test('on a plain web host a recording reads as text, and plays; nothing of it is loaded before', async ({ page, browser, complaints }) => {
	complaints.expect(asked);
	await page.emulateMedia({ reducedMotion: 'no-preference' });
	const site = await new StaticSite(builtSite()).listen();
	const loaded = (part: RegExp) => site.served.filter(({ path }) => part.test(path));
	try {
		await page.goto(`${site.address}/fr/${course}/first-container/`);
		await page.waitForLoadState('networkidle');
		expect(loaded(/cast/i), 'of a page without a recording').toEqual([]);
		await page.goto(`${site.address}/fr/${course}/${lesson}/`);
		await page.waitForLoadState('networkidle');
		const cast = page.locator('lab-cast').first();
		const text = cast.getByRole('region', { name: castFr.shown });
		await expect(text).toContainText(end);
		expect(loaded(/\.cast$|cast-player/), 'before it is played').toEqual([]);
		await accessible(page, 'a recording as text', 'lab-cast');

		// By the keyboard alone.
		await cast.getByRole('button', { name: castFr.play }).press('Enter');
		const pause = cast.getByRole('button', { name: castFr.pause });
		await expect(pause).toBeFocused();
		await expect(text).toBeHidden();
		await expect(cast.locator('output')).not.toHaveText(/^0:00/);
		await expect(cast.locator('.cast-player')).toContainText('cat');
		await pause.press('Space');
		await expect(cast.getByRole('button', { name: castFr.resume })).toBeFocused();
		const position = cast.getByRole('slider', { name: castFr.position });
		await position.press('End');
		await expect(cast.locator('.cast-player')).toContainText(end);
		await expect(position).toHaveAttribute('aria-valuetext', /^(\d+:\d\d) \/ \1$/);
		await accessible(page, 'a recording that is played', 'lab-cast');

		// In the other colours it goes on where it was.
		const ground = () => cast.locator('.ap-player').evaluate((player) => getComputedStyle(player).backgroundColor);
		const before = await ground();
		await page.evaluate(() => {
			const { dataset } = document.documentElement;
			dataset['theme'] = dataset['theme'] === 'light' ? 'dark' : 'light';
		});
		await expect.poll(ground).not.toBe(before);
		await expect(cast.locator('.cast-player')).toContainText(end);

		await cast.getByRole('button', { name: castFr.close }).click();
		await expect(text).toBeVisible();
		await expect(cast.getByRole('button', { name: castFr.play })).toBeFocused();

		const still = await browser.newContext({ javaScriptEnabled: false });
		const plain = await still.newPage();
		await plain.goto(`${site.address}/en/${course}/${lesson}/`);
		await expect(plain.locator('lab-cast').first()).toContainText(end);
		await expect(plain.locator('lab-cast button:visible')).toHaveCount(0);
		await still.close();
	} finally {
		await site.close();
	}
});

test('under the server’s content policy it plays too; who asks for little movement starts it themselves', async ({ page }) => {
	await page.emulateMedia({ reducedMotion: 'reduce' });
	await page.goto(`/en/${course}/${lesson}/`);
	const cast = page.locator('lab-cast').first();
	await cast.getByRole('button', { name: castEn.play }).click();
	const resume = cast.getByRole('button', { name: castEn.resume, exact: true });
	await expect(resume).toBeFocused();
	await expect(cast.locator('output')).toHaveText(/^0:00 \/ (?!0:00)/);
	await resume.press('Enter');
	await expect(cast.locator('output')).not.toHaveText(/^0:00/);
	await cast.getByRole('slider').press('End');
	await expect(cast.locator('.cast-player')).toContainText(end);
});

test('a recording that does not arrive is told, and its text stays', async ({ page, complaints }) => {
	complaints.expect(/ERR_FAILED|Failed to (load resource|fetch)/);
	await page.route(/\.cast$/, (route) => route.abort());
	await page.goto(`/en/${course}/${lesson}/`);
	const cast = page.locator('lab-cast').first();
	await cast.getByRole('button', { name: castEn.play }).click();
	await expect(cast.getByRole('status')).toHaveText(castEn.failed);
	await expect(cast).toContainText(end);
	await page.unroute(/\.cast$/);
	await cast.getByRole('button', { name: castEn.play }).click();
	await expect(cast.locator('.ap-player')).toBeVisible();
});
