/** A learner's own page: what they did is there, with nothing done too, and without a server; pictures of it in test-results/screens. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../sandbox-server/setup/paths.ts';
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { progressEn } from '../../src/i18n/progress-en.ts';
import { progressFr } from '../../src/i18n/progress-fr.ts';
import { fill } from '../../src/shared/fill.ts';
import { languages } from '../../src/shared/language.ts';
import { pageAddress } from '../../src/shared/page-names.ts';
import type { OwnProgress } from '../../src/shared/protocol/progress.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { accessible } from './support/axe.ts';
import { clippedTexts, textSpacing } from './support/clipped-text.ts';
import { course, firstLesson } from './support/lesson-page.ts';
import { ScriptedServer } from './support/scripted-server.ts';
import { expect, test } from './support/test.ts';

const folder = join(root, 'test-results/screens');
mkdirSync(folder, { recursive: true });
const texts = { fr: progressFr, en: progressEn };
const lessonOf = (slug: string) => `[data-lesson="${slug}"]`;

test('what was done in a lesson is on the page, with its way back into the lesson', async ({ lesson, page, complaints }) => {
	const t = progressFr;
	await page.goto(pageAddress('progress', 'fr'));
	await expect(page.getByText(t.nothing)).toBeVisible();
	await expect(page.getByRole('link', { name: /^Commencer/ })).toHaveAttribute('href', /\/fr\/tp-apptainer\/first-container\/#step-pull$/);
	await lesson.openLive();
	await lesson.command('apptainer pull docker://localhost:5000/lolcow:1.0');
	await expect(lesson.status('pull')).toContainText(lesson.t.failed);
	await lesson.command('mv lolcow_1.0.sif lolcow.sif');
	await expect(lesson.status('pull')).toContainText(lesson.t.passed);
	await page.getByRole('banner').getByRole('link', { name: t.link }).click();
	const section = page.getByRole('region', { name: 'TP Apptainer' });
	await expect(section.getByRole('progressbar')).toHaveAttribute('value', '1');
	await expect(section.getByText(/^Temps passé\s: \d+\smin$/)).toBeVisible();
	// The lesson where one was stands open.
	const step = section.locator(`${lessonOf('first-container')} [data-step="pull"]`);
	await expect(step).toContainText(/Réussie le \d+/);
	await expect(step).toContainText(fill(t.notYet, { n: 1 }));
	await page.getByRole('link', { name: /^Reprendre/ }).press('Enter');
	await expect(page).toHaveURL(/\/fr\/tp-apptainer\/first-container\/#step-run$/);

	// All of it is erased, after a question, and another while the workbench is open.
	await page.goto(pageAddress('progress', 'fr'));
	await page.evaluate(() => localStorage.setItem('draft', 'x'));
	complaints.expect(/status of 409/);
	const region = page.getByRole('region', { name: t.eraseTitle });
	await region.getByRole('button', { name: t.erase }).click();
	await expect(region.getByRole('button', { name: t.eraseNo })).toBeFocused();
	await accessible(page, 'erasing everything');
	await region.getByRole('button', { name: t.eraseYes }).click();
	await expect(region.getByText(t.eraseOpen)).toBeVisible();
	await region.getByRole('button', { name: t.eraseNo }).press('Enter');
	await expect(region.getByRole('button', { name: t.erase })).toBeFocused();
	await region.getByRole('button', { name: t.erase }).press('Enter');
	await region.getByRole('button', { name: t.eraseYes }).click();
	await region.getByRole('button', { name: t.eraseOpenYes }).click();
	await expect(region.getByText(t.erased)).toBeVisible();
	expect(await page.evaluate(() => localStorage.length)).toBe(0);
	await page.goto(pageAddress('progress', 'fr'));
	await expect(page.getByText(t.nothing)).toBeVisible();
});

/** Two lessons done, a third begun, five hours of work. */
function muchDone(): OwnProgress {
	const taught = readCourses(taughtCourses).find(({ slug }) => slug === course);
	const at = Date.UTC(2026, 10, 12, 10);
	const lessons = (taught?.lessons ?? []).map(({ slug, steps }, index) => ({
		lesson: slug,
		ms: index < 3 ? (index + 1) * 47 * 60_000 : 0,
		steps: steps.map(({ id }, order) => ({
			step: id,
			...(index < 2 || (index === 2 && order === 0)
				? { state: 'passed' as const, tries: order % 3, passed: at }
				: { state: index === 2 && order === 1 ? ('begun' as const) : ('todo' as const), tries: index === 2 && order === 1 ? 2 : 0 }),
		})),
	}));
	const third = lessons[2];
	const step = third?.steps[1]?.step ?? '';
	return {
		courses: [{ course, ms: 6 * 47 * 60_000, last: at, lessons }],
		next: { course, lesson: third?.lesson ?? '', step, begun: true },
	};
}

for (const language of languages) {
	test(`much done, nothing done, everything done, and no server: axe, keyboard, wide letters, ${language}`, async ({
		page,
		complaints,
	}) => {
		complaints.expect(/ERR_FAILED|Failed to load resource/);
		const t = texts[language];
		const server = await ScriptedServer.start(page);
		let answer: object = muchDone();
		server.answers.set('GET /api/progress', () => answer);
		server.answers.set('GET /api/certificates', () => ({ certificates: [] }));
		const address = `${server.address}${pageAddress('progress', language)}`;
		try {
			await page.goto(address);
			const go = page.getByRole('link', { name: new RegExp(`^${t.resume.split(/\s/)[0]}`) });
			await expect(go).toBeVisible();
			await expect(page.getByText(fill(t.spent, { time: '4 h 42 min' }))).toBeVisible();
			for (const colorScheme of ['light', 'dark'] as const) {
				for (const width of [1440, 390]) {
					await page.setViewportSize({ width, height: 900 });
					await page.emulateMedia({ colorScheme });
					await accessible(page, `${colorScheme}, ${width} px`);
					expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
					const style = await page.addStyleTag({ content: textSpacing });
					expect(await clippedTexts(page), `${width} px, set wider`).toEqual([]);
					await style.evaluate((element) => element.parentNode?.removeChild(element));
					await page.screenshot({ path: join(folder, `progress-${language}-${colorScheme}-${width}.png`), fullPage: true });
				}
			}

			// By the keyboard alone: from the way on to the first lesson, which opens.
			await go.focus();
			await page.keyboard.press('Tab');
			const first = page.locator('.progress-lessons details').first();
			await expect(first.locator('summary')).toBeFocused();
			await expect(first.getByRole('link').first()).toBeHidden();
			await page.keyboard.press('Enter');
			await expect(first.getByRole('link').first()).toBeVisible();
			await expect(page.getByRole('progressbar')).toHaveAccessibleName(/Apptainer/);

			const { courses, next } = muchDone();
			const all = (state: 'todo' | 'passed') =>
				courses.map((one) => ({
					course: one.course,
					ms: 0,
					lessons: one.lessons.map(({ lesson, steps }) => ({ lesson, ms: 0, steps: steps.map(({ step }) => ({ step, state, tries: 0 })) })),
				}));
			answer = { courses: all('todo'), next: { ...next, begun: false } };
			await page.reload();
			await expect(page.getByRole('status').getByText(t.nothing)).toBeVisible();
			await page.screenshot({ path: join(folder, `progress-nothing-${language}.png`) });
			answer = { courses: all('passed') };
			await page.reload();
			await expect(page.getByRole('status').getByText(t.allDone)).toBeVisible();
			await expect(page.locator('[data-go-on]')).toBeHidden();
			await page.screenshot({ path: join(folder, `progress-done-${language}.png`) });

			// A whole course is done, and the next one is to begin.
			const newer = { course: 'newer', ms: 0, lessons: [{ lesson: 'a', ms: 0, steps: [{ step: 'b', state: 'todo', tries: 0 }] }] };
			const begin = { course: 'newer', lesson: 'a', step: 'b', begun: false };
			answer = { courses: [...all('passed'), newer], next: begin };
			await page.reload();
			await expect(page.getByRole('status').getByText(t.updated)).toBeVisible();
			answer = { courses: all('passed') };

			// From the end of a lesson.
			server.steps = (courses[0]?.lessons[0]?.steps ?? []).map(({ step }) => ({ lesson: firstLesson, step, state: 'passed' }));
			await page.goto(`${server.address}/${language}/${course}/${firstLesson}/`);
			await page.locator('.lesson-complete').getByRole('link', { name: t.link }).click();
			await expect(page.getByRole('status').getByText(t.allDone)).toBeVisible();

			// A course that this page does not know yet, and one that the server no longer has.
			answer = { courses: [{ ...newer, last: Date.UTC(2026, 10, 12, 10) }], next: { ...begin, begun: true } };
			await page.reload();
			await expect(page.getByRole('status').getByText(t.updated)).toBeVisible();
			await expect(page.locator('[data-go-on]')).toBeHidden();

			// Twice back in this tab: what was asked first, and answered last, is of no interest.
			const { promise: slow, resolve: release } = Promise.withResolvers<object>();
			const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
			const comeBack = () => page.evaluate(() => void document.dispatchEvent(new Event('visibilitychange')));
			const older = { courses: all('todo'), next: { ...next, begun: false } };
			server.answers.set('GET /api/progress', () => {
				isAsked();
				return slow;
			});
			await comeBack();
			await asked;
			server.answers.set('GET /api/progress', () => ({ courses: all('passed') }));
			await comeBack();
			await expect(page.getByRole('status').getByText(t.allDone)).toBeVisible();
			const arrived = page.waitForResponse('**/api/progress');
			release(older);
			await (await arrived).finished();
			// Whatever the page does with it is done by the next frame.
			await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
			await expect(page.getByRole('status').getByText(t.allDone)).toBeVisible();

			await page.route('**/api/**', (route) => route.abort());
			await page.reload();
			await expect(page.getByRole('status').getByText(t.away)).toBeVisible();
			await first.locator('summary').click();
			await expect(first.getByRole('link').first()).toBeVisible();
			await accessible(page, 'no server');
			await page.screenshot({ path: join(folder, `progress-away-${language}.png`) });
		} finally {
			await page.close();
			await server.close();
		}
	});
}

test.describe('far from Greenwich', () => {
	test.use({ timezoneId: 'America/New_York' });
	test('what was done bears the learner’s own day; the certificate, which others read, that of UTC', async ({ page }) => {
		const server = await ScriptedServer.start(page);
		const at = Date.UTC(2026, 10, 12, 2);
		const lessons = (muchDone().courses[0]?.lessons ?? []).map(({ lesson, steps }) => ({
			lesson,
			ms: 0,
			steps: steps.map(({ step }) => ({ step, state: 'passed' as const, tries: 0, passed: at })),
		}));
		const title = { fr: 'TP Apptainer', en: 'Apptainer' };
		const held = { code: 'ACDE-FGHJ-KPRT-WXY3-4679', course, title, name: 'Ada', lessons: 19, steps: 91, ms: 0, issued: at };
		server.answers.set('GET /api/progress', () => ({ courses: [{ course, ms: 0, last: at, lessons }] }));
		server.answers.set('GET /api/certificates', () => ({ certificates: [held] }));
		try {
			await page.goto(`${server.address}${pageAddress('progress', 'fr')}`);
			const section = page.locator(`[data-course="${course}"]`);
			await expect(section.locator('.progress-facts')).toContainText('11 novembre 2026');
			await expect(section.locator('.progress-certificate')).toContainText('12 novembre 2026');
		} finally {
			await page.close();
			await server.close();
		}
	});
});

test('without scripts the page says so, and its lessons can be read', async ({ browser }) => {
	const context = await browser.newContext({ javaScriptEnabled: false });
	const page = await context.newPage();
	await page.goto(pageAddress('progress', 'en'));
	await expect(page.locator('.progress-said')).toHaveText(progressEn.noScript);
	await expect(page.locator('.progress-next')).toBeHidden();
	await page.locator('.progress-lessons summary').first().click();
	await page
		.getByRole('link', { name: new RegExp(`^${progressEn.openLesson}`) })
		.first()
		.click();
	await expect(page).toHaveURL(/\/en\/tp-apptainer\/first-container\/$/);
	await context.close();
});
