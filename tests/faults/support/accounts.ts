/** Do engine, sockets, files and store of a server tell the same story? Looked at from outside, while the server runs or after it has ended. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { WholeServer } from '../../fixtures/server.ts';
import type { Ground } from './ground.ts';

const listed = (folder: string): string[] => {
	try {
		return readdirSync(folder).sort();
	} catch {
		// Not made yet: nothing in it.
		return [];
	}
};

export interface Rows {
	sandboxes: { name: string; state: string; learner: string | null }[];
	homes: { file: string }[];
}

/** Reads the store beside the server. */
export function rowsOf(data: string): Rows {
	const database = new DatabaseSync(join(data, 'store.sqlite'), { readOnly: true, timeout: 5000 });
	try {
		return {
			sandboxes: database
				.prepare(
					'select sandbox.name, state, learner.name as learner from sandbox left join learner on learner.id = sandbox.learner order by sandbox.name',
				)
				.all() as unknown as Rows['sandboxes'],
			homes: database.prepare('select file from home order by file').all() as unknown as Rows['homes'],
		};
	} finally {
		database.close();
	}
}

/** How often each of a learner's commands is recorded, over all of their sandboxes. */
export function recordsOf(data: string, learner: string): Map<string, number> {
	const database = new DatabaseSync(join(data, 'store.sqlite'), { readOnly: true, timeout: 5000 });
	try {
		const rows = database
			.prepare(
				`select command from past_command join learner on learner.id = past_command.learner where learner.name = ?1
				union all select command from command join sandbox on sandbox.name = command.sandbox join learner on learner.id = sandbox.learner where learner.name = ?1`,
			)
			.all(learner) as { command: string }[];
		const counts = new Map<string, number>();
		for (const { command } of rows) {
			const mark = /^echo (m-\d+-\d+) >>/.exec(command)?.[1];
			if (mark !== undefined) counts.set(mark, (counts.get(mark) ?? 0) + 1);
		}
		return counts;
	} finally {
		database.close();
	}
}

/** What does not fit together; empty when everything does. */
export async function discrepancies(server: WholeServer, ground: Ground): Promise<string[]> {
	const wrong: string[] = [];
	const { sandboxes, homes } = rowsOf(server.data);
	const names = sandboxes.map(({ name }) => name);
	const inEngine = await ground.containers();
	const registries = inEngine.filter(({ name }) => name.startsWith('etabli-registry-'));
	const theirs = inEngine.filter((one) => !registries.includes(one));
	const differ = (what: string, found: string[], expected: string[]): void => {
		for (const name of found) if (!expected.includes(name)) wrong.push(`${what}: ${name} is nobody's`);
		for (const name of expected) if (!found.includes(name)) wrong.push(`${what}: ${name} is missing`);
	};
	differ(
		'engine',
		theirs.map(({ name }) => name),
		names,
	);
	differ('folders', listed(join(server.data, 'sandboxes')), names);
	for (const { name, running } of inEngine) if (!running) wrong.push(`engine: ${name} does not run`);
	for (const { name, state } of sandboxes) if (state !== 'ready') wrong.push(`store: ${name} is ${state}`);
	if (server.running && registries.length !== 1) wrong.push(`engine: ${registries.length} registries`);
	const archives = listed(join(server.data, 'homes')).flatMap((course) =>
		listed(join(server.data, 'homes', course)).map((name) => join(course, name)),
	);
	differ(
		'homes',
		archives,
		homes.map(({ file }) => file),
	);
	return [...wrong, ...(await ground.amiss())];
}
