/** A terminal that is shown to the room, beside the learner's own: to look at, each of its commands to be run in one's own. Loaded when one is shown. */
import type { AttendeeStrings } from '../../i18n/attendee-fr.ts';
import { fill } from '../../shared/fill.ts';
import type { ClientMessage, ServerMessage } from '../../shared/protocol/messages.ts';
import { button, make } from '../dom.ts';
import type { Presenter, TrainerView } from '../lesson/trainer-tab.ts';
import { preferences } from '../preferences.ts';
import { themeNow } from '../terminal/terminal-options.ts';
import { canUnpack } from '../terminal/unpack.ts';
import { WatchedScreen } from '../terminal/watched-screen.ts';

/** Beyond those of the learner's own terminals. */
const trainerChannel = 0xffff;
/** After how long a terminal that is not there is asked for again, ms: each time twice as long, a hundred pages ask at once. */
const again = { first: 2000, most: 30_000 };
/** As many as the server keeps. */
const mostCommands = 50;
/** Of a letter of the terminal: its width, and its line's height, as a share of its size. */
const letter = { width: 0.61, height: 1.42 };
/** Of letters, px: to have a line's whole width in sight, and all lines. */
const smallest = { width: 8, height: 10 };
/** Around the letters, and the bar to scroll them, px. */
const edge = 24;

interface TrainerScreenOptions {
	t: AttendeeStrings;
	whose: Presenter;
	send: (message: ClientMessage) => void;
	/** Types it into the learner's own terminal. */
	run: (command: string) => void;
}

export class TrainerScreen implements TrainerView {
	readonly channel = trainerChannel;
	readonly name = 'trainer';
	readonly label: string;
	readonly by: string;
	readonly element: HTMLElement;
	readonly #options: TrainerScreenOptions;
	readonly #screen: WatchedScreen;
	readonly #said = make('p', { class: 'trainer-said', role: 'status' });
	readonly #place = make('div', { class: 'trainer-screen' });
	readonly #commands = make('ol', { class: 'trainer-commands' });
	#isOpen = false;
	#built = false;
	#again: ReturnType<typeof setTimeout> | undefined;
	#wait = again.first;

	constructor(options: TrainerScreenOptions) {
		const { t, send } = options;
		this.#options = options;
		// A trainer's is called by what they are, a learner's by their name.
		this.label = options.whose.lent ? options.whose.by : t.trainerTab;
		this.by = options.whose.by;
		this.#screen = new WatchedScreen({
			channel: trainerChannel,
			send,
			// A screen that is drawn anew (`reset`), as often in a flood, is worth no word.
			changed: () => this.#say(),
			failed: () => this.#later(),
		});
		this.#commands.setAttribute('aria-label', t.trainerCommands);
		this.element = make('div', { class: 'trainer-panel', role: 'tabpanel', id: 'terminal-trainer', 'aria-labelledby': 'tab-trainer' });
		this.element.append(this.#said, this.#place, this.#commands);
		const { term } = this.#screen;
		term.attachCustomKeyEventHandler((event) => this.#key(event));
		term.onResize(() => this.shown());
		term.onWriteParsed(() => this.#keepCursorInSight());
		new ResizeObserver(() => this.shown()).observe(this.#place);
		new MutationObserver(() => {
			term.options.theme = themeNow();
		}).observe(document.documentElement, { attributeFilter: ['data-theme'] });
	}

	follow(): void {
		if (this.#isOpen) return;
		this.#isOpen = true;
		this.#options.send({ type: 'follow', channel: trainerChannel, packs: canUnpack() });
	}

	/** The connection is lost: `follow` looks again. */
	disconnected(): void {
		this.#isOpen = false;
		clearTimeout(this.#again);
		this.#wait = again.first;
		this.#screen.away();
		this.#say();
	}

	output(bytes: Uint8Array, kind: number): void {
		this.#screen.output(bytes, kind);
	}

	message(message: ServerMessage): void {
		if (message.type === 'opened') this.#commands.replaceChildren();
		if (message.type === 'command') return this.#add(message);
		this.#screen.message(message);
		if (message.type === 'live') this.#wait = again.first;
		if (message.type === 'gone' || message.type === 'error') this.#later();
	}

	/** Looks again after a while, each time a longer one. */
	#later(): void {
		this.#isOpen = false;
		clearTimeout(this.#again);
		this.#again = setTimeout(() => this.follow(), this.#wait);
		this.#wait = Math.min(again.most, 2 * this.#wait);
	}

	/** It is in sight, or its place has another size: letters as large as fit, within the learner's wish. */
	shown(): void {
		const { offsetWidth, offsetHeight } = this.#place;
		if (this.element.hidden || offsetWidth === 0) return;
		const { term } = this.#screen;
		const { fontSize, screenReader } = preferences();
		const inWidth = Math.floor((offsetWidth - edge) / (term.cols * letter.width));
		const inHeight = Math.floor((offsetHeight - edge) / (term.rows * letter.height));
		term.options.fontSize = Math.max(smallest.width, Math.min(fontSize, inWidth, Math.max(smallest.height, inHeight)));
		term.options.screenReaderMode = screenReader;
		if (this.#built) return;
		this.#built = true;
		term.open(this.#place);
		const { t } = this.#options;
		term.textarea?.setAttribute('aria-label', fill(t.trainerLabel, { name: this.by }));
	}

	end(): void {
		this.disconnected();
		this.#options.send({ type: 'close', channel: trainerChannel });
		this.#screen.dispose();
		this.element.remove();
	}

	#say(): void {
		const { t } = this.#options;
		const text = fill(this.#screen.live ? t.trainerShows : t.trainerAway, { name: this.by });
		if (this.#said.textContent !== text) this.#said.textContent = text;
	}

	/** Where not all lines fit: the one that is written. */
	#keepCursorInSight(): void {
		const { term } = this.#screen;
		const place = this.#place;
		const screen = place.querySelector<HTMLElement>('.xterm-screen');
		if (!screen || place.scrollHeight <= place.clientHeight) return;
		const line = screen.offsetHeight / term.rows;
		const bottom = (term.buffer.active.cursorY + 2) * line;
		if (bottom > place.scrollTop + place.clientHeight) place.scrollTop = bottom - place.clientHeight;
		else if (bottom - 2 * line < place.scrollTop) place.scrollTop = bottom - 2 * line;
	}

	#add({ command, cut }: Extract<ServerMessage, { type: 'command' }>): void {
		const { t, run } = this.#options;
		// Half a command is none.
		const act = cut
			? make('span', {}, t.commandCut)
			: button(t.runMine, () => run(command), { 'aria-label': fill(t.says, { who: t.runMine, what: command }) });
		// The newest first: it is what the class is at.
		this.#commands.prepend(make('li', {}, make('code', {}, command), act));
		this.#commands.children[mostCommands]?.remove();
	}

	/** Nothing is typed here: keys are the browser's, but those that scroll. */
	#key({ type, key }: KeyboardEvent): boolean {
		if (type === 'keydown' && (key === 'PageUp' || key === 'PageDown')) this.#screen.term.scrollPages(key === 'PageUp' ? -1 : 1);
		return false;
	}
}
