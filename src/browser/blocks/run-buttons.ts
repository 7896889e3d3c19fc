/** The "run" buttons of code blocks, and the note under a block whose terminal is busy or whose program stays. */

import type { Strings } from '../../i18n/fr.ts';
import { splitCommands } from '../../shared/course/split-commands.ts';
import { fill } from '../../shared/fill.ts';
import { announce, button, make } from '../dom.ts';
import { comparedWith, showComparison } from '../terminal/printed.ts';
import type { LabTerminal } from '../terminal/terminal.ts';
import { terminalWhere } from '../terminal/terminal-label.ts';
import { blockText, say, setNote } from './block-note.ts';
import { isSecondHalf } from './double-click.ts';

/** Programs that are shells, and those that show others: what runs in them tells of no prompt, unless it is a bash of ours. */
const shells = /^(exec +)?(\S*\/)?(sh|dash|ash|bash|zsh|fish|ksh|csh|tcsh|su|sudo|tmux|screen|script|ssh|(apptainer|singularity) +shell)\b/;

export interface RunButtons {
	/** Brings the notes up to date: call it when a terminal has changed. */
	refresh(): void;
	/** What that terminal does from now on is none of a block's. */
	release(terminal: LabTerminal): void;
}

interface Run {
	figure: HTMLElement;
	/** Its last command is to stay in the foreground. */
	stays: boolean;
}

/**
 * @param terminal the one of that number or node, or the one in use, in sight and live; rejects with a sentence for the learner
 */
export function addRunButtons(frame: HTMLElement, t: Strings, terminal: (number?: string) => Promise<LabTerminal>): RunButtons {
	/** The last click wins while the lab comes up. */
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
				announce(target.queue.left === commands.length ? whyNot(target, t) : t.sent);
				refresh();
			} catch (error) {
				clearTimeout(patience);
				say(figure, error instanceof Error ? error.message : t.notReady);
			}
		};
		const label = figure.closest('[data-solution]') ? t.doItForMe : t.run;
		const element = button('', (event) => isSecondHalf(event) || void run(), { class: 'run-button', 'data-run-button': true });
		element.append(make('span', { class: 'lab-icon', 'aria-hidden': 'true' }), label);
		// Where there is little room, it is only heard: the block's caption says it, too.
		if (number) element.append(make('span', { class: 'run-where' }, ` ${terminalWhere(number, t)}`));
		figure.querySelector('.copy')?.before(element);
	}
	const release = (target: LabTerminal) => {
		const last = runs.get(target);
		if (last) setNote(last.figure, []);
		runs.delete(target);
		target.queue.cancel();
		target.onPrinted = undefined;
	};
	return { refresh, release };
}

/** Why a command is not typed now. */
export function whyNot(terminal: LabTerminal, t: Strings): string {
	if (terminal.marks.unfinished) return t.unfinished;
	const command = firstLine(terminal, t);
	return shells.test(command) ? t.busyShell : `${fill(t.busy, { command })}.`;
}

/** What can be done about commands that wait. */
export function choices(terminal: LabTerminal, t: Strings): HTMLElement[] {
	const { marks, queue } = terminal;
	// After an interrupt the next prompt is the queue's.
	const goOn = marks.unfinished ? button(t.abandonAndRun, () => terminal.interrupt()) : button(t.typeAnyway, () => queue.typeNext());
	return [goOn, button(t.cancel, () => queue.cancel(), { class: 'quiet' })];
}

const firstLine = (terminal: LabTerminal, t: Strings): string => (terminal.command || t.busyUnknown).split('\n')[0] ?? '';

/** Once all of the block's commands have ended, it says so (`data-ran`), and what they printed is held against the output that the text shows next. */
function watchPrinted(figure: HTMLElement, target: LabTerminal, count: number, t: Strings): void {
	const output = comparedWith(figure);
	const printed: (string | undefined)[] = [];
	delete figure.dataset['ran'];
	if (output) showComparison(output, undefined, t);
	target.onPrinted = (text) => {
		printed.push(text);
		if (printed.length !== count) return;
		figure.dataset['ran'] = '';
		const all = printed.filter((one) => one !== undefined);
		if (output && all.length === count) showComparison(output, all.join('\n'), t);
	};
}

/** What waits, with the choice; that a program stays, and how to end it; otherwise nothing. */
function showRun({ figure, stays }: Run, terminal: LabTerminal, t: Strings): void {
	const { queue } = terminal;
	const command = firstLine(terminal, t);
	if (queue.left > 0) {
		const left = terminal.marks.unfinished || shells.test(command) ? '' : ` ${fill(t.queueLeft, { n: queue.left })}`;
		setNote(figure, [make('span', { style: 'flex:1 1 12rem' }, `${whyNot(terminal, t)}${left}`), ...choices(terminal, t)]);
	} else if (stays && terminal.live && !terminal.exited && !terminal.idle) {
		setNote(figure, [
			make('span', { style: 'flex:1 1 12rem' }, fill(t.stays, { command, n: terminal.number })),
			button(t.stop, () => terminal.interrupt(), { class: 'quiet' }),
		]);
	} else setNote(figure, []);
}
