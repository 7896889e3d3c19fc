/** A lesson page with a live server: ties connection, dock, terminals, steps and run buttons together. */
import { fill } from '../i18n/fill.ts';
import type { Strings } from '../i18n/fr.ts';
import type { SandboxReport, StepReport } from '../shared/api.ts';
import type { Language } from '../shared/language.ts';
import type { ServerMessage } from '../shared/messages.ts';
import liveStyles from '../styles/live.css?inline';
import { Api } from './api.ts';
import { openResetDialog } from './dialogs.ts';
import { Dock } from './dock.ts';
import { dockView, endWarning, type LinkState } from './dock-state.ts';
import { addStyles, announce, button } from './dom.ts';
import { addFileButtons } from './file-buttons.ts';
import type { Layout } from './layout.ts';
import { Link } from './link.ts';
import { preferences, setPreferences } from './preferences.ts';
import { type QuizAnswer, quizAnswer } from './quiz-answer.ts';
import { addRunButtons } from './run-buttons.ts';
import { StepsView } from './steps-view.ts';
import { Terminals } from './terminals.ts';

/** How often the time that is left is looked at, ms. */
const clockMs = 20_000;

export class Bench {
	readonly #t: Strings;
	readonly #api: Api;
	readonly #link: Link;
	readonly #dock: Dock;
	readonly #steps: StepsView;
	readonly #terminals: Terminals;
	readonly #layout: Layout;
	readonly #runs: { refresh(): void };
	#linkState: LinkState = { kind: 'closed' };
	#sandbox: SandboxReport | undefined;
	/** The learner put the bench away, or it was lost: from then on a new one is their explicit wish. */
	#autoStart = true;
	/** The button that has the focus goes away: it was pressed to get back to the terminal. */
	#focusWhenBack = false;

	/** Takes over the page. */
	static async start(frame: HTMLElement, layout: Layout): Promise<Bench> {
		const language: Language = frame.dataset.language === 'en' ? 'en' : 'fr';
		const t = language === 'en' ? (await import('../i18n/en.ts')).en : (await import('../i18n/fr.ts')).fr;
		return new Bench(frame, layout, language, t);
	}

	constructor(frame: HTMLElement, layout: Layout, language: Language, t: Strings) {
		addStyles(liveStyles);
		this.#t = t;
		this.#layout = layout;
		this.#api = new Api({ course: frame.dataset.course ?? '', lesson: frame.dataset.lesson ?? '', language }, t.requestFailed);
		this.#link = new Link(this.#api, {
			state: (state) => this.#setLink(state),
			outdated: () => this.#outdated(),
			message: (message) => this.#take(message),
			bytes: (channel, bytes, counts) => this.#terminals.output(channel, bytes, counts),
		});
		this.#dock = new Dock(frame, t, {
			start: () => this.#start(),
			retry: () => {
				this.#focusWhenBack = true;
				this.#link.retryNow();
			},
			reload: () => location.reload(),
			select: (number) => this.#terminals.select(number, true),
			add: () => this.#terminals.add(),
			end: (number) => this.#terminals.end(number),
			search: () => this.#terminals.current?.openSearch(),
			larger: (by) => this.#prefer({ fontSize: preferences().fontSize + by }),
			toggleReader: () => {
				this.#prefer({ screenReader: !preferences().screenReader });
				announce(preferences().screenReader ? t.readerOn : t.readerOff);
			},
			press: (keys) => this.#terminals.current?.press(keys),
			newShell: () => this.#terminals.current?.show(),
		});
		this.#dock.setReader(preferences().screenReader);
		this.#terminals = new Terminals({
			place: this.#dock.body,
			t,
			initial: Number(frame.dataset.terminals ?? 1),
			link: this.#link,
			changed: () => this.#show(),
			leave: () => this.#steps.enter(),
		});
		this.#steps = new StepsView(frame, t, {
			check: (step, checked) => void this.#check(step, checked),
			reset: (step) => void this.#resetStep(step),
			focus: (step) => this.#link.send({ type: 'focus', step }),
			told: (verdict) => this.#dock.verdict(verdict),
		});
		this.#runs = addRunButtons(frame, t, (number) => this.#readyTerminal(number));
		addFileButtons({ frame, t, api: this.#api, ready: () => this.#ready() });
		frame
			.querySelector('.steps-actions')
			?.append(button(t.lessonMenu, () => this.#openReset(), { class: 'quiet', 'aria-haspopup': 'dialog' }));
		setInterval(() => this.#show(), clockMs);
		this.#takeAnswers(frame);
		layout.onChange(() => this.#wake());
		this.#show();
		if (layout.open) this.#wake();
		else void this.#loadSteps();
	}

	#takeAnswers(frame: HTMLElement): void {
		frame.addEventListener('quiz-answer', (event) => void this.#answer((event as CustomEvent<QuizAnswer>).detail));
		// Given before this script had come.
		for (const quiz of frame.querySelectorAll<HTMLElement>('lab-quiz[data-result]')) void this.#answer(quizAnswer(quiz));
	}

	/** The server keeps answers: a step's check may ask for them. What the page itself says of an answer does not wait for that. */
	async #answer({ quiz, choices }: QuizAnswer): Promise<void> {
		try {
			await this.#api.answer(quiz, choices);
			// A closed connection tells of no step.
			if (this.#linkState.kind !== 'open') await this.#loadSteps();
		} catch (error) {
			this.#dock.notice(error instanceof Error ? error.message : this.#t.requestFailed);
		}
	}

	/** Connects once the terminals are in sight; a sandbox starts by itself the first time. */
	#wake(): void {
		if (this.#layout.open) this.#link.open();
		this.#terminals.refit();
	}

	#start(): void {
		this.#autoStart = true;
		this.#link.open();
		this.#link.send({ type: 'start' });
	}

	/** A page that was open while the server was brought up to date. */
	#outdated(): void {
		announce(this.#t.newVersion);
		this.#dock.notice(
			this.#t.newVersion,
			'outdated',
			button(this.#t.reload, () => location.reload(), { class: 'button' }),
		);
	}

	#setLink(state: LinkState): void {
		const before = this.#linkState.kind;
		this.#linkState = state;
		if (before === 'waiting' && state.kind === 'open') announce(this.#t.reconnected);
		if (before === 'open' && state.kind !== 'open') {
			announce(this.#t.lost);
			this.#terminals.disconnected();
		}
		this.#show();
	}

	#take(message: ServerMessage): void {
		switch (message.type) {
			case 'welcome':
				this.#steps.apply(message.steps, true);
				if (this.#steps.focused) this.#link.send({ type: 'focus', step: this.#steps.focused });
				this.#setSandbox(message.sandbox);
				// A new bench is on its way; why the one before went is worth a word all the same.
				if (message.sandbox.state === 'none' && message.sandbox.reason) this.#dock.notice(message.sandbox.reason, 'put-away');
				if (message.sandbox.state === 'none' && this.#autoStart) this.#link.send({ type: 'start' });
				break;
			case 'sandbox': {
				if (message.sandbox.state === 'queued') this.#dock.withdraw('put-away');
				// Whoever came while the engine was away has been told that the bench would come by itself.
				const wasAway = this.#sandbox?.state === 'unavailable';
				this.#setSandbox(message.sandbox);
				if (wasAway && message.sandbox.state === 'none' && this.#autoStart) this.#link.send({ type: 'start' });
				break;
			}
			case 'step':
				this.#steps.apply([message.report]);
				break;
			case 'notice':
				if (message.over) {
					this.#dock.withdraw(message.code);
					break;
				}
				announce(message.message);
				if (message.code === 'engine-back') this.#dock.withdraw('engine-away');
				else {
					const again = message.code === 'setup-failed' ? button(this.#t.prepareAgain, () => void this.#prepareAgain()) : undefined;
					this.#dock.notice(message.message, message.code, again);
				}
				break;
			case 'error':
				if (message.channel !== undefined) this.#terminals.message(message);
				announce(message.message);
				this.#dock.notice(message.message);
				break;
			default:
				this.#terminals.message(message);
		}
	}

	#setSandbox(sandbox: SandboxReport): void {
		const before = this.#sandbox?.state;
		this.#sandbox = sandbox;
		if (sandbox.state === 'ready') this.#terminals.openAll().catch(() => this.#dock.notice(this.#t.loadFailed));
		else if (sandbox.state === 'unavailable') this.#terminals.disconnected();
		else this.#terminals.closeAll();
		if (before === 'ready' && sandbox.state !== 'ready' && sandbox.state !== 'unavailable') this.#dock.clearNotices();
		if (sandbox.state === 'lost') this.#autoStart = false;
		if (before === 'ready' && sandbox.state === 'none') announce(this.#t.ended);
		this.#show();
	}

	#show(): void {
		const view = dockView(this.#linkState, this.#sandbox, this.#t);
		const extra: Node[] = [];
		const warning = endWarning(this.#sandbox, Date.now(), this.#t);
		if (warning) extra.push(document.createTextNode(warning));
		const longer = warning === undefined ? undefined : this.#sandbox?.extend;
		if (longer !== undefined)
			extra.push(button(fill(this.#t.extend, { n: longer / 60 }), () => void this.#extend(longer), { class: 'button' }));
		const terminal = this.#terminals.current;
		if (view.ready && terminal?.exited) {
			extra.push(
				document.createTextNode(this.#t.shellExited),
				button(this.#t.newShell, () => this.#newShell()),
			);
		} else if (view.ready && terminal?.foreignSize) extra.push(document.createTextNode(this.#t.resizedByOther));
		this.#dock.show(view, this.#terminals.shown, extra);
		if (this.#focusWhenBack && terminal?.live) {
			this.#focusWhenBack = false;
			terminal.focusScreen();
		}
		this.#dock.showTabs(this.#terminals.tabs());
		this.#runs.refresh();
	}

	async #extend(seconds: number): Promise<void> {
		try {
			this.#setSandbox(await this.#api.extendBench());
			announce(fill(this.#t.extended, { n: seconds / 60 }));
		} catch (error) {
			this.#dock.notice(error instanceof Error ? error.message : this.#t.requestFailed);
		}
	}

	/** The lesson is prepared anew. Its folder is emptied, which the notice says; progress stays. */
	async #prepareAgain(): Promise<void> {
		this.#dock.withdraw('setup-failed');
		try {
			this.#steps.apply(await this.#api.resetLesson(false), true);
		} catch (error) {
			this.#dock.notice(error instanceof Error ? error.message : this.#t.requestFailed);
		}
	}

	#newShell(): void {
		this.#terminals.current?.show();
		this.#terminals.current?.focusScreen();
	}

	/** The terminal that commands are typed into; brings everything up that is missing. */
	async #readyTerminal(number?: string) {
		this.#layout.show();
		this.#link.open();
		const state = this.#sandbox?.state;
		if (this.#linkState.kind === 'open' && (state === 'none' || state === 'lost')) this.#start();
		return await this.#terminals.whenLive(number);
	}

	/** A bench is there; the terminals need not be in sight, which would cover the text on a narrow screen. */
	async #ready(): Promise<void> {
		if (this.#linkState.kind !== 'open' || this.#sandbox?.state !== 'ready') await this.#readyTerminal();
	}

	async #check(step: string, checked: boolean): Promise<void> {
		const lesson = this.#lesson;
		this.#steps.apply([{ lesson, step, state: 'checking' }]);
		await this.#ask(step, () => (checked ? this.#api.check(step) : this.#api.done(step)));
	}

	async #resetStep(step: string): Promise<void> {
		await this.#ask(step, () => this.#api.resetStep(step));
	}

	async #ask(step: string, request: () => Promise<StepReport>): Promise<void> {
		try {
			this.#steps.apply([await request()]);
		} catch (error) {
			this.#steps.apply([{ lesson: this.#lesson, step, state: 'todo' }], true);
			await this.#loadSteps();
			const text = error instanceof Error ? error.message : this.#t.requestFailed;
			this.#steps.note(step, text);
			announce(text);
		}
	}

	async #loadSteps(): Promise<void> {
		// Without an answer the steps stay as they are shown; the dock tells of the lost connection.
		const reports = await this.#api.steps().catch(() => undefined);
		if (reports) this.#steps.apply(reports, true);
	}

	get #lesson(): string {
		return document.querySelector<HTMLElement>('.lesson-frame')?.dataset.lesson ?? '';
	}

	#prefer(change: Parameters<typeof setPreferences>[0]): void {
		setPreferences(change);
		this.#dock.setReader(preferences().screenReader);
		this.#terminals.applyPreferences();
	}

	#openReset(): void {
		openResetDialog(this.#t, {
			work: this.#api.workAddress,
			lesson: async (forget) => {
				this.#steps.apply(await this.#api.resetLesson(forget), true);
				announce(this.#t.resetDone);
			},
			bench: async (forget) => {
				this.#link.open();
				this.#setSandbox(await this.#api.resetBench(forget));
				await this.#loadSteps();
				announce(this.#t.resetDone);
			},
			end: async () => {
				this.#autoStart = false;
				this.#setSandbox(await this.#api.endBench());
			},
		});
	}
}
