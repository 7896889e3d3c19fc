import type { Page } from '@playwright/test';

/** What readers may set, and nothing may be lost by it (WCAG 1.4.12). What a terminal draws is not text in its sense. */
export const textSpacing = `
*:not(.xterm *) { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }`;

/** Texts that lose a part at an edge that hides what is beyond, or at the window's; what can be scrolled is not lost. In words. */
export function clippedTexts(page: Page): Promise<string[]> {
	return page.evaluate(() => {
		const found = new Set<string>();
		const hides = (overflow: string) => overflow === 'hidden' || overflow === 'clip';
		for (const element of document.querySelectorAll<HTMLElement>('body *')) {
			if (element.closest('.xterm, .sr-only, .search-word, script, style, noscript, dialog:not([open])')) continue;
			if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim())) continue;
			if (!element.checkVisibility({ visibilityProperty: true })) continue;
			const range = document.createRange();
			range.selectNodeContents(element);
			const text = range.getBoundingClientRect();
			const name = `${element.tagName}.${element.className} "${element.textContent?.trim().slice(0, 40)}"`;
			let scrolls = false;
			for (let around: HTMLElement | null = element; around && around !== document.body; around = around.parentElement) {
				const { overflowX, overflowY, clipPath, position, webkitLineClamp } = getComputedStyle(around);
				scrolls ||= /auto|scroll/.test(overflowX + overflowY);
				// A clamp ends in "…", and leads to the whole: the bar of a telephone says what the terminal's place says in full.
				if (scrolls || clipPath !== 'none' || webkitLineClamp !== 'none') break;
				const edge = around.getBoundingClientRect();
				const beside = hides(overflowX) && (text.right > edge.right + 1 || text.left < edge.left - 1);
				const below = hides(overflowY) && (text.bottom > edge.bottom + 1 || text.top < edge.top - 1);
				if (beside || below) found.add(`${name} is cut by ${around.tagName}.${around.className}`);
				if (position === 'fixed') break;
			}
			const seen = text.width > 2 && getComputedStyle(element).clipPath === 'none';
			if (seen && !scrolls && text.right > document.documentElement.clientWidth + 1) found.add(`${name} is beyond the window`);
		}
		return [...found];
	});
}
