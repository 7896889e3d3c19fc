/** Lesson pages in small windows, in colours of the reader's own, by the keyboard, and without scripts. */
import type { Locator, Page } from '@playwright/test';
import { languages } from '../../src/shared/language.ts';
import { ScriptedServer } from './support/scripted-server.ts';
import { builtSite, StaticSite } from './support/static-site.ts';
import { test as base, expect } from './support/test.ts';

const test = base.extend<{ server: ScriptedServer }>({
	server: async ({ page }, use) => {
		const server = await ScriptedServer.start(page);
		await use(server);
		await page.close();
		await server.close();
	},
});

async function box(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
	const found = await locator.boundingBox();
	if (!found) throw new Error('not to be seen');
	return found;
}

for (const width of [390, 320]) {
	for (const language of languages) {
		test(`whatever the bar says stays in the bar: ${width} px, ${language}`, async ({ lesson, page, server }) => {
			await page.setViewportSize({ width, height: 700 });
			server.sandbox = { state: 'starting' };
			await lesson.open('first-container', language, server.address);
			const bar = page.locator('.dock-bar');
			const message = page.locator('.dock-message');
			let before: string = 'starting';
			for (const state of ['none', 'starting', 'stopping', 'lost', 'unavailable'] as const) {
				await page.locator('[data-unfold]').click();
				await expect(message).toHaveAttribute('data-dock-state', before);
				before = state;
				server.say({ type: 'sandbox', sandbox: { state, reason: 'Une raison qui prend de la place. '.repeat(4) } });
				await page.locator('[data-fold]').click();
				await expect(message).toHaveAttribute('data-dock-state', state);
				const around = await box(bar);
				const inside = await box(bar.locator('.dock-bar-state'));
				expect(inside.y, state).toBeGreaterThanOrEqual(around.y);
				expect(inside.y + inside.height, state).toBeLessThanOrEqual(around.y + around.height);
				expect(inside.x + inside.width, state).toBeLessThanOrEqual(width);
			}
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
		});
	}
}

for (const width of [1000, 1050, 1099]) {
	test(`from 1000 px on the terminal stands beside the text, not on it: ${width} px`, async ({ lesson, page, server }) => {
		await page.setViewportSize({ width, height: 800 });
		await lesson.open('first-container', 'fr', server.address);
		await lesson.prompt();
		const dock = await box(page.locator('lab-dock'));
		const text = await box(page.locator('.step p').nth(1));
		expect(text.x + text.width).toBeLessThanOrEqual(dock.x);
		expect(text.width).toBeGreaterThan(300);
	});
}

test('one of the first links leads to the terminal, and opens it', async ({ lesson, page, server }) => {
	await lesson.open('first-container', 'fr', server.address);
	await page.locator('[data-fold]').click();
	await page.reload();
	await expect(page.locator('.lesson-frame')).toBeVisible();
	const link = page.getByRole('link', { name: lesson.t.toTerminal });
	await page.keyboard.press('Tab');
	await page.keyboard.press('Tab');
	await expect(link).toBeFocused();
	await expect(link).toBeInViewport();
	await page.keyboard.press('Enter');
	await lesson.prompt();
	// It was not there yet: it has the keyboard as soon as it is. When it is there, one types at once.
	await expect(lesson.terminal.locator('textarea')).toBeFocused();
	await link.focus();
	await page.keyboard.press('Enter');
	await expect(lesson.terminal.locator('textarea')).toBeFocused();
});

test('going back by the Tab key, nothing that has the focus is behind the bars at the top', async ({ lesson, page, server }) => {
	await page.setViewportSize({ width: 390, height: 844 });
	await lesson.open('first-container', 'fr', server.address);
	await lesson.step('exec').locator('summary').first().focus();
	const behind: string[] = [];
	for (let press = 0; press < 24; press++) {
		await page.keyboard.press('Shift+Tab');
		const found = await page.evaluate(() => {
			const { activeElement: at } = document;
			const bar = document.querySelector('.steps-bar')?.getBoundingClientRect().bottom ?? 0;
			return at?.closest('.step') && at.getBoundingClientRect().top < bar ? `${at.tagName}.${at.className}` : undefined;
		});
		if (found) behind.push(found);
	}
	expect(behind).toEqual([]);
});

test('in colours of the reader’s own, buttons, icons and the meter are to be seen', async ({ lesson, page, server }) => {
	await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
	server.steps = [{ lesson: 'first-container', step: 'pull', state: 'passed' }];
	await lesson.open('first-container', 'fr', server.address);
	await lesson.prompt();
	const colours = (locator: Locator, pseudo?: string) =>
		locator.evaluate((element, name) => {
			const { backgroundColor, borderTopColor, borderTopWidth } = getComputedStyle(element, name);
			return { backgroundColor, borderTopColor, borderTopWidth };
		}, pseudo);
	const { backgroundColor: ground } = await colours(page.locator('body'));
	for (const drawn of [
		'.step-status .state-icon',
		'.dock-tools .lab-icon',
		'.run-button .lab-icon',
		'[data-step-mark="pull"]',
		'[data-step-mark="run"]',
	])
		expect((await colours(page.locator(drawn).first())).backgroundColor, drawn).not.toBe(ground);
	expect((await colours(page.locator('.copy button').first(), '::after')).backgroundColor, 'copy').not.toBe(ground);
	expect((await colours(page.locator('[data-step-mark="pull"]'))).backgroundColor).not.toBe(
		(await colours(page.locator('[data-step-mark="run"]'))).backgroundColor,
	);
	for (const button of ['.run-button', '.copy button', '.steps-toggle', '.dock-tools button']) {
		const { borderTopColor, borderTopWidth } = await colours(page.locator(button).first());
		expect(borderTopWidth, button).not.toBe('0px');
		expect(borderTopColor, button).not.toBe(ground);
	}
});

for (const colorScheme of ['light', 'dark'] as const) {
	test(`without scripts the page is ${colorScheme} where the system is, and says what needs them`, async ({ browser, launchOptions }) => {
		const site = await new StaticSite(builtSite()).listen();
		// A page for which scripts are only switched off from outside still leaves <noscript> alone.
		const without = await browser
			.browserType()
			.launch({ ...launchOptions, args: [...(launchOptions.args ?? []), '--blink-settings=scriptEnabled=false'] });
		const context = await without.newContext({ colorScheme });
		try {
			const page = await context.newPage();
			await page.goto(`${site.address}/fr/tp-apptainer/first-container/`);
			await expect(page.locator('.no-script')).toContainText('ont besoin de JavaScript');
			await expect(page.getByRole('link', { name: 'Aller au terminal' })).toBeHidden();
			const light = (locator: Locator, property: 'backgroundColor' | 'color') =>
				locator.evaluate((element, name) => {
					const [red = 0, green = 0, blue = 0] =
						getComputedStyle(element)
							[name].match(/[\d.]+/g)
							?.map(Number) ?? [];
					return red + green + blue > 3 * 128;
				}, property);
			expect(await light(page.locator('body'), 'backgroundColor')).toBe(colorScheme === 'light');
			expect(await light(page.locator('h1'), 'color')).toBe(colorScheme === 'dark');
			expect(await light(page.locator('.ec-line .code span').first(), 'color')).toBe(colorScheme === 'dark');
			const palette = (of: Page) =>
				of.evaluate(() =>
					['accent', 'accent-low', 'accent-high', 'text-accent', 'bg', 'gray-5'].map((name) =>
						getComputedStyle(document.documentElement).getPropertyValue(`--sl-color-${name}`),
					),
				);
			const scripted = await browser.newPage({ colorScheme });
			await scripted.goto(page.url());
			expect(await palette(page)).toEqual(await palette(scripted));
			await scripted.close();
		} finally {
			await without.close();
			await site.close();
		}
	});
}
