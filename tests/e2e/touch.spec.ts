/** A telephone: 390 px, a finger, and a keyboard on the screen that has letters and Enter only. */
import type { Locator, Page } from '@playwright/test';
import type { LessonPage } from './support/lesson-page.ts';
import { expect, test } from './support/test.ts';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

// Rows in the document, so that what is in sight can be read.
test.beforeEach(async ({ page }) => {
	await page.addInitScript(() => {
		const getContext = HTMLCanvasElement.prototype.getContext;
		HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
			return kind === 'webgl2' ? null : (getContext as (...all: unknown[]) => unknown).call(this, kind, ...rest);
		} as typeof getContext;
	});
});

class Touched {
	readonly lesson: LessonPage;
	readonly page: Page;
	constructor(lesson: LessonPage) {
		this.lesson = lesson;
		this.page = lesson.page;
	}

	/** Opens the sheet and puts the finger on the terminal: the keyboard comes. */
	async begin(): Promise<void> {
		await this.lesson.open();
		await this.page.locator('[data-unfold]').tap();
		await this.lesson.prompt();
		await this.lesson.terminal.locator('.xterm-screen').tap();
	}

	get row(): Locator {
		return this.page.locator('.terminal-keys');
	}

	key(name: string): Locator {
		return this.row.getByRole('button', { name, exact: true });
	}

	/** As keyboards on screens do it: text arrives, with no key pressed. */
	async letters(text: string): Promise<void> {
		for (const letter of text) await this.page.keyboard.insertText(letter);
	}

	async line(text: string): Promise<void> {
		await this.letters(text);
		await this.page.keyboard.press('Enter');
	}

	/** … and the keys of the row, in one line: `[~]` is its key ~. */
	async mixed(text: string): Promise<void> {
		for (const part of text.split(/(\[[^\]]+\])/)) {
			if (/^\[.+\]$/.test(part)) await this.key(part.slice(1, -1)).tap();
			else await this.letters(part);
		}
	}

	/** The lines that are in sight. */
	async inSight(): Promise<string[]> {
		return (await this.lesson.terminal.locator('.xterm-rows > div').allTextContents()).map((line) => line.trimEnd());
	}

	/** A finger that is put on the terminal and moved, px; up: what is below comes into sight. */
	async swipe(by: number): Promise<void> {
		const box = await this.lesson.terminal.locator('.xterm-screen').boundingBox();
		if (!box) throw new Error('no terminal in sight');
		await swipe(this.page, { x: box.x + box.width / 2, y: box.y + box.height / 2 - by / 2 }, by);
	}
}

/** A finger that is put down, moved up or down and lifted, px. */
async function swipe(page: Page, { x, y }: { x: number; y: number }, by: number): Promise<void> {
	const cdp = await page.context().newCDPSession(page);
	await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
	for (let part = 1; part <= 10; part++)
		await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x, y: y + (by * part) / 10 }] });
	await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
	await cdp.detach();
}

test('the key row has what telephones lack, within their width; nano is saved and left with it', async ({ lesson, page }) => {
	const touch = new Touched(lesson);
	await touch.begin();
	for (const name of ['Esc', 'Tab', 'Ctrl', 'Alt', '|', '~', '/', '-', 'Ctrl+C', 'Ctrl+D', '↑', '↓', '←', '→']) {
		const box = await touch.key(name).boundingBox();
		expect(box && box.x >= 0 && box.x + box.width <= 390, name).toBe(true);
		expect(box?.height, name).toBeGreaterThanOrEqual(24);
	}
	expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

	// A second terminal, and no tab is cut off.
	await page.getByRole('button', { name: lesson.t.newTerminal }).tap();
	await lesson.prompt();
	expect(await page.getByRole('tablist').evaluate((tabs) => tabs.scrollWidth - tabs.clientWidth)).toBe(0);
	await page.getByRole('button', { name: 'Fermer le terminal 2' }).tap();
	await expect(page.getByRole('tab', { name: /^Terminal/ })).toHaveCount(1);
	await lesson.prompt();
	await lesson.terminal.locator('.xterm-screen').tap();

	await touch.mixed('ls [-]d [~][/] [|] sed s,home,house,');
	await page.keyboard.press('Enter');
	await lesson.shows(/^\/house\/\w+\/$/m);
	await lesson.prompt();

	await touch.line('nano note.txt');
	await lesson.shows(/GNU nano/);
	await touch.letters('written with a finger');
	await touch.mixed('[Ctrl]o');
	await lesson.shows(/note\.txt/);
	await page.keyboard.press('Enter');
	await touch.mixed('[Ctrl]x');
	await lesson.prompt();
	await touch.line('clear; cat note.txt');
	await lesson.shows(/^written with a finger$/m);
	await lesson.prompt();

	// While it is only being started, Ctrl+Z is bash's, which does not stop.
	await touch.line('(echo up; sleep 1000)');
	await lesson.shows(/^up$/m);
	await touch.mixed('[Ctrl]z');
	await lesson.shows(/\[1]\+ +(Stopped|Stoppé)/);
	await lesson.prompt();
	await touch.mixed('[Ctrl]r');
	await lesson.shows(/reverse-i-search|recherche/);
	await touch.letters('cat note');
	await touch.mixed('[Ctrl+C]');
	await lesson.prompt();
});

test('arrows of the key row are written as the program has asked for: less and man take them', async ({ lesson }) => {
	const touch = new Touched(lesson);
	await touch.begin();
	// The keys are written as was asked for once the terminal has read it: what stands behind it is shown, then.
	await touch.line("printf '\\033[?1hasked\\n'; cat -v");
	await lesson.shows(/^asked$/m);
	await touch.mixed('[↑][Ctrl][→]');
	await lesson.shows(/\^\[OA\^\[\[1;5C/);
	await touch.mixed('[Ctrl+C]');
	await lesson.prompt();
	await touch.line("clear; printf '\\033[?1lasked again\\n'; cat -v");
	await lesson.shows(/^asked again$/m);
	await touch.mixed('[↑]');
	await lesson.shows(/\^\[\[A/);
	await touch.mixed('[Ctrl+C]');
	await lesson.prompt();
	await touch.line('seq 500 | less');
	await expect.poll(async () => (await touch.inSight())[0]).toBe('1');
	await touch.mixed('[↓][↓]');
	await expect.poll(async () => (await touch.inSight())[0]).toBe('3');
	await touch.mixed('[↑]');
	await expect.poll(async () => (await touch.inSight())[0]).toBe('2');
	await touch.letters('q');
	await lesson.prompt();
	await touch.line('man ls');
	await expect.poll(async () => (await touch.inSight()).join()).toMatch(/^LS\(1\)/);
	await touch.mixed('[↓]');
	await expect.poll(async () => (await touch.inSight())[0]).not.toMatch(/^LS\(1\)/);
	await touch.mixed('[↑]');
	await expect.poll(async () => (await touch.inSight())[0]).toMatch(/^LS\(1\)/);
	await touch.letters('q');
	await lesson.prompt();
});

test('a finger scrolls the terminal, and less in it; the page behind stays where it is', async ({ lesson, page }) => {
	const touch = new Touched(lesson);
	await touch.begin();
	const scrolled = () => page.evaluate(() => Math.round(scrollY));
	await page.evaluate(() => scrollTo(0, 400));
	await expect.poll(scrolled).toBe(400);
	await touch.line('clear; seq 500');
	await lesson.prompt();
	await expect.poll(touch.inSight.bind(touch)).toContain('500');
	await touch.swipe(150);
	await expect.poll(touch.inSight.bind(touch)).not.toContain('500');
	await touch.swipe(-200);
	await expect.poll(touch.inSight.bind(touch)).toContain('500');
	// At its end there is nothing to scroll: that is no reason to move what is behind.
	await touch.swipe(-150);
	await touch.line('seq 500 | less');
	await expect.poll(async () => (await touch.inSight())[0]).toBe('1');
	await touch.swipe(-150);
	await expect.poll(async () => Number((await touch.inSight())[0])).toBeGreaterThan(3);
	expect(await scrolled()).toBe(400);
	await touch.letters('q');
	await lesson.prompt();
});

test('a lesson by touch alone: blocks, a copy, hint, solution, quiz, search, steps, a reset thought better of', async ({
	lesson,
	page,
	context,
}) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const touch = new Touched(lesson);
	await lesson.open();
	const { t } = lesson;
	/** The sheet with the terminal lies over the text. */
	const sheet = page.locator('lab-dock .dock-body');
	const up = page.locator('[data-unfold]');
	const down = page.getByRole('button', { name: t.hideDock });

	const bar = page.locator('.dock-bar-state');
	await expect(bar).toHaveText(t.stateNoneText);
	expect(await bar.evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight), 'said whole').toBeLessThanOrEqual(1);

	// A block is copied, and run: what it does is there to be seen.
	const pull = lesson.blocks('pull').first();
	await pull.locator('.copy button').tap();
	await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/^apptainer pull lolcow\.sif/);
	await pull.locator('.run-button').tap();
	await expect(lesson.status('pull')).toContainText(t.passed);
	await expect(sheet).toBeVisible();
	await lesson.prompt();
	await down.tap();
	await expect(sheet).toBeHidden();

	// The text is scrolled by a finger, and nothing moves sideways.
	const scrolled = () => page.evaluate(() => Math.round(scrollY));
	const before = await scrolled();
	await swipe(page, { x: 195, y: 600 }, -300);
	await expect.poll(scrolled).toBeGreaterThan(before + 100);
	expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

	// A hint; a solution, which is done.
	const step = lesson.step('run');
	await step.locator('details.hint summary').first().tap();
	await expect(step.locator('details.hint p').first()).toBeVisible();
	const solution = step.locator('details.solution');
	await solution.locator('summary').tap();
	await solution.getByRole('button', { name: t.doItForMe }).tap();
	await expect(lesson.status('run')).toContainText(t.passed);
	if (await down.isVisible()) await down.tap();

	const quiz = page.locator('lab-quiz').first();
	for (const [choice, said] of [
		[/Dans une base/, t.quizWrong],
		[/Nulle part/, t.quizRight],
	] as const) {
		await quiz.locator('label', { hasText: choice }).tap();
		await quiz.getByRole('button', { name: t.answer }).tap();
		await expect(quiz.getByRole('status')).toHaveText(said);
	}

	await page.locator('[data-open-modal]').tap();
	await page.keyboard.insertText('os-release');
	await page.getByRole('dialog').getByRole('link').first().tap();
	await expect(page).not.toHaveURL(/first-container/);
	await page.goBack();
	await expect(lesson.status('run')).toContainText(t.passed);

	await page.locator('.steps-toggle').tap();
	await page
		.locator('#steps-panel')
		.getByRole('link', { name: /Y lancer/ })
		.tap();
	await expect(page).toHaveURL(/#step-exec$/);
	await expect(lesson.step('exec').getByRole('heading', { level: 2 })).toBeInViewport();

	// A command by the keyboard on the screen and the row of keys.
	await up.tap();
	await lesson.prompt();
	await lesson.terminal.locator('.xterm-screen').tap();
	await touch.mixed('apptainer exec lolcow.sif cat [/]etc[/]os[-]release > inside.txt');
	await page.keyboard.press('Enter');
	await expect(lesson.status('exec')).toContainText(t.passed);
	await down.tap();

	await page.getByRole('button', { name: t.lessonMenu }).tap();
	await page.getByRole('dialog', { name: t.resetTitle }).getByRole('button', { name: t.resetLesson }).tap();
	await page.getByRole('dialog', { name: t.resetLesson }).getByRole('button', { name: t.keepAll }).tap();
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await expect(page.locator('.steps-bar')).toContainText('3/6');
});
