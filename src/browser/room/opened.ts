/** Hints and solutions that are opened on a lesson page, told to the room of whoever learns. */
import type { MemberState } from '../../shared/protocol/room-member.ts';
import type { OpenedRequest } from '../../shared/protocol/rooms.ts';
import { Refused } from '../ask.ts';

type What = Pick<OpenedRequest, 'step' | 'what'>;

/** What has been opened and not been told yet: the page does not know its room at once, and the server may be away. */
export class OpenedHelp {
	/** Throws Refused. */
	readonly #send: (one: What) => Promise<unknown>;
	#untold: What[] = [];
	/** undefined: the room has not been heard of yet; null: there is none. */
	#role: MemberState['role'] | null | undefined;

	constructor(send: (one: What) => Promise<unknown>) {
		this.#send = send;
	}

	/** Something has been opened. */
	add(one: What): void {
		this.#untold.push(one);
		this.#tell();
	}

	/** The server has said who the reader is in the room: each time, so that what did not get through is told again. @param role null: in none */
	take(role: MemberState['role'] | null): void {
		this.#role = role;
		this.#tell();
	}

	/** Of those who learn; what others open, and what is opened outside of rooms, is nobody's business. */
	#tell(): void {
		if (this.#role === undefined) return;
		const now = this.#untold;
		this.#untold = [];
		if (this.#role !== 'learner') return;
		for (const one of now) {
			this.#send(one).catch((error: unknown) => {
				// What the server refuses it would refuse again.
				if (error instanceof Refused && (error.status === 0 || error.status >= 500)) this.#untold.push(one);
			});
		}
	}
}

/** Each once, as long as the page is there; those too that are open already. */
export function followOpened(frame: HTMLElement, opened: (one: What) => void): void {
	const known = new Set<Element>();
	const look = (fold: EventTarget | null) => {
		if (!(fold instanceof HTMLDetailsElement) || !fold.open || known.has(fold)) return;
		const step = fold.closest<HTMLElement>('.step')?.dataset.step;
		const { hint, solution } = fold.dataset;
		if (step === undefined || (hint === undefined && solution === undefined)) return;
		known.add(fold);
		opened({ step, what: hint === undefined ? 'solution' : { hint: Number(hint) } });
	};
	// "toggle" does not bubble.
	frame.addEventListener('toggle', ({ target }) => look(target), { capture: true });
	for (const fold of frame.querySelectorAll('details[open]')) look(fold);
}
