/** A class at work while somebody pulls plugs: which, when and how often comes from the seed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../../sandbox-server/registry/client.ts';
import { patience } from '../../../sandbox-server/tools/testing/slowness.ts';
import { Random } from '../../fixtures/random.ts';
import type { WholeServer } from '../../fixtures/server.ts';
import { rowsOf } from './accounts.ts';
import type { Ground } from './ground.ts';
import { Student, sandboxOf } from './student.ts';

export type Victim = 'server' | 'registry' | 'agent' | 'engine';

/** Everything works again within this, after a kill, ms. */
const patienceMs = patience(60_000);
/** Before a server that has ended is started again, ms. */
const restartPause = 300;

export interface BusyClassOptions {
	server: WholeServer;
	ground: Ground;
	seed: number;
	students: number;
	/** How often each kind is chosen, relative to the others. */
	weights: Record<Victim, number>;
	say: (line: string) => void;
}

export class BusyClass {
	readonly students: Student[];
	readonly kills: Record<Victim, number> = { server: 0, registry: 0, agent: 0, engine: 0 };
	/** The longest that the class took to work again, ms. */
	slowest = 0;
	readonly #options: BusyClassOptions;
	readonly #random: Random;
	/** Sandboxes whose agents were killed. */
	readonly #killed = new Set<string>();
	readonly #end = new AbortController();
	#work: Promise<unknown> = Promise.resolve();
	#failure: unknown;
	#closed = false;
	#supervised: Promise<void> = Promise.resolve();

	constructor(options: BusyClassOptions) {
		this.#options = options;
		this.#random = new Random(options.seed);
		this.students = Array.from(
			{ length: options.students },
			(_, number) =>
				new Student({
					server: options.server,
					random: new Random(options.seed + 7919 * (number + 1)),
					number,
					watches: number === 0,
					killed: this.#killed,
				}),
		);
	}

	get total(): number {
		return Object.values(this.kills).reduce((sum, count) => sum + count, 0);
	}

	/** Everybody comes, and works until `dismiss`. */
	begin(): void {
		this.#work = Promise.all(
			this.students.map(async (student) => {
				try {
					await student.work(this.#end.signal);
				} catch (error) {
					this.#failure ??= error;
					throw error;
				}
			}),
		);
		// It is awaited by `dismiss`, or told by `#failure` before.
		this.#work.catch(() => undefined);
	}

	/** The class comes to rest, and does everything once more. @throws what a learner found wrong */
	async dismiss(): Promise<void> {
		await this.#supervised;
		this.#end.abort();
		await this.#work;
		await Promise.all(this.students.map((student) => student.prove()));
	}

	/** A server that has ended is not started again any more. Call it in any case. */
	close(): void {
		this.#closed = true;
		this.#end.abort();
	}

	/** One kill, sometimes two at once; resolves when everybody works again. */
	async kill(): Promise<void> {
		await sleep(100 + this.#random.below(900));
		const begun = performance.now();
		const before = this.students.map(({ done }) => done);
		const struck = [await this.#strike()];
		// What recovers from one thing may stumble over the next.
		if (this.#random.below(5) === 0) {
			await sleep(this.#random.below(600));
			struck.push(await this.#strike());
		}
		if (struck.every((what) => what === undefined)) return;
		await this.#until(() => this.students.every(({ done }, at) => done >= (before[at] ?? 0) + 2), 'the class to work', struck);
		if (struck.some((what) => what?.startsWith('registry'))) {
			const socket = join(this.#options.server.data, 'registry/socket/registry.sock');
			const answers = () =>
				ask(socket, { method: 'GET', path: '/v2/' }).then(
					({ status }) => status === 200,
					() => false,
				);
			await this.#until(answers, 'the registry to answer', struck);
		}
		const ms = performance.now() - begun;
		this.slowest = Math.max(this.slowest, ms);
		this.#options.say(`${this.total}: ${struck.join(' + ')}: well after ${Math.round(ms)} ms`);
	}

	async #until(condition: () => boolean | Promise<boolean>, what: string, struck: (string | undefined)[]): Promise<void> {
		const end = performance.now() + patienceMs;
		while (!(await condition())) {
			if (this.#failure) throw this.#failure;
			if (performance.now() > end) {
				const doing = this.students.map((student) => `  learner ${student.number} (${student.name}): ${student.doing}`);
				assert.fail(`waited in vain for ${what} after ${struck.join(' + ')}:\n${doing.join('\n')}`);
			}
			await sleep(50);
		}
		if (this.#failure) throw this.#failure;
	}

	/** @returns what was killed, in words; undefined when there was nothing of that kind just now */
	async #strike(): Promise<string | undefined> {
		const { weights } = this.#options;
		let at = this.#random.below(Object.values(weights).reduce((sum, weight) => sum + weight, 0));
		for (const [victim, weight] of Object.entries(weights) as [Victim, number][]) {
			at -= weight;
			if (at >= 0) continue;
			const done = await this.#strikeAt(victim);
			if (done !== undefined) this.kills[victim]++;
			return done;
		}
		return undefined;
	}

	async #strikeAt(victim: Victim): Promise<string | undefined> {
		const { ground } = this.#options;
		const gentle = this.#random.below(5) === 0;
		const signal = gentle ? 'SIGTERM' : 'SIGKILL';
		switch (victim) {
			case 'server':
				return this.#strikeServer(signal);
			case 'engine': {
				const victim = ground.victim(this.#random);
				return victim && this.#send(victim.pid, signal, victim.name);
			}
			case 'registry': {
				const instance = readFileSync(join(this.#options.server.data, 'instance'), 'utf8').trim();
				const pid = await ground.mainProcess(`etabli-registry-${instance}`);
				return pid === undefined ? undefined : this.#send(pid, signal, 'registry');
			}
			case 'agent':
				return this.#strikeAgent(this.#random.pick(this.students));
		}
	}

	async #strikeServer(signal: 'SIGTERM' | 'SIGKILL'): Promise<string | undefined> {
		const { server } = this.#options;
		if (!server.running) return undefined;
		await this.#supervised;
		await server.kill(signal);
		// As an init system would have it, until it stays up.
		const restart = async (): Promise<void> => {
			while (!this.#closed) {
				await sleep(restartPause);
				try {
					return await server.serve();
				} catch (error) {
					this.#options.say(`  the server ended while it was starting: ${String(error).slice(0, 1000)}`);
				}
			}
		};
		this.#supervised = restart();
		return `server ${signal}`;
	}

	async #strikeAgent(student: Student): Promise<string | undefined> {
		const row = rowsOf(this.#options.server.data).sandboxes.find(
			({ learner, state }) => learner === student.name && learner !== '' && state === 'ready',
		);
		const pid = row && (await this.#options.ground.mainProcess(row.name));
		const sandbox = pid === undefined ? undefined : sandboxOf(pid);
		if (pid === undefined || sandbox === undefined) return undefined;
		this.#killed.add(sandbox);
		return this.#send(pid, 'SIGKILL', `agent of learner ${student.number}`);
	}

	#send(pid: number, signal: NodeJS.Signals, what: string): string | undefined {
		try {
			process.kill(pid, signal);
			return `${what} ${signal}`;
		} catch {
			// It had just ended.
			return undefined;
		}
	}
}
