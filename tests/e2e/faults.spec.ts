/** What a learner sees when something breaks or runs out: the server, the engine, the room. */

import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { CuttableRuntime, ownStarts } from '../fixtures/cuttable-runtime.ts';
import type { ShownTerminal } from './support/lesson-page.ts';
import { expect, test } from './support/own-server.ts';

/** A page whose server is away complains of that, and of nothing else. */
const connectionLost = /WebSocket connection|ERR_CONNECTION_REFUSED|Failed to load resource: the server responded with a status of 503/;

test('the server is killed while vim is open over 5,000 lines: the same screen comes back, and nothing is typed', async ({
	lesson,
	page,
	startServer,
	complaints,
}) => {
	complaints.expect(connectionLost);
	const server = await startServer();
	await lesson.openLive('first-container', 'fr', server.address);
	await lesson.type("for i in $(seq 1250); do printf '\\e[3%dmline %d\\e[0m\\nsecond\\nthird\\nfourth\\n' $((i % 8)) $i; done");
	await lesson.shows(/^line 1250$/m);
	await lesson.prompt();
	await lesson.type("printf 'alpha\\nbeta\\ngamma\\n' > poem.txt; vim -c 'set mouse=a number' poem.txt");
	await lesson.shows(/^\s+3 gamma$/m);
	await page.keyboard.type('Gothe line I was writing');
	await lesson.shows(/the line I was writing/);
	const look = () =>
		lesson.terminal.evaluate((element) => ({
			live: (element as ShownTerminal).live,
			screen: (element as ShownTerminal).lines(),
			scrollback: (element as ShownTerminal).lines('normal'),
			mouse: element.querySelector('.xterm')?.classList.contains('enable-mouse-events'),
		}));
	const before = await look();
	expect(before.scrollback.length).toBeGreaterThan(5_000);
	expect(before.mouse).toBe(true);
	const picture = () => lesson.terminal.locator('.terminal-screen').screenshot();
	// Drawn to the end once it does not change any more.
	let pictureBefore = await picture();
	const stands = async () => {
		const last = pictureBefore;
		pictureBefore = await picture();
		return pictureBefore.equals(last);
	};
	await expect.poll(stands).toBe(true);

	await server.kill('SIGKILL');
	await expect(page.getByText(/Connexion perdue\. Nouvel essai dans \d+ s\./).first()).toBeVisible();
	await server.serve();
	// It would come back by itself, a little later.
	const retry = page.getByRole('button', { name: lesson.t.retryNow });
	if (await retry.isVisible()) await retry.click({ timeout: patience(1_000) }).catch(() => undefined);
	await expect(
		page
			.locator('lab-dock')
			.getByText(/Connexion perdue/)
			.filter({ visible: true }),
	).toHaveCount(0);
	await expect.poll(look).toEqual(before);
	// A click would be vim's.
	await lesson.terminal.locator('.xterm-helper-textarea').focus();
	await expect.poll(async () => (await picture()).equals(pictureBefore), { message: 'colours and cursor look the same' }).toBe(true);

	await page.keyboard.type(', and the rest');
	await lesson.shows(/the line I was writing, and the rest/);
	await page.keyboard.press('Escape');
	await page.keyboard.type(':wq\n');
	await lesson.prompt();
	await lesson.type('clear; cat poem.txt');
	await lesson.shows(/^the line I was writing, and the rest$/m);
	await lesson.prompt();
	// Nothing was answered into the shell by what was replayed.
	expect((await lesson.screen()).at(-1)).toMatch(/\$ $/);
});

test('no room: the place in the queue, and it starts by itself', async ({ lesson, anotherLearner, startServer }) => {
	const server = await startServer({ maxSandboxes: 1 });
	await lesson.openLive('first-container', 'fr', server.address);
	const second = await anotherLearner();
	await second.open('first-container', 'fr', server.address);
	await expect(second.dockSentence).toHaveText('Vous êtes dans la file : place 1.');
	const third = await anotherLearner();
	await third.open('first-container', 'en', server.address);
	await expect(third.dockSentence).toHaveText('You are in the queue: place 2.');
	const dialog = await lesson.openReset();
	await dialog.getByRole('button', { name: lesson.t.endLab }).click();
	await expect(lesson.dockSentence).toHaveText(lesson.t.stateNone);
	await second.prompt();
	await expect(third.dockSentence).toHaveText('You are in the queue: place 1.');
});

test('the engine is away: who works goes on, who comes is told, and it comes back by itself', async ({
	lesson,
	page,
	anotherLearner,
	startServer,
}) => {
	test.skip(ownStarts, 'a server that starts sandboxes itself needs no engine meanwhile: tests/faults');
	const engine = await CuttableRuntime.make();
	await engine.open();
	try {
		const server = await startServer(engine.options);
		await lesson.openLive('first-container', 'fr', server.address);
		await lesson.type('echo before');
		await lesson.shows(/^before$/m);
		await engine.cut();
		await expect(page.locator('lab-dock').getByText('Le moteur de conteneurs ne répond pas').first()).toBeVisible();
		await lesson.type('touch lolcow.sif; echo meanwhile');
		await lesson.shows(/^meanwhile$/m);
		await expect(lesson.status('pull')).toContainText('ce n’est pas une image SIF complète');
		const newcomer = await anotherLearner();
		await newcomer.open('first-container', 'fr', server.address);
		await expect(newcomer.dockSentence).toHaveText(newcomer.t.stateUnavailable);
		await engine.open();
		await newcomer.prompt();
		await expect(page.locator('lab-dock').getByText('Le moteur de conteneurs ne répond pas').filter({ visible: true })).toHaveCount(0);
		await lesson.type('echo after');
		await lesson.shows(/^before$[\s\S]*^meanwhile$[\s\S]*^after$/m);
		await lesson.leave();
		await newcomer.leave();
	} finally {
		await engine.open().catch(() => undefined);
	}
	// The server needs it to put everything away; the process's end closes it.
});

test('a server without an engine: the dock says what is missing', async ({ lesson, page, startServer }) => {
	const server = await startServer({ engine: 'none' });
	await lesson.open('first-container', 'fr', server.address);
	await expect(page.getByText(lesson.t.readingEngine)).toBeVisible();
	await expect(page.getByRole('button', { name: lesson.t.run })).toHaveCount(0);
});
