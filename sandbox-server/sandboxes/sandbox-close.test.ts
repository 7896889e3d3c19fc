/** A sandbox that is let go of while it is being made: nothing goes on listening for it, or the server could not end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessWorld, testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { MemoryRuntime } from '../runtimes/fakes/fakes.ts';
import { Sandbox } from './sandbox.ts';

test('a sandbox that is closed while it begins to listen listens to nothing afterwards', async (t) => {
	const course = testCourse('a');
	const world = new InProcessWorld(new MemoryRuntime(), [course]);
	t.after(() => world.dispose());
	const open = new Set<string>();
	const begun = Promise.withResolvers<void>();
	const listening = (what: string) => {
		open.add(what);
		return { close: () => void open.delete(what) };
	};
	const deps = {
		...world.deps(),
		listenAgent: async () => {
			await begun.promise;
			return listening('agent');
		},
		listenRegistry: async () => listening('registry'),
	};
	const sandbox = new Sandbox(deps, 'etabli-1', course);
	const listens = sandbox.listen();
	const closed = sandbox.close();
	begun.resolve();
	await Promise.all([listens, closed]);
	assert.deepEqual([...open], []);
	await sandbox.listen();
	await sandbox.give(world.lab().owner, 0);
	assert.deepEqual([...open], []);
});
