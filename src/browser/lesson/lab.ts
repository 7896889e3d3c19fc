/**
 * A lesson page with a live server: ties connection, dock, terminals, steps and run buttons together. (Over 400 lines: one short method for each
 * thing that the server says or the learner wants; what is more than passing on stands in files of its own.)
 */

import type { Strings } from '../../i18n/fr.ts';
import { fill } from '../../shared/fill.ts';
import type { Language } from '../../shared/language.ts';
import type { SandboxReport, StepReport } from '../../shared/protocol/api.ts';
import { type ClientMessage, frameKind, type ServerMessage } from '../../shared/protocol/messages.ts';
import liveStyles from '../../styles/live.css?inline';
import { Api } from '../api.ts';
import { addRunButtons, choices, type RunButtons, whyNot } from '../blocks/run-buttons.ts';
import { ClusterPlace } from '../cluster/cluster-place.ts';
import { askFirst, openResetDialog } from '../dialogs.ts';
import { addStyles, announce, button, downloadLink, make } from '../dom.ts';
import { FilesTab } from '../editor/files-tab.ts';
import { addFileButtons } from '../files/file-buttons.ts';
import { preferences, setPreferences } from '../preferences.ts';
import { PreviewTab } from '../preview/preview-tab.ts';
import type { InRoom, RoomPlace } from '../room/in-room.ts';
import { type QuizAnswer, quizAnswer } from '../steps/quiz-answer.ts';
import { StepsView } from '../steps/steps-view.ts';
import { Dock } from '../terminal/dock.ts';
import { dockView, endWarning, type LinkState } from '../terminal/dock-state.ts';
import { placeInLab } from '../terminal/lab-links.ts';
import type { LabTerminal } from '../terminal/terminal.ts';
import { Terminals } from '../terminal/terminals.ts';
import { watchActivity } from './activity.ts';
import type { Layout } from './layout.ts';
import { Link } from './link.ts';
import { Newest } from './newest.ts';
import { TrainerTab } from './trainer-tab.ts';

/** How often the time that is left is looked at, ms. */
const clockMs = 20_000;
/** Steps are things by their ids, in which no blank can stand. */
const sandboxThing = 'the sandbox';

interface LabPageParts {
	frame: HTMLElement;
	layout: Layout;
	language: Language;
	t: Strings;
	learner: string;
}

export class LabPage {
	readonly #frame: HTMLElement;
	readonly #t: Strings;
	readonly #api: Api;
	readonly #link: Link;
	readonly #dock: Dock;
	readonly #steps: StepsView;
	readonly #terminals: Terminals;
	readonly #files: FilesTab;
	readonly #layout: Layout;
	readonly #runs: RunButtons;
	/** Of the sandbox, and of each step. */
	readonly #newest = new Newest();
	/** The last answer of a quiz is with the server. */
	#answers: Promise<unknown> = Promise.resolve();
	/** One of the trainer's commands waits for that terminal's prompt. */
	#mineWaits: LabTerminal | undefined;
	#linkState: LinkState = { kind: 'closed' };
	#sandbox: SandboxReport | undefined;
	/** The learner put the lab away, or it was lost: from then on a new one is their explicit wish. */
	#autoStart = true;
	/** The learner is in a trainer's room: its part of the page, once it is loaded. */
	#room: Promise<InRoom> | undefined;
	/** What a trainer of that room shows. */
	readonly #trainer = new TrainerTab({
		load: async () => {
			const { TrainerScreen } = await import('../room/trainer-screen.ts');
			const send = (message: ClientMessage) => this.#link.send(message);
			const run = (command: string) => void this.#runMine(command);
			return (whose, t) => new TrainerScreen({ t, whose, send, run });
		},
		place: (tab) => this.#terminals.setGuest('trainer', tab),
		announce,
	});
	readonly #preview: PreviewTab;
	readonly #cluster: ClusterPlace;
	/** The server has said that the learner is in no room that is held. */
	#roomOver = false;
	/** It has been connected before. */
	#welcomed = false;
	/** The button that has the focus goes away: it was pressed to get back to the terminal. */
	#focusWhenBack = false;
	/** The selected terminal was live when the dock was last shown. */
	#wasLive = false;

	/** Takes over the page. @param learner public name of whoever learns */
	static async start(frame: HTMLElement, layout: Layout, learner: string): Promise<LabPage> {
		const language: Language = frame.dataset.language === 'en' ? 'en' : 'fr';
		const t = language === 'en' ? (await import('../../i18n/en.ts')).en : (await import('../../i18n/fr.ts')).fr;
		return new LabPage({ frame, layout, language, t, learner });
	}

	private constructor({ frame, layout, language, t, learner }: LabPageParts) {
		addStyles(liveStyles);
		this.#frame = frame;
		this.#t = t;
		this.#layout = layout;
		this.#api = new Api({ course: frame.dataset.course ?? '', lesson: frame.dataset.lesson ?? '', language }, t.requestFailed);
		this.#link = new Link(this.#api, {
			state: (state) => this.#setLink(state),
			outdated: () => this.#outdated(),
			message: (message) => this.#take(message),
			bytes: (channel, bytes, kind) =>
				channel === this.#trainer.view?.channel
					? this.#trainer.view.output(bytes, kind)
					: this.#terminals.output(channel, bytes, kind === frameKind.output),
		});
		this.#dock = new Dock(frame, t, {
			start: () => this.#start(),
			retry: () => {
				this.#focusWhenBack = true;
				this.#link.retryNow();
			},
			reload: () => location.reload(),
			select: (number) => this.#terminals.select(number, true),
			selectFiles: () => void this.#showFiles(),
			add: () => this.#terminals.add(),
			end: (number) => this.#terminals.end(number),
			search: () => (this.#files.shown ? this.#files.search() : this.#terminals.current?.openSearch()),
			larger: (by) => this.#prefer({ fontSize: preferences().fontSize + by }),
			toggleReader: () => {
				this.#prefer({ screenReader: !preferences().screenReader });
				announce(preferences().screenReader ? t.readerOn : t.readerOff);
			},
			press: (key) => this.#terminals.current?.press(key),
			focusTerminal: () => this.#terminals.current?.focusScreen(),
			newShell: () => this.#terminals.current?.show(),
		});
		this.#dock.prefer(preferences());
		this.#terminals = new Terminals({
			place: this.#dock.body,
			t,
			initial: Number(frame.dataset.terminals ?? 1),
			link: this.#link,
			changed: () => this.#show(),
			leave: () => this.#steps.enter(),
			back: () => this.#files.putAside(),
			held: () => this.#dock.keys.take(),
			tell: (about, sentence) => this.#tell(about, sentence),
			openInLab: (place) => void this.#preview.open(place),
		});
		this.#preview = new PreviewTab({
			t,
			api: this.#api,
			place: (tab) => this.#terminals.setGuest('preview', tab),
			show: () => this.#terminals.select('preview', false),
			failed: (sentence) => this.#tell('preview-failed', sentence),
		});
		this.#cluster = new ClusterPlace({ t, above: this.#dock.body, announce, failed: (sentence) => this.#tell('cluster-failed', sentence) });
		this.#steps = new StepsView(frame, t, {
			check: (step, checked) => void this.#check(step, checked),
			reset: (step) => this.#resetStep(step),
			focus: (step, begun) => this.#link.send({ type: 'focus', step, ...(begun && { begun }) }),
			told: (verdict) => this.#dock.verdict(verdict),
		});
		this.#runs = addRunButtons(frame, t, (number) => this.#readyTerminal(number));
		this.#files = new FilesTab({
			frame,
			place: this.#dock.body,
			t,
			api: this.#api,
			learner,
			changed: () => this.#showTabs(),
			leave: (back) => (back ? document.getElementById('tab-files')?.focus() : this.#steps.enter()),
			failed: (sentence) => {
				this.#tell('files-failed', sentence);
				this.#terminals.comeBack();
			},
		});
		const open = (path: string, line: number | undefined) => this.#openFile(path, line);
		addFileButtons({ frame, t, api: this.#api, ready: () => this.#ready(), open });
		const takeHome = { class: 'quiet icon-button', 'aria-label': t.takeHome, title: t.takeHome };
		const icon = make('span', { class: 'lab-icon icon-home', 'aria-hidden': 'true' });
		frame.querySelector('.dock-tools')?.prepend(downloadLink(this.#api.workAddress, '', takeHome, icon), this.#webButton());
		this.#takeLinks(frame);
		frame
			.querySelector('.steps-actions')
			?.append(button(t.lessonMenu, () => this.#openReset(), { class: 'quiet', 'aria-haspopup': 'dialog' }));
		setInterval(() => this.#show(), clockMs);
		watchActivity(() => this.#link.send({ type: 'active' }));
		this.#takeAnswers(frame);
		layout.onChange(() => this.#wake());
		this.#show();
		if (layout.open) this.#wake();
		else void this.#loadSteps();
	}

	#webButton(): HTMLButtonElement {
		const { webPage } = this.#t;
		const element = button('', () => void this.#preview.open(), {
			class: 'quiet icon-button dock-web',
			'aria-label': webPage,
			title: webPage,
		});
		element.append(make('span', { class: 'lab-icon icon-web', 'aria-hidden': 'true' }));
		return element;
	}

	/** Links of the text to a port of the lab open it, once there is a lab. */
	#takeLinks(frame: HTMLElement): void {
		frame.addEventListener('click', (event) => {
			const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('.sl-markdown-content a[href]') : null;
			// As it stands in the text: a link to another lesson or section is relative, and may well lead to a server at localhost.
			const place = link && placeInLab(link.getAttribute('href') ?? '');
			if (!place) return;
			event.preventDefault();
			void this.#ready().then(() => {
				this.#layout.show();
				return this.#preview.open(place);
			});
		});
	}

	#takeAnswers(frame: HTMLElement): void {
		frame.addEventListener('quiz-answer', (event) => void this.#answer((event as CustomEvent<QuizAnswer>).detail));
		// Given before this script had come.
		for (const quiz of frame.querySelectorAll<HTMLElement>('lab-quiz[data-result]')) void this.#answer(quizAnswer(quiz));
	}

	/** The server keeps answers: a step's check may ask for them. What the page itself says of an answer does not wait for that. */
	async #answer({ quiz, choices }: QuizAnswer): Promise<void> {
		// One after the other: two requests at once may arrive in another order, and the older answer would be the one that is kept.
		const kept = this.#answers.then(() => this.#api.answer(quiz, choices));
		this.#answers = kept.catch(() => undefined);
		try {
			await kept;
			// A closed connection tells of no step.
			if (this.#linkState.kind !== 'open') await this.#loadSteps();
		} catch (error) {
			this.#dock.notice(error instanceof Error ? error.message : this.#t.requestFailed);
		}
	}

	/** The learner is in this room: its part of the page is shown, and what the server says of it is listened to, terminals or not. */
	enterRoom(room: { id: string; title: string }): void {
		const step = () => this.#steps.focused?.step;
		this.#room ??= import('../room/in-room.ts').then(({ InRoom }) => {
			const terminal = () => this.#terminals.inSight;
			const shown: RoomPlace['shown'] = (what, t) => void this.#trainer.take(what, t);
			const outdated = () => this.#outdated();
			const part = new InRoom({ frame: this.#frame, step, terminal, shown, outdated }, room);
			if (this.#roomOver) part.take(null, Date.now());
			return part;
		});
		this.#link.open();
	}

	/** @param now the server's clock, ms since 1970, as it has just been heard */
	async #takeRoom(state: Record<string, unknown> | null, now: number): Promise<void> {
		const heard = Date.now();
		this.#roomOver = state === null;
		// They have joined while this page was open.
		if (state) this.enterRoom({ id: String(state['id']), title: String(state['title']) });
		const part = await this.#room;
		// Its part of the page may have had to be loaded first.
		part?.take(state, now + Date.now() - heard);
	}

	/** One of the trainer's commands, as a block of the text is run. */
	async #runMine(command: string): Promise<void> {
		const target = await this.#readyTerminal();
		this.#runs.release(target);
		target.queue.add([command]);
		if (target.queue.left > 0) {
			this.#tell('run-mine', whyNot(target, this.#t), ...choices(target, this.#t));
			this.#mineWaits = target;
		} else announce(this.#t.sent);
		target.focusScreen();
	}

	/** Connects once the terminals are in sight; a sandbox starts by itself the first time. */
	#wake(): void {
		if (this.#layout.open) {
			this.#link.open();
			this.#startFirst();
			if (this.#sandbox?.state === 'ready') this.#openTerminals();
		}
		this.#terminals.refit();
	}

	/** By itself, the first time that the terminals are in sight: a page in a room is connected without them. */
	#startFirst(): void {
		if (this.#sandbox?.state === 'none' && this.#autoStart && this.#layout.open) this.#link.send({ type: 'start' });
	}

	/** Only in sight: a terminal that is not would give its shell a size that nobody has. */
	#openTerminals(): void {
		if (this.#layout.open) this.#terminals.openAll().catch(() => this.#dock.notice(this.#t.loadFailed));
	}

	#start(): void {
		this.#autoStart = true;
		this.#link.open();
		this.#link.send({ type: 'start' });
	}

	#tell(about: string, sentence: string | undefined, ...actions: HTMLElement[]): void {
		if (sentence === undefined) return this.#dock.withdraw(about);
		announce(sentence);
		this.#dock.notice(sentence, about, ...actions);
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
			this.#trainer.view?.disconnected();
			this.#cluster.clear();
		}
		this.#show();
	}

	#take(message: ServerMessage): void {
		const trainer = this.#trainer.view;
		if (trainer && 'channel' in message && message.channel === trainer.channel) return trainer.message(message);
		switch (message.type) {
			case 'welcome':
				for (const { step } of message.steps) this.#newest.told(step);
				this.#steps.apply(message.steps, true);
				this.#sendFocus(this.#welcomed);
				this.#welcomed = true;
				this.#newest.told(sandboxThing);
				this.#setSandbox(message.sandbox);
				// A new lab is on its way; why the one before went is worth a word all the same.
				if (message.sandbox.state === 'none' && message.sandbox.reason) this.#dock.notice(message.sandbox.reason, 'put-away');
				this.#startFirst();
				break;
			case 'sandbox': {
				if (message.sandbox.state === 'queued') this.#dock.withdraw('put-away');
				// Whoever came while the engine was away has been told that the lab would come by itself.
				const wasAway = this.#sandbox?.state === 'unavailable';
				this.#newest.told(sandboxThing);
				this.#setSandbox(message.sandbox);
				if (wasAway) this.#startFirst();
				break;
			}
			case 'step':
				this.#newest.told(message.report.step);
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
					const again = message.code === 'setup-failed' ? [button(this.#t.prepareAgain, () => void this.#prepareAgain())] : [];
					this.#dock.notice(message.message, message.code, ...again);
				}
				break;
			case 'room':
				void this.#takeRoom(message.state, message.now);
				break;
			case 'cluster':
				void this.#cluster.take(message.state);
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
		if (sandbox.state === 'ready') this.#openTerminals();
		else if (sandbox.state === 'unavailable') this.#terminals.disconnected();
		else {
			this.#terminals.closeAll();
			this.#preview.close();
			this.#cluster.clear();
		}
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
		// Whoever has followed the link to the terminal while it was coming up is taken there now.
		const awaited = terminal?.live && !this.#wasLive && document.activeElement?.id === 'dock';
		if (terminal?.live && (this.#focusWhenBack || awaited)) {
			this.#focusWhenBack = false;
			terminal.focusScreen();
		}
		this.#wasLive = terminal?.live === true;
		this.#showTabs();
		this.#files.setAvailable(this.#terminals.shown);
		this.#runs.refresh();
		if (this.#mineWaits?.queue.left === 0) {
			this.#mineWaits = undefined;
			this.#dock.withdraw('run-mine');
		}
	}

	#showTabs(): void {
		const { shown, unsaved } = this.#files;
		this.#dock.showTabs(this.#terminals.tabs(), { shown, unsaved });
	}

	/** The files take the terminals' place in the dock. */
	async #showFiles(): Promise<void> {
		this.#terminals.stepAside();
		await this.#files.choose();
	}

	async #openFile(path: string, line: number | undefined): Promise<boolean> {
		this.#layout.show();
		this.#terminals.stepAside();
		return await this.#files.open(path, line);
	}

	async #extend(seconds: number): Promise<void> {
		try {
			await this.#sandboxAnswer(() => this.#api.extendLab());
			announce(fill(this.#t.extended, { n: seconds / 60 }));
		} catch (error) {
			this.#dock.notice(error instanceof Error ? error.message : this.#t.requestFailed);
		}
	}

	/** The lesson is prepared anew. Its folder is emptied, which the notice says; progress stays. */
	async #prepareAgain(): Promise<void> {
		this.#dock.withdraw('setup-failed');
		try {
			await this.#stepsAnswer(() => this.#api.resetLesson(false));
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

	/** A lab is there; the terminals need not be in sight, which would cover the text on a narrow screen. */
	async #ready(): Promise<void> {
		if (this.#linkState.kind !== 'open' || this.#sandbox?.state !== 'ready') await this.#readyTerminal();
	}

	async #check(step: string, checked: boolean): Promise<void> {
		const lesson = this.#lesson;
		const before = this.#steps.report(step);
		this.#steps.apply([{ lesson, step, state: 'checking' }]);
		await this.#ask(step, before, () => (checked ? this.#api.check(step) : this.#api.done(step)));
	}

	#resetStep(step: string): void {
		const { resetStep, resetStepAsk, resetStepYes } = this.#t;
		const act = () => this.#stepsAnswer(async () => [await this.#api.resetStep(step)]);
		askFirst(this.#t, { title: resetStep, text: resetStepAsk, yes: resetStepYes, work: this.#api.workAddress, act });
	}

	/** @param before how the step stood, for when there is no answer */
	async #ask(step: string, before: StepReport | undefined, request: () => Promise<StepReport>): Promise<void> {
		try {
			await this.#stepsAnswer(async () => [await request()], false);
		} catch (error) {
			if (before) this.#steps.apply([before], true);
			await this.#loadSteps();
			const text = error instanceof Error ? error.message : this.#t.requestFailed;
			this.#steps.note(step, text);
			announce(text);
		}
	}

	async #loadSteps(): Promise<void> {
		// Without an answer the steps stay as they are shown; the dock tells of the lost connection.
		await this.#stepsAnswer(() => this.#api.steps()).catch(() => undefined);
	}

	/** @param again it has been said to a connection before: nobody has gone anywhere */
	#sendFocus(again: boolean): void {
		const focused = this.#steps.focused;
		if (focused) this.#link.send({ type: 'focus', step: focused.step, ...(focused.begun && { begun: true }), ...(again && { again }) });
	}

	/** Steps in an answer, unless something newer has been told of them. @param quiet nothing is announced */
	async #stepsAnswer(request: () => Promise<StepReport[]>, quiet = true): Promise<void> {
		const isNewest = this.#newest.asked();
		const reports = await request();
		this.#steps.apply(
			reports.filter(({ step }) => isNewest(step)),
			quiet,
		);
	}

	/** The sandbox in an answer, unless something newer has been told of it. */
	async #sandboxAnswer(request: () => Promise<SandboxReport>): Promise<void> {
		await this.#newest.take(sandboxThing, request, (report) => this.#setSandbox(report));
	}

	get #lesson(): string {
		return document.querySelector<HTMLElement>('.lesson-frame')?.dataset.lesson ?? '';
	}

	#prefer(change: Parameters<typeof setPreferences>[0]): void {
		setPreferences(change);
		this.#dock.prefer(preferences());
		this.#terminals.applyPreferences();
	}

	#openReset(): void {
		openResetDialog(this.#t, {
			work: this.#api.workAddress,
			lesson: async (forget) => {
				await this.#stepsAnswer(() => this.#api.resetLesson(forget));
				announce(this.#t.resetDone);
			},
			lab: async (forget) => {
				this.#link.open();
				await this.#sandboxAnswer(() => this.#api.resetLab(forget));
				await this.#loadSteps();
				announce(this.#t.resetDone);
			},
			end: async (ask) => {
				const before = this.#autoStart;
				this.#autoStart = false;
				try {
					await this.#sandboxAnswer(() => this.#api.endLab(ask));
				} catch (error) {
					this.#autoStart = before;
					throw error;
				}
			},
		});
	}
}
