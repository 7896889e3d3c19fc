/** Parts of the engine with known holes are named when the server starts, and not only when somebody asks doctor. */
import type { Course } from '../../src/shared/course/course.ts';
import { gatherEngine } from './doctor/engine-facts.ts';
import { gatherPrograms } from './doctor/facts.ts';
import type { Finding } from './doctor/findings.ts';
import { openHoles, type Program, type ProgramFacts } from './doctor/holes.ts';
import { Failure } from './failure.ts';

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

/** Sandboxes of such a course would never start: better said before the class than to each learner. @throws Failure naming course and runtimes */
export function checkRuntimes(courses: readonly Course[], runtimes: readonly string[]): void {
	// containerd's own names of its shims are no names for an operator to choose from.
	const known = runtimes.filter((name) => !name.startsWith('io.containerd.'));
	const bad = courses.filter(({ settings }) => settings.runtime !== undefined && !runtimes.includes(settings.runtime));
	if (bad.length === 0) return;
	const list = bad.map(
		({ slug, settings }) => `The course ${slug} asks for the runtime "${settings.runtime}" (course.yaml), which the engine does not have.`,
	);
	throw new Failure([...list, `It has: ${known.join(', ') || 'none that it names'}.`].join('\n'), {
		hint: 'Add the runtime to the engine (Docker: "runtimes" in /etc/docker/daemon.json, then restart it), or take the line out of course.yaml.',
	});
}
