/** The HTTP interface, from the lesson page's side (docs/protocol.md §3). Answers are checked against the shared schemas. */
import { config, type z } from 'zod';
import {
	type FileReport,
	fileReportSchema,
	progressSchema,
	quizResultSchema,
	type SandboxReport,
	type StepReport,
	sandboxReportSchema,
	stepReportSchema,
	ticketSchema,
} from '../shared/api.ts';
import type { Language } from '../shared/language.ts';

// Zod would compile its checks with `new Function`, which the content policy forbids.
config({ jitless: true });

export interface LessonPlace {
	course: string;
	lesson: string;
	language: Language;
}

/** A refusal with the server's sentence for the learner. */
export class Refused extends Error {
	readonly status: number;
	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

export class Api {
	readonly #place: LessonPlace;
	readonly #failed: string;
	/** @param failed the sentence when there is no answer at all */
	constructor(place: LessonPlace, failed: string) {
		this.#place = place;
		this.#failed = failed;
	}

	get #lesson(): string {
		return `/api/lessons/${this.#place.course}/${this.#place.lesson}`;
	}

	async ticket(): Promise<string> {
		return (await this.#ask('/api/tickets', ticketSchema, this.#place)).ticket;
	}
	async steps(): Promise<StepReport[]> {
		return (await this.#ask(`${this.#lesson}/steps`, progressSchema)).steps;
	}
	check(step: string): Promise<StepReport> {
		return this.#ask(`${this.#lesson}/steps/${step}/check`, stepReportSchema, null);
	}
	done(step: string): Promise<StepReport> {
		return this.#ask(`${this.#lesson}/steps/${step}/done`, stepReportSchema, null);
	}
	answer(quiz: string, choices: number[]): Promise<{ correct: boolean }> {
		return this.#ask(`${this.#lesson}/quizzes/${quiz}`, quizResultSchema, { choices });
	}
	resetStep(step: string): Promise<StepReport> {
		return this.#ask(`${this.#lesson}/steps/${step}/reset`, stepReportSchema, null);
	}
	async resetLesson(progress: boolean): Promise<StepReport[]> {
		return (await this.#ask(`${this.#lesson}/reset`, progressSchema, { progress })).steps;
	}
	/** A text in the lesson's folder. */
	lookAtFile(path: string): Promise<FileReport> {
		return this.#ask(`${this.#lesson}/file/look`, fileReportSchema, { path });
	}
	/** Puts it in place, if what is there is what `mark` stands for. */
	writeFile(file: FileReport): Promise<FileReport> {
		return this.#ask(`${this.#lesson}/file`, fileReportSchema, file);
	}
	resetBench(progress: boolean): Promise<SandboxReport> {
		return this.#ask(`/api/sandboxes/${this.#place.course}/reset`, sandboxReportSchema, { progress });
	}
	extendBench(): Promise<SandboxReport> {
		return this.#ask(`/api/sandboxes/${this.#place.course}/extend`, sandboxReportSchema, null);
	}
	/** Address of the learner's work as one archive. */
	get workAddress(): string {
		return `/api/sandboxes/${this.#place.course}/archive?language=${this.#place.language}`;
	}
	endBench(): Promise<SandboxReport> {
		return this.#ask(`/api/sandboxes/${this.#place.course}`, sandboxReportSchema, undefined, 'DELETE');
	}

	/** @param body undefined: GET; null: POST with nothing in it */
	async #ask<S extends z.ZodType>(
		path: string,
		schema: S,
		body?: unknown,
		method = body === undefined ? 'GET' : 'POST',
	): Promise<z.output<S>> {
		const url = path === '/api/tickets' ? path : `${path}?language=${this.#place.language}`;
		const options: RequestInit = { method };
		if (body) Object.assign(options, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
		const response = await fetch(url, options).catch(() => {
			throw new Refused(0, this.#failed);
		});
		const answer: unknown = await response.json().catch(() => undefined);
		if (!response.ok) {
			const message = (answer as { message?: unknown } | undefined)?.message;
			throw new Refused(response.status, typeof message === 'string' ? message : this.#failed);
		}
		return schema.parse(answer);
	}
}
