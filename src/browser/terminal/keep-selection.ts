import type { Terminal } from '@xterm/xterm';

/**
 * Resizes a terminal and selects again what was selected, where it is still the same text: xterm.js drops a selection whenever the number of rows
 * changes, and one more line of a sentence under the terminal does that.
 */
export function keepSelection(term: Terminal, resize: () => void): void {
	const at = term.getSelectionPosition();
	const text = term.getSelection();
	const { cols } = term;
	resize();
	if (!at || term.cols !== cols || term.hasSelection()) return;
	term.select(at.start.x, at.start.y, (at.end.y - at.start.y) * cols + at.end.x - at.start.x);
	if (term.getSelection() !== text) term.clearSelection();
}
