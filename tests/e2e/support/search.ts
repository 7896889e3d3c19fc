import { expect, type Locator, type Page } from '@playwright/test';

/** Opens the search and types; it is loaded only when the page has time for it, so the key may have to be pressed again. @returns its dialog */
export async function search(page: Page, words: string): Promise<Locator> {
	const dialog = page.getByRole('dialog');
	const box = dialog.getByRole('textbox');
	await expect(async () => {
		if (!(await box.isVisible())) await page.keyboard.press('Control+k');
		await expect(box).toBeVisible({ timeout: 5_000 });
	}).toPass();
	await box.fill(words);
	return dialog;
}
