/** A page beside a server that is newer, and a connection that comes back. */

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

test('"Retry now" leads back into the terminal', async ({ lesson, page }) => {
	let refuse = false;
	let cut = () => {};
	await page.routeWebSocket(/\/ws$/, (socket) => {
		if (refuse) return void socket.close();
		socket.connectToServer();
		cut = () => void socket.close();
	});
	await lesson.openLive();
	const retry = page.getByRole('button', { name: lesson.t.retryNow }).filter({ visible: true });
	await expect(async () => {
		// The connection fails until somebody is there to press the button; it may have come back by itself before the button was pressed.
		refuse = true;
		cut();
		await expect(retry).toBeVisible({ timeout: patience(500) });
		refuse = false;
		// It is drawn anew each second: a click of the mouse may come in between.
		await retry.evaluate((element) => (element as HTMLElement).click(), undefined, { timeout: patience(500) });
	}).toPass({ timeout: patience(60_000) });
	await lesson.prompt();
	await expect(lesson.terminal.locator('.xterm-helper-textarea')).toBeFocused();
	await page.keyboard.type('echo "back again"\n');
	await lesson.shows(/^back again$/m);
});
