/** Joins open pages and checks: who looks at which lesson, and who is told when a step stands differently. */
import type { WebSocket } from 'ws';
import type { StepReport } from '../src/shared/api.ts';
import type { Language } from '../src/shared/language.ts';
import type { CheckService } from './checks/check-service.ts';
import type { LiveConnections, Visitor } from './http/deps.ts';
import type { LiveSteps } from './live/deps.ts';
import type { LearnerRow } from './store/store.ts';

type StepListener = Parameters<LiveSteps['subscribe']>[0];

/** The checks as pages see them. `tell` is what the checks call when a step changes. */
export class PageSteps implements LiveSteps {
	readonly #checks: () => CheckService;
	readonly #listeners = new Set<StepListener>();

	/** @param checks asked for late, since the checks are given `tell` when they are made */
	constructor(checks: () => CheckService) {
		this.#checks = checks;
	}

	reports(learner: LearnerRow, course: string, lesson: string | undefined, language: Language): StepReport[] {
		return this.#checks().reports(learner, course, lesson, language);
	}

	focus(learner: LearnerRow, course: string, lesson: string, step: string): void {
		this.#checks().focus(learner, course, lesson, step);
	}

	subscribe(listener: StepListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	tell(learner: LearnerRow, course: string, report: StepReport): void {
		const inLanguage = (language: Language): StepReport => {
			// Without a sentence it is the same in every language.
			if (report.message === undefined) return report;
			const known = this.#checks()
				.reports(learner, course, report.lesson, language)
				.find(({ step }) => step === report.step);
			return known?.state === report.state ? known : { lesson: report.lesson, step: report.step, state: report.state };
		};
		for (const listener of [...this.#listeners]) listener(learner, course, inLanguage);
	}
}

/** Tells the checks which lessons are being looked at, and in which language; passes the sockets on. */
export class Arrivals implements LiveConnections {
	readonly #connections: LiveConnections;
	readonly #checks: CheckService;
	readonly #open = new Map<string, number>();

	constructor(connections: LiveConnections, checks: CheckService) {
		this.#connections = connections;
		this.#checks = checks;
	}

	accept(socket: WebSocket, visitor: Visitor): void {
		const { learner, course, lesson, language } = visitor;
		const key = `${learner.id} ${course} ${lesson}`;
		this.#open.set(key, (this.#open.get(key) ?? 0) + 1);
		this.#checks.arrived(learner, course, lesson, language);
		socket.once('close', () => {
			const left = (this.#open.get(key) ?? 1) - 1;
			if (left > 0) {
				this.#open.set(key, left);
				return;
			}
			this.#open.delete(key);
			this.#checks.left(learner, course, lesson);
		});
		this.#connections.accept(socket, visitor);
	}

	close(): Promise<void> {
		return this.#connections.close();
	}
}
