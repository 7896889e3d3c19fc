/** The terminals of the page, four on the learner's own machine and one on each node of its cluster: one element, one channel and one tab each. xterm.js is loaded with the first. */

import type { Strings } from '../../i18n/fr.ts';
import { ownTerminals, terminalPattern } from '../../shared/course/terminal-names.ts';
import type { ServerMessage } from '../../shared/protocol/messages.ts';
import type { Link } from '../lesson/link.ts';
import type { Tab } from './dock.ts';
import type { LabTerminal, TerminalWire } from './terminal.ts';
import { terminalLabel } from './terminal-label.ts';

const most = ownTerminals.length;

/** Which terminals of this page were open, so that they come back with it. */
const openTabs = {
	key: `etabli-tabs ${location.pathname.replace(/^\/(fr|en)/, '')}`,
	/** @param initial how many the lesson opens when nothing is kept */
	read(initial: number): string[] {
		let kept: string[] = [];
		try {
			kept = (localStorage.getItem(this.key) ?? '').split(',').filter((number) => terminalPattern.test(number));
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

/** A tab beside the learner's own terminals. */
export interface GuestTab {
	/** Part of its tab's and its panel's ids. */
	readonly name: string;
	readonly label: string;
	/** A tab panel. */
	readonly element: HTMLElement;
	/** It has come into sight, or the learner wishes to read otherwise. */
	shown(): void;
}

interface TerminalsOptions {
	place: HTMLElement;
	t: Strings;
	initial: number;
	link: Link;
	changed(): void;
	leave(): void;
	/** A terminal is in sight again, where something else may have been. */
	back(): void;
	held: TerminalWire['held'];
	tell: TerminalWire['tell'];
	openInLab: TerminalWire['openInLab'];
}

export class Terminals {
	readonly #place: HTMLElement;
	readonly #t: Strings;
	readonly #link: Link;
	readonly #changed: () => void;
	readonly #leave: () => void;
	readonly #back: () => void;
	readonly #more: Pick<TerminalWire, 'held' | 'tell' | 'openInLab'>;
	readonly #initial: number;
	readonly #all = new Map<string, LabTerminal>();
	/** In sight. */
	#selected = '1';
	/** The one that the learner has chosen: what a block with `terminal=` brings into sight does not become theirs by that. */
	#chosen = '1';
	/** Something else stands in the terminals' place. */
	#aside = false;
	#channel = 0;
	/** By their names, in the order in which they came. */
	readonly #guests = new Map<string, GuestTab>();
	/** One that was in sight when it went, and nothing else has been chosen since: it comes back into sight, as when the trainer shows it again. */
	#wanted: string | undefined;
	/** How often the connection or the lab was lost: what was to be opened before is not opened after. */
	#losses = 0;
	/** Another window of this browser was used after this one. */
	#usedElsewhere = false;
	#waiting: { number: string; resolve: (terminal: LabTerminal) => void }[] = [];
	#code: typeof import('./terminal.ts') | undefined;
	#coming: Promise<typeof import('./terminal.ts')> | undefined;

	/** @param initial how many are open at the start; `leave` moves the keyboard out of a terminal */
	constructor({ place, t, initial, link, changed, leave, back, held, tell, openInLab }: TerminalsOptions) {
		this.#place = place;
		this.#t = t;
		this.#initial = Math.min(most, Math.max(1, initial));
		this.#link = link;
		this.#changed = changed;
		this.#leave = leave;
		this.#back = back;
		this.#more = { held, tell, openInLab };
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

	/** One of the tabs has something to be seen. */
	get shown(): boolean {
		return this.#all.size > 0 || this.#guests.has(this.#selected);
	}

	/** Number of the learner's own terminal that is in sight, or was last; beside a guest the one that they have chosen. */
	get inSight(): string {
		return this.#guests.has(this.#selected) ? this.#chosen : this.#selected;
	}

	/** Another tab of that name beside them, or none any more. It does not come into sight by itself. */
	setGuest(name: string, guest: GuestTab | undefined): void {
		if (guest) {
			this.#guests.set(name, guest);
			guest.element.hidden = true;
			this.#place.append(guest.element);
		} else this.#guests.delete(name);
		// What stands in the terminals' place stays in sight.
		const show = (number: string) => (this.#aside ? this.#select(number) : this.#show(number, false));
		if (!guest && name === this.#selected) {
			show(this.#chosen);
			this.#wanted = name;
		} else if (guest && this.#wanted === name) show(name);
		else this.#changed();
	}

	/** In order. */
	tabs(): Tab[] {
		const own = [...this.#all.keys()].sort().map((number) => ({ number, selected: number === this.#selected }));
		const guests = [...this.#guests.values()].map(({ name, label }) => ({ number: name, selected: name === this.#selected, label }));
		return [...own, ...guests];
	}

	/** Makes room for something else, until a terminal is chosen or wanted. */
	stepAside(): void {
		this.#aside = true;
		for (const terminal of this.#all.values()) terminal.hidden = true;
		for (const { element } of this.#guests.values()) element.hidden = true;
	}

	/** Opens the lesson's terminals, or, after a lost connection, those that were open. Idempotent. @throws Error when their code cannot be had */
	openAll(): Promise<void> {
		return this.#withCode((make) => {
			const fresh = this.#all.size === 0;
			const wanted = this.#waiting.map(({ number }) => number);
			const numbers = new Set([...(fresh ? openTabs.read(this.#initial) : this.#all.keys()), ...wanted].sort());
			if (fresh) this.#chosen = '1';
			if (fresh && !this.#guests.has(this.#selected)) this.#selected = wanted.at(-1) ?? '1';
			for (const number of numbers) {
				const terminal = make(number);
				if (terminal.channel === 0) this.#open(terminal);
			}
			this.#changed();
		});
	}

	/**
	 * Does it, in one piece, once the terminals' code is there (at once when it is: what is typed next is for the terminal that has been asked for), in
	 * the order in which it was asked for; not at all when connection or lab have been lost meanwhile. `make` gives the terminal of that number: the
	 * one there is, or a new one.
	 */
	async #withCode(work: (make: (number: string) => LabTerminal) => void): Promise<void> {
		const losses = this.#losses;
		const code = this.#code ?? (await this.#load());
		if (losses === this.#losses) work((number) => this.#all.get(number) ?? this.#make(number, code.LabTerminal));
	}

	/** One promise for all who wait, so that none is overtaken by who comes when the code is there. */
	#load(): Promise<typeof import('./terminal.ts')> {
		this.#coming ??= import('./terminal.ts').then(
			(code) => {
				this.#code = code;
				return code;
			},
			(error: unknown) => {
				this.#coming = undefined;
				throw error;
			},
		);
		return this.#coming;
	}

	/** The next welcome opens them again. */
	disconnected(): void {
		this.#losses++;
		for (const terminal of this.#all.values()) {
			terminal.channel = 0;
			terminal.disconnected();
		}
	}

	/** The sandbox is gone, and its screens with it. */
	closeAll(): void {
		this.#losses++;
		for (const terminal of this.#all.values()) terminal.dispose();
		this.#all.clear();
		this.#changed();
	}

	add(): void {
		const number = ownTerminals.find((candidate) => !this.#all.has(candidate));
		if (!number) return;
		// Its code could not be loaded: the button can be pressed again.
		void this.#withCode((make) => {
			const terminal = make(number);
			if (terminal.channel === 0) this.#open(terminal);
			this.select(number, true);
			terminal.focusScreen();
		}).catch(() => undefined);
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
		if (!this.#guests.has(number)) this.#chosen = number;
		this.#show(number, focus);
	}

	/** What stood in the terminals' place does not any more. */
	comeBack(): void {
		this.#show(this.#selected, false);
	}

	#select(number: string): void {
		this.#selected = number;
		this.#wanted = undefined;
		this.#changed();
	}

	#show(number: string, focus: boolean): void {
		this.#selected = number;
		this.#wanted = undefined;
		this.#aside = false;
		this.#back();
		for (const [key, terminal] of this.#all) terminal.hidden = key !== number;
		for (const [name, { element }] of this.#guests) element.hidden = name !== number;
		this.#changed();
		this.#guests.get(number)?.shown();
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
		for (const guest of this.#guests.values()) guest.shown();
	}

	/**
	 * Resolves with the terminal, in sight, as soon as it is live; opens it when it is not open.
	 * @param number the one that the learner has chosen by default
	 */
	whenLive(number: string = this.#chosen): Promise<LabTerminal> {
		const live = new Promise<LabTerminal>((resolve) => this.#waiting.push({ number, resolve }));
		// Without a connection there is none to be opened; with the next welcome those that are waited for are.
		if ([...this.#all.values()].some(({ channel }) => channel !== 0)) {
			// Its code could not be loaded: whoever waits is told that the lab is not ready.
			void this.#withCode((make) => this.#bring(make(number))).catch(() => undefined);
		}
		return live;
	}

	#bring(terminal: LabTerminal): void {
		if (this.#selected !== terminal.number || this.#aside) this.#show(terminal.number, false);
		if (terminal.channel === 0) this.#open(terminal);
		else if (terminal.live && terminal.exited) terminal.show();
		this.#settle();
	}

	/** Hands over the terminals that are waited for and are ready. */
	#settle(): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const one of waiting) {
			const terminal = this.#all.get(one.number);
			if (terminal?.ready) one.resolve(terminal);
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

	#make(number: string, Made: typeof LabTerminal): LabTerminal {
		const label = terminalLabel(number, this.#t);
		const terminal = Made.create(number, {
			send: (message) => this.#link.send(message),
			input: (channel, bytes) => this.#link.sendInput(channel, bytes),
			changed: () => this.#terminalChanged(),
			leave: () => this.#leave(),
			inUse: () => document.hasFocus() || !this.#usedElsewhere,
			...this.#more,
		});
		terminal.id = `terminal-${number}`;
		terminal.setAttribute('role', 'tabpanel');
		terminal.setAttribute('aria-labelledby', `tab-${number}`);
		terminal.hidden = this.#aside || number !== this.#selected;
		this.#all.set(number, terminal);
		this.#place.append(terminal);
		openTabs.keep(this.#all.keys());
		this.#changed();
		terminal.build(this.#t, label);
		return terminal;
	}

	#terminalChanged(): void {
		this.#settle();
		this.#changed();
	}
}
