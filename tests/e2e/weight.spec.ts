/** What a lesson page costs: bytes beside plain Starlight's, nothing that moves while it loads, no terminal before it is opened. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from '@playwright/test';
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { course } from './support/lesson-page.ts';
import { buildPlainStarlight } from './support/plain-starlight.ts';
import { builtSite, StaticSite } from './support/static-site.ts';
import { expect, test } from './support/test.ts';

/** Below this, as browsers count shifts, no eye sees it: the share of the window that moves times how far. Reports round it to 0.000. */
const leastShift = 0.0005;

interface Weight {
	raw: number;
	compressed: number;
}

/** Everything that a browser loads for a page until it is at rest. */
async function weigh(browser: Browser, folder: string, path: string): Promise<Weight> {
	const site = await new StaticSite(folder).listen();
	const context = await browser.newContext();
	try {
		const page = await context.newPage();
		await page.goto(`${site.address}${path}`, { waitUntil: 'networkidle' });
		const weight = { raw: 0, compressed: 0 };
		for (const { path: file, bytes } of site.served) {
			if (bytes === 0) continue;
			weight.raw += bytes;
			weight.compressed += gzipSync(readFileSync(join(folder, file.endsWith('/') ? `${file}index.html` : file))).length;
		}
		return weight;
	} finally {
		await context.close();
		await site.close();
	}
}

test('a lesson page without a terminal weighs at most 1.15 times the same page in plain Starlight', async ({ browser }) => {
	const taught = readCourses(taughtCourses).find(({ slug }) => slug === course);
	if (!taught) throw new Error(`no course ${course}`);
	const plain = buildPlainStarlight(taught);
	try {
		for (const { slug } of taught.lessons) {
			const path = `/fr/${course}/${slug}/`;
			const ours = await weigh(browser, builtSite(), path);
			const theirs = await weigh(browser, plain.folder, path);
			for (const kind of ['raw', 'compressed'] as const) {
				const ratio = ours[kind] / theirs[kind];
				test
					.info()
					.annotations.push({ type: 'weight', description: `${slug}, ${kind}: ${ours[kind]} / ${theirs[kind]} = ${ratio.toFixed(3)}` });
				expect.soft(ratio, `${slug}, ${kind}: ${ours[kind]} bytes beside ${theirs[kind]}`).toBeLessThanOrEqual(1.15);
			}
		}
	} finally {
		plain.remove();
	}
});

test('the terminal’s code is not loaded before a terminal opens', async ({ lesson, page }) => {
	const loaded: string[] = [];
	page.on(
		'response',
		(response) =>
			void response.text().then(
				(text) => text.includes('xterm-helper-textarea') && loaded.push(response.url()),
				() => undefined,
			),
	);
	await page.addInitScript(() => localStorage.setItem('etabli-layout', '{"dock":"closed"}'));
	await lesson.open();
	await expect(lesson.status('pull')).toContainText(lesson.t.todo);
	await page.waitForLoadState('networkidle');
	expect(loaded).toEqual([]);
	await page.locator('[data-fold]').click();
	await lesson.prompt();
	expect(loaded.length).toBeGreaterThan(0);
});

for (const width of [1440, 1200, 390]) {
	test(`nothing moves while the page loads and the dock connects, ${width} px`, async ({ lesson, page }) => {
		await page.setViewportSize({ width, height: 900 });
		await page.addInitScript((least) => {
			const shifts: string[] = [];
			Object.assign(window, { shifts });
			new PerformanceObserver((list) => {
				for (const entry of list.getEntries() as (PerformanceEntry & {
					value: number;
					hadRecentInput: boolean;
					sources: { node?: Node }[];
				})[]) {
					if (entry.hadRecentInput) continue;
					const moved = entry.sources.map(({ node }) =>
						node instanceof Element ? node.outerHTML.slice(0, 100) : node?.textContent?.slice(0, 40),
					);
					if (entry.value >= least) shifts.push(`${entry.value} ${moved.join(' | ')}`);
				}
			}).observe({ type: 'layout-shift', buffered: true });
		}, leastShift);
		await lesson.open();
		if (width >= 1100) await lesson.prompt();
		await expect(lesson.status('pull')).toContainText(lesson.t.todo);
		await page.waitForLoadState('load');
		expect(await page.evaluate(() => (window as Window & { shifts?: string[] }).shifts)).toEqual([]);
	});
}
