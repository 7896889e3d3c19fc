/** Containers of a data folder whose server is gone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readInstance } from '../labs/instance.ts';
import { buildRole, type Containers, instanceLabel, roleLabel, sandboxRole } from '../runtimes/containers.ts';
import type { Engine } from '../runtimes/engine.ts';
import { findEngine } from '../runtimes/find-engine.ts';
import { abortFuseConnections } from '../runtimes/fuse-connections.ts';
import { ociContainersLeft } from '../runtimes/oci/engine.ts';
import { rootlessContainersLeft } from '../runtimes/rootless/engine.ts';
import { releaseEngine } from '../setup/engine.ts';
import { Failure } from '../setup/failure.ts';
import { dataPaths } from '../setup/paths.ts';
import type { Progress } from '../setup/progress.ts';
import { type SandboxLeft, sandboxesLeft } from '../store/sandboxes-left.ts';
import { someLabs } from './some-of.ts';

/** Whichever way the server had started them: what it started itself is there also when no engine answers. */
export function placesOf(engine: Engine | undefined, ...own: (Containers | undefined)[]): Place[] {
	// An engine that is no daemon has its containers beside it, where they are found in any case.
	const its = engine?.builder.kind === 'rootless' ? undefined : engine?.builder.containers;
	const sandboxes = engine?.kind === 'rootless' ? undefined : engine?.sandboxes;
	return [sandboxes, its, ...own].filter((one) => one !== undefined);
}

/** @returns how many a server of this data folder has left, in an engine that answers and beside it */
export async function countLeftovers(data: string, url: string | undefined, kubernetes?: string): Promise<number> {
	const { engine } = await findEngine({
		url,
		kubernetes,
		env: process.env,
		stateDir: dataPaths(data).run,
		instance: readInstance(data),
		patience: 5_000,
	});
	const mine = { [instanceLabel]: readInstance(data) };
	const found = await Promise.all(
		placesOf(engine, ociContainersLeft(), rootlessContainersLeft()).map((containers) => containers.list(mine)),
	);
	return found.flat().length;
}

/** What is to be removed. */
export interface LeftBehind {
	data: string;
	/** Of the engine, as configured. */
	url: string | undefined;
	/** --kubernetes */
	kubernetes?: string | undefined;
	progress: Progress;
	/** Learners' sandboxes too, with files that no server has kept. */
	lose: boolean;
	/** Sandboxes go on after their server: the next one would not keep their files when it is interrupted. */
	keep: boolean;
}

/** @returns how many were removed @throws Failure: learners' sandboxes are there, and nothing is removed; not everything could be */
export async function removeLeftovers({ url, kubernetes, ...left }: LeftBehind): Promise<number> {
	const { data, progress } = left;
	if (url === 'none' || !existsSync(join(data, 'instance'))) return 0;
	const { engine } = await findEngine({
		url,
		kubernetes,
		env: process.env,
		stateDir: dataPaths(data).run,
		instance: readInstance(data),
		patience: 5_000,
	});
	const removed = await removeFrom(placesOf(engine, ociContainersLeft(), rootlessContainersLeft()), { ...left, url: engine?.url });
	if (engine) await releaseEngine(engine, progress);
	return removed;
}

/** Containers, as far as they are to be removed. */
export type Place = Pick<Containers, 'list' | 'destroy' | 'processes'>;

/** As `removeLeftovers`, from these places. @param left `url`: of the engine that was found @throws RuntimeAway: it went meanwhile */
export async function removeFrom(places: readonly Place[], { data, url, progress, lose, keep }: LeftBehind): Promise<number> {
	const mine = { [instanceLabel]: readInstance(data) };
	const all: { place: Place; name: string }[] = [];
	const running: string[] = [];
	for (const place of places) {
		const sandboxes = await place.list({ ...mine, [roleLabel]: sandboxRole });
		running.push(...sandboxes.filter((one) => one.running).map(({ name }) => name));
		const builds = await place.list({ [roleLabel]: buildRole });
		// One that runs belongs to a command that is at work beside: an export, a build.
		const atWork = builds.filter((one) => one.running).map(({ name }) => name);
		for (const { name } of await place.list(mine)) if (!atWork.includes(name)) all.push({ place, name });
		// Versions before did not mark them with a data folder: what has ended is nobody's.
		for (const { name, running: runs, labels } of builds) if (!runs && labels[instanceLabel] === undefined) all.push({ place, name });
	}
	if (!lose) refuseToLose(learnersAmong(data, running), keep);
	if (all.length > 0) {
		await progress.step(`Removing ${all.length} left-over ${all.length === 1 ? 'container' : 'containers'}`, async () => {
			const stuck = new Map<string, unknown>();
			for (const { place, name } of all) await destroy(place, name).catch((error: unknown) => stuck.set(name, error));
			if (stuck.size === 0) return;
			// An engine that has gone says so itself: only of one that answers, something hinders the end.
			for (const place of places) await place.list(mine);
			throw cannotEnd(stuck, url);
		});
	}
	return all.length;
}

/** @param stuck by their names, with what the engine said @param url of the engine: root's own may be another */
function cannotEnd(stuck: ReadonlyMap<string, unknown>, url: string | undefined): Failure {
	const [cause] = stuck.values();
	const said = cause instanceof Error ? cause.message : String(cause);
	return new Failure(`What could not be ended: ${[...stuck.keys()].join(', ')} (${said}).`, {
		cause,
		hint:
			process.getuid?.() === 0
				? 'Type ./etabli down again. If that does not help, the machine has to be started anew: the kernel does not let go of a process.'
				: `Run ./etabli down${url === undefined ? '' : ` --engine ${url}`} as root on the engine’s machine: it cuts a file system of a learner’s own that answers nothing. Linux 6.15 and later can do so by itself from then on: sysctl fs.fuse.max_request_timeout=120`,
	});
}

/** What hangs in a file system of the sandbox's own ends by no signal: the second time that is cut. */
async function destroy(place: Place, name: string): Promise<void> {
	try {
		await place.destroy(name);
	} catch (error) {
		if (abortFuseConnections(await place.processes(name)) === 0) throw error;
		await place.destroy(name);
	}
}

/** Of these containers, those that are sandboxes of learners. @throws Failure */
export function learnersAmong(data: string, names: readonly string[]): SandboxLeft[] {
	if (names.length === 0) return [];
	try {
		const left = sandboxesLeft(join(data, 'store.sqlite'));
		return names.flatMap((name) => left.get(name) ?? []);
	} catch (error) {
		throw new Failure(
			`Sandboxes are still there, and whose they are is not known: ${error instanceof Error ? error.message : String(error)}.`,
			{
				hint: './etabli down --lose-files ends them, and loses what learners have in them.',
				cause: error,
			},
		);
	}
}

/** @throws Failure when there are learners */
function refuseToLose(labs: readonly SandboxLeft[], keep: boolean): void {
	if (labs.length === 0) return;
	const which = labs.length === 1 ? 'The sandbox' : 'Sandboxes';
	const take = keep
		? './etabli up takes them over if it serves their courses, and ./etabli down then keeps the files'
		: './etabli up takes them over if it serves their courses, and keeps the files when it ends';
	throw new Failure(`${which} of ${someLabs(labs)} ${labs.length === 1 ? 'is' : 'are'} still there, with files that may be nowhere else.`, {
		hint: `${take}; ./etabli down --lose-files ends them without.`,
	});
}
