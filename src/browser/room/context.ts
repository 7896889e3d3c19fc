/** What every part of a trainer's page needs. */
import type { RoomStrings } from '../../i18n/room-fr.ts';
import type { Language } from '../../shared/language.ts';
import type { RoomApi } from './room-api.ts';

export interface NamedLesson {
	slug: string;
	title: string;
	steps: { id: string; title: string }[];
}

/** A course as pages call it, in their language. */
export interface NamedCourse {
	slug: string;
	title: string;
	lessons: NamedLesson[];
}

export interface PageContext {
	frame: HTMLElement;
	language: Language;
	t: RoomStrings;
	api: RoomApi;
	courses: NamedCourse[];
}

/** Titles of a course's lessons and steps; a slug where the site does not know one. */
export class Titles {
	readonly #lessons: Map<string, NamedLesson>;

	constructor(course: NamedCourse | undefined) {
		this.#lessons = new Map(course?.lessons.map((lesson) => [lesson.slug, lesson]));
	}

	lesson(slug: string): string {
		return this.#lessons.get(slug)?.title ?? slug;
	}

	step({ lesson, step }: { lesson: string; step: string }): string {
		return this.#lessons.get(lesson)?.steps.find(({ id }) => id === step)?.title ?? step;
	}
}

/** Id of the room in the page's own address. */
export const roomOfAddress = () => new URLSearchParams(location.search).get('room') ?? '';
