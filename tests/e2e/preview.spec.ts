/** A program's web page beside the terminals: from an address that is printed there, from the button, from a link of the text, and in a tab of the browser. */
import type { FrameLocator, Page } from '@playwright/test';
import { previewEn } from '../../src/i18n/preview-en.ts';
import { type PreviewStrings, previewFr } from '../../src/i18n/preview-fr.ts';
import { fill } from '../../src/shared/fill.ts';
import { refusalText } from '../../src/shared/protocol/refusals.ts';
import { accessible } from './support/axe.ts';
import type { LessonPage } from './support/lesson-page.ts';
import { expect, test } from './support/test.ts';

const served = '<!doctype html><html lang="en"><title>mine</title><main><h1>page of the workbench</h1></main></html>';

/** What httpd serves, from a folder of the learner's: the instance of the lesson's image has it. */
const start = (port: number) =>
	`mkdir -p www && echo '${served}' > www/index.html && apptainer instance stop red 2>/dev/null; apptainer instance start --bind www:/srv/www web.sif red ${port} && curl -s --retry 9 --retry-connrefused localhost:${port}`;

function frameOf(page: Page): FrameLocator {
	return page.frameLocator('#terminal-preview iframe');
}

const words = (lesson: LessonPage): PreviewStrings => (lesson.language === 'fr' ? previewFr : previewEn);

/** Clicks an address in the first line of the terminal. */
async function clickAddress(lesson: LessonPage): Promise<void> {
	const { page } = lesson;
	const first = await lesson.terminal.locator('.xterm-screen').boundingBox();
	if (!first) throw new Error('no screen');
	// A link is one once xterm.js has looked for it, which it does when the pointer comes to another cell.
	const overLink = async (x: number) => {
		await page.mouse.move(first.x + x, first.y + 8);
		return lesson.terminal.locator('.xterm-cursor-pointer').count();
	};
	await expect.poll(async () => (await overLink(30)) + (await overLink(64))).toBe(2);
	await page.mouse.click(first.x + 64, first.y + 8);
}

test('an address that a program prints opens beside the terminal: nothing yet, then its page; in the browser’s own tab too', async ({
	lesson,
	page,
	context,
	complaints,
}) => {
	// The sentence that nothing listens comes with a status that says so.
	complaints.expect(/502 \(Bad Gateway\)/);
	await lesson.openLive('services');
	const t = words(lesson);
	await lesson.command('clear; echo http://localhost:8888/index.html');
	await clickAddress(lesson);
	await expect(page.locator('#tab-preview')).toHaveAttribute('aria-selected', 'true');
	const frame = frameOf(page);
	await expect(frame.getByText(refusalText('preview-nothing', 'fr', { port: '8888' }))).toBeVisible();
	await expect(page.locator('.terminal-keys')).toBeHidden();
	expect(context.pages(), 'nothing of the learner’s own machine is opened').toHaveLength(1);
	await accessible(page, 'nothing listens', '#dock');
	await page.screenshot({ path: 'test-results/screens/preview-nothing-fr-light.png' });

	await page.locator('#tab-1').click();
	await lesson.command(start(8888));
	await page.locator('#tab-preview').click();
	// By itself: nobody presses anything.
	await expect(frame.getByText('page of the workbench')).toBeVisible();
	const source = await page.locator('#terminal-preview iframe').getAttribute('src');
	const own = new URL(source ?? '').origin;
	expect(own).toMatch(/^http:\/\/p8888-[a-z2-7]{24}\.localhost:\d+$/);
	await accessible(page, 'a page', '#dock');

	// The page in the frame cannot get at the lesson, its cookies or its interface.
	const inside = page.frames().find((one) => one.url().startsWith(own));
	if (!inside) throw new Error('no frame');
	const platform = new URL(page.url()).origin;
	complaints.expect(
		/Blocked a frame|blocked by CORS policy|Failed to load resource|ERR_FAILED|frame-ancestors|net::ERR|Unsafe attempt to initiate navigation|sandbox/,
	);
	const tried = await inside.evaluate(async (address) => {
		const attempt = async (action: () => unknown) => {
			try {
				return String(await action());
			} catch (error) {
				return (error as Error).name;
			}
		};
		return {
			cookies: document.cookie,
			page: await attempt(() => (parent as Window).document.title),
			read: await attempt(() => fetch(`${address}/api/session`, { credentials: 'include' })),
			change: await attempt(() => fetch(`${address}/api/sandboxes/tp-apptainer`, { method: 'DELETE', credentials: 'include' })),
			leave: await attempt(() => {
				(top as Window).location.href = 'about:blank';
			}),
		};
	}, platform);
	expect(tried).toEqual({ cookies: '', page: 'SecurityError', read: 'TypeError', change: 'TypeError', leave: 'SecurityError' });
	expect(page.url()).toContain('/services/');

	const [tab] = await Promise.all([context.waitForEvent('page'), page.getByRole('button', { name: t.newTab }).click()]);
	await expect(tab.getByText('page of the workbench')).toBeVisible();
	expect(new URL(tab.url()).origin).toBe(own);
	expect(new URL(tab.url()).pathname, 'without the word that let it in').toBe('/index.html');
	expect(await tab.evaluate(() => window.opener)).toBe(null);
	// Its address alone opens it to nobody else.
	const stranger = await context.browser()?.newContext();
	const answer = await stranger?.request.get(tab.url().replace(/^http:\/\/[^/]+/, platform), { headers: { host: new URL(own).host } });
	expect(answer?.status()).toBe(403);
	await stranger?.close();
	await tab.close();

	await page.getByRole('button', { name: t.close }).click();
	await expect(page.locator('#tab-preview')).toHaveCount(0);
	await expect(page.locator('#tab-1')).toHaveAttribute('aria-selected', 'true');
});

test('the button asks for the port, in English and in the dark; a reset of the workbench takes the page away', async ({ lesson, page }) => {
	await page.emulateMedia({ colorScheme: 'dark' });
	await lesson.openLive('services', 'en');
	const t = words(lesson);
	await lesson.command(start(8081));
	await page.getByRole('button', { name: lesson.t.webPage }).click();
	const panel = page.locator('#terminal-preview');
	await expect(panel.getByRole('status')).toHaveText(t.which);
	await expect(panel.getByLabel(t.port)).toBeFocused();
	await expect(panel.getByRole('button', { name: t.reload })).toBeDisabled();
	await page.keyboard.type('8081');
	await page.keyboard.press('Enter');
	await expect(frameOf(page).getByText('page of the workbench')).toBeVisible();
	await expect(page.getByTitle(fill(t.title, { port: 8081 }))).toBeVisible();
	await accessible(page, 'dark', '#dock');
	await page.screenshot({ path: 'test-results/screens/preview-en-dark.png' });
	const before = await panel.locator('iframe').getAttribute('src');
	await panel.getByRole('button', { name: t.reload }).click();
	await expect(panel.locator('iframe')).not.toHaveAttribute('src', before ?? '');
	await expect(frameOf(page).getByText('page of the workbench')).toBeVisible();
	const address = new URL(before ?? '');
	const dialog = await lesson.openReset();
	await dialog.getByRole('button', { name: lesson.t.endLab }).click();
	await expect(lesson.dockSentence).toHaveText(lesson.t.stateNone);
	await expect(panel).toHaveCount(0);
	const over = await page.context().request.get(`http://127.0.0.1:${address.port}/`, { headers: { host: address.host } });
	expect(over.status()).toBe(410);
});

test.describe('on a telephone', () => {
	test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
	test('a link of the text opens the page in the sheet, and everything of its bar can be touched', async ({ lesson, page, complaints }) => {
		complaints.expect(/502 \(Bad Gateway\)/);
		await lesson.open('services');
		// Before the page has its lab's script, a link is a link.
		await expect(page.locator('.dock-web')).toBeAttached();
		await page.locator('.sl-markdown-content a[href^="http://localhost:8081"]').first().tap();
		const t = words(lesson);
		await expect(frameOf(page).getByText(refusalText('preview-nothing', 'fr', { port: '8081' }))).toBeVisible();
		for (const name of [t.show, t.reload, t.newTab, t.close])
			await expect(page.getByRole('button', { name, exact: true })).toBeInViewport({ ratio: 1 });
		await accessible(page, 'telephone', '#dock');
		await page.screenshot({ path: 'test-results/screens/preview-telephone.png' });
		// The server of these tests is at an address of this machine too: a link to another lesson is none to a port of the lab.
		await lesson.open('first-container');
		await expect(page.locator('.dock-web')).toBeAttached();
		await page.locator('.sl-markdown-content a[href="../pilot/"]').tap();
		await expect(page).toHaveURL(/\/pilot\/$/);
	});
});
