/** Copying without the clipboard's own interface, which browsers keep for https and localhost: a class often works over plain http. */
import { make } from '../dom.ts';

/** @returns whether the text is in the clipboard */
export async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		// No such interface here, or no permission: as one did before there was one.
		return copySelection(text);
	}
}

function copySelection(text: string): boolean {
	const focused = document.activeElement;
	const area = make('textarea', { style: 'position:fixed;opacity:0', 'aria-hidden': 'true' });
	area.value = text;
	document.body.append(area);
	area.select();
	const copied = document.execCommand('copy');
	area.remove();
	if (focused instanceof HTMLElement) focused.focus();
	return copied;
}
