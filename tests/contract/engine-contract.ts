/** What every engine must do, as sandbox-server/engines/engine.ts says: one suite for all of them. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Engine, EngineAway, type SandboxSpec, StartFailed } from '../../sandbox-server/engines/engine.ts';
import { limitsSchema } from '../../src/shared/course.ts';

export interface EngineUnderTest {
	engine: Engine;
	/** An image that exists in it. */
	image: string;
	/** Ends a sandbox's main process without the engine interface. */
	kill(name: string): Promise<void>;
}

/** How long the tests wait for what must happen, in ms: only ever reached by a failure. */
const patience = 120_000;

/** Waits until `condition` holds. */
async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
	const end = Date.now() + patience;
	while (!(await condition())) {
		if (Date.now() > end) assert.fail(`never happened: ${what}`);
		await sleep(20);
	}
}

/** Runs the suite. `skip` is a reason for which it cannot run here. */
export function engineContract(title: string, make: () => Promise<EngineUnderTest>, skip: string | false = false): void {
	describe(`engine contract: ${title}`, { skip }, () => {
		const run = randomBytes(4).toString('hex');
		const label = { key: 'etabli.test', value: run };
		let tested: EngineUnderTest;
		let folder: string;
		let count = 0;
		let stops: (() => void)[] = [];
		const watched = async (onEnd: (name: string) => void, onBreak: (error: Error) => void = () => undefined): Promise<() => void> => {
			// Other servers and tests may have sandboxes in the same engine.
			const stop = await tested.engine.watch((name) => name.includes(run) && onEnd(name), onBreak);
			stops.push(stop);
			return stop;
		};
		const spec = (changes: Partial<SandboxSpec> = {}): SandboxSpec => ({
			name: `etabli-test-${run}-${++count}`,
			image: tested.image,
			runtime: undefined,
			limits: limitsSchema.parse({ memory: '128 MiB', home: { size: '8 MiB', files: 200 }, tmp: { size: '8 MiB', files: 200 } }),
			sockets: folder,
			guest: folder,
			labels: { [label.key]: label.value },
			...changes,
		});

		before(async () => {
			folder = await mkdtemp(join(tmpdir(), 'etabli-contract-'));
			tested = await make();
		});
		afterEach(async () => {
			for (const stop of stops) stop();
			stops = [];
			for (const { name } of await tested.engine.list(label)) await tested.engine.destroy(name);
		});
		after(() => rm(folder, { recursive: true, force: true }));

		it('says what it is', async () => {
			const info = await tested.engine.info();
			assert.match(info.kind, /^[a-z]+$/);
			assert.match(info.version, /\d/);
			assert.ok(info.runtimes.includes(info.defaultRuntime), `${info.defaultRuntime} is among ${info.runtimes}`);
			assert.match(info.cgroup, /^v[12]$/);
			assert.ok(info.memory > 2 ** 26 && info.cpus >= 1);
		});

		it('starts a sandbox, finds it by its label, destroys it', async () => {
			const wanted = spec({ labels: { [label.key]: label.value, 'etabli.other': 'x y=z' } });
			const earlier = Date.now();
			await tested.engine.start(wanted);
			assert.equal(await tested.engine.status(wanted.name), 'running');
			const [found, ...rest] = await tested.engine.list(label);
			assert.deepEqual(rest, []);
			assert.equal(found?.name, wanted.name);
			assert.equal(found?.running, true);
			assert.equal(found?.labels['etabli.other'], 'x y=z');
			assert.ok(found && Math.abs(found.created - earlier) < 3_600_000, 'created is in ms since 1970');
			assert.deepEqual(await tested.engine.list({ ...label, value: `${run}x` }), []);
			await tested.engine.destroy(wanted.name);
			assert.equal(await tested.engine.status(wanted.name), 'gone');
			assert.deepEqual(await tested.engine.list(label), []);
		});

		it('destroys what is gone, what never was, and the same one twice at once', async () => {
			const wanted = spec();
			await tested.engine.destroy(wanted.name);
			await tested.engine.start(wanted);
			await Promise.all([tested.engine.destroy(wanted.name), tested.engine.destroy(wanted.name)]);
			assert.equal(await tested.engine.status(wanted.name), 'gone');
			await tested.engine.destroy(wanted.name);
		});

		it('frees the name: the next sandbox may have it', async () => {
			const wanted = spec();
			await tested.engine.start(wanted);
			await tested.engine.destroy(wanted.name);
			await tested.engine.start(wanted);
			assert.equal(await tested.engine.status(wanted.name), 'running');
		});

		it('refuses a name that is taken, and leaves the first sandbox alone', async () => {
			const wanted = spec();
			await tested.engine.start(wanted);
			await assert.rejects(tested.engine.start(wanted), StartFailed);
			assert.equal(await tested.engine.status(wanted.name), 'running');
		});

		it('leaves nothing behind when the image does not exist', async () => {
			const wanted = spec({ image: 'etabli-no-such-image:0' });
			await assert.rejects(
				tested.engine.start(wanted),
				(error: Error) => error instanceof StartFailed && error.message.includes(wanted.name),
			);
			assert.equal(await tested.engine.status(wanted.name), 'gone');
		});

		it('leaves nothing behind when the caller gives up, before or in the middle', async () => {
			for (const delay of [0, 5, 40]) {
				const wanted = spec();
				const controller = new AbortController();
				if (delay === 0) controller.abort();
				else setTimeout(() => controller.abort(), delay);
				const outcome = await tested.engine.start(wanted, controller.signal).then(
					() => 'started',
					(error: unknown) => error,
				);
				// A start that was faster than the caller's change of mind has simply succeeded.
				if (outcome === 'started') {
					assert.equal(await tested.engine.status(wanted.name), 'running');
					continue;
				}
				assert.ok(outcome instanceof StartFailed || outcome instanceof EngineAway, String(outcome));
				await eventually('the name is free', async () => (await tested.engine.status(wanted.name)) === 'gone');
			}
		});

		it('reports an end that it did not cause, and keeps the ended sandbox until it is destroyed', async () => {
			const [first, second] = [spec(), spec()];
			const ends: string[] = [];
			const breaks: Error[] = [];
			const stop = await watched(
				(name) => ends.push(name),
				(error) => breaks.push(error),
			);
			await tested.engine.start(first);
			await tested.engine.start(second);
			await tested.kill(first.name);
			await eventually('the end is reported', () => ends.includes(first.name));
			assert.equal(await tested.engine.status(first.name), 'ended');
			assert.equal((await tested.engine.list(label)).find(({ name }) => name === first.name)?.running, false);
			await tested.engine.destroy(second.name);
			await tested.engine.destroy(first.name);
			stop();
			assert.deepEqual(ends, [first.name], 'once, and not for what was destroyed');
			assert.deepEqual(breaks, []);
		});

		it('says nothing more once the watch has been stopped', async () => {
			const wanted = spec();
			const ends: string[] = [];
			const breaks: Error[] = [];
			const other: string[] = [];
			const stop = await watched(
				(name) => ends.push(name),
				(error) => breaks.push(error),
			);
			const stopOther = await watched((name) => other.push(name));
			await tested.engine.start(wanted);
			stop();
			await tested.kill(wanted.name);
			await eventually('the other watch hears it', () => other.includes(wanted.name));
			stopOther();
			assert.deepEqual([ends, breaks], [[], []]);
		});

		it('calls itself away when the deadline of a question has passed', async () => {
			const signal = AbortSignal.abort();
			await assert.rejects(tested.engine.info(signal), EngineAway);
			await assert.rejects(tested.engine.status('etabli-x', signal), EngineAway);
			await assert.rejects(tested.engine.list(label, signal), EngineAway);
			await assert.rejects(tested.engine.destroy('etabli-x', signal), EngineAway);
		});
	});
}
