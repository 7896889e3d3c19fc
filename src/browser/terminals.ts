/** The terminals of the page: one element, one channel and one tab each. xterm.js is loaded with the first. */
import { fill } from '../i18n/fill.ts';
import type { Strings } from '../i18n/fr.ts';
import type { ServerMessage } from '../shared/messages.ts';
import type { Tab } from './dock.ts';
import type { Link } from './link.ts';
import type { LabTerminal } from './terminal.ts';

const most = 4;

/** Which terminals of this page were open, so that they come back with it. */
const openTabs = {
	key: `etabli-tabs ${location.pathname.replace(/^\/(fr|en)/, '')}`,
	/** @param initial how many the lesson opens when nothing is kept */
	read(initial: number): string[] {
		let kept: string[] = [];
		try {
			kept = (localStorage.getItem(this.key) ?? '').split(',').filter((number) => /^[1-4]$/.test(number));
		} catch {
			// Storage may be forbidden.
		}
		return [...new Set([...Array.from({ length: initial }, (_, index) => String(index + 1)), ...kept])].sort();
	},
	keep(numbers: Iterable<string>): void {
		try {
			localStorage.setItem(this.key, [...numbers].join());
		} catch {
			// Storage may be forbidden.
		}
	},
};

interface TerminalsOptions {
	place: HTMLElement;
	t: Strings;
	initial: number;
	link: Link;
	changed(): void;
	leave(): void;
}

export class Terminals {
	readonly #place: HTMLElement;
	readonly #t: Strings;
	readonly #link: Link;
	readonly #changed: () => void;
	readonly #leave: () => void;
	readonly #initial: number;
	readonly #all = new Map<string, LabTerminal>();
	/** In sight. */
	#selected = '1';
	/** The one that the learner has chosen: what a block with `terminal=` brings into sight does not become theirs by that. */
	#chosen = '1';
	#channel = 0;
	#opening: Promise<void> | undefined;
	/** Another window of this browser was used after this one. */
	#usedElsewhere = false;
	#waiting: { number: string; resolve: (terminal: LabTerminal) => void }[] = [];
	/** Terminals are brought into sight one after the other: none is made twice. */
	#bringing: Promise<void> = Promise.resolve();

	/** @param initial how many are open at the start; `leave` moves the keyboard out of a terminal */
	constructor({ place, t, initial, link, changed, leave }: TerminalsOptions) {
		this.#place = place;
		this.#t = t;
		this.#initial = Math.min(most, Math.max(1, initial));
		this.#link = link;
		this.#changed = changed;
		this.#leave = leave;
		const others = new BroadcastChannel('etabli-window');
		others.addEventListener('message', () => {
			this.#usedElsewhere = true;
		});
		const used = () => {
			this.#usedElsewhere = false;
			others.postMessage('used');
		};
		addEventListener('focus', used);
		if (document.hasFocus()) used();
	}

	get current(): LabTerminal | undefined {
		return this.#all.get(this.#selected);
	}

	get shown(): boolean {
		return this.#all.size > 0;
	}

	/** In order. */
	tabs(): Tab[] {
		return [...this.#all.keys()].sort().map((number) => ({ number, selected: number === this.#selected }));
	}

	/** Opens the lesson's terminals, or, after a lost connection, those that were open. Idempotent. */
	openAll(): Promise<void> {
		this.#opening ??= this.#openAll().finally(() => {
			this.#opening = undefined;
		});
		return this.#opening;
	}

	async #openAll(): Promise<void> {
		const fresh = this.#all.size === 0;
		const wanted = this.#waiting.map(({ number }) => number);
		const numbers = new Set([...(fresh ? openTabs.read(this.#initial) : this.#all.keys()), ...wanted].sort());
		if (fresh) this.#chosen = '1';
		if (fresh) this.#selected = wanted.at(-1) ?? '1';
		for (const number of numbers) {
			const terminal = this.#all.get(number) ?? (await this.#make(number));
			if (!terminal.live && terminal.channel === 0) this.#open(terminal);
		}
		this.#changed();
	}

	/** The next welcome opens them again. */
	disconnected(): void {
		for (const terminal of this.#all.values()) {
			terminal.channel = 0;
			terminal.disconnected();
		}
	}

	/** The sandbox is gone, and its screens with it. */
	closeAll(): void {
		for (const terminal of this.#all.values()) terminal.dispose();
		this.#all.clear();
		this.#changed();
	}

	add(): void {
		const number = ['1', '2', '3', '4'].find((candidate) => !this.#all.has(candidate));
		if (!number) return;
		this.#bringing = this.#bringing
			.then(async () => {
				const terminal = this.#all.get(number) ?? (await this.#make(number));
				if (terminal.channel === 0) this.#open(terminal);
				this.select(number, true);
				terminal.focusScreen();
			})
			// Its code could not be loaded: the button can be pressed again.
			.catch(() => undefined);
	}

	/** Ends the shell of a tab. */
	end(number: string): void {
		const terminal = this.#all.get(number);
		if (!terminal || this.#all.size === 1) return;
		this.#link.send({ type: 'end', channel: terminal.channel });
		this.#link.send({ type: 'close', channel: terminal.channel });
		terminal.dispose();
		this.#all.delete(number);
		openTabs.keep(this.#all.keys());
		if (this.#chosen === number || this.#selected === number) this.select([...this.#all.keys()].sort()[0] ?? '1', true);
		this.#changed();
	}

	/** The learner's choice. @param focus put the keyboard into it */
	select(number: string, focus: boolean): void {
		this.#chosen = number;
		this.#show(number, focus);
	}

	#show(number: string, focus: boolean): void {
		this.#selected = number;
		for (const [key, terminal] of this.#all) terminal.hidden = key !== number;
		this.#changed();
		this.current?.refit();
		if (focus && !document.activeElement?.matches('[role=tab]')) this.current?.focusScreen();
	}

	message(message: ServerMessage): void {
		if (!('channel' in message)) return;
		this.#byChannel(message.channel)?.message(message);
		this.#changed();
	}

	output(channel: number, bytes: Uint8Array, counts: boolean): void {
		this.#byChannel(channel)?.output(bytes, counts);
	}

	refit(): void {
		this.current?.refit();
	}

	applyPreferences(): void {
		for (const terminal of this.#all.values()) terminal.applyPreferences();
	}

	/**
	 * Resolves with the terminal, in sight, as soon as it is live; opens it when it is not open.
	 * @param number the one that the learner has chosen by default
	 */
	whenLive(number: string = this.#chosen): Promise<LabTerminal> {
		const live = new Promise<LabTerminal>((resolve) => this.#waiting.push({ number, resolve }));
		// Without a connection there is none to be opened; with the next welcome those that are waited for are.
		if ([...this.#all.values()].some(({ channel }) => channel !== 0)) {
			// Its code could not be loaded: whoever waits is told that the bench is not ready.
			this.#bringing = this.#bringing.then(() => this.#bring(number)).catch(() => undefined);
		}
		return live;
	}

	async #bring(number: string): Promise<void> {
		await this.#opening;
		const terminal = this.#all.get(number) ?? (await this.#make(number));
		if (this.#selected !== number) this.#show(number, false);
		if (terminal.channel === 0) this.#open(terminal);
		else if (terminal.live && terminal.exited) terminal.show();
		this.#settle(({ live, exited }) => live && !exited);
	}

	/** Hands over the terminals that are waited for and are ready. */
	#settle(ready: (terminal: LabTerminal) => boolean): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const one of waiting) {
			const terminal = this.#all.get(one.number);
			if (terminal && ready(terminal)) one.resolve(terminal);
			else this.#waiting.push(one);
		}
	}

	#byChannel(channel: number | undefined): LabTerminal | undefined {
		return [...this.#all.values()].find((terminal) => terminal.channel === channel);
	}

	#open(terminal: LabTerminal): void {
		terminal.channel = ++this.#channel;
		terminal.show();
	}

	async #make(number: string): Promise<LabTerminal> {
		const { LabTerminal } = await import('./terminal.ts');
		const label = fill(this.#t.terminalName, { n: number });
		const terminal = LabTerminal.create(number, {
			send: (message) => this.#link.send(message),
			input: (channel, bytes) => this.#link.sendInput(channel, bytes),
			changed: () => this.#terminalChanged(),
			leave: () => this.#leave(),
			inUse: () => document.hasFocus() || !this.#usedElsewhere,
		});
		terminal.id = `terminal-${number}`;
		terminal.setAttribute('role', 'tabpanel');
		terminal.setAttribute('aria-labelledby', `tab-${number}`);
		terminal.hidden = number !== this.#selected;
		this.#all.set(number, terminal);
		this.#place.append(terminal);
		openTabs.keep(this.#all.keys());
		this.#changed();
		terminal.build(this.#t, label);
		return terminal;
	}

	#terminalChanged(): void {
		this.#settle(({ live, exited, marks }) => live && !exited && (marks.atPrompt || marks.known));
		this.#changed();
	}
}
