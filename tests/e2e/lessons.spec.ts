/**
 * Every lesson played in the browser by its run buttons to all green: what the text says to type is what the checks want. Each in one
 * language, in turns: `prove` plays all of them in both (integration/lessons.test.ts), and here it is the buttons that are tried.
 */
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { languages } from '../../src/shared/language.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { course } from './support/lesson-page.ts';
import { expect, test } from './support/test.ts';

const taught = readCourses(taughtCourses).find(({ slug }) => slug === course)?.lessons ?? [];

for (const [index, { slug: name, steps, settings }] of taught.entries()) {
	const language = languages[index % languages.length] ?? 'fr';
	/** Steps that want to be thought about: their blocks alone do not do them. */
	const challenges = new Set(settings.steps.filter(({ challenge }) => challenge).map(({ id }) => id));

	test(`${name} in ${language}`, async ({ lesson }) => {
		test.setTimeout(patience(240_000));
		await lesson.openLive(name, language);
		for (const { id } of steps) await expect(lesson.step(id), `step ${id} at the start`).not.toHaveAttribute('data-state', 'passed');
		for (const { id } of steps) {
			const step = lesson.step(id);
			await expect(step, `step ${id} before anything is done for it`).not.toHaveAttribute('data-state', 'passed');
			const blocks = await lesson.blocks(id).all();
			for (const block of blocks) await lesson.press(block);
			if (challenges.has(id) || blocks.length === 0) await lesson.doItForMe(id);
			await expect(step, `step ${id} in the end`).toHaveAttribute('data-state', 'passed');
			await expect(lesson.status(id)).toContainText(lesson.t.passed);
		}
		await expect(lesson.page.locator('.steps-bar')).toContainText(`${steps.length}/${steps.length}`);
		await expect(lesson.page.getByText(lesson.t.congratulations).first()).toBeVisible();
	});
}
