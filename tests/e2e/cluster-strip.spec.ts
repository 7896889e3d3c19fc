/** The strip of a learner's cluster: nodes and queue, live, by eye, by ear and by keyboard; and nothing of it where a lesson has none. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { clusterEn } from '../../src/i18n/cluster-en.ts';
import { clusterFr } from '../../src/i18n/cluster-fr.ts';
import { fill } from '../../src/shared/fill.ts';
import { accessible } from './support/axe.ts';
import type { LessonPage } from './support/lesson-page.ts';
import { expect, test } from './support/test.ts';

const place = 'tp-cluster/first-job';
const screens = join(import.meta.dirname, '../../test-results/screens');
mkdirSync(screens, { recursive: true });

/** Puts the sandbox of that course away. */
async function leave(lesson: LessonPage): Promise<void> {
	const { origin } = new URL(lesson.page.url());
	await lesson.page.context().request.delete(`${origin}/api/sandboxes/tp-cluster`, { headers: { origin } });
}

/** Keeps all that is said to who listens: it goes from the page after a while. */
async function listen(page: Page): Promise<() => Promise<string>> {
	await page.evaluate(() => {
		const heard: string[] = [];
		Object.assign(window, { heard });
		new MutationObserver((changes) => {
			for (const { addedNodes } of changes) for (const node of addedNodes) heard.push(node.textContent ?? '');
		}).observe(document.getElementById('announcer') as HTMLElement, { childList: true });
	});
	return () => page.evaluate(() => (window as Window & { heard?: string[] }).heard?.join(' ') ?? '');
}

for (const [language, t] of [
	['fr', clusterFr],
	['en', clusterEn],
] as const)
	test(`two free nodes, a job that comes and ends, a node that is taken out of use: ${language}`, async ({ lesson, page }) => {
		lesson.language = language;
		await page.goto(`/${language}/${place}/`);
		await lesson.prompt();
		const strip = page.locator('.cluster-strip');
		const line = strip.locator('summary');
		await expect(line).toContainText(`c1 ${t.node_idle}`);
		await expect(line).toContainText(`c2 ${t.node_idle}`);
		await expect(line).toContainText(t.empty);
		const heard = await listen(page);

		await lesson.command("sbatch -J '<b>bold</b>' --wrap 'until [ -e go ]; do sleep 0.2; done'");
		await expect(line).toContainText(fill(t.running, { n: 1 }));
		await expect(line).not.toContainText(`c1 ${t.node_idle}`);
		// By the keyboard: the line opens, and what does not fit can be scrolled.
		await line.focus();
		await page.keyboard.press('Enter');
		const all = strip.getByRole('region', { name: t.list });
		const job = all.getByRole('table', { name: t.jobs }).getByRole('row').nth(1);
		await expect(job).toContainText('<b>bold</b>');
		await expect(job).toContainText('RUNNING');
		await expect(job).toContainText('c1');
		await page.keyboard.press('Tab');
		await expect(all).toBeFocused();
		await accessible(page, 'strip of a cluster', '.cluster-strip');
		await expect.poll(heard).toContain(fill(t.jobOn, { id: '1', name: '<b>bold</b>', state: t.job_RUNNING, nodes: 'c1' }));

		await lesson.command('touch go');
		await expect(line).toContainText(t.empty);
		await expect(all.getByRole('table', { name: t.ended })).toContainText('COMPLETED');
		await expect(all.getByText(t.noJobs)).toBeVisible();
		await expect.poll(heard).toContain(fill(t.jobNow, { id: '1', name: '<b>bold</b>', state: t.job_COMPLETED }));

		await lesson.command('scontrol update nodename=c2 state=drain reason="disk full"');
		await expect(line).toContainText(`c2 ${t.node_drained}`);
		await expect(all.getByRole('table', { name: t.nodes })).toContainText('disk full');
		await expect.poll(heard).toContain(fill(t.nodeNow, { node: 'c2', state: t.node_drained }));
		await leave(lesson);
		await expect(strip).toHaveCount(0);
	});

test('a dead slurmctld is a sentence that says what to do, and doing it brings the nodes back', async ({ lesson, page }) => {
	await page.goto(`/fr/${place}/`);
	await lesson.prompt();
	const line = page.locator('.cluster-strip summary');
	await expect(line).toContainText(clusterFr.empty);
	await lesson.command('pkill -9 -x slurmctld');
	await expect(line).toContainText(clusterFr.controllerEnded);
	await accessible(page, 'strip of a dead cluster', '.cluster-strip');
	for (const width of [1440, 390]) await pictures(lesson, 'cluster-dead', width);
	await page.setViewportSize({ width: 1440, height: 900 });
	await lesson.command('cluster restart');
	await expect(line).toContainText(`c1 ${clusterFr.node_idle}`);
	await leave(lesson);
});

test('the strip at 1440 and 390 px, light, dark and in forced colours', async ({ lesson, page }) => {
	await page.goto(`/fr/${place}/`);
	await lesson.prompt();
	await lesson.command(
		"sbatch -J simulation --wrap 'sleep 600'; sbatch -J analyse -d afterok:1 --wrap true; scontrol update nodename=c2 state=drain reason=disque",
	);
	const strip = page.locator('.cluster-strip');
	await expect(strip.locator('summary')).toContainText(fill(clusterFr.waiting, { n: 1 }));
	for (const open of [false, true]) {
		if (open) await strip.locator('summary').click();
		for (const width of [1440, 390]) {
			await pictures(lesson, `cluster-${open ? 'open' : 'line'}`, width);
			const overflow = await strip.evaluate((element) => element.scrollWidth - element.clientWidth);
			expect(overflow, `${width}`).toBeLessThanOrEqual(0);
			// The terminal keeps most of the dock.
			const [all, own] = await strip.evaluate((element) => [element.parentElement?.clientHeight ?? 0, element.clientHeight]);
			expect(own ?? 0).toBeLessThan(0.6 * (all ?? 0));
		}
	}
	await leave(lesson);
});

async function pictures({ page }: LessonPage, what: string, width: number): Promise<void> {
	await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
	if (width === 390 && (await page.locator('html[data-sheet="open"]').count()) === 0) await page.locator('[data-unfold]').click();
	for (const theme of ['light', 'dark'] as const) {
		await page.evaluate((one) => {
			document.documentElement.dataset['theme'] = one;
		}, theme);
		await page.screenshot({ path: join(screens, `${what}-${theme}-${width}.png`) });
	}
	await page.emulateMedia({ forcedColors: 'active' });
	await page.screenshot({ path: join(screens, `${what}-forced-${width}.png`) });
	await page.emulateMedia({ forcedColors: 'none' });
}

test('a lesson without a cluster loads nothing of the strip', async ({ lesson, page }) => {
	const loaded: Promise<string | undefined>[] = [];
	page.on('response', (response) => {
		const ofStrip = (text: string) => (text.includes('cluster-sign') ? response.url() : undefined);
		loaded.push(response.text().then(ofStrip, () => undefined));
	});
	await lesson.openLive();
	await lesson.command('true');
	await expect(page.locator('.cluster-strip')).toHaveCount(0);
	expect(loaded.length).toBeGreaterThan(5);
	expect((await Promise.all(loaded)).filter(Boolean)).toEqual([]);
});
