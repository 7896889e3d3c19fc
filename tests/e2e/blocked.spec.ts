/** What keeps a page from its server although there is one: the sentence says what it is, and what to ask for. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { which } from '../../sandbox-server/setup/run.ts';
import { languages } from '../../src/shared/language.ts';
import { course, firstLesson, LessonPage } from './support/lesson-page.ts';
import { expect, test } from './support/own-server.ts';
import type { ProxyFaults } from './support/proxy.ts';

/** The browser itself tells of each refusal. */
const refused = /WebSocket connection|status of 40[13]/;

async function saysWhatBlocks(lesson: LessonPage, hurdle: 'sockets' | 'cookies' | 'address', askFor: RegExp): Promise<void> {
	await expect(lesson.dockSentence).toHaveText(lesson.t[`${hurdle}Blocked`]);
	const text = lesson.page.locator('.dock-message').getByText(lesson.t[`${hurdle}BlockedText`]);
	await expect(text).toBeVisible();
	await expect(text).toHaveText(askFor);
}

for (const language of languages) {
	test(`WebSockets that are refused, or cut, are named; once they are let through, the terminal opens (${language})`, async ({
		lesson,
		page,
		address,
		complaints,
		startProxy,
	}) => {
		complaints.expect(refused);
		const proxy = await startProxy(address, { sockets: 'refused' });
		for (const sockets of ['refused', 'cut'] as const) {
			proxy.faults = { sockets };
			await lesson.open(firstLesson, language, proxy.address);
			await saysWhatBlocks(lesson, 'sockets', /wss:\/\/.*\/ws/);
		}
		await expect(page.getByRole('button', { name: lesson.t.retryNow })).toBeVisible();
		// By itself: who has had it let through need not come back to the page.
		proxy.faults = {};
		await lesson.prompt();
	});
}

test('a script of the page that does not arrive is told, with the way to get it', async ({ lesson, page, complaints }) => {
	complaints.expect(/ERR_NETWORK_CHANGED|ERR_INTERNET_DISCONNECTED|Failed to load resource/);
	const told = page.getByRole('alert').filter({ hasText: lesson.t.incomplete });
	for (const part of [/TwoColumnContent/, /\/ec\./]) {
		await page.route(part, (route) => route.abort('internetdisconnected'));
		await lesson.open();
		await expect(told).toBeVisible();
		await page.unroute(part);
		await told.getByRole('link', { name: lesson.t.reload }).click();
		await lesson.prompt();
		await expect(told).toBeHidden();
	}
});

test('cookies that do not come through are named', async ({ lesson, address, complaints, startProxy }) => {
	complaints.expect(refused);
	const proxy = await startProxy(address, { noCookies: true });
	await lesson.open(firstLesson, 'fr', proxy.address);
	await saysWhatBlocks(lesson, 'cookies', /Autorisez les cookies/);
});

test('a browser that refuses all cookies, and with them its storage, shows the lesson and says why there is no terminal', async ({
	address,
	launchOptions,
}) => {
	const profile = mkdtempSync(join(tmpdir(), 'etabli-profile-'));
	mkdirSync(join(profile, 'Default'));
	const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
	writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(settings));
	// The browser without windows has no such setting: here it has to be the whole one, the distribution's or Playwright's.
	const { executablePath, ...options } = launchOptions;
	const shell = executablePath === undefined || executablePath.includes('headless-shell');
	const there = shell ? ['chromium', 'chromium-browser', 'google-chrome'].map((name) => which(name)).find(Boolean) : executablePath;
	const whole = there ? { executablePath: there } : { channel: 'chromium' };
	const browser = await chromium.launchPersistentContext(profile, { ...options, ...whole, viewport: { width: 1440, height: 900 } });
	try {
		const page = await browser.newPage();
		const lesson = new LessonPage(page);
		await lesson.open(firstLesson, 'en', address);
		await saysWhatBlocks(lesson, 'cookies', /Allow cookies/);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		expect(await browser.cookies()).toEqual([]);
	} finally {
		await browser.close();
		rmSync(profile, { recursive: true, force: true });
	}
});

test('a server whose --public-url is wrong says so to learners and in its log', async ({ lesson, startServer, complaints }) => {
	complaints.expect(refused);
	const server = await startServer({ publicUrl: 'https://etabli.example.org' });
	const address = /Server listening at (http:[^"\s]+)/.exec(server.log())?.[1] ?? '';
	for (const language of languages) {
		await lesson.open(firstLesson, language, address);
		await saysWhatBlocks(lesson, 'address', /--public-url/);
	}
	await expect.poll(() => server.log()).toContain(`a page of ${address} asks, and --public-url is https://etabli.example.org`);
});

test('a name that the server does not know, and no --public-url: said where the terminal would be', async ({
	lesson,
	address,
	complaints,
	startProxy,
}) => {
	complaints.expect(refused);
	const proxy = await startProxy(address, { host: 'etabli.example.org' } satisfies ProxyFaults);
	for (const language of languages) {
		await lesson.open(firstLesson, language, proxy.address);
		await expect(lesson.page.locator('.dock-reading')).toHaveText(/--public-url/);
		await expect(lesson.page.getByText(lesson.t.readingText)).toHaveCount(0);
	}
	expect(proxy.log).toContain(`GET /fr/${course}/${firstLesson}/`);
});
