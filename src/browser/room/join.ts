/** The page where people join a room: the code, a name, then the four words; or the words, and one is back. */
import type { z } from 'zod';
import { fill } from '../../shared/fill.ts';
import type { doorSchema, joinedSchema } from '../../shared/protocol/rooms.ts';
import { codeOf } from '../code-of.ts';
import { make } from '../dom.ts';
import { attendeeApi, type Texts, textsOf } from './attendee.ts';

type Door = z.output<typeof doorSchema>;
type Part = 'code' | 'name' | 'known' | 'words';

/** A value of the list that no name can be. */
const notListed = ' ';

class JoinPage {
	readonly #page: HTMLElement;
	readonly #texts: Texts;
	readonly #api: ReturnType<typeof attendeeApi>;
	/** The code as it was typed, once a room has it. */
	#code = '';
	/** Somebody else than whoever is known in this browser. */
	#stranger = false;

	constructor(page: HTMLElement) {
		this.#page = page;
		this.#texts = textsOf(page);
		this.#api = attendeeApi(this.#texts);
		this.#onSubmit('[data-part=code]', () => this.#door(this.#input('#room-code').value));
		this.#onSubmit('[data-part=name]', () => this.#join());
		this.#onSubmit('[data-back]', async () => {
			await this.#api.back(this.#input('#room-back').value);
			const { rooms } = await this.#api.mine();
			location.assign(this.#lesson(rooms[0]));
		});
		this.#onPress('code', () => this.#show('code'));
		this.#onPress('again', () => this.#show('name'));
		this.#onPress('stranger', () => {
			this.#stranger = true;
			this.#show('name');
		});
		this.#onPress('print', () => print());
		this.#find<HTMLSelectElement>('#room-pick').addEventListener('change', () => this.#picked());
		addEventListener('hashchange', () => this.#codeOfAddress());
		this.#codeOfAddress();
	}

	/** Out of the address at once: it is not to be read over a shoulder, nor does the room it belongs to stay open. */
	#codeOfAddress(): void {
		const code = codeOf(location.hash).slice(0, 40);
		if (code === '') return;
		history.replaceState(history.state, '', location.pathname);
		this.#input('#room-code').value = code;
		this.#find<HTMLFormElement>('[data-part=code]').requestSubmit();
	}

	async #door(code: string): Promise<void> {
		const door = await this.#api.door(code);
		this.#code = code;
		this.#stranger = false;
		this.#entitle('name', this.#texts.t.nameTitle, door);
		this.#entitle('known', this.#texts.t.knownTitle, door);
		this.#offerNames(door);
		for (const line of this.#page.querySelectorAll<HTMLElement>('[data-hand-looks]')) line.hidden = !door.handLooks;
		const about = door.handLooks ? 'room-name-help room-hand-looks' : 'room-name-help';
		for (const input of ['#room-pick', '#room-name']) this.#find(input).setAttribute('aria-describedby', about);
		for (const link of this.#page.querySelectorAll<HTMLAnchorElement>('[data-lesson]')) link.href = this.#lesson(door);
		if (door.known === undefined) return this.#show('name');
		this.#find('[data-part=known] [data-text]').textContent = fill(this.#texts.t.knownText, { name: door.known });
		this.#show('known');
	}

	#offerNames({ names }: Door): void {
		const { pickNone, pickOther } = this.#texts.t;
		const pick = this.#find<HTMLSelectElement>('#room-pick');
		const sorted = [...names].sort((one, other) => one.localeCompare(other, this.#texts.language));
		pick.replaceChildren(
			make('option', { value: '' }, pickNone),
			...sorted.map((name) => make('option', { value: name }, name)),
			make('option', { value: notListed }, pickOther),
		);
		this.#find('[data-pick]').hidden = names.length === 0;
		this.#picked();
	}

	/** Whoever is not in the list types their name. */
	#picked(): void {
		const listed = !this.#find('[data-pick]').hidden;
		const typed = !listed || this.#find<HTMLSelectElement>('#room-pick').value === notListed;
		this.#find('[data-type]').hidden = !typed;
		this.#input('#room-name').required = typed;
		if (listed && typed) this.#input('#room-name').focus();
	}

	async #join(): Promise<void> {
		const typed = !this.#find('[data-type]').hidden;
		const name = typed ? this.#input('#room-name').value : this.#find<HTMLSelectElement>('#room-pick').value;
		if (name === '') throw new Error(this.#texts.t.pickMissing);
		const joined = await this.#api.join({ code: this.#code, name, stranger: this.#stranger });
		if (joined.word === undefined) location.assign(this.#lesson(joined.room));
		else this.#showWords(joined, joined.word);
	}

	#showWords({ room, name }: z.output<typeof joinedSchema>, word: string): void {
		const { wordsIn, wordsHow } = this.#texts.t;
		const part = this.#find('[data-part=words]');
		this.#find('[data-text]', part).textContent = fill(wordsIn, { title: room.title, name });
		this.#find('.room-words', part).replaceChildren(...word.split('-').map((one) => make('li', {}, one)));
		this.#find('[data-how]', part).textContent = fill(wordsHow, { address: `${location.host}/join` });
		this.#find('[data-part=back]').hidden = true;
		this.#show('words');
	}

	/** Address of a room's first lesson; the home page when this site has no such course. */
	#lesson(room: { course: string; lessons: string[] } | undefined): string {
		const { language } = this.#texts;
		const first = JSON.parse(this.#page.dataset.first ?? '{}') as Record<string, string>;
		const lesson = room && (room.lessons[0] ?? first[room.course]);
		return room && lesson && first[room.course] ? `/${language}/${room.course}/${lesson}/` : `/${language}/`;
	}

	#entitle(part: Part, text: string, { title }: Door): void {
		this.#find('[data-title]', this.#find(`[data-part=${part}]`)).textContent = fill(text, { title });
	}

	/** One part at a time, with the keyboard where it begins. */
	#show(part: Part): void {
		for (const one of ['code', 'name', 'known', 'words']) this.#find(`[data-part=${one}]`).hidden = one !== part;
		const shown = this.#find(`[data-part=${part}]`);
		(shown.querySelector<HTMLElement>('[data-title]') ?? this.#input('#room-code')).focus();
	}

	/** Does it; what goes wrong is said in the form, and what was typed stays to be mended. */
	#onSubmit(selector: string, action: () => Promise<void>): void {
		const form = this.#find<HTMLFormElement>(selector);
		const said = this.#find('[role=alert]', form);
		form.addEventListener('submit', async (event) => {
			event.preventDefault();
			const press = form.querySelector<HTMLButtonElement>('button:not([type])');
			if (press?.disabled) return;
			press?.toggleAttribute('disabled', true);
			said.textContent = '';
			try {
				await action();
			} catch (error) {
				said.textContent = error instanceof Error ? error.message : this.#texts.t.failed;
				form.querySelector<HTMLInputElement>('input:not([hidden])')?.select();
			} finally {
				press?.toggleAttribute('disabled', false);
			}
		});
	}

	#onPress(does: string, action: () => void): void {
		for (const element of this.#page.querySelectorAll(`[data-does=${does}]`)) element.addEventListener('click', action);
	}

	#input(selector: string): HTMLInputElement {
		return this.#find<HTMLInputElement>(selector);
	}

	#find<E extends HTMLElement = HTMLElement>(selector: string, within: HTMLElement = this.#page): E {
		const found = within.querySelector<E>(selector);
		if (!found) throw new Error(`no ${selector} on this page`);
		return found;
	}
}

const page = document.getElementById('join');
if (page) new JoinPage(page);
