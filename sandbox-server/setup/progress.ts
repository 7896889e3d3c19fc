/**
 * What a person sees while a machine is prepared: steps with the time they took; a live line on a terminal, plain lines otherwise. Steps may
 * run side by side. Everything that the programs behind a step say goes into the log file, and with --verbose on the screen too.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
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

/** A step that is under way. */
interface Running {
	title: string;
	started: number;
	/** The last words of the program behind it. */
	last: string;
}

export class Step {
	/** Replaces the step's closing remark, such as "already there". */
	remark = '';
	readonly #tell: (line: string) => void;
	constructor(tell: (line: string) => void) {
		this.#tell = tell;
	}
	/** One line of what a program says: to the log, and as the live line's end. */
	detail(line: string): void {
		this.#tell(line);
	}
}

export class Progress {
	readonly #screen: Screen;
	readonly #verbose: boolean;
	readonly #clock: () => number;
	#log: { path: string; fd: number } | undefined;
	/** Oldest first. */
	readonly #running = new Set<Running>();
	/** The step that a piece of work belongs to: steps side by side are told apart by it from a step inside a step. */
	readonly #inside = new AsyncLocalStorage<Running>();
	#timer: NodeJS.Timeout | undefined;
	/** What the screen is to get once a question has been answered; undefined: nothing is being asked. */
	#held: string[] | undefined;

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
	 * Runs one step and shows it; several may run at once. Steps do not nest: a step inside a step becomes a detail of the outer one.
	 * @throws what `work` throws; a Failure gets the path of the log file
	 */
	async step<T>(named: string, work: (step: Step) => Promise<T>): Promise<T> {
		const title = visibleLine(named);
		const outer = this.#inside.getStore();
		if (outer && this.#running.has(outer)) {
			this.#detail(title, outer);
			return work(new Step((line) => this.#detail(line, outer)));
		}
		const running: Running = { title, started: this.#clock(), last: '' };
		const step = new Step((line) => this.#detail(line, running));
		this.#begin(running);
		try {
			const result = await this.#inside.run(running, work, step);
			this.#finish(running, '✓', step.remark);
			return result;
		} catch (error) {
			const stopped = error instanceof Error && error.name === 'AbortError';
			this.#finish(running, '✗', stopped ? 'stopped' : '');
			this.#toLog(error instanceof Error ? (error.stack ?? error.message) : String(error));
			if (error instanceof Failure) error.log ??= this.logPath;
			throw error;
		}
	}

	#begin(running: Running): void {
		this.#running.add(running);
		this.#timer ??= setInterval(() => this.#draw(), 250).unref();
		this.#toLog(`== ${running.title}`);
		if (!this.#live) this.#write(`… ${running.title}\n`);
		this.#draw();
	}

	#finish(running: Running, mark: string, remark: string): void {
		this.#running.delete(running);
		if (this.#running.size === 0) {
			clearInterval(this.#timer);
			this.#timer = undefined;
		}
		const text = `${mark} ${running.title}${remark ? ` — ${visibleLine(remark)}` : ''} (${elapsed(this.#clock() - running.started)})`;
		this.#toLog(text);
		this.#write(`${this.#live ? '\r\u001b[K' : ''}${text}\n`);
		this.#draw();
	}

	/** One line of what a program says, for the step in whose work this is called. */
	detail(line: string): void {
		this.#detail(line, this.#inside.getStore());
	}

	#detail(line: string, running: Running | undefined): void {
		// Whose words these are must be seen where several speak.
		const whose = running && this.#running.size > 1 ? `${running.title}: ` : '';
		const lines = plainLines(line)
			.split('\n')
			.map((text) => `${whose}${text}`)
			.join('\n');
		this.#toLog(lines);
		if (this.#verbose) this.#write(`    ${visible(lines).replaceAll('\n', '\n    ')}\n`);
		const clean = plainLine(line).trim();
		if (running && clean) running.last = clean;
		this.#draw();
	}

	/** A sentence that stays on the screen. */
	say(text: string): void {
		this.#toLog(text);
		this.tell(text);
	}

	/** A sentence for whoever is at the screen, and for no log: what opens a door. */
	tell(text: string): void {
		this.#write(`${this.#live && this.#running.size > 0 ? '\r\u001b[K' : ''}${visible(text)}\n`);
		this.#draw();
	}

	/** Nothing else comes to the screen while somebody is asked: it comes after the answer. */
	async asking<T>(question: () => Promise<T>): Promise<T> {
		if (this.#live && this.#running.size > 0) this.#write('\r\u001b[K');
		this.#held = [];
		try {
			return await question();
		} finally {
			const held = this.#held ?? [];
			this.#held = undefined;
			for (const text of held) this.#write(text);
			this.#draw();
		}
	}

	get #live(): boolean {
		return this.#screen.isTTY === true && !this.#verbose;
	}

	#write(text: string): void {
		if (this.#held) this.#held.push(text);
		else this.#screen.write(text);
	}

	#draw(): void {
		const [first, ...others] = this.#running;
		if (!first || !this.#live || this.#held) return;
		const part = ({ title, started }: Running): string => `${title} (${elapsed(this.#clock() - started)})`;
		const columns = this.#screen.columns ?? 80;
		const head = `… ${[first, ...others].map(part).join(' · ')}`;
		const room = columns - head.length - 3;
		const tail = others.length === 0 && room > 8 && first.last ? `  ${first.last.slice(0, room)}` : '';
		const line = `${head}${tail}`;
		this.#screen.write(`\r\u001b[K${others.length > 0 && line.length >= columns ? `${line.slice(0, columns - 2)}…` : line}`);
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
