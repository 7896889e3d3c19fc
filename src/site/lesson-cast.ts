/** The recordings of lessons, where the site is built: their files, and what a page needs to know of them. */

import { join } from 'node:path';
import { courseFolders, courses } from 'virtual:etabli/courses';
import { castNames, castPath, readCastFile } from '../courses/cast-file.ts';
import { playedSeconds } from '../shared/cast.ts';
import { castText } from './cast-text.ts';
import type { LessonPage } from './page.ts';

/** Silences are shortened to this where the recording says nothing of them, s. */
const idleSeconds = 2;

export interface LessonCast {
	/** Address of its file. */
	src: string;
	cols: number;
	rows: number;
	idle: number;
	/** How long it plays. */
	seconds: number;
	/** What it shows in the end. */
	text: string;
}

const folderOf = (course: string): string => courseFolders.find(({ slug }) => slug === course)?.path ?? '';

/** @throws Error with what is wrong with it, which the loader has told before */
export async function lessonCast({ course, lesson }: LessonPage, name: string): Promise<LessonCast> {
	const read = readCastFile(join(folderOf(course.slug), lesson.folder), name);
	if ('fault' in read) throw new Error(`${course.slug}/${lesson.folder}: ${read.fault.what} ${read.fault.remedy}`);
	const { cast } = read;
	const idle = cast.idle ?? idleSeconds;
	return {
		...{ src: `/casts/${course.slug}/${lesson.slug}/${name}.cast`, cols: cast.cols, rows: cast.rows, idle },
		...{ seconds: playedSeconds(cast, idle), text: await castText(cast) },
	};
}

/** Every recording that can be shown, with its file. */
export function castFiles(): { params: { course: string; lesson: string; name: string }; props: { path: string } }[] {
	return courses.flatMap(({ slug, lessons }) =>
		lessons.flatMap((lesson) => {
			const folder = join(folderOf(slug), lesson.folder);
			return castNames(folder)
				.filter((name) => 'cast' in readCastFile(folder, name))
				.map((name) => ({ params: { course: slug, lesson: lesson.slug, name }, props: { path: castPath(folder, name) } }));
		}),
	);
}
