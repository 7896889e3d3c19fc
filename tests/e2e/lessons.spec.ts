/** Every lesson, in both languages, played by its run buttons to all green: what the text says to type is what the checks want. */
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { languages } from '../../src/shared/language.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { course } from './support/lesson-page.ts';
import { expect, test } from './support/test.ts';

/** What a step gets after its last command before its solution is needed, ms: checks answer within moments. */
const answerMs = 6_000;

for (const { slug, lessons } of readCourses(taughtCourses)) {
	if (slug !== course) continue;
	for (const language of languages) {
		for (const { slug: name, steps } of lessons) {
			test(`${name} in ${language}`, async ({ lesson }) => {
				test.setTimeout(240_000);
				await lesson.openLive(name, language);
				for (const { id } of steps) await expect(lesson.step(id), `step ${id} at the start`).not.toHaveAttribute('data-state', 'passed');
				for (const { id } of steps) {
					const step = lesson.step(id);
					await expect(step, `step ${id} before anything is done for it`).not.toHaveAttribute('data-state', 'passed');
					for (const block of await lesson.blocks(id).all()) await lesson.press(block);
					const green = expect(step).toHaveAttribute('data-state', 'passed', { timeout: answerMs });
					// Not every step can be done by run buttons alone: some want to be thought about.
					await green.catch(async () => {
						test.info().annotations.push({ type: 'solution', description: `${name} ${id}` });
						await lesson.doItForMe(id);
					});
					await expect(step, `step ${id} in the end`).toHaveAttribute('data-state', 'passed');
					await expect(lesson.status(id)).toContainText(lesson.t.passed);
				}
				await expect(lesson.page.locator('.steps-bar')).toContainText(`${steps.length}/${steps.length}`);
				await expect(lesson.page.getByText(lesson.t.congratulations).first()).toBeVisible();
			});
		}
	}
}
