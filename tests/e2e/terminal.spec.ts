/** The terminal in the page: typing, windows, tabs, search, sizes, and what stays after a reload. */
import type { LessonPage } from './support/lesson-page.ts';
import { expect, secondWindow, test } from './support/test.ts';

test('the prompt appears by itself; what is typed is answered; it is still there after a reload', async ({ lesson, page }) => {
	await lesson.openLive();
	await expect(page.getByRole('tab', { name: 'Terminal 1' })).toBeVisible();
	await lesson.type('MINE=kept; echo "sum: $((20 + 22))"');
	await lesson.shows(/^sum: 42$/m);
	await lesson.prompt();
	const before = await lesson.screen();
	await page.reload();
	await lesson.prompt();
	await expect(async () => expect(await lesson.screen()).toEqual(before)).toPass();
	await lesson.type('echo "still $MINE"');
	await lesson.shows(/^still kept$/m);
	// Two keys take two letters away, whichever locales the image has; names are shown as they are.
	await lesson.prompt();
	await page.keyboard.type('clear; echo été');
	await page.keyboard.press('Backspace');
	await page.keyboard.press('Backspace');
	await page.keyboard.type('X; touch café; ls\n');
	await lesson.shows(/^éX\ncafé$/m);
	// In the words that the French lesson quotes.
	await lesson.type('lolcow.sif');
	await lesson.shows(/lolcow\.sif\s: commande introuvable/);
});

test('the dock: a block is copied beside it, it folds away and comes back, its width by mouse and keyboard is kept', async ({
	lesson,
	page,
	context,
}) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	await lesson.openLive();
	const block = lesson.step('pull').locator('figure[data-run]').first();
	await block.hover();
	await block.locator('.copy button').click();
	const copied = () => page.evaluate(() => navigator.clipboard.readText());
	await expect.poll(copied).toBe('apptainer pull lolcow.sif docker://localhost:5000/lolcow:1.0');

	await page.getByRole('button', { name: lesson.t.hideDock }).click();
	await expect(lesson.terminal).toBeHidden();
	await page.reload();
	await expect(page.locator('lab-dock .dock-body')).toBeHidden();
	await page.locator('[data-fold]').click();
	await lesson.prompt();

	const dock = page.getByRole('region', { name: 'Établi', exact: true });
	const separator = page.getByRole('separator', { name: lesson.t.separator });
	const width = async () => Math.round((await dock.boundingBox())?.width ?? 0);
	const first = await width();
	const fitted = await lesson.beside();
	const grip = await separator.boundingBox();
	if (!grip) throw new Error('no separator');
	await page.mouse.move(grip.x + grip.width / 2, 400);
	await page.mouse.down();
	await page.mouse.move(grip.x - 150, 400, { steps: 5 });
	await page.mouse.up();
	const wider = await width();
	expect(wider).toBeGreaterThan(first + 100);
	// The shell learns of it; not while somebody types, as this test is about to.
	await expect.poll(async () => Math.abs((await lesson.beside()) - fitted)).toBeLessThan(20);
	const columns = () => columnsOf(lesson);
	const wide = await columns();
	await separator.focus();
	for (let press = 0; press < 5; press++) await page.keyboard.press('ArrowRight');
	const narrower = await width();
	expect(narrower).toBeLessThan(wider - 50);
	await expect.poll(columns).toBeLessThan(wide);
	await page.reload();
	await lesson.prompt();
	expect(await width()).toBe(narrower);
	await separator.focus();
	await page.keyboard.press('Home');
	await expect(separator).toHaveAttribute('aria-valuenow', '25');
});

test('a run button waits for a program; the scrollback is searched; text grows; after exit a new shell is offered', async ({
	lesson,
	page,
	context,
}) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	await lesson.openLive();
	await lesson.start('cat');
	const listing = lesson.step('pull').locator('figure[data-run]').nth(1);
	await listing.getByRole('button', { name: lesson.t.run }).click();
	await expect(listing.locator('.run-note')).toContainText('Le terminal est occupé : cat');
	await lesson.terminal.locator('.xterm-screen').click();
	await page.keyboard.press('Control+d');
	await expect(listing.locator('.run-note')).toHaveCount(0);
	await lesson.shows(/total 0/);

	await lesson.prompt();
	await lesson.type('seq -f "needle-%g" 3000');
	await lesson.shows(/^needle-3000$/m);
	await lesson.terminal.locator('.xterm-screen').click();
	await page.keyboard.press('Control+Shift+F');
	const box = page.getByRole('searchbox', { name: lesson.t.search });
	await expect(box).toBeFocused();
	await box.fill('needle-77');
	await box.press('Enter');
	await expect(page.getByRole('search').getByRole('status').filter({ hasText: lesson.t.searchNone })).toHaveCount(0);
	await box.fill('haystack');
	await expect(page.locator('.terminal-search')).toContainText(lesson.t.searchNone);
	await box.fill('needle-1234');
	await box.press('Escape');
	await expect(box).toBeHidden();
	await page.keyboard.press('Control+Shift+C');
	await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('needle-1234');

	const columns = () => columnsOf(lesson);
	const before = await columns();
	for (let press = 0; press < 4; press++) await page.getByRole('button', { name: lesson.t.larger }).click();
	await expect.poll(columns).toBeLessThan(before);

	await lesson.type('GONE=yes; exit');
	await expect(page.getByText(lesson.t.shellExited)).toBeVisible();
	await page.keyboard.press('Enter');
	await lesson.prompt();
	await expect(page.getByText(lesson.t.shellExited)).toBeHidden();
	await lesson.type('echo "[$GONE]"');
	await lesson.shows(/^\[\]$/m);
});

test('a second terminal is a second shell, comes back after a reload, and can be closed', async ({ lesson, page }) => {
	await lesson.openLive();
	await lesson.type('WHO=first');
	await page.getByRole('button', { name: lesson.t.newTerminal }).click();
	await lesson.prompt();
	await page.keyboard.type('echo "[$WHO]"; WHO=second\n');
	await lesson.shows(/^\[\]$/m);
	await page.reload();
	await lesson.prompt();
	await page.getByRole('tab', { name: 'Terminal 2' }).click();
	await lesson.prompt();
	await lesson.type('echo "I am $WHO"');
	await lesson.shows(/^I am second$/m);
	await page.getByRole('tab', { name: 'Terminal 2' }).focus();
	await page.keyboard.press('ArrowLeft');
	await expect(page.getByRole('tab', { name: 'Terminal 1' })).toBeFocused();
	await lesson.type('echo "I am $WHO"');
	await lesson.shows(/^I am first$/m);
	await page.getByRole('tab', { name: 'Terminal 2' }).click();
	await page.getByRole('button', { name: 'Fermer le terminal 2' }).click();
	await expect(page.getByRole('tab', { name: /^Terminal/ })).toHaveCount(1);
});

test('two windows of a learner show the same shell', async ({ lesson }) => {
	await lesson.openLive();
	await lesson.type('echo from the first');
	const other = await secondWindow(lesson.page);
	await other.openLive();
	await other.shows(/^from the first$/m);
	await other.type('echo from the second');
	await lesson.shows(/^from the second$/m);
	// The prompt after it comes to one a moment before the other.
	await expect(async () => expect(await lesson.screen()).toEqual(await other.screen())).toPass();
});

test('screen-reader mode: what the terminal says can be read as text', async ({ lesson, page }) => {
	await lesson.openLive();
	await page.getByRole('button', { name: lesson.t.reader }).click();
	await lesson.type('echo to be heard');
	await expect(lesson.terminal.getByRole('list').getByText('to be heard', { exact: true })).toBeVisible();
	await page.reload();
	await lesson.prompt();
	await expect(page.getByRole('button', { name: lesson.t.reader })).toHaveAttribute('aria-pressed', 'true');
	await expect(lesson.terminal.getByRole('list').getByText('to be heard', { exact: true })).toBeVisible();
});

test('without WebGL the terminal is drawn with elements', async ({ lesson, page }) => {
	await page.addInitScript(() => {
		const original = HTMLCanvasElement.prototype.getContext;
		HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
			return kind.startsWith('webgl') ? null : Reflect.apply(original, this, [kind, ...rest]);
		} as typeof original;
	});
	await lesson.openLive();
	await lesson.type('echo drawn all the same');
	await expect(lesson.terminal.locator('.xterm-rows').getByText('drawn all the same', { exact: true })).toBeVisible();
});

test('WebGL that is lost on the way: the terminal goes on', async ({ lesson, complaints }) => {
	complaints.expect(/webgl context not restored/);
	await lesson.openLive();
	const canvas = lesson.terminal.locator('.xterm-screen canvas:not(.xterm-link-layer)').first();
	test.skip((await canvas.count()) === 0, 'this Chromium has no WebGL 2 at all');
	await canvas.evaluate((element) =>
		(element as HTMLCanvasElement).getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext(),
	);
	await lesson.type('echo drawn all the same');
	await expect(lesson.terminal.locator('.xterm-rows').getByText('drawn all the same', { exact: true })).toBeVisible();
});

/** As the shell is told. */
async function columnsOf(lesson: LessonPage): Promise<number> {
	await lesson.command('clear; tput cols');
	return Number((await lesson.screen())[0]);
}
