/**
 * One terminal: xterm.js with its add-ons, replay, flow control, keyboard rules. Loaded when the first terminal opens. (Over 400 lines: short methods
 * over one xterm.js; what needs no screen stands in files beside it.)
 */
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import xtermStyles from '@xterm/xterm/css/xterm.css?inline';
import type { Strings } from '../../i18n/fr.ts';
import { unescapedMark } from '../../shared/control-sequences.ts';
import { type ClientMessage, type ServerMessage, windowBytes } from '../../shared/protocol/messages.ts';
import { RunQueue } from '../blocks/run-queue.ts';
import { addStyles, make } from '../dom.ts';
import { sayFilesTouched } from '../files/files-touched.ts';
import { preferences } from '../preferences.ts';
import { muteQueries } from '../queries.ts';
import { CommandOutput } from './command-output.ts';
import { copyText } from './copy-text.ts';
import { FrozenNote } from './frozen-note.ts';
import { keepSelection } from './keep-selection.ts';
import { type Held, keyText, type RowKey, withHeld } from './key-row.ts';
import { openLink } from './lab-links.ts';
import { Liveness } from './liveness.ts';
import { OutputWriter } from './output-writer.ts';
import { pasteInto } from './paste.ts';
import { SharedSize, type Size } from './shared-size.ts';
import { ShellMarks } from './shell-marks.ts';
import { shortcut } from './shortcuts.ts';
import { terminalOptions, themeNow } from './terminal-options.ts';
import { TerminalSearch } from './terminal-search.ts';
import { scrollByTouch } from './touch-scroll.ts';
import { besideTyping } from './typing-elsewhere.ts';

/** Bytes parsed before they are acknowledged: an eighth of the window, so that output flows without a message per frame. */
const ackBytes = windowBytes / 8;
const resizeMs = 80;
/** Nobody has typed for so long before the shell gets another size, ms: nano loses a key that comes together with the change (8.4, seen). */
const typingMs = 250;
/**
 * Ahead of a command that is typed for the learner: Ctrl+G ends a question or a search of readline's, and a key of ours (guest/marks.bash)
 * clears the line, whatever the editing mode. A shell from before the server's upgrade does not know that key: to its end, and back.
 */
const cleanLine = { ours: '\x07\x1b[990~', older: '\x05\x15' };
const encoder = new TextEncoder();
const decoder = new TextDecoder();
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
	/** Ctrl and Alt of the row of keys, for one key. */
	held(): Held;
	/** A web page of a program in the lab is wanted. */
	openInLab(place: { port: number; path: string }): void;
	/** Says a sentence beside the terminal; undefined: what was said of that is over. */
	tell(about: string, sentence: string | undefined): void;
}

type Channelled = Extract<ServerMessage, { channel?: number | undefined }>;

export class LabTerminal extends HTMLElement {
	/** "1" … "4", or the node on which it is, "c1" … */
	number = '1';
	/** 0: not shown at present. */
	channel = 0;
	/** The shell has ended. */
	exited = false;
	/** Command that runs now, as the shell tells it. */
	command = '';
	readonly marks = new ShellMarks();
	readonly queue: RunQueue;
	/** Told what each command that `typeCommand` types from now on has printed; undefined: that is not to be had. */
	onPrinted: ((text: string | undefined) => void) | undefined;
	#printed: CommandOutput | undefined;
	/** A command has been typed for the learner, and starts next; or it runs. */
	#typedFor: 'typed' | 'runs' | undefined;
	/** It was typed before the shell had told anything: the first prompt comes ahead of it, and is not its end. */
	#typedAhead = false;
	/** Who is told of that one: another block may have been pressed before it ends. */
	#tellPrinted: ((text: string | undefined) => void) | undefined;
	#wire: TerminalWire | undefined;
	#t: Strings | undefined;
	#term: Terminal | undefined;
	#writer: OutputWriter | undefined;
	#frozen: FrozenNote | undefined;
	#fit: FitAddon | undefined;
	#search: TerminalSearch | undefined;
	readonly #liveness = new Liveness(() => this.#wire?.changed());
	#unacknowledged = 0;
	readonly #size: SharedSize;
	#resizeTimer: ReturnType<typeof setTimeout> | undefined;
	/** When something was typed last, ms. */
	#typedAt = Number.NEGATIVE_INFINITY;
	/** The size belongs to another window, or did when ours last changed: the next key takes it. */
	#sizeElsewhere = false;
	#escaped = false;

	constructor() {
		super();
		const terminal = this;
		this.#size = new SharedSize({
			fits: () => (this.offsetParent === null ? undefined : this.#fit?.proposeDimensions()),
			draw: (size) => this.#draw(size),
			ask: (size) => this.#wire?.send({ type: 'resize', channel: this.channel, ...size }),
			live: () => this.live,
			exited: () => this.exited,
			// While somebody types, a program may lose the key that comes with a new size (nano does).
			again: () => this.refit(),
		});
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

	/** @param number "1" … "4", "c1" …; the element must be in the page, and have a size, before `open` */
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
		const term = new Terminal(terminalOptions((address) => this.#open(address)));
		this.#term = term;
		this.#t = t;
		this.#writer = new OutputWriter(term, () => document.hidden, { ...besideTyping(this), atOnce: () => !term.hasSelection() });
		this.#frozen = new FrozenNote((frozen) => this.#wire?.tell('frozen', frozen ? t.frozen : undefined));
		this.#printed = new CommandOutput(term);
		this.#fit = new FitAddon();
		const search = new SearchAddon();
		term.loadAddon(this.#fit);
		term.loadAddon(search);
		term.loadAddon(new WebLinksAddon((_event, address) => this.#open(address)));
		term.loadAddon(new UnicodeGraphemesAddon());
		term.open(screen);
		term.textarea?.setAttribute('aria-label', `${label}. ${t.leave}`);
		void this.#accelerate(term);
		this.#search = new TerminalSearch(search, t, () => term.focus());
		this.append(this.#search.element);
		term.attachCustomKeyEventHandler((event) => this.#key(event));
		// One of no characters is the writer's own; Ctrl and Alt are held for a key.
		term.onData((data) => data !== '' && this.#typed(encoder.encode(this.#held(data))));
		scrollByTouch(screen, term);
		screen.addEventListener('paste', (event) => this.#paste(event), { capture: true });
		term.onBinary((data) => this.#typed(Uint8Array.from(data, (sign) => sign.charCodeAt(0))));
		muteQueries(term.parser, () => this.live && (this.#wire?.inUse() ?? false));
		term.parser.registerOscHandler(133, (data) => this.#mark(data));
		term.parser.registerOscHandler(633, (data) => {
			const command = storedCommand.exec(data)?.[1];
			if (command !== undefined) this.command = unescapedMark(command);
			return true;
		});
		new ResizeObserver(() => this.refit()).observe(this);
		new MutationObserver(() => {
			term.options.theme = themeNow();
		}).observe(document.documentElement, { attributeFilter: ['data-theme'] });
		this.addEventListener('focusin', () => this.#size.take());
	}

	/** Shows the shell of this number, or starts one. */
	show(): void {
		this.#liveness.opening();
		this.exited = false;
		this.#unacknowledged = 0;
		const size = this.#size.begin();
		const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
		this.#wire?.send({ type: 'open', channel: this.channel, terminal: this.number, ...size, ...(zone && { zone }) });
	}

	message(message: Channelled): void {
		const term = this.#term;
		if (!term) return;
		switch (message.type) {
			case 'opened':
				this.#clear();
				this.#size.set({ cols: message.cols, rows: message.rows });
				break;
			case 'reset':
				this.#liveness.opening();
				this.#clear();
				this.#inOrder(() => this.#size.begun());
				break;
			case 'resized':
				// In its place in the stream: what follows was written for this size.
				this.#inOrder(() => this.#size.told(message));
				break;
			case 'live':
				this.#inOrder(() => this.#isLive());
				break;
			case 'exited':
				this.#inOrder(() => {
					this.exited = true;
					this.marks.reset();
					this.queue.cancel();
				});
				break;
			case 'error':
				// No shell could be had: offering a new one is the way on.
				this.exited = true;
				this.#liveness.close();
				break;
			default:
				break;
		}
	}

	/** Does it when what has come before has been drawn, unless the terminal has been opened anew, or lost its connection, by then. */
	#inOrder(action: () => void): void {
		const { channel } = this;
		this.#writer?.write('', () => channel === this.channel && action());
	}

	#isLive(): void {
		const early = this.#liveness.begin();
		this.#wire?.changed();
		if (this.#wire?.inUse()) this.#size.take();
		if (early) this.#typed(encoder.encode(early));
	}

	/** @param counts the bytes are to be acknowledged */
	output(bytes: Uint8Array, counts: boolean): void {
		this.#frozen?.output();
		this.#writer?.write(bytes, () => {
			if (!counts) return;
			this.#unacknowledged += bytes.length;
			if (this.#unacknowledged < ackBytes) return;
			const rate = this.#writer?.rate;
			this.#wire?.send({ type: 'ack', channel: this.channel, bytes: this.#unacknowledged, ...(rate && { rate }) });
			this.#unacknowledged = 0;
		});
	}

	/** The screen stays, nothing can be typed. */
	disconnected(): void {
		this.#liveness.close();
		this.queue.cancel();
	}

	get live(): boolean {
		return this.#liveness.live;
	}

	/** At its prompt, or a shell that gives no marks: then there is no telling, and commands are typed at once. */
	get idle(): boolean {
		return this.live && !this.exited && (this.marks.atPrompt || !this.marks.known);
	}

	/** Commands can be typed: the shell has told of a prompt once, or is one that never does. */
	get ready(): boolean {
		return this.live && !this.exited && (this.marks.known || this.#liveness.silent);
	}

	/** Types a command and Enter. At the prompt, what stands there already is cleared first. */
	typeCommand(command: string): void {
		const term = this.#term;
		if (!term) return;
		const clear = this.marks.atPrompt ? cleanLine[this.marks.clears ? 'ours' : 'older'] : '';
		const text = command.includes('\n') && term.modes.bracketedPasteMode ? `\x1b[200~${command}\x1b[201~` : command.replaceAll('\n', '\r');
		this.marks.atPrompt = false;
		this.command = command;
		this.#typedFor = 'typed';
		this.#typedAhead = !this.marks.known;
		this.#tellPrinted = this.onPrinted;
		this.#wire?.input(this.channel, encoder.encode(`${clear}${text}\r`));
		term.scrollToBottom();
	}

	/** Ctrl+C for the program that runs. */
	interrupt(): void {
		if (!this.live || this.exited) return;
		this.#writer?.hurry();
		this.#wire?.input(this.channel, encoder.encode('\x03'));
	}

	/** A key of the row. */
	press(key: RowKey): void {
		const application = this.#term?.modes.applicationCursorKeysMode ?? false;
		this.#typed(encoder.encode(keyText(key, application, this.#wire?.held() ?? { ctrl: false, alt: false })));
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
		const typing = this.#typedAt + typingMs - performance.now();
		this.#resizeTimer = setTimeout(() => this.#fitNow(), Math.max(resizeMs, typing));
	}

	#fitNow(): void {
		if (performance.now() < this.#typedAt + typingMs) return this.refit();
		this.#sizeElsewhere = this.#size.foreign || !this.#wire?.inUse();
		if (!this.#sizeElsewhere) this.#size.take();
	}

	/** Another window has given the shell its size. */
	get foreignSize(): boolean {
		return this.#size.foreign;
	}

	dispose(): void {
		this.#liveness.close();
		clearTimeout(this.#resizeTimer);
		this.#writer?.end();
		this.#term?.dispose();
		this.remove();
	}

	#clear(): void {
		// Through the queue of writes: what is still being parsed belongs to the screen before.
		this.#writer?.begin(() => {
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
			const tell = this.#tellPrinted;
			if (this.live) queueMicrotask(() => tell?.(text));
		}
		if (said === 'prompt') {
			this.command = '';
			// After this piece of output has been drawn, and not from within the parser.
			if (this.live && !this.#typedAhead) queueMicrotask(() => this.queue.prompted());
			this.#typedAhead = false;
			// What the command before has done to files is done.
			if (this.live) sayFilesTouched(this);
		}
		if (said) this.#wire?.changed();
		return true;
	}

	#typed(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		if (this.exited) {
			if (bytes[0] === 13) this.show();
			return;
		}
		if (!this.live) return this.#liveness.keep(decoder.decode(bytes));
		if (this.#size.foreign || this.#sizeElsewhere) this.#size.take();
		this.#sizeElsewhere = false;
		this.#typedAt = performance.now();
		this.marks.typed(bytes);
		this.#frozen?.typed(bytes);
		if (bytes.length === 1 && bytes[0] === 3) this.#writer?.hurry();
		this.#wire?.input(this.channel, bytes);
	}

	#held(data: string): string {
		const held = this.#wire?.held();
		return held ? withHeld(data, held) : data;
	}

	#open(address: string): void {
		openLink(address, (place) => this.#wire?.openInLab(place));
	}

	#paste(event: ClipboardEvent): void {
		const text = event.clipboardData?.getData('text/plain');
		if (!text || !this.#term) return;
		event.preventDefault();
		event.stopPropagation();
		const atPrompt = this.marks.known && (this.marks.atPrompt || this.marks.unfinished);
		if (!pasteInto(this.#term, text, atPrompt)) this.#wire?.tell('paste', this.#t?.pasteTooLong);
	}

	async #copy(): Promise<void> {
		const text = this.#term?.getSelection();
		if (text && !(await copyText(text))) this.#wire?.tell('copy', this.#t?.copyFailed);
	}

	#draw({ cols, rows }: Size): void {
		if (this.#term) {
			// A line that is being edited, at a prompt or in a program, is drawn again by who edits it; what is printed without a final newline is not.
			this.#term.options.reflowCursorLine = !this.marks.atPrompt && !this.marks.unfinished && !this.#term.modes.bracketedPasteMode;
			keepSelection(this.#term, () => this.#term?.resize(cols, rows));
		}
		this.#wire?.changed();
	}

	/** The Escape that led out has been typed: a line editor would take it and the first letter of who comes back for one key. Ctrl+G ends that. */
	#endEscape(): void {
		const edits = this.marks.atPrompt || this.marks.unfinished;
		if (edits && this.live && !this.exited) this.#wire?.input(this.channel, encoder.encode('\x07'));
	}

	/** @returns false: xterm.js leaves the key to the browser */
	#key(event: KeyboardEvent): boolean {
		if (event.type !== 'keydown') return true;
		const leaves = event.key === 'Tab' && this.#escaped;
		if (!['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) this.#escaped = event.key === 'Escape';
		if (leaves) {
			event.preventDefault();
			this.#endEscape();
			if (event.shiftKey) document.querySelector<HTMLElement>('.dock-tabs [aria-selected="true"]')?.focus();
			else this.#wire?.leave();
			return false;
		}
		switch (shortcut(event)) {
			case 'copy':
				void this.#copy();
				event.preventDefault();
				return false;
			// The browser pastes into xterm.js's text area by itself.
			case 'paste':
				return false;
			case 'search':
				event.preventDefault();
				this.openSearch();
				return false;
			default:
				return true;
		}
	}

	/** WebGL where it is there and as long as it lasts; xterm.js draws with elements otherwise. */
	async #accelerate(term: Terminal): Promise<void> {
		if (preferences().screenReader) return;
		try {
			const { WebglAddon } = await import('@xterm/addon-webgl');
			const webgl = new WebglAddon();
			// Its cells are not as wide as those that are made of elements.
			webgl.onContextLoss(() => {
				webgl.dispose();
				this.refit();
			});
			term.loadAddon(webgl);
			this.refit();
		} catch {
			// No WebGL 2 here.
		}
	}
}

addStyles(xtermStyles);
customElements.define('lab-terminal', LabTerminal);
