/** "Show my terminal", for trainers: switched on and off by a press alone. What has ended it otherwise is said; nothing is shown again by itself. */
import type { AttendeeStrings } from '../../i18n/attendee-fr.ts';
import { fill } from '../../shared/fill.ts';
import type { MemberState } from '../../shared/protocol/room-member.ts';
import { announce, button, make } from '../dom.ts';
import type { attendeeApi } from './attendee.ts';

/** The room to which this tab knows that the trainer's terminal is shown: its end is worth a word, also after a reload. */
const key = 'etabli-room-shows';

interface Which {
	lesson: string;
	terminal: string;
}

interface ShowDeps {
	t: AttendeeStrings;
	api: Pick<ReturnType<typeof attendeeApi>, 'show' | 'stopShowing'>;
	/** The terminal in sight. */
	terminal: () => Which;
	lessonTitle: (lesson: string) => string;
}

export class ShowPart {
	readonly button: HTMLButtonElement;
	readonly status = make('span', { class: 'room-showing', role: 'status' });
	readonly #deps: ShowDeps;
	#state: MemberState | undefined;
	/** It was the trainer's own press that ended it. */
	#stopped = false;

	constructor(deps: ShowDeps) {
		this.#deps = deps;
		this.button = button(deps.t.showStart, () => void this.#toggle(), { class: 'quiet', hidden: true, 'aria-pressed': 'false' });
	}

	take(state: MemberState): void {
		const { t } = this.#deps;
		// Of what is shown with somebody's leave the bar of who looks tells them.
		const own = state.shown?.mine && !state.shown.lent ? state.shown : undefined;
		this.#state = state;
		this.button.hidden = state.role !== 'trainer' || state.state !== 'open';
		this.button.setAttribute('aria-pressed', String(own !== undefined));
		this.button.textContent = own ? t.showStop : t.showStart;
		if (own) {
			sessionStorage.setItem(key, state.id);
			this.#say(this.#shows(own));
		} else if (sessionStorage.getItem(key) === state.id) {
			sessionStorage.removeItem(key);
			this.#say(this.#stopped ? '' : t.showOver);
		}
		if (!own) this.#stopped = false;
	}

	#shows({ lesson, terminal }: Which): string {
		const { t, lessonTitle } = this.#deps;
		if (lesson === this.#deps.terminal().lesson) return fill(t.showing, { terminal });
		return fill(t.showingThere, { terminal, lesson: lessonTitle(lesson) });
	}

	/** Only what differs: who listens would hear it at each change of the room. */
	#say(text: string): void {
		if (this.status.textContent !== text) this.status.textContent = text;
	}

	async #toggle(): Promise<void> {
		const { id, shown } = this.#state ?? {};
		if (id === undefined) return;
		this.#stopped = shown?.mine === true;
		try {
			await (shown?.mine ? this.#deps.api.stopShowing(id) : this.#deps.api.show(id, this.#deps.terminal()));
		} catch (error) {
			this.#stopped = false;
			this.#say(error instanceof Error ? error.message : this.#deps.t.failed);
			announce(this.status.textContent);
		}
	}
}
