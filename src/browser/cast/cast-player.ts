/** Plays a recording in the place of its text: asciinema's player, with controls in the page's language that a keyboard and a reader know. */
import { create, type Player } from 'asciinema-player';
import playerStyles from 'asciinema-player/dist/bundle/asciinema-player.css?inline';
import type { CastStrings } from '../../i18n/cast-fr.ts';
import { addStyles, button, make } from '../dom.ts';
import { monospace } from '../terminal/terminal-options.ts';
import { themeStyles } from './cast-theme.ts';

/** How often the position is shown while it plays, ms. */
const shownMs = 250;

let styled = false;

/** @param host the element of the recording; @param play its button, which the controls stand for meanwhile. @throws Error when it cannot be had */
export async function playCast(host: HTMLElement, play: HTMLButtonElement): Promise<void> {
	const response = await fetch(host.dataset.src ?? '');
	if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
	const cast = await response.text();
	if (!styled) addStyles(playerStyles + themeStyles());
	styled = true;
	new CastPlayer(host, play, cast).open();
}

class CastPlayer {
	readonly #host: HTMLElement;
	readonly #play: HTMLButtonElement;
	/** What stands there when nothing is played: the button, and the text. */
	readonly #resting: HTMLElement[];
	readonly #cast: string;
	readonly #texts: CastStrings;
	readonly #screen = make('div', { class: 'cast-player not-content' });
	readonly #controls: HTMLElement;
	readonly #pause: HTMLButtonElement;
	readonly #position: HTMLInputElement;
	readonly #time = make('output');
	/** Colours are read when a player is made. */
	readonly #theme = new MutationObserver(() => this.#again());
	#player: Player | undefined;
	#timer: number | undefined;
	#playing = false;

	constructor(host: HTMLElement, play: HTMLButtonElement, cast: string) {
		this.#host = host;
		this.#play = play;
		this.#resting = [...host.querySelectorAll<HTMLElement>('.cast-bar, .cast-text')];
		this.#cast = cast;
		this.#texts = JSON.parse(host.dataset.texts ?? '{}') as CastStrings;
		this.#pause = button(this.#texts.resume, () => this.#toggle());
		this.#position = make('input', { type: 'range', min: '0', max: '0', step: '1', 'aria-label': this.#texts.position });
		this.#position.value = '0';
		this.#position.addEventListener('input', () => this.#seek(Number(this.#position.value)));
		const close = button(this.#texts.close, () => this.#close());
		const label = { class: 'cast-bar not-content', role: 'group', 'aria-label': this.#texts.controls };
		this.#controls = make('div', label, this.#pause, this.#position, this.#time, close);
	}

	open(): void {
		this.#resting[0]?.before(this.#controls, this.#screen);
		for (const part of this.#resting) part.hidden = true;
		// Who asks for little movement starts it with a second yes.
		const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
		this.#mount({ at: 0, playing: !still });
		this.#theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
		this.#pause.focus();
	}

	#mount({ at, playing }: { at: number; playing: boolean }): void {
		const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
		const player = create({ data: this.#cast }, this.#screen, {
			...{ autoPlay: playing, preload: true, startAt: at, poster: `npt:${at}`, idleTimeLimit: Number(this.#host.dataset.idle) },
			...{ controls: false, fit: 'width', theme: 'etabli', terminalFontFamily: monospace, cursorMode: still ? 'steady' : 'blinking' },
		});
		this.#player = player;
		player.addEventListener('playing', () => this.#set(true));
		player.addEventListener('pause', () => this.#set(false));
		player.addEventListener('ended', () => this.#set(false));
		this.#show();
		this.#timer = window.setInterval(() => this.#show(), shownMs);
	}

	#set(playing: boolean): void {
		this.#playing = playing;
		this.#pause.textContent = playing ? this.#texts.pause : this.#texts.resume;
		this.#show();
	}

	#toggle(): void {
		void (this.#playing ? this.#player?.pause() : this.#player?.play());
	}

	#seek(to: number): void {
		void this.#player?.seek(to).then(() => this.#show());
	}

	#show(): void {
		const now = Math.floor(this.#player?.getCurrentTime() ?? 0);
		const all = Math.floor(this.#player?.getDuration() ?? 0);
		const shown = `${clock(now)} / ${clock(all)}`;
		if (this.#time.textContent === shown) return;
		this.#position.max = String(all);
		this.#position.value = String(now);
		this.#position.setAttribute('aria-valuetext', shown);
		this.#time.textContent = shown;
	}

	#again(): void {
		const at = this.#player?.getCurrentTime() ?? 0;
		const playing = this.#playing;
		this.#dispose();
		this.#mount({ at, playing });
	}

	#dispose(): void {
		window.clearInterval(this.#timer);
		this.#player?.dispose();
		this.#player = undefined;
	}

	#close(): void {
		this.#theme.disconnect();
		this.#dispose();
		this.#controls.remove();
		this.#screen.remove();
		for (const part of this.#resting) part.hidden = false;
		this.#play.focus();
	}
}

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
