/** Names of the learners' own cluster, where nobody has given them: a lesson says so, and can be done all the same. */
import { accessible } from './support/axe.ts';
import { expect, test } from './support/test.ts';

test('placeholders are seen to be such, are put into a file, and names of one’s own take their place', async ({ lesson, page }) => {
	lesson.language = 'fr';
	await page.goto('/fr/tp-cluster/real-cluster/');
	await lesson.prompt();
	const note = page.getByRole('complementary', { name: 'Les noms de votre cluster' });
	await expect(note).toContainText('Qui organise ce cours peut les donner');
	await accessible(page, 'lesson with placeholders', '.main-pane');

	const step = lesson.step('there');
	await expect(step.locator('.value.to-fill').first()).toHaveText('CLUSTER');
	const [file, run] = await lesson.blocks('there').all();
	if (!file || !run) throw new Error('the step has no blocks');
	await lesson.press(file);
	await lesson.command('cat there.sh');
	await lesson.shows(/^export SBATCH_PARTITION=PARTITION$/m);
	await lesson.command("sed -i 's/=PARTITION/=standard/' there.sh");
	await lesson.press(run);
	await lesson.shows(/^SBATCH_PARTITION=standard$/m);
	await expect(step).toHaveAttribute('data-state', 'passed');

	const { origin } = new URL(page.url());
	await page.context().request.delete(`${origin}/api/sandboxes/tp-cluster`, { headers: { origin } });
});
