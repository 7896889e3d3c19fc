/** The files of a lesson in the dock: opened, changed, saved, beside what terminals do to them, with everything that can stand in a folder. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { root } from '../../sandbox-server/setup/paths.ts';
import { editorEn } from '../../src/i18n/editor-en.ts';
import { type EditorStrings, editorFr } from '../../src/i18n/editor-fr.ts';
import { fill } from '../../src/shared/fill.ts';
import { accessible } from './support/axe.ts';
import type { LessonPage } from './support/lesson-page.ts';
import { expect, test } from './support/test.ts';

/** The dock's part with the files, as a learner handles it. */
class Files {
	readonly page: Page;
	readonly lesson: LessonPage;
	readonly panel: Locator;
	readonly text: Locator;
	readonly status: Locator;

	constructor(lesson: LessonPage) {
		this.lesson = lesson;
		this.page = lesson.page;
		this.panel = this.page.locator('#files-panel');
		this.text = this.panel.getByRole('textbox', { name: new RegExp(`^${fill(this.e.textOf, { file: '' })}`) });
		this.status = this.panel.locator('.files-status');
	}

	get e(): EditorStrings {
		return this.lesson.language === 'fr' ? editorFr : editorEn;
	}

	get tab(): Locator {
		return this.page.locator('#tab-files');
	}

	async open(): Promise<void> {
		await this.tab.click();
		await expect(this.panel.getByRole('treeitem').first()).toBeVisible();
	}

	item(name: string): Locator {
		return this.panel.getByRole('treeitem', { name, exact: true });
	}

	async openFile(name: string, line: string): Promise<void> {
		await this.item(name).click();
		await expect(this.text).toContainText(line);
		await expect(this.text).toBeFocused();
	}

	/** Runs a command in the terminal, and comes back. */
	async meanwhile(command: string): Promise<void> {
		await this.page.locator('#tab-1').click();
		await expect(this.panel).toBeHidden();
		await this.lesson.command(command);
		await this.open();
	}

	/** Types at the beginning of the text. */
	async prepend(text: string): Promise<void> {
		await this.text.click();
		await this.page.keyboard.press('Control+Home');
		await this.page.keyboard.insertText(text);
		await expect(this.status).toHaveText(this.e.unsaved);
	}

	async save(): Promise<void> {
		await this.page.keyboard.press('Control+s');
		await expect(this.status).toHaveText(this.e.saved);
	}
}

test('a file is opened at a line by a block, edited, saved, and what terminals do to it is seen; nothing is written over unseen', async ({
	lesson,
	page,
	complaints,
}) => {
	await lesson.openLive('build');
	const files = new Files(lesson);
	const { e } = files;
	await page.locator('figure[data-open="heavy.def"]').getByRole('button', { name: lesson.t.openFile }).click();
	await expect(files.text).toBeFocused();
	const line = () =>
		page.evaluate(() => {
			const node = getSelection()?.anchorNode;
			return (node instanceof Element ? node : node?.parentElement)?.closest('.cm-line')?.textContent;
		});
	await expect.poll(line).toContain('dd if=/dev/urandom of=/opt/compiler/cc');
	await expect(files.tab).toHaveAttribute('aria-selected', 'true');
	await expect(lesson.terminal).toHaveCount(0);

	// Edited and saved, by the keyboard alone; Escape, then Tab leads out of the editor.
	await page.keyboard.press('Tab');
	await expect(files.status).toHaveText(e.unsaved);
	await page.keyboard.press('Control+z');
	await expect(files.status).toHaveText('');
	await files.prepend('# mine\n');
	await expect(files.tab).toHaveAccessibleName(lesson.t.filesUnsaved);
	await files.save();
	await expect(files.tab).toHaveAccessibleName(lesson.t.files);
	await page.keyboard.press('Escape');
	await page.keyboard.press('Tab');
	await expect(files.text).not.toBeFocused();
	await expect(page.locator('.main-pane *:focus')).toBeVisible();

	// What a terminal does appears; what is typed there is what was saved.
	await files.meanwhile("head -n 1 heavy.def; mkdir -p data; printf 'a: 1 # one\\n' > data/app.yaml; echo '# theirs' >> heavy.def");
	await expect(files.text).toContainText('# theirs');
	await expect(files.status).toHaveText(fill(e.taken, { file: 'heavy.def' }));
	await files.item('data').focus();
	await page.keyboard.press('ArrowRight');
	await expect(files.item('app.yaml')).toBeVisible();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await expect(files.text).toContainText('a: 1');
	await expect(files.panel.getByRole('tab')).toHaveText(['heavy.def', 'app.yaml']);

	// A command that ends while the files are in sight tells by itself.
	await page.locator('#tab-1').click();
	await lesson.start('until [ -e data/go ]; do sleep 0.1; done; echo 1 > done.txt');
	await files.open();
	await files.panel.getByRole('button', { name: e.newFile }).click();
	await page.keyboard.insertText('../go');
	await page.keyboard.press('Enter');
	await expect(files.panel.getByRole('alert')).toHaveText(e.badName);
	await files.panel.getByLabel(e.newName).fill('data/go');
	await page.keyboard.press('Enter');
	await expect(files.status).toHaveText(e.newText);
	await files.save();
	await expect(files.item('done.txt')).toBeVisible();

	// Changed on both sides: the learner's text stays, survives a reload, and goes over the other only after the difference was seen.
	await files.panel.getByRole('tab', { name: /^heavy\.def/ }).click();
	await files.prepend('# first\n');
	await files.meanwhile("sed -i 's/# theirs/# newer/' heavy.def");
	await expect(files.status).toHaveText(e.conflictLeft);
	await page.reload();
	await lesson.prompt();
	await expect(files.tab).toHaveAccessibleName(lesson.t.filesUnsaved);
	await files.open();
	await expect(files.text).toContainText('# first');
	await files.text.focus();
	await page.keyboard.press('Control+s');
	const question = files.panel.getByRole('group', { name: fill(e.conflict, { file: 'heavy.def' }) });
	await expect(question.locator('del')).toHaveText(['− # newer']);
	await expect(question.locator('ins')).toHaveText(['+ # first', '+ # theirs']);
	await expect(question.getByRole('button', { name: e.keepMine })).toBeFocused();
	await accessible(page, 'a conflict', '#dock');
	await page.keyboard.press('Escape');
	await expect(question).toBeHidden();
	await expect(files.text).toBeFocused();
	await page.keyboard.press('Control+s');
	await question.getByRole('button', { name: e.takeTheirs }).click();
	await expect(files.text).toContainText('# newer');
	await expect(files.text).not.toContainText('# first');
	await page.keyboard.press('Control+z');
	await expect(files.text).toContainText('# first');
	await files.save();

	// A server that does not answer takes nothing away.
	complaints.expect(/ERR_FAILED/);
	const address = /\/lessons\/[^/]+\/build\/file\?/;
	await page.route(address, (route) => route.abort());
	await files.prepend('# offline\n');
	await page.keyboard.press('Control+s');
	await expect(files.status).toHaveText(fill(e.kept, { reason: lesson.t.requestFailed }));
	await expect(files.text).toContainText('# offline');
	await page.unroute(address);
	await files.save();
	await files.prepend('# not kept\n');
	await files.panel.getByRole('button', { name: fill(e.closeFile, { file: 'heavy.def' }) }).click();
	await files.panel.getByRole('button', { name: e.discard }).click();
	await expect(files.panel.getByRole('tab')).toHaveCount(0);
	await files.openFile('heavy.def', '# offline');
	await expect(files.text).not.toContainText('# not kept');

	// Run buttons go where they always go.
	await lesson.blocks('size').first().locator('.run-button').click();
	await expect(lesson.terminal).toHaveCount(1);
	await lesson.shows(/# offline/);
});

test('whatever stands in the folder is told in a sentence; the editor can be used by everybody', async ({ lesson, page, complaints }) => {
	// Refusals are answers with a status of their own.
	complaints.expect(/status of (409|413)/);
	await lesson.openLive('build', 'en');
	const files = new Files(lesson);
	const { e } = files;
	await lesson.command(
		"mkfifo pipe; ln -s /etc/passwd link; ln -s / out; head -c 5000 /bin/ls > bin; head -c 1048577 /dev/zero | tr '\\0' x > large; touch $'two\\nlines'; mkdir many; (cd many; seq 10000 | xargs touch); seq -f '# %.0f' 120000 | head -c 1048576 > full.sh; clear",
	);
	await files.open();
	await expect(files.panel.getByText(fill(e.unshown, { n: 1 }))).toBeVisible();
	for (const [name, sentence] of [
		['pipe', 'pipe is no ordinary file'],
		['link', 'link is a link'],
		['bin', 'bin is no text'],
		['large', 'large is too large'],
	] as const) {
		await files.item(name).click();
		await expect(files.status).toContainText(sentence);
	}
	await files.item('out').click();
	await expect(files.panel.getByText('out leads out of the lesson’s folder')).toBeVisible();
	await files.item('many').click();
	await expect(files.panel.getByText(fill(e.more, { n: 1000 }))).toBeVisible();
	await files.item('many').click();

	// The largest that there may be: opened, searched, written.
	await files.openFile('full.sh', '# 1');
	await page.keyboard.press('Control+f');
	const find = files.panel.getByRole('textbox', { name: 'Find' });
	await expect(find).toBeFocused();
	await page.keyboard.type('# 99999');
	await page.keyboard.press('Enter');
	await expect(files.text).toContainText('# 99999');
	await page.keyboard.press('Escape');
	await expect(files.text).toBeFocused();
	await page.keyboard.press('Control+End');
	await page.keyboard.press('Backspace');
	await files.save();
	await files.meanwhile('stat -c %s full.sh');
	await files.openFile('heavy.def', 'Bootstrap');

	const folder = join(root, 'test-results/screens');
	mkdirSync(folder, { recursive: true });
	for (const colorScheme of ['dark', 'light'] as const) {
		await page.emulateMedia({ colorScheme });
		for (const width of [1440, 390]) {
			await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
			if (width === 390) await page.locator('[data-unfold]').click();
			await expect(files.text).toBeVisible();
			await accessible(page, `files, ${colorScheme}, ${width} px`, '#dock');
			await page.screenshot({ path: join(folder, `files-en-${colorScheme}-${width}.png`) });
			if (width === 390) {
				await files.panel.getByRole('button', { name: e.showTree }).click();
				await expect(files.item('heavy.def')).toBeVisible();
				await accessible(page, `list of files, ${colorScheme}`, '#files-panel');
				await page.screenshot({ path: join(folder, `files-list-en-${colorScheme}-${width}.png`) });
				await files.item('heavy.def').click();
				await expect(files.item('heavy.def')).toBeHidden();
				await page.locator('[data-fold]').click();
			}
		}
	}
});
