/** The terminal's own shortcuts. They go by the letter on the key: on BÉPO or Dvorak it is elsewhere than on QWERTY. */
export type Shortcut = 'copy' | 'paste' | 'search';

const letters: Record<string, Shortcut> = { c: 'copy', v: 'paste', f: 'search' };

/** What Ctrl+Shift+letter asks for; undefined: the key is the program's. */
export function shortcut(event: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey'>): Shortcut | undefined {
	if (!event.ctrlKey || !event.shiftKey || event.altKey) return undefined;
	// A layout without Latin letters (Cyrillic, Greek) leaves the place of the key alone.
	const letter = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase();
	return letter === undefined ? undefined : letters[letter];
}
