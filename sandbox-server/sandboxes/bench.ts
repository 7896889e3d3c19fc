/** One living sandbox: its folder with sockets, its holder's connection (which comes and goes), its terminals, its lessons' preparation. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Course, Lesson } from '../../src/shared/course.ts';
import { PublicError } from '../../src/shared/errors.ts';
import { defaultLanguage, type Language } from '../../src/shared/language.ts';
import { type Holder, HolderGone, HolderRefused, type ScriptRequest, type ScriptResult, type Vitals } from '../holder/holder.ts';
import type { Tenant } from '../homes/homes.ts';
import { isDiskFull } from '../store/disk-full.ts';
import type { CommandRow, LearnerRow } from '../store/store.ts';
import { CommandLimit } from '../terminals/command-limit.ts';
import { readsPrinted } from '../terminals/printed.ts';
import type { Recorded } from '../transcripts/transcripts.ts';
import { ShellAhead } from './ahead.ts';
import type { Listening, SandboxDeps } from './deps.ts';
import { cleanUpLesson, SetupFailed, setUpLesson } from './lesson-setup.ts';
import { anyShellEnv, defaultShell, lessonEnv, lessonFolder, lessonOfTerminal, shellEnv, terminalName, type Where } from './shell.ts';
import { type Size, Terminal, unlessGone } from './terminal.ts';

/** How often vital signs come while somebody looks, ms. */
const vitalsMs = 3000;

/** How often a lesson's preparation is tried without anybody asking for it. */
const setupTries = 2;

/** Commands of one sandbox that are kept in memory while the disk is full. */
const commandsWaiting = 500;

/** What a sandbox tells its manager. */
export interface BenchListener {
	/** `ready` of the bench has changed. */
	changed(): void;
	vitals(vitals: Vitals): void;
	setupFailed(lesson: string): void;
	/** What is done cannot be stored: the disk is full. Told once, until it works again. */
	storeFull(error: unknown): void;
	/** One of its shells has printed its first output. */
	prompted(): void;
	commandEnded(lesson: string): void;
}

export interface TerminalRequest {
	lesson: Lesson;
	/** "1" … "4". */
	number: string;
	size: Size;
	language: Language;
}

export class Bench {
	readonly name: string;
	readonly course: Course;
	/** undefined while it is in the pool; never changes once set. */
	learner: LearnerRow | undefined;
	/** When its learner got it, ms. */
	claimed: number | undefined;
	/** How often its learner has made it last longer. */
	extended = 0;
	/** Its learner has typed, or a command has ended, since the files were last kept. */
	used = false;
	listener: BenchListener | undefined;
	readonly #deps: SandboxDeps;
	#listening: Listening | undefined;
	#registry: Promise<Listening | undefined> | undefined;
	#holder: Holder | undefined;
	/** By name, "first-container/1". */
	#terminals = new Map<string, Terminal>();
	readonly #opening = new Map<string, Promise<Terminal>>();
	readonly #preparing = new Map<string, Promise<void>>();
	/** How often a lesson's preparation has failed, by its slug. */
	readonly #failures = new Map<string, number>();
	readonly #unrecorded: CommandRow[] = [];
	#toldFull = false;
	readonly #waiting = new Set<() => void>();
	readonly #commandLimit: CommandLimit;
	readonly #ahead: ShellAhead;
	#resetting = false;
	/** That of the learner's last terminal: a reset lesson is prepared in it. */
	#language: Language = defaultLanguage;
	/** Since when the holder is not connected, ms; undefined while it is. */
	missingSince: number | undefined;
	#looking = false;
	#closed = false;

	constructor(deps: SandboxDeps, name: string, course: Course) {
		this.#deps = deps;
		this.name = name;
		this.course = course;
		this.#commandLimit = new CommandLimit(() => deps.clock.now());
		this.missingSince = deps.clock.now();
		const { shell = defaultShell } = deps.settings;
		this.#ahead = new ShellAhead({ shell, home: this.#home, env: anyShellEnv, log: deps.log, name });
	}

	static folder(data: string, name: string): string {
		return join(data, 'sandboxes', name);
	}

	/** The holder is connected: terminals can be opened. */
	get ready(): boolean {
		return this.#holder !== undefined && !this.#resetting && !this.#closed;
	}

	/** Makes its folder and listens for its holder. */
	async listen(): Promise<void> {
		const folder = Bench.folder(this.#deps.settings.data, this.name);
		// At once: a thread of its own for it would have to be given a processor first, on a busy machine.
		mkdirSync(folder, { recursive: true, mode: 0o755 });
		this.#listening = await this.#deps.listenHolder(join(folder, 'holder.sock'), (holder) => this.#connected(holder));
	}

	/** Resolves once the holder is connected. Rejects with the signal's reason. */
	whenReady(signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const end = () => {
				this.#waiting.delete(look);
				signal.removeEventListener('abort', abort);
			};
			const look = () => {
				if (!this.#holder && !this.#closed) return;
				end();
				if (this.#closed) reject(new HolderGone('the sandbox is closed'));
				else resolve();
			};
			const abort = () => {
				end();
				reject(signal.reason);
			};
			if (signal.aborted) return abort();
			signal.addEventListener('abort', abort, { once: true });
			this.#waiting.add(look);
			look();
		});
	}

	/** Has a shell wait for its learner. Resolves when it runs, or cannot be had. */
	async openAhead(): Promise<void> {
		if (this.#holder && this.#deps.settings.shellsAhead) await this.#ahead.open(this.#holder);
	}

	/** Gives the sandbox to its learner; its registry answers from now on. */
	async give(learner: LearnerRow, claimed: number): Promise<void> {
		this.learner = learner;
		this.claimed = claimed;
		this.#registry ??= this.#listenRegistry(learner);
		await this.#registry;
	}

	async #listenRegistry(learner: LearnerRow): Promise<Listening | undefined> {
		const path = join(Bench.folder(this.#deps.settings.data, this.name), 'registry.sock');
		return await this.#deps.listenRegistry?.(path, { learner: learner.name, course: this.course });
	}

	#connected(holder: Holder): void {
		this.#holder = holder;
		this.missingSince = undefined;
		holder.events = {
			exited: (term, end) => {
				this.#ahead.ended(term);
				this.#terminalOf(term)?.ended(end);
			},
			vitals: (vitals) => this.listener?.vitals(vitals),
			gone: () => this.#gone(holder),
		};
		this.#adoptTerminals(holder);
		if (this.#looking) holder.vitalsEvery(vitalsMs);
		this.#changed();
	}

	#gone(holder: Holder): void {
		if (this.#holder !== holder) return;
		this.#holder = undefined;
		this.missingSince = this.#deps.clock.now();
		this.#ahead.gone();
		const terminals = [...this.#terminals.values()];
		this.#terminals.clear();
		for (const terminal of terminals) terminal.gone();
		this.#changed();
	}

	#changed(): void {
		for (const look of [...this.#waiting]) look();
		this.listener?.changed();
	}

	#terminalOf(term: number): Terminal | undefined {
		for (const terminal of this.#terminals.values()) if (terminal.term === term) return terminal;
		return undefined;
	}

	/** Goes on with the shells that the holder has kept. */
	#adoptTerminals(holder: Holder): void {
		this.#ahead.adopt(holder);
		// A living shell comes last, so that it is the one kept: the server may have ended between opening it and the end of the one before.
		const found = [...holder.terminals.values()].sort((a, b) => Number(a.alive) - Number(b.alive) || a.term - b.term);
		for (const { term, key, ringEnd } of found) {
			const lesson = lessonOfTerminal(key);
			if (lesson === undefined) continue;
			const older = this.#terminals.get(key);
			older?.detach();
			older?.kill();
			const recorded = this.#deps.store.lastOffset(this.name, key);
			const watchFrom = recorded > 0n && recorded <= ringEnd ? recorded : 'start';
			this.#terminals.set(key, this.#watch({ holder, term, name: key, lesson, watchFrom }));
		}
	}

	#watch(shell: { holder: Holder; term: number; name: string; lesson: string; watchFrom: 'start' | bigint }): Terminal {
		const { name, lesson } = shell;
		return new Terminal({
			...shell,
			used: () => {
				this.used = true;
			},
			prompted: () => this.listener?.prompted(),
			reader: () =>
				this.#deps.markReader(
					(command) => {
						this.used = true;
						if (!this.#commandLimit.take(command)) return;
						this.#unrecorded.push({ ...command, sandbox: this.name, terminal: name, at: this.#deps.clock.now() });
						this.record();
						this.listener?.commandEnded(lesson);
					},
					() => this.course.lessons.some(({ slug, steps }) => slug === lesson && steps.some(({ check }) => readsPrinted(check))),
				),
		});
	}

	/** Stores the commands that have ended; while the disk is full they wait here, as many as fit. */
	record(): void {
		if (this.#unrecorded.length > commandsWaiting) this.#unrecorded.splice(0, this.#unrecorded.length - commandsWaiting);
		try {
			for (let next = this.#unrecorded[0]; next; next = this.#unrecorded[0]) {
				this.#deps.store.addCommand(next);
				this.#unrecorded.shift();
				this.#toldFull = false;
			}
		} catch (error) {
			if (!isDiskFull(error)) throw error;
			if (!this.#toldFull) this.listener?.storeFull(error);
			this.#toldFull = true;
		}
	}

	/**
	 * The terminal, with a shell that runs: the one there is, or a new one.
	 * @throws PublicError terminal-failed, sandbox-busy
	 */
	async terminal(request: TerminalRequest): Promise<{ terminal: Terminal; fresh: boolean }> {
		if (!this.ready) throw new PublicError('sandbox-busy', `${this.name} is not ready`);
		const name = terminalName(request.lesson.slug, request.number);
		const present = this.#terminals.get(name);
		if (present?.alive) return { terminal: present, fresh: false };
		const opening = this.#opening.get(name);
		if (opening) return { terminal: await opening, fresh: false };
		const opened = this.#open(name, request).finally(() => this.#opening.delete(name));
		this.#opening.set(name, opened);
		return { terminal: await opened, fresh: true };
	}

	async #open(name: string, { lesson, size, language }: TerminalRequest): Promise<Terminal> {
		this.#language = language;
		const where = this.#where(lesson, language);
		try {
			await this.#ahead.settled();
			const { shell = defaultShell } = this.#deps.settings;
			const asked = { key: name, ...size, cwd: lessonFolder(this.#home, lesson), env: shellEnv(where) };
			// Who gives a shell that waits has its folder made: one script less before its prompt. Root's home is not where the holder looks.
			const bare = lesson.files === undefined && lesson.setup === undefined && this.course.settings.user !== 'root';
			if (!(bare && this.#ahead.waitsFor(asked))) await this.#prepare(where, false);
			const holder = this.#present();
			const old = this.#terminals.get(name);
			old?.detach();
			old?.kill();
			this.#terminals.delete(name);
			// Its offsets begin at 0 again.
			try {
				this.#deps.store.forgetOffset(this.name, name);
			} catch (error) {
				// An old offset beyond the new shell's output is passed over when the holder is adopted; no reason to refuse a shell.
				if (!isDiskFull(error)) throw error;
			}
			const term = this.#ahead.give(holder, asked) ?? (await holder.open({ ...asked, argv: shell }));
			const terminal = this.#watch({ holder, term, name, lesson: lesson.slug, watchFrom: 'start' });
			this.#terminals.set(name, terminal);
			return terminal;
		} catch (error) {
			if (error instanceof PublicError) throw error;
			if (error instanceof HolderGone) throw new PublicError('sandbox-busy', 'the holder went away', { cause: error });
			throw new PublicError('terminal-failed', error instanceof HolderRefused ? error.message : String(error), { cause: error });
		}
	}

	/**
	 * Once for each lesson. A preparation that fails is told and noted, and is tried once more with the next terminal; then the learner is told
	 * how to try again (a reset of the lesson does). The shell opens all the same.
	 */
	#prepare(where: Where, afresh: boolean, quiet = false): Promise<void> {
		const lesson = where.lesson;
		if (!afresh && this.#deps.store.setupDone(this.name, lesson.slug)) return Promise.resolve();
		if (!afresh && (this.#failures.get(lesson.slug) ?? 0) >= setupTries) {
			if (!quiet) this.listener?.setupFailed(lesson.slug);
			return Promise.resolve();
		}
		const running = this.#preparing.get(lesson.slug);
		if (running) return running;
		const work = setUpLesson({
			lesson,
			folder: lessonFolder(this.#home, lesson),
			home: this.#home,
			env: this.#env(where),
			afresh,
			run: (request) => this.run(request),
		})
			.then(() => {
				this.#failures.delete(lesson.slug);
				this.#deps.store.markSetup(this.name, lesson.slug, true);
			})
			.catch((error: unknown) => {
				if (error instanceof HolderGone || error instanceof PublicError) throw error;
				this.#failures.set(lesson.slug, (this.#failures.get(lesson.slug) ?? 0) + 1);
				const expected = error instanceof SetupFailed || error instanceof HolderRefused;
				this.#deps.log[expected ? 'warn' : 'error'](
					{ sandbox: this.name, learner: where.learner, lesson: lesson.slug, err: error },
					'the lesson could not be prepared',
				);
				const text = error instanceof Error ? error.message : String(error);
				this.#deps.onSetupFailed?.({ learner: where.learner, course: where.course.slug, lesson: lesson.slug, text });
				this.listener?.setupFailed(lesson.slug);
			})
			.finally(() => this.#preparing.delete(lesson.slug));
		this.#preparing.set(lesson.slug, work);
		return work;
	}

	/** A cleanup that fails is told to the author and the operator; the lesson is prepared all the same. */
	async #cleanUp(where: Where): Promise<void> {
		const { lesson } = where;
		const folder = lessonFolder(this.#deps.settings.home, lesson);
		try {
			await cleanUpLesson({ lesson, folder, env: this.#env(where), run: (request) => this.run(request) });
		} catch (error) {
			if (!(error instanceof SetupFailed || error instanceof HolderRefused)) throw error;
			this.#deps.log.warn({ sandbox: this.name, err: error }, 'the lesson could not be cleaned up');
			this.#deps.onSetupFailed?.({ learner: where.learner, course: where.course.slug, lesson: lesson.slug, text: error.message });
		}
	}

	/** Ends the lesson's terminals, empties its folder and prepares it again. Not `ready` meanwhile. @throws PublicError sandbox-busy */
	async resetLesson(lesson: Lesson): Promise<void> {
		if (!this.ready || this.#preparing.has(lesson.slug) || this.#opening.size > 0) throw new PublicError('sandbox-busy');
		this.#resetting = true;
		this.#changed();
		try {
			for (const [name, terminal] of [...this.#terminals]) {
				if (!name.startsWith(`${lesson.slug}/`)) continue;
				this.#terminals.delete(name);
				terminal.gone();
				terminal.kill();
			}
			if (this.#deps.store.setupDone(this.name, lesson.slug)) await this.#cleanUp(this.#where(lesson, this.#language));
			this.#deps.store.markSetup(this.name, lesson.slug, false);
			await this.#prepare(this.#where(lesson, this.#language), true);
		} catch (error) {
			if (error instanceof HolderGone) throw new PublicError('sandbox-busy', 'the holder went away', { cause: error });
			throw error;
		} finally {
			this.#resetting = false;
			this.#changed();
		}
	}

	/** The lesson's folder and setup, unless that has been done: for a check that comes before any terminal. @throws PublicError sandbox-busy */
	prepareLesson(lesson: Lesson, language: Language): Promise<void> {
		return this.#prepare(this.#where(lesson, language), false, true);
	}

	/** Runs a script as the learner. @throws PublicError sandbox-busy when the holder is not connected; HolderGone when it goes meanwhile */
	run(request: ScriptRequest): Promise<ScriptResult> {
		return this.#present().run(request);
	}

	/** What a script about a lesson gets: its folder and the whole environment. */
	scriptPlace(lesson: Lesson, language: Language): { cwd: string; env: Record<string, string> } {
		return { cwd: lessonFolder(this.#home, lesson), env: this.#env(this.#where(lesson, language)) };
	}

	/** The home folder, by the name that its user has for it. */
	get #home(): string {
		return this.course.settings.user === 'root' ? '/root' : this.#deps.settings.home;
	}

	#env(where: Where): Record<string, string> {
		const user: Record<string, string> = this.course.settings.user === 'root' ? { USER: 'root', LOGNAME: 'root' } : {};
		return { ...this.#deps.settings.scriptEnv, ...user, HOME: this.#home, ...lessonEnv(where) };
	}

	/** What its terminals have shown, as far as the holder has kept it. */
	recorded(signal: AbortSignal): Recorded[] {
		return [...this.#terminals].map(([terminal, shell]) => ({ terminal, end: shell.seen, record: () => shell.record(signal) }));
	}

	/** For keeping its files and bringing them back. @throws PublicError no-sandbox while it is nobody's */
	tenant(): Tenant {
		if (!this.learner) throw new PublicError('no-sandbox', `${this.name} is nobody's`);
		const { scriptEnv } = this.#deps.settings;
		return {
			name: this.name,
			course: this.course,
			learner: this.learner,
			home: this.#home,
			env: scriptEnv,
			run: (request) => this.run(request),
		};
	}

	#where(lesson: Lesson, language: Language): Where {
		if (!this.learner) throw new PublicError('no-sandbox', `${this.name} is nobody's`);
		const values = this.#deps.values.of(this.learner.id, this.course, lesson);
		return { learner: this.learner.name, course: this.course, lesson, language, values };
	}

	#present(): Holder {
		if (!this.#holder) throw new PublicError('sandbox-busy', `${this.name}: no holder`);
		return this.#holder;
	}

	/** Somebody looks: vital signs are read. */
	look(looking: boolean): void {
		if (this.#looking === looking) return;
		this.#looking = looking;
		unlessGone(() => this.#holder?.vitalsEvery(looking ? vitalsMs : 0));
	}

	/** Stops listening and lets go of everything on this side; the sandbox itself lives on. Idempotent. */
	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		this.listener = undefined;
		const terminals = [...this.#terminals.values()];
		this.#terminals.clear();
		for (const terminal of terminals) terminal.gone();
		this.#holder = undefined;
		this.#changed();
		await this.#listening?.close();
		const registry = await this.#registry?.catch(() => undefined); // Its failure was given to whoever called `give`.
		await registry?.close();
	}
}
