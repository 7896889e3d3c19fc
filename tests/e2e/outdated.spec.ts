/** A page beside a server that is newer, and a connection that comes back. */

import type { Page } from '@playwright/test';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { expect, test } from './support/test.ts';

const unknown = JSON.stringify({ type: 'hologram', depth: 3 });

test('a message that the page does not know: it asks once to be loaded again, and goes on', async ({ lesson, page, complaints }) => {
	complaints.expect(/newer language/);
	let send = (_text: string) => {};
	await page.routeWebSocket(/\/ws$/, (socket) => {
		const server = socket.connectToServer();
		server.onMessage((message) => socket.send(message));
		send = (text) => socket.send(text);
	});
	await lesson.openLive();
	send(unknown);
	send(unknown);
	const notice = page.locator('.dock-strip').filter({ hasText: lesson.t.newVersion });
	await expect(notice).toHaveCount(1);
	await lesson.command('echo "still here"');
	await lesson.shows(/^still here$/m);
	await notice.getByRole('button', { name: lesson.t.reload }).click();
	await lesson.prompt();
	await expect(notice).toHaveCount(0);
});

test('a welcome that the page does not know: a sentence and a button, no endless new tries', async ({ lesson, page, complaints }) => {
	complaints.expect(/newer language/);
	let connections = 0;
	await page.routeWebSocket(/\/ws$/, (socket) => {
		connections++;
		socket.send(JSON.stringify({ type: 'welcome', protocol: 2 }));
	});
	await lesson.open();
	await expect(lesson.dockSentence).toHaveText(lesson.t.newVersion);
	await expect(page.locator('.dock-message').getByRole('button', { name: lesson.t.reload })).toBeVisible();
	// The first new try would come after a second.
	await page.waitForTimeout(2_500);
	expect(connections).toBe(1);
});

/** The page's connection to the real server: it can be cut, and new ones be refused. */
async function cuttable(page: Page): Promise<{ refuses: boolean; cut(): void }> {
	const wire = { refuses: false, cut: () => {} };
	await page.routeWebSocket(/\/ws$/, (socket) => {
		if (wire.refuses) return void socket.close();
		socket.connectToServer();
		wire.cut = () => void socket.close();
	});
	return wire;
}

test('"Retry now" leads back into the terminal', async ({ lesson, page }) => {
	const wire = await cuttable(page);
	await lesson.openLive();
	const retry = page.getByRole('button', { name: lesson.t.retryNow }).filter({ visible: true });
	await expect(async () => {
		// The connection fails until somebody is there to press the button; it may have come back by itself before the button was pressed.
		wire.refuses = true;
		wire.cut();
		await expect(retry).toBeVisible({ timeout: patience(500) });
		wire.refuses = false;
		await retry.click({ timeout: patience(500) });
	}).toPass({ timeout: patience(60_000) });
	await lesson.prompt();
	await expect(lesson.terminal.locator('.xterm-helper-textarea')).toBeFocused();
	await page.keyboard.type('echo "back again"\n');
	await lesson.shows(/^back again$/m);
});

test('a press of "Retry now" that lasts while the seconds count down is one all the same', async ({ lesson, page }) => {
	const wire = await cuttable(page);
	await page.clock.install();
	await lesson.openLive();
	wire.refuses = true;
	wire.cut();
	const retry = page.getByRole('button', { name: lesson.t.retryNow }).filter({ visible: true });
	await expect(retry).toBeVisible();
	await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 60_000);
	const sentence = page.locator('lab-dock .dock-strip').filter({ has: retry });
	const seconds = async () => ((await retry.isVisible()) ? Number(/\d+/.exec(await sentence.innerText())?.[0]) : 0);
	// Each failure makes the next wait longer.
	const later = async () => {
		await page.clock.runFor(1000);
		return seconds();
	};
	await expect.poll(later).toBeGreaterThan(3);
	const before = await seconds();
	await retry.hover();
	await page.mouse.down();
	await page.clock.runFor(1000);
	await expect.poll(seconds).toBe(before - 1);
	wire.refuses = false;
	await page.mouse.up();
	await page.clock.resume();
	await lesson.prompt();
	// Who has pressed it goes on where they were; by itself the connection would have come back without the keyboard.
	await expect(lesson.terminal.locator('.xterm-helper-textarea')).toBeFocused();
});
