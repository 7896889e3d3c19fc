/** Names in a sentence. */
import type { SandboxLeft } from '../store/sandboxes-left.ts';

/** So many are named. */
const named = 5;

/** @returns "a, b, c, d, e and 7 more" */
export function someOf(names: readonly string[]): string {
	const more = names.length > named ? ` and ${names.length - named} more` : '';
	return `${names.slice(0, named).join(', ')}${more}`;
}

/** @returns "a (course), b (course)", shortened alike */
export function someLabs(labs: readonly SandboxLeft[]): string {
	return someOf(labs.map(({ learner, course }) => `${learner} (${course})`));
}
