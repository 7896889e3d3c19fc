/** Runtimes with known ways out of a container are named when the server starts, and not only when somebody asks doctor. */
import { gatherRunc, type RuncFacts } from './doctor/facts.ts';
import { runc } from './doctor/findings.ts';

/**
 * One line for each known hole that is not known to be closed; a distribution's own fixes count. Empty when all is well, or when nothing can
 * be said because the engine is on another machine or has no runc.
 * @param engine its address and runtimes
 */
export async function runtimeWarnings(engine: { url: string; runtimes: readonly string[] }): Promise<string[]> {
	if (!engine.url.startsWith('unix:') || !engine.runtimes.includes('runc')) return [];
	return warningsOf(await gatherRunc());
}

export function warningsOf(facts: RuncFacts | undefined): string[] {
	return runc(facts)
		.filter(({ state }) => state !== 'ok')
		.map(({ subject, text, remedy }) => `${subject} ${text}.${remedy === undefined ? '' : ` ${remedy}`}`);
}
