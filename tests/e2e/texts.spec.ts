/** What an author wrote and what the page shows: blocks, titles, asides, footnotes, French marks, search. Pages of a course made for it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { readBlock, withoutEmptyEnds } from '../../src/courses/lesson-blocks.ts';
import { readLines, splitHead } from '../../src/courses/lesson-lines.ts';
import { type Language, languages } from '../../src/shared/language.ts';
import { type BuiltSite, buildSite, textCourses } from '../fixtures/build-site.ts';
import { search } from './support/search.ts';
import { StaticSite } from './support/static-site.ts';
import { expect, test } from './support/test.ts';

test.describe.configure({ mode: 'default' });

let built: BuiltSite;
let site: StaticSite;

test.beforeAll(async () => {
	test.setTimeout(patience(600_000));
	built = buildSite(textCourses);
	site = await new StaticSite(built.folder).listen();
});
test.afterAll(async () => {
	await site?.close();
	built?.remove();
});
test.beforeEach(({ complaints }) => complaints.expect(/api\/session/));

const address = (lesson: string, language: Language) => `${site.address}/${language}/texts/${lesson}/`;

for (const language of languages) {
	test(`the author’s text, the page’s, the one that is copied and the one that is played are the same: ${language}`, async ({ page }) => {
		const folder = join(textCourses, 'texts/01-blocks');
		const parts = splitHead(readFileSync(join(folder, `${language}.mdx`), 'utf8'));
		const played = readLines(parts?.body ?? '').blocks.map((block) => withoutEmptyEnds(readBlock(block, folder, language).text));
		await page.goto(address('blocks', language));
		const blocks = await page.locator('figure.frame').evaluateAll((figures) =>
			figures.map((figure) => ({
				shown: [...figure.querySelectorAll<HTMLElement>('.ec-line .code')].map((line) => (line.textContent ?? '').trimEnd()).join('\n'),
				copied: (figure.querySelector<HTMLElement>('.copy button')?.dataset['code'] ?? '').replaceAll('\x7f', '\n'),
			})),
		);
		expect(blocks.length).toBeGreaterThan(10);
		expect(blocks.map(({ copied }) => copied)).toEqual(played);
		expect(blocks.map(({ shown }) => shown)).toEqual(played.map((text) => text.replace(/[ \t]+$/gm, '')));
	});
}

test('a title with code, marks and signs is the same text in the list of steps, to screen readers, in the sidebar and in the window', async ({
	page,
}) => {
	await page.goto(address('words', 'fr'));
	const title = 'Préparer l’image du conteneur\u00a0: a | b et {x}';
	await expect(page.locator('#step-prepare h2')).toHaveText(title);
	await expect(page.getByRole('region', { name: `Étape 1 – ${title}` })).toBeVisible();
	await page.getByRole('button', { name: /Étapes/ }).click();
	await expect(page.locator('#steps-panel a').first()).toHaveText(title);
	await expect(page.locator('#steps-panel a').last()).toHaveText('L’intérieur d’une image');
	await expect(page).toHaveTitle('Préparer l’image du cœur | Établi');
	await expect(page.locator('h1')).toHaveText('Préparer l’image du cœur');
	await expect(page.locator('.course-nav a[aria-current="page"]')).toContainText('Préparer l’image du cœur');
	await page.goto(`${site.address}/fr/`);
	await expect(page).toHaveTitle('Établi');
	await page.goto(address('words', 'en'));
	await expect(page).toHaveTitle('Prepare the image | Établi');
	await expect(page.getByRole('region', { name: 'Step 1 – Prepare the image of the container: a | b and {x}' })).toBeVisible();
});

test('prose keeps its signs: options, home folders, quotes of questions; what is struck out is; labels are in the page’s language', async ({
	page,
}) => {
	await page.goto(address('words', 'fr'));
	const step = page.locator('#step-prepare');
	await expect(step).toContainText('copier ~/a de ~/a vers serveur:~ avec --opt et rien');
	await expect(step.locator('del')).toHaveText('rien');
	await expect(step).toContainText('Une aire de $x^2$, 3 $ ou 4 $, x² et x3.');
	await expect(step.getByRole('complementary', { name: 'Mon titre à moi' })).toContainText('Le texte de la note.');
	await expect(step.getByRole('complementary', { name: 'Astuce' })).toBeVisible();
	await expect(step.locator('td').first()).toHaveText('ls | wc');
	await expect(page.locator('legend')).toContainText("Qu’affiche l'image\u202f?");
	await expect(page.getByRole('heading', { name: 'Notes' })).toBeAttached();
	await expect(page.getByRole('link', { name: 'Revenir à l’appel de la note 1' })).toBeVisible();
	const drawn = page.locator('figure.diagram');
	await expect(drawn.getByRole('img', { name: 'Recette .def → Image (construire); Image → SIF; SIF → Recette .def' })).toBeVisible();
	await expect(drawn.locator('figcaption')).toHaveText('De la recette à l’image');
	const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
	await page.setViewportSize({ width: 390, height: 844 });
	await expect(drawn.locator('svg:visible')).toHaveCount(1);
	// As large as they are drawn: 0.875 rem, and 0.8125 rem on arrows.
	for (const box of await drawn
		.locator('svg:visible')
		.evaluateAll((all) => all.map((svg) => svg.getBoundingClientRect().width / (svg as SVGSVGElement).viewBox.baseVal.width)))
		expect(box).toBeGreaterThan(0.95);
	// An option of a command stays in one line with its letter; what is too long for that breaks.
	const broken = () => step.locator('.whole').evaluateAll((all) => all.filter((code) => code.getClientRects().length > 1).length);
	await expect(step.locator('code.whole')).toHaveCount(18);
	expect(await broken()).toBe(0);
	expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
	const asBefore = await page.addStyleTag({ content: 'code.whole, code .whole { white-space: normal; }' });
	expect(await broken(), 'without the rule').toBeGreaterThan(0);
	await asBefore.evaluate((style) => style.parentNode?.removeChild(style));
	await page.setViewportSize({ width, height });
	await expect(drawn.locator('script, style, [style], foreignObject')).toHaveCount(0);
	await expect(page.locator('figure.frame').filter({ hasText: 'A->>B' }), 'what is not drawn is shown').toBeVisible();
	await page.goto(address('words', 'en'));
	await expect(page.getByRole('img', { name: 'Recipe .def → Image (build); Image → SIF; SIF → Recipe .def' })).toBeVisible();
	await expect(page.locator('#step-prepare')).toContainText('~/a to server:~ with --opt');
	await expect(page.getByRole('link', { name: 'Back to where the note is called 1' })).toBeVisible();
	await page.goto(address('blocks', 'en'));
	await expect(page.locator('.copy button').first()).toHaveAttribute('title', 'Copy to clipboard');
	await page.goto(address('blocks', 'fr'));
	await expect(page.locator('.copy button').first()).toHaveAttribute('title', 'Copier dans le presse-papiers');
});

test('the search finds a word with its marks and without, and shows it as it is written', async ({ page }) => {
	for (const [typed, found] of [
		['intérieur', 'L’intérieur'],
		['interieur', 'L’intérieur'],
		["l'intérieur", 'L’intérieur'],
		['l’extérieur', 'l’extérieur'],
		['hui', 'aujourd’hui'],
		['oeuvre', 'l’œuvre'],
		['manœuvre', 'manœuvre'],
		['coeur', 'cœur'],
	] as const) {
		// Loaded anew: no result is left of the word before.
		await page.goto(`${site.address}/fr/`);
		const dialog = await search(page, typed);
		await expect(dialog.getByRole('link', { name: 'Préparer l’image du cœur' }).first(), typed).toBeVisible();
		await expect(dialog, typed).toContainText(found);
		const results = await dialog.locator('.search-results').innerText();
		expect(results, typed).not.toMatch(/[\ue000-\uf8ff]|’ \p{L}|oeuvre/u);
	}
});
