/**
 * A learner of the busy class, by the interface that a page has: types commands, each with a mark of its own, has its step checked, pulls from
 * the registry, floods, reloads, leaves, comes back, puts the sandbox away and takes another. Whatever breaks down meanwhile, it does what a
 * person does: comes again, looks at the screen, types again only what never arrived. It keeps account of all that, and says what is wrong.
 */
import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTime } from '../../../sandbox-server/setup/processes.ts';
import type { ClientTerminal } from '../../../sandbox-server/tools/rehearsal/client-terminal.ts';
import type { LearnerClient } from '../../../sandbox-server/tools/rehearsal/learner-client.ts';
import { patience } from '../../../sandbox-server/tools/testing/slowness.ts';
import { cells, type Shown, show } from '../../fixtures/browser-screen.ts';
import type { Random } from '../../fixtures/random.ts';
import type { WholeServer } from '../../fixtures/server.ts';

/** Nothing takes so long, whatever has broken down, ms. */
const patienceMs = 90_000;
/** Between two tries of coming again, ms. */
const pause = 150;

/**
 * Prints which sandbox this is, in the words of `sandboxOf`: the start of its first process and its namespace. Two that are made at once may well
 * start in the same hundredth of a second, and a namespace's number is used again once it is gone.
 */
const whichSandbox = "$(cut -d' ' -f22 /proc/1/stat)-$(readlink /proc/self/ns/pid)";

/** Which sandbox a process of this machine is in, by its first process's number; undefined when that has ended. */
export function sandboxOf(pid: number): string | undefined {
	try {
		return `${startTime(pid)}-${readlinkSync(`/proc/${pid}/ns/pid`)}`;
	} catch {
		return undefined;
	}
}

/** What the learner was at has been broken off: it comes again. */
class Disturbed extends Error {
	override readonly name = 'Disturbed';
}

export interface StudentOptions {
	server: WholeServer;
	random: Random;
	number: number;
	/** Keeps a picture in a second terminal and compares it, cell by cell, each time it comes again. */
	watches: boolean;
	/** Sandboxes whose agent has been killed, as `sandboxOf` names them. */
	killed: ReadonlySet<string>;
}

export class Student {
	readonly number: number;
	cookie = '';
	/** Things done to the end: by them others see that it works again. */
	done = 0;
	/** Commands that have been seen to end, in all sandboxes. */
	commands = 0;
	/** Every command that has been run in any sandbox. */
	readonly ran = new Set<string>();
	/** Of those, the ones that ended too near the end of their sandbox to be sure of a record. */
	readonly unsure = new Set<string>();
	/** Sandboxes that were taken away from it, by a kill of their agent or the engine. */
	lost = 0;
	/** What it was at last, for whoever looks why it is stuck. */
	doing = 'nothing';
	readonly #server: WholeServer;
	readonly #random: Random;
	readonly #watches: boolean;
	readonly #killed: ReadonlySet<string>;
	#client: LearnerClient | undefined;
	#terminal: ClientTerminal | undefined;
	#counter = 0;
	/** Lines that are in the sandbox's file, in order. */
	#lines: string[] = [];
	/** Typed, and not seen to end. */
	#pending: string | undefined;
	/** Which sandbox it is, as `sandboxOf` names it. */
	#sandbox = '';
	/** It has asked for its sandbox to be put away. */
	#leaving = false;
	#passed = false;
	#picture: { normal: string[]; alternate: string[] } | undefined;

	constructor({ server, random, number, watches, killed }: StudentOptions) {
		this.#killed = killed;
		this.#server = server;
		this.#random = random;
		this.number = number;
		this.#watches = watches;
	}

	get name(): string {
		return this.#client?.name ?? '';
	}

	/** Works until the signal; ends at a point of rest, withTerminal and with everything answered. @throws AssertionError when something was lost or doubled */
	async work(signal: AbortSignal): Promise<void> {
		await this.#settle();
		while (!signal.aborted) {
			try {
				await this.#act();
				this.done++;
				await sleep(20 + this.#random.below(250));
			} catch (error) {
				if (!(error instanceof Disturbed)) throw error;
				await this.#settle();
			}
		}
		await this.#settle();
	}

	/** One more command, from whatever state; proof that everything works. */
	async prove(): Promise<void> {
		for (;;) {
			try {
				await this.#settle();
				await this.#command();
				await this.#pull(true);
				return;
			} catch (error) {
				if (!(error instanceof Disturbed)) throw error;
			}
		}
	}

	async leave(): Promise<void> {
		await this.#client?.disconnect();
	}

	#act(): Promise<void> {
		const acts: [number, () => Promise<void>][] = [
			[50, () => this.#command()],
			[8, () => this.#check()],
			[10, () => this.#pull(false)],
			[10, () => this.#flood()],
			[8, () => this.#reload(0)],
			[4, () => this.#reload(800)],
			[3, () => this.#another()],
		];
		let at = this.#random.below(acts.reduce((sum, [weight]) => sum + weight, 0));
		for (const [weight, act] of acts) {
			at -= weight;
			if (at < 0) return act();
		}
		throw new Error('unreachable: the weights add up');
	}

	// — What it does ————————————————————————————————————————————————————————————————————

	async #command(): Promise<void> {
		const mark = `m-${this.number}-${++this.#counter}`;
		this.doing = `command ${mark}`;
		this.#pending = mark;
		await this.#type(`echo ${mark} >> ~/said; echo "end-$((${this.#counter}))"`, `end-${this.#counter}`);
		this.#arrived(mark);
	}

	async #check(): Promise<void> {
		this.doing = 'check';
		if (!this.#passed && this.#random.below(3) === 0) {
			await this.#type('touch ~/done.txt; echo "made-$((1))"', 'made-1');
			await this.#until((client) => client.steps.get('write')?.state === 'passed', 'the step to be passed');
		} else {
			const report = await this.#asked((client) => client.check('write'));
			if (report.state === 'error') throw new Disturbed(report.message);
			if (this.#passed) assert.equal(report.state, 'passed', 'a step that was passed stays so');
		}
		this.#passed ||= this.#client?.steps.get('write')?.state === 'passed';
	}

	async #pull(must: boolean): Promise<void> {
		this.doing = 'pull';
		const number = ++this.#counter;
		const get = `exec 3<>/dev/tcp/localhost/5000 && printf 'GET /v2/tiny/manifests/1.0 HTTP/1.0\\r\\nHost: localhost:5000\\r\\nAccept: */*\\r\\n\\r\\n' >&3 && head -n 1 <&3`;
		for (;;) {
			const output = await this.#type(`(${get}) 2>&1; echo "pull-$((${number}))"`, `pull-${number}`);
			if (/HTTP\/1\.1 200/.test(output)) return;
			// The registry may just be starting again; then its front says so, or the connection is cut.
			assert.match(output, /HTTP\/1\.1 503|Connection re|refused|\r?\n/, output);
			if (!must) return;
			await sleep(pause);
		}
	}

	/** A megabyte: less than the agent keeps, so that commands are recorded also when no server sees them end. */
	async #flood(): Promise<void> {
		this.doing = 'flood';
		const number = ++this.#counter;
		await this.#type(`yes flood | head -c 1000000; echo "flood-$((${number}))"`, `flood-${number}`);
	}

	async #reload(away: number): Promise<void> {
		this.doing = `reload after ${away} ms`;
		await this.#client?.disconnect();
		await sleep(away);
		await this.#settle();
	}

	/** Puts the sandbox away and takes another: what was in the home is there. */
	async #another(): Promise<void> {
		this.doing = 'another sandbox';
		this.#leaving = true;
		await this.#asked((client) => client.request('DELETE', `/api/sandboxes/${client.visit.course}`));
		await this.#settle();
	}

	// — Coming again ————————————————————————————————————————————————————————————————————

	/** Connected, withTerminal, at a shell, and sure of what arrived. @throws Error when that takes too long, AssertionError */
	async #settle(): Promise<void> {
		const end = performance.now() + patience(patienceMs);
		const before = this.doing;
		for (let why: unknown = ''; ; await sleep(pause)) {
			if (performance.now() > end)
				throw new Error(`learner ${this.number} (${this.name}) cannot come back after "${before}": ${this.doing}; ${why}`);
			try {
				this.doing = 'coming';
				await this.#come();
				await this.#takeStock();
				if (this.#watches) await this.#comparePicture();
				return;
			} catch (error) {
				if (!(error instanceof Disturbed)) throw error;
				why = error.cause instanceof Error ? error.cause.message : error.message;
			}
		}
	}

	async #come(): Promise<void> {
		await this.#client?.disconnect();
		const client = this.#server.learner({ course: 'class', lesson: 'work', ...(this.cookie && { cookie: this.cookie }) });
		this.#client = client;
		this.#terminal = undefined;
		await this.#asked(() => client.connect());
		this.cookie = client.cookie;
		if (this.#passed) assert.equal(client.steps.get('write')?.state, 'passed', 'progress is kept');
		this.#passed = client.steps.get('write')?.state === 'passed';
		this.doing = `waiting for a sandbox (${client.sandbox.state})`;
		let pressed = false;
		let asked = false;
		await this.#asked(() =>
			client.until(
				() => {
					const { state } = client.sandbox;
					// Who comes while the engine is away sees no button before it is back.
					if (!pressed && (state === 'none' || state === 'lost')) client.send({ type: 'start' });
					pressed ||= state === 'none' || state === 'lost';
					asked ||= state === 'queued' || state === 'starting';
					if (asked && (state === 'none' || state === 'lost')) throw new Disturbed(`no sandbox: ${client.sandbox.reason}`);
					return state === 'ready';
				},
				'a sandbox',
				30_000,
			),
		);
		this.doing = 'opening the terminal';
		this.#terminal = await this.#unlessRefused((present) => present.terminal('1'));
	}

	/** Which sandbox is this, and what of all that was typed is in it? */
	async #takeStock(): Promise<void> {
		this.doing = 'taking stock';
		const number = ++this.#counter;
		const output = await this.#type(
			`echo "stock $((${number})) ${whichSandbox}"; cat ~/said 2>/dev/null; echo "stocked-$((${number}))"`,
			`stocked-${number}`,
		);
		const text = output.slice(output.lastIndexOf(`stock ${number} `)).replaceAll('\r', '');
		const sandbox = text.split('\n')[0]?.split(' ')[2] ?? '';
		const found = text.split('\n').filter((line) => /^m-\d+-\d+$/.test(line));
		assert.equal(new Set(found).size, found.length, `learner ${this.number}: a command ran twice: ${found}`);
		const fresh = sandbox !== this.#sandbox;
		const bereft = fresh && this.#killed.has(this.#sandbox);
		if (fresh && this.#sandbox !== '' && !this.#leaving) {
			assert.ok(
				bereft,
				`learner ${this.number} (${this.name}) has another sandbox (${sandbox}) although nothing had happened to the first (${this.#sandbox})`,
			);
			this.lost++;
		}
		const expected = [...this.#lines, ...(this.#pending === undefined ? [] : [this.#pending])];
		// Of a sandbox that was killed, what was kept before is there: all, up to some moment.
		if (bereft) {
			for (const line of expected.slice(-2)) this.unsure.add(line);
			assert.deepEqual(found, expected.slice(0, found.length), `learner ${this.number}: the kept home has holes`);
		} else if (found.length === expected.length) assert.deepEqual(found, expected);
		// What was not seen to end may not have arrived; everything else has.
		else assert.deepEqual(found, this.#lines, `learner ${this.number}: something is lost`);
		if (fresh) this.#picture = undefined;
		for (const line of found) this.ran.add(line);
		this.#sandbox = sandbox;
		this.#lines = found;
		this.#pending = undefined;
		this.#leaving = false;
	}

	/** An editor's screen, as good as: the alternate buffer, colours, a program that waits. */
	async #comparePicture(): Promise<void> {
		this.doing = 'comparing the picture';
		const shown = await this.#unlessRefused((client) => show(client, '2', { cols: 80, rows: 20 }));
		if (!this.#picture) {
			const number = ++this.#counter;
			// Whatever it waits for has an end first: it may have been disturbed in the middle of this.
			shown.terminal.type('\r');
			shown.terminal.type(
				`printf '\\e[?1049l'; for i in $(seq 300); do printf '\\e[3%dm line %d\\e[0m\\n' $((i % 8)) $i; done; printf '\\e[?1049h\\e[2J\\e[5;10H\\e[1;44m a picture \\e[0m\\e[7;3Hdrawn-%d' $((${number})); read -rs\r`,
			);
			await this.#showsUp(shown, `drawn-${number}`);
			this.#picture = cells(shown.screen);
			return;
		}
		await this.#showsUp(shown, 'drawn-');
		assert.deepEqual(cells(shown.screen), this.#picture, `learner ${this.number}: the screen is another one`);
	}

	async #showsUp({ screen }: Shown, text: string): Promise<void> {
		const end = performance.now() + patience(20_000);
		while (!screen.visible().includes(text)) {
			if (this.#client?.closed || this.#client?.sandbox.state !== 'ready') throw new Disturbed('while the picture was drawn');
			assert.ok(performance.now() < end, `learner ${this.number}: ${text} is not on the screen:\n${screen.visible()}`);
			await sleep(20);
		}
	}

	// — Small things ————————————————————————————————————————————————————————————————————

	#arrived(mark: string): void {
		this.#lines.push(mark);
		this.ran.add(mark);
		this.#pending = undefined;
		this.commands++;
	}

	/** Types a line; resolves with the terminal's output when `answer` has been printed and the command has ended. */
	async #type(line: string, answer: string): Promise<string> {
		const terminal = this.#terminal;
		if (!terminal) throw new Disturbed('no terminal');
		terminal.type(`${line}\r`);
		await this.#until(() => {
			if (terminal.ended) throw new Disturbed('the shell ended');
			const at = terminal.output.lastIndexOf(`${answer}\r`);
			return at !== -1 && terminal.output.includes('\x1b]133;D', at);
		}, `"${answer}"`);
		return terminal.output;
	}

	/** Opens something; a sandbox that goes meanwhile says so by an error, and opens nothing. */
	async #unlessRefused<T>(opening: (client: LearnerClient) => Promise<T>): Promise<T> {
		const errors = this.#client?.errors.length ?? 0;
		const refused = this.#until((client) => client.errors.length > errors, 'a refusal').then(() => {
			throw new Disturbed(`refused: ${this.#client?.errors.at(-1)}`);
		});
		// Once it is open, nobody waits for the refusal any more.
		refused.catch(() => undefined);
		return await Promise.race([this.#asked(opening), refused]);
	}

	#until(condition: (client: LearnerClient) => boolean, what: string): Promise<void> {
		return this.#asked((client) =>
			client.until(
				() => {
					// The channels are closed without another word.
					if (client.sandbox.state !== 'ready') throw new Disturbed(`the sandbox is ${client.sandbox.state}`);
					return condition(client);
				},
				what,
				patienceMs,
			),
		);
	}

	/** A connection that is refused or ends is to be expected; an assertion that fails is not. */
	async #asked<T>(question: (client: LearnerClient) => Promise<T>): Promise<T> {
		try {
			if (!this.#client) throw new Disturbed('not connected');
			return await question(this.#client);
		} catch (cause) {
			if (cause instanceof assert.AssertionError || cause instanceof Disturbed) throw cause;
			throw new Disturbed(String(cause), { cause });
		}
	}
}
