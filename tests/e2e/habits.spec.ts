/** What people do at a terminal out of habit: typing ahead, clicking twice, pasting much, copying, pressing Ctrl+S, looking elsewhere. */
import type { Page } from '@playwright/test';
import { fill } from '../../src/shared/fill.ts';
import type { ShownTerminal } from './support/lesson-page.ts';
import { expect, test } from './support/test.ts';

/** The second block of the first step: `ls -lh`. */
const listing = (lesson: { step(id: string): import('@playwright/test').Locator }) =>
	lesson.step('pull').locator('figure[data-run]').nth(1);

test('what is typed while the terminal comes up is not lost', async ({ lesson, page }) => {
	await lesson.openLive();
	await page.reload();
	await lesson.terminal.locator('.xterm-screen').click();
	await page.keyboard.type('echo "typed early: $((40 + 2))"\n');
	await lesson.shows(/^typed early: 42$/m);
});

test('a double click on a run button runs the block once', async ({ lesson }) => {
	await lesson.openLive();
	await listing(lesson).getByRole('button', { name: lesson.t.run }).dblclick();
	await expect(listing(lesson)).toHaveAttribute('data-ran', '');
	await lesson.prompt();
	await lesson.command('clear; grep -c ^ls ~/.bash_history');
	expect((await lesson.screen())[0]).toBe('1');
	// Once something has been typed it is a new wish, however soon.
	await lesson.run(listing(lesson).getByRole('button', { name: lesson.t.run }));
	await lesson.command('clear; grep -c ^ls ~/.bash_history');
	expect((await lesson.screen())[0]).toBe('2');
});

test('the buttons of two blocks, pressed fast at one place of the screen, are no double click', async ({ lesson, page }) => {
	await lesson.openLive();
	const [first, second] = [lesson.step('pull').locator('figure[data-run]').first(), listing(lesson)];
	await first.locator('.run-button').click();
	await lesson.prompt();
	// The page has moved, the hand has not: to the browser the second click goes on counting from the first.
	await second.locator('.run-button').hover();
	await page.mouse.down({ clickCount: 2 });
	await page.mouse.up({ clickCount: 2 });
	await expect(second).toHaveAttribute('data-ran', '');
});

test('a double click on + opens one terminal, and one on × ends one', async ({ lesson, page }) => {
	await lesson.openLive();
	const own = page.locator('.dock-tabs [role="tab"]:not(#tab-files)');
	await page.getByRole('button', { name: lesson.t.newTerminal }).dblclick();
	await expect(own).toHaveText(['1', '2']);
	await expect(page.locator('#tab-2'), 'shown, not the files, which come under the pointer').toHaveAttribute('aria-selected', 'true');
	await lesson.prompt();
	await page.getByRole('button', { name: lesson.t.newTerminal }).click();
	await expect(own).toHaveText(['1', '2', '3']);
	await page.getByRole('button', { name: fill(lesson.t.endTerminal, { n: '3' }) }).dblclick();
	await expect(own).toHaveText(['1', '2']);
});

test('a run button into an unfinished command says so, and does what was asked', async ({ lesson }) => {
	await lesson.openLive();
	for (const unfinished of ["echo 'abc", 'cat <<END']) {
		await lesson.type(unfinished);
		await lesson.shows(/^> *$/m);
		await listing(lesson).getByRole('button', { name: lesson.t.run, exact: false }).first().click();
		await expect(lesson.note(listing(lesson))).toContainText(lesson.t.unfinished);
		await lesson.note(listing(lesson)).getByRole('button', { name: lesson.t.abandonAndRun }).click();
		await lesson.shows(/total 0/);
		await lesson.prompt();
		await lesson.command('clear');
	}
});

test('a run button into a question of readline’s, and into vi’s command mode', async ({ lesson, page }) => {
	await lesson.openLive();
	await lesson.terminal.locator('.xterm-screen').click();
	await page.keyboard.type('ls /usr/bin/');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Tab');
	await lesson.shows(/\(y or n\)/);
	await lesson.run(listing(lesson).getByRole('button', { name: lesson.t.run }));
	await lesson.shows(/total 0/);
	await lesson.command('clear; set -o vi');
	await lesson.terminal.locator('.xterm-screen').click();
	await page.keyboard.type('some words');
	await page.keyboard.press('Escape');
	await lesson.run(listing(lesson).getByRole('button', { name: lesson.t.run }));
	await lesson.shows(/total 0/);
});

test('a shell that tells nothing: the button says so and offers to type', async ({ lesson }) => {
	await lesson.openLive();
	await lesson.start('exec sh');
	await listing(lesson).getByRole('button', { name: lesson.t.run }).click();
	await expect(lesson.note(listing(lesson))).toContainText(lesson.t.busyShell);
	await lesson.note(listing(lesson)).getByRole('button', { name: lesson.t.typeAnyway }).click();
	await lesson.shows(/total 0/);
});

test('a shell of one’s own choice from the start: buttons type into it', async ({ lesson, page }) => {
	await lesson.openLive();
	await lesson.type("echo 'exec sh' > ~/.bashrc; exit");
	await expect(page.getByText(lesson.t.shellExited)).toBeVisible();
	await page.keyboard.press('Enter');
	await listing(lesson).getByRole('button', { name: lesson.t.run }).click();
	await lesson.shows(/total 0/);
});

test('a run button while the shell comes up: its commands run one after the other once it is there', async ({ lesson, page }) => {
	await lesson.openLive();
	// Longer than a shell is waited for that may tell nothing.
	await lesson.type("echo 'sleep 3' > ~/.bashrc; exit");
	await expect(page.getByText(lesson.t.shellExited)).toBeVisible();
	await page.keyboard.press('Enter');
	await expect.poll(() => lesson.terminal.evaluate((element) => (element as ShownTerminal).live)).toBe(true);
	const block = lesson.blocks('shared').filter({ hasText: 'uname -r > kernel.txt' });
	await block.locator('.run-button').click();
	await expect(block).toHaveAttribute('data-ran', '');
	await lesson.prompt();
	await lesson.command('clear; tail -n 3 ~/.bash_history');
	expect((await lesson.screen()).slice(0, 3)).toEqual(['uname -r', 'apptainer exec lolcow.sif uname -r > kernel.txt', 'cat kernel.txt']);
});

test('Ctrl+S stops the output, and the page says what goes on from there', async ({ lesson, page }) => {
	await lesson.openLive();
	const height = async () => (await lesson.terminal.locator('.xterm-screen').boundingBox())?.height;
	const before = await height();
	await lesson.terminal.locator('.xterm-screen').click();
	await page.keyboard.press('Control+s');
	await page.keyboard.type('echo "after $((1 + 1))"\n');
	await expect(page.locator('.dock-strip').getByText(lesson.t.frozen)).toBeVisible();
	await expect.poll(height).not.toBe(before);
	await page.keyboard.press('Control+q');
	await lesson.shows(/^after 2$/m);
	await expect(page.locator('.dock-strip').getByText(lesson.t.frozen)).toHaveCount(0);
	// The shell has the note's line back: nano loses a key that comes together with another size.
	await expect.poll(height).toBe(before);
	// A program that takes Ctrl+S for itself.
	await lesson.start('nano letter');
	// Before it has the keyboard to itself, Ctrl+S is still the terminal's.
	await lesson.shows(/GNU nano/);
	await page.keyboard.type('hello');
	await page.keyboard.press('Control+s');
	await lesson.shows(/1 ligne/);
	await page.keyboard.press('Control+x');
	await lesson.command('clear; cat letter');
	await lesson.shows(/^hello$/m);
	await expect(page.locator('.dock-strip').getByText(lesson.t.frozen)).toHaveCount(0);
});

test('copying without the clipboard’s interface, by the letter of the key; without any way the page says so', async ({
	lesson,
	page,
	context,
}) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	await page.addInitScript(() => {
		navigator.clipboard.writeText = () => Promise.reject(new Error('as over plain http'));
	});
	await lesson.openLive();
	await lesson.command('clear; echo needle-1');
	await lesson.terminal.locator('.xterm-screen').click();
	await page.keyboard.press('Control+Shift+F');
	await page.getByRole('searchbox', { name: lesson.t.search }).fill('needle-1');
	await page.keyboard.press('Enter');
	await page.keyboard.press('Escape');
	// On BÉPO the letter C is where QWERTY has H.
	const copy = () =>
		lesson.terminal
			.locator('textarea')
			.evaluate((area) =>
				area.dispatchEvent(
					new KeyboardEvent('keydown', { key: 'C', code: 'KeyH', ctrlKey: true, shiftKey: true, bubbles: true, cancelable: true }),
				),
			);
	// What was found is selected once the search has found it.
	const copied = async () => {
		await copy();
		return page.evaluate(() => navigator.clipboard.readText());
	};
	await expect.poll(copied).toBe('needle-1');
	await page.evaluate(() => {
		document.execCommand = () => false;
	});
	await copy();
	await expect(page.locator('.dock-strip').getByText(lesson.t.copyFailed)).toBeVisible();
});

/** As the browser does for a text in the clipboard. */
async function paste(page: Page, text: string): Promise<void> {
	await page.locator('lab-terminal:not([hidden]) textarea').evaluate((area, pasted) => {
		const clipboardData = new DataTransfer();
		clipboardData.setData('text/plain', pasted);
		if (area instanceof HTMLElement) area.focus();
		area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
	}, text);
}

test('no-break spaces of a pasted command are blanks at the prompt, and themselves elsewhere', async ({ lesson, page }) => {
	await lesson.openLive();
	await paste(page, 'echo "a b" |\u00a0cat\u202f-A');
	await page.keyboard.press('Enter');
	await lesson.shows(/^a b\$$/m);
	await lesson.start('cat > kept');
	await paste(page, 'a\u00a0b\n');
	await page.keyboard.press('Control+d');
	await lesson.command('clear; cat -A kept');
	await lesson.shows(/^aM-BM- b\$$/m);
});

test('a long paste into a program that does not read yet arrives whole; one that is too long is told', async ({ lesson, page }) => {
	await lesson.openLive();
	const text = Array.from({ length: 4000 }, (_, n) => `line ${n} ${'of a long text that somebody pastes '.repeat(5)}`).join('\n');
	await lesson.start('stty -echo; sleep 2; cat > long; stty echo; wc -c < long');
	await paste(page, `${text}\n`);
	await page.keyboard.press('Control+d');
	await lesson.shows(new RegExp(`^${text.length + 1}$`, 'm'));
	await lesson.prompt();
	await paste(page, 'x'.repeat(2 ** 21 + 1));
	await expect(page.locator('.dock-strip').getByText(lesson.t.pasteTooLong)).toBeVisible();
});

test('in a tab out of sight, whose timers stand still, a program prints to its end', async ({ lesson, page }) => {
	await page.clock.install();
	await lesson.openLive();
	await lesson.terminal.locator('.xterm-screen').click();
	await page.evaluate(() => {
		Object.defineProperty(document, 'hidden', { get: () => true });
		document.dispatchEvent(new Event('visibilitychange'));
	});
	// By a minute: a moment that is past when the page hears of it cannot be gone to.
	await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 60_000);
	// Many times what the server sends before the page has said that it is shown.
	await page.keyboard.type('seq 400000; echo "all of it: $?"\n');
	await lesson.shows(/^all of it: 0$/m);
});

test.describe('far from Greenwich', () => {
	test.use({ timezoneId: 'America/New_York' });
	test('the lab’s clock is the learner’s', async ({ lesson }) => {
		await lesson.openLive();
		await lesson.command('clear; date +%Z%z');
		await lesson.shows(/^E[SD]T-0[45]00$/m);
	});
});
