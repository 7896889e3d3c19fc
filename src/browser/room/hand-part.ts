/** The raised hand in a lesson page: a button, a line to write, and who comes. */
import type { AttendeeStrings } from '../../i18n/attendee-fr.ts';
import { fill } from '../../shared/fill.ts';
import { longestLine, type MemberState } from '../../shared/protocol/room-member.ts';
import { announce, button, make } from '../dom.ts';
import type { attendeeApi } from './attendee.ts';
import { HandLeave } from './hand-leave.ts';

interface HandDeps {
	t: AttendeeStrings;
	api: Pick<ReturnType<typeof attendeeApi>, 'raise' | 'lower'>;
	/** Id of the room. */
	room: () => string;
	/** Where the learner is. */
	at: () => { lesson: string; step: string };
	titleOf: (step: string) => string;
}

export class HandPart {
	readonly button: HTMLButtonElement;
	readonly status = make('span', { class: 'room-hand-state', role: 'status' });
	readonly form: HTMLFormElement;
	readonly #deps: HandDeps;
	readonly #about = make('p', { id: 'room-hand-about' });
	readonly #line: HTMLInputElement;
	readonly #fault = make('p', { class: 'room-fault', role: 'alert' });
	readonly #leaveText = make('p', { id: 'room-hand-leave', hidden: true });
	readonly #leave = new HandLeave();
	#up = false;

	constructor(deps: HandDeps) {
		this.#deps = deps;
		const { t } = deps;
		this.#leaveText.textContent = t.handLooks;
		this.button = button(t.raise, () => void this.#press(), { class: 'button room-hand', 'aria-expanded': 'false', hidden: true });
		this.#line = make('input', { id: 'room-line', maxlength: String(longestLine), autocomplete: 'off' });
		this.form = make(
			'form',
			{ class: 'room-form', hidden: true },
			this.#about,
			this.#leaveText,
			make('label', { for: 'room-line' }, t.lineLabel),
			this.#line,
			make(
				'div',
				{ class: 'room-form-row' },
				make('button', { class: 'button primary' }, t.raise),
				button(t.raiseNot, () => this.#ask(false)),
			),
		);
		this.form.append(this.#fault);
		this.form.addEventListener('submit', (event) => {
			event.preventDefault();
			void this.#try(async () => {
				await deps.api.raise(deps.room(), { ...deps.at(), line: this.#line.value, looks: this.#leave.given });
				this.#line.value = '';
				this.#ask(false);
			});
		});
		this.form.addEventListener('keydown', ({ key }) => key === 'Escape' && this.#ask(false));
	}

	show({ hand, state, handLooks }: MemberState): void {
		const { t, titleOf } = this.#deps;
		const was = this.#up;
		if (this.#leave.set(handLooks)) {
			this.#showLeave();
			if (!this.form.hidden) announce(t.handLooksChanged);
		}
		this.#up = hand !== undefined;
		this.button.textContent = hand ? t.lower : t.raise;
		this.button.hidden = !hand && state !== 'open';
		this.button.dataset.up = String(this.#up);
		const said = hand ? handWords(hand, t) : state === 'open' ? '' : t.closedText;
		if (this.status.textContent !== said) this.status.textContent = said;
		this.status.title = hand ? fill(t.handAt, { step: titleOf(hand.step) }) : '';
		if (was && !hand) announce(t.lowered);
	}

	#press(): void {
		if (!this.#up) return this.#ask(this.form.hidden === true);
		void this.#try(() => this.#deps.api.lower(this.#deps.room()));
	}

	#ask(open: boolean): void {
		const { t, at, titleOf } = this.#deps;
		this.#about.textContent = fill(t.raiseAbout, { step: titleOf(at().step) });
		this.#fault.textContent = '';
		const had = this.form.contains(document.activeElement);
		if (open) this.#leave.opened();
		this.#showLeave();
		this.form.hidden = !open;
		this.button.setAttribute('aria-expanded', String(open));
		if (open) this.#line.focus();
		else if (had) this.button.focus();
	}

	/** Also to those who come to the line without passing what stands above it. */
	#showLeave(): void {
		const { given } = this.#leave;
		this.#leaveText.hidden = !given;
		this.#line.setAttribute('aria-describedby', given ? `${this.#about.id} ${this.#leaveText.id}` : this.#about.id);
	}

	async #try(action: () => Promise<unknown>): Promise<void> {
		this.#fault.textContent = '';
		try {
			await action();
		} catch (error) {
			this.form.hidden = false;
			this.#fault.textContent = error instanceof Error ? error.message : this.#deps.t.failed;
		}
	}
}

/** What becomes of a hand that is up, and whether it is leave to look as long as it is. */
function handWords({ place, takenBy, looks }: NonNullable<MemberState['hand']>, t: AttendeeStrings): string {
	const waits = place === 1 ? t.placeFirst : fill(t.place, { n: place });
	const words = takenBy === undefined ? waits : fill(t.comes, { name: takenBy });
	return looks ? `${words} ${t.handIsLeave}` : words;
}
