/** What a server that is gone has left in its store: for programs that must change nothing there, not even its version. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreUnusable } from './migrations.ts';

/** Whose a sandbox is that a server has left. */
export interface SandboxLeft {
	/** Name. */
	learner: string;
	/** Slug. */
	course: string;
}

/**
 * Sandboxes with learners' files in them, as the next server would take them over.
 * @param path of the database; none there: no server has been here
 * @returns by the names of the sandboxes
 * @throws StoreUnusable
 */
export function sandboxesLeft(path: string): Map<string, SandboxLeft> {
	if (!existsSync(path)) return new Map();
	let database: DatabaseSync | undefined;
	try {
		database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
		// These tables are as they were in the first version.
		const rows = database.prepare(
			`select sandbox.name as sandbox, learner.name as learner, sandbox.course as course from sandbox join learner on learner.id = sandbox.learner
			where sandbox.state = 'ready' order by sandbox.created`,
		);
		return new Map(
			rows.all().map(({ sandbox, learner, course }) => [String(sandbox), { learner: String(learner), course: String(course) }]),
		);
	} catch (error) {
		throw new StoreUnusable(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
	} finally {
		database?.close();
	}
}
