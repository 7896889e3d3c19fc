/** Lessons as text: on a plain web host, without scripts, on paper; and how one finds them. */
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { en } from '../../src/i18n/en.ts';
import { fr } from '../../src/i18n/fr.ts';
import { signInFr } from '../../src/i18n/sign-in-fr.ts';
import { languages } from '../../src/shared/language.ts';
import { pageAddress } from '../../src/shared/page-names.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { course } from './support/lesson-page.ts';
import { search } from './support/search.ts';
import { builtSite, StaticSite } from './support/static-site.ts';
import { expect, test } from './support/test.ts';

const lessons = readCourses(taughtCourses).find(({ slug }) => slug === course)?.lessons ?? [];
/** A plain host answers "not found" to our question for a server, and browsers write that down. */
const asked = /status of 404.*\/api\/session|404 \(Not Found\)/;

let host: StaticSite;
test.beforeAll(async () => {
	host = await new StaticSite(builtSite()).listen();
});
test.afterAll(() => host.close());

for (const language of languages) {
	const t = language === 'fr' ? fr : en;

	test(`on a plain web host every lesson reads well (${language})`, async ({ lesson, page, complaints }) => {
		complaints.expect(asked);
		expect(lessons.length).toBeGreaterThanOrEqual(4);
		for (const { slug, head, steps } of lessons) {
			await lesson.open(slug, language, host.address);
			await expect(page.getByRole('heading', { level: 1 })).toHaveText(spaced(head[language].title));
			for (const { id } of steps) await expect(lesson.step(id).getByRole('heading', { level: 2 })).toBeVisible();
			await expect(
				page.locator('figure.frame .header:visible').filter({ hasNotText: /\S/ }),
				'heads of blocks that say nothing',
			).toHaveCount(0);
			await expect(lesson.dockSentence.filter({ hasText: t.readingTitle })).toBeVisible();
			await expect(page.getByText(t.readingText)).toBeVisible();
			await expect(page.getByRole('button', { name: t.run })).toHaveCount(0);
			const hint = page.locator('details.hint').first();
			await hint.locator('summary').click();
			await expect(hint.locator('p').first()).toBeVisible();
			await page.locator('details.solution summary').first().click();
			await expect(page.locator('details.solution').first().locator('pre')).toBeVisible();
		}
	});

	test(`without scripts every lesson reads well, and no button is dead (${language})`, async ({ browser, complaints }) => {
		const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1440, height: 900 } });
		complaints.listenTo(context);
		const page = await context.newPage();
		for (const { slug, head, steps } of lessons) {
			await page.goto(`${host.address}/${language}/${course}/${slug}/`);
			await expect(page.getByRole('heading', { level: 1 })).toHaveText(spaced(head[language].title));
			for (const { id } of steps) await expect(page.locator(`#step-${id}`).getByRole('heading', { level: 2 })).toBeVisible();
			// Without scripts hints cannot wait for one another: each can be opened.
			for (const fold of await page.locator(`#step-${steps[0]?.id} details`).all()) {
				await fold.locator('summary').click();
				await expect(fold.locator('p, pre').first()).toBeVisible();
			}
			for (const fold of await page.locator('lab-quiz details').all()) {
				await fold.locator('summary').click();
				await expect(fold.locator('li').first()).toBeVisible();
			}
			await expect(page.locator('button:visible, select:visible, [role=button]:visible'), 'buttons that do nothing').toHaveCount(0);
			await expect(page.locator('lab-dock')).toBeHidden();
		}
		await page.getByRole('link', { name: t.switchLanguage }).first().click();
		await expect(page).toHaveURL(language === 'fr' ? /\/en\// : /\/fr\//);
		await context.close();
	});

	test(`home: the course with its lessons, and a way into the other language (${language})`, async ({ page }) => {
		await page.goto(`/${language}/`);
		await expect(page.locator('html')).toHaveAttribute('lang', language);
		for (const { head } of lessons)
			await expect(
				page
					.getByRole('link')
					.filter({ hasText: spaced(head[language].title) })
					.first(),
			).toBeVisible();
		await page.getByRole('link', { name: t.switchLanguage }).first().click();
		await expect(page).toHaveURL(language === 'fr' ? /\/en\/$/ : /\/fr\/$/);
		await page.goBack();
		await page.getByRole('link', { name: t.start, exact: true }).first().click();
		await expect(page).toHaveURL(new RegExp(`/${language}/${course}/${lessons[0]?.slug}/$`));
		await page.getByRole('link', { name: t.help }).first().click();
		await expect(page.getByRole('heading', { level: 1 })).toHaveText(t.help);
	});

	for (const [where, address] of [
		['our server', ''],
		['a plain host', 'static'],
	] as const) {
		test(`the search finds lessons, on ${where} (${language})`, async ({ page, complaints }) => {
			complaints.expect(asked);
			await page.goto(`${address && host.address}/${language}/`);
			await search(page, 'overlay');
			const found = page.getByRole('dialog').locator(`a[href^="/${language}/${course}/"]`);
			await expect(found.first()).toBeVisible();
			await expect(page.getByRole('dialog').locator(`a[href^="/${language === 'fr' ? 'en' : 'fr'}/"]`)).toHaveCount(0);
			await expect(page.getByRole('dialog')).toContainText(language === 'fr' ? /\d résultats pour/ : /\d results for/);
			// Several lessons speak of it: whichever comes first is where the link leads.
			const lesson = /\/([a-z0-9-]+)\/(?:#|$)/.exec((await found.first().getAttribute('href')) ?? '')?.[1] ?? 'none';
			expect(lessons.map(({ slug }) => slug)).toContain(lesson);
			await found.first().click();
			await expect(page).toHaveURL(new RegExp(`/${lesson}/`));
		});
	}

	test(`an unknown address says so in its language (${language})`, async ({ page, complaints }) => {
		complaints.expect(/status of 404/);
		const answer = await page.goto(`/${language}/${course}/no-such-lesson/`);
		expect(answer?.status()).toBe(404);
		await expect(page.getByRole('heading', { level: 1 })).toHaveText(t.notFoundTitle);
		await expect(page.getByRole('heading', { name: (language === 'fr' ? en : fr).notFoundTitle })).toHaveCount(0);
		await page.getByRole('link', { name: t.toCourses }).click();
		await expect(page).toHaveURL(new RegExp(`/${language}/$`));
	});
}

test('the home page names all courses before the long list of lessons; a name leads to its course', async ({ page, complaints }) => {
	complaints.expect(asked);
	await page.goto(`${host.address}/fr/`);
	const courses = readCourses(taughtCourses);
	const names = page.getByRole('navigation', { name: fr.courses }).getByRole('link');
	await expect(names).toHaveText(courses.map(({ settings }) => settings.title.fr));
	await expect(names.last()).toBeInViewport();
	const last = page.getByRole('heading', { level: 3, name: courses.at(-1)?.settings.title.fr ?? '' });
	await expect(last).not.toBeInViewport();
	await names.last().click();
	await expect(last).toBeInViewport();
});

test('single sign-on on a plain web host: it says that there is no server, and nothing seems to come', async ({ page, complaints }) => {
	complaints.expect(/404/);
	await page.goto(`${host.address}${pageAddress('signIn', 'fr')}`);
	await expect(page.getByRole('alert')).toHaveText(signInFr.failed);
	await expect(page.getByText(signInFr.loading)).toBeHidden();
});

test('an unknown address on a plain host says so in both languages', async ({ page, complaints }) => {
	complaints.expect(/status of 404/);
	await page.goto(`${host.address}/nowhere/`);
	await expect(page.getByRole('heading', { name: fr.notFoundTitle })).toBeVisible();
	await expect(page.getByRole('heading', { name: en.notFoundTitle })).toBeVisible();
});

for (const [locale, expected] of [
	['fr-FR', 'fr'],
	['en-US', 'en'],
	['de-DE', 'fr'],
] as const) {
	test(`the first page follows the browser's preference: ${locale} → ${expected}`, async ({ browser, address, complaints }) => {
		const context = await browser.newContext({ locale });
		complaints.expect(asked);
		complaints.listenTo(context);
		const page = await context.newPage();
		for (const base of [address, host.address]) {
			await page.goto(`${base}/`);
			await expect(page).toHaveURL(`${base}/${expected}/`);
		}
		await context.close();
	});
}

test('printed, a lesson is its text', async ({ lesson, page, complaints }) => {
	complaints.expect(asked);
	await lesson.open('first-container', 'fr', host.address);
	// A4 at 96 dpi.
	await page.setViewportSize({ width: 794, height: 1123 });
	await page.emulateMedia({ media: 'print' });
	await expect(page.locator('lab-dock')).toBeHidden();
	await expect(page.locator('.steps-bar')).toBeHidden();
	await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
	await expect(page.locator('pre').first()).toBeVisible();
	const { width } = (await page.locator('.main-pane').boundingBox()) ?? { width: 0 };
	expect(width, 'the text takes the paper’s width').toBeGreaterThan(700);
	const paper = await page.pdf({ format: 'A4' });
	expect(paper.length).toBeGreaterThan(50_000);
});

/** As it is typed, or as French sets it: a no-break space before some signs. */
function spaced(text: string): RegExp {
	const literal = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	return new RegExp(literal.replace(/['’]/g, "['’]").replace(/\s+/g, '\\s+'));
}
