/** Reads courses/ and holds it against the format of docs/author/format.md. Used by the site at build time and by the server. (Over 400 lines: one file of a course after the other.) */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { z } from 'zod';
import { clusterLine } from '../shared/course/cluster.ts';
import { clusterValueNames, isClusterValue } from '../shared/course/cluster-profile.ts';
import type { Condition } from '../shared/course/conditions.ts';
import {
	type Course,
	type CourseSettings,
	courseSchema,
	type Lesson,
	type LessonQuiz,
	lessonSchema,
	type QuizQuestion,
	type Step,
	type StepSettings,
	slugSchema,
} from '../shared/course/course.ts';
import { unmet } from '../shared/course/oci-runtimes.ts';
import { type Language, languages } from '../shared/language.ts';
import { nearest } from '../shared/nearest.ts';
import { compileConditions, valuesIn } from './compile-conditions.ts';
import { isThere, outsiders, readCourseFile } from './course-file.ts';
import { readVersion } from './course-version.ts';
import { type CourseFolder, type CoursePaths, findCourses, folders, isFolder, misnamedFolder } from './folders.ts';
import { faultyLessons, withoutLessons } from './left-out.ts';
import { lessonDataProblems } from './lesson-data.ts';
import { markupProblems } from './lesson-markup.ts';
import { type LessonText, readLessonText } from './lesson-text.ts';
import { unknownOfCluster, valueProblems } from './lesson-values.ts';
import type { Problem } from './problem.ts';
import { askedFor, joinQuizzes } from './quizzes.ts';
import { scriptName, scriptPath, scriptsCalled, scriptsIn } from './script-file.ts';
import { lineOfPath, parseYaml } from './yaml-file.ts';

export { withoutLessons } from './left-out.ts';
export { formatProblems, type Problem } from './problem.ts';

export interface LoadedCourses {
	/** By name, each with the lessons that are whole: one with a problem is left out, and a course whose own files have one. */
	courses: Course[];
	problems: Problem[];
	/** What is left out because of its problems: "demo" or "demo/01-first". */
	leftOut: string[];
}

/** @param paths of folders of courses, and of single courses */
export function loadCourses(paths: CoursePaths): LoadedCourses {
	const { folders: courseFolders, problems } = findCourses(paths);
	const courses: Course[] = [];
	const leftOut: string[] = [];
	for (const courseFolder of courseFolders) {
		const reader = new CourseReader(courseFolder);
		const course = reader.read();
		problems.push(...reader.problems);
		const faulty = faultyLessons(courseFolder, reader.problems);
		const without = [...(faulty ?? [])].map((folder) => `${courseFolder.slug}/${folder}`);
		const left = course && faulty ? withoutLessons([course], without) : [];
		courses.push(...left);
		leftOut.push(...(left.length > 0 ? without : [courseFolder.slug]));
	}
	return { courses, problems, leftOut };
}

const nameOf = { fr: 'French', en: 'English' };

class CourseReader {
	readonly problems: Problem[] = [];
	/** Names of the course's. */
	#parameters: string[] = [];
	readonly #place: CourseFolder;
	constructor(place: CourseFolder) {
		this.#place = place;
	}

	read(): Course | undefined {
		const { path, slug } = this.#place;
		if (!slugSchema.safeParse(slug).success) {
			const remedy = 'Use small letters, digits and single hyphens; or keep the folder, and write `name: …` in course.yaml.';
			this.#problem(path, `"${slug}" is not a name for a course.`, remedy);
		}
		for (const { path: outsider, fault } of outsiders(path, path)) this.#problem(outsider, fault.what, fault.remedy);
		const text = this.#text(join(path, 'course.yaml'), 'Every course has one: title, summary, authors.');
		const settings = text === undefined ? undefined : this.#yaml(join(path, 'course.yaml'), text, courseSchema);
		this.#parameters = Object.keys(settings?.parameters ?? {});
		const lessons = folders(path)
			.filter((name) => /^\d/.test(name))
			.map((folder) => this.#lesson(path, folder, settings?.languages ?? languages));
		this.#sameParameters(path, settings, lessons);
		for (const name of folders(path).filter((each) => !/^\d/.test(each) && existsSync(join(path, each, 'lesson.yaml')))) {
			this.#problem(join(path, name), 'The name of this lesson does not begin with its number.', `Call the folder for example 01-${name}.`);
		}
		if (lessons.length === 0) this.#problem(path, 'This course has no lesson.', 'Make a folder such as 01-first-steps with a lesson.yaml.');
		const seen = new Map<string, string>();
		for (const lesson of lessons) {
			if (!lesson) continue;
			const other = seen.get(lesson.slug);
			if (other)
				this.#problem(
					join(path, lesson.folder),
					`The lesson has the same name as ${other}.`,
					'Names must differ in more than their number.',
				);
			seen.set(lesson.slug, lesson.folder);
		}
		if (!settings) return undefined;
		for (const folder of [settings.image, ...settings.registry.map((image) => image.from)]) {
			if (relative(path, join(path, folder)).startsWith('..')) {
				const what = `course.yaml builds an image from ${folder}, outside of the course.`;
				this.#problem(join(path, 'course.yaml'), what, 'Put the folder with its Dockerfile into the course.');
			} else if (!existsSync(join(path, folder, 'Dockerfile'))) {
				this.#problem(
					join(path, folder),
					'There is no Dockerfile in this folder, which course.yaml names.',
					'Write one, or correct course.yaml.',
				);
			}
		}
		this.#cluster(path, settings, lessons);
		this.#runtime(path, settings, { lessons, line: lineOfPath(text ?? '', ['runtime']) });
		return {
			slug,
			path,
			version: readVersion(path, settings.version),
			settings,
			lessons: lessons.filter((lesson) => lesson !== undefined),
		};
	}

	/** A cluster's programs come from the course's image, and are the learner's. */
	#cluster(path: string, settings: CourseSettings, lessons: readonly (Lesson | undefined)[]): void {
		const files = [
			...(settings.cluster ? ['course.yaml'] : []),
			...lessons.flatMap((lesson) => (lesson?.settings.cluster ? [join(lesson.folder, 'lesson.yaml')] : [])),
		];
		const [file] = files;
		if (file === undefined) return;
		const own = lessons.flatMap((lesson) => (lesson?.settings.cluster ? [lesson.settings.cluster] : []));
		const shapes = new Set([...(settings.cluster ? [settings.cluster] : []), ...own].map(clusterLine));
		if (shapes.size > 1) {
			const what = `${files.join(', ')} ask for clusters of different shapes: a learner who goes from one lesson to the other would lose their jobs.`;
			this.#problem(join(path, file), what, 'Give the course one cluster that does for all of its lessons.');
		}
		if (settings.user === 'root') {
			const what = 'A cluster does not go with `user: root`: Slurm refuses learners who are root.';
			this.#problem(join(path, file), what, 'Leave one of them out.');
		}
		const dockerfile = join(path, settings.image, 'Dockerfile');
		if (existsSync(dockerfile) && !readFileSync(dockerfile, 'utf8').includes('slurm')) {
			const what = `${relative(path, join(path, file))} asks for a Slurm cluster, and this Dockerfile does not install Slurm.`;
			this.#problem(dockerfile, what, 'Take the lines of courses/tp-cluster/image/Dockerfile about Slurm.');
		}
	}

	/** What it asks for must go with the runtime that it asks for. */
	#runtime(
		path: string,
		settings: CourseSettings,
		{ lessons, line }: { lessons: readonly (Lesson | undefined)[]; line: number | undefined },
	): void {
		const lacking = unmet(settings.runtime, { settings, lessons });
		if (lacking === undefined) return;
		const what = `The course asks for \`${lacking}\`, which cannot be had with \`runtime: ${settings.runtime}\` (gVisor).`;
		this.#problem(join(path, 'course.yaml'), what, 'Leave one of them out: without `runtime` the engine takes its own.', line);
	}

	/** A lesson cannot mean something else by a parameter of its course. */
	#sameParameters(path: string, settings: CourseSettings | undefined, lessons: readonly (Lesson | undefined)[]): void {
		for (const lesson of lessons) {
			for (const name of Object.keys(lesson?.settings.parameters ?? {})) {
				if (!settings || !lesson || !(name in settings.parameters)) continue;
				const what = `The parameter "${name}" stands in course.yaml, too.`;
				this.#problem(join(path, lesson.folder, 'lesson.yaml'), what, 'Keep one of them, or give this one another name.');
			}
		}
	}

	/** @param spoken languages of the course */
	#lesson(course: string, folder: string, spoken: readonly Language[]): Lesson | undefined {
		const path = join(course, folder);
		const slug = /^\d\d-(.+)$/.exec(folder)?.[1];
		if (!slug || !slugSchema.safeParse(slug).success) {
			this.#problem(path, `"${folder}" is not a name for a lesson.`, 'Use two digits, a hyphen and small letters: 01-first-steps.');
			return undefined;
		}
		const yaml = this.#text(join(path, 'lesson.yaml'), 'Every lesson has one: minutes and steps.');
		const settings = yaml === undefined ? undefined : this.#yaml(join(path, 'lesson.yaml'), yaml, lessonSchema);
		const read = new Map(spoken.map((language) => [language, this.#lessonText(path, language, spoken)]));
		// Whoever asks for a language that the course does not speak gets its first.
		const inLanguage = (language: Language) => read.get(language) ?? read.get(spoken[0] ?? language);
		if (!settings) return undefined;
		const ids = settings.steps.map((step) => step.id);
		for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) {
			this.#problem(join(path, 'lesson.yaml'), `The step "${id}" stands here twice.`, 'Give each step an id of its own.');
		}
		for (const [language, text] of read) {
			if (!text) continue;
			this.#compare(join(path, `${language}.mdx`), text, settings.steps);
			const parameters = [...this.#parameters, ...Object.keys(settings.parameters)];
			this.problems.push(...valueProblems(this.#relative(join(path, `${language}.mdx`)), text.written, parameters));
		}
		for (const [index, { check }] of settings.steps.entries()) {
			if (Array.isArray(check)) this.#sentences(path, { text: yaml ?? '', index, id: ids[index] ?? '', check, spoken });
			if (Array.isArray(check)) this.#values(path, { text: yaml ?? '', index, check, own: Object.keys(settings.parameters) });
		}
		const quizzes = joinQuizzes({ fr: inLanguage('fr')?.quizzes ?? [], en: inLanguage('en')?.quizzes ?? [] });
		const steps = settings.steps.map((step, index) =>
			this.#step(path, step, this.#questions(path, { text: yaml ?? '', index, step, quizzes })),
		);
		for (const kind of ['checks', 'solutions', 'resets']) this.#strays(join(path, kind), ids);
		for (const name of folders(path)) {
			const meant = misnamedFolder(name);
			if (meant) this.#problem(join(path, name), 'Nothing reads this folder.', `Call it ${meant}.`);
		}
		const files = join(path, 'files');
		const hasFiles = isFolder(files);
		const [fr, en] = languages.map((language) => inLanguage(language)?.head);
		if (!fr || !en) return undefined;
		return {
			slug,
			folder,
			settings,
			head: { fr, en },
			steps,
			...(quizzes.length > 0 && { quizzes }),
			setup: this.#lessonScript(path, 'setup'),
			cleanup: this.#lessonScript(path, 'cleanup'),
			files: hasFiles ? files : undefined,
		};
	}

	/** An author's own sentences are in the languages of the course. */
	#sentences(
		path: string,
		{ text, index, id, check, spoken }: { text: string; index: number; id: string; check: Condition[]; spoken: readonly Language[] },
	): void {
		for (const [at, { fail }] of check.entries()) {
			for (const language of spoken.filter((one) => fail && fail[one] === undefined)) {
				const what = `\`fail\` of the step "${id}" is not said in ${nameOf[language]}, which the course speaks.`;
				const place = ['steps', index, 'check'];
				const line = lineOfPath(text, [...place, at, 'fail']) ?? lineOfPath(text, [...place, 'fail']) ?? lineOfPath(text, place);
				this.#problem(join(path, 'lesson.yaml'), what, `Add \`${language}: …\` to it.`, line);
			}
		}
	}

	/** The learners' own values that conditions name. */
	#values(path: string, { text, index, check, own }: { text: string; index: number; check: Condition[]; own: string[] }): void {
		const known = [...this.#parameters, ...own];
		for (const name of valuesIn(check)) {
			if (known.includes(name) || clusterValueNames.includes(name)) continue;
			if (isClusterValue(name)) {
				const { what, remedy } = unknownOfCluster(name);
				this.#problem(join(path, 'lesson.yaml'), what, remedy, lineOfPath(text, ['steps', index, 'check']));
				continue;
			}
			const meant = nearest(name, known);
			const remedy = meant ? `Write {{${meant}}}.` : `Declare it under \`parameters\`, or write ${name} without braces.`;
			this.#problem(join(path, 'lesson.yaml'), `There is no parameter "${name}".`, remedy, lineOfPath(text, ['steps', index, 'check']));
		}
	}

	/** The questions that a step's conditions ask. */
	#questions(
		path: string,
		{ text, index, step, quizzes }: { text: string; index: number; step: StepSettings; quizzes: LessonQuiz[] },
	): QuizQuestion[] {
		return (Array.isArray(step.check) ? step.check : []).flatMap((condition, at) => {
			if (!('quiz' in condition)) return [];
			const asked = askedFor(condition, step.id, quizzes);
			if ('questions' in asked) return asked.questions;
			const place = ['steps', index, 'check'];
			const line = lineOfPath(text, [...place, at]) ?? lineOfPath(text, place);
			this.#problem(join(path, 'lesson.yaml'), asked.what, asked.remedy, line);
			return [];
		});
	}

	#step(path: string, { id, check, solution, after, holds }: StepSettings, quizzes: QuizQuestion[]): Step {
		// Solutions are typed into the learner's shell.
		const file = (kind: string) => (kind === 'solutions' ? join(path, kind, `${id}.sh`) : scriptPath(join(path, kind), id));
		const conditions = Array.isArray(check) ? check : undefined;
		const quizOnly = isQuizOnly(check);
		if (check === true && !isThere(file('checks'))) {
			const remedy =
				'Write it: it says whether the step has been done; or give the step `check:` with conditions, or `check: false` to read.';
			this.#problem(file('checks'), `The step "${id}" has no such file.`, remedy);
		}
		if (check !== false && solution !== false && !quizOnly && !isThere(file('solutions'))) {
			const remedy = 'Write it: the commands that do the step; or give the step `solution: false` when none is known.';
			this.#problem(file('solutions'), `The step "${id}" has no such file.`, remedy);
		}
		if (check !== true && isThere(file('checks'))) {
			const said = conditions ? 'conditions' : '`check: false`';
			this.#problem(file('checks'), `lesson.yaml has ${said} for the step "${id}".`, 'Remove this file, or those lines.');
		}
		return {
			id,
			check: conditions ? compileConditions(id, conditions, quizzes) : check ? this.#script(file('checks')) : undefined,
			solution: this.#script(file('solutions'), false),
			reset: this.#script(file('resets')),
			...(quizzes.length > 0 && { quizzes }),
			...(quizOnly && { quizOnly }),
			...(after && { after }),
			...(holds && { holds }),
		};
	}

	#lessonText(path: string, language: Language, spoken: readonly Language[]): LessonText | undefined {
		const file = join(path, `${language}.mdx`);
		const both = 'Every lesson has both: fr.mdx and en.mdx, with the same steps; or course.yaml says `languages: […]`.';
		const other = readdirSync(path).find(
			(name) => name.toLowerCase().replace(/\.\w+$/, '') === language && /\.(mdx?|markdown|txt)$/i.test(name),
		);
		const text = this.#text(
			file,
			other
				? `Rename ${other} to ${language}.mdx.`
				: spoken.length > 1
					? both
					: `The course is in this language: course.yaml says \`languages: [${language}]\`.`,
		);
		if (text === undefined) return undefined;
		const read = readLessonText(this.#relative(file), text, path);
		const told = [...read.problems, ...markupProblems(this.#relative(file), text)];
		const lines = new Set(told.flatMap(({ line }) => line ?? []));
		this.problems.push(...told, ...lessonDataProblems(this.#relative(file), text, { folder: path, course: this.#place.path }, lines));
		return read;
	}

	/** The steps of a text against those of lesson.yaml. */
	#compare(file: string, text: LessonText, steps: StepSettings[]): void {
		const known = steps.map((step) => step.id);
		const seen = new Set<string>();
		for (const { id, line } of text.steps) {
			if (!known.includes(id)) {
				const meant = nearest(id, known);
				const remedy = meant ? `Write <Step id="${meant}">.` : 'Add it to lesson.yaml and to the other language, or remove it.';
				this.#problem(file, `The step "${id}" is not in lesson.yaml.`, remedy, line);
			} else if (seen.has(id)) this.#problem(file, `The step "${id}" stands here twice.`, 'Keep one of them.', line);
			seen.add(id);
		}
		for (const { id, check } of steps) {
			const step = text.steps.find((candidate) => candidate.id === id);
			if (!step) {
				this.#problem(
					file,
					`The step "${id}" of lesson.yaml is not in this text.`,
					`Write <Step id="${id}"> … </Step> here as in the other language.`,
				);
				continue;
			}
			if (!step.title) this.#problem(file, `The step "${id}" has no title.`, 'Begin it with a line "## Title".', step.line);
			if (check !== false && !isQuizOnly(check) && step.hints === 0)
				this.#problem(file, `The step "${id}" has no hint.`, 'Write at least one <Hint> … </Hint> in it.', step.line);
			if (check !== false && !isQuizOnly(check) && step.solutions !== 1) {
				this.#problem(file, `The step "${id}" has ${step.solutions} solutions.`, 'Write one <Solution> … </Solution> in it.', step.line);
			}
		}
		const order = text.steps.map((step) => step.id).filter((id) => known.includes(id));
		if (seen.size === known.length && order.length === known.length && order.join() !== known.join()) {
			this.#problem(file, 'The steps stand in another order than in lesson.yaml.', `Put them in this order: ${known.join(', ')}.`);
		}
	}

	/** setup.sh, cleanup.py: of the lesson as a whole. */
	#lessonScript(path: string, name: string): string | undefined {
		this.#oneOf(path, name);
		return this.#script(scriptPath(path, name));
	}

	#oneOf(folder: string, name: string): void {
		const [first, second] = scriptsCalled(folder, name);
		if (first === undefined || second === undefined) return;
		this.#problem(
			join(folder, second),
			`${first} stands beside it: only one of them can be meant.`,
			'Keep one, and put the other elsewhere.',
		);
	}

	#strays(folder: string, ids: string[]): void {
		for (const id of ids) this.#oneOf(folder, id);
		const typed = basename(folder) === 'solutions';
		for (const name of scriptsIn(folder)) {
			const id = scriptName(name);
			if (ids.includes(id) && (!typed || name.endsWith('.sh'))) continue;
			const meant = nearest(id, ids);
			this.#problem(
				join(folder, name),
				'This file belongs to no step of lesson.yaml.',
				meant ? `Name it ${meant}.sh, or remove it.` : 'Name it after a step, or remove it.',
			);
		}
	}

	#script(file: string, interpreted = true): string | undefined {
		const read = readCourseFile(file);
		if (!read) return undefined;
		if ('fault' in read) {
			this.#problem(file, read.fault.what, read.fault.remedy);
			return undefined;
		}
		const { text } = read;
		if (/^[^\n]*\r/.test(text)) {
			this.#problem(
				file,
				'Its lines end as on Windows: the sandbox would not find the program of the first line.',
				`Save it with line ends of Unix: sed -i 's/\\r$//' ${basename(file)}`,
				1,
			);
		} else if (interpreted && !/^#!\s*\/\S/.test(text)) {
			this.#problem(
				file,
				'The first line does not say which program runs this script.',
				'Begin it with #!/bin/bash (or another interpreter of the image).',
				1,
			);
		}
		return text;
	}

	#text(file: string, remedy: string): string | undefined {
		const read = readCourseFile(file);
		if (read && 'text' in read) return read.text;
		this.#problem(file, read?.fault.what ?? 'This file is missing.', read?.fault.remedy ?? remedy);
		return undefined;
	}

	#yaml<S extends z.ZodType>(file: string, text: string, schema: S): z.output<S> | undefined {
		const read = parseYaml(this.#relative(file), text, schema);
		this.problems.push(...read.problems);
		return read.value;
	}

	#relative(file: string): string {
		return join(this.#place.label, relative(this.#place.path, file));
	}

	#problem(file: string, what: string, remedy: string, line?: number): void {
		this.problems.push({ file: this.#relative(file), line, what, remedy });
	}
}

/** Answers are all that it asks for: it needs neither commands nor hints. */
const isQuizOnly = (check: StepSettings['check']): boolean => Array.isArray(check) && check.every((condition) => 'quiz' in condition);
