/** A terminal of a learner without a browser. */
import type { ServerMessage } from '../../../src/shared/protocol/messages.ts';

/** Characters of a terminal's output that are kept to look at. */
const outputKept = 400_000;

/** The learner whose terminal it is. */
interface TerminalClient {
	/** False: output is counted and thrown away. */
	readonly reads: boolean;
	sendBytes(channel: number, bytes: Uint8Array): void;
	/** Resolves when `condition` holds. */
	until(condition: () => boolean, what: string, ms?: number): Promise<void>;
}

type ChannelMessage = Extract<ServerMessage, { channel: number }>;

/** Draws what a terminal gets; a terminal without a browser needs none. */
export interface ClientScreen {
	output(bytes: Uint8Array): void;
	preamble(bytes: Uint8Array): void;
	resized(cols: number, rows: number): void;
	live(): void;
	/** Output was lost: the screen is to be cleared. */
	gap(): void;
}

/** One terminal of a learner without a browser, as text with its escape sequences. */
export class ClientTerminal {
	readonly channel: number;
	live = false;
	/** Why it did not open, in the learner's words. */
	refused: string | undefined;
	ended: { code?: number | undefined; signal?: number | undefined } | undefined;
	size = { cols: 0, rows: 0 };
	/** Bytes received in all. */
	bytes = 0;
	/** Times that the shell has come to its prompt. */
	prompts = 0;
	/** Commands that the shell has started. */
	starts = 0;
	/** A command runs. */
	busy = false;
	/** Newest output. */
	output = '';
	readonly #client: TerminalClient;
	readonly #decoder = new TextDecoder();
	#commandEnded = false;
	#unread = '';
	readonly #screen: ClientScreen | undefined;

	constructor(client: TerminalClient, channel: number, screen?: ClientScreen) {
		this.#client = client;
		this.channel = channel;
		this.#screen = screen;
	}

	refuse(why: string): void {
		if (!this.live) this.refused = why;
	}

	received(bytes: Uint8Array, isPreamble = false): void {
		if (isPreamble) this.#screen?.preamble(bytes);
		else this.#screen?.output(bytes);
		this.bytes += bytes.length;
		if (!this.#client.reads) return;
		const text = this.#decoder.decode(bytes, { stream: true });
		this.output += text;
		this.#countPrompts(text);
		if (this.output.length > outputKept) this.output = this.output.slice(-outputKept / 2);
	}

	/** A prompt counts once after each command: the shell draws it again when the window changes its size. */
	#countPrompts(text: string): void {
		const all = this.#unread + text;
		let read = 0;
		for (const mark of all.matchAll(promptMarks)) {
			this.busy = mark[1] === 'C' || (this.busy && mark[1] === 'B');
			if (mark[1] === 'C') this.starts++;
			if (mark[1] === 'D') this.#commandEnded = true;
			else if (mark[1] === 'B' && this.#commandEnded) {
				this.#commandEnded = false;
				this.prompts++;
			}
			read = mark.index + mark[0].length;
		}
		// A mark may be cut by the border between two frames.
		this.#unread = all.slice(Math.max(read, all.length - longestMark));
	}

	told(message: ChannelMessage): void {
		if (message.type === 'live') {
			this.live = true;
			this.#screen?.live();
		} else if (message.type === 'exited') this.ended = { code: message.code, signal: message.signal };
		else if (message.type === 'opened' || message.type === 'resized') {
			this.size = { cols: message.cols, rows: message.rows };
			this.#screen?.resized(message.cols, message.rows);
		} else if (message.type === 'reset') {
			this.live = false;
			this.output = '';
			this.#screen?.gap();
		}
	}

	type(text: string): void {
		this.#client.sendBytes(this.channel, new TextEncoder().encode(text));
	}

	/** Types a command at the prompt, as the run button does, and waits for the prompt after it. @returns what was printed */
	async run(command: string, ms = 120_000): Promise<string> {
		await this.#client.until(() => this.prompts > 0, 'the first prompt', ms);
		const before = this.prompts;
		const from = this.output.length;
		this.type(typed(command));
		await this.#client.until(() => this.prompts > before || this.ended !== undefined, `the end of "${command.slice(0, 80)}"`, ms);
		return this.output.slice(from);
	}

	/** Types a command that stays in the foreground; resolves once the shell has started it. */
	async start(command: string, ms = 120_000): Promise<void> {
		await this.#client.until(() => this.prompts > 0, 'the first prompt', ms);
		// Counted: start and end of a short command may come in one frame.
		const before = this.starts;
		this.type(typed(command));
		await this.#client.until(() => this.starts > before || this.ended !== undefined, `the start of "${command.slice(0, 80)}"`, ms);
	}

	async untilOutput(text: string | RegExp, ms = 60_000): Promise<void> {
		await this.#client.until(
			() => (typeof text === 'string' ? this.output.includes(text) : text.test(this.output)),
			`"${text}" in the terminal`,
			ms,
		);
	}
}

/** A command as the run button types it; one over several lines as if it were pasted. */
const typed = (command: string) => (command.includes('\n') ? `\x1b[200~${command}\x1b[201~\r` : `${command}\r`);

/** Written by guest/bashrc: C when a command starts, D when it has ended (and before the first prompt), B where typing begins. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: marks are made of them.
const promptMarks = /\x1b\]133;([BCD])(?:;\d{1,3})?\x07/g;
const longestMark = '\x1b]133;D;255\x07'.length - 1;
