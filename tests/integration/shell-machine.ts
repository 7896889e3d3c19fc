/** A server whose sandboxes are processes of this machine: the real agent and real shells, without an engine. Servers may come and go. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Agent } from '../../sandbox-server/agent/agent.ts';
import { AgentListener } from '../../sandbox-server/agent/connection.ts';
import type { LiveSteps } from '../../sandbox-server/grading/ports.ts';
import { bareLab } from '../../sandbox-server/labs/lab.ts';
import { LabService } from '../../sandbox-server/labs/lab-service.ts';
import { Live } from '../../sandbox-server/live/live.ts';
import { systemClock } from '../../sandbox-server/platform/clock.ts';
import { LearnerValues } from '../../sandbox-server/sandboxes/learner-values.ts';
import { MarkReader } from '../../sandbox-server/sandboxes/shell-integration/marks.ts';
import { openStore } from '../../sandbox-server/store/sqlite-store.ts';
import type { Language } from '../../src/shared/language.ts';
import { decodeFrame, frameKind } from '../../src/shared/protocol/messages.ts';
import { KeptLog, testCourse, testLesson } from '../fixtures/in-process-sandboxes.ts';
import { LiveServer } from '../fixtures/live-server.ts';
import { noLooks, noRooms } from '../fixtures/no-rooms.ts';
import type { Page } from '../fixtures/page.ts';
import { personFor } from '../fixtures/person.ts';
import { ProcessRuntime } from '../fixtures/process-runtime.ts';
import { Screen } from './agent-harness.ts';

const bashrc = join(import.meta.dirname, '../../sandbox-server/guest/bashrc');
const noSteps: LiveSteps = { reports: () => [], enter: () => () => undefined, focus: () => undefined, subscribe: () => () => undefined };

/** A machine on which servers come and go. */
export class Machine {
	readonly data = mkdtempSync(join(tmpdir(), 'etabli-'));
	readonly home = join(this.data, 'home');
	readonly runtime = new ProcessRuntime(this.home);
	readonly store = openStore(':memory:');
	readonly log = new KeptLog();
	readonly course;
	readonly lab;
	service!: LabService;
	#live: Live | undefined;
	#agents: Agent[] = [];
	#door: LiveServer | undefined;

	readonly #shellsAhead: boolean;

	constructor({ lesson = testLesson('first'), pool = 0, shellsAhead = true } = {}) {
		this.course = testCourse('a', { pool }, [lesson]);
		this.lab = bareLab({ owner: this.store.createLearner(), course: this.course });
		this.#shellsAhead = shellsAhead;
	}

	async serve(): Promise<void> {
		this.service = new LabService({
			settings: {
				data: this.data,
				instance: 'test',
				maxSandboxes: 1,
				home: this.home,
				image: () => 'none',
				scriptEnv: { PATH: process.env['PATH'] ?? '' },
				shell: ['bash', '--rcfile', bashrc, '-i'],
				shellsAhead: this.#shellsAhead,
			},
			courses: [this.course],
			store: this.store,
			values: new LearnerValues(Buffer.alloc(32)),
			runtime: this.runtime,
			clock: systemClock,
			log: this.log,
			listenAgent: (transport, onAgent) =>
				AgentListener.listen(transport, (agent) => {
					this.#agents = [agent];
					onAgent(agent);
				}),
			listenRegistry: undefined,
			markReader: (onCommand, keepPrinted, onStart) => new MarkReader(onCommand, { keepPrinted, onStart }),
		});
		await this.service.open();
		this.#live = new Live({
			labs: this.service,
			steps: noSteps,
			rooms: noRooms,
			looks: noLooks,
			clock: systemClock,
			log: this.log,
			isSignedIn: () => true,
		});
		this.#door = await LiveServer.listen(this.#live);
	}

	/** The server goes; sandboxes and shells stay. */
	async leave(): Promise<void> {
		await this.#live?.close();
		await this.#door?.close();
		await this.service.close({ keep: true });
	}

	/** A page with a sandbox that is ready. */
	async visit(language: Language = 'en'): Promise<Page> {
		assert.ok(this.#door);
		const page = await this.#door.visit({ principal: personFor(this.lab.owner), lab: this.lab, lesson: 'first', language });
		page.send({ type: 'start' });
		await page.until(() => this.service.report(this.lab, 'en').state === 'ready');
		return page;
	}

	get sandbox(): string {
		return this.service.sandbox(this.lab).name;
	}

	/** Shells without a learner: size, and what they have printed. */
	waiting(): string[] {
		return this.#agents.flatMap((agent) =>
			[...agent.terminals.values()].filter(({ key }) => key === 'ahead').map((one) => `${one.cols}x${one.rows}, ${one.ringEnd} bytes`),
		);
	}

	/** As the kernel does when memory runs out. */
	killWaiting(): void {
		for (const { pid } of this.runtime.processes.values()) {
			const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
			for (const child of children) process.kill(Number(child), 'SIGKILL');
		}
	}

	commands(): [string, number | undefined][] {
		return this.store.commands(this.sandbox, 100).map(({ command, exit }) => [command, exit]);
	}

	async dispose(): Promise<void> {
		await this.leave();
		await this.runtime.destroyAll();
		this.store.close();
		rmSync(this.data, { recursive: true, force: true });
	}
}

export async function machine(t: TestContext, options?: ConstructorParameters<typeof Machine>[0]): Promise<Machine> {
	const one = new Machine(options);
	await one.serve();
	t.after(() => one.dispose());
	return one;
}

/** Draws a channel like the browser does: replays, resizes and resets in order. */
export async function draw(
	page: Page,
	channel: number,
	how: { cols: number; rows: number; zone?: string } | { watch: true } = { cols: 80, rows: 24 },
): Promise<Screen> {
	const screen = new Screen();
	let offset = 0n;
	page.socket.on('message', (data, isBinary) => {
		if (!isBinary) {
			const message = JSON.parse((data as Buffer).toString());
			if (message.channel !== channel) return;
			if (message.type === 'resized') screen.resized(message.cols, message.rows);
			if (message.type === 'live') screen.live();
			if (message.type === 'reset') screen.gap();
			return;
		}
		const frame = decodeFrame(data as Buffer);
		if (frame?.channel !== channel) return;
		if (frame.kind === frameKind.preamble) return screen.preamble(frame.bytes);
		screen.output(frame.bytes, offset);
		offset += BigInt(frame.bytes.length);
	});
	page.send('watch' in how ? { type: 'watch', channel, terminal: '1' } : { type: 'open', channel, terminal: '1', ...how });
	await screen.until(() => screen.isLive);
	return screen;
}

/** The shell has come to its prompt in the lesson's folder. */
export async function atPrompt(screen: Screen): Promise<void> {
	await screen.until(() => /01-first[#$]$/.test(screen.text().trimEnd()));
}
