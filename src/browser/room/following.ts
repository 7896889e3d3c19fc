/** "Follow me": offers to go along with the trainer, goes to each of their steps, and can be left at any time. */
import type { AttendeeStrings } from '../../i18n/attendee-fr.ts';
import { fill } from '../../shared/fill.ts';
import type { MemberState } from '../../shared/protocol/room-member.ts';
import { announce, button, make } from '../dom.ts';

/** Kept for the next page of this tab: the trainer may lead to another lesson. */
const key = 'etabli-room-follows';

interface FollowingDeps {
	t: AttendeeStrings;
	/** Slug of this page's lesson. */
	lesson: string;
	addressOf: (lesson: string, step: string) => string;
}

export class Following {
	readonly element = make('div', { class: 'room-follow', role: 'status', hidden: true });
	readonly #deps: FollowingDeps;
	/** Where they were led to last. */
	#shown = '';

	constructor(deps: FollowingDeps) {
		this.#deps = deps;
	}

	show(follow: MemberState['follow']): void {
		const { t } = this.#deps;
		const to = follow && `${follow.lesson} ${follow.step}`;
		if (to === this.#shown) return;
		const first = this.#shown === '';
		this.#shown = to ?? '';
		this.element.hidden = !follow;
		if (!follow) {
			sessionStorage.removeItem(key);
			return this.element.replaceChildren();
		}
		const follows = sessionStorage.getItem(key) !== null;
		const act = follows
			? button(t.followLeave, () => {
					sessionStorage.removeItem(key);
					this.#again(follow);
				})
			: button(t.followGo, () => {
					sessionStorage.setItem(key, 'yes');
					this.#again(follow);
				});
		this.element.replaceChildren(make('span', {}, fill(follows ? t.following : t.followAsk, { name: follow.by })), act);
		if (first && !follows) announce(fill(t.followAsk, { name: follow.by }));
		if (follows) this.#go(follow);
	}

	#again(follow: NonNullable<MemberState['follow']>): void {
		this.#shown = 'chosen';
		this.show(follow);
		this.element.querySelector('button')?.focus();
	}

	#go({ lesson, step }: NonNullable<MemberState['follow']>): void {
		if (lesson !== this.#deps.lesson) return location.assign(this.#deps.addressOf(lesson, step));
		document.querySelector(`.step[data-step="${CSS.escape(step)}"]`)?.scrollIntoView({ block: 'start' });
	}
}
