/** What every runtime must do, as sandbox-server/runtimes/runtime.ts says: one suite for all of them. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Runtime, RuntimeAway, type SandboxSpec, StartFailed } from '../../sandbox-server/runtimes/runtime.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { limitsSchema } from '../../src/shared/course/course.ts';

export interface RuntimeUnderTest {
	runtime: Runtime;
	/** An image that exists in it. */
	image: string;
	/** Ends a sandbox's main process without the interface. */
	kill(name: string): Promise<void>;
	/** Number of its main process on this machine, where it has one. */
	pid?(name: string): Promise<number | undefined>;
}

/** How long the tests wait for what must happen, in ms: only ever reached by a failure. */
const patienceMs = patience(120_000);

/** Waits until `condition` holds. */
async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
	const end = Date.now() + patienceMs;
	while (!(await condition())) {
		if (Date.now() > end) assert.fail(`never happened: ${what}`);
		await sleep(20);
	}
}

/** Runs the suite. `skip` is a reason for which it cannot run here. */
export function runtimeContract(title: string, make: () => Promise<RuntimeUnderTest>, skip: string | false = false): void {
	describe(`runtime contract: ${title}`, { skip }, () => {
		const run = randomBytes(4).toString('hex');
		const label = { key: 'etabli.test', value: run };
		let tested: RuntimeUnderTest;
		let count = 0;
		let stops: (() => void)[] = [];
		const watched = async (onEnd: (name: string) => void, onBreak: (error: Error) => void = () => undefined): Promise<() => void> => {
			// Other servers and tests may have sandboxes there.
			const stop = await tested.runtime.watch((name) => name.includes(run) && onEnd(name), onBreak);
			stops.push(stop);
			return stop;
		};
		const spec = (changes: Partial<SandboxSpec> = {}): SandboxSpec => ({
			name: `etabli-test-${run}-${++count}`,
			image: tested.image,
			ociRuntime: undefined,
			limits: limitsSchema.parse({ memory: '128 MiB', home: { size: '8 MiB', files: 200 }, tmp: { size: '8 MiB', files: 200 } }),
			labels: { [label.key]: label.value },
			...changes,
		});

		before(async () => {
			tested = await make();
		});
		afterEach(async () => {
			for (const stop of stops) stop();
			stops = [];
			for (const { name } of await tested.runtime.list(label)) await tested.runtime.destroy(name);
			for (const name of await tested.runtime.transports()) await tested.runtime.transport(name).remove();
		});

		it('says what it is', async () => {
			const info = await tested.runtime.info();
			assert.match(info.kind, /^[a-z]+$/);
			assert.match(info.version, /\d/);
			assert.ok(info.ociRuntimes.includes(info.defaultOciRuntime), `${info.defaultOciRuntime} is among ${info.ociRuntimes}`);
			assert.match(info.cgroup, /^v[12]$/);
			assert.ok(info.memory > 2 ** 26 && info.cpus >= 1);
		});

		it('meets a sandbox by its transport, whether the sandbox is there or not', async () => {
			const { name } = spec();
			const transport = tested.runtime.transport(name);
			assert.equal(transport.name, name);
			const server = createServer((socket) => socket.end());
			const stop = await transport.serve('agent', server);
			await transport.put('word', 'first');
			await transport.put('word', 'second');
			assert.ok((await tested.runtime.transports()).includes(name), 'it is found again');
			await transport.withdraw('word');
			await transport.withdraw('word');
			await stop();
			await transport.remove();
			await transport.remove();
			assert.ok(!(await tested.runtime.transports()).includes(name));
		});

		it('starts a sandbox, finds it by its label, destroys it', async () => {
			const wanted = spec({ labels: { [label.key]: label.value, 'etabli.other': 'x y=z' } });
			const earlier = Date.now();
			await tested.runtime.start(wanted);
			assert.equal(await tested.runtime.status(wanted.name), 'running');
			const [found, ...rest] = await tested.runtime.list(label);
			assert.deepEqual(rest, []);
			assert.equal(found?.name, wanted.name);
			assert.equal(found?.running, true);
			assert.equal(found?.labels['etabli.other'], 'x y=z');
			assert.ok(found && Math.abs(found.created - earlier) < 3_600_000, 'created is in ms since 1970');
			assert.deepEqual(await tested.runtime.list({ ...label, value: `${run}x` }), []);
			await tested.runtime.destroy(wanted.name);
			assert.equal(await tested.runtime.status(wanted.name), 'gone');
			assert.deepEqual(await tested.runtime.list(label), []);
		});

		it('gives the learner a home that is theirs alone, and empty', async (t) => {
			if (!tested.pid) return t.skip('fakes have no folders, and those of nodes are not seen from here');
			const wanted = spec();
			await tested.runtime.start(wanted);
			const pid = await tested.pid(wanted.name);
			const user = Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
			const home = `/proc/${pid}/root/home/learner`;
			const { uid, gid, mode } = statSync(home);
			assert.deepEqual([uid, gid, (mode & 0o7777).toString(8)], [user, user, '700']);
			assert.deepEqual(readdirSync(home), []);
		});

		it('destroys what is gone, what never was, and the same one twice at once', async () => {
			const wanted = spec();
			await tested.runtime.destroy(wanted.name);
			await tested.runtime.start(wanted);
			await Promise.all([tested.runtime.destroy(wanted.name), tested.runtime.destroy(wanted.name)]);
			assert.equal(await tested.runtime.status(wanted.name), 'gone');
			await tested.runtime.destroy(wanted.name);
		});

		it('frees the name: the next sandbox may have it', async () => {
			const wanted = spec();
			await tested.runtime.start(wanted);
			await tested.runtime.destroy(wanted.name);
			await tested.runtime.start(wanted);
			assert.equal(await tested.runtime.status(wanted.name), 'running');
			await tested.runtime.destroy(wanted.name);
			assert.equal(await tested.runtime.status(wanted.name), 'gone', 'also that one, however soon');
		});

		it('refuses a name that is taken, and leaves the first sandbox alone', async () => {
			const wanted = spec();
			await tested.runtime.start(wanted);
			await assert.rejects(tested.runtime.start(wanted), StartFailed);
			assert.equal(await tested.runtime.status(wanted.name), 'running');
		});

		it('leaves nothing behind when the image does not exist', async () => {
			const wanted = spec({ image: 'etabli-no-such-image:0' });
			await assert.rejects(
				tested.runtime.start(wanted),
				(error: Error) => error instanceof StartFailed && error.message.includes(wanted.name),
			);
			assert.equal(await tested.runtime.status(wanted.name), 'gone');
		});

		it('leaves nothing behind when the caller gives up, before or in the middle', async () => {
			for (const delay of [0, 5, 40]) {
				const wanted = spec();
				const controller = new AbortController();
				if (delay === 0) controller.abort();
				else setTimeout(() => controller.abort(), delay);
				const outcome = await tested.runtime.start(wanted, controller.signal).then(
					() => 'started',
					(error: unknown) => error,
				);
				// A start that was faster than the caller's change of mind has simply succeeded.
				if (outcome === 'started') {
					assert.equal(await tested.runtime.status(wanted.name), 'running');
					continue;
				}
				assert.ok(outcome instanceof StartFailed || outcome instanceof RuntimeAway, String(outcome));
				await eventually('the name is free', async () => (await tested.runtime.status(wanted.name)) === 'gone');
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
			await tested.runtime.start(first);
			await tested.runtime.start(second);
			await tested.kill(first.name);
			await eventually('the end is reported', () => ends.includes(first.name));
			assert.equal(await tested.runtime.status(first.name), 'ended');
			assert.equal((await tested.runtime.list(label)).find(({ name }) => name === first.name)?.running, false);
			await tested.runtime.destroy(second.name);
			await tested.runtime.destroy(first.name);
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
			await tested.runtime.start(wanted);
			stop();
			await tested.kill(wanted.name);
			await eventually('the other watch hears it', () => other.includes(wanted.name));
			stopOther();
			assert.deepEqual([ends, breaks], [[], []]);
		});

		it('calls itself away when the deadline of a question has passed', async () => {
			const signal = AbortSignal.abort();
			await assert.rejects(tested.runtime.info(signal), RuntimeAway);
			await assert.rejects(tested.runtime.status('etabli-x', signal), RuntimeAway);
			await assert.rejects(tested.runtime.list(label, signal), RuntimeAway);
			await assert.rejects(tested.runtime.destroy('etabli-x', signal), RuntimeAway);
		});
	});
}
