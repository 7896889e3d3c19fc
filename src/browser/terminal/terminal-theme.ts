/** Colours of the terminal in both themes: every one of the sixteen reads on the ground (4.5:1, held by a test). */
import type { ITheme } from '@xterm/xterm';

export const themes = {
	dark: {
		background: '#141210',
		foreground: '#ece7e1',
		cursor: '#f0b384',
		cursorAccent: '#141210',
		selectionBackground: '#4a3a2e',
		black: '#8a827b',
		red: '#f28b82',
		green: '#8fcf9b',
		yellow: '#e6c266',
		blue: '#8ab4f2',
		magenta: '#d5a6e6',
		cyan: '#7fcfd1',
		white: '#d9d3cc',
		brightBlack: '#a39a92',
		brightRed: '#ffaaa1',
		brightGreen: '#aee6b6',
		brightYellow: '#f5d98b',
		brightBlue: '#adcbfa',
		brightMagenta: '#e8c4f4',
		brightCyan: '#a3e4e4',
		brightWhite: '#ffffff',
	},
	light: {
		background: '#fdfcf9',
		foreground: '#2a2521',
		cursor: '#9c4a18',
		cursorAccent: '#fdfcf9',
		selectionBackground: '#f3dcc8',
		black: '#2a2521',
		red: '#b3261e',
		green: '#1f6f3a',
		yellow: '#7d5700',
		blue: '#1f55b5',
		magenta: '#86309e',
		cyan: '#0b6b70',
		white: '#6a625b',
		brightBlack: '#5b544e',
		brightRed: '#c2352b',
		brightGreen: '#2a7a43',
		brightYellow: '#8a6200',
		brightBlue: '#2c63c8',
		brightMagenta: '#9640ae',
		brightCyan: '#12757a',
		brightWhite: '#736b64',
	},
} as const satisfies Record<'dark' | 'light', ITheme>;

/** Colour keys that text is written in. */
export const ansiNames = (['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const).flatMap(
	(name) => [name, `bright${name[0]?.toUpperCase()}${name.slice(1)}` as `bright${Capitalize<typeof name>}`] as const,
);
