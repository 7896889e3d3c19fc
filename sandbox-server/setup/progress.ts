/**
 * What a person sees while a machine is prepared: steps with the time they took; a live line on a terminal, plain lines otherwise.
 * Everything that the programs behind a step say goes into the log file, and with --verbose on the screen too.
 */
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { plainText } from '../../src/shared/control-sequences.ts';
import { visible, visibleLine } from '../../src/shared/visible.ts';
import { Failure } from './failure.ts';

export interface Screen {
	write(text: string): unknown;
	isTTY?: boolean | undefined;
	columns?: number | undefined;
}

/** 3200 → "3.2 s", 72000 → "1 min 12 s". */
export function elapsed(ms: number): string {
	if (ms < 100) return '0 s';
	if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
	const seconds = Math.round(ms / 1000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** What a program says, without its colours and cursor moves; what it writes over its own words is a line of its own. */
const plainLines = (text: string): string =>
	plainText(text)
		.replace(/[\r\b]+\n?/g, '\n')
		.replace(/\n$/, '');

/** The same as one line. */
const plainLine = (text: string): string => visibleLine(plainLines(text).replace(/\s+/g, ' '));

export class Step {
	/** Replaces the step's closing remark, such as "already there". */
	remark = '';
	readonly #progress: Progress;
	constructor(progress: Progress) {
		this.#progress = progress;
	}
	/** One line of what a program says: to the log, and as the live line's end. */
	detail(line: string): void {
		this.#progress.detail(line);
	}
}

export class Progress {
	readonly #screen: Screen;
	readonly #verbose: boolean;
	readonly #clock: () => number;
	#log: { path: string; fd: number } | undefined;
	#current: { title: string; started: number; last: string; timer: NodeJS.Timeout } | undefined;

	/** @param options.clock ms; for tests */
	constructor(screen: Screen, options: { verbose?: boolean; clock?: () => number } = {}) {
		this.#screen = screen;
		this.#verbose = options.verbose ?? false;
		this.#clock = options.clock ?? (() => performance.now());
	}

	/** From here on everything is written to this file too; it starts empty. */
	openLog(path: string): void {
		this.close();
		this.#log = { path, fd: openSync(path, 'w', 0o600) };
	}

	get logPath(): string | undefined {
		return this.#log?.path;
	}

	close(): void {
		if (this.#log) closeSync(this.#log.fd);
		this.#log = undefined;
	}

	/**
	 * Runs one step and shows it. Steps do not nest: a step inside a step becomes a detail of the outer one.
	 * @throws what `work` throws; a Failure gets the path of the log file
	 */
	async step<T>(named: string, work: (step: Step) => Promise<T>): Promise<T> {
		const title = visibleLine(named);
		if (this.#current) {
			this.detail(title);
			return work(new Step(this));
		}
		const live = this.#screen.isTTY === true && !this.#verbose;
		const started = this.#clock();
		const timer = setInterval(() => this.#draw(), 250).unref();
		this.#current = { title, started, last: '', timer };
		this.#toLog(`== ${title}`);
		if (!live) this.#screen.write(`… ${title}\n`);
		const step = new Step(this);
		const finish = (mark: string, remark: string): void => {
			clearInterval(timer);
			this.#current = undefined;
			const text = `${mark} ${title}${remark ? ` — ${visibleLine(remark)}` : ''} (${elapsed(this.#clock() - started)})`;
			this.#toLog(text);
			this.#screen.write(live ? `\r\u001b[K${text}\n` : `${text}\n`);
		};
		try {
			if (live) this.#draw();
			const result = await work(step);
			finish('✓', step.remark);
			return result;
		} catch (error) {
			finish('✗', '');
			this.#toLog(error instanceof Error ? (error.stack ?? error.message) : String(error));
			if (error instanceof Failure) error.log ??= this.logPath;
			throw error;
		}
	}

	detail(line: string): void {
		this.#toLog(line);
		if (this.#verbose) this.#screen.write(`    ${visible(plainLines(line)).replaceAll('\n', '\n    ')}\n`);
		const clean = plainLine(line).trim();
		if (this.#current && clean) this.#current.last = clean;
		this.#draw();
	}

	/** A sentence that stays on the screen. */
	say(text: string): void {
		this.#toLog(text);
		if (this.#current && this.#screen.isTTY && !this.#verbose) this.#screen.write('\r\u001b[K');
		this.#screen.write(`${visible(text)}\n`);
		this.#draw();
	}

	/** A sentence for whoever is at the screen, and for no log: what opens a door. */
	tell(text: string): void {
		this.clearLine();
		this.#screen.write(`${visible(text)}\n`);
		this.#draw();
	}

	/** Takes the live line away, so that a question can be asked. */
	clearLine(): void {
		if (this.#current && this.#screen.isTTY && !this.#verbose) this.#screen.write('\r\u001b[K');
	}

	#draw(): void {
		const current = this.#current;
		if (!current || !this.#screen.isTTY || this.#verbose) return;
		const head = `… ${current.title} (${elapsed(this.#clock() - current.started)})`;
		const room = (this.#screen.columns ?? 80) - head.length - 3;
		const tail = room > 8 && current.last ? `  ${current.last.slice(0, room)}` : '';
		this.#screen.write(`\r\u001b[K${head}${tail}`);
	}

	#toLog(line: string): void {
		if (!this.#log) return;
		try {
			appendFileSync(this.#log.fd, `${visible(plainLines(line))}\n`);
		} catch {
			// The log is a help; a disk that is full is reported by the step that needs the space.
		}
	}
}
