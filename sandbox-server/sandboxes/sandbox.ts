/**
 * One living sandbox: its agent's connection (which comes and goes), its terminals, its lessons' preparation. (Over 400 lines: one short method for
 * each thing that is asked of it, all over the same connection; what needs no connection stands in files beside it.)
 */
import type { Course, Lesson } from '../../src/shared/course/course.ts';
import { nodeOf } from '../../src/shared/course/terminal-names.ts';
import { defaultLanguage, type Language } from '../../src/shared/language.ts';
import type { ClusterView } from '../../src/shared/protocol/cluster-view.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { type Agent, AgentGone, AgentRefused, type ScriptRequest, type ScriptResult, type Vitals } from '../agent/agent.ts';
import { maxTerminals } from '../agent/codec.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import type { Transport } from '../runtimes/transport.ts';
import { type CommandRow, type LearnerRow, nameOf } from '../store/store.ts';
import { ClusterWatch } from './cluster-watch.ts';
import type { HomeSource } from './home-source.ts';
import { LessonCluster } from './lesson-cluster.ts';
import { cleanUpLesson, SetupFailed, setUpLesson } from './lesson-setup.ts';
import type { Lines } from './lines.ts';
import { OutputTimes } from './output-times.ts';
import type { Recorded } from './recording.ts';
import type { Listening, SandboxDeps } from './sandbox-deps.ts';
import {
	anyShellEnv,
	clusterAheadEnv,
	defaultShell,
	hasNode,
	lessonEnv,
	lessonFolder,
	lessonOfTerminal,
	onNode,
	shellEnv,
	terminalName,
	type Where,
} from './shell.ts';
import { CommandLimit } from './shell-integration/command-limit.ts';
import { readsPrinted } from './shell-integration/printed.ts';
import { SilentShells } from './shell-integration/silent-shells.ts';
import { Terminal } from './terminal.ts';
import { type Size, unlessGone } from './viewers.ts';
import { ShellAhead } from './warm-shell.ts';

/** How often vital signs come while somebody looks, ms. */
const vitalsMs = 3000;

/**
 * Shells that a sandbox keeps open: who goes through a course opens one or more in each lesson, and the agent has room for 16. A page may open four
 * at once, for which there has to be room before it asks.
 */
const keptShells = maxTerminals - 4;

/** A prompt that was ready is on the page by then, and nobody has had a job end, ms. */
const afterPromptMs = 500;
/** Checks that jobs' ends set off, and scripts that wait for something of the cluster: no more often, ms. */
const betweenJobsMs = 1000;

/** A shell that was told to end has its place for another second: how often it is looked whether it is free, and how long in between, ms. */
const roomTries = 20;
const roomPauseMs = 250;

/** How often a lesson's preparation is tried without anybody asking for it. */
const setupTries = 2;

/** Commands of one sandbox that are kept in memory while the disk is full. */
const commandsWaiting = 500;

/** What a sandbox tells whoever holds it. */
export interface SandboxListener {
	/** `ready` of the sandbox has changed. */
	changed(): void;
	vitals(vitals: Vitals): void;
	setupFailed(lesson: string): void;
	/** What is done cannot be stored: the disk is full. Told once, until it works again. */
	storeFull(error: unknown): void;
	/** Some of its shells are about to be ended, to make room: what they showed can be recorded until this resolves. Never rejects. */
	closing(): Promise<void>;
	/** One of its shells has printed its first output. */
	prompted(): void;
	/** Or something else that may have changed what checks see. @param ms how long it ran; 0 when that is not known */
	commandEnded(lesson: string, ms: number): void;
	/** A job of its cluster has ended, which may be this lesson's. */
	jobEnded(lesson: string): void;
	/** Its cluster stands otherwise than before; told while somebody looks. */
	clusterSeen(view: ClusterView): void;
}

export interface TerminalRequest {
	lesson: Lesson;
	/** "1" … "4", or "c1" …: on that node of the lesson's cluster. */
	number: string;
	size: Size;
	language: Language;
	/** The learner's time zone, "Europe/Paris". */
	zone?: string | undefined;
}

export class Sandbox {
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
	listener: SandboxListener | undefined;
	readonly #deps: SandboxDeps;
	/** What `close` waits for: it would not know of what is listening only afterwards. */
	#beginning: Promise<void> | undefined;
	#listening: Listening | undefined;
	#lines: Lines | undefined;
	#registry: Promise<Listening | undefined> | undefined;
	#agent: Agent | undefined;
	/** By name, "first-container/1". */
	#terminals = new Map<string, Terminal>();
	/** By the terminal's name, of its newest shell: a connection that breaks takes the terminal away, not its times. */
	readonly #times = new Map<string, { term: number; times: OutputTimes }>();
	readonly #opening = new Map<string, Promise<Terminal>>();
	readonly #preparing = new Map<string, Promise<void>>();
	/** How often a lesson's preparation has failed, by its slug. */
	readonly #failures = new Map<string, number>();
	readonly #unrecorded: CommandRow[] = [];
	#toldFull = false;
	readonly #waiting = new Set<() => void>();
	readonly #commandLimit: CommandLimit;
	readonly #silent: SilentShells;
	readonly #ahead: ShellAhead;
	readonly #cluster = new LessonCluster(
		(request) => this.run(request),
		() => this.#jobEnded(),
		() => this.#pause(),
	);
	/** Ends once the course's cluster runs, or (false) could not be started ahead. Never rejects. */
	#clusterAhead = Promise.resolve(true);
	/** Thinks better of it. */
	#joinsLater: () => void = () => undefined;
	readonly #clusterWatch = new ClusterWatch({
		run: (request) => this.run(request),
		seen: (view) => this.listener?.clusterSeen(view),
		pause: () => this.#pause(),
	});
	#resetting = false;
	/** That of the learner's last terminal: a reset lesson is prepared in it. */
	#language: Language = defaultLanguage;
	/** Since when the agent is not connected, ms; undefined while it is. */
	missingSince: number | undefined;
	#looking = false;
	#closed = false;

	constructor(deps: SandboxDeps, name: string, course: Course) {
		this.#deps = deps;
		this.name = name;
		this.course = course;
		this.#commandLimit = new CommandLimit(() => deps.clock.now());
		this.#silent = new SilentShells(deps.clock, (lesson) => this.listener?.commandEnded(lesson, 0));
		this.missingSince = deps.clock.now();
		const { shell = defaultShell } = deps.settings;
		this.#ahead = new ShellAhead({ shell, home: this.#home, env: anyShellEnv(course.settings.limits), log: deps.log, name });
	}

	/** The agent is connected: terminals can be opened. */
	get ready(): boolean {
		return this.#agent !== undefined && !this.#resetting && !this.#closed;
	}

	/** By which it is reached. */
	get transport(): Transport {
		return this.#deps.runtime.transport(this.name);
	}

	/** Connections to ports of its programs. @throws Refusal no-sandbox when this server makes none */
	get lines(): Lines {
		if (!this.#lines) throw new Refusal('no-sandbox', `${this.name}: no lines`);
		return this.#lines;
	}

	/** How its cluster stands; undefined: it has none, nobody looks, or that is not known yet. */
	get cluster(): ClusterView | undefined {
		return this.#clusterWatch.view;
	}

	#pause(): Promise<void> {
		return new Promise((resolve) => this.#deps.clock.after(betweenJobsMs, resolve));
	}

	/** Listens for its agent, and for the lines into it; not once it has been closed. */
	async listen(): Promise<void> {
		if (this.#closed) return;
		this.#beginning = this.#listen();
		await this.#beginning;
	}

	async #listen(): Promise<void> {
		this.#lines = await this.#deps.listenLines?.(this.transport);
		this.#listening = await this.#deps.listenAgent(this.transport, (agent) => this.#connected(agent));
	}

	/** Resolves once the agent is connected. Rejects with the signal's reason. */
	whenReady(signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const end = () => {
				this.#waiting.delete(look);
				signal.removeEventListener('abort', abort);
			};
			const look = () => {
				if (!this.#agent && !this.#closed) return;
				end();
				if (this.#closed) reject(new AgentGone('the sandbox is closed'));
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
		if (this.#agent && this.#deps.settings.shellsAhead) await this.#ahead.open(this.#agent);
	}

	/** @returns when the cluster of its course, if that has one, has been started; false: it could not be, and a lesson tries again */
	async clusterAhead(): Promise<boolean> {
		return await this.#clusterAhead;
	}

	/** Before it is known whose it is: who comes finds it running, and of who is waiting for this very sandbox it needs the time in which they are told. */
	async #startClusterAhead(): Promise<boolean> {
		const env = clusterAheadEnv(this.course);
		if (!env) return true;
		try {
			await this.#cluster.startAhead({ ...this.#deps.settings.scriptEnv, HOME: this.#home, ...env }, this.#home);
			return true;
		} catch (error) {
			if (error instanceof AgentGone) return true; // The sandbox goes, or its agent comes back, and it is tried again.
			this.#deps.log.warn({ sandbox: this.name, err: error }, 'its cluster could not be started ahead');
			return false;
		}
	}

	/** Gives the sandbox to its learner; its registry answers from now on. */
	async give(learner: LearnerRow, claimed: number): Promise<void> {
		this.learner = learner;
		this.claimed = claimed;
		if (!this.#closed) this.#registry ??= this.#listenRegistry(learner);
		await this.#registry;
	}

	async #listenRegistry(learner: LearnerRow): Promise<Listening | undefined> {
		return await this.#deps.listenRegistry?.(this.transport, { owner: learner, course: this.course });
	}

	#connected(agent: Agent): void {
		this.#agent = agent;
		this.missingSince = undefined;
		agent.events = {
			exited: (term, end) => {
				this.#ahead.ended(term);
				this.#terminalOf(term)?.ended(end);
			},
			vitals: (vitals) => this.listener?.vitals(vitals),
			gone: () => this.#gone(agent),
		};
		this.#adoptTerminals(agent);
		if (!this.learner) this.#clusterAhead = this.#startClusterAhead();
		if (this.#looking) agent.vitalsEvery(vitalsMs);
		this.#changed();
	}

	#gone(agent: Agent): void {
		if (this.#agent !== agent) return;
		this.#agent = undefined;
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

	/** Whose job it was is not known: every lesson that has a terminal is looked at. */
	#jobEnded(): void {
		this.used = true;
		// That of the terminal used last comes first.
		for (const lesson of new Set([...this.#terminals.keys()].reverse().map(lessonOfTerminal))) {
			if (lesson !== undefined) this.listener?.jobEnded(lesson);
		}
	}

	#terminalOf(term: number): Terminal | undefined {
		for (const terminal of this.#terminals.values()) if (terminal.term === term) return terminal;
		return undefined;
	}

	/** Goes on with the shells that the agent has kept. */
	#adoptTerminals(agent: Agent): void {
		this.#ahead.adopt(agent);
		// A living shell comes last, so that it is the one kept: the server may have ended between opening it and the end of the one before.
		const found = [...agent.terminals.values()].sort((a, b) => Number(a.alive) - Number(b.alive) || a.term - b.term);
		for (const { term, key, ringEnd } of found) {
			const lesson = lessonOfTerminal(key);
			if (lesson === undefined) continue;
			const older = this.#terminals.get(key);
			older?.detach();
			older?.kill();
			const recorded = this.#deps.store.lastOffset(this.name, key);
			const watchFrom = recorded > 0n && recorded <= ringEnd ? recorded : 'start';
			this.#terminals.set(key, this.#watch({ agent, term, name: key, lesson, watchFrom, printed: ringEnd }));
		}
	}

	#watch(shell: { agent: Agent; term: number; name: string; lesson: string; watchFrom: 'start' | bigint; printed?: bigint }): Terminal {
		const { name, lesson } = shell;
		const terminal: Terminal = new Terminal({
			...shell,
			times: this.#timesOf(shell),
			used: (bytes) => {
				this.used = true;
				this.#usedLast(name, terminal);
				this.#silent.typed(bytes, { name, lesson, marks: () => terminal.marks });
			},
			prompted: () => this.listener?.prompted(),
			unwatched: (error) =>
				this.#deps.log.warn(
					{ sandbox: this.name, terminal: name, err: error },
					'the terminal cannot be read: its commands are not noticed',
				),
			reader: () =>
				this.#deps.markReader(
					(command) => {
						this.used = true;
						if (!this.#commandLimit.take(command)) return;
						this.#unrecorded.push({ ...command, sandbox: this.name, terminal: name, at: this.#deps.clock.now() });
						this.record();
						this.listener?.commandEnded(lesson, command.ms);
					},
					() => this.course.lessons.some(({ slug, steps }) => slug === lesson && steps.some(({ check }) => readsPrinted(check))),
					(command) => terminal.started(command),
				),
		});
		return terminal;
	}

	/** @param printed how far the output goes of a shell that has gone on by itself. @returns undefined: nothing is kept of what terminals show */
	#timesOf({ name, term, printed }: { name: string; term: number; printed?: bigint }): OutputTimes | undefined {
		if (!this.#deps.settings.homes) return undefined;
		const before = this.#times.get(name);
		const goesOn = printed !== undefined && before?.term === term;
		const times = goesOn ? before.times : new OutputTimes(() => this.#deps.clock.now(), printed === undefined);
		if (printed !== undefined) times.again(printed);
		this.#times.set(name, { term, times });
		return times;
	}

	/**
	 * Stores the commands that have ended; while the store is full or busy they wait here, as many as fit. Never throws: it is called in the
	 * middle of a terminal's output.
	 */
	record(): void {
		if (this.#unrecorded.length > commandsWaiting) this.#unrecorded.splice(0, this.#unrecorded.length - commandsWaiting);
		try {
			for (let next = this.#unrecorded[0]; next; next = this.#unrecorded[0]) {
				this.#deps.store.addCommand(next);
				this.#unrecorded.shift();
				this.#toldFull = false;
			}
		} catch (error) {
			if (!isDiskFull(error))
				return this.#deps.log.warn({ sandbox: this.name, err: error }, 'commands could not be stored; it is tried again');
			if (!this.#toldFull) this.listener?.storeFull(error);
			this.#toldFull = true;
		}
	}

	/**
	 * The terminal, with a shell that runs: the one there is, or a new one.
	 * @throws Refusal terminal-failed, terminals-full, sandbox-busy, no-node
	 */
	async terminal(request: TerminalRequest): Promise<{ terminal: Terminal; fresh: boolean }> {
		if (!this.ready) throw new Refusal('sandbox-busy', `${this.name} is not ready`);
		const name = terminalName(request.lesson.slug, request.number);
		const present = this.#terminals.get(name);
		if (present?.alive) {
			this.#usedLast(name, present);
			this.#rejoinCluster(request);
			return { terminal: present, fresh: false };
		}
		const opening = this.#opening.get(name);
		if (opening) return { terminal: await opening, fresh: false };
		const opened = this.#open(name, request).finally(() => this.#opening.delete(name));
		this.#opening.set(name, opened);
		return { terminal: await opened, fresh: true };
	}

	/** After another server, or a lost connection, shells are there, and what runs of the cluster is not followed yet. */
	#rejoinCluster({ lesson, language }: TerminalRequest): void {
		if (this.#cluster.runs(this.#env(this.#where(lesson, language)))) return;
		this.prepareLesson(lesson, language).catch((error: unknown) => {
			if (!(error instanceof AgentGone || error instanceof Refusal))
				this.#deps.log.error({ sandbox: this.name, err: error }, 'its cluster is not followed');
		});
	}

	/** What runs of the cluster may have been started before it was anybody's: its jobs are followed, and how it stands. */
	#joinCluster(where: Where): void {
		const env = this.#env(where);
		this.#cluster.follow(env, this.#home);
		this.#clusterWatch.started(env, this.#home);
	}

	/** A terminal to look at: one whose shell has been opened. None is started for it. @throws Refusal sandbox-busy, no-terminal */
	peekTerminal(lesson: Lesson, number: string): Terminal {
		if (!this.ready) throw new Refusal('sandbox-busy', `${this.name} is not ready`);
		const terminal = this.#terminals.get(terminalName(lesson.slug, number));
		if (!terminal) throw new Refusal('no-terminal', `${this.name}: ${lesson.slug}/${number}`);
		return terminal;
	}

	async #open(name: string, { lesson, number, size, language, zone }: TerminalRequest): Promise<Terminal> {
		const node = nodeOf(number);
		if (node !== undefined && !hasNode(this.course, lesson, node)) throw new Refusal('no-node', name);
		this.#language = language;
		const where = this.#where(lesson, language);
		try {
			await this.#ahead.settled();
			const { shell = defaultShell } = this.#deps.settings;
			const asked = { key: name, ...size, cwd: lessonFolder(this.#home, lesson), env: shellEnv(where, zone) };
			// Who gives a shell that waits has its folder made: one script less before its prompt. Root's home is not where the agent looks.
			const bare =
				lesson.files === undefined && lesson.setup === undefined && this.course.settings.user !== 'root' && this.#cluster.runs(asked.env);
			// The one that waits does so on the learner's own machine.
			if (!(bare && node === undefined && this.#ahead.waitsFor(asked))) await this.#prepare(where, false);
			const agent = this.#present();
			const old = this.#terminals.get(name);
			old?.detach();
			old?.kill();
			this.#terminals.delete(name);
			// Its offsets begin at 0 again.
			try {
				this.#deps.store.forgetOffset(this.name, name);
			} catch (error) {
				// An old offset beyond the new shell's output is passed over when the agent is adopted; no reason to refuse a shell.
				if (!isDiskFull(error)) throw error;
			}
			const given = node === undefined ? this.#ahead.give(agent, asked) : undefined;
			const argv = node === undefined ? shell : onNode(node, shell);
			const term = given ?? (await this.#openShell(agent, { ...asked, argv }));
			const terminal = this.#watch({ agent, term, name, lesson: lesson.slug, watchFrom: 'start' });
			this.#terminals.set(name, terminal);
			// Two scripts: beside them the prompt of a shell that waits would come later.
			if (given === undefined) this.#joinCluster(where);
			else {
				this.#joinsLater();
				this.#joinsLater = this.#deps.clock.after(afterPromptMs, () => this.#joinCluster(where));
			}
			void this.#makeRoom();
			return terminal;
		} catch (error) {
			if (error instanceof Refusal) throw error;
			if (error instanceof AgentGone) throw new Refusal('sandbox-busy', 'the agent went away', { cause: error });
			if (error instanceof AgentRefused && error.full) throw new Refusal('terminals-full', this.name, { cause: error });
			throw new Refusal('terminal-failed', error instanceof AgentRefused ? error.message : String(error), { cause: error });
		}
	}

	/** While there are as many as there can be, waits for those that have been told to end. @throws AgentRefused, AgentGone */
	async #openShell(agent: Agent, asked: Parameters<Agent['open']>[0]): Promise<number> {
		for (let tries = 0; ; tries++) {
			try {
				return await agent.open(asked);
			} catch (error) {
				if (!(error instanceof AgentRefused && error.full) || tries === roomTries) throw error;
				await this.#makeRoom();
				// Those that have been told to end are not listed any more, and keep their place until what they ran has ended too.
				if (agent.terminals.size >= maxTerminals) throw error;
				await new Promise<void>((resolve) => this.#deps.clock.after(roomPauseMs, resolve));
			}
		}
	}

	/** The one used last is at the end. */
	#usedLast(name: string, terminal: Terminal): void {
		if (this.#terminals.get(name) !== terminal) return;
		this.#terminals.delete(name);
		this.#terminals.set(name, terminal);
	}

	/** Ends shells that were used longest ago, for the next ones: none that somebody has on a page, or in the foreground of which something runs. Never rejects. */
	async #makeRoom(): Promise<void> {
		const spare = () => [...this.#terminals].filter(([, { idle }]) => idle).slice(0, Math.max(0, this.#terminals.size - keptShells));
		if (spare().length === 0) return;
		await this.listener?.closing();
		// Somebody may have come back to one meanwhile.
		for (const [name, terminal] of spare()) {
			this.#terminals.delete(name);
			this.#times.delete(name);
			terminal.detach();
			terminal.kill();
			this.#deps.log.info({ sandbox: this.name, terminal: name }, 'a shell that was used longest ago is ended: there are many');
		}
	}

	/**
	 * Once for each lesson. A preparation that fails is told and noted, and is tried once more with the next terminal; then the learner is told
	 * how to try again (a reset of the lesson does). The shell opens all the same.
	 */
	#prepare(where: Where, afresh: boolean, quiet = false): Promise<void> {
		const lesson = where.lesson;
		const env = this.#env(where);
		const done = !afresh && this.#deps.store.setupDone(this.name, lesson.slug);
		// Kept files have the lesson's work, and not the programs of its cluster.
		if (done && this.#cluster.runs(env)) return Promise.resolve();
		if (!afresh && (this.#failures.get(lesson.slug) ?? 0) >= setupTries) {
			if (!quiet) this.listener?.setupFailed(lesson.slug);
			return Promise.resolve();
		}
		const running = this.#preparing.get(lesson.slug);
		if (running) return running;
		const work = this.#prepareNow(where, afresh).finally(() => this.#preparing.delete(lesson.slug));
		this.#preparing.set(lesson.slug, work);
		return work;
	}

	/** A cluster that does not start is told beside: the lesson's files and setup do not wait for it. Of a lesson again, the cleanup may need it. */
	async #prepareNow(where: Where, afresh: boolean): Promise<void> {
		const { lesson } = where;
		const env = this.#env(where);
		const failures: unknown[] = [];
		const attempt = async (work: () => Promise<void>) => {
			try {
				await work();
			} catch (error) {
				if (error instanceof AgentGone || error instanceof Refusal) throw error;
				failures.push(error);
			}
		};
		await attempt(() => this.#cluster.start(env, this.#home, afresh));
		// One that did not start is to be seen, too.
		this.#clusterWatch.started(env, this.#home);
		if (afresh) {
			if (this.#deps.store.setupDone(this.name, lesson.slug)) await this.#cleanUp(where);
			this.#deps.store.markSetup(this.name, lesson.slug, false);
		}
		if (!this.#deps.store.setupDone(this.name, lesson.slug)) {
			const folder = lessonFolder(this.#home, lesson);
			await attempt(async () => {
				await setUpLesson({ lesson, folder, home: this.#home, env, afresh, run: (request) => this.run(request) });
				this.#deps.store.markSetup(this.name, lesson.slug, true);
			});
		}
		if (failures.length === 0) {
			this.#failures.delete(lesson.slug);
			return;
		}
		this.#failures.set(lesson.slug, (this.#failures.get(lesson.slug) ?? 0) + 1);
		for (const error of failures) {
			const expected = error instanceof SetupFailed || error instanceof AgentRefused;
			this.#deps.log[expected ? 'warn' : 'error'](
				{ sandbox: this.name, learner: where.owner.name, lesson: lesson.slug, err: error },
				'the lesson could not be prepared',
			);
			const text = error instanceof Error ? error.message : String(error);
			this.#deps.onSetupFailed?.({ ...nameOf(where), lesson: lesson.slug, text });
		}
		this.listener?.setupFailed(lesson.slug);
	}

	/** A cleanup that fails is told to the author and the operator; the lesson is prepared all the same. */
	async #cleanUp(where: Where): Promise<void> {
		const { lesson } = where;
		const folder = lessonFolder(this.#home, lesson);
		try {
			await cleanUpLesson({ lesson, folder, env: this.#env(where), run: (request) => this.run(request) });
		} catch (error) {
			if (!(error instanceof SetupFailed || error instanceof AgentRefused)) throw error;
			this.#deps.log.warn({ sandbox: this.name, err: error }, 'the lesson could not be cleaned up');
			this.#deps.onSetupFailed?.({ ...nameOf(where), lesson: lesson.slug, text: error.message });
		}
	}

	/** Ends the lesson's terminals, empties its folder and prepares it again. Not `ready` meanwhile. @throws Refusal sandbox-busy */
	async resetLesson(lesson: Lesson): Promise<void> {
		if (!this.ready || this.#preparing.has(lesson.slug) || this.#opening.size > 0) throw new Refusal('sandbox-busy');
		this.#resetting = true;
		this.#changed();
		try {
			for (const [name, terminal] of [...this.#terminals]) {
				if (!name.startsWith(`${lesson.slug}/`)) continue;
				this.#terminals.delete(name);
				terminal.gone();
				terminal.kill();
			}
			await this.#prepare(this.#where(lesson, this.#language), true);
		} catch (error) {
			if (error instanceof AgentGone) throw new Refusal('sandbox-busy', 'the agent went away', { cause: error });
			throw error;
		} finally {
			this.#resetting = false;
			this.#changed();
		}
	}

	/** The lesson's folder and setup, unless that has been done: for a check that comes before any terminal. @throws Refusal sandbox-busy */
	prepareLesson(lesson: Lesson, language: Language): Promise<void> {
		return this.#prepare(this.#where(lesson, language), false, true);
	}

	/** Runs a script as the learner. @throws Refusal sandbox-busy when the agent is not connected; AgentGone when it goes meanwhile */
	run(request: ScriptRequest): Promise<ScriptResult> {
		return this.#present().run(request);
	}

	/** What a script about a lesson gets: its folder and the whole environment. */
	scriptSetting(lesson: Lesson, language: Language): { cwd: string; env: Record<string, string> } {
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

	/** What its terminals have shown, as far as the agent has kept it. */
	recorded(): Recorded[] {
		return [...this.#terminals].flatMap(([terminal, shell]) => {
			const { term, seen: end, over, times } = shell;
			return times ? [{ terminal, term, end, over, times, record: (signal) => shell.record(signal) }] : [];
		});
	}

	/** For keeping its files and bringing them back. @throws Refusal no-sandbox while it is nobody's */
	source(): HomeSource {
		if (!this.learner) throw new Refusal('no-sandbox', `${this.name} is nobody's`);
		const { scriptEnv } = this.#deps.settings;
		return {
			name: this.name,
			course: this.course,
			owner: this.learner,
			home: this.#home,
			env: scriptEnv,
			run: (request) => this.run(request),
		};
	}

	#where(lesson: Lesson, language: Language): Where {
		if (!this.learner) throw new Refusal('no-sandbox', `${this.name} is nobody's`);
		const owned = { owner: this.learner, course: this.course };
		const values = this.#deps.values.of(owned, lesson);
		return { ...owned, lesson, language, values };
	}

	#present(): Agent {
		if (!this.#agent) throw new Refusal('sandbox-busy', `${this.name}: no agent`);
		return this.#agent;
	}

	/** Somebody looks: vital signs are read, and how the cluster stands. */
	look(looking: boolean): void {
		if (this.#looking === looking) return;
		this.#looking = looking;
		this.#clusterWatch.look(looking);
		unlessGone(() => this.#agent?.vitalsEvery(looking ? vitalsMs : 0));
	}

	/** Stops listening and lets go of everything on this side; the sandbox itself lives on. Idempotent. */
	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		this.listener = undefined;
		this.#joinsLater();
		this.#clusterWatch.look(false);
		this.#silent.close();
		const terminals = [...this.#terminals.values()];
		this.#terminals.clear();
		for (const terminal of terminals) terminal.gone();
		this.#agent = undefined;
		this.#changed();
		await this.#beginning?.catch(() => undefined); // Its failure was given to whoever called `listen`.
		await this.#listening?.close();
		await this.#lines?.close();
		const registry = await this.#registry?.catch(() => undefined); // Its failure was given to whoever called `give`.
		await registry?.close();
	}
}
