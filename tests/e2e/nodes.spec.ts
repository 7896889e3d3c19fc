/** Terminals on the nodes of a cluster: run blocks open them, tabs say where one is, and they are there again after a reload. */

import { accessible } from './support/axe.ts';
import type { LessonPage } from './support/lesson-page.ts';
import { expect, test } from './support/test.ts';

const place = 'tp-cluster/data-and-scratch';

/** Puts the sandbox of that course away. */
async function leave(lesson: LessonPage): Promise<void> {
	const { origin } = new URL(lesson.page.url());
	await lesson.page.context().request.delete(`${origin}/api/sandboxes/tp-cluster`, { headers: { origin } });
}

for (const language of ['fr', 'en'] as const) {
	test(`blocks for nodes go there, and turn the step green: ${language}`, async ({ lesson, page }) => {
		lesson.language = language;
		await page.goto(`/${language}/${place}/`);
		await lesson.prompt();
		const blocks = await lesson.blocks('places').all();
		const [first, second] = blocks;
		if (!first || !second) throw new Error('the step has no blocks');
		const where = language === 'fr' ? 'sur' : 'on';
		await expect(first.locator('figcaption')).toHaveText(`Terminal ${where} c1`);
		await expect(first.getByRole('button', { name: `${lesson.t.run} ${where} c1` })).toBeVisible();
		for (const block of blocks.slice(0, 2)) await lesson.press(block);

		const tab = (name: string) => page.getByRole('tab', { name, exact: true });
		await expect(tab(`Terminal ${where} c2`)).toHaveAttribute('aria-selected', 'true');
		await expect(tab(`Terminal ${where} c1`)).toHaveText('c1');
		await expect(page.getByRole('tabpanel', { name: `Terminal ${where} c2` })).toBeVisible();
		await lesson.shows(/^c2:\S+\$ cat places\.txt\s+left by c1\s+no note on c2$/m);
		await expect(lesson.step('places')).toHaveAttribute('data-state', 'passed');
		await accessible(page, 'tabs of terminals on nodes', '.dock-head');

		// What the learner chooses is theirs: blocks that name no terminal go there from now on.
		await tab(`Terminal ${where} c1`).click();
		await lesson.command('kept=here');
		await page.reload();
		await lesson.prompt();
		await expect(tab('Terminal 1')).toHaveAttribute('aria-selected', 'true');
		await tab(`Terminal ${where} c1`).click();
		await lesson.command('echo "$kept on $(hostname)"');
		await lesson.shows(/^here on c1$/m);
		await page.getByRole('button', { name: lesson.t.endTerminal.replace('{n}', 'c1') }).click();
		await expect(tab(`Terminal ${where} c1`)).toHaveCount(0);
		await leave(lesson);
	});
}
