/** A terminal's output without its escape sequences: CSI, OSC (closed or not) and two-character ones. */
export function plainText(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
	return text.replace(/\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)/g, '');
}
