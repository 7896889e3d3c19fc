/** The dock is made narrower and wider again while somebody writes or reads: nothing on the screen is lost or doubled. */
import type { LessonPage } from './support/lesson-page.ts';
import { expect, test } from './support/test.ts';

/** Drags the dock's edge, px from where it is; to the left makes it wider. In steps, as a hand does it: the shell is told of several sizes. */
async function drag(lesson: LessonPage, by: number): Promise<void> {
	const { page, t, terminal } = lesson;
	const width = async () => (await terminal.locator('.xterm-screen').boundingBox())?.width ?? 0;
	const before = await width();
	const fitted = await lesson.beside();
	const grip = await page.getByRole('separator', { name: t.separator }).boundingBox();
	if (!grip) throw new Error('no separator');
	const x = grip.x + grip.width / 2;
	await page.mouse.move(x, 400);
	await page.mouse.down();
	for (let part = 1; part <= 6; part++) {
		await page.mouse.move(x + (by * part) / 6, 400);
		await page.waitForTimeout(60);
	}
	await page.mouse.up();
	await expect.poll(width).not.toBe(before);
	// The last of the sizes, not one on the way: each of those is three columns and more from the next.
	await expect.poll(async () => Math.abs((await lesson.beside()) - fitted)).toBeLessThan(20);
	await terminal.locator('.xterm-screen').click();
}

const narrow = (lesson: LessonPage) => drag(lesson, 250);
const wide = (lesson: LessonPage) => drag(lesson, -250);

/** Everything on the screen without its line ends: where a line wraps does not matter here. */
const whole = (lesson: LessonPage) => lesson.screen().then((lines) => lines.join(''));

const times = (text: string, part: string) => text.split(part).length - 1;

/** Words that wrap in any width. */
const words = Array.from({ length: 24 }, (_, n) => `word${n}`).join(' ');

/** Types a sign, and waits until it is drawn: what a new size makes the program draw comes before. */
async function sign(lesson: LessonPage, text: string): Promise<void> {
	await lesson.page.keyboard.type(text);
	await expect.poll(() => whole(lesson)).toContain(text);
}

/** Each of these texts is on the screen once: when the shell has drawn for the last size, which may come after what was typed. */
async function once(lesson: LessonPage, ...parts: string[]): Promise<void> {
	const seen = async () => {
		const shown = await whole(lesson);
		return parts.map((part) => `${times(shown, part)} × ${part}`);
	};
	await expect.poll(seen).toEqual(parts.map((part) => `1 × ${part}`));
}

test('a command that is being written is on the screen once, and is what runs', async ({ lesson, page }) => {
	await lesson.openLive();
	for (const mode of ['emacs', 'vi']) {
		await lesson.command(`set -o ${mode}; clear; printf 'no end: %s' ${'a'.repeat(60)}`);
		await page.keyboard.type(`echo ${words}`);
		await expect.poll(() => whole(lesson)).toContain('word23');
		await narrow(lesson);
		await sign(lesson, ' thin');
		await once(lesson, 'echo word0');
		await wide(lesson);
		await sign(lesson, ' thick');
		await once(lesson, `echo ${words} thin thick`, 'echo word0', 'no end: ');
		await page.keyboard.press('Enter');
		await lesson.prompt();
		expect((await whole(lesson)).replaceAll(' ', '')).toContain(`${words} thin thick`.replaceAll(' ', ''));
		expect(times(await whole(lesson), 'word23'), `${mode}, run`).toBe(2);
	}
	await lesson.command('set -o emacs');
});

test('so is one of several lines, typed, or brought back from the history', async ({ lesson, page }) => {
	await lesson.openLive();
	await lesson.command('clear');
	await page.keyboard.type(`for n in ${words}; do\n`);
	await lesson.shows(/^> $/m);
	await page.keyboard.type('echo "[$n] of a loop whose second line is long enough to wrap as well, in any width"');
	await narrow(lesson);
	await sign(lesson, ' thin');
	await wide(lesson);
	await sign(lesson, ' thick');
	await once(lesson, 'word0', 'word23', 'echo "[$n]', 'in any width" thin thick');
	await page.keyboard.type('\ndone | tail -n 1\n');
	await lesson.shows(/^\[word23] of a loop/m);
	await lesson.prompt();

	await lesson.command('clear; cd .');
	await lesson.command('clear');
	await page.keyboard.press('ArrowUp');
	await page.keyboard.press('ArrowUp');
	await page.keyboard.press('ArrowUp');
	await expect.poll(() => whole(lesson)).toContain('tail -n 1');
	await narrow(lesson);
	await sign(lesson, ' # thin');
	await wide(lesson);
	await sign(lesson, ' thick');
	await once(lesson, 'word0', 'word23', 'echo "[$n]', 'tail -n 1 # thin thick');
});

test('a question that a program asks with a line editor of its own', async ({ lesson, page }) => {
	await lesson.openLive();
	const question = `${'long question '.repeat(6)}? `;
	await lesson.start(`clear; read -e -p '${question}' answer; echo "[$answer]"`);
	// The question itself, and not the command that asks it: before, the terminal echoes what is typed, and the line editor once more.
	const letters = (text: string) => text.replaceAll(' ', '');
	await expect.poll(() => whole(lesson).then(letters)).toBe(letters(question));
	await page.keyboard.type(words);
	await expect.poll(() => whole(lesson)).toContain('word23');
	await narrow(lesson);
	await sign(lesson, ' thin');
	await wide(lesson);
	await sign(lesson, ' thick');
	await once(lesson, 'word0', 'word23 thin thick');
	await page.keyboard.press('Enter');
	await lesson.shows(/\[word0 /);
});

test('full-screen programs fill the new size, and leave the screen behind as it was', async ({ lesson, page }) => {
	await lesson.openLive();
	await lesson.command(`clear; echo behind: ${words}; seq 1 200 > many`);
	const behind = await whole(lesson);
	for (const [program, quit] of [
		['less many', 'q'],
		['vim -u NONE many', ':q\n'],
		['nano many', '\u0018'],
	] as const) {
		await lesson.start(program);
		await lesson.shows(/^ *1$/m);
		await lesson.shows(/^ *12$/m);
		await narrow(lesson);
		await wide(lesson);
		await page.keyboard.press('ArrowDown');
		// The last of what it draws for the new sizes may still be coming.
		const twelves = async () => (await lesson.screen()).filter((line) => line.trim() === '12').length;
		await expect.poll(twelves, program).toBe(1);
		await page.keyboard.type(quit);
		await lesson.prompt();
		const left = await whole(lesson);
		expect(times(left, 'behind: word0'), program).toBe(1);
		expect(left.startsWith(behind.trimEnd().slice(0, behind.indexOf('seq 1'))), program).toBe(true);
	}
});

test('what was printed without a final newline stays whole', async ({ lesson }) => {
	await lesson.openLive();
	await lesson.start('clear; printf "%s" "$(seq -s, 60)"; sleep 1000');
	await expect.poll(() => whole(lesson)).toContain('58,59,60');
	const before = await whole(lesson);
	await narrow(lesson);
	await wide(lesson);
	await expect.poll(() => whole(lesson)).toBe(before);
});

test('what is selected stays selected when lines are taken from the terminal, as by a sentence under it, and given back', async ({
	lesson,
	page,
	context,
}) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	await lesson.openLive();
	await lesson.command('clear; seq 200; echo needle');
	await expect(page.locator('.dock-foot[data-verdict]')).toBeVisible();
	const screen = await lesson.terminal.locator('.xterm-screen').boundingBox();
	const height = screen?.height ?? 0;
	await page.keyboard.press('Control+Shift+F');
	await page.keyboard.type('needle');
	await page.keyboard.press('Enter');
	await page.keyboard.press('Escape');
	const copied = async () => {
		await page.evaluate(() => navigator.clipboard.writeText(''));
		await page.keyboard.press('Control+Shift+C');
		return page.evaluate(() => navigator.clipboard.readText());
	};
	await expect.poll(copied).toBe('needle');
	for (const less of [100, 0]) {
		await page.setViewportSize({ width: 1440, height: 900 - less });
		const now = async () => (await lesson.terminal.locator('.xterm-screen').boundingBox())?.height ?? 0;
		await expect.poll(async () => Math.sign(height - 50 - (await now()))).toBe(less > 0 ? 1 : -1);
		await expect.poll(copied).toBe('needle');
	}
});

/** Keys that were pressed in the page, and what it then sent of sizes, in their order: ms by the page's own clock. */
interface Sent {
	what: 'key' | 'size';
	at: number;
}

test('while somebody types, a change of size waits: nano would lose the key that comes with it', async ({ lesson, page }) => {
	await page.addInitScript(() => {
		const sent: Sent[] = [];
		Object.assign(window, { sent });
		const send = WebSocket.prototype.send;
		WebSocket.prototype.send = function (data) {
			if (typeof data === 'string' && data.includes('"resize"')) sent.push({ what: 'size', at: performance.now() });
			send.call(this, data);
		};
		// Before the terminal hears of it.
		addEventListener('keydown', () => sent.push({ what: 'key', at: performance.now() }), { capture: true });
	});
	await lesson.openLive();
	await lesson.start('cat > note.txt');
	const height = async () => (await lesson.terminal.locator('.xterm-screen').boundingBox())?.height ?? 0;
	const kept = () => page.evaluate(() => (window as unknown as { sent: Sent[] }).sent);
	const earlier = (await kept()).length;
	const words = ['letters that', ' are to arrive'];
	const heights = [700, 900, 650];
	for (const next of heights) {
		const before = await height();
		await page.keyboard.type(words[0] ?? '');
		await page.setViewportSize({ width: 1440, height: next });
		await page.keyboard.type(words[1] ?? '');
		// A pause, and it comes.
		await expect.poll(height).not.toBe(before);
	}
	const sent = (await kept()).slice(earlier);
	expect(sent.filter(({ what }) => what === 'key')).toHaveLength(heights.length * words.join('').length);
	expect(sent.filter(({ what }) => what === 'size').length).toBeGreaterThanOrEqual(heights.length);
	// However slow the machine: from a key to a size that follows it goes the pause of terminal.ts, 250 ms; less what clocks round off.
	const hasty = sent.filter(
		({ what, at }, n) => what === 'size' && sent.slice(0, n).some((key) => key.what === 'key' && at - key.at < 249),
	);
	expect(hasty, JSON.stringify(sent)).toEqual([]);
});

test('the first verdict takes no line from the terminal', async ({ lesson, page }) => {
	for (const size of [
		{ width: 1440, height: 900 },
		{ width: 390, height: 844 },
	]) {
		await page.setViewportSize(size);
		await lesson.open();
		if (size.width < 1000) await page.locator('[data-unfold]').click();
		await lesson.prompt();
		await lesson.command('stty size');
		await expect(page.locator('.dock-foot[data-verdict]')).toBeVisible();
		const before = (await lesson.screen()).filter((line) => /^\d+ \d+$/.test(line)).at(-1);
		await lesson.command('clear; stty size');
		await expect.poll(() => lesson.screen().then((lines) => lines[0])).toBe(before);
		await lesson.leave();
	}
});
