/**
 * What is asked of labs: started, ended, begun afresh, made to last, looked into. Who comes next is decided in schedule.ts; what time does
 * is in life-cycle.ts; how sandboxes are made and ended is in provisioner.ts, and how files are kept when the server stops in keep-all.ts.
 * (Over 400 lines: the one class that is asked; most of it passes on.)
 */
import type { Readable } from 'node:stream';
import type { Course, Lesson } from '../../src/shared/course/course.ts';
import type { Language } from '../../src/shared/language.ts';
import type { SandboxReport } from '../../src/shared/protocol/api.ts';
import type { ClusterView } from '../../src/shared/protocol/cluster-view.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { HomeSync } from '../homes/home-sync.ts';
import { Homes } from '../homes/homes.ts';
import { TakingHome } from '../homes/taking-home.ts';
import { every } from '../platform/clock.ts';
import { Disposables } from '../platform/disposables.ts';
import type { Lines } from '../sandboxes/lines.ts';
import type { Sandbox, TerminalRequest } from '../sandboxes/sandbox.ts';
import type { SandboxDeps } from '../sandboxes/sandbox-deps.ts';
import type { Lent, Shown, Terminal, Watchable } from '../sandboxes/terminal.ts';
import type { SandboxLeft } from '../store/sandboxes-left.ts';
import type { LabName, LearnerRow, Owned } from '../store/store.ts';
import { Transcripts } from '../transcripts/transcripts.ts';
import { CalledOff } from './called-off.ts';
import { Endings } from './endings.ts';
import type { LabEvents } from './events.ts';
import { keepAll } from './keep-all.ts';
import { type Lab, labId } from './lab.ts';
import { LabBook, labMs } from './lab-book.ts';
import type { LabRecord } from './lab-record.ts';
import { isAtRest } from './lab-state.ts';
import { LifeCycle } from './life-cycle.ts';
import { type LabView, labViews, type SandboxFigures, sandboxFigures } from './overview.ts';
import type { ErasedLabs, Glance, Labs, LiveLabs } from './ports.ts';
import { type Living, Provisioner } from './provisioner.ts';
import { reasons } from './reasons.ts';
import { Removal } from './removal.ts';
import { RuntimeWatch } from './runtime-watch.ts';
import { passOn } from './sandbox-news.ts';
import { Scheduler } from './scheduler.ts';
import { Tasks } from './tasks.ts';
import type { PoolOrder } from './warm-pool.ts';

/** How often homes that nobody came back to are looked for, ms. */
const tidyMs = 6 * 3600_000;

export class LabService implements Labs, LiveLabs, ErasedLabs {
	readonly #deps: SandboxDeps;
	readonly #book: LabBook;
	readonly #removal: Removal;
	readonly #provisioner: Provisioner;
	readonly #watch: RuntimeWatch;
	readonly #scheduler: Scheduler;
	readonly #endings: Endings;
	readonly #lifeCycle: LifeCycle;
	readonly #tasks: Tasks;
	/** undefined: nothing is kept from one sandbox to the next. */
	readonly homes: Homes | undefined;
	readonly #homeSync: HomeSync | undefined;
	readonly #transcripts: Transcripts;
	readonly #takingHome: TakingHome;
	readonly #closing = new AbortController();
	/** What goes on by itself: timers, the engine's watch. */
	readonly #owned = new Disposables();

	constructor(deps: SandboxDeps) {
		this.#deps = deps;
		const { runtime, clock, log, store, settings } = deps;
		const closing = this.#closing.signal;
		const book = new LabBook(deps);
		this.#book = book;
		const tasks = new Tasks((error) => this.#fault(error));
		this.#tasks = tasks;
		const transcripts = new Transcripts({ data: settings.data, clock });
		this.#transcripts = transcripts;
		this.homes = settings.homes && new Homes({ ...settings.homes, data: settings.data, store, clock, log });
		const tell: ConstructorParameters<typeof HomeSync>[1]['tell'] = (sandbox, code, values) => {
			const lab = book.meantBy(sandbox);
			if (lab) book.emit('notice', lab, code, values);
		};
		const homeSync = this.homes && new HomeSync(deps, { homes: this.homes, transcripts, tell });
		this.#homeSync = homeSync;
		this.#takingHome = new TakingHome({ deps, homes: this.homes, homeSync, transcripts, closing });
		this.#removal = new Removal(deps, (sandbox, gone) => book.emit('stuck', sandbox, gone));
		const provisioner = new Provisioner(deps, {
			removal: this.#removal,
			furnish: async (sandbox, signal) => await homeSync?.resume(sandbox, signal),
		});
		this.#provisioner = provisioner;
		const watch = new RuntimeWatch({
			runtime,
			clock,
			log,
			onEnd: (name) => tasks.run(async () => this.#lifeCycle.ended(name)),
			onAway: () => this.#lifeCycle.away(),
			onBack: () => tasks.run(() => this.#lifeCycle.back()),
		});
		this.#watch = watch;
		const made = ({ sandbox }: { sandbox: Sandbox }) => this.#passOn(sandbox);
		const scheduler = new Scheduler({ deps, book, provisioner, tasks, engine: watch, made, closing });
		this.#scheduler = scheduler;
		this.#endings = new Endings({ deps, book, provisioner, scheduler, tasks, engine: watch, homeSync, transcripts });
		this.#lifeCycle = new LifeCycle({
			...{ deps, book, provisioner, scheduler, endings: this.#endings, watch, tasks, homeSync, closing },
			onFault: (error) => this.#fault(error),
		});
	}

	/** Adopts the sandboxes of the last run, looks for the engine, begins to fill the pool. @throws Error when the data folder does not do */
	async open(): Promise<void> {
		const { store, clock } = this.#deps;
		await this.homes?.tidy();
		await this.#expire();
		const learnerOf = (id: string) => store.learner(id);
		await this.#provisioner.adopt(learnerOf, (living) => {
			this.#passOn(living.sandbox);
			const lab = this.#book.meantBy(living.sandbox);
			if (!lab) return;
			lab.seen = living.row.seen;
			this.#book.settle(lab, living);
		});
		this.#owned.add(() => this.#watch.close());
		await this.#watch.start();
		this.#owned.add(this.#lifeCycle.start());
		const onFault = (error: unknown) => this.#fault(error);
		this.#owned.add(every({ clock, ms: tidyMs, onFault, action: () => this.#tasks.run(() => this.#expire()) }));
	}

	/** What nobody came back to. */
	async #expire(): Promise<void> {
		if (!this.homes) return;
		await this.homes.expire();
		await this.#transcripts.expire(this.#deps.settings.homes?.days ?? 0);
		this.#deps.store.forgetReasons(this.#deps.clock.now() - labMs);
	}

	subscribe(listener: Partial<LabEvents>): () => void {
		return this.#book.subscribe(listener);
	}

	// — What learners ask for ————————————————————————————————————————————————————————————

	of(whose: Owned): Lab {
		return this.#book.of(whose);
	}

	report(handle: Lab, language: Language): SandboxReport {
		const lab = this.#book.of(handle);
		const kept = this.#deps.settings.homes && this.#deps.store.home(lab.key)?.saved;
		const place = this.#scheduler.place(lab);
		const queue = place > 0 ? { place, wait: this.#scheduler.wait(place, this.#lifeCycle.ends()) } : undefined;
		return lab.report(language, { away: this.#watch.away, queue, kept });
	}

	/** @param from where the learner comes from. @throws Refusal queue-full */
	start(handle: Lab, from = ''): void {
		const lab = this.#book.of(handle);
		// A reset under way ends with a start of its own.
		if (!isAtRest(lab.state) || lab.resetting) return;
		lab.from = from;
		this.#ask(lab, 'back');
	}

	/** @throws Refusal queue-full */
	#ask(lab: LabRecord, where: 'front' | 'back'): void {
		lab.seen = this.#deps.clock.now();
		lab.asked = lab.seen;
		try {
			this.#scheduler.add(lab, where);
		} catch (error) {
			lab.asked = undefined;
			lab.reason = reasons.queueFull();
			this.#book.changed(lab);
			throw error;
		}
	}

	/** @throws Refusal engine-away */
	async end(handle: Lab, ask = false): Promise<void> {
		const lab = this.#book.of(handle);
		lab.abort?.abort(new CalledOff('ended by its learner'));
		// What is on its way is not waited for: it ends by itself.
		if (lab.state === 'starting' && !lab.resetting) return;
		await this.#operate(lab, async () => {
			if (lab.state === 'queued') this.#scheduler.callOff(lab);
			else await this.#endings.putAway(lab, { cause: 'asked', ask });
		});
	}

	/** @param from where the learner comes from. @throws Refusal engine-away, queue-full */
	reset(handle: Lab, from = ''): Promise<void> {
		const lab = this.#book.of(handle);
		// Asked twice, it is one reset.
		lab.resetting ??= this.#afresh(lab, from).finally(() => {
			lab.resetting = undefined;
		});
		return lab.resetting;
	}

	async #afresh(lab: LabRecord, from: string): Promise<void> {
		// Who had a sandbox a moment ago has it again before all others; who had none waits like everybody else.
		const had = lab.state === 'live' || lab.state === 'starting';
		if (from !== '') lab.from = from;
		lab.abort?.abort(new CalledOff('begun afresh'));
		await this.#operate(lab, async () => {
			await this.#endings.putAway(lab, { cause: 'afresh' });
			// In the queue before the files go: nobody is served twice, and who is refused loses nothing. It has its turn after this operation.
			if (isAtRest(lab.state)) this.#ask(lab, had ? 'front' : 'back');
			await this.homes?.forget(lab);
			await this.#transcripts.forget(lab);
		});
	}

	isUsed({ id }: LearnerRow): boolean {
		return this.present().has(id);
	}

	async clear({ id }: LearnerRow): Promise<void> {
		for (const lab of this.#book.all.filter(({ owner }) => owner.id === id)) {
			lab.abort?.abort(new CalledOff('erased'));
			await this.#operate(lab, async () => {
				if (lab.state === 'queued') this.#scheduler.callOff(lab);
				else await this.#endings.putAway(lab, { cause: 'afresh' });
			});
		}
	}

	forget({ id }: LearnerRow): void {
		this.#book.forget(id);
	}

	/** One operation of the lab, after those that were asked for before; then others may have their turn. */
	async #operate(lab: LabRecord, operation: () => Promise<void>): Promise<void> {
		try {
			await this.#tasks.watch(lab.operations.run(operation));
		} finally {
			this.#scheduler.pump();
		}
	}

	/** The sandbox lasts longer, as often and by as much as its course allows. @throws Refusal no-sandbox, sandbox-busy, no-extension */
	extend(handle: Lab): void {
		const sandbox = this.sandbox(handle);
		const lab = this.#book.of(handle);
		const living = this.#provisioner.find(sandbox.name);
		if (!living) throw new Refusal('no-sandbox');
		if (lab.extensions === 0) throw new Refusal('no-extension', `${sandbox.extended} times already`);
		this.#provisioner.save(living, { extended: sandbox.extended + 1 });
		sandbox.extended++;
		this.#lifeCycle.putOff(lab, sandbox);
		this.#book.changed(lab);
	}

	/**
	 * The learner's work as one .tar.gz: commands, and files as they are now, or as they were kept when there is no sandbox.
	 * @throws Refusal sandbox-busy, home-not-kept, too-many
	 */
	async takeHome(handle: Lab, language: Language): Promise<Readable> {
		const lab = this.#book.of(handle);
		if (lab.state === 'stopping') throw new Refusal('sandbox-busy', 'its files are being kept');
		return await this.#takingHome.take({ lab, language, sandbox: lab.usable });
	}

	async resetLesson(lab: Lab, lesson: string): Promise<void> {
		const sandbox = this.sandbox(lab);
		await sandbox.resetLesson(lessonOf(sandbox.course, lesson));
	}

	/** The lab's sandbox, with its agent connected. @throws Refusal no-sandbox, sandbox-busy */
	sandbox(handle: Lab): Sandbox {
		const lab = this.#book.of(handle);
		if (isAtRest(lab.state)) throw new Refusal('no-sandbox');
		if (!lab.usable) throw new Refusal('sandbox-busy');
		return lab.usable;
	}

	/** Connections to ports of the lab's sandbox. @throws Refusal no-sandbox, sandbox-busy */
	lines(lab: Lab): Lines {
		return this.sandbox(lab).lines;
	}

	/** For authors: the sandbox of a lab by its name; undefined: there is none that can be used. */
	sandboxNamed({ learner, course }: LabName): Sandbox | undefined {
		return this.#book.all.find((lab) => lab.owner.name === learner && lab.course.slug === course)?.usable;
	}

	/** A terminal of the lab's sandbox. @throws Refusal no-sandbox, sandbox-busy, terminal-failed, terminals-full */
	async terminal(
		lab: Lab,
		{ lesson, ...request }: { lesson: string } & Omit<TerminalRequest, 'lesson'>,
	): Promise<{ terminal: Terminal; fresh: boolean }> {
		const sandbox = this.sandbox(lab);
		return await sandbox.terminal({ lesson: lessonOf(sandbox.course, lesson), ...request });
	}

	/** A terminal of the lab's sandbox to look at. @throws Refusal no-sandbox, sandbox-busy, no-terminal */
	peekTerminal(lab: Lab, request: { lesson: string; number: string }): Watchable {
		return this.lendTerminal(lab, request);
	}

	/** The same, for somebody who may type there with the learner's leave. @throws as `peekTerminal` */
	lendTerminal(lab: Lab, request: { lesson: string; number: string }): Lent {
		return this.#peek(lab, request);
	}

	/** The same, for a room to look at, until it is closed. @throws as `peekTerminal` */
	showTerminal(lab: Lab, request: { lesson: string; number: string }): Shown {
		return this.#peek(lab, request).show();
	}

	#peek(lab: Lab, { lesson, number }: { lesson: string; number: string }): Terminal {
		const sandbox = this.sandbox(lab);
		return sandbox.peekTerminal(lessonOf(sandbox.course, lesson), number);
	}

	cluster(lab: Lab): ClusterView | undefined {
		return this.#book.of(lab).usable?.cluster;
	}

	/** The learner has done something just now. */
	active(lab: Lab): void {
		this.#book.of(lab).active = this.#deps.clock.now();
	}

	/** A page of the course is open until the returned function is called: the sandbox is not idle. */
	enter(handle: Lab, from = ''): () => void {
		const lab = this.#book.of(handle);
		if (from !== '') lab.from = from;
		lab.pages++;
		lab.sandbox?.look(true);
		let left = false;
		return () => {
			if (left) return;
			left = true;
			lab.pages--;
			lab.seen = this.#deps.clock.now();
			if (lab.pages > 0) return;
			lab.sandbox?.look(false);
			this.#lifeCycle.left(lab);
		};
	}

	// — What the operator asks for ———————————————————————————————————————————————————————

	/** How many are to be ready ahead, while the server runs; undefined: as the course says. @throws Refusal not-found */
	orderPool(course: string, order: PoolOrder | undefined): void {
		this.#scheduler.order(this.#book.course(course), order);
	}

	/** Ids of learners who have a sandbox, wait for one, or have a page open. */
	present(): Set<string> {
		return new Set(this.#book.all.filter(({ state, pages }) => pages > 0 || !isAtRest(state)).map(({ owner }) => owner.id));
	}

	/** How a learner's lab stands, and how many of its pages are open; nothing is made or kept by asking. */
	glance(whose: Owned): Glance {
		const { state, pages } = this.#book.find(labId(whose)) ?? { state: 'none', pages: 0 };
		return { state, pages };
	}

	/** Who has a sandbox, or waits for one. */
	labs(): LabView[] {
		return labViews(this.#book.all);
	}

	/** Learners' sandboxes of courses that this server does not have: it leaves them alone. */
	unserved(): SandboxLeft[] {
		return this.#provisioner.unserved;
	}

	/** How many there are of everything. */
	figures(): SandboxFigures {
		return sandboxFigures({
			deps: this.#deps,
			homes: this.homes,
			labs: this.#book.all,
			provisioner: this.#provisioner,
			scheduler: this.#scheduler,
			engineAway: this.#watch.away,
			stuck: this.#removal.stuck,
		});
	}

	/**
	 * Ends what is under way; `keep`: the sandboxes live on for the next server. Otherwise they are destroyed, but for those whose files could
	 * not be kept at this moment: they are all that is left of them. `lose`: nobody wants the files. Idempotent.
	 * @returns names of learners whose sandboxes live on for want of keeping
	 */
	async close({ keep, lose = false }: { keep: boolean; lose?: boolean }): Promise<string[]> {
		if (this.#closing.signal.aborted) return [];
		let unkept: Living[] = [];
		this.#closing.abort(new Error('the server stops'));
		await this.#owned.dispose();
		await this.#tasks.settled();
		if (!keep) {
			if (this.#homeSync && !lose) unkept = await keepAll({ deps: this.#deps, homeSync: this.#homeSync, provisioner: this.#provisioner });
			const over = [...this.#provisioner.living].filter((living) => !unkept.includes(living));
			const ends = await Promise.allSettled(over.map((living) => this.#provisioner.end(living)));
			for (const end of ends) if (end.status === 'rejected') this.#deps.log.warn({ err: end.reason }, 'a sandbox could not be ended');
		}
		await this.#provisioner.leave();
		this.#book.close();
		return unkept.map(({ sandbox }) => sandbox.learner?.name ?? sandbox.name);
	}

	#passOn(sandbox: Sandbox): void {
		const { clock, log } = this.#deps;
		passOn(sandbox, {
			book: this.#book,
			clock,
			log,
			prompted: (one) => this.#prompted(one),
			record: async (one) => await this.#homeSync?.recordInTime(one),
		});
	}

	#prompted(sandbox: Sandbox): void {
		this.#scheduler.prompted(sandbox.name);
		const lab = this.#book.having(sandbox);
		if (!lab?.promised) return;
		const { asked, pool } = lab.promised;
		lab.promised = undefined;
		this.#book.emit('prompted', lab, { pool, ms: this.#deps.clock.now() - asked });
	}

	/** Something that nobody expected and nobody waits for: told, and the server goes on. */
	#fault(error: unknown): void {
		this.#deps.log.error({ err: error }, 'labs: unexpected');
		this.#book.emit('fault');
	}
}

function lessonOf(course: Course, slug: string): Lesson {
	const lesson = course.lessons.find((one) => one.slug === slug);
	if (!lesson) throw new Refusal('not-found', `lesson ${slug}`);
	return lesson;
}
