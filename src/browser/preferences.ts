/** What the learner has chosen for terminals, kept in this browser. */
const key = 'etabli-terminal';

export interface Preferences {
	/** px */
	fontSize: number;
	/** xterm.js keeps a text that screen readers can follow; costs speed. */
	screenReader: boolean;
}

const standard: Preferences = { fontSize: 14, screenReader: false };
let current: Preferences | undefined;

/** As this browser keeps them; standard ones where it keeps none. */
export function preferences(): Preferences {
	if (current) return current;
	current = { ...standard };
	try {
		const kept = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Preferences>;
		if (Number.isFinite(kept.fontSize)) current.fontSize = bounded(kept.fontSize ?? standard.fontSize);
		current.screenReader = kept.screenReader === true;
	} catch {
		// Storage may be forbidden or hold something else: the standard is fine.
	}
	return current;
}

/** Keeps a change in this browser; a size out of bounds becomes the nearest within. */
export function setPreferences(change: Partial<Preferences>): void {
	current = { ...preferences(), ...change };
	current.fontSize = bounded(current.fontSize);
	try {
		localStorage.setItem(key, JSON.stringify(current));
	} catch {
		// Then it lasts as long as the page.
	}
}

function bounded(size: number): number {
	return Math.min(28, Math.max(10, Math.round(size)));
}
