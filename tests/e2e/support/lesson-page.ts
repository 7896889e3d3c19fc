/** A lesson page as a learner handles it. Finds things by what they say; waits for what is to be seen. */
import { expect, type Locator, type Page } from '@playwright/test';
import { patience } from '../../../sandbox-server/tools/testing/slowness.ts';
import type { LabTerminal } from '../../../src/browser/terminal/terminal.ts';
import { en } from '../../../src/i18n/en.ts';
import { fr, type Strings } from '../../../src/i18n/fr.ts';
import type { Language } from '../../../src/shared/language.ts';

export const course = 'tp-apptainer';
export const firstLesson = 'first-container';

/** A sandbox takes some seconds; on a machine that does much else at once, more. */
const soon = { timeout: patience(60_000), intervals: [100] };

/** What our element <lab-terminal> lets tests see. */
export type ShownTerminal = HTMLElement & Pick<LabTerminal, 'lines' | 'live' | 'marks' | 'queue'>;

export class LessonPage {
	readonly page: Page;
	language: Language = 'fr';
	#visited = false;

	constructor(page: Page) {
		this.page = page;
	}

	get t(): Strings {
		return this.language === 'fr' ? fr : en;
	}

	/** Opens a lesson. @param address of another server than the shared one */
	async open(lesson: string = firstLesson, language: Language = 'fr', address = ''): Promise<void> {
		this.language = language;
		this.#visited = true;
		await this.page.goto(`${address}/${language}/${course}/${lesson}/`);
	}

	/** … and waits for the prompt. */
	async openLive(lesson?: string, language?: Language, address?: string): Promise<void> {
		await this.open(lesson, language, address);
		await this.prompt();
	}

	/** The selected terminal. */
	get terminal(): Locator {
		return this.page.locator('lab-terminal:not([hidden])');
	}

	get dockSentence(): Locator {
		return this.page.locator('.dock-message .dock-sentence:visible');
	}

	/** What stands in the terminal, scrollback included; empty lines at the end left out. */
	async screen(): Promise<string[]> {
		return this.terminal.evaluate((element) => (element as ShownTerminal).lines());
	}

	/** Of the terminal's place, px across that its screen does not take: less than another column would, once it has the size that fits. */
	async beside(): Promise<number> {
		const width = async (part: string) => (await this.terminal.locator(part).boundingBox())?.width ?? 0;
		return (await width('.terminal-screen')) - (await width('.xterm-screen'));
	}

	/** Waits for a text in the terminal. */
	async shows(pattern: RegExp): Promise<void> {
		await expect.poll(async () => ((await this.terminal.count()) === 1 ? (await this.screen()).join('\n') : ''), soon).toMatch(pattern);
	}

	/** Waits until the shell is at its prompt and nothing waits to be typed. */
	async prompt(): Promise<void> {
		// What is typed during a replay is left out: a terminal is ready once that is over.
		const ready = () =>
			this.terminal.evaluateAll((found) =>
				(found as ShownTerminal[]).map(({ live, marks, queue }) => live && marks.atPrompt && queue.left === 0),
			);
		await expect.poll(ready, soon).toEqual([true]);
	}

	/** Types a line and Enter, as by hand. */
	async type(line: string): Promise<void> {
		await this.terminal.locator('.xterm-screen').click();
		await this.page.keyboard.type(`${line}\n`);
	}

	/** Types a line at the prompt and waits until the shell has started it: before, it still looks as if nothing ran. */
	async start(line: string): Promise<void> {
		await this.prompt();
		const started = () =>
			this.terminal.evaluate((element) => {
				const { marks } = element as ShownTerminal & { marks: { started?: number } };
				if (marks.started === undefined) {
					marks.started = 0;
					const take = marks.take.bind(marks);
					marks.take = (data) => {
						if (data.startsWith('C')) marks.started = (marks.started ?? 0) + 1;
						return take(data);
					};
				}
				return marks.started;
			});
		const before = await started();
		await this.type(line);
		await expect.poll(started, soon).toBeGreaterThan(before);
	}

	/** A command, until its end. */
	async command(line: string): Promise<void> {
		await this.start(line);
		await this.prompt();
	}

	step(id: string): Locator {
		return this.page.locator(`#step-${id}`);
	}

	/** Its strip. */
	status(id: string): Locator {
		return this.step(id).locator('.step-status');
	}

	/** Ids, in their order. */
	async steps(): Promise<string[]> {
		return this.page.locator('.step').evaluateAll((found) => found.map((element) => (element as HTMLElement).dataset['step'] ?? ''));
	}

	/** Waits for the prompt, presses a run button and waits until all of its commands have ended. */
	async run(button: Locator): Promise<void> {
		await this.prompt();
		await this.#ran(button);
	}

	/** Presses a run button and waits until all of its commands have ended: the prompt alone may still be the one from before. */
	async #ran(button: Locator): Promise<void> {
		const block = button.locator('xpath=ancestor::figure');
		await block.evaluate((figure) => delete figure.dataset['ran']);
		await button.click();
		await expect(block).toHaveAttribute('data-ran', '', soon);
		await this.prompt();
	}

	/** The blocks of a step's text that have a button, without its solution's: to be run, or to be put in a file. */
	blocks(id: string): Locator {
		return this.step(id).locator(':is(figure[data-run], figure[data-file]):not([data-solution] figure)');
	}

	/** What is said under a block. */
	note(block: Locator): Locator {
		return block.locator('.run-note');
	}

	/** Presses a block's button and waits until it has done what it says. */
	async press(block: Locator): Promise<void> {
		const button = block.locator('.run-button');
		if ((await block.getAttribute('data-file')) !== null) {
			await button.click();
			const confirm = block.getByRole('button', { name: this.t.placeConfirm });
			await expect(this.note(block).locator('button').first(), 'the difference, or the way back').toBeVisible();
			if (await confirm.isVisible()) await confirm.click();
			await expect(block.getByRole('button', { name: this.t.placeUndo })).toBeVisible();
			return;
		}
		if ((await block.getAttribute('data-nowait')) === null) return this.#ran(button);
		await button.click();
		await expect(block.getByRole('button', { name: this.t.stop })).toBeVisible();
	}

	/** Opens the solution and lets it be done. */
	async doItForMe(id: string): Promise<void> {
		const solution = this.step(id).locator('details.solution');
		if (!(await solution.evaluate((element) => (element as HTMLDetailsElement).open))) await solution.locator('summary').click();
		await this.run(solution.getByRole('button', { name: this.t.doItForMe }));
	}

	async openReset(): Promise<Locator> {
		await this.page.getByRole('button', { name: this.t.lessonMenu }).click();
		return this.page.getByRole('dialog', { name: this.t.resetTitle });
	}

	/** Puts the sandbox away: others need its memory. */
	async leave(): Promise<void> {
		if (!this.#visited || this.page.isClosed() || !this.page.url().startsWith('http')) return;
		const { origin } = new URL(this.page.url());
		// A test that has stopped its server has nothing to put away.
		await this.page
			.context()
			.request.delete(`${origin}/api/sandboxes/${course}`, { headers: { origin } })
			.catch(() => undefined);
	}
}
