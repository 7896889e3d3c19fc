/** Which rights a contender needs: tried as an ordinary user; which of its programs are set-uid. */
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { answer } from '../cells.ts';
import { Refused, type Way } from '../contender.ts';
import { endStartedWith } from '../processes.ts';
import { absent, cellsOf, type Trial } from '../trial.ts';
import type { Part } from './row.ts';

/** The bit with which a program runs as its owner. */
const setUid = 0o4000;

/**
 * Some runtimes give standard input and output to the container's user, which only their owner may. When the command ends so does the reader
 * of standard input, after its last words have passed.
 */
const pipesOfItsOwn = ['sh', '-c', 'cat | ("$@" 2>&1; sleep 0.2; kill 0) | cat', 'sh'];

export const needs: Part = async (trials, { late, seconds, detail }) => ({
	ordinaryUser: await cellsOf(trials, 'failed', async (trial) => {
		const { contender, kit, prepared } = trial;
		// Whoever runs this is an ordinary user, and it has started.
		if (!kit.root) return answer('yes', 'ordinaryUser');
		if (trial.way?.ordinary) return answer('yes', 'ordinaryUser');
		if (late()) return absent('late', { seconds: String(seconds) });
		detail(`as an ordinary user: ${contender.name}`);
		let refused: Refused | undefined;
		for (const way of prepared.rootless ?? prepared.ways.slice(0, 1)) {
			try {
				await tryAsUser(trial, way);
				return answer('yes', 'ordinaryUser');
			} catch (error) {
				kit.signal.throwIfAborted();
				if (!(error instanceof Refused) || error.hung) throw error;
				refused = error;
			}
		}
		return answer('no', 'ordinaryUser', { said: refused?.message });
	}),
	setuid: await cellsOf(trials, 'unreadable', async ({ contender, kit, way }) => {
		if (way?.note === 'fromCourse' || way?.note === 'fromCourseAsUser') return absent('inChroot');
		const paths = [...contender.programs, ...contender.helpers].flatMap((program) => kit.find(program) ?? []);
		const extra = contender.programs.includes('apptainer') ? starterOf(paths) : [];
		const found = [...paths, ...extra].filter((path) => (statSync(path).mode & setUid) !== 0);
		const names = found.map((path) => basename(path)).join(', ');
		return found.length > 0 ? answer('yes', 'modes', { said: names }) : answer('no', 'modes');
	}),
});

/** Starts one and ends it. @throws Refused; the signal's reason */
async function tryAsUser(trial: Trial, way: Way): Promise<void> {
	const { ordinary, trialRoot } = trial.kit;
	const place = trial.place(trialRoot);
	mkdirSync(place.folder, { recursive: true });
	chmodSync(place.folder, 0o700);
	chownSync(place.folder, ordinary, ordinary);
	const become = ['setpriv', `--reuid=${ordinary}`, `--regid=${ordinary}`, '--clear-groups', '--'];
	// Whoever is that user already may not change again.
	const before = [...(way.ordinary ? [] : become), ...pipesOfItsOwn];
	const env = { PATH: process.env['PATH'], HOME: place.folder, XDG_RUNTIME_DIR: place.folder, TMPDIR: place.folder, USER: 'nobody' };
	try {
		await trial.end(await trial.start({ way, place, before, env }));
	} finally {
		// Podman keeps the user namespace for the next time, by a process of its own.
		endStartedWith(place.name);
	}
}

/** Apptainer's set-uid part, a package of its own. */
function starterOf(paths: readonly string[]): string[] {
	const at = join(paths[0] ?? '/', '../../libexec/apptainer/bin/starter-suid');
	return statSync(at, { throwIfNoEntry: false }) ? [at] : [];
}
