/** The colours of the page's terminals, for asciinema's player. */
import { ansiNames, themes } from '../terminal/terminal-theme.ts';

/** Its order: the eight, then the eight bright ones. */
const names = [...ansiNames.filter((name) => !name.startsWith('bright')), ...ansiNames.filter((name) => name.startsWith('bright'))];

export function themeStyles(): string {
	return (['dark', 'light'] as const)
		.map((theme) => `[data-theme='${theme}'] .asciinema-player-theme-etabli{${variables(theme)}}`)
		.join('');
}

function variables(theme: keyof typeof themes): string {
	const { foreground, background } = themes[theme];
	const palette = names.map((name, at) => `--term-color-${at}:${themes[theme][name]}`);
	return [`--term-color-foreground:${foreground}`, `--term-color-background:${background}`, ...palette].join(';');
}
