/** The "run" buttons of code blocks, and the note under a block whose terminal is busy or whose program stays. */
import { fill } from '../i18n/fill.ts';
import type { Strings } from '../i18n/fr.ts';
import { splitCommands } from '../shared/split-commands.ts';
import { blockText, say, setNote } from './block-note.ts';
import { announce, button, make } from './dom.ts';
import { comparedWith, showComparison } from './printed.ts';
import type { LabTerminal } from './terminal.ts';

interface Run {
	figure: HTMLElement;
	/** Its last command is to stay in the foreground. */
	stays: boolean;
}

/**
 * @param terminal the one of that number, or the one in use, in sight and live; rejects with a sentence for the learner
 * @returns `refresh` brings the notes up to date: call it when a terminal has changed
 */
export function addRunButtons(frame: HTMLElement, t: Strings, terminal: (number?: string) => Promise<LabTerminal>): { refresh(): void } {
	/** The last click wins while the bench comes up. */
	let clicks = 0;
	/** What was run last in each terminal. */
	const runs = new Map<LabTerminal, Run>();
	const refresh = () => {
		for (const [target, run] of runs) showRun(run, target, t);
	};
	for (const figure of frame.querySelectorAll<HTMLElement>('figure[data-run]')) {
		const { terminal: number, nowait, interrupt } = figure.dataset;
		const stays = nowait !== undefined;
		const run = async () => {
			const text = blockText(figure);
			if (text === undefined) return void say(figure, t.requestFailed);
			setNote(figure, []);
			const commands = splitCommands(text);
			if (commands.length === 0) return announce(t.emptyBlock);
			const click = ++clicks;
			const patience = setTimeout(() => say(figure, t.notReady), 400);
			try {
				const target = await terminal(number);
				clearTimeout(patience);
				setNote(figure, []);
				if (click !== clicks) return;
				const last = runs.get(target);
				if (last?.figure === figure && stays && !target.idle && target.queue.left === 0 && interrupt === undefined) {
					announce(fill(t.staysAlready, { n: target.number }));
					return refresh();
				}
				if (last) setNote(last.figure, []);
				runs.set(target, { figure, stays });
				target.queue.cancel();
				watchPrinted(figure, target, commands.length, t);
				if (interrupt !== undefined && !target.idle) target.interrupt();
				target.queue.add(commands);
				announce(target.queue.left === commands.length ? fill(t.busy, { command: target.command || t.busyUnknown }) : t.sent);
				refresh();
			} catch (error) {
				clearTimeout(patience);
				say(figure, error instanceof Error ? error.message : t.notReady);
			}
		};
		const label = figure.closest('[data-solution]') ? t.doItForMe : t.run;
		const element = button('', () => void run(), { class: 'run-button', 'data-run-button': true });
		element.append(make('span', { class: 'lab-icon', 'aria-hidden': 'true' }), label);
		// Where there is little room, it is only heard: the block's caption says it, too.
		if (number) element.append(make('span', { class: 'run-where' }, ` ${fill(t.runWhere, { n: number })}`));
		figure.querySelector('.copy')?.before(element);
	}
	return { refresh };
}

/** Once all of the block's commands have ended, what they printed is held against the output that the text shows after it. */
function watchPrinted(figure: HTMLElement, target: LabTerminal, count: number, t: Strings): void {
	const output = comparedWith(figure);
	const printed: (string | undefined)[] = [];
	if (output) showComparison(output, undefined, t);
	target.onPrinted = (text) => {
		printed.push(text);
		if (printed.length < count) return;
		target.onPrinted = undefined;
		const all = printed.filter((one) => one !== undefined);
		if (output && all.length === count) showComparison(output, all.join('\n'), t);
	};
}

/** What waits, with the choice; that a program stays, and how to end it; otherwise nothing. */
function showRun({ figure, stays }: Run, terminal: LabTerminal, t: Strings): void {
	const { queue } = terminal;
	const command = (terminal.command || t.busyUnknown).split('\n')[0] ?? '';
	if (queue.left > 0) {
		setNote(figure, [
			make('span', { style: 'flex:1 1 12rem' }, `${fill(t.busy, { command })}. ${fill(t.queueLeft, { n: queue.left })}`),
			button(t.typeAnyway, () => queue.typeNext()),
			button(t.cancel, () => queue.cancel(), { class: 'quiet' }),
		]);
	} else if (stays && terminal.live && !terminal.exited && !terminal.idle) {
		setNote(figure, [
			make('span', { style: 'flex:1 1 12rem' }, fill(t.stays, { command, n: terminal.number })),
			button(t.stop, () => terminal.interrupt(), { class: 'quiet' }),
		]);
	} else setNote(figure, []);
}
