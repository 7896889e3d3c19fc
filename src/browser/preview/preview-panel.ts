/** A program's web page in a frame, with a bar: which port, load it again, in a tab of the browser, away. Loaded when the first is opened. */
import type { PreviewStrings } from '../../i18n/preview-fr.ts';
import { fill } from '../../shared/fill.ts';
import previewStyles from '../../styles/preview.css?inline';
import { addStyles, announce, button, make } from '../dom.ts';
import type { GuestTab } from '../terminal/terminals.ts';

/**
 * What the page in the frame may do. It has an origin of its own, so that it may be one (storage, WebSockets, its own requests); it may not take
 * the lesson's place in the window.
 */
const allowed = 'allow-scripts allow-same-origin allow-forms allow-modals allow-downloads allow-popups allow-popups-to-escape-sandbox';

interface Where {
	port: number;
	path: string;
}

interface PreviewPanelOptions {
	t: PreviewStrings;
	/** An address to open at once. @throws Error with a sentence */
	address(where: Where): Promise<string>;
	close(): void;
}

export class PreviewPanel implements GuestTab {
	readonly name = 'preview';
	readonly label: string;
	readonly element: HTMLElement;
	readonly #options: PreviewPanelOptions;
	readonly #port = make('input', { inputmode: 'numeric', autocomplete: 'off', pattern: '[0-9]{1,5}', maxlength: '5', size: '5' });
	readonly #said = make('p', { class: 'preview-said', role: 'status' });
	readonly #place = make('div', { class: 'preview-place' });
	readonly #tools: HTMLButtonElement[];
	#where: Where | undefined;
	/** How often something has been asked for: an older answer than the last is of no use. */
	#asked = 0;

	constructor(options: PreviewPanelOptions) {
		addStyles(previewStyles);
		const { t, close } = options;
		this.#options = options;
		this.label = t.tab;
		const icon = (name: string, label: string, onClick: () => void) => {
			const element = button('', onClick, { class: 'quiet icon-button', 'aria-label': label, title: label });
			element.append(make('span', { class: `lab-icon icon-${name}`, 'aria-hidden': 'true' }));
			return element;
		};
		this.#tools = [icon('reload', t.reload, () => void this.#load()), icon('out', t.newTab, () => void this.#openOutside())];
		const form = make(
			'form',
			{ class: 'preview-bar' },
			make('label', {}, `${t.port} `, this.#port),
			make('button', { class: 'button' }, t.show),
		);
		form.append(make('span', { class: 'preview-tools' }, ...this.#tools, icon('away', t.close, close)));
		form.addEventListener('submit', (event) => {
			event.preventDefault();
			const port = Number(this.#port.value);
			if (Number.isInteger(port) && port > 0 && port < 65_536) void this.open({ port, path: '/' });
			else this.ask();
		});
		this.element = make('div', { class: 'preview-panel', role: 'tabpanel', id: 'terminal-preview', 'aria-labelledby': 'tab-preview' });
		this.element.append(form, this.#said, this.#place);
		this.#say(t.which);
	}

	shown(): void {}

	/** Where nothing is shown yet, or what was typed is no port. */
	ask(): void {
		if (!this.#where || this.#port.value !== String(this.#where.port)) this.#say(this.#options.t.which);
		this.#port.focus();
		this.#port.select();
	}

	async open(where: Where): Promise<void> {
		this.#where = where;
		this.#port.value = String(where.port);
		const { t } = this.#options;
		if (await this.#load()) announce(fill(t.opened, { port: where.port }));
	}

	/** @returns whether it is in the frame now */
	async #load(): Promise<boolean> {
		const where = this.#where;
		if (!where) return false;
		const turn = ++this.#asked;
		const address = await this.#address(where);
		if (address === undefined || turn !== this.#asked) return false;
		const title = fill(this.#options.t.title, { port: where.port });
		// Another frame each time: what the one before does to its history is not the lesson's.
		const frame = make('iframe', { title, sandbox: allowed, referrerpolicy: 'no-referrer', src: address });
		this.#place.replaceChildren(frame);
		return true;
	}

	/** Opened at the press, which is when browsers allow it; it cannot reach this page. */
	async #openOutside(): Promise<void> {
		if (!this.#where) return;
		const tab = open('about:blank', '_blank');
		if (tab) tab.opener = null;
		const address = await this.#address(this.#where);
		if (address === undefined) tab?.close();
		else tab?.location.replace(address);
	}

	async #address(where: Where): Promise<string | undefined> {
		try {
			const address = await this.#options.address(where);
			this.#say('');
			return address;
		} catch (error) {
			this.#place.replaceChildren();
			this.#say(error instanceof Error ? error.message : String(error));
			return undefined;
		}
	}

	#say(sentence: string): void {
		this.#said.textContent = sentence;
		this.#said.hidden = sentence === '';
		for (const tool of this.#tools) tool.disabled = this.#where === undefined;
	}
}
