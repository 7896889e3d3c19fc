/** The HTTP interface, from the lesson page's side (docs/protocol.md §3). Answers are checked against the shared schemas. */
import type { z } from 'zod';
import type { Language } from '../shared/language.ts';
import {
	type FileReport,
	type FilesReport,
	fileReportSchema,
	filesReportSchema,
	previewSchema,
	progressSchema,
	quizResultSchema,
	type SandboxReport,
	type StepReport,
	sandboxReportSchema,
	stepReportSchema,
	ticketSchema,
} from '../shared/protocol/api.ts';
import { ask } from './ask.ts';

export interface LessonAddress {
	course: string;
	lesson: string;
	language: Language;
}

export class Api {
	readonly #place: LessonAddress;
	readonly #failed: string;
	/** @param failed the sentence when there is no answer at all */
	constructor(place: LessonAddress, failed: string) {
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
	/** What is in folders of the lesson's folder, and the marks of files. */
	glanceAtFiles(asked: { folders: string[]; files: string[] }): Promise<FilesReport> {
		return this.#ask(`${this.#lesson}/files`, filesReportSchema, asked);
	}
	/** Puts it in place, if what is there is what `mark` stands for. */
	writeFile(file: FileReport): Promise<FileReport> {
		return this.#ask(`${this.#lesson}/file`, fileReportSchema, file);
	}
	resetLab(progress: boolean): Promise<SandboxReport> {
		return this.#ask(`/api/sandboxes/${this.#place.course}/reset`, sandboxReportSchema, { progress });
	}
	extendLab(): Promise<SandboxReport> {
		return this.#ask(`/api/sandboxes/${this.#place.course}/extend`, sandboxReportSchema, null);
	}
	/** An address at which a port of the lab is shown: for once, and soon. @param path with the query */
	async preview(where: { port: number; path: string }): Promise<string> {
		return (await this.#ask(`/api/sandboxes/${this.#place.course}/previews`, previewSchema, where)).address;
	}
	/** Address of the learner's work as one archive. */
	get workAddress(): string {
		return `/api/sandboxes/${this.#place.course}/archive?language=${this.#place.language}`;
	}
	/** @param ask refuse when something of its files cannot be kept @throws Refused files-unkept */
	endLab(ask: boolean): Promise<SandboxReport> {
		return this.#ask(`/api/sandboxes/${this.#place.course}`, sandboxReportSchema, undefined, 'DELETE', ask ? '&ask=1' : '');
	}

	#ask<S extends z.ZodType>(path: string, schema: S, body?: unknown, method?: 'DELETE', more = ''): Promise<z.output<S>> {
		return ask(path === '/api/tickets' ? path : `${path}?language=${this.#place.language}${more}`, {
			schema,
			body,
			method,
			failed: this.#failed,
		});
	}
}
