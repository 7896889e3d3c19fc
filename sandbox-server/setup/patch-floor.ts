/** Parts of the engine with known holes are named when the server starts, and not only when somebody asks doctor. */
import { gatherEngine } from './doctor/engine-facts.ts';
import { gatherPrograms } from './doctor/facts.ts';
import type { Finding } from './doctor/findings.ts';
import { openHoles, type Program, type ProgramFacts } from './doctor/holes.ts';

/**
 * One line for each known hole that is not known to be closed; a distribution's own fixes count. Empty when all is well, or when nothing can
 * be said because the engine is on another machine.
 * @param url the engine's address
 */
export async function patchWarnings(url: string): Promise<string[]> {
	if (url !== 'oci' && !url.startsWith('unix:')) return [];
	const engine = await gatherEngine(url);
	const { runc, containerd, docker } = await gatherPrograms(engine);
	const isDocker = engine.answer?.kind === 'docker';
	return [
		...warningsOf('runc', runc),
		...warningsOf('containerd', containerd),
		...(isDocker ? warningsOf('docker', docker, engine.answer?.plugins) : []),
	];
}

/** @param plugins whether the engine has authorisation plugins, which some holes need. @returns one line for each hole that may be open */
export function warningsOf(program: Program, facts: ProgramFacts | undefined, plugins = false): string[] {
	return openHoles(program, facts, plugins)
		.filter(({ state }) => state !== 'ok')
		.map(({ subject, text, remedy }: Finding) => `${subject} ${text}.${remedy === undefined ? '' : ` ${remedy}`}`);
}
