/** The tab of a terminal that is shown to the learner's room, mostly a trainer's: beside their own while there is one. What draws it is loaded with the first. */
import type { AttendeeStrings } from '../../i18n/attendee-fr.ts';
import { fill } from '../../shared/fill.ts';
import type { ServerMessage } from '../../shared/protocol/messages.ts';
import type { GuestTab } from '../terminal/terminals.ts';

/** Whose terminal is shown. */
export interface Presenter {
	/** Their name in the room. */
	by: string;
	/** A learner, with their leave. */
	lent?: true | undefined;
}

export interface TrainerView extends GuestTab {
	/** The name of whose terminal it is. */
	readonly by: string;
	readonly channel: number;
	/** Looks at what is shown, unless it does already. */
	follow(): void;
	disconnected(): void;
	/** @param kind of the frame */
	output(bytes: Uint8Array, kind: number): void;
	message(message: ServerMessage): void;
	end(): void;
}

interface TrainerTabDeps {
	/** @returns what makes the tab of that person */
	load(): Promise<(whose: Presenter, t: AttendeeStrings) => TrainerView>;
	/** Puts it beside the terminals; undefined: there is none any more. */
	place(tab: TrainerView | undefined): void;
	/** Tells who listens instead of looking. */
	announce(sentence: string): void;
}

export class TrainerTab {
	/** While a terminal is shown. */
	view: TrainerView | undefined;
	readonly #deps: TrainerTabDeps;
	/** Whose terminal is shown now. */
	#by: string | undefined;

	constructor(deps: TrainerTabDeps) {
		this.#deps = deps;
	}

	/** @param whose terminal is shown; undefined: none is */
	async take(whose: Presenter | undefined, t: AttendeeStrings): Promise<void> {
		const by = whose?.by;
		this.#by = by;
		if (this.view && this.view.by !== by) this.#end();
		if (whose === undefined) return;
		if (!this.view) {
			const make = await this.#deps.load();
			// By now it may be over, or be somebody else's.
			if (this.#by !== by) return;
			if (!this.view) {
				const view = make(whose, t);
				this.#begin(view, fill(t.trainerBegins, { name: whose.by, tab: view.label }));
			}
		}
		this.view?.follow();
	}

	#begin(view: TrainerView, sentence: string): void {
		this.view = view;
		this.#deps.place(view);
		this.#deps.announce(sentence);
	}

	#end(): void {
		this.#deps.place(undefined);
		this.view?.end();
		this.view = undefined;
	}
}
