/** The end of a lab is near: what the learner sees in the page and in the terminal, and what they can do. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasons } from '../../sandbox-server/labs/reasons.ts';
import { MountedFolder } from '../../sandbox-server/runtimes/mounted-folder.ts';
import { PostedNotices } from '../../sandbox-server/sandboxes/posted-notice.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { course } from './support/lesson-page.ts';
import { expect, test } from './support/own-server.ts';
import { secondWindow } from './support/test.ts';

test('the page warns and offers more time; the shell says it at its next prompt, never into vim, and the same in two windows', async ({
	lesson,
	page,
	startServer,
}) => {
	const courses = mkdtempSync(join(tmpdir(), 'etabli-courses-'));
	try {
		cpSync(join(taughtCourses, course), join(courses, course), { recursive: true });
		const settings = join(courses, course, 'course.yaml');
		writeFileSync(settings, `${readFileSync(settings, 'utf8').replace(/^(lifetime|pool):.*\n/gm, '')}\nlifetime: 12 min\npool: 0\n`);
		const server = await startServer({ courses });
		await lesson.openLive('first-container', 'fr', server.address);
		const dock = page.locator('lab-dock');
		await expect(dock.getByText(/Cet établi sera rangé dans (1[0-2]|[5-9]) min\./)).toBeVisible();

		await lesson.type('vim -u NONE poem.txt');
		await lesson.shows(/^~/m);
		await page.keyboard.type('iroses are red');
		await lesson.shows(/^roses are red$/m);
		const before = await lesson.screen();
		// What the server does when the time has come (its own tests move the clock).
		const [name = ''] = await server.sandboxes();
		const transport = new MountedFolder(join(server.data, 'sandboxes'), name);
		const notices = new PostedNotices(transport);
		await notices.say({ key: 'soon', ends: Date.now() + 9.5 * 60_000, text: reasons.endsSoon(1800) });
		await page.keyboard.type(', violets');
		await lesson.shows(/^roses are red, violets$/m);
		expect((await lesson.screen()).map((line) => line.replace(', violets', ''))).toEqual(before);
		await page.keyboard.press('Escape');
		await page.keyboard.type(':wq\n');
		// The minutes are those that are left when it is read.
		await lesson.shows(/\[Établi\] Cet établi sera rangé dans (10|[5-9]) min\./);
		expect((await lesson.screen()).join('')).toMatch(/Pour le garder\s: bouton «\sGarder 30 min de plus\s», au-dessus du terminal\./);
		await lesson.prompt();
		await lesson.type('clear; cat poem.txt');
		await lesson.shows(/^roses are red, violets$/m);
		expect((await lesson.screen()).join('\n')).not.toContain('[Établi]');

		await notices.say({ key: 'sooner', ends: Date.now() + 5 * 60_000, text: reasons.endsSoon(0) });
		await lesson.type('printf "no end of line"');
		await lesson.shows(/^\[Établi\] Cet établi sera rangé dans [1-5] min\./m);
		const second = await secondWindow(page);
		await second.openLive('first-container', 'fr', server.address);
		await second.shows(/^\[Établi\] Cet établi sera rangé dans [1-5] min\./m);
		await second.page.close();

		await page.bringToFront();
		await dock.getByRole('button', { name: 'Garder 30 min de plus' }).click();
		await expect(dock.getByText(/sera rangé dans/).filter({ visible: true })).toHaveCount(0);
		await expect(async () => expect(() => readFileSync(join(transport.path, 'notice.fr'))).toThrow()).toPass();
		await notices.say(undefined);
	} finally {
		rmSync(courses, { recursive: true, force: true });
	}
});
