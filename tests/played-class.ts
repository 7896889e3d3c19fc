/**
 * A class in its room, played beside three real pages of Chromium: a trainer's, a helper's, a learner's. By hand, against a server that runs:
 *
 *   ./etabli up --courses tests/fixtures/room-courses --max-sandboxes 110
 *   ./etabli trainer add "Played class"
 *   node tests/played-class.ts http://127.0.0.1:8080 LINK 100 10 FOLDER      (learners, minutes, where pictures go)
 *
 * Ends with what the rehearsal says of the class (as `./etabli rehearse --room`), what the three pages lived through, and status 1 if anything was wrong.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page } from '@playwright/test';
import { root } from '../sandbox-server/setup/paths.ts';
import { judgeRoom } from '../sandbox-server/tools/rehearsal/room/room-judgement.ts';
import { playRoom, type RoomDoors } from '../sandbox-server/tools/rehearsal/room/room-play.ts';
import { loadCourses } from '../src/courses/load.ts';
import { attendeeFr as t } from '../src/i18n/attendee-fr.ts';
import { fr } from '../src/i18n/fr.ts';
import { roomFr } from '../src/i18n/room-fr.ts';
import type { ShownTerminal } from './e2e/support/lesson-page.ts';

const [address = '', link = '', learners = '100', minutes = '10', folder = 'test-results/played-class'] = process.argv.slice(2);
const length = Number(minutes) * 60_000;
const patient = { timeout: 120_000 };
const lived: string[] = [];
const wrong: string[] = [];
mkdirSync(folder, { recursive: true });

const tell = (who: string, what: string) => {
	const line = `${new Date().toISOString().slice(11, 19)} ${who}: ${what}`;
	lived.push(line);
	process.stdout.write(`${line}\n`);
};

/** What the page itself complains of. */
function listen(page: Page, who: string): void {
	page.on('pageerror', (error) => wrong.push(`${who}: ${error.message}`));
	page.on('console', (message) => {
		// The browser itself tells of each refusal, such as a helper's at the trainer's list of rooms.
		if (message.type() === 'error' && !/status of 403/.test(message.text())) wrong.push(`${who}: ${message.text()}`);
	});
}

async function newPage(browser: Browser, who: string, size = { width: 1440, height: 900 }): Promise<Page> {
	const page = await (await browser.newContext({ viewport: size, locale: 'fr-FR' })).newPage();
	listen(page, who);
	return page;
}

/** One person's part: what goes wrong in it is told, and ends nobody else's. */
async function part(who: string, act: () => Promise<void>): Promise<void> {
	try {
		await act();
		tell(who, 'has come through');
	} catch (error) {
		wrong.push(`${who}: ${error instanceof Error ? error.message : String(error)}`);
		tell(who, 'has NOT come through');
	}
}

let over = false;

async function trainer(browser: Browser, { id, trainer: secret }: RoomDoors): Promise<void> {
	const page = await newPage(browser, 'trainer');
	await page.goto(`${address}/fr/salles/#enter=${secret}`);
	await page.goto(`${address}/fr/salle/?room=${id}`);
	await page.getByRole('row').nth(5).waitFor(patient);
	tell('trainer', 'sees the class');
	for (let picture = 1; !over; picture++) {
		await page.screenshot({ path: join(folder, `trainer-${String(picture).padStart(2, '0')}.png`) });
		tell('trainer', (await page.locator('.where-summary').textContent())?.trim() ?? '');
		for (let second = 0; second < Math.max(5, length / 20_000) && !over; second++) await sleep(1000);
	}
	await page.getByRole('button', { name: roomFr.results }).click();
	await sleep(1000);
	await page.screenshot({ path: join(folder, 'trainer-results.png') });
}

async function helper(browser: Browser, { id, helper: secret }: RoomDoors, name: string): Promise<void> {
	const page = await newPage(browser, 'helper', { width: 820, height: 1180 });
	await page.goto(`${address}/fr/salles/#enter=${secret}`);
	await page.goto(`${address}/fr/salle/?room=${id}`);
	const asks = page.getByRole('listitem').filter({ hasText: name });
	await asks.getByRole('button', { name: roomFr.onMyWay }).click(patient);
	tell('helper', 'is on the way');
	await page.screenshot({ path: join(folder, 'helper-queue.png') });
	await asks.getByRole('button', { name: roomFr.look }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('status').filter({ hasText: 'Vous regardez' }).waitFor(patient);
	await dialog.getByRole('button', { name: roomFr.lookAskTyping }).click();
	await dialog.getByRole('status').filter({ hasText: 'Vous pouvez taper' }).waitFor(patient);
	await dialog.locator('.xterm-screen').click();
	await page.keyboard.type('echo from-the-helper\n');
	await sleep(2000);
	await page.screenshot({ path: join(folder, 'helper-types.png') });
	await dialog.getByRole('status').filter({ hasText: 'C’est fini' }).waitFor(patient);
	tell('helper', 'has been shown out by one click');
	await dialog.getByRole('button', { name: roomFr.lookEnd }).click();
	await asks.getByRole('button', { name: roomFr.helped }).click();
}

async function learner(browser: Browser, { code }: RoomDoors, name: string): Promise<void> {
	const page = await newPage(browser, 'learner');
	await page.goto(`${address}/j#${code}`);
	await page.getByLabel(t.nameLabel).fill(name, patient);
	await page.getByRole('button', { name: t.enter, exact: true }).click();
	await page.getByRole('link', { name: t.toLesson }).click(patient);
	const screen = page.locator('lab-terminal:not([hidden]) .xterm-screen');
	const shows = async (text: string) => {
		const there = (wanted: string) =>
			[...document.querySelectorAll('lab-terminal')].some((one) => (one as ShownTerminal).lines().join('\n').includes(wanted));
		await page.waitForFunction(there, text, patient);
	};
	await screen.waitFor(patient);
	await shows('$');
	tell('learner', 'is at a prompt');
	const strip = page.locator('.room-strip');
	const type = async (line: string) => {
		await screen.click();
		await page.keyboard.type(`${line}\n`);
	};
	const passed = (step: string) => page.locator(`#step-${step} .step-status`).filter({ hasText: fr.passed });
	await type('touch done.txt');
	await passed('make').waitFor(patient);
	tell('learner', 'make is green');
	await page.screenshot({ path: join(folder, 'learner-1.png') });
	await strip.getByRole('button', { name: t.raise }).click();
	await page.getByLabel(t.lineLabel).fill('Où va la liste ?');
	await page.keyboard.press('Enter');
	const bar = page.locator('.dock-body .room-look');
	await bar.getByRole('button', { name: t.lookYes }).click(patient);
	tell('learner', 'has let a helper look');
	await bar.getByRole('button', { name: t.typingYes }).click(patient);
	await shows('from-the-helper');
	await page.screenshot({ path: join(folder, 'learner-looked-at.png') });
	await bar.getByRole('button', { name: t.lookStop }).click();
	tell('learner', 'has ended it');
	for (const [step, line] of [
		['list', 'ls > list.txt'],
		['count', 'wc -l < list.txt > count.txt'],
		['tidy', 'rm list.txt'],
	] as const) {
		await type(line);
		await passed(step).waitFor(patient);
		tell('learner', `${step} is green`);
	}
	// What the class is told and shown meanwhile is on the page, whatever it is.
	const seen = new Set<string>();
	while (!over) {
		const tabs = await page.getByRole('tab').allTextContents();
		for (const [what, there] of [
			['a message', (await page.getByText('Pause à dix heures et demie').count()) > 0],
			['eyes up', (await page.locator('.room-attention:visible').count()) > 0],
			['a gate', (await page.locator('.room-gate:visible').count()) > 0],
			['a clock', (await page.locator('.room-clock:visible').count()) > 0],
			['a terminal that is shown', tabs.length > 1],
			['a question', (await page.locator('.room-card:visible').count()) > 0],
		] as const)
			if (there && !seen.has(what)) {
				seen.add(what);
				tell('learner', `sees ${what}`);
				await page.screenshot({ path: join(folder, `learner-sees-${what.replaceAll(' ', '-')}.png`) });
			}
		await sleep(250);
	}
}

const [course] = loadCourses(join(root, 'tests/fixtures/room-courses')).courses;
if (!course) throw new Error('no course');
const browser = await chromium.launch({ executablePath: process.env['ETABLI_TEST_CHROMIUM'] || '/usr/bin/chromium' });
const order = {
	address,
	cookie: undefined,
	secret: link.split('#enter=').at(-1) ?? '',
	course,
	learners: Number(learners),
	trainers: 2,
	helpers: 3,
	arrival: Math.min(60_000, length / 5),
	length,
};
const people: Promise<void>[] = [];
const name = 'Hypatie d’Alexandrie';
const report = await playRoom(order, {
	onScene: (what) => tell('class', what),
	onOpen: (doors) => {
		people.push(
			part('trainer', () => trainer(browser, doors)),
			part('helper', () => helper(browser, doors, name)),
			part('learner', () => learner(browser, doors, name)),
		);
	},
});
over = true;
await Promise.all(people);
await browser.close();
const judgement = judgeRoom(report);
for (const { what, seen, limit, ok } of judgement.lines) process.stdout.write(`  ${ok ? '✓' : '✗'} ${what}: ${seen}  [${limit}]\n`);
process.stdout.write(`${judgement.sentence}\n`);
for (const line of [...report.ledger.failures, ...wrong]) process.stdout.write(`  ✗ ${line}\n`);
writeFileSync(join(folder, 'report.json'), JSON.stringify({ lived, wrong, ...judgement }, null, '\t'));
process.exitCode = judgement.holds && wrong.length === 0 && report.ledger.failures.length === 0 ? 0 : 1;
