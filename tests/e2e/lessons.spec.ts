/**
 * Every lesson played in the browser by its run buttons to all green: what the text says to type is what the checks want. Each in one
 * language, in turns: `prove` plays the solutions in both, and blocks whose commands are others in the other one (integration/lessons.test.ts).
 */
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { browsersCourse, playedInBrowser } from '../fixtures/played-in-browser.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { expect, test } from './support/test.ts';

const course = readCourses(taughtCourses).find(({ slug }) => slug === browsersCourse);

for (const taught of course?.lessons ?? []) {
	const { slug: name, steps, settings } = taught;
	const language = (course && playedInBrowser(course, taught)) ?? 'fr';
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
