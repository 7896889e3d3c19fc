/** A folder with scenarios → courses beside the others: all of it, or nothing. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { formatProblems, type Problem } from '../../../../src/courses/problem.ts';
import { slugSchema } from '../../../../src/shared/course/course.ts';
import type { Language } from '../../../../src/shared/language.ts';
import { explainFileError, Failure } from '../../../setup/failure.ts';
import { courseFiles } from './course.ts';
import { ImportedFolder } from './files.ts';
import { type LessonFiles, makeLesson } from './lesson.ts';
import { localesOf } from './machine.ts';
import { type Group, readScenarios } from './read.ts';
import { slugOf } from './scenario.ts';

export interface ImportRequest {
	/** Absolute path of a scenario, or of a folder with many. */
	from: string;
	/** Absolute path of the folder of courses. */
	into: string;
	/** Name of the course; of the first of several. Default: the name of the folder. */
	course: string | undefined;
	/** Language of the texts. */
	language: Language;
	/** Take the place of courses of the same name. */
	force: boolean;
	/** Leave scenarios with problems out, and import the others. */
	skipBroken: boolean;
	/** Told before each scenario is turned into a lesson: which one of how many, from 1, and its folder. */
	onScenario?: (at: number, of: number, folder: string) => void;
}

export interface ImportedScenario extends Pick<LessonFiles, 'state' | 'counts' | 'notes' | 'packages'> {
	/** Relative to the imported folder. */
	scenario: string;
	title: string;
	course: string;
	lesson: string;
	imageid: string;
}

export interface Imported {
	/** Absolute paths. */
	courses: string[];
	scenarios: ImportedScenario[];
	/** Of scenarios that were left out (only with `skipBroken`), and warnings. */
	problems: Problem[];
	/** index.json that are no scenarios. */
	passedOver: string[];
}

/** Lessons are numbered with two digits. */
const maxLessons = 99;

/** @throws Failure with every problem; then nothing has been written */
export function importScenarios(request: ImportRequest): Imported {
	const { from, into, force, skipBroken } = request;
	if (!statSync(from, { throwIfNoEntry: false })?.isDirectory()) {
		throw new Failure(`There is no folder ${from}.`, {
			hint: 'Give the folder of a scenario (it holds index.json), or a repository with many.',
			status: 2,
		});
	}
	const name = nameOf(request);
	const folder = new ImportedFolder(from);
	const { groups, passedOver } = readScenarios(folder);
	const of = groups.reduce((sum, { scenarios }) => sum + scenarios.length, 0);
	let at = 0;
	const begin = (scenario: string) => request.onScenario?.(++at, of, scenario);
	const courses = groups.flatMap((group) => coursesOf(folder, group, { name, language: request.language, begin }));
	if (folder.errors > 0 && !skipBroken) {
		const hint = courses.length > 0 ? 'Mend this, or leave these scenarios out with --skip-broken.' : 'Mend this and run it again.';
		throw new Failure(`${formatProblems(folder.problems)}\n\nNothing was imported: ${counted(folder.errors, 'problem')} in ${from}.`, {
			hint,
		});
	}
	if (courses.length === 0) {
		const remedy =
			passedOver.length > 0
				? `These are of something else: ${passedOver.slice(0, 5).join(', ')}.`
				: 'A scenario is a folder with an index.json.';
		throw new Failure(`${folder.problems.length > 0 ? `${formatProblems(folder.problems)}\n\n` : ''}There is no scenario in ${from}.`, {
			hint: remedy,
		});
	}
	const taken = courses.filter(({ slug }) => existsSync(join(into, slug)));
	if (taken.length > 0 && !force) {
		throw new Failure(`There is already ${taken.map(({ slug }) => join(into, slug)).join(', ')}.`, {
			hint: 'Give another name with --course NAME, or replace it with --force.',
		});
	}
	put(into, courses);
	return {
		courses: courses.map(({ slug }) => join(into, slug)),
		scenarios: courses.flatMap(({ imported }) => imported),
		problems: folder.problems,
		passedOver,
	};
}

function nameOf({ course, from }: ImportRequest): string {
	if (course !== undefined && !slugSchema.safeParse(course).success) {
		throw new Failure(`"${course}" is not a name for a course: it stands in addresses, so small letters, digits and single hyphens only.`, {
			...(slugOf(course) && { hint: `Write for example: ${slugOf(course)}` }),
			status: 2,
		});
	}
	return course ?? (slugOf(basename(from)) || 'imported');
}

interface MadeCourse {
	slug: string;
	files: Map<string, string | Uint8Array>;
	imported: ImportedScenario[];
}

interface Making {
	/** Of the course, or of the first of several. */
	name: string;
	language: Language;
	begin: (scenario: string) => void;
}

function coursesOf(folder: ImportedFolder, group: Group, { name, ...making }: Making): MadeCourse[] {
	const below = slugOf(group.folder.replaceAll('/', '-'));
	const slug = (below ? `${name}-${below}` : name).slice(0, 56).replace(/-+$/, '');
	const made: MadeCourse[] = [];
	for (let at = 0; at < group.scenarios.length; at += maxLessons) {
		const part = at / maxLessons + 1;
		const course = oneCourse(
			folder,
			{ ...group, scenarios: group.scenarios.slice(at, at + maxLessons) },
			{ ...making, name: part > 1 ? `${slug}-${part}` : slug },
		);
		if (course) made.push(course);
	}
	return made;
}

function oneCourse(folder: ImportedFolder, group: Group, { name: slug, language, begin }: Making): MadeCourse | undefined {
	const files: MadeCourse['files'] = new Map();
	const imported: ImportedScenario[] = [];
	const used = new Set<string>();
	const packages = new Set<string>();
	for (const scenario of group.scenarios) {
		const before = folder.errors;
		begin(scenario.folder);
		let own = scenario.slug;
		for (let n = 2; used.has(own); n++) own = `${scenario.slug.slice(0, 54)}-${n}`;
		const lesson = makeLesson(folder, { ...scenario, slug: own }, language);
		if (folder.errors > before) continue;
		used.add(own);
		const place = `${String(imported.length + 1).padStart(2, '0')}-${own}`;
		for (const [path, content] of lesson.files) files.set(`${place}/${path}`, content);
		for (const each of lesson.packages) packages.add(each);
		const { state, counts, notes, packages: wanted } = lesson;
		const facts = { scenario: scenario.folder, title: scenario.title, imageid: scenario.imageid };
		imported.push({ ...facts, course: slug, lesson: own, state, counts, notes, packages: wanted });
	}
	if (imported.length === 0) return undefined;
	const runs = imported.some(({ state }) => state !== 'text');
	const title =
		group.title ?? (group.scenarios.length === 1 ? group.scenarios[0]?.title : undefined) ?? titleOf(group.folder || basename(folder.root));
	const locales = localesOf([...files.values()].filter((content) => typeof content === 'string'));
	const from = basename(folder.root);
	for (const [path, text] of courseFiles({ title, language, runs, packages: [...packages].sort(), locales, from })) files.set(path, text);
	return { slug, files, imported };
}

/** Written beside, in a folder that no loader reads; then each course takes its place. What was there comes back when one cannot. */
function put(into: string, courses: readonly MadeCourse[]): void {
	let work: string | undefined;
	const placed: string[] = [];
	const aside = (slug: string) => join(work ?? into, 'replaced', slug);
	try {
		mkdirSync(into, { recursive: true });
		work = mkdtempSync(join(into, '.import-'));
		for (const { slug, files } of courses) {
			for (const [path, content] of files) {
				const top = join(work, 'new', slug);
				const file = join(top, path);
				if (!file.startsWith(top + sep)) throw new Failure(`${path} would be written outside of the course.`);
				mkdirSync(dirname(file), { recursive: true });
				writeFileSync(file, content);
			}
		}
		mkdirSync(join(work, 'replaced'));
		for (const { slug } of courses) {
			if (existsSync(join(into, slug))) renameSync(join(into, slug), aside(slug));
			placed.push(slug);
			renameSync(join(work, 'new', slug), join(into, slug));
		}
	} catch (error) {
		for (const slug of placed) {
			rmSync(join(into, slug), { recursive: true, force: true });
			if (existsSync(aside(slug))) cpSync(aside(slug), join(into, slug), { recursive: true });
		}
		throw explainFileError(error, `write the courses into ${into}`);
	} finally {
		if (work) rmSync(work, { recursive: true, force: true });
	}
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
/** "linux-basics" → "Linux basics". */
const titleOf = (name: string) => {
	const words = basename(name).replace(/[-_]+/g, ' ').trim() || 'Imported';
	return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};
