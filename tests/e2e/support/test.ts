/** What every end-to-end test gets: the server's address, a lesson page, and a watch over everything the browser complains of. */
import { test as base, type Page } from '@playwright/test';
import { Complaints } from './complaints.ts';
import { LessonPage } from './lesson-page.ts';
import { Proxy, type ProxyFaults } from './proxy.ts';
import { addressVariable } from './shared-server.ts';

export { expect } from '@playwright/test';

interface Given {
	/** Of the shared server, such as "http://127.0.0.1:41234". */
	address: string;
	/** Fails the test at its end when the browser complained of anything that the test did not expect. */
	complaints: Complaints;
	/** The test's page, seen as a lesson. */
	lesson: LessonPage;
	/** A proxy before the server of that address. */
	startProxy: (target: string, faults?: ProxyFaults) => Promise<Proxy>;
	/** Another learner, in a browser of their own. */
	anotherLearner: () => Promise<LessonPage>;
}

export const test = base.extend<Given>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs; this one needs nothing.
	address: async ({}, use) => {
		const address = process.env[addressVariable];
		if (!address) throw new Error(`${addressVariable} is not set: run this through ./etabli test e2e`);
		await use(address);
	},
	baseURL: async ({ address }, use) => use(address),
	complaints: [
		async ({ context }, use) => {
			const complaints = new Complaints();
			complaints.listenTo(context);
			await use(complaints);
			complaints.judge();
		},
		{ auto: true },
	],
	lesson: async ({ page }, use) => {
		const lesson = new LessonPage(page);
		await use(lesson);
		await lesson.leave();
	},
	startProxy: async ({ lesson, complaints }, use) => {
		const proxies: Proxy[] = [];
		await use(async (target, faults) => {
			const proxy = await Proxy.before(target, faults);
			proxies.push(proxy);
			return proxy;
		});
		await lesson.leave();
		// Pages that are still open miss their server from now on.
		complaints.stop();
		for (const proxy of proxies) await proxy.close();
	},
	anotherLearner: async ({ browser, complaints }, use) => {
		const learners: LessonPage[] = [];
		await use(async () => {
			const context = await browser.newContext();
			complaints.listenTo(context);
			const learner = new LessonPage(await context.newPage());
			learners.push(learner);
			return learner;
		});
		for (const learner of learners) {
			await learner.leave();
			await learner.page.context().close();
		}
	},
});

/** Every learner is one browser context; this is a second window of the same. */
export async function secondWindow(page: Page): Promise<LessonPage> {
	return new LessonPage(await page.context().newPage());
}
