/** The "run" buttons of code blocks, and the note under a block whose terminal is busy. */
import { fill } from '../i18n/fill.ts';
import type { Strings } from '../i18n/fr.ts';
import { splitCommands } from '../shared/split-commands.ts';
import { announce, button, make } from './dom.ts';
import type { LabTerminal } from './terminal.ts';

/** @param terminal the one to type into, in sight and live; rejects with a sentence for the learner */
export function addRunButtons(frame: HTMLElement, t: Strings, terminal: () => Promise<LabTerminal>): { refresh(): void } {
	/** The last click wins while the bench comes up. */
	let clicks = 0;
	let current: { figure: HTMLElement; terminal: LabTerminal } | undefined;
	const refresh = () => {
		if (current) showNote(current.figure, current.terminal, t);
	};
	for (const figure of frame.querySelectorAll<HTMLElement>('figure[data-run]')) {
		const label = figure.closest('[data-solution]') ? t.doItForMe : t.run;
		const run = async () => {
			// The learner's own values are not known yet: what would be typed are examples.
			if (figure.querySelector('[data-templates]')) return setNote(figure, [make('span', {}, t.requestFailed)]);
			setNote(figure, []);
			// Expressive Code puts the text on its copy button, lines parted by DEL, comments left out.
			const text = figure.querySelector<HTMLElement>('.copy button')?.dataset.code ?? figure.querySelector('code')?.innerText ?? '';
			const commands = splitCommands(text.replaceAll('\x7f', '\n'));
			if (commands.length === 0) return announce(t.emptyBlock);
			const click = ++clicks;
			const patience = setTimeout(() => setNote(figure, [make('span', {}, t.notReady)]), 400);
			try {
				const target = await terminal();
				clearTimeout(patience);
				setNote(figure, []);
				if (click !== clicks) return;
				if (current) showNote(current.figure, undefined, t);
				current = { figure, terminal: target };
				target.queue.cancel();
				target.queue.add(commands);
				announce(target.queue.left === commands.length ? fill(t.busy, { command: target.command || t.busyUnknown }) : t.sent);
				refresh();
			} catch (error) {
				clearTimeout(patience);
				setNote(figure, [make('span', {}, error instanceof Error ? error.message : t.notReady)]);
			}
		};
		const element = button('', () => void run(), { class: 'run-button', 'data-run-button': true });
		element.append(make('span', { class: 'lab-icon', 'aria-hidden': 'true' }), label);
		figure.querySelector('.copy')?.before(element);
	}
	return { refresh };
}

/** Shows what waits, and the choice; nothing when nothing waits. */
function showNote(figure: HTMLElement, terminal: LabTerminal | undefined, t: Strings): void {
	const queue = terminal?.queue;
	if (!terminal || !queue || queue.left === 0) return setNote(figure, []);
	const command = (terminal.command || t.busyUnknown).split('\n')[0] ?? '';
	setNote(figure, [
		make('span', { style: 'flex:1 1 12rem' }, `${fill(t.busy, { command })}. ${fill(t.queueLeft, { n: queue.left })}`),
		button(t.typeAnyway, () => queue.typeNext()),
		button(t.cancel, () => queue.cancel(), { class: 'quiet' }),
	]);
}

function setNote(figure: HTMLElement, children: Node[]): void {
	let note = figure.querySelector<HTMLElement>('.run-note');
	if (children.length === 0) return note?.remove();
	if (!note) {
		note = make('div', { class: 'run-note', role: 'status' });
		figure.append(note);
	}
	// The same words again would only make a screen reader repeat itself, and take the focus from a button.
	const text = children.map((child) => child.textContent).join('|');
	if (note.dataset.text === text) return;
	note.dataset.text = text;
	note.replaceChildren(...children);
}
