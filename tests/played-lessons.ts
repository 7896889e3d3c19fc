/**
 * Lessons played in Chromium as people do who have no mouse, or no large screen: in both languages, 1440 and 390 px wide, by keys alone (Tab and
 * Enter) and by finger. By hand, against a server that runs:
 *
 *   ./etabli up --courses FOLDER
 *   node tests/played-lessons.ts http://127.0.0.1:8080 FOLDER-OF-PICTURES [COURSE/LESSON ...] [--only fr,390,touch]
 *
 * Each block is run, each question answered, and what blocks do not do is done by the solution. Ends with a line for each combination (steps that
 * are green, what was wrong) and status 1 if anything was.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Locator, type Page } from '@playwright/test';
import { en } from '../src/i18n/en.ts';
import { fr } from '../src/i18n/fr.ts';
import { type Language, languages } from '../src/shared/language.ts';
import type { ShownTerminal } from './e2e/support/lesson-page.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string', default: '' } } });
const [address = '', folder = 'test-results/played-lessons', ...lessons] = positionals;
const only = values.only.split(',').filter(Boolean);
const words: Record<Language, typeof fr> = { fr, en };
const widths = { '1440': { width: 1440, height: 900 }, '390': { width: 390, height: 844 } } as const;
type Width = keyof typeof widths;
type Hands = 'keys' | 'touch';
const hangMs = 120_000;
/** From one block to the next there are some stops: copying, running, hints, links. */
const mostTabs = 400;

interface Combination {
	lesson: string;
	language: Language;
	width: Width;
	hands: Hands;
}

/** Asks until it is so. @throws Error that says what has not come */
async function until(what: string, so: () => Promise<boolean>): Promise<void> {
	const end = Date.now() + hangMs;
	while (!(await so())) {
		if (Date.now() > end) throw new Error(`not seen: ${what}`);
		await sleep(100);
	}
}

class Player {
	readonly #page: Page;
	readonly #hands: Hands;
	readonly #t: typeof fr;

	constructor(page: Page, { hands, language }: Combination) {
		this.#page = page;
		this.#hands = hands;
		this.#t = words[language];
	}

	/** Presses, as this person does. */
	async #press(at: Locator, key = 'Enter'): Promise<void> {
		if (this.#hands === 'touch') return await at.tap({ timeout: hangMs });
		await this.#go(at);
		await this.#page.keyboard.press(key);
	}

	async #go(to: Locator): Promise<void> {
		for (let press = 0; press < mostTabs; press++) {
			const there = await to.evaluate((element) => {
				const at = document.activeElement;
				if (element === at) return 'here';
				if (at?.closest('lab-terminal')) return 'terminal';
				return at && element.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING ? 'behind' : 'before';
			});
			if (there === 'here') return;
			// Out of a terminal, where Tab is the shell's.
			if (there === 'terminal') await this.#page.keyboard.press('Escape');
			await this.#page.keyboard.press(there === 'before' ? 'Tab' : 'Shift+Tab');
		}
		throw new Error(`${mostTabs} times Tab do not lead to ${to}`);
	}

	async #prompt(): Promise<void> {
		await until('the prompt', () =>
			this.#page
				.locator('lab-terminal:not([hidden])')
				.evaluateAll((found) => (found as ShownTerminal[]).some(({ live, marks, queue }) => live && marks.atPrompt && queue.left === 0)),
		);
	}

	async begin(): Promise<void> {
		const unfold = this.#page.locator('[data-unfold]');
		if (await unfold.isVisible()) await this.#press(unfold);
		await this.#prompt();
	}

	async #block(block: Locator): Promise<void> {
		if ((await block.getAttribute('data-file')) !== null) {
			await this.#press(block.locator('.run-button'));
			await block.locator('.run-note button').first().waitFor({ timeout: hangMs });
			const confirm = block.getByRole('button', { name: this.#t.placeConfirm });
			if (await confirm.isVisible()) await this.#press(confirm);
			return await block.getByRole('button', { name: this.#t.placeUndo }).waitFor({ timeout: hangMs });
		}
		if ((await block.getAttribute('data-nowait')) !== null) {
			await this.#press(block.locator('.run-button'));
			return await block.getByRole('button', { name: this.#t.stop }).waitFor({ timeout: hangMs });
		}
		await this.#run(block.locator('.run-button'), block);
	}

	async #run(button: Locator, block: Locator): Promise<void> {
		await block.evaluate((figure) => delete figure.dataset['ran']);
		await this.#press(button);
		await until('the end of a block', async () => (await block.getAttribute('data-ran')) !== null);
		await this.#prompt();
	}

	/** One answer after the other, until one is right. */
	async #quiz(quiz: Locator): Promise<void> {
		const answers = quiz.getByRole('radio');
		const right = async () => ((await quiz.getByRole('status').textContent()) ?? '').includes(this.#t.quizRight);
		for (let index = 0; index < (await answers.count()) && !(await right()); index++) {
			if (this.#hands === 'touch') await answers.nth(index).tap();
			else {
				// The group is one stop; arrows choose in it.
				await this.#go(quiz.getByRole('button', { name: this.#t.answer }));
				await this.#page.keyboard.press('Shift+Tab');
				await this.#page.keyboard.press(index === 0 ? 'Space' : 'ArrowDown');
			}
			await this.#press(quiz.getByRole('button', { name: this.#t.answer }));
			await sleep(300);
		}
		if (!(await right())) throw new Error('no answer of a question is right');
	}

	/** @returns true: it is green in the end */
	async step(step: Locator): Promise<boolean> {
		const passed = async () => (await step.getAttribute('data-state')) === 'passed';
		for (const quiz of await step.locator('lab-quiz').all()) if ((await quiz.getByRole('radio').count()) > 0) await this.#quiz(quiz);
		for (const block of await step.locator(':is(figure[data-run], figure[data-file]):not([data-solution] figure)').all())
			await this.#block(block);
		const read = step.locator('.step-status').getByRole('button', { name: this.#t.done });
		if (await read.isVisible()) await this.#press(read);
		for (let wait = 0; wait < 30 && !(await passed()); wait++) await sleep(200);
		if (!(await passed())) {
			const solution = step.locator('details.solution');
			// An imported step may have none that is known.
			if ((await solution.locator('figure').count()) === 0) return false;
			await this.#press(solution.locator('summary'));
			const block = solution.locator('figure[data-run]').first();
			await this.#run(block.locator('.run-button'), block);
			await until('a green step', passed).catch(() => undefined);
		}
		return await passed();
	}
}

async function play(browser: Browser, combination: Combination): Promise<{ green: number; steps: number; wrong: string[] }> {
	const { lesson, language, width, hands } = combination;
	const wrong: string[] = [];
	const context = await browser.newContext({
		viewport: widths[width],
		hasTouch: hands === 'touch',
		isMobile: hands === 'touch' && width === '390',
		locale: language === 'fr' ? 'fr-FR' : 'en-GB',
		reducedMotion: 'reduce',
	});
	const page = await context.newPage();
	page.on('pageerror', ({ message }) => wrong.push(message));
	page.on('console', (message) => {
		if (message.type() === 'error') wrong.push(message.text());
	});
	let green = 0;
	let steps: string[] = [];
	const name = [lesson.replace('/', '-'), language, width, hands].join('-');
	try {
		await page.goto(`${address}/${language}/${lesson}/`);
		steps = await page.locator('.step').evaluateAll((found) => found.map((element) => (element as HTMLElement).dataset['step'] ?? ''));
		const player = new Player(page, combination);
		await player.begin();
		for (const id of steps) {
			if (await player.step(page.locator(`#step-${id}`))) green++;
			else wrong.push(`${id}: ${(await page.locator(`#step-${id} .step-status`).innerText()).replaceAll('\n', ' ')}`);
		}
		const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
		if (over > 0) wrong.push(`the page is ${over} px wider than the screen`);
	} catch (error) {
		wrong.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
	}
	await page.screenshot({ path: join(folder, `${name}.png`) });
	const { origin } = new URL(address);
	await context.request.delete(`${origin}/api/sandboxes/${lesson.split('/')[0]}`, { headers: { origin } });
	await context.close();
	return { green, steps: steps.length, wrong };
}

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
	executablePath: process.env['ETABLI_TEST_CHROMIUM'] || '/usr/bin/chromium',
	args: ['--no-sandbox'],
});
let bad = 0;
for (const lesson of lessons)
	for (const language of languages)
		for (const width of ['1440', '390'] as const)
			for (const hands of ['keys', 'touch'] as const) {
				const told: string[] = [language, width, hands];
				if (!only.every((word) => told.includes(word))) continue;
				const { green, steps, wrong } = await play(browser, { lesson, language, width, hands });
				if (wrong.length > 0 || green < steps) bad++;
				process.stdout.write(`${wrong.length > 0 ? '✗' : '✓'} ${lesson} ${told.join(' ')}: ${green} of ${steps} steps\n`);
				for (const line of wrong) process.stdout.write(`    ${line}\n`);
			}
await browser.close();
process.exitCode = bad > 0 ? 1 : 0;
