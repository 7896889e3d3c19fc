/** A trainer's class from beginning to end: in by a link, a room, people at work, a message, a killed server, results. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../sandbox-server/setup/paths.ts';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { roomStrings } from '../../src/i18n/room.ts';
import type { WholeServer } from '../fixtures/server.ts';
import { accessible } from './support/axe.ts';
import { course } from './support/lesson-page.ts';
import { expect, test } from './support/own-server.ts';

const t = roomStrings.fr;
const folder = join(root, 'test-results/screens');
mkdirSync(folder, { recursive: true });

/** Somebody who joins by the code, and has a sandbox. */
async function learner(server: WholeServer, code: string, name: string): Promise<LearnerClient> {
	const client = server.learner({ course, lesson: 'first-container', language: 'fr' });
	await client.post('/api/rooms/join', { code, name });
	await client.connect();
	await client.start();
	return client;
}

test('a trainer leads a class: nobody has to reload anything, and a killed server loses nothing', async ({
	browser,
	page,
	startServer,
	complaints,
}) => {
	complaints.expect(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|status of 40[13]/);
	complaints.expect(/status of 409 \(Conflict\) \(\S+\/take\?/); // Somebody else is on the way.
	const server = await startServer();
	const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) });

	// In by the link that the server printed, once.
	const printed = () => /^http\S+#enter=\S+(?=\n)/m.exec(server.said)?.[0];
	await expect.poll(printed).toBeDefined();
	const link = printed() ?? '';
	await page.goto(link);
	await expect(page.getByLabel(t.fieldTitle)).toBeVisible();
	expect(page.url(), 'the secret is out of the address').not.toContain('enter');
	await accessible(page, 'a new room');
	const elsewhere = await browser.newContext();
	const stranger = await elsewhere.newPage();
	await stranger.goto(link);
	await expect(stranger.getByRole('alert')).toContainText('Ce lien a déjà servi');
	await stranger.goto(`${server.address}/fr/salles/`);
	await expect(stranger.getByText(t.trainersOnly)).toBeVisible();
	await elsewhere.close();

	// A room, with a list of names as a spreadsheet has it.
	await page.getByLabel(t.fieldTitle).fill('Conteneurs, jour 1');
	// For each who is expected a workbench is made ahead: more than these few would only keep the processors busy.
	await page.getByLabel(t.fieldExpected).fill('2');
	await page.getByLabel(t.fieldFile).setInputFiles({
		name: 'liste.csv',
		mimeType: 'text/csv',
		buffer: Buffer.from('Curie;Hélène\r\n---\r\nLovelace;Ada\r\n', 'latin1'),
	});
	await expect(page.getByLabel(t.fieldNames)).toHaveValue(/Curie;Hélène/);
	await page.getByRole('button', { name: t.create }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Conteneurs, jour 1');
	await expect(page.getByText('ligne 2 : aucun nom')).toBeVisible();
	await page.getByRole('button', { name: t.openRoom }).focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('button', { name: t.closeRoom })).toBeFocused();
	await expect(page.locator('.share-qr')).toHaveJSProperty('complete', true);
	expect(await page.locator('.share-qr').evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
	expect(await page.locator('.share-qr').getAttribute('src'), 'addresses stay in logs').not.toContain('code');
	const code = await page.locator('.share-code').textContent();

	// Two people come and work.
	const ada = await learner(server, code ?? '', 'Lovelace Ada');
	const evil = await learner(server, code ?? '', '=1+1 <b>Éve</b>');
	await expect(row('Lovelace Ada')).toContainText(t.here);
	await expect(row('=1+1 <b>Éve</b>')).toContainText(t.here);
	for (const client of [ada, evil]) await client.check('pull');
	await expect(row('Lovelace Ada').locator('.mark.failed')).toHaveCount(1);
	await expect(page.locator('.panel-sentences')).toContainText('2 personnes');
	const terminals = [await ada.terminal(), await evil.terminal()];
	for (const terminal of terminals) await terminal.run('apptainer nosuchverb');
	await expect(page.locator('.panel-commands')).toContainText('apptainer nosuchverb');
	await terminals[0]?.run('apptainer pull lolcow.sif docker://localhost:5000/lolcow:1.0');
	await ada.check('pull');
	await expect(row('Lovelace Ada').locator('.mark.passed')).toHaveText('✓');
	await expect(page.locator('.where-summary')).toHaveText('2 inscrits · 2 présents · 0 ont tout fait');
	await accessible(page, 'the class');

	// A message to all, by the keyboard.
	await page.getByLabel(t.sayText).focus();
	await page.keyboard.type('Pause à dix heures et demie');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await expect(page.getByText('Envoyé à 2 ; 2 ont une page ouverte.')).toBeVisible();
	await ada.until(() => JSON.stringify(ada.room?.['notes'])?.includes('Pause à dix heures et demie') === true, 'the message');
	const { id } = ada.room ?? {};
	await ada.post(`/api/rooms/${id}/hand?language=fr`, { lesson: 'first-container', step: 'run', line: 'Et maintenant ?' });
	await expect(page.locator('.queue')).toContainText('Et maintenant ?');
	const { width, height } = page.viewportSize() ?? { width: 1280, height: 720 };
	for (const narrow of [390, width]) {
		await page.setViewportSize({ width: narrow, height });
		expect(await page.evaluate(() => document.documentElement.scrollWidth), 'nothing beside the page').toBeLessThanOrEqual(narrow);
	}
	// A helper has pressed in the same moment: the trainer is told, and goes all the same.
	const { secret } = await (
		await page.request.post(`${server.address}/api/rooms/${id}/links`, {
			headers: { origin: server.address },
			data: { role: 'helper', name: 'Alan' },
		})
	).json();
	const alan = server.learner({ course, lesson: 'first-container', language: 'fr' });
	await alan.post('/api/rooms/enter', { secret });
	let taking = '';
	await page.route(
		'**/take?*',
		async (route) => {
			taking = new URL(route.request().url()).pathname;
			await alan.post(taking, { takenBy: null });
			await route.continue();
		},
		{ times: 1 },
	);
	await page.getByRole('button', { name: `${t.onMyWay}: Lovelace Ada` }).focus();
	await page.keyboard.press('Enter');
	await expect(page.locator('.queue').getByRole('alert')).toContainText('Alan est déjà en route.');
	await expect(page.locator('.queue li')).toContainText('Alan est en route.');
	await page.keyboard.press('Enter');
	await expect(page.locator('.queue li')).toContainText('Formateur est en route.');
	await expect(page.locator('.queue [role=alert]')).toBeEmpty();
	await expect(page.getByRole('button', { name: `${t.onMyWay}: Lovelace Ada` })).toBeFocused();
	// … or while the button is down: what was shown when the press began counts.
	await page.getByRole('button', { name: `${t.onMyWay}: Lovelace Ada` }).hover();
	await page.mouse.down();
	await alan.post(taking, { takenBy: 'Formateur' });
	await expect(page.locator('.queue li')).toContainText('Alan est en route.');
	await page.mouse.up();
	await expect(page.locator('.queue').getByRole('alert')).toContainText('Alan est déjà en route.');
	await page.keyboard.press('Enter');
	await expect(page.locator('.queue li')).toContainText('Formateur est en route.');

	// So far, and ten minutes for it; the wall shows both.
	const leads = (title: string) => page.getByRole('group', { name: title });
	await leads(t.paceGate).getByRole('button', { name: t.paceGateSet }).click();
	await expect(leads(t.paceGate).locator('.pace-state')).toContainText('1 sur 2');
	await leads(t.paceClock).getByRole('button', { name: t.paceClockStart }).click();
	await expect(leads(t.paceClock).locator('.pace-state')).toContainText('encore');
	await ada.until(() => JSON.stringify(ada.room?.['pace'])?.includes('ends') === true, 'the clock');

	// A question: three answers that are nobody's, and on the wall.
	await page.getByRole('textbox', { name: t.cardQuestion }).fill('Trop vite ?');
	await page.getByLabel(t.cardChoices).fill('Oui\nNon\n');
	await page.getByRole('button', { name: t.cardAsk }).click();
	await ada.until(() => ada.room?.['card'] !== undefined, 'the question');
	const mary = server.learner({ course, lesson: 'first-container', language: 'fr' });
	await mary.post('/api/rooms/join', { code, name: 'Mary' });
	const asked = ada.room?.['card'] as { id: string } | undefined;
	const answer = `/api/rooms/${id}/cards/${asked?.id}/answer`;
	await ada.post(answer, { choice: 0 });
	const card = page.getByRole('article').filter({ hasText: 'Trop vite ?' });
	await expect(card).toContainText('Les réponses se montrent à partir de 3');
	for (const client of [evil, mary]) await client.post(answer, { choice: 1 });
	await expect(card.getByRole('listitem').filter({ hasText: 'Non' })).toContainText('2 (67 %)');
	await card.getByRole('button', { name: t.cardShow }).click();
	await expect(card.getByRole('button', { name: t.cardHide })).toBeFocused();
	await accessible(page, 'a minute card');

	// The wall has no name.
	const wall = await page.context().newPage();
	await wall.goto(page.url().replace('/salle/', '/projection/'));
	await expect(wall.locator('.share-code')).toHaveText(code ?? '');
	await expect(wall.locator('.where-summary')).toContainText('3 inscrits');
	await expect(wall.locator('.wall-card li').filter({ hasText: 'Non' })).toContainText('2 (67 %)');
	await expect(wall.locator('.wall-pace [role=timer]')).toHaveText(/^\d+:\d\d$/);
	expect(await wall.content()).not.toContain('Lovelace');
	await accessible(wall, 'the wall');
	await wall.close();

	// One person, and back with the keyboard where it was.
	await row('Lovelace Ada').getByRole('button').focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('dialog', { name: 'Lovelace Ada' })).toContainText(t.passed);
	await accessible(page, 'one person');
	await page.keyboard.press('Escape');
	await expect(row('Lovelace Ada').getByRole('button')).toBeFocused();

	// Killed in the middle: the grid is right again by itself.
	await server.kill('SIGKILL');
	await expect(page.getByText(t.connectionLost)).toBeVisible();
	await server.serve();
	await expect(page.getByText(t.connectionLost)).toBeHidden();
	await expect(row('Lovelace Ada').locator('.mark.passed')).toHaveText('✓');
	await expect(row('=1+1 <b>Éve</b>').locator('.mark.failed')).toHaveCount(1);
	await expect(page.locator('.queue'), 'hands are still up').toContainText('Et maintenant ?');
	await expect(leads(t.paceClock).locator('.pace-state'), 'the clock runs on').toContainText('encore');
	await expect(leads(t.paceGate).getByRole('button', { name: t.paceGateOpen })).toBeVisible();
	await ada.connect();
	await expect(row('Lovelace Ada')).toContainText(t.here);
	// What is told of a hand may change at any moment: who is about to press a button of its line presses that one.
	const helped = page.getByRole('button', { name: `${t.helped}: Lovelace Ada` });
	const same = await helped.evaluateHandle((element) => element);
	await ada.post(`/api/rooms/${id}/hand?language=fr`, { lesson: 'first-container', step: 'run', line: 'Toujours là' });
	await expect(page.locator('.queue')).toContainText('Toujours là');
	expect(await same.evaluate((element) => element.isConnected)).toBe(true);
	await helped.click();
	await expect(page.getByText(t.noHands)).toBeVisible();

	// What is left of it.
	await page.getByRole('button', { name: t.results }).click();
	await accessible(page, 'results');
	const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: t.resultsCsv }).click()]);
	const csv = readFileSync(await download.path(), 'utf8');
	expect(csv.startsWith('\ufeffNom;Identifiant;')).toBe(true);
	expect(csv).toMatch(/^Lovelace Ada;learner-.*;first-container;pull;réussie;.*;\d+;\d+(,\d)?;0;non\r$/m);
	await page.keyboard.press('Escape');
	expect(csv).toContain("\r\n'=1+1 <b>Éve</b>;");
	await page.getByRole('button', { name: t.closeRoom }).click();
	await expect(page.getByText(t.isClosed)).toBeVisible();
});
