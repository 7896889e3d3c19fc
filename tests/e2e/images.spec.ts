/** The page of container images: what is in them, how they are run, each as a file; pictures of it in test-results/screens. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../sandbox-server/setup/paths.ts';
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { imagesEn } from '../../src/i18n/images-en.ts';
import { imagesFr } from '../../src/i18n/images-fr.ts';
import { fill } from '../../src/shared/fill.ts';
import { languages } from '../../src/shared/language.ts';
import { pageAddress } from '../../src/shared/page-names.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { accessible } from './support/axe.ts';
import { clippedTexts, textSpacing } from './support/clipped-text.ts';
import { ScriptedServer } from './support/scripted-server.ts';
import { expect, test } from './support/test.ts';

const folder = join(root, 'test-results/screens');
mkdirSync(folder, { recursive: true });
const texts = { fr: imagesFr, en: imagesEn };

test('every image of the course, from the home page: facts, packages, commands that can be copied, and the file', async ({ page }) => {
	const t = imagesFr;
	await page.goto('/fr/');
	await page.locator('.room-links').getByRole('link', { name: t.link }).click();
	const cards = page.locator('[data-image]');
	const courses = readCourses(taughtCourses);
	await expect(cards).toHaveCount(courses.reduce((sum, { settings }) => sum + settings.registry.length, 0));
	for (const { settings } of courses) await expect(page.getByRole('heading', { level: 2, name: settings.title.fr })).toBeVisible();
	const cow = page.locator('[data-image="lolcow:1.0"]');
	await expect(cow).toContainText('A cow that quotes');
	await expect(cow).toContainText('CC-BY-4.0');
	await expect(cow).toContainText('/usr/local/bin/moo');
	await expect(cow).toContainText(/sha256:[0-9a-f]{64}/);
	await expect(cow.getByRole('listitem').first()).toBeHidden();
	await cow.getByText(fill(t.packages, { n: 1 })).click();
	await expect(cow.getByRole('listitem')).toContainText('busybox-static');
	const almanac = page.locator('[data-image="almanac:1.0"]');
	await expect(almanac).toContainText(fill(t.userNote, { user: 'almanac' }));
	await expect(almanac).toContainText('8080/tcp');

	await cow.getByRole('button', { name: t.copy }).first().click();
	await expect(page.locator('#announcer')).toContainText(t.copied);
	await page.context().grantPermissions(['clipboard-read']);
	expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
		'apptainer pull docker://localhost:5000/lolcow:1.0\napptainer run lolcow_1.0.sif',
	);
	const downloading = page.waitForEvent('download');
	await cow.getByRole('link').click();
	const download = await downloading;
	expect(download.suggestedFilename()).toBe('lolcow-1.0.tar');
	expect(statSync(await download.path()).size).toBeGreaterThan(500_000);
});

/** Words as nobody should write them: long, in another direction, with markup. */
const odd = {
	name: 'a-name-that-is-as-long-as-names-of-images-come-to-be-in-real-life:2026.11-rc1',
	digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
	bytes: 1_234_567_890,
	layers: 12,
	platform: 'linux/amd64',
	created: Date.UTC(2026, 10, 12),
	description: '<b>bold</b> \u202Eנ '.repeat(10),
	source: `https://example.org/${'very-long/'.repeat(20)}`,
	command: ['/bin/sh', '-c', 'x'.repeat(200)],
	ports: ['80/tcp', '443/tcp'],
	volumes: ['/data'],
	packages: Array.from({ length: 60 }, (_, at) => ({ name: `lib-of-some-length-${at}`, version: '1.2.3-4+deb13u5' })),
	signed: true,
};

for (const language of languages) {
	test(`odd images, none, and a registry that does not answer: axe, wide letters, ${language}`, async ({ page, complaints }) => {
		complaints.expect(/ERR_FAILED|Failed to load resource/);
		const t = texts[language];
		const server = await ScriptedServer.start(page);
		let answer: object = {
			courses: [{ course: 'tp-apptainer', images: [odd, { ...odd, name: 'small:1', command: [], packages: undefined }] }],
		};
		server.answers.set('GET /api/images', () => answer);
		try {
			await page.goto(`${server.address}${pageAddress('images', language)}`);
			await expect(page.getByRole('status').getByText(fill(t.read, { n: 2 }))).toBeVisible();
			await expect(page.getByText('<b>bold</b>').first()).toBeVisible();
			for (const colorScheme of ['light', 'dark'] as const) {
				for (const width of [1440, 390]) {
					await page.setViewportSize({ width, height: 900 });
					await page.emulateMedia({ colorScheme });
					await accessible(page, `${colorScheme}, ${width} px`);
					expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
					const style = await page.addStyleTag({ content: textSpacing });
					expect(await clippedTexts(page), `${width} px, set wider`).toEqual([]);
					await style.evaluate((element) => element.parentNode?.removeChild(element));
					await page.screenshot({ path: join(folder, `images-${language}-${colorScheme}-${width}.png`), fullPage: true });
				}
			}
			answer = { courses: [] };
			await page.reload();
			await expect(page.getByRole('status').getByText(t.none)).toBeVisible();
			await page.route('**/api/images', (route) =>
				route.fulfill({ status: 503, json: { code: 'images-away', message: 'The registry sleeps.' } }),
			);
			await page.reload();
			await expect(page.getByRole('status').getByText('The registry sleeps.')).toBeVisible();
			await page.route('**/api/**', (route) => route.abort());
			await page.reload();
			await expect(page.getByRole('status').getByText(t.away)).toBeVisible();
		} finally {
			await server.close();
		}
	});
}
