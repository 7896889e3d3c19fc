/** Certificates: asked for on the page of one's progress, verified by anybody; pictures of it in test-results/screens. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { root } from '../../sandbox-server/setup/paths.ts';
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { certificateEn } from '../../src/i18n/certificate-en.ts';
import { certificateFr } from '../../src/i18n/certificate-fr.ts';
import { fill } from '../../src/shared/fill.ts';
import { languages } from '../../src/shared/language.ts';
import { pageAddress } from '../../src/shared/page-names.ts';
import type { Certificate } from '../../src/shared/protocol/certificates.ts';
import { refusals } from '../../src/shared/protocol/refusals.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { accessible } from './support/axe.ts';
import { clippedTexts, textSpacing } from './support/clipped-text.ts';
import { course } from './support/lesson-page.ts';
import { ScriptedServer } from './support/scripted-server.ts';
import { expect, test } from './support/test.ts';

const folder = join(root, 'test-results/screens');
mkdirSync(folder, { recursive: true });
const texts = { fr: certificateFr, en: certificateEn };

const certificate: Certificate = {
	code: 'ACDE-FGHJ-KPRT-WXY3-4679',
	course,
	title: { fr: 'TP Apptainer', en: 'Apptainer hands-on' },
	name: 'Łukasz Müller-Nguyễn',
	lessons: 19,
	steps: 91,
	ms: 16_920_000,
	issued: Date.UTC(2026, 10, 29, 12),
};

function everythingDone(state: 'passed' | 'todo' = 'passed') {
	const taught = readCourses(taughtCourses).find(({ slug }) => slug === course);
	const lessons = (taught?.lessons ?? []).map(({ slug, steps }) => ({
		lesson: slug,
		ms: 0,
		steps: steps.map(({ id }) => ({ step: id, state, tries: 0 })),
	}));
	return { courses: [{ course, ms: 0, lessons }] };
}

for (const language of languages) {
	test(`asked for, named anew, withdrawn by the keyboard; verified: axe, wide letters, ${language}`, async ({ page, complaints }) => {
		complaints.expect(/status of 403/);
		const t = texts[language];
		const server = await ScriptedServer.start(page);
		server.answers.set('GET /api/progress', everythingDone);
		let held: Certificate[] = [];
		server.answers.set('GET /api/certificates', () => ({ certificates: held }));
		server.answers.set('POST /api/certificates', () => certificate);
		server.answers.set(`DELETE /api/certificates/${course}`, () => ({ gone: true }));
		server.answers.set('POST /api/certificates/verify', () => certificate);
		const looks = async (what: string) => {
			for (const colorScheme of ['light', 'dark'] as const) {
				for (const width of [1440, 390]) {
					await page.setViewportSize({ width, height: 900 });
					await page.emulateMedia({ colorScheme });
					await accessible(page, `${what}, ${colorScheme}, ${width} px`);
					expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
					const style = await page.addStyleTag({ content: textSpacing });
					expect(await clippedTexts(page), `${what}, ${width} px, set wider`).toEqual([]);
					await style.evaluate((element) => element.parentNode?.removeChild(element));
					await page.screenshot({ path: join(folder, `${what}-${language}-${colorScheme}-${width}.png`) });
				}
			}
		};
		try {
			await page.goto(`${server.address}${pageAddress('progress', language)}`);
			const part = page.getByRole('region', { name: t.heading });
			await part.getByRole('button', { name: t.get }).click();
			await expect(part.getByRole('alert')).toHaveText(t.nameMissing);
			await expect(part.getByLabel(t.nameLabel)).toBeFocused();
			await looks('certificate-form');
			await page.keyboard.type(certificate.name);
			await page.keyboard.press('Enter');
			await expect(part.getByRole('status')).toHaveText(t.gotIt);
			await expect(part.getByText(fill(t.codeIs, { code: certificate.code }))).toBeVisible();
			const file = part.getByRole('link', { name: t.pdfFr });
			await expect(file).toBeFocused();
			await expect(file).toHaveAttribute('href', `/api/certificates/${course}/pdf?language=fr`);
			const badge = part.getByRole('link', { name: t.badge });
			await expect(badge).toHaveAttribute('href', `/api/certificates/${course}/badge?language=${language}`);
			await looks('certificate-held');

			await part.getByRole('button', { name: t.change }).press('Enter');
			await expect(part.getByRole('button', { name: t.cancel })).toBeFocused();
			await expect(part.getByLabel(t.nameLabel)).toHaveValue(certificate.name);
			await page.keyboard.press('Enter');
			await part.getByRole('button', { name: t.withdraw }).press('Enter');
			await expect(part.getByText(t.withdrawText)).toBeVisible();
			await part.getByRole('button', { name: t.withdrawYes }).click();
			await expect(part.getByRole('status')).toHaveText(t.withdrawn);
			await expect(part.getByLabel(t.nameLabel)).toBeFocused();

			held = [certificate];
			await page.reload();
			await part.getByRole('link', { name: t.toVerify }).click();
			await expect(page.getByRole('heading', { name: t.valid })).toBeVisible();
			await expect(page.getByRole('status').getByText(certificate.name)).toBeVisible();
			await expect(page.getByLabel(t.codeLabel, { exact: true })).toHaveValue(certificate.code);
			await looks('certificate-verified');
			await page.emulateMedia({ media: 'print' });
			await expect(page.getByText(certificate.code)).toBeVisible();
			await expect(page.getByRole('button', { name: t.verify })).toBeHidden();
		} finally {
			await page.close();
			await server.close();
		}
	});
}

/** Somebody comes back to the tab. */
const comeBack = (page: Page) => page.evaluate(() => void document.dispatchEvent(new Event('visibilitychange')));

test('issued once, shown as it is now, withdrawn when steps or the course are gone too', async ({ page }) => {
	const t = certificateEn;
	const server = await ScriptedServer.start(page);
	const gone = { ...certificate, course: 'gone', title: { fr: 'Ancien cours', en: 'Former course' }, code: 'GGGG-FGHJ-KPRT-WXY3-4679' };
	let progress = everythingDone();
	let held: Certificate[] = [gone];
	server.answers.set('GET /api/progress', () => progress);
	server.answers.set('GET /api/certificates', () => ({ certificates: held }));
	const { promise: issued, resolve: issue } = Promise.withResolvers<void>();
	let asked = 0;
	server.answers.set('POST /api/certificates', async () => {
		asked++;
		await issued;
		held = [certificate, gone];
		return certificate;
	});
	for (const one of [course, 'gone']) server.answers.set(`DELETE /api/certificates/${one}`, () => ({ gone: true }));
	const of = (title: string) => page.getByRole('region', { name: title }).getByRole('region', { name: t.heading });
	const withdraw = async (part: Locator) => {
		await part.getByRole('button', { name: t.withdraw }).press('Enter');
		await part.getByRole('button', { name: t.withdrawYes }).press('Enter');
		await expect(part.getByRole('status')).toHaveText(t.withdrawn);
	};
	try {
		await page.goto(`${server.address}${pageAddress('progress', 'en')}`);
		const part = of(certificate.title.en);
		await part.getByLabel(t.nameLabel).fill(certificate.name);
		await page.keyboard.press('Enter');
		await expect.poll(() => asked).toBe(1);
		await page.keyboard.press('Enter');
		await expect(part.getByRole('button', { name: t.get })).toBeDisabled();
		issue();
		await expect(part.getByText(fill(t.codeIs, { code: certificate.code }))).toBeVisible();
		expect(asked).toBe(1);

		// Named anew in another tab: what is being asked here stays, then the code that is good is here too.
		await part.getByRole('button', { name: t.change }).click();
		const anew = { ...certificate, code: 'WWWW-FGHJ-KPRT-WXY3-4679' };
		held = [anew, gone];
		let told = page.waitForResponse('**/api/certificates');
		await comeBack(page);
		await (await told).finished();
		await expect(part.getByLabel(t.nameLabel)).toHaveValue(certificate.name);
		await part.getByRole('button', { name: t.cancel }).click();
		await comeBack(page);
		await expect(part.getByText(fill(t.codeIs, { code: anew.code }))).toBeVisible();

		// Steps were started again: it may be withdrawn, and none is offered that the server would refuse.
		progress = everythingDone('todo');
		await comeBack(page);
		await expect(part.getByRole('button', { name: t.change })).toHaveCount(0);
		await withdraw(part);
		await expect(part.getByRole('heading', { name: t.heading })).toBeFocused();
		await expect(part.getByText(t.intro)).toHaveCount(0);
		await expect(part.getByLabel(t.nameLabel)).toHaveCount(0);

		const former = of(gone.title.en);
		await expect(former.getByText(fill(t.codeIs, { code: gone.code }))).toBeVisible();
		await accessible(page, 'a certificate of a course that is gone');
		await withdraw(former);
		held = [];
		told = page.waitForResponse('**/api/certificates');
		await comeBack(page);
		await (await told).finished();
		await expect(former.getByRole('status')).toHaveText(t.withdrawn);
	} finally {
		await page.close();
		await server.close();
	}
});

test('an answer about one code is not shown for the next one', async ({ page, complaints }) => {
	complaints.expect(/status of 403/);
	const t = certificateEn;
	const server = await ScriptedServer.start(page);
	const { promise: good, resolve: release } = Promise.withResolvers<void>();
	const refused = { code: 'wrong-certificate', message: refusals['wrong-certificate'].text.en };
	await page.route('**/api/certificates/verify*', async (route) => {
		if (!route.request().postData()?.includes(certificate.code)) return route.fulfill({ status: 403, json: refused });
		await good;
		return route.fulfill({ json: certificate });
	});
	try {
		// "%" alone is badly encoded: taken as it stands.
		await page.goto(`${server.address}${pageAddress('certificate', 'en')}#50%`);
		const code = page.getByLabel(t.codeLabel, { exact: true });
		await expect(code).toHaveValue('50%');
		await expect(page.getByRole('alert')).toHaveText(refused.message);
		await code.fill(certificate.code);
		await code.press('Enter');
		await expect(page.getByRole('status')).toHaveText(t.verifying);
		await expect(page.getByRole('alert')).toBeHidden();
		await code.fill('AAAA-CCCC-DDDD-EEEE-FFFF');
		await code.press('Enter');
		await expect(page.getByRole('alert')).toHaveText(refused.message);
		await expect(page.locator('[data-found]')).toBeEmpty();
		const arrived = page.waitForResponse((response) => response.ok() && response.url().includes('/verify'));
		release();
		await (await arrived).finished();
		// Whatever the page does with it is done by the next frame.
		await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
		await expect(page.locator('[data-found]')).toBeEmpty();
		await expect(page.getByRole('alert')).toHaveText(refused.message);
	} finally {
		await page.close();
		await server.close();
	}
});

test('a code that was never issued is refused with a sentence, by the real server', async ({ page, complaints }) => {
	complaints.expect(/status of 403/);
	const t = certificateEn;
	await page.goto(`${pageAddress('certificate', 'en')}#AAAA-CCCC-DDDD-EEEE-FFFF`);
	await expect(page.getByRole('alert')).toHaveText(refusals['wrong-certificate'].text.en);
	await accessible(page, 'a wrong code');
	await page.getByLabel(t.codeLabel, { exact: true }).fill(' ');
	await page.getByRole('button', { name: t.verify }).click();
	await expect(page.getByRole('alert')).toHaveText(t.codeMissing);
	await page.getByRole('link', { name: 'Français' }).click();
	await expect(page).toHaveURL(/\/fr\/attestation\/$/);
});
