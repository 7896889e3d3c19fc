/** What a lesson page tells of its server's words, and in which order; what it asks before something is deleted. */
import type { StepReport } from '../../src/shared/protocol/api.ts';
import { ScriptedServer } from './support/scripted-server.ts';
import { test as base, expect } from './support/test.ts';

const test = base.extend<{ server: ScriptedServer }>({
	server: async ({ page }, use) => {
		const server = await ScriptedServer.start(page);
		await use(server);
		await page.close();
		await server.close();
	},
});

const lesson = '/api/lessons/tp-apptainer/first-container';
const report = (step: string, state: StepReport['state'], message?: string): StepReport => ({
	lesson: 'first-container',
	step,
	state,
	...(message && { message }),
});

/** Resolves when the test says so. */
function held<T>(answer: T): { answer: () => Promise<T>; release: () => void } {
	let release = () => {};
	const wait = new Promise<void>((resolve) => {
		release = resolve;
	});
	return { answer: () => wait.then(() => answer), release };
}

test('an answer that is older than what was told meanwhile changes nothing: fresh lab, longer lab, check', async ({
	lesson: page,
	server,
}) => {
	await page.open('first-container', 'fr', server.address);
	await page.prompt();
	const { page: window, t } = page;
	const late = held({ state: 'starting' });
	server.answers.set('POST /api/sandboxes/tp-apptainer/reset', late.answer);
	await (await page.openReset()).getByRole('button', { name: t.resetLab }).click();
	await window.getByRole('dialog', { name: t.resetLab }).getByRole('button', { name: t.resetLabYes }).click();
	server.say({ type: 'sandbox', sandbox: { state: 'starting' } });
	await expect(page.dockSentence).toHaveText(t.stateStarting);
	server.say({ type: 'sandbox', sandbox: { state: 'ready' } });
	await page.prompt();
	late.release();
	await expect(window.getByRole('dialog')).toHaveCount(0);
	await page.prompt();
	await expect(page.dockSentence).toHaveCount(0);

	// The same of a lab that is made to last longer …
	server.say({ type: 'sandbox', sandbox: { state: 'ready', ends: Date.now() + 60_000, extend: 1800 } });
	const longer = held({ state: 'ready', ends: Date.now() + 60_000, extend: 1800 });
	server.answers.set('POST /api/sandboxes/tp-apptainer/extend', longer.answer);
	await window.getByRole('button', { name: 'Garder 30 min de plus' }).click();
	server.say({ type: 'sandbox', sandbox: { state: 'ready', ends: Date.now() + 1_900_000 } });
	await expect(window.getByText('sera rangé dans')).toHaveCount(0);
	longer.release();
	await expect(window.locator('#announcer')).toContainText('durera 30 min de plus');
	await expect(window.getByText('sera rangé dans')).toHaveCount(0);

	// … and of a step: the next command has passed it while the answer to "check" was on its way.
	const check = held(report('pull', 'failed', 'Il manque tout.'));
	server.answers.set(`POST ${lesson}/steps/pull/check`, check.answer);
	await page.status('pull').getByRole('button', { name: t.check }).click();
	server.step('pull', 'passed');
	await expect(page.step('pull')).toHaveAttribute('data-state', 'passed');
	const answered = window.waitForResponse('**/steps/pull/check*');
	check.release();
	await (await answered).finished();
	// Whatever the page does with it is done by the next frame.
	await window.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
	await expect(page.step('pull')).toHaveAttribute('data-state', 'passed');
});

test('what deletes asks first, with the way to take everything home; nothing is asked of the server before', async ({
	lesson: page,
	server,
}) => {
	server.steps = [report('pull', 'failed', 'Non.')];
	await page.open('first-container', 'fr', server.address);
	await page.prompt();
	const { page: window, t } = page;
	const asked: string[] = [];
	window.on('request', (request) => request.method() === 'POST' && /reset$/.test(request.url()) && asked.push(request.url()));
	const openings = [
		[t.resetLesson, async () => (await page.openReset()).getByRole('button', { name: t.resetLesson }).click()],
		[t.resetLab, async () => (await page.openReset()).getByRole('button', { name: t.resetLab }).click()],
		[t.resetStep, () => page.status('pull').getByRole('button', { name: t.resetStep }).click()],
	] as const;
	for (const [name, open] of openings) {
		await open();
		const question = window.getByRole('dialog', { name });
		await expect(question).toContainText(/ser(a|ont)/);
		await expect(question.getByRole('button', { name: t.keepAll })).toBeFocused();
		await expect(question.getByRole('link', { name: t.takeHome })).toHaveAttribute('href', /\/archive/);
		await window.keyboard.press('Enter');
		await expect(question).toHaveCount(0);
	}
	expect(asked).toEqual([]);
	// Taking it home needs no menu.
	await expect(window.locator('.dock-tools').getByRole('link', { name: t.takeHome })).toBeVisible();
	await expect((await page.openReset()).locator('section').first()).toContainText(t.takeHome);
});

test('the archive is packed for who follows the link, not for who points at it', async ({ lesson: page, server }) => {
	await page.open('first-container', 'fr', server.address);
	await page.prompt();
	const { page: window, t } = page;
	const asked: string[] = [];
	window.on('request', (request) => asked.push(new URL(request.url()).pathname));
	const dialog = await page.openReset();
	await dialog.getByRole('link', { name: t.takeHome }).focus();
	await dialog.getByRole('link', { name: t.takeHome }).hover();
	// A page is fetched once it has been pointed at for a moment: by then the archive, pointed at as long, would have been, too.
	await window.waitForTimeout(200);
	await window.keyboard.press('Escape');
	await window.locator('.dock-tools').getByRole('link', { name: t.takeHome }).hover();
	await window.waitForTimeout(200);
	const next = window.locator('a[rel="next"]');
	await next.focus();
	await expect.poll(() => asked).toContain(new URL(await next.evaluate((link: HTMLAnchorElement) => link.href)).pathname);
	expect(asked.filter((path) => path.endsWith('/archive'))).toEqual([]);
});

test('a lab whose files cannot be kept is put away only when its learner says so, with the way to take them home', async ({
	lesson: page,
	server,
	complaints,
}) => {
	complaints.expect(/409/);
	const { page: window, t } = page;
	const message = 'L’établi n’a pas été rangé, car ceci ne peut pas être gardé : big.bin (80 MiB).';
	const asked: string[] = [];
	await window.route('**/api/sandboxes/tp-apptainer?*', async (route) => {
		if (route.request().method() !== 'DELETE') return route.fallback();
		const asks = new URL(route.request().url()).searchParams.get('ask') === '1';
		asked.push(asks ? 'may it?' : 'do it');
		await (asks ? route.fulfill({ status: 409, json: { code: 'files-unkept', message } }) : route.fulfill({ json: { state: 'none' } }));
	});
	await page.open('first-container', 'fr', server.address);
	await page.prompt();
	const end = async () => (await page.openReset()).getByRole('button', { name: t.endLab }).click();
	const question = window.getByRole('dialog', { name: t.endLab });
	await end();
	await expect(question).toContainText('big.bin (80 MiB)');
	await expect(question.getByRole('link', { name: t.takeHome })).toBeVisible();
	await expect(question.getByRole('button', { name: t.keepAll })).toBeFocused();
	await window.keyboard.press('Enter');
	await expect(window.getByRole('dialog')).toHaveCount(0);
	expect(asked).toEqual(['may it?']);
	await end();
	await question.getByRole('button', { name: t.endLabYes }).click();
	await expect(window.getByRole('dialog')).toHaveCount(0);
	expect(asked).toEqual(['may it?', 'may it?', 'do it']);
	await expect(page.terminal).toHaveCount(0);
});

test('one command, one sentence: a success is not covered, and of several steps that are not done one speaks', async ({
	lesson: page,
	server,
}) => {
	await page.open('first-container', 'fr', server.address);
	await page.prompt();
	const { page: window } = page;
	const announcer = window.locator('#announcer');
	const foot = window.locator('.foot-verdict');
	// A sentence is taken away again after some seconds: what has been heard is noted.
	const heard = await announcer.evaluateHandle((element) => {
		const all: string[] = [];
		new MutationObserver((changes) => {
			for (const { addedNodes } of changes) for (const { textContent } of addedNodes) all.push(textContent ?? '');
		}).observe(element, { childList: true });
		return all;
	});
	const said = async () => (await heard.jsonValue()).join('');
	server.step('pull', 'failed', "Il n'y a pas d'`image` : tapez `pull`.");
	await expect(foot).toHaveText('Étape 1 Il n’y a pas d’image\u00a0: tapez pull.');
	await expect(foot.locator('code').first()).toHaveText('image');
	await expect.poll(said).toContain('Étape 1\u00a0: pas encore. Il n’y a pas d’image');
	expect(await said()).not.toContain('`');
	server.step('run', 'failed', 'Rien n’est lancé.');
	server.step('contain', 'failed', 'Rien n’est isolé.');
	server.step('pull', 'passed');
	server.step('run', 'failed', 'Toujours rien.');
	await expect(page.status('run')).toContainText('Toujours rien.');
	await expect(foot).toHaveText('Étape 1 Réussie');
	expect((await said()).match(/pas encore/g)).toHaveLength(1);
	expect(await said()).toContain('Étape 1 réussie.');
	// Whoever asks is answered.
	server.answers.set(`POST ${lesson}/steps/run/check`, () => report('run', 'failed', 'Encore rien.'));
	await page.status('run').getByRole('button', { name: page.t.check }).click();
	await expect(foot).toHaveText('Étape 2 Encore rien.');
	// Passed, it has no button any more: the keyboard stays in the step.
	server.answers.set(`POST ${lesson}/steps/run/check`, () => report('run', 'passed'));
	await page.status('run').getByRole('button', { name: page.t.check }).press('Enter');
	await expect(page.status('run')).toContainText(page.t.passed);
	await expect(page.status('run')).toBeFocused();
});

test('the sentence under the terminal leads to the whole of it', async ({ lesson: page, server }) => {
	await page.open('first-container', 'fr', server.address);
	await page.prompt();
	const { page: window } = page;
	const long = 'Une longue phrase de la vérification, dont la seconde moitié dit ce qu’il faut faire. '.repeat(6);
	server.step('pull', 'failed', long);
	await window.locator('.foot-verdict').click();
	const bar = window.locator('.steps-bar');
	const top = async (locator: typeof bar, edge: 'y' | 'end') => {
		const box = await locator.boundingBox();
		return box ? box.y + (edge === 'end' ? box.height : 0) : Number.NaN;
	};
	await expect.poll(async () => (await top(page.status('pull'), 'y')) >= (await top(bar, 'end')), 'not under the bar').toBe(true);
	await expect(page.status('pull')).toBeInViewport({ ratio: 1 });
	await expect(page.status('pull')).toBeFocused();
	await expect(page.status('pull')).toContainText(long.trim());
	// The terminal keeps its size, whatever is said.
	const box = await page.terminal.boundingBox();
	server.step('pull', 'passed');
	await expect(window.locator('.foot-verdict')).toHaveText('Étape 1 Réussie');
	expect(await page.terminal.boundingBox()).toEqual(box);
});

test('looking at a step is not working on it: scrolling and the Tab key tell the server so, a button tells otherwise', async ({
	lesson: page,
	server,
}) => {
	await page.open('first-container', 'fr', server.address);
	await page.prompt();
	const { page: window } = page;
	const steps = await page.steps();
	const last = steps.at(-1) ?? '';
	const focuses = () => server.heard.filter(({ type }) => type === 'focus');
	await page
		.step(last)
		.locator('h2')
		.evaluate((element) => element.scrollIntoView({ block: 'start' }));
	await expect.poll(focuses).toContainEqual({ type: 'focus', step: last });
	// Through all of the first step by the keyboard, which is out of sight then.
	const before = focuses().length;
	await page
		.status('pull')
		.getByRole('button', { name: page.t.check })
		.evaluate((element) => element.focus({ preventScroll: true }));
	await window.keyboard.press('Shift+Tab');
	expect(
		focuses()
			.slice(before)
			.filter((focus) => 'begun' in focus),
	).toEqual([]);
	await page.step(last).locator('summary').first().click();
	await expect.poll(focuses).toContainEqual({ type: 'focus', step: last, begun: true });
});

test('lessons that are done are marked in the sidebar, to the eye and to the ear; the meter fills for success alone', async ({
	lesson: page,
	server,
}) => {
	const { page: window, t } = page;
	await page.open('first-container', 'fr', server.address);
	const steps = await page.steps();
	server.answers.set('GET /api/courses/tp-apptainer/progress', () => ({ steps: steps.map((step) => report(step, 'passed')) }));
	await window.reload();
	await page.prompt();
	const nav = window.getByRole('list', { name: t.lessonsNav });
	await expect(nav.getByRole('link', { name: /terminée/ })).toHaveCount(1);
	await expect(nav.getByRole('link', { name: /Un premier conteneur.*terminée/ })).toBeVisible();
	const edge = (at: number) =>
		nav
			.locator('> li .lesson-order')
			.nth(at)
			.evaluate((mark) => getComputedStyle(mark).backgroundColor);
	expect(await edge(0)).not.toBe(await edge(1));
	const colour = (step: string) => window.locator(`[data-step-mark="${step}"]`).evaluate((mark) => getComputedStyle(mark).backgroundColor);
	const untouched = await colour('run');
	server.step('run', 'failed', 'Non.');
	server.step('pull', 'passed');
	await expect(page.step('run')).toHaveAttribute('data-state', 'failed');
	await expect.poll(() => colour('pull')).not.toBe(untouched);
	expect(await colour('run')).toBe(untouched);

	// What was asked first is answered last: the sidebar stays with what was asked later.
	const progress = 'GET /api/courses/tp-apptainer/progress';
	const older = held({ steps: steps.map((step) => report(step, 'passed')) });
	const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
	server.answers.set(progress, () => {
		ask();
		return older.answer();
	});
	for (const step of steps) server.step(step, 'passed');
	await asked;
	server.answers.set(progress, () => ({ steps: [] }));
	server.step('run', 'failed', 'Non.');
	await expect(nav.getByRole('link', { name: /terminée/ })).toHaveCount(0);
	const late = window.waitForResponse('**/progress');
	older.release();
	await (await late).finished();
	await window.evaluate(() => fetch('/api/courses/tp-apptainer/progress').then((response) => response.json()));
	await expect(nav.getByRole('link', { name: /terminée/ })).toHaveCount(0);
});

test('terminals whose code comes after the lab has gone are not opened, and are with the next lab', async ({ lesson: page, server }) => {
	const { page: window } = page;
	const code = held(undefined);
	await window.route('**/_astro/terminal.*.js', async (route) => {
		await code.answer();
		await route.continue();
	});
	const asked = window.waitForRequest('**/_astro/terminal.*.js');
	await page.open('first-container', 'fr', server.address);
	await asked;
	server.say({ type: 'sandbox', sandbox: { state: 'queued', place: 3 } });
	await expect(page.dockSentence).toContainText('3');
	code.release();
	await window.evaluate(() => customElements.whenDefined('lab-terminal').then(() => undefined));
	// Words of the server are taken in order, and each in a turn of its own: by this one, the code's turn is over.
	server.say({ type: 'sandbox', sandbox: { state: 'queued', place: 2 } });
	await expect(page.dockSentence).toContainText('2');
	await expect(window.locator('lab-terminal')).toHaveCount(0);
	expect(server.heard.filter(({ type }) => type === 'open')).toEqual([]);
	server.say({ type: 'sandbox', sandbox: { state: 'ready' } });
	await page.prompt();
});
