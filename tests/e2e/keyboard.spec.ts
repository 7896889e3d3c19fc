/** A lesson by the keyboard alone: no pointer is moved or pressed, nothing gets the focus but by keys. */
import type { Locator } from '@playwright/test';
import type { LessonPage } from './support/lesson-page.ts';
import { expect, test } from './support/test.ts';

/** Tab, or Shift+Tab, until it has the focus. */
async function go({ page }: LessonPage, to: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
	const arrived = () => to.evaluate((element) => element === document.activeElement);
	for (let press = 0; press < 60; press++) {
		if ((await to.isVisible()) && (await arrived())) return;
		await page.keyboard.press(key);
	}
	throw new Error(`60 times ${key} did not lead to ${to}`);
}

/** … and Enter there. */
async function enter(lesson: LessonPage, at: Locator, key?: 'Tab' | 'Shift+Tab'): Promise<void> {
	await go(lesson, at, key);
	await lesson.page.keyboard.press('Enter');
}

test('a lesson by the keyboard alone: blocks, a copy, hint, solution, quiz, search, steps, a reset thought better of', async ({
	lesson,
	page,
	context,
}) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const { keyboard } = page;
	await lesson.openLive();
	const { t } = lesson;
	const input = lesson.terminal.locator('.xterm-helper-textarea');

	// To the terminal by its own link, a command, and out of it to the step that is worked at.
	await go(lesson, page.getByRole('link', { name: t.toTerminal }));
	await keyboard.press('Enter');
	await go(lesson, input);
	await keyboard.type('apptainer pull lolcow.sif docker://localhost:5000/lolcow:1.0\n');
	await expect(lesson.status('pull')).toContainText(t.passed);
	await lesson.prompt();
	// Out to the tabs and back: no letter is taken for a key with Escape, and what was begun is still there.
	for (const part of ['echo half', '-done\n']) {
		await keyboard.press('Escape');
		await keyboard.press('Shift+Tab');
		await expect(input).not.toBeFocused();
		await go(lesson, input);
		await keyboard.type(part);
	}
	await lesson.shows(/^half-done$/m);
	await lesson.prompt();
	await keyboard.press('Escape');
	await keyboard.press('Tab');
	await expect(input).not.toBeFocused();

	// The way back stands in each step: its end is some stops away, the terminal's place in the page a hundred.
	const back = page.locator('.to-terminal:focus');
	for (let press = 0; press < 60 && (await back.count()) === 0; press++) await keyboard.press('Tab');
	await expect(back).toHaveText(t.backToTerminal);
	await keyboard.press('Enter');
	await expect(input).toBeFocused();
	await keyboard.press('Escape');
	await keyboard.press('Tab');
	await expect(input).not.toBeFocused();

	// Blocks are copied and run; the focus stays where it was.
	const block = lesson.blocks('run').first();
	await go(lesson, block.locator('.copy button'));
	await keyboard.press('Enter');
	await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('apptainer run lolcow.sif');
	await enter(lesson, block.locator('.run-button'), 'Shift+Tab');
	await lesson.shows(/\|\| +\|\|/);
	await expect(block.locator('.run-button')).toBeFocused();
	await lesson.prompt();

	// A hint and a solution are opened, and the solution is done.
	const solution = lesson.step('run').locator('details.solution');
	await enter(lesson, lesson.step('run').locator('details.hint summary').first());
	await expect(lesson.step('run').locator('details.hint p').first()).toBeVisible();
	await enter(lesson, solution.locator('summary'));
	await enter(lesson, solution.getByRole('button', { name: t.doItForMe }));
	await expect(lesson.status('run')).toContainText(t.passed);
	await lesson.prompt();

	// The question before that step: a wrong answer, then the right one.
	const quiz = page.locator('lab-quiz').first();
	const answer = quiz.getByRole('button', { name: t.answer });
	await go(lesson, answer, 'Shift+Tab');
	await keyboard.press('Shift+Tab');
	await keyboard.press('Space');
	await enter(lesson, answer);
	await expect(quiz.getByRole('status')).toHaveText(/./);
	await keyboard.press('Shift+Tab');
	for (const name of [/Dans une base/, /Nulle part/]) {
		for (let press = 0; press < 3 && !(await quiz.getByRole('radio', { name }).isChecked()); press++) await keyboard.press('ArrowDown');
		await enter(lesson, answer);
		await expect(quiz.getByRole('status')).toHaveText(/Nulle/.test(name.source) ? t.quizRight : t.quizWrong);
		await keyboard.press('Shift+Tab');
	}

	// The search, and back to where one was.
	await keyboard.press('Control+k');
	await keyboard.type('overlay');
	await expect(page.getByRole('dialog').getByRole('status')).toHaveText(/^\d+ résultats/);
	await keyboard.press('Escape');
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await expect(quiz.getByRole('radio', { name: /Nulle part/ })).toBeFocused();

	// The list of steps leads to one; Escape closes it.
	const steps = page.locator('.steps-toggle');
	await enter(lesson, steps, 'Shift+Tab');
	await enter(lesson, page.locator('#steps-panel').getByRole('link', { name: /Y lancer/ }));
	await expect(page).toHaveURL(/#step-exec$/);
	await go(lesson, lesson.blocks('exec').first().locator('.run-button'));

	// To begin anew is asked for, and thought better of: the work is still there.
	await enter(lesson, page.getByRole('button', { name: t.lessonMenu }), 'Shift+Tab');
	const dialog = page.getByRole('dialog', { name: t.resetTitle });
	await enter(lesson, dialog.getByRole('button', { name: t.resetLesson }));
	const question = page.getByRole('dialog', { name: t.resetLesson });
	await expect(question.getByRole('button', { name: t.keepAll })).toBeFocused();
	await keyboard.press('Escape');
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await expect(page.getByRole('button', { name: t.lessonMenu })).toBeFocused();
	await expect(lesson.status('run')).toContainText(t.passed);
});
