/** What a lesson page costs: bytes beside plain Starlight's, nothing that moves while it loads, no terminal before it is opened. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from '@playwright/test';
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { course, firstLesson } from './support/lesson-page.ts';
import { buildPlainStarlight } from './support/plain-starlight.ts';
import { builtSite, StaticSite } from './support/static-site.ts';
import { expect, test } from './support/test.ts';

/** What counts as moving: the share of the window that moves times how far. No eye sees less; below 0.1 browsers call a page steady. */
const leastShift = 0.0005;

interface Weight {
	raw: number;
	compressed: number;
}

/** What has been loaded once a page is at rest, and once its search has been opened as well: without the index, which is the texts' own. */
type State = 'at rest' | 'search open';

/** Plain Starlight loads its search when the page has time for it, which on a busy machine may be never: here it has time at once. */
const hasTime = () =>
	void Object.assign(window, {
		requestIdleCallback: (then: IdleRequestCallback) => setTimeout(() => then({ didTimeout: true, timeRemaining: () => 0 })),
	});
const searchShown = (page: Page) => page.locator('#starlight__search *').first().waitFor({ state: 'attached' });

async function weigh(browser: Browser, address: { folder: string; path: string }, loaded?: (page: Page) => Promise<void>) {
	const { folder, path } = address;
	const site = await new StaticSite(folder).listen();
	const context = await browser.newContext();
	const weights = {} as Record<State, Weight>;
	const note = async (page: Page, state: State) => {
		await page.waitForLoadState('networkidle');
		const weight = { raw: 0, compressed: 0 };
		for (const { path: file, bytes } of site.served) {
			if (bytes === 0 || file.startsWith('/pagefind/')) continue;
			weight.raw += bytes;
			weight.compressed += gzipSync(readFileSync(join(folder, file.endsWith('/') ? `${file}index.html` : file))).length;
		}
		weights[state] = weight;
	};
	try {
		const page = await context.newPage();
		await page.addInitScript(hasTime);
		await page.goto(`${site.address}${path}`);
		await loaded?.(page);
		await note(page, 'at rest');
		await page.keyboard.press('Control+k');
		await expect.poll(() => site.served.map((served) => served.path)).toContainEqual(expect.stringMatching(/^\/pagefind\/wasm/));
		await note(page, 'search open');
		return weights;
	} finally {
		await context.close();
		await site.close();
	}
}

test('a lesson page without a terminal weighs at most 0.75 times the same page in plain Starlight', async ({ browser }) => {
	const taught = readCourses(taughtCourses).find(({ slug }) => slug === course);
	if (!taught) throw new Error(`no course ${course}`);
	const plain = await buildPlainStarlight(taught);
	try {
		for (const { slug } of taught.lessons) {
			const path = `/fr/${course}/${slug}/`;
			const ours = await weigh(browser, { folder: builtSite(), path });
			const theirs = await weigh(browser, { folder: plain.folder, path }, searchShown);
			for (const state of ['at rest', 'search open'] as const)
				for (const kind of ['raw', 'compressed'] as const) {
					const [bytes, reference] = [ours[state][kind], theirs[state][kind]];
					const said = `${slug}, ${state}, ${kind}: ${bytes} bytes beside ${reference}`;
					test.info().annotations.push({ type: 'weight', description: `${said} = ${(bytes / reference).toFixed(3)}` });
					expect.soft(bytes / reference, said).toBeLessThanOrEqual(0.75);
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
	// What has been read of it is known a little later than that it has come.
	await expect.poll(() => loaded.length).toBeGreaterThan(0);
});

/** Has the page note what moves by itself, from its first paint on. */
async function watchShifts(page: Page): Promise<void> {
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
}

async function shiftsOf(page: Page): Promise<string[] | undefined> {
	return await page.evaluate(() => (window as Window & { shifts?: string[] }).shifts);
}

const widths = [1440, 1200, 390];

for (const width of widths) {
	test(`nothing moves while the page loads and the dock connects, ${width} px`, async ({ lesson, page }) => {
		await page.setViewportSize({ width, height: 900 });
		await watchShifts(page);
		await lesson.open();
		if (width >= 1100) await lesson.prompt();
		await expect(lesson.status('pull')).toContainText(lesson.t.todo);
		await page.waitForLoadState('load');
		expect(await shiftsOf(page)).toEqual([]);
	});
}

test('nothing moves while the page comes in piece by piece, each painted before the next', async ({ page, complaints }) => {
	complaints.expect(/api\/session/);
	const site = await new StaticSite(builtSite()).listen();
	site.cuts = [
		'<a class="language-link"',
		'<nav class="sidebar',
		'<div class="main-frame',
		'<div class="lesson-frame',
		'<footer class="lesson-footer',
		'<lab-dock',
	];
	const painted = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
	try {
		await watchShifts(page);
		for (const width of widths) {
			await page.setViewportSize({ width, height: 900 });
			await page.goto(`${site.address}/fr/${course}/${firstLesson}/`, { waitUntil: 'commit' });
			for (const index of site.cuts.keys()) {
				await page.locator(`[data-piece="${index}"]`).waitFor({ state: 'attached' });
				await painted();
				site.sendPiece();
			}
			await page.waitForLoadState('load');
			await painted();
			expect(await shiftsOf(page), `${width} px`).toEqual([]);
		}
	} finally {
		await site.close();
	}
});
