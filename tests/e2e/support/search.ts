import { expect, type Locator, type Page } from '@playwright/test';

/** Opens the search, as soon as the page takes the key for it, and types. @returns its dialog */
export async function search(page: Page, words: string): Promise<Locator> {
	await page.locator('[data-open-modal]:enabled').waitFor({ state: 'attached' });
	await page.keyboard.press('Control+k');
	const dialog = page.getByRole('dialog');
	await page.keyboard.type(words);
	await expect(dialog.getByRole('textbox')).toHaveValue(words);
	return dialog;
}
