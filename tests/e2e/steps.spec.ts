/** Steps: they answer by themselves; hints, solutions, resets, quiz; progress that is kept. */

import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { expect, test } from './support/test.ts';

test('a step says by itself what is missing, and turns green by itself; a hint is proposed', async ({ lesson, page }) => {
	await lesson.openLive();
	const step = lesson.step('pull');
	await expect(lesson.status('pull')).toContainText(lesson.t.todo);
	const said = page.evaluate(
		(wanted) =>
			new Promise((resolve) => {
				const announcer = document.getElementById('announcer');
				if (!announcer) return;
				new MutationObserver(() => announcer.textContent?.includes(wanted) && resolve(true)).observe(announcer, { childList: true });
			}),
		'Étape 1 réussie.',
	);
	await lesson.type('apptainer pull docker://localhost:5000/lolcow:1.0');
	await expect(lesson.status('pull')).toContainText(lesson.t.failed);
	await expect(lesson.status('pull')).toContainText('sous le nom lolcow_1.0.sif');
	// The sentence proposes the hint that helps; it opens with those before it.
	await lesson.status('pull').getByRole('button', { name: 'Voir l’indice 2' }).click();
	await expect(step.getByText('La forme générale est')).toBeVisible();
	await lesson.type('mv lolcow_1.0.sif lolcow.sif');
	await expect(lesson.status('pull')).toContainText(lesson.t.passed);
	await expect(page.locator('.steps-bar')).toContainText('1/6');
	expect(await said).toBe(true);
	// Other steps are not judged green along with it.
	await expect(lesson.step('run')).not.toHaveAttribute('data-state', 'passed');
});

test('hints open one after the other; the solution can be read, and done; that is there after a reload, in the other language, at home, and for nobody else', async ({
	lesson,
	page,
	anotherLearner,
	address,
}) => {
	await lesson.openLive();
	const step = lesson.step('pull');
	const hint = (number: number) => step.locator('summary', { hasText: `Indice ${number}` });
	await expect(hint(2)).toBeHidden();
	await hint(1).click();
	await expect(step.getByText(/L.image doit arriver dans le dossier/)).toBeVisible();
	await expect(step.getByText('La forme générale est')).toBeHidden();
	await hint(2).click();
	await expect(step.getByText('La forme générale est')).toBeVisible();
	await expect(step.getByText('Le nom du fichier vient avant')).toBeHidden();
	await step.locator('details.solution summary').click();
	await expect(step.getByText('Le nom du fichier vient avant')).toBeVisible();
	await lesson.doItForMe('pull');
	await expect(lesson.status('pull')).toContainText(lesson.t.passed);

	const other = await anotherLearner();
	await other.openLive('first-container', 'fr', address);
	await expect(other.step('pull')).toHaveAttribute('data-state', 'todo');
	await other.type('ls -A; echo "that is all"');
	await other.shows(/^that is all$/m);
	expect((await other.screen()).join('\n')).not.toContain('lolcow.sif');

	await page.reload();
	await expect(lesson.status('pull')).toContainText('Réussie');
	await page.getByRole('link', { name: 'English' }).first().click();
	await expect(page).toHaveURL(/\/en\/tp-apptainer\/first-container\/$/);
	await expect(page.locator('#step-pull .step-status')).toContainText('Passed');
	await page.goto('/fr/');
	const card = page.locator('[data-lesson="first-container"]');
	await expect(card).toContainText('1 sur 6 étapes');
	await expect(page.getByRole('link', { name: 'Reprendre', exact: true })).toHaveAttribute('href', /first-container/);
});

test('a check on demand, and what it said after a reload; a step that is started again forgets its work and its verdict', async ({
	lesson,
}) => {
	await lesson.openLive();
	await lesson.status('pull').getByRole('button', { name: lesson.t.check }).click();
	await expect(lesson.status('pull')).toContainText(/Il n.y a pas encore de fichier lolcow\.sif/);
	await lesson.page.reload();
	await lesson.prompt();
	await expect(lesson.status('pull')).toContainText(/Il n.y a pas encore de fichier lolcow\.sif/);
	await lesson.doItForMe('pull');
	await expect(lesson.status('pull')).toContainText(lesson.t.passed);
	await lesson.status('pull').getByRole('button', { name: lesson.t.resetStep }).click();
	await lesson.page.getByRole('button', { name: lesson.t.resetStepYes }).click();
	await expect(lesson.step('pull')).toHaveAttribute('data-state', 'todo');
	await lesson.prompt();
	await lesson.type('ls -A; echo "that is all"');
	await lesson.shows(/^that is all$/m);
	expect((await lesson.screen()).filter((line) => line.includes('.sif') && !line.includes('pull'))).toEqual([]);
});

test('a fresh lab keeps the steps passed, or forgets them, as was chosen', async ({ lesson, page }) => {
	await lesson.openLive();
	await lesson.doItForMe('pull');
	await expect(lesson.step('pull')).toHaveAttribute('data-state', 'passed');
	for (const forget of [false, true]) {
		const dialog = await lesson.openReset();
		await dialog.getByRole('button', { name: lesson.t.resetLab }).click();
		const question = page.getByRole('dialog', { name: lesson.t.resetLab });
		if (forget) await question.getByLabel(lesson.t.forget).check();
		await question.getByRole('button', { name: lesson.t.resetLabYes }).click();
		await expect(question).toBeHidden({ timeout: patience(60_000) });
		await lesson.prompt();
		await lesson.type('ls -A; echo "that is all"');
		await lesson.shows(/^that is all$/m);
		expect((await lesson.screen()).join('\n')).not.toContain('lolcow.sif');
		await expect(page.locator('.steps-bar')).toContainText(forget ? '0/6' : '1/6');
		await expect(lesson.status('pull')).toContainText(forget ? /À faire|Pas encore/ : 'Réussie');
	}
});

test('the lesson started again: its folder is as at the beginning', async ({ lesson }) => {
	await lesson.openLive('inside-a-sif');
	await lesson.command('rm -rf data lolcow.sif; touch rubbish');
	const dialog = await lesson.openReset();
	await dialog.getByRole('button', { name: lesson.t.resetLesson }).click();
	const question = lesson.page.getByRole('dialog', { name: lesson.t.resetLesson });
	await question.getByRole('button', { name: lesson.t.resetLessonYes }).click();
	await expect(question).toBeHidden({ timeout: patience(60_000) });
	await lesson.terminal.locator('.xterm-screen').click();
	await lesson.page.keyboard.press('Enter');
	await lesson.prompt();
	await lesson.type('clear; ls; echo "that is all"');
	await lesson.shows(/data[\s\S]*lolcow\.sif[\s\S]*^that is all$/m);
	expect((await lesson.screen()).join('\n')).not.toContain('rubbish');
});

test('a question: a wrong answer, a right one, and why', async ({ lesson, page }) => {
	await lesson.open();
	// The first answer is slow on its way: the second must not come before it, or the first would be what the server keeps.
	const { promise: held, resolve: release } = Promise.withResolvers<void>();
	await page.route(
		/\/quizzes\/1\b/,
		async (route) => {
			await held;
			await route.continue();
		},
		{ times: 1 },
	);
	const judged: boolean[] = [];
	page.on('response', async (response) => {
		if (/\/quizzes\/1\b/.test(response.url())) judged.push((await response.json()).correct);
	});
	const quiz = page.locator('lab-quiz').first();
	await quiz.getByRole('radio', { name: 'Dans /usr/bin' }).check();
	await quiz.getByRole('button', { name: lesson.t.answer }).click();
	await expect(quiz.getByRole('status')).toHaveText(lesson.t.quizWrong);
	await expect(quiz.getByText('Une image SIF est un fichier ordinaire')).toBeHidden();
	await quiz.getByRole('radio', { name: /Nulle part/ }).check();
	await quiz.getByRole('button', { name: lesson.t.answer }).click();
	await expect(quiz.getByRole('status')).toHaveText(lesson.t.quizRight);
	await expect(quiz.getByText('Une image SIF est un fichier ordinaire')).toBeVisible();
	// The server judges, too: a step may ask for the answer.
	release();
	await expect.poll(() => judged).toEqual([false, true]);
});
