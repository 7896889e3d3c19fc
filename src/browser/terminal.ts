/** One terminal: xterm.js with its add-ons, replay, flow control, keyboard rules. Loaded when the first terminal opens. */
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { type ITerminalInitOnlyOptions, type ITerminalOptions, Terminal } from '@xterm/xterm';
import xtermStyles from '@xterm/xterm/css/xterm.css?inline';
import type { Strings } from '../i18n/fr.ts';
import { type ClientMessage, type ServerMessage, windowBytes } from '../shared/messages.ts';
import { CommandOutput } from './command-output.ts';
import { addStyles, make } from './dom.ts';
import { preferences } from './preferences.ts';
import { muteQueries } from './queries.ts';
import { RunQueue } from './run-queue.ts';
import { ShellMarks } from './shell-marks.ts';
import { TerminalSearch } from './terminal-search.ts';
import { themes } from './terminal-theme.ts';

/** Bytes parsed before they are acknowledged: an eighth of the window, so that output flows without a message per frame. */
const ackBytes = windowBytes / 8;
const resizeMs = 80;
const encoder = new TextEncoder();
const storedCommand = /^E;(.*)$/s;

export interface TerminalWire {
	send(message: ClientMessage): void;
	input(channel: number, bytes: Uint8Array): void;
	/** The terminal's state has changed: tabs, notes and queue may need to be shown anew. */
	changed(): void;
	/** The learner leaves the terminal by the keyboard. */
	leave(): void;
	/** Is this the window in use? Only that one answers programs' questions. */
	inUse(): boolean;
}

interface Size {
	cols: number;
	rows: number;
}

type Channelled = Extract<ServerMessage, { channel?: number | undefined }>;

export class LabTerminal extends HTMLElement {
	/** "1" … "4". */
	number = '1';
	/** 0: not shown at present. */
	channel = 0;
	/** The shell has ended. */
	exited = false;
	/** Command that runs now, as the shell tells it. */
	command = '';
	readonly marks = new ShellMarks();
	readonly queue: RunQueue;
	/** Told what each command that was typed by `typeCommand` has printed; undefined: that is not to be had. */
	onPrinted: ((text: string | undefined) => void) | undefined;
	#printed: CommandOutput | undefined;
	/** A command has been typed for the learner, and starts next; or it runs. */
	#typedFor: 'typed' | 'runs' | undefined;
	#wire: TerminalWire | undefined;
	#term: Terminal | undefined;
	#fit: FitAddon | undefined;
	#search: TerminalSearch | undefined;
	#live = false;
	#unacknowledged = 0;
	/** The size that the shell has, as the server said last. */
	#size = { cols: 80, rows: 24 };
	/** Another window has given the shell its size; ours is not imposed until this one is used. */
	#foreign = false;
	/** Sizes that we have asked for and not yet been told of. */
	#asked: Size[] = [];
	#resizeTimer: ReturnType<typeof setTimeout> | undefined;
	#escaped = false;

	constructor() {
		super();
		const terminal = this;
		this.queue = new RunQueue(
			{
				get atPrompt() {
					return terminal.idle;
				},
				type: (command) => this.typeCommand(command),
			},
			() => this.#wire?.changed(),
		);
	}

	/** @param number "1" … "4"; the element must be in the page, and have a size, before `open` */
	static create(number: string, wire: TerminalWire): LabTerminal {
		const element = document.createElement('lab-terminal') as LabTerminal;
		element.number = number;
		element.#wire = wire;
		return element;
	}

	/** Puts the screen in place. */
	build(t: Strings, label: string): void {
		const screen = make('div', { class: 'terminal-screen' });
		this.append(screen);
		const term = new Terminal(options());
		this.#term = term;
		this.#printed = new CommandOutput(term);
		this.#fit = new FitAddon();
		const search = new SearchAddon();
		term.loadAddon(this.#fit);
		term.loadAddon(search);
		term.loadAddon(new WebLinksAddon((_event, uri) => void open(uri, '_blank', 'noopener,noreferrer')));
		term.loadAddon(new UnicodeGraphemesAddon());
		term.open(screen);
		term.textarea?.setAttribute('aria-label', `${label}. ${t.leave}`);
		void this.#accelerate(term);
		this.#search = new TerminalSearch(search, t, () => term.focus());
		this.append(this.#search.element);
		term.attachCustomKeyEventHandler((event) => this.#key(event));
		term.onData((data) => this.#typed(encoder.encode(data)));
		term.onBinary((data) => this.#typed(Uint8Array.from(data, (sign) => sign.charCodeAt(0))));
		muteQueries(term.parser, () => this.#live && (this.#wire?.inUse() ?? false));
		term.parser.registerOscHandler(133, (data) => this.#mark(data));
		term.parser.registerOscHandler(633, (data) => {
			const command = storedCommand.exec(data)?.[1];
			if (command !== undefined) this.command = unescapeCommand(command);
			return true;
		});
		new ResizeObserver(() => this.refit()).observe(this);
		new MutationObserver(() => {
			term.options.theme = themes[currentTheme()];
		}).observe(document.documentElement, { attributeFilter: ['data-theme'] });
		this.addEventListener('focusin', () => this.#takeSize());
	}

	/** Shows the shell of this number, or starts one. */
	show(): void {
		this.#live = false;
		this.exited = false;
		this.#foreign = false;
		this.#asked = [];
		this.#unacknowledged = 0;
		const size = this.#wished() ?? this.#size;
		this.#size = size;
		this.#wire?.send({ type: 'open', channel: this.channel, terminal: this.number, ...size });
	}

	message(message: Channelled): void {
		const term = this.#term;
		if (!term) return;
		switch (message.type) {
			case 'opened':
				this.#clear();
				this.#resizeScreen(message.cols, message.rows);
				break;
			case 'reset':
				this.#live = false;
				this.#clear();
				break;
			case 'resized':
				// In its place in the stream: what follows was written for this size.
				term.write('', () => this.#resized(message));
				break;
			case 'live':
				term.write('', () => {
					this.#live = true;
					this.#wire?.changed();
					if (this.#wire?.inUse()) this.#takeSize();
				});
				break;
			case 'exited':
				term.write('', () => {
					this.exited = true;
					this.marks.reset();
					this.queue.cancel();
				});
				break;
			case 'error':
				// No shell could be had: offering a new one is the way on.
				this.exited = true;
				break;
			default:
				break;
		}
	}

	/** The shell has another size: because we asked, or because another window did. */
	#resized({ cols, rows }: Size): void {
		const ours = this.#asked.findIndex((size) => size.cols === cols && size.rows === rows);
		this.#asked.splice(0, ours < 0 ? this.#asked.length : ours + 1);
		this.#foreign = this.#live && ours < 0 && (cols !== this.#size.cols || rows !== this.#size.rows);
		// An answer to an older wish, with a newer one under way, would make the screen jump.
		if (this.#asked.length === 0) this.#resizeScreen(cols, rows);
	}

	/** @param counts the bytes are to be acknowledged */
	output(bytes: Uint8Array, counts: boolean): void {
		this.#term?.write(bytes, () => {
			if (!counts) return;
			this.#unacknowledged += bytes.length;
			if (this.#unacknowledged < ackBytes) return;
			this.#wire?.send({ type: 'ack', channel: this.channel, bytes: this.#unacknowledged });
			this.#unacknowledged = 0;
		});
	}

	/** The screen stays, nothing can be typed. */
	disconnected(): void {
		this.#live = false;
		this.queue.cancel();
	}

	get live(): boolean {
		return this.#live;
	}

	/** At its prompt, or a shell that gives no marks: then there is no telling, and commands are typed at once. */
	get idle(): boolean {
		return this.#live && !this.exited && (this.marks.atPrompt || !this.marks.known);
	}

	/** Types a command and Enter. At the prompt, what stands there already is cleared first. */
	typeCommand(command: string): void {
		const term = this.#term;
		if (!term) return;
		const clear = this.marks.atPrompt ? '\x05\x15' : '';
		const text = command.includes('\n') && term.modes.bracketedPasteMode ? `\x1b[200~${command}\x1b[201~` : command.replaceAll('\n', '\r');
		this.marks.atPrompt = false;
		this.command = command;
		this.#typedFor = 'typed';
		this.#wire?.input(this.channel, encoder.encode(`${clear}${text}\r`));
		term.scrollToBottom();
	}

	/** Ctrl+C for the program that runs. */
	interrupt(): void {
		if (this.#live && !this.exited) this.#wire?.input(this.channel, encoder.encode('\x03'));
	}

	press(keys: string): void {
		this.#typed(encoder.encode(keys));
		this.#term?.focus();
	}

	focusScreen(): void {
		this.#term?.focus();
	}

	applyPreferences(): void {
		if (!this.#term) return;
		const { fontSize, screenReader } = preferences();
		this.#term.options.fontSize = fontSize;
		this.#term.options.screenReaderMode = screenReader;
		this.refit();
	}

	/** The text, scrollback included, without the empty lines at its end: where WebGL draws, nothing in the page can be read. For tests. */
	lines(buffer: 'active' | 'normal' = 'active'): string[] {
		const shown = this.#term?.buffer[buffer];
		const lines = Array.from({ length: shown?.length ?? 0 }, (_, at) => shown?.getLine(at)?.translateToString(true) ?? '');
		return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
	}

	openSearch(): void {
		this.#search?.open();
	}

	refit(): void {
		clearTimeout(this.#resizeTimer);
		this.#resizeTimer = setTimeout(() => {
			if (!this.#foreign && this.#wire?.inUse()) this.#takeSize();
		}, resizeMs);
	}

	/** Another window has given the shell its size. */
	get foreignSize(): boolean {
		return this.#foreign;
	}

	dispose(): void {
		this.#term?.dispose();
		this.remove();
	}

	#clear(): void {
		// Through the queue of writes: what is still being parsed belongs to the screen before.
		this.#term?.write('', () => {
			this.#term?.reset();
			this.marks.reset();
			this.command = '';
		});
	}

	#mark(data: string): boolean {
		const said = this.marks.take(data);
		if (data[0] === 'C') {
			this.#printed?.begin();
			this.#typedFor = this.#typedFor === 'typed' ? 'runs' : undefined;
		} else if (data[0] === 'D' && this.#typedFor === 'runs') {
			this.#typedFor = undefined;
			const text = this.#printed?.end();
			if (this.#live) queueMicrotask(() => this.onPrinted?.(text));
		}
		if (said === 'prompt') {
			this.command = '';
			// After this piece of output has been drawn, and not from within the parser.
			if (this.#live) queueMicrotask(() => this.queue.prompted());
		}
		if (said) this.#wire?.changed();
		return true;
	}

	#typed(bytes: Uint8Array): void {
		if (this.exited) {
			if (bytes[0] === 13) this.show();
			return;
		}
		if (!this.#live) return;
		this.#takeSize();
		this.marks.typed(bytes);
		this.#wire?.input(this.channel, bytes);
	}

	/** Gives the shell the size of this window, when that is another. The screen of a shell that has ended fits the window all the same. */
	#takeSize(): void {
		const wished = this.#wished();
		if (!this.#live || !wished || (wished.cols === this.#size.cols && wished.rows === this.#size.rows)) return;
		this.#foreign = false;
		if (this.exited) {
			this.#resizeScreen(wished.cols, wished.rows);
			return;
		}
		this.#asked.push(wished);
		this.#resizeScreen(wished.cols, wished.rows);
		this.#wire?.send({ type: 'resize', channel: this.channel, ...wished });
	}

	#resizeScreen(cols: number, rows: number): void {
		this.#size = { cols, rows };
		this.#term?.resize(cols, rows);
		this.#wire?.changed();
	}

	#wished(): Size | undefined {
		const size = this.offsetParent === null ? undefined : this.#fit?.proposeDimensions();
		if (!size || !Number.isFinite(size.cols) || !Number.isFinite(size.rows)) return undefined;
		return { cols: Math.min(1000, Math.max(2, size.cols)), rows: Math.min(1000, Math.max(1, size.rows)) };
	}

	/** @returns false: xterm.js leaves the key to the browser */
	#key(event: KeyboardEvent): boolean {
		if (event.type !== 'keydown') return true;
		const leaves = event.key === 'Tab' && this.#escaped;
		if (!['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) this.#escaped = event.key === 'Escape';
		if (leaves) {
			event.preventDefault();
			if (event.shiftKey) document.querySelector<HTMLElement>('.dock-tabs [aria-selected="true"]')?.focus();
			else this.#wire?.leave();
			return false;
		}
		const command = event.ctrlKey && event.shiftKey && !event.altKey;
		if (command && event.code === 'KeyC') {
			const text = this.#term?.getSelection();
			// Without permission nothing is copied; the selection stays, and the browser's own menu can copy it.
			if (text) void navigator.clipboard?.writeText(text).catch(() => undefined);
			event.preventDefault();
			return false;
		}
		// The browser pastes into xterm.js's text area by itself.
		if (command && event.code === 'KeyV') return false;
		if (command && event.code === 'KeyF') {
			event.preventDefault();
			this.openSearch();
			return false;
		}
		return true;
	}

	/** WebGL where it is there and as long as it lasts; xterm.js draws with elements otherwise. */
	async #accelerate(term: Terminal): Promise<void> {
		if (preferences().screenReader) return;
		try {
			const { WebglAddon } = await import('@xterm/addon-webgl');
			const webgl = new WebglAddon();
			webgl.onContextLoss(() => webgl.dispose());
			term.loadAddon(webgl);
		} catch {
			// No WebGL 2 here.
		}
	}
}

function unescapeCommand(text: string): string {
	return text.replace(/\\(\\|x[0-9a-f]{2})/g, (_, code: string) =>
		code === '\\' ? '\\' : String.fromCharCode(Number.parseInt(code.slice(1), 16)),
	);
}

function currentTheme(): 'dark' | 'light' {
	return document.documentElement.dataset.theme === 'light' ? 'light' : 'dark';
}

function options(): ITerminalOptions & ITerminalInitOnlyOptions {
	const { fontSize, screenReader } = preferences();
	return {
		allowProposedApi: true,
		cols: 80,
		rows: 24,
		cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
		fontFamily: 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
		fontSize,
		lineHeight: 1.2,
		minimumContrastRatio: 4.5,
		rightClickSelectsWord: false,
		screenReaderMode: screenReader,
		scrollback: 10_000,
		smoothScrollDuration: 0,
		theme: themes[currentTheme()],
		linkHandler: { activate: (_event, uri) => void (/^https?:/.test(uri) && open(uri, '_blank', 'noopener,noreferrer')) },
	};
}

addStyles(xtermStyles);
customElements.define('lab-terminal', LabTerminal);
