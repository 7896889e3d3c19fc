/** The real agent, compiled and run on this machine, with real shells; and screens that show what a learner would see. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import serialize from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import type { Agent, AgentEvents, ShellEnd, Stream, StreamSink, Vitals } from '../../sandbox-server/agent/agent.ts';
import { AgentListener } from '../../sandbox-server/agent/connection.ts';
import { compileAgent } from '../../sandbox-server/guest/build.ts';
import { MountedFolder } from '../../sandbox-server/runtimes/mounted-folder.ts';

let program: Promise<string> | undefined;

/** The agent's program, compiled once per test process. ETABLI_AGENT_CC and ETABLI_AGENT_FLAGS choose another compiler (sanitizers). */
export function agentProgram(): Promise<string> {
	program ??= (async () => {
		const folder = mkdtempSync(join(tmpdir(), 'etabli-agent-'));
		process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
		chmodSync(folder, 0o755);
		const { ETABLI_AGENT_CC: cc, ETABLI_AGENT_FLAGS: flags } = process.env;
		await compileAgent(join(folder, 'agent'), { ...(cc ? { cc } : {}), ...(flags ? { flags: flags.split(' ') } : {}) });
		return join(folder, 'agent');
	})();
	return program;
}

/** Remembers events, and lets a test wait for one. */
export class Events implements AgentEvents {
	readonly ends = new Map<number, ShellEnd>();
	lastVitals: Vitals | undefined;
	isGone = false;
	readonly #waiting = new Set<() => void>();
	exited(term: number, end: ShellEnd): void {
		this.ends.set(term, end);
		this.#wake();
	}
	vitals(vitals: Vitals): void {
		this.lastVitals = vitals;
		this.#wake();
	}
	gone(): void {
		this.isGone = true;
		this.#wake();
	}
	#wake(): void {
		for (const look of this.#waiting) look();
	}
	until(condition: () => boolean): Promise<void> {
		return new Promise((resolve) => {
			const look = () => {
				if (!condition()) return;
				this.#waiting.delete(look);
				resolve();
			};
			this.#waiting.add(look);
			look();
		});
	}
}

/** An agent process and the server's side of it. Everything is gone after `stop`. */
export class Sandbox {
	readonly folder: string;
	readonly socket: string;
	child: ChildProcess | undefined;
	stderr = '';
	#listener: AgentListener | undefined;

	constructor() {
		this.folder = mkdtempSync(join(tmpdir(), 'etabli-'));
		chmodSync(this.folder, 0o777);
		this.socket = join(this.folder, 'agent.sock');
	}

	/** `wrap`: a command that runs the agent, such as one that lowers a limit first. */
	async start(options: { args?: string[]; wrap?: string[]; uid?: number } = {}): Promise<Agent & { events: Events }> {
		const command = [...(options.wrap ?? []), await agentProgram(), '--socket', this.socket, ...(options.args ?? [])];
		const connected = this.listen();
		const [file = '', ...args] = command;
		const child = spawn(file, args, {
			stdio: ['ignore', 'inherit', 'pipe'],
			...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
			env: { ...process.env, HOME: this.folder },
		});
		child.stderr.on('data', (text: Buffer) => {
			this.stderr += text;
		});
		this.child = child;
		return connected;
	}

	/** The server comes (back): resolves with the agent that connects. */
	async listen(): Promise<Agent & { events: Events }> {
		const { promise, resolve, reject } = Promise.withResolvers<Agent & { events: Events }>();
		const adopt = (agent: Agent) => resolve(Object.assign(agent, { events: new Events() }));
		AgentListener.listen(new MountedFolder(dirname(this.folder), basename(this.folder)), adopt, reject).then((listener) => {
			this.#listener = listener;
		}, reject);
		return promise;
	}

	/** The server goes. */
	async unlisten(): Promise<void> {
		await this.#listener?.close();
		this.#listener = undefined;
	}

	async stop(): Promise<void> {
		const { child } = this;
		if (child && child.exitCode === null && child.signalCode === null) {
			child.kill('SIGTERM');
			await once(child, 'exit');
		}
		await this.unlisten();
		rmSync(this.folder, { recursive: true, force: true });
	}

	/** Opens bash with a bare prompt. */
	shell(agent: Agent, size: { cols?: number; rows?: number } = {}): Promise<number> {
		const { cols = 80, rows = 24 } = size;
		return agent.open({
			key: 'lesson/1',
			cols,
			rows,
			cwd: this.folder,
			argv: ['bash', '--norc', '--noprofile'],
			env: { PS1: '$ ', TERM: 'xterm-256color' },
		});
	}
}

/** A terminal as a browser shows it. Gives credit for what it has parsed, `window` bytes at first. */
export class Screen implements StreamSink {
	readonly terminal = new headless.Terminal({ cols: 80, rows: 24, scrollback: 6000, allowProposedApi: true });
	readonly #serialize = new serialize.SerializeAddon();
	readonly #waiting = new Set<() => void>();
	#stream: Stream | undefined;
	/** False: what is parsed gives no new credit. */
	giving = true;
	isLive = false;
	gaps = 0;
	preambles = 0;
	received = 0;
	end = 0n;
	title = '';
	answers = '';

	constructor() {
		this.terminal.loadAddon(this.#serialize);
		this.terminal.onTitleChange((title) => {
			this.title = title;
		});
		this.terminal.onData((data) => {
			this.answers += data;
		});
	}

	attach(agent: Agent, term: number, options: { pacing?: boolean; credit?: number; from?: 'start' | 'live' } = {}): this {
		const { pacing = true, credit = 256 * 1024, from = 'start' } = options;
		this.#stream = agent.attach({ term, from, credit, pacing }, this);
		return this;
	}
	detach(): void {
		this.#stream?.detach();
	}
	credit(bytes: number): void {
		this.#stream?.credit(bytes);
	}

	output(bytes: Uint8Array, offset: bigint): void {
		this.received += bytes.length;
		this.end = offset + BigInt(bytes.length);
		// The bytes are others as soon as this returns, and are parsed later.
		this.terminal.write(Uint8Array.from(bytes), () => {
			if (this.giving) this.#stream?.credit(bytes.length);
			this.#wake();
		});
		this.#wake();
	}
	preamble(bytes: Uint8Array): void {
		this.preambles++;
		this.terminal.write(Uint8Array.from(bytes));
	}
	/** A resize applies at once, and output when it is parsed: in order only through the queue of writes. */
	resized(cols: number, rows: number): void {
		this.terminal.write('', () => this.terminal.resize(cols, rows));
	}
	live(): void {
		this.terminal.write('', () => {
			this.isLive = true;
			this.#wake();
		});
	}
	refused(error: Error): void {
		throw error;
	}
	gap(): void {
		this.gaps++;
		this.isLive = false;
		this.terminal.write('\x1bc');
	}

	#wake(): void {
		for (const look of this.#waiting) look();
	}
	until(condition: () => boolean): Promise<void> {
		return new Promise((resolve) => {
			const look = () => {
				if (!condition()) return;
				this.#waiting.delete(look);
				resolve();
			};
			this.#waiting.add(look);
			look();
		});
	}
	text(): string {
		const { active } = this.terminal.buffer;
		return Array.from({ length: active.length }, (_, line) => active.getLine(line)?.translateToString(true) ?? '').join('\n');
	}
	/** What is on the screen itself, without the scrollback, which is long to go through after each piece of output. */
	visible(): string {
		const { active } = this.terminal.buffer;
		return Array.from({ length: this.terminal.rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '').join(
			'\n',
		);
	}
	shows(text: string): Promise<void> {
		return this.until(() => this.visible().includes(text));
	}

	/** Everything that a learner could notice: text, colours, cursor, scrollback, size, modes, title. */
	async look(): Promise<Record<string, unknown>> {
		const { terminal } = this;
		const { active } = terminal.buffer;
		const picture = {
			screen: this.#serialize.serialize({ excludeModes: true }),
			cursor: [active.cursorX, active.cursorY, active.baseY],
			size: [terminal.cols, terminal.rows],
			buffer: active.type,
			modes: { ...terminal.modes },
			title: this.title,
		};
		return { ...picture, answers: await ask(this) };
	}
}

/** Modes that the terminal's interface does not show are asked for as a program would: DECRQM, DECRQSS. */
async function ask(screen: Screen): Promise<string> {
	screen.answers = '';
	const privateModes = [1, 6, 7, 9, 12, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1006, 1016, 1049, 2004, 2026];
	const queries = [...privateModes.map((mode) => `\x1b[?${mode}$p`), '\x1b[4$p', '\x1b[20$p', '\x1bP$qr\x1b\\', '\x1bP$q q\x1b\\'];
	await new Promise<void>((resolve) => screen.terminal.write(queries.join(''), resolve));
	return screen.answers;
}
