/** Code blocks that carry intent: another terminal, programs that stay, files put in place, outputs compared, what is not to be run. */
import { fill } from '../../src/shared/fill.ts';
import { accessible } from './support/axe.ts';
import { builtSite, StaticSite } from './support/static-site.ts';
import { expect, test } from './support/test.ts';

const instanceLesson = 'overlays-instances-sharing';

test('without a server every block says what it is for, can be read, and copied unless that would do harm', async ({
	page,
	complaints,
}) => {
	// A plain web host has no interface.
	complaints.expect(/api\/session/);
	const site = await new StaticSite(builtSite()).listen();
	try {
		await page.goto(`${site.address}/fr/tp-apptainer/build/`);
		const recipe = page.locator('#step-definition figure[data-file]');
		await expect(recipe.locator('.title')).toHaveText('lolcow.def');
		await expect(recipe).toContainText('Bootstrap: docker');
		await expect(recipe.locator('.copy button')).toBeVisible();
		await expect(page.locator('#step-environment figure[data-file] .title')).toHaveText('lolcow.def · à ajouter à la fin');
		await page.goto(`${site.address}/en/tp-apptainer/first-container/`);
		const never = page.locator('figure.is-no-run');
		await expect(never.locator('.title')).toHaveText('Not to be run');
		await expect(never.locator('button')).toHaveCount(0);
		await page.goto(`${site.address}/fr/tp-apptainer/${instanceLesson}/`);
		const server = page.locator('#step-instance figure[data-nowait]');
		await expect(server.locator('.title')).toHaveText('Terminal 2 · reste en marche');
		// The same file of the lesson, each language its words.
		await expect(page.locator('#step-instance')).toContainText('echo "Meuh, version 1" > www/index.html');
		await page.goto(`${site.address}/en/tp-apptainer/${instanceLesson}/`);
		await expect(page.locator('#step-instance')).toContainText('echo "Moo, version 1" > www/index.html');
		await expect(page.locator('#step-inside figure[data-file] .title')).toHaveText('www/index.html · replaces the line version');
	} finally {
		await site.close();
	}
});

test('a file is put in place; what stood there is seen before it goes, and comes back', async ({ lesson, page }) => {
	await lesson.openLive('build');
	const recipe = lesson.blocks('definition').first();
	const button = recipe.getByRole('button', { name: lesson.t.place });
	await button.dblclick();
	await expect(lesson.note(recipe)).toContainText('lolcow.def est en place.');
	await lesson.command('head -n 2 lolcow.def');
	await expect(recipe.getByRole('button', { name: lesson.t.placeUndo })).toBeVisible();
	await lesson.shows(/Bootstrap: docker\nFrom: localhost:5000\/debian-mini:1\.0/);
	await button.click();
	await expect(lesson.note(recipe)).toContainText('lolcow.def contient déjà cela');

	await lesson.command("sed -i 's/docker/nonsense/' lolcow.def; chmod 600 lolcow.def; clear");
	await button.click();
	const question = recipe.getByRole('group', { name: /lolcow\.def existe déjà, avec un autre contenu/ });
	await expect(question.locator('del')).toHaveText(/^− Bootstrap: nonsense/);
	await expect(question.locator('ins')).toHaveText(/^\+ Bootstrap: docker/);
	await expect(question.getByRole('button', { name: lesson.t.placeConfirm })).toBeFocused();
	await page.keyboard.press('Escape');
	await expect(lesson.note(recipe)).toContainText('lolcow.def reste comme il est.');
	await expect(button).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(question.getByRole('button', { name: lesson.t.placeConfirm })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(lesson.note(recipe)).toContainText('lolcow.def est modifié.');
	await lesson.command('clear; head -n 1 lolcow.def; stat -c %a lolcow.def');
	await lesson.shows(/Bootstrap: docker\n600/);
	await recipe.getByRole('button', { name: lesson.t.placeUndo }).click();
	await expect(lesson.note(recipe)).toContainText('lolcow.def est de nouveau comme avant.');
	await lesson.command('clear; head -n 1 lolcow.def');
	await lesson.shows(/Bootstrap: nonsense/);
});

test('what changes between the question and the answer is not lost; what cannot be a file is told', async ({ lesson, complaints }) => {
	complaints.expect(/Failed to load resource: the server responded with a status of (409|507)/);
	await lesson.openLive('build');
	const recipe = lesson.blocks('definition').first();
	const button = recipe.getByRole('button', { name: lesson.t.place });
	await lesson.command('echo mine > lolcow.def');
	await button.click();
	await expect(recipe.locator('del')).toHaveText(/− mine/);
	await lesson.command('echo newer > lolcow.def');
	await recipe.getByRole('button', { name: lesson.t.placeConfirm }).click();
	await expect(lesson.note(recipe)).toContainText('lolcow.def a changé entre-temps');
	await lesson.command('cat lolcow.def; rm lolcow.def; mkdir lolcow.def');
	await lesson.shows(/^newer$/m);
	await button.click();
	await expect(lesson.note(recipe)).toContainText('il y a là un dossier');
	await lesson.command('rmdir lolcow.def; ln -s /etc/passwd lolcow.def');
	await button.click();
	await expect(lesson.note(recipe)).toContainText('lolcow.def est un lien vers un autre fichier');
	await lesson.command('rm lolcow.def; echo old > lolcow.def; dd if=/dev/zero of=~/fill bs=1M; clear');
	await button.click();
	await recipe.getByRole('button', { name: lesson.t.placeConfirm }).click();
	await expect(lesson.note(recipe)).toContainText('n’a plus de place pour lolcow.def');
	await lesson.command('rm ~/fill; cat lolcow.def; ls -A | grep -c etabli');
	await lesson.shows(/^old\n0$/m);
});

test('a text is added once, with the learner’s own values', async ({ lesson }) => {
	await lesson.openLive('build');
	await lesson.press(lesson.blocks('definition').first());
	const sections = lesson.blocks('environment').first();
	await lesson.press(sections);
	// Something else is pressed in between: however soon, the next press is no second half of a double click.
	await lesson.step('environment').getByRole('heading').first().click();
	await sections.locator('.run-button').click();
	await expect(lesson.note(sections)).toContainText('contient déjà cela');
	await lesson.command('clear; grep -c %environment lolcow.def; grep Serial lolcow.def | cat');
	await lesson.shows(/^1\n +Serial \S+$/m);
	expect((await lesson.screen()).join('\n')).not.toContain('{{');
});

test('a program that stays has a terminal of its own; another block ends it', async ({ lesson, page }) => {
	await lesson.openLive(instanceLesson, 'en');
	await lesson.command('apptainer build --force web.sif web.def');
	const blocks = lesson.blocks('instance');
	const server = blocks.and(page.locator('[data-nowait]'));
	await server.getByRole('button', { name: 'Run in terminal 2' }).click();
	await expect(lesson.note(server)).toContainText('keeps running in terminal 2');
	await expect(page.getByRole('tab', { name: /2/, selected: true })).toBeVisible();
	// Once more, as a wish of its own: it runs already, and nothing is typed into it.
	await lesson.step('instance').getByRole('heading').first().click();
	await server.locator('.run-button').click();
	await expect(page.locator('#announcer')).toContainText(fill(lesson.t.staysAlready, { n: 2 }));
	await expect(lesson.note(server)).toContainText('keeps running in terminal 2');

	const asking = blocks.and(page.locator('[data-terminal="1"]'));
	await asking.locator('.run-button').click();
	const output = page.locator('#step-instance figure[data-compare]');
	await expect(output.locator('.printed-note')).toHaveText(lesson.t.printedSame);
	await expect(page.getByRole('tab', { name: /1/, selected: true })).toBeVisible();

	const ending = blocks.and(page.locator('[data-interrupt]'));
	await ending.locator('.run-button').click();
	await expect(page.getByRole('tab', { name: /2/, selected: true })).toBeVisible();
	// What has ended first is the server, and none of this block's commands.
	await expect(ending).toHaveAttribute('data-ran', '');
	expect((await lesson.screen()).join('\n')).toContain('\nnobody left');
	await expect(lesson.note(server)).toHaveCount(0);
	// A block that names no terminal goes where the learner has chosen to be.
	await blocks.first().locator('.run-button').click();
	await expect(page.getByRole('tab', { name: /1/, selected: true })).toBeVisible();
	await lesson.prompt();
});

test('another output than the text’s is told where it differs, and stops nobody', async ({ lesson, page }) => {
	await lesson.openLive('first-container');
	await lesson.doItForMe('pull');
	const block = lesson.blocks('exec').nth(1);
	const output = page.locator('#step-exec figure[data-compare]');
	await lesson.press(block);
	await expect(output.locator('.printed-note')).toHaveText(lesson.t.printedSame);
	await lesson.command('apptainer() { echo \'NAME="Other"\'; }');
	await block.locator('.run-button').click();
	await expect(output.locator('.printed-note')).toContainText('Chez vous, la ligne 1 est autre.');
	await expect(output.locator('.printed-note dd').nth(0)).toHaveText('NAME="Lolcow"');
	await expect(output.locator('.printed-note dd').nth(1)).toHaveText('NAME="Other"');
});

for (const [width, theme] of [
	[1440, 'light'],
	[390, 'dark'],
] as const) {
	test(`blocks can be used by everybody, ${width} px, ${theme}`, async ({ lesson, page }) => {
		await page.setViewportSize({ width, height: 900 });
		await page.addInitScript((name) => localStorage.setItem('starlight-theme', name), theme);
		await lesson.open('build');
		if (width < 1100) await page.locator('[data-unfold]').click();
		await lesson.command('echo mine > lolcow.def');
		if (width < 1100) await page.locator('[data-fold]').click();
		const recipe = lesson.blocks('definition').first();
		await recipe.getByRole('button', { name: lesson.t.place }).click();
		await expect(recipe.locator('.file-diff')).toBeVisible();
		// Each line of the difference stands under the one before it, and can be seen.
		const gone = await recipe.locator('.file-diff del').first().boundingBox();
		const added = await recipe.locator('.file-diff ins').first().boundingBox();
		expect(added?.x).toBe(gone?.x);
		expect(added?.y ?? 0).toBeGreaterThan(gone?.y ?? 0);
		await expect(recipe.locator('.file-diff ins').first()).toBeInViewport();
		const button = await recipe.locator('.run-button').boundingBox();
		const title = await recipe.locator('.title').boundingBox();
		expect((title?.x ?? 0) + (title?.width ?? 0)).toBeLessThanOrEqual(button?.x ?? 0);
		await accessible(page, `the difference at ${width} px`, '#step-definition');
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
	});
}
