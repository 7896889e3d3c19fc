/** What another list of names would change. */

export interface RosterChange {
	added: string[];
	gone: string[];
}

/** Lists of names, each without one of them twice. */
export function rosterChange(before: readonly string[], after: readonly string[]): RosterChange {
	const [old, fresh] = [new Set(before), new Set(after)];
	return { added: after.filter((name) => !old.has(name)), gone: before.filter((name) => !fresh.has(name)) };
}
