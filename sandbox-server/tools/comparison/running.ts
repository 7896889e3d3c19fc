/** One container that runs: its main process is a shell, spoken to over the pipes of the command that started it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { call, killGroup, lastWords } from './call.ts';
import { type Place, Refused, type Way } from './contender.ts';

/** Characters kept of what a container says. */
const kept = 1_000_000;
/** s, for each command that clears away. */
const clearSeconds = 15;

export interface StartOptions {
	way: Way;
	place: Place;
	/** Killed when it is not ready after so long. */
	seconds: number;
	signal: AbortSignal;
	/** In front of the command, such as one that becomes another user. */
	before?: readonly string[];
	env?: NodeJS.ProcessEnv | undefined;
}

export class Running {
	readonly place: Place;
	/** From the start of the command to its container's first line, ms. */
	readyMs = Number.NaN;
	readonly #child: ChildProcess;
	readonly #way: Way;
	#out = '';
	#errors = '';
	#over = false;
	/** Its command has ended by itself, and said that all was well: then it has cleared away. */
	#well = false;
	#looks = new Set<() => void>();

	private constructor(child: ChildProcess, { way, place }: StartOptions) {
		this.#child = child;
		this.#way = way;
		this.place = place;
		const look = (): void => {
			for (const one of [...this.#looks]) one();
		};
		child.stdout?.setEncoding('utf8').on('data', (text: string) => {
			// A terminal between would end lines so.
			this.#out = (this.#out + text.replaceAll('\r', '')).slice(-kept);
			look();
		});
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			this.#errors = (this.#errors + text).slice(-kept);
		});
		// Whoever has ended reads no more: 'close' tells of it.
		child.stdin?.on('error', () => undefined);
		child.once('error', (error) => {
			this.#errors += error.message;
			this.#over = true;
			look();
		});
		child.once('close', (code) => {
			this.#well = code === 0;
			this.#over = true;
			look();
		});
	}

	/** @throws Refused with the program's last words, when there is no container; the signal's reason. Nothing is left then */
	static async start(options: StartOptions): Promise<Running> {
		const { way, place, before = [], env } = options;
		options.signal.throwIfAborted();
		mkdirSync(place.folder, { recursive: true });
		way.write?.(place);
		const [program = '', ...args] = [...before, ...way.command(place)];
		const begun = performance.now();
		const child = spawn(program, args, { cwd: place.folder, env: env ?? process.env, stdio: 'pipe', detached: true });
		const running = new Running(child, options);
		try {
			await running.exec('', options.seconds, options.signal);
			running.readyMs = performance.now() - begun;
			return running;
		} catch (error) {
			// It has had its time.
			await running.end({ now: true });
			throw error;
		}
	}

	/** Of the command that was started; its main process may be another. */
	get pid(): number {
		return this.#child.pid ?? 0;
	}

	/**
	 * Runs a script in its shell. @returns what it printed
	 * @throws Refused when the container ends, or is not done after so long; the signal's reason
	 */
	async exec(script: string, seconds: number, signal: AbortSignal): Promise<string> {
		const mark = `done-${this.place.name}-${count++}`;
		this.#out = '';
		const answer = this.#until(mark, seconds, signal);
		this.#child.stdin?.write(`${script === '' ? '' : `(\n${script}\n) </dev/null\n`}echo; echo ${mark}\n`);
		return await answer;
	}

	#until(mark: string, seconds: number, signal: AbortSignal): Promise<string> {
		return new Promise((resolve, reject) => {
			const settle = (done: () => void): void => {
				clearTimeout(timer);
				signal.removeEventListener('abort', aborted);
				this.#looks.delete(look);
				done();
			};
			const look = (): void => {
				const at = this.#out.indexOf(`\n${mark}\n`);
				if (at >= 0) settle(() => resolve(this.#out.slice(0, at)));
				else if (this.#over) settle(() => reject(new Refused(this.words())));
			};
			const aborted = (): void => settle(() => reject(signal.reason));
			const timer = setTimeout(() => settle(() => reject(new Refused(this.words(), { hung: true }))), seconds * 1000);
			signal.addEventListener('abort', aborted, { once: true });
			this.#looks.add(look);
			look();
		});
	}

	/** Its last ones, of standard error before those of standard output. */
	words(): string {
		return lastWords(this.#errors) || lastWords(this.#out);
	}

	/** Ends it and clears away what is left. Idempotent; never fails. */
	async end({ now = false } = {}): Promise<void> {
		this.#child.stdin?.end();
		// Its shell ends with its input; whoever does not is killed.
		if (!now) await this.#closed(2000);
		killGroup(this.#child.pid);
		await this.#closed(2000);
		// A process that was left may hold the pipes open.
		for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.destroy();
		for (const command of this.#well ? [] : (this.#way.clear?.(this.place) ?? []))
			await call(command, { seconds: clearSeconds }).catch(() => undefined);
		rmSync(this.place.folder, { recursive: true, force: true });
	}

	#closed(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const settle = (): void => {
				clearTimeout(timer);
				this.#looks.delete(look);
				resolve();
			};
			const look = (): void => {
				if (this.#over) settle();
			};
			const timer = setTimeout(settle, ms);
			this.#looks.add(look);
			look();
		});
	}
}

let count = 0;
