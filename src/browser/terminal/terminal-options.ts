/** How xterm.js is set up. */
import type { ITerminalInitOnlyOptions, ITerminalOptions, ITheme } from '@xterm/xterm';
import { preferences } from '../preferences.ts';
import { themes } from './terminal-theme.ts';

export const monospace = 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';

/** Colours for the page as it is now. */
export function themeNow(): ITheme {
	return themes[document.documentElement.dataset.theme === 'light' ? 'light' : 'dark'];
}

/** @param openLink told of an address that was clicked */
export function terminalOptions(openLink: (address: string) => void): ITerminalOptions & ITerminalInitOnlyOptions {
	const { fontSize, screenReader } = preferences();
	return {
		allowProposedApi: true,
		cols: 80,
		rows: 24,
		cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
		fontFamily: monospace,
		fontSize,
		lineHeight: 1.2,
		minimumContrastRatio: 4.5,
		rightClickSelectsWord: false,
		screenReaderMode: screenReader,
		scrollback: 10_000,
		smoothScrollDuration: 0,
		theme: themeNow(),
		linkHandler: { activate: (_event, address) => openLink(address) },
	};
}
