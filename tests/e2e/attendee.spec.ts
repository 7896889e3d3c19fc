/** Somebody in a trainer's room: in by a code, back by four words, a raised hand, a terminal that is shown with leave. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../sandbox-server/setup/paths.ts';
import { attendeeFr as t } from '../../src/i18n/attendee-fr.ts';
import { roomFr } from '../../src/i18n/room-fr.ts';
import { frameKind } from '../../src/shared/protocol/messages.ts';
import { accessible } from './support/axe.ts';
import { course, LessonPage } from './support/lesson-page.ts';
import { expect, test } from './support/own-server.ts';

const folder = join(root, 'test-results/screens');
mkdirSync(folder, { recursive: true });

test('in by a code, a hand up, a terminal shown after a yes and typed in after a second, ended by one click, back by four words', async ({
	browser,
	page,
	lesson,
	startServer,
	complaints,
}) => {
	// The browser itself tells of each refusal.
	complaints.expect(/status of 40[0139]|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|WebSocket/);
	const kinds = new Set<number | undefined>();
	page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => typeof payload !== 'string' && kinds.add(payload[0])));
	const server = await startServer();
	const trainer = await browser.newContext();
	const desk = await trainer.newPage();
	const printed = () => /^http\S+#enter=\S+(?=\n)/m.exec(server.said)?.[0];
	await expect.poll(printed).toBeDefined();
	await desk.goto(printed() ?? '');
	await expect(desk.getByLabel(roomFr.fieldTitle)).toBeVisible();
	const post = async (path: string, data = {}) =>
		(await trainer.request.post(`${server.address}${path}`, { data, headers: { origin: server.address } })).json();
	const now = Date.now();
	const draft = { title: 'Jour 1', course, starts: now, ends: now + 3 * 3600_000, expected: 1, roster: 'Lovelace Ada\nCurie Marie' };
	const room = await post('/api/rooms', draft);

	// Not open yet; a wrong code; then in.
	// As the QR code has it: what stands behind "#" goes along with the redirect.
	await page.goto(`${server.address}/j#${room.code}`);
	await expect(page.getByRole('alert').filter({ hasText: 'pas encore ouverte' })).toBeVisible();
	await post(`/api/rooms/${room.id}/open`);
	await page.getByLabel(t.codeLabel).fill('AAA AAA');
	await page.getByRole('button', { name: t.goOn }).click();
	await expect(page.getByRole('alert').filter({ hasText: 'Aucune salle ouverte' })).toBeVisible();
	await accessible(page, 'a wrong code');
	await page.getByLabel(t.codeLabel).fill(room.code.toLowerCase());
	await page.keyboard.press('Enter');
	await page.getByLabel(t.pickLabel).selectOption(t.pickOther);
	await page.getByLabel(t.nameLabel).fill('e'.repeat(300));
	await page.getByRole('button', { name: t.enter, exact: true }).click();
	await expect(page.getByRole('alert').filter({ hasText: 'trop long' })).toBeVisible();
	await page.getByLabel(t.pickLabel).selectOption('Lovelace Ada');
	await page.getByRole('button', { name: t.enter, exact: true }).click();
	await expect(page.locator('.room-words li')).toHaveCount(4);
	const words = await page.locator('.room-words li').allTextContents();
	await accessible(page, 'four words');
	await page.getByRole('link', { name: t.toLesson }).click();
	await lesson.prompt();

	// A hand, seen and answered.
	const strip = page.locator('.room-strip');
	await expect(strip.getByRole('link')).toHaveText('Salle : Jour 1');
	await strip.getByRole('button', { name: t.raise }).click();
	await page.getByLabel(t.lineLabel).fill('Je suis perdue');
	await page.keyboard.press('Enter');
	await expect(strip.getByRole('status').filter({ hasText: t.placeFirst })).toBeVisible();
	await desk.goto(`${server.address}/fr/salle/?room=${room.id}`);
	const asks = desk.getByRole('listitem').filter({ hasText: 'Je suis perdue' });
	await asks.getByRole('button', { name: roomFr.onMyWay }).click();
	await expect(strip.getByRole('status').filter({ hasText: 'arrive' })).toBeVisible();

	// Eyes up, a gate and a clock: by the server's time, also after a reload; nobody is locked out of anything.
	const leads = (title: string) => desk.getByRole('group', { name: title });
	await leads(roomFr.paceLookUp).getByRole('button').nth(2).press('Enter');
	for (const place of ['.room-strip', '.dock-body']) await expect(page.locator(`${place} .room-attention`)).toContainText('levez les yeux');
	await expect(leads(roomFr.paceLookUp).getByRole('button', { name: roomFr.paceEnd })).toBeFocused();
	await desk.keyboard.press('Enter');
	await expect(page.locator('.dock-body .room-attention')).toBeHidden();
	await expect(leads(roomFr.paceLookUp).getByRole('heading')).toBeFocused();
	await post(`/api/rooms/${room.id}/pace`, { attention: { seconds: 600 } });
	await expect(page.locator('.dock-body .room-attention')).toBeVisible();
	await accessible(page, 'eyes up');
	await post(`/api/rooms/${room.id}/pace`, { attention: null });
	await leads(roomFr.paceGate).getByRole('button', { name: roomFr.paceGateSet }).click();
	await leads(roomFr.paceClock).getByRole('button', { name: roomFr.paceClockStart }).click();
	await expect(page.locator('.room-gate')).toContainText(t.gateHere);
	await expect(page.locator('.room-clock')).toContainText(/\s(10:00|[5-9]:\d\d)$/);
	await page.reload();
	await lesson.prompt();
	await expect(page.locator('.room-gate')).toContainText(t.gateHere);
	await leads(roomFr.paceClock).getByRole('button', { name: '5' }).click();
	await expect(page.locator('.room-clock')).toContainText(/1[1-5]:\d\d/);
	await accessible(page, 'behind a gate');
	await desk.getByRole('textbox', { name: roomFr.cardQuestion }).fill('Qu’est-ce qui reste flou ?');
	await desk.getByRole('button', { name: roomFr.cardAsk }).click();
	const unclear = page.getByLabel('Qu’est-ce qui reste flou ?');
	await strip.getByRole('button', { name: t.cardAside }).press('Enter');
	await expect(strip.getByRole('button', { name: t.cardWaiting })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(unclear).toBeFocused();
	await unclear.fill('Les couches');
	// Closed while it is written, and asked again: the words are still there.
	const card = desk.getByRole('article').filter({ hasText: 'Qu’est-ce qui reste flou ?' });
	await card.getByRole('button', { name: roomFr.cardClose }).click();
	await expect(strip.getByText(t.cardOver)).toBeFocused();
	await expect(unclear).toHaveValue('Les couches');
	await accessible(page, 'a question closed while it is answered');
	await card.getByRole('button', { name: roomFr.cardAgain }).click();
	await expect(unclear).toBeEditable();
	await expect(unclear).toHaveValue('Les couches');
	await accessible(page, 'a minute card');
	await unclear.focus();
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await expect(strip.getByText(t.cardThanks)).toBeFocused();
	await leads(roomFr.paceGate).getByRole('button', { name: roomFr.paceGateOpen }).click();
	await leads(roomFr.paceClock).getByRole('button', { name: roomFr.paceEnd }).click();
	await expect(page.locator('.room-gate')).toHaveCount(0);
	await expect(page.locator('.room-clock')).toBeHidden();
	await leads(roomFr.paceBenches).getByRole('button', { name: roomFr.paceExtend }).click();
	await expect(desk.getByText(/^Prolongés\s: 1\s;/)).toBeVisible();

	// Shown after a yes, typed in after a second.
	await asks.getByRole('button', { name: roomFr.look }).click();
	const bar = page.locator('.dock-body .room-look');
	const dialog = desk.getByRole('dialog');
	await expect(bar).toContainText('demande à voir');
	await expect(dialog.locator('.xterm-rows')).toHaveCount(0);
	await expect(dialog.getByRole('button', { name: roomFr.lookAskTyping })).toBeHidden();
	await bar.getByRole('button', { name: t.lookYes }).click();
	await expect(dialog.getByRole('status')).toContainText('Vous regardez le terminal de Lovelace Ada');
	await expect(bar).toContainText('regarde votre terminal 1');
	await lesson.type('echo seen-$((1+1))');
	await expect(dialog.locator('.xterm-rows')).toContainText('seen-2');
	await accessible(page, 'somebody looks');
	await dialog.getByRole('button', { name: roomFr.lookAskTyping }).click();
	await bar.getByRole('button', { name: t.typingYes }).click();
	await expect(dialog.getByRole('status')).toContainText('Vous pouvez taper');
	await dialog.locator('.xterm-screen').click();
	await desk.keyboard.type('echo guest-$((2+2))\n');
	await lesson.shows(/^guest-4$/m);
	await expect(bar).toContainText('tape dans votre terminal');
	await bar.getByRole('button', { name: t.lookStop }).click();
	await expect(dialog.getByRole('status')).toContainText('C’est fini');
	await expect(dialog.getByRole('button', { name: roomFr.lookAskTyping })).toBeHidden();
	await expect(bar).toHaveCount(0);
	await desk.keyboard.type('echo late\n');
	await lesson.type('echo own-$((3+3))');
	await lesson.shows(/^own-6$/m);
	expect((await lesson.screen()).join('\n')).not.toContain('late');

	await dialog.getByRole('button', { name: roomFr.lookEnd }).click();

	// Set so that a hand is leave to look: said where it is raised, seen at once, ended by one click.
	await post(`/api/rooms/${room.id}`, { ...draft, handLooks: true });
	await strip.getByRole('button', { name: t.lower }).click();
	await strip.getByRole('button', { name: t.raise }).click();
	await expect(strip.getByText(t.handLooks)).toBeVisible();
	await expect(page.getByLabel(t.lineLabel)).toHaveAccessibleDescription(/vaut accord.*demande toujours votre oui/);
	await page.getByLabel(t.lineLabel).fill('Je suis perdue');
	await page.keyboard.press('Enter');
	await expect(strip.getByRole('status').filter({ hasText: `${t.placeFirst} ${t.handIsLeave}` })).toBeVisible();
	await asks.getByRole('button', { name: roomFr.lookByHand }).click();
	await expect(dialog.getByRole('status')).toContainText('Vous regardez le terminal de Lovelace Ada');
	await expect(bar).toContainText('regarde votre terminal 1');
	await bar.getByRole('button', { name: t.lookStop }).click();
	await expect(dialog.getByRole('status')).toContainText('C’est fini');
	await dialog.getByRole('button', { name: roomFr.lookEnd }).click();

	// Shown to the whole room, after a yes to just that, until one click ends it; for that no hand is leave.
	const lead = new LessonPage(await trainer.newPage());
	await lead.openLive('first-container', 'fr', server.address);
	await desk.getByRole('button', { name: 'Lovelace Ada', exact: true }).first().click();
	await desk.screenshot({ path: join(folder, 'show-theirs-ask.png') });
	await dialog.getByRole('button', { name: roomFr.lookAll }).click();
	await expect(bar).toContainText('à toute la salle');
	await accessible(page, 'a question to show it to all');
	await page.screenshot({ path: join(folder, 'show-theirs-asked.png') });
	await bar.getByRole('button', { name: t.lookYesAll }).click();
	await expect(bar).toContainText('Toute la salle voit votre terminal 1');
	await expect(dialog.getByRole('status')).toContainText('Toute la salle voit le terminal de Lovelace Ada');
	const theirs = lead.page.getByRole('tab', { name: 'Lovelace Ada' });
	await theirs.click();
	await lesson.type('echo for-all-$((4+4))');
	const shownToAll = lead.page.getByRole('tabpanel', { name: 'Lovelace Ada' });
	await expect(shownToAll.locator('.xterm-rows')).toContainText('for-all-8');
	await accessible(page, 'shown to all');
	for (const [width, colorScheme] of [
		[390, 'dark'],
		[1440, 'light'],
	] as const) {
		await page.setViewportSize({ width, height: 800 });
		await page.emulateMedia({ colorScheme });
		await page.screenshot({ path: join(folder, `show-theirs-${width}.png`) });
	}
	await page.setViewportSize({ width: 1280, height: 720 });
	await lead.page.screenshot({ path: join(folder, 'show-theirs-room.png') });
	await desk.screenshot({ path: join(folder, 'show-theirs-desk.png') });
	await bar.getByRole('button', { name: t.lookStop }).click();
	await expect(theirs).toHaveCount(0);
	await expect(dialog.getByRole('status')).toContainText('C’est fini');
	await dialog.getByRole('button', { name: roomFr.lookEndAll }).click();

	// That took the leave back. Asked once more, from the class: a no is a no.
	await expect(asks.getByRole('button', { name: roomFr.look })).toBeVisible();
	await desk.getByRole('button', { name: 'Lovelace Ada', exact: true }).first().click();
	await dialog.getByRole('button', { name: roomFr.look }).click();
	await bar.getByRole('button', { name: t.lookNo, exact: true }).click();
	await expect(dialog.getByRole('status')).toContainText('a dit non');
	await dialog.getByRole('button', { name: roomFr.lookEnd }).click();

	// "Follow me": asked, gone along with, and left.
	const reins = lead.page.locator('.room-strip');
	await reins.getByRole('button', { name: t.lead, exact: true }).click();
	await strip.getByRole('button', { name: t.followGo, exact: true }).click();
	await lead.page.evaluate(() => document.querySelector('#step-run')?.scrollIntoView({ block: 'start' }));
	await expect(lesson.step('run').getByRole('heading').first()).toBeInViewport();
	await strip.getByRole('button', { name: t.followLeave, exact: true }).click();
	await reins.getByRole('button', { name: t.leadStop, exact: true }).click();
	await expect(strip.locator('.room-follow')).toBeHidden();

	// The trainer's own terminal, in a tab: reached by the keyboard, its commands run in one's own.
	await lead.command('echo before-$((5+5))');
	await reins.getByRole('button', { name: t.showStart }).click();
	await expect(reins.getByRole('status').filter({ hasText: 'La salle voit votre terminal 1.' })).toBeVisible();
	const tab = page.getByRole('tab', { name: t.trainerTab });
	await expect(tab).toBeVisible();
	await page.getByRole('tab', { name: 'Terminal 1' }).focus();
	await page.keyboard.press('ArrowRight');
	await expect(tab).toBeFocused();
	const panel = page.getByRole('tabpanel', { name: t.trainerTab });
	await expect(panel.getByRole('status')).toContainText('montre son terminal');
	await lead.command('echo shown-$((1+1))');
	await expect(panel.locator('.xterm-rows')).toContainText('shown-2');
	await expect(panel.locator('.xterm-rows')).not.toContainText('before-10');
	await accessible(page, 'the trainer’s terminal');
	for (const [width, colorScheme] of [
		[1440, 'light'],
		[390, 'dark'],
	] as const) {
		await page.setViewportSize({ width, height: 800 });
		await page.emulateMedia({ colorScheme });
		expect(await page.evaluate(() => document.documentElement.scrollWidth), 'nothing beside the page').toBeLessThanOrEqual(width);
		await page.screenshot({ path: join(folder, `trainer-tab-${width}.png`) });
	}
	await page.setViewportSize({ width: 1280, height: 720 });
	await expect(panel.locator('.xterm-rows')).toContainText('shown-2');
	await lead.page.screenshot({ path: join(folder, 'trainer-shows.png') });
	await panel.getByRole('button', { name: 'Exécuter dans le mien : echo shown' }).focus();
	await page.keyboard.press('Enter');
	await lesson.shows(/^shown-2$/m);

	// After a reload it is there again; after the server was killed when the trainer presses again, and not before; until the trainer ends it.
	await page.reload();
	await tab.click();
	await expect(panel.locator('.xterm-rows')).toContainText('shown-2');
	await server.kill('SIGKILL');
	await expect(panel.getByRole('status')).toContainText('pas là en ce moment');
	await server.serve();
	await expect(reins.getByRole('status').filter({ hasText: t.showOver })).toBeVisible();
	await expect(tab).toHaveCount(0);
	await lead.command('echo unseen-$((8+9))');
	await reins.getByRole('button', { name: t.showStart }).click();
	await expect(panel.getByRole('status')).toContainText('montre son terminal');
	await lead.command('echo again-$((3+4))');
	await expect(panel.locator('.xterm-rows')).toContainText('again-7');
	await expect(panel.locator('.xterm-rows')).not.toContainText('unseen-17');

	// As soon as several follow, much output goes packed: the page reads it to its end, in order.
	const others = ['Marie', 'Alan', 'Emmy'].map(async (name) => {
		const client = server.learner({ course, lesson: 'first-container', language: 'fr' });
		await client.post('/api/rooms/join', { code: room.code, name });
		await client.connect();
		await client.follow();
		return client;
	});
	const followers = await Promise.all(others);
	await lead.command('seq -f "line %.0f of much output" 1 3000');
	await expect(panel.locator('.xterm-rows')).toContainText('line 3000 of much output');
	const shown = (await panel.locator('.xterm-rows').innerText()).match(/(?<=line )\d+(?= of)/g)?.map(Number) ?? [];
	expect(shown.length).toBeGreaterThan(3);
	expect(shown).toEqual(shown.map((_, at) => (shown[0] ?? 0) + at));
	expect([...kinds], 'packed frames came').toContain(frameKind.packed);
	for (const client of followers) await client.disconnect();
	await reins.getByRole('button', { name: t.showStop }).click();
	await expect(tab).toHaveCount(0);
	await lesson.prompt();

	// Back from another machine, with everything; the hand is still up, and the page says who looked.
	const elsewhere = await browser.newContext({ locale: 'fr-FR' });
	const other = await elsewhere.newPage();
	await other.goto(`${server.address}/join`);
	await other.getByText(t.backTitle).click();
	await other.getByLabel(t.backLabel).fill(words.join(' '));
	await other.getByRole('button', { name: t.backEnter }).click();
	await expect(other.locator('.room-strip').getByRole('button', { name: t.lower })).toBeVisible();
	await other.locator('.room-strip').getByRole('link').click();
	await expect(other.getByText('a demandé à voir votre terminal')).toHaveCount(3);
	await expect(other.getByText('votre main levée valait accord')).toBeVisible();
	await expect(other.getByText('vous avez dit non')).toBeVisible();
	await accessible(other, 'what the room knows');
	await other.getByRole('button', { name: t.leave, exact: true }).click();
	await other.getByRole('button', { name: t.leaveYes }).click();
	await expect(other.getByText(t.mineNone)).toBeVisible();
	await expect(strip).toBeHidden();
	await expect(asks).toHaveCount(0);
	await elsewhere.close();
	await trainer.close();
});
