/**
 * Accessibility: axe without a violation, the keyboard alone, large text. On the way pictures are taken, to be looked at by a person, in
 * test-results/screens: they are not compared.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { root } from '../../sandbox-server/setup/paths.ts';
import { languages } from '../../src/shared/language.ts';
import { accessible } from './support/axe.ts';
import { clippedTexts, textSpacing } from './support/clipped-text.ts';
import { course } from './support/lesson-page.ts';
import { search } from './support/search.ts';
import { expect, test } from './support/test.ts';

/** Each language, each kind of colours and each width with each of the others: half of all, since a look at a page of axe's takes seconds. */
const looks = [
	['fr', 'light', 1440],
	['en', 'dark', 1440],
	['en', 'light', 390],
	['fr', 'dark', 390],
] as const;

for (const [language, colorScheme, width] of looks) {
	test.describe(`${language}, ${colorScheme}, ${width} px`, () => {
		test.use({ colorScheme, viewport: { width, height: width === 390 ? 844 : 900 }, hasTouch: width === 390 });

		test('axe finds nothing to complain of', async ({ lesson, page }) => {
			const folder = join(root, 'test-results/screens');
			mkdirSync(folder, { recursive: true });
			const shoot = (what: string) => page.screenshot({ path: join(folder, `${what}-${language}-${colorScheme}-${width}.png`) });
			/** Nothing that is there now is cut off when letters, words and lines are set wider (WCAG 1.4.12). */
			const setWider = async (what: string) => {
				const style = await page.addStyleTag({ content: textSpacing });
				expect(await clippedTexts(page), `${what}, set wider`).toEqual([]);
				await style.evaluate((element) => element.parentNode?.removeChild(element));
			};
			await page.goto(`/${language}/`);
			await accessible(page, 'home');
			await shoot('home');
			await search(page, 'overlay');
			await expect(page.getByRole('dialog').getByRole('link').first()).toBeVisible();
			await accessible(page, 'search');
			await shoot('search');
			await page.goto(language === 'fr' ? '/fr/aide/' : '/en/help/');
			await accessible(page, 'help');
			await shoot('help');
			await page.getByRole('link', { name: /^(Accessibilité : non conforme|Accessibility: not conforming)$/ }).click();
			await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^(Déclaration d’accessibilité|Statement of accessibility)$/);
			await accessible(page, 'statement of accessibility');
			await lesson.open('first-container', language);
			const unfold = page.locator('[data-unfold]');
			const narrow = await unfold.isVisible();
			if (narrow) {
				await accessible(page, 'lesson, terminal closed');
				await shoot('lesson-closed');
				await unfold.click();
			}
			await lesson.prompt();
			await shoot('lesson-start');
			await lesson.type('apptainer pull docker://localhost:5000/lolcow:1.0');
			await expect(lesson.status('pull')).toContainText(lesson.t.failed);
			await page.keyboard.press('Control+Shift+F');
			await accessible(page, 'lesson, terminal open, a step that is not yet right');
			await lesson.status('pull').evaluate((element) => element.scrollIntoView({ block: 'center' }));
			await shoot('lesson-failed');
			await setWider('the terminal open, a step that is not yet right');
			await page.keyboard.press('Escape');
			await lesson.type('mv lolcow_1.0.sif lolcow.sif');
			await expect(lesson.status('pull')).toContainText(lesson.t.passed);
			await shoot('lesson-passed');
			await page.locator('[data-fold]').click();
			await page.locator('.step details summary:visible').first().click();
			await accessible(page, 'lesson, terminal folded, a step passed, a hint open');
			await lesson.status('pull').evaluate((element) => element.scrollIntoView({ block: 'center' }));
			await shoot('lesson-folded');
			await setWider('the terminal folded, a step passed');
			await lesson.openReset();
			await accessible(page, 'dialog');
			await shoot('dialog');
			await setWider('a dialog');
		});
	});
}

test('by the keyboard alone: to a command, out of the terminal, to hints, to the width of the dock', async ({ lesson, page }) => {
	await lesson.openLive();
	/** Tab until the focus is there; everything on the way shows that it has the focus. */
	const tabTo = async (what: string, arrived: () => Promise<boolean>) => {
		for (let press = 0; press < 80; press++) {
			await page.keyboard.press('Tab');
			expect(await focusIsSeen(page), `focus is to be seen on the way to ${what}`).toBe('');
			if (await arrived()) return;
		}
		throw new Error(`80 times Tab did not lead to ${what}`);
	};
	const has = (selector: string) => () => page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
	await page.keyboard.press('Tab');
	await expect(page.getByRole('link', { name: /contenu/i }).first()).toBeFocused();
	await page.keyboard.press('Enter');
	await tabTo('a run button', has('.run-button'));
	await page.keyboard.press('Enter');
	await expect(lesson.step('pull')).toHaveAttribute('data-state', 'passed');
	await tabTo('a hint', has('.hint summary'));
	await page.keyboard.press('Enter');
	await expect(lesson.step('pull').getByText(/L.image doit arriver dans le dossier/)).toBeVisible();
	await page.locator('.lesson-footer a').last().focus();
	await tabTo('the separator', has('.dock-separator'));
	const separator = page.getByRole('separator', { name: lesson.t.separator });
	const before = Number(await separator.getAttribute('aria-valuenow'));
	await page.keyboard.press('ArrowLeft');
	await expect.poll(async () => Number(await separator.getAttribute('aria-valuenow'))).toBeGreaterThan(before);
	await tabTo('the terminal', has('.xterm-helper-textarea'));
	await page.keyboard.type('echo by hand\n');
	await lesson.shows(/^by hand$/m);
	// Tab belongs to the shell …
	await page.keyboard.press('Tab');
	expect(await has('.xterm-helper-textarea')()).toBe(true);
	// … and Esc, then Tab, leads out, as is said under the terminal.
	await expect(page.getByText(lesson.t.leave).last()).toBeVisible();
	await page.keyboard.press('Escape');
	await page.keyboard.press('Tab');
	expect(await has('.xterm-helper-textarea')()).toBe(false);
	expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
});

/** @returns '' when the focused element looks different from when it is not focused; else what it is */
function focusIsSeen(page: Page): Promise<string> {
	return page.evaluate(() => {
		const element = document.activeElement;
		if (!(element instanceof HTMLElement) || element === document.body) return '';
		// The terminal shows it by its frame.
		const shown = element.closest<HTMLElement>('lab-terminal, .terminal-search') ?? element;
		const look = (style: CSSStyleDeclaration) => [style.outlineStyle, style.outlineWidth, style.boxShadow, style.backgroundImage].join();
		const { outlineStyle, outlineWidth, boxShadow, backgroundImage } = getComputedStyle(
			shown,
			shown.matches('lab-terminal') ? '::after' : null,
		);
		const seen = (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none' || backgroundImage !== 'none';
		return seen ? '' : `${element.outerHTML.slice(0, 150)} ${look(getComputedStyle(shown))}`;
	});
}

for (const width of [320, 390, 1440]) {
	test(`no text is cut off, nor with letters, words and lines set wider, ${width} px`, async ({ lesson, page }) => {
		await page.setViewportSize({ width, height: 844 });
		for (const language of languages) {
			for (const address of [`/${language}/`, language === 'fr' ? '/fr/aide/' : '/en/help/']) {
				await page.goto(address);
				expect(await clippedTexts(page), address).toEqual([]);
				await page.addStyleTag({ content: textSpacing });
				expect(await clippedTexts(page), `${address}, set wider`).toEqual([]);
			}
			await lesson.open('first-container', language);
			await expect(lesson.status('pull')).toContainText(lesson.t.todo);
			expect(await clippedTexts(page)).toEqual([]);
			await page.addStyleTag({ content: textSpacing });
			expect(await clippedTexts(page), 'a lesson, set wider').toEqual([]);
		}
	});
}

// 200 % zoom of a window of 640 px, or a small telephone.
for (const language of languages) {
	test(`at 320 px nothing has to be scrolled sideways (${language})`, async ({ lesson, page }) => {
		await page.setViewportSize({ width: 320, height: 640 });
		const addresses = [`/${language}/`, language === 'fr' ? '/fr/aide/' : '/en/help/'];
		for (const slug of ['first-container', 'inside-a-sif', 'build', 'overlays-instances-sharing'])
			addresses.push(`/${language}/${course}/${slug}/`);
		for (const address of addresses) {
			await page.goto(address);
			const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
			expect(beyond, address).toBeLessThanOrEqual(0);
		}
		await lesson.open('first-container', language);
		await page.locator('[data-unfold]').click();
		await lesson.prompt();
		expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
	});
}

test('text at 200 %: the lesson and the terminal are both still there', async ({ lesson, page }) => {
	await page.addInitScript(() => addEventListener('DOMContentLoaded', () => (document.documentElement.style.fontSize = '200%')));
	await lesson.openLive();
	await expect(page.getByRole('heading', { level: 1 })).toBeInViewport();
	await lesson.type('echo large');
	await lesson.shows(/^large$/m);
	expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
});
