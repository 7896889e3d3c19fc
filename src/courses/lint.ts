/** All that can be said against courses without playing them: the loader's problems, and what an author would want to know besides. */
import { join, relative } from 'node:path';
import type { Cluster } from '../shared/course/cluster.ts';
import { clusterVariables } from '../shared/course/cluster-profile.ts';
import { regexesOf } from '../shared/course/conditions.ts';
import type { LessonSettings } from '../shared/course/course.ts';
import { namesIn, variableOf } from '../shared/course/parameters.ts';
import { splitCommands } from '../shared/course/split-commands.ts';
import { nodeNames, nodeOf } from '../shared/course/terminal-names.ts';
import { languages } from '../shared/language.ts';
import { blockFiles } from './block-file.ts';
import { castNames, castPath } from './cast-file.ts';
import { type CheckSetting, helperFaults, marksIn } from './check-helpers.ts';
import { courseText } from './course-file.ts';
import { readDiagram } from './diagram.ts';
import { type CourseFolder, type CoursePaths, findCourses, folders, isAbout } from './folders.ts';
import { type LessonBlock, readBlock } from './lesson-blocks.ts';
import { splitHead } from './lesson-lines.ts';
import { outOfStep } from './lint-blocks.ts';
import { Links } from './lint-links.ts';
import { proseProblems } from './lint-prose.ts';
import { lintText, type Reference, type TextFindings } from './lint-text.ts';
import { loadCourses } from './load.ts';
import { type SpaceFault, spacesInCode, spacesInMarkup, spacesInYaml } from './no-break-spaces.ts';
import type { Problem } from './problem.ts';
import { scriptName, scriptsCalled, scriptsIn } from './script-file.ts';
import { bashFault, hasBash, regexFault } from './shell-syntax.ts';
import { lineOfPath } from './yaml-file.ts';

/** A problem with severity 'warning' is worth a look; every other one keeps a course from working. */
export const isError = (problem: Problem): boolean => problem.severity !== 'warning';

/** Reads so many words in a minute, of a text that one has to think about. */
const wordsPerMinute = 180;
/** Besides reading: typing and looking, for each step. */
const minutesPerStep = 1;
/** A lesson is announced wrongly when it takes this many times as long as it says, or as short. */
const farOff = 4;
/** "> notes.txt", a redirection without a command: a name with a point or a slash is no command behind a prompt. */
const emptiesFile = /^\s*>\s+[^\s|;&]*[./][^\s|;&]*\s*$/;

/** Names of courses, and of folders that would be. */
export const courseSlugs = (paths: CoursePaths): string[] => findCourses(paths).folders.map(({ slug }) => slug);

/**
 * @param paths of folders of courses, and of single courses
 * @param only slug of one course; undefined: all of them
 * @returns every problem of every course, in one run; files relative to the folder of courses when there is only one
 */
export function lintCourses(paths: CoursePaths, only?: string): Problem[] {
	const { problems, courses } = loadCourses(paths);
	const { folders: courseFolders } = findCourses(paths);
	const wanted = courseFolders.filter(({ slug }) => only === undefined || slug === only);
	const others = courseFolders.filter((courseFolder) => !wanted.includes(courseFolder));
	const found = problems.filter((problem) => !others.some((courseFolder) => isAbout(courseFolder, problem)));
	if (courseFolders.length === 0) return found;
	if (!hasBash()) {
		found.push({
			file: [paths].flat().join(', '),
			severity: 'warning',
			what: 'There is no bash on this machine: commands and scripts were not looked at.',
			remedy: 'Install bash.',
		});
	}
	const links = new Links(courseFolders, lessonFolders);
	for (const courseFolder of wanted) {
		const course = courses.find(({ slug }) => slug === courseFolder.slug);
		for (const folder of lessonFolders(courseFolder.path)) {
			const lesson = course?.lessons.find((one) => one.folder === folder);
			const { settings, quizzes = [] } = lesson ?? {};
			const own = Object.keys({ ...course?.settings.parameters, ...settings?.parameters });
			const setting = lesson && { variables: [...own.map(variableOf), ...clusterVariables], quizzes: quizzes.map(({ id }) => id) };
			const cluster = settings?.cluster ?? course?.settings.cluster;
			const about = { course: courseFolder, slug: courseFolder.slug, folder, links, settings, setting, cluster };
			found.push(...new LessonLinter(about).lint());
		}
	}
	return found;
}

interface LessonAddress {
	course: CourseFolder;
	slug: string;
	folder: string;
	links: Links;
	/** undefined when the lesson could not be loaded. */
	settings: Pick<LessonSettings, 'minutes' | 'steps' | 'parameters'> | undefined;
	setting: CheckSetting | undefined;
	/** The lesson's, or its course's. */
	cluster: Cluster | undefined;
}

class LessonLinter {
	readonly #place: LessonAddress;
	readonly #path: string;
	readonly #problems: Problem[] = [];
	/** By language. */
	readonly #blocks = new Map<string, LessonBlock[]>();

	constructor(place: LessonAddress) {
		this.#place = place;
		this.#path = join(place.course.path, place.folder);
	}

	lint(): Problem[] {
		const texts = new Map<string, TextFindings>();
		for (const language of languages) {
			const file = join(this.#path, `${language}.mdx`);
			const text = courseText(file);
			if (text === undefined) continue;
			const findings = lintText(this.#relative(file), text);
			texts.set(language, findings);
			this.#problems.push(...findings.problems, ...proseProblems(this.#relative(file), text));
			for (const reference of findings.references) this.#reference(file, reference, language);
			const blocks = findings.lines.blocks.map((block) => readBlock(block, this.#path, language));
			this.#blocks.set(language, blocks);
			this.#spaces(file, text, findings, blocks);
			for (const block of blocks) {
				this.#diagram(file, block);
				this.#node(file, block);
			}
			for (const { intent, faults, unclosed, from, text, line, step } of blocks) {
				// One that is never closed holds what follows it, too.
				if (intent.kind !== 'run' || faults.length > 0 || unclosed) continue;
				// Lines of a block in a file of its own are counted there.
				if (from) this.#commands(join(this.#path, from), text, 0, step);
				else this.#commands(file, text, line, step);
			}
			this.#time(file, findings.words);
		}
		for (const name of this.#scripts('solutions')) this.#solution(name);
		const own = ['setup', 'cleanup'].flatMap((name) => scriptsCalled(this.#path, name));
		for (const name of [...own, ...this.#scripts('checks'), ...this.#scripts('resets')]) this.#script(name);
		this.#told(join(this.#path, 'lesson.yaml'), spacesInYaml(courseText(join(this.#path, 'lesson.yaml')) ?? ''));
		this.#hints(texts);
		this.#conditions(texts);
		this.#coverage(texts);
		this.#parameters();
		this.#unusedBlocks();
		this.#unusedCasts(texts);
		return this.#problems;
	}

	#reference(file: string, reference: Reference, language: string): void {
		const { slug, folder, links } = this.#place;
		const fault = links.fault(reference, { language, course: slug, lesson: slugOf(folder), folder: this.#path });
		if (fault) this.#add(file, reference.line, fault.what, fault.remedy);
	}

	/** No-break spaces that break something. */
	#spaces(file: string, text: string, { lines }: TextFindings, blocks: readonly LessonBlock[]): void {
		const head = splitHead(text);
		if (head) this.#told(file, spacesInYaml(head.head, 1));
		for (const { written, number } of lines.prose) this.#told(file, spacesInMarkup(written, number));
		for (const [index, { language, meta, line }] of lines.blocks.entries()) {
			this.#told(file, spacesInMarkup(`\`\`\`${language} ${meta}`, line));
			const block = blocks[index];
			// What a program has printed is as it is: bash itself says « : ».
			if (!block || (block.intent.kind !== 'run' && block.intent.kind !== 'file')) continue;
			this.#told(block.from ? join(this.#path, block.from) : file, spacesInCode(language, block.text, block.from ? 0 : line));
		}
	}

	/** One that cannot be drawn is shown as it is written. */
	#diagram(file: string, { language, text, line }: LessonBlock): void {
		const diagram = language === 'mermaid' ? readDiagram(text) : undefined;
		if (diagram && 'fault' in diagram) this.#warn(file, line + diagram.fault.line, diagram.fault.what, diagram.fault.remedy);
	}

	/** A block for a node that the lesson does not have. */
	#node(file: string, { intent, line }: LessonBlock): void {
		const node = intent.kind === 'run' && intent.terminal !== undefined ? nodeOf(intent.terminal) : undefined;
		if (node === undefined || !this.#place.settings) return;
		const nodes = nodeNames(this.#place.cluster?.nodes ?? 0);
		if (nodes.includes(node)) return;
		if (nodes.length === 0) {
			const remedy = 'Write `cluster: slurm` in lesson.yaml or course.yaml (docs/author/cluster.md), or terminal=2 for another terminal.';
			this.#add(file, line, `This block is for the node "${node}", and the lesson has no cluster.`, remedy);
		} else {
			const remedy = `Write host=${nodes.at(-1)}, or give the cluster more \`nodes\`.`;
			this.#add(file, line, `This block is for the node "${node}", and the lesson’s cluster has ${nodes.join(', ')}.`, remedy);
		}
	}

	#told(file: string, faults: readonly SpaceFault[]): void {
		for (const { line, what, remedy } of faults) this.#add(file, line, what, remedy);
	}

	/** @param first line of the fence; the commands begin on the next */
	#commands(file: string, text: string, first: number, step: string | undefined): void {
		for (const command of splitCommands(text)) {
			const prompt = /^\s*((?:[\w.-]+@[\w.-]+[^\s$#]*)?[$>]|[\w.-]+@[\w.-]+\S*#)\s+\S/.exec(command)?.[1];
			if (prompt && !emptiesFile.test(command)) {
				const at = first + lineOf(text, command) + 1;
				this.#add(
					file,
					at,
					`This command begins with "${prompt}", which is a prompt's: it would be typed, too.`,
					prompt === '>' ? 'Write the command alone; to empty a file: `: > name`.' : 'Write the command alone.',
				);
				continue;
			}
			const fault = bashFault(command);
			if (!fault) continue;
			// An end that is missing is reported on the line after the last.
			const at = first + lineOf(text, command) + Math.min(fault.line, command.split('\n').length);
			const what = `Bash does not understand this command${step ? ` of the step "${step}"` : ''}: ${fault.message}.`;
			const remedy = /^\s*(for|while|until|if|case|select|function|do|then|else|elif|fi|done|esac|\{|\})\b|\(\)\s*\{|[{}]\s*$/.test(command)
				? 'Commands are typed one by one: put the whole of it on one line, or into a script.'
				: 'Try it in a terminal; look for an open quote or parenthesis.';
			this.#add(file, at, what, remedy);
		}
	}

	#solution(name: string): void {
		const file = join(this.#path, name);
		const text = courseText(file);
		if (text === undefined) return;
		const step = stepOf(name);
		if (splitCommands(text).length === 0) {
			this.#add(file, undefined, `The solution of the step "${step}" has no command.`, 'Write the commands that do the step.');
		}
		this.#commands(file, text, 0, step);
	}

	#script(name: string): void {
		const file = join(this.#path, name);
		const text = courseText(file);
		if (text === undefined) return;
		if (!/^#!\s*\S*\/(?:env\s+)?(ba|da)?sh\b/.test(text)) return;
		this.#told(file, spacesInCode('sh', text));
		const fault = bashFault(text);
		if (!fault && name.startsWith('checks/')) this.#told(file, helperFaults(text, this.#place.setting));
		if (fault) this.#add(file, fault.line, `The shell does not understand this script: ${fault.message}.`, 'Try it with bash -n.');
	}

	/** The numbers of hints that checks point at. */
	#hints(texts: ReadonlyMap<string, TextFindings>): void {
		for (const name of this.#scripts('checks')) {
			const file = join(this.#path, name);
			const lines = (courseText(file) ?? '').split('\n');
			for (const [language, { lines: text }] of texts) {
				const count = hintsOf(text.prose, stepOf(name));
				for (const [index, line] of lines.entries()) {
					const number = Number(/^\s*[^#]*['"]\s+hint\s+(\d+)/.exec(line)?.[1] ?? 0);
					if (count === undefined || number <= count) continue;
					this.#add(
						file,
						index + 1,
						`This points at hint ${number}, and the step "${stepOf(name)}" has ${count} in ${language}.mdx.`,
						'Write that hint, or another number.',
					);
				}
			}
		}
	}

	/** What the conditions of lesson.yaml point at, and whether grep understands their regular expressions. */
	#conditions(texts: ReadonlyMap<string, TextFindings>): void {
		const file = join(this.#path, 'lesson.yaml');
		const yaml = this.#place.settings && courseText(file);
		for (const [index, { id, check }] of (this.#place.settings?.steps ?? []).entries()) {
			if (!yaml || !Array.isArray(check)) continue;
			for (const [at, condition] of check.entries()) {
				const line = (key: string) =>
					lineOfPath(yaml, ['steps', index, 'check', at, key]) ?? lineOfPath(yaml, ['steps', index, 'check', key]);
				for (const { key, regex } of regexesOf(condition)) {
					const fault = regexFault(regex.replace(/\{\{\s*[\w.]+\s*\}\}/g, 'x'));
					if (!fault) continue;
					const what = `\`${key}\` of the step "${id}" is no regular expression that grep -E understands: ${fault}.`;
					this.#add(file, line(key), what, `Write \\ before a sign that is meant as itself, [0-9] for a digit; here stands: ${regex}`);
				}
				const marks = Object.values(condition.fail ?? {})
					.map((sentence) => marksIn(sentence))
					.find((mark) => mark !== undefined);
				if (marks)
					this.#add(file, line('fail'), `"${marks}" is shown as it stands.`, 'A sentence has code between back-ticks, and no other marks.');
				for (const [language, { lines: text }] of texts) {
					const count = hintsOf(text.prose, id);
					if (condition.hint === undefined || count === undefined || condition.hint <= count) continue;
					const what = `This points at hint ${condition.hint}, and the step "${id}" has ${count} in ${language}.mdx.`;
					this.#add(file, line('hint'), what, 'Write that hint, or another number.');
				}
			}
		}
	}

	/** Commands that nothing looks at, and languages that do not have the same. */
	#coverage(texts: ReadonlyMap<string, TextFindings>): void {
		const played = (language: string, step: string) =>
			(this.#blocks.get(language) ?? []).filter((block) => ['run', 'file', 'open'].includes(block.intent.kind) && block.step === step);
		for (const { id, check } of this.#place.settings?.steps ?? []) {
			const [fr, en] = [played('fr', id), played('en', id)];
			const shown = fr.find(({ intent }) => intent.kind === 'run');
			if (check === false && shown) {
				const what = `The step "${id}" has commands to run, and no check looks at what they do.`;
				this.#warn(join(this.#path, 'fr.mdx'), shown.line, what, `Give it a check, or take "run" away from the block.`);
			}
			const different = texts.size === languages.length ? outOfStep(id, fr, en) : undefined;
			if (different) this.#warn(join(this.#path, 'en.mdx'), different.line, different.what, different.remedy);
		}
	}

	#unusedBlocks(): void {
		const used = new Set([...this.#blocks.values()].flat().map(({ from }) => from));
		for (const file of blockFiles(this.#path)) {
			if (used.has(file)) continue;
			this.#warn(
				join(this.#path, file),
				undefined,
				'No block of the lesson’s texts takes its text from this file.',
				`Write from=${file} after a block’s \`\`\`, or remove the file.`,
			);
		}
	}

	#unusedCasts(texts: ReadonlyMap<string, TextFindings>): void {
		for (const name of castNames(this.#path)) {
			const shown = [...texts.values()].map(({ lines }) =>
				lines.prose.some(({ text }) => /<Cast\b/.test(text) && text.includes(`"${name}"`)),
			);
			if (shown.length === 0 || shown.every(Boolean)) continue;
			const which = shown.some(Boolean) ? 'Only one of the lesson’s texts shows' : 'No text of the lesson shows';
			this.#warn(
				castPath(this.#path, name),
				undefined,
				`${which} this recording.`,
				`Write <Cast name="${name}" title="…" />, or remove the file.`,
			);
		}
	}

	/** A parameter that no check reads keeps nobody from handing in a neighbour's answer. */
	#parameters(): void {
		const file = join(this.#path, 'lesson.yaml');
		const parameters = this.#place.settings?.parameters ?? {};
		const read = [file, ...this.#scripts('checks').map((name) => join(this.#path, name))].map((path) => courseText(path) ?? '');
		const used = namesIn(read.join('\n'), parameters);
		for (const name of Object.keys(parameters)) {
			if (used.includes(name)) continue;
			const remedy = `Compare with $${variableOf(name)} in a check, or remove the parameter.`;
			this.#warn(file, undefined, `No check reads the parameter "${name}": an answer copied from a neighbour would pass.`, remedy);
		}
	}

	#time(file: string, words: number): void {
		const { settings } = this.#place;
		if (!settings) return;
		const estimate = Math.max(1, Math.round(words / wordsPerMinute + settings.steps.length * minutesPerStep));
		if (settings.minutes <= estimate * farOff && estimate <= settings.minutes * 1.5) return;
		const what = `lesson.yaml announces ${settings.minutes} min; reading ${words} words and doing ${settings.steps.length} steps takes about ${estimate}.`;
		this.#warn(file, undefined, what, `Write for example \`minutes: ${estimate}\`, or tell why it takes so long.`);
	}

	/** "checks/pull.sh" and so on, of what is there. */
	#scripts(kind: string): string[] {
		return scriptsIn(join(this.#path, kind)).map((name) => `${kind}/${name}`);
	}

	#add(file: string, line: number | undefined, what: string, remedy: string): void {
		this.#problems.push({ file: this.#relative(file), line, what, remedy });
	}

	#warn(file: string, line: number | undefined, what: string, remedy: string): void {
		this.#problems.push({ file: this.#relative(file), line, severity: 'warning', what, remedy });
	}

	#relative(file: string): string {
		const { label, path } = this.#place.course;
		return join(label, relative(path, file));
	}
}

/** How many hints a step has; undefined when the text has no such step. */
function hintsOf(prose: TextFindings['lines']['prose'], step: string): number | undefined {
	let current: string | undefined;
	let count: number | undefined;
	for (const { text } of prose) {
		for (const [, closing, name, attributes = ''] of text.matchAll(/<(\/?)(Step|Hint)\b([^>]*)>/g)) {
			if (name === 'Step') current = closing ? undefined : /\bid="([^"]*)"/.exec(attributes)?.[1];
			if (current !== step || closing) continue;
			count = (count ?? 0) + (name === 'Hint' ? 1 : 0);
		}
	}
	return count;
}

const stepOf = scriptName;
const slugOf = (folder: string) => folder.replace(/^\d\d-/, '');
/** Lines of `text` before `part`. */
const lineOf = (text: string, part: string) => text.slice(0, Math.max(0, text.indexOf(part))).split('\n').length - 1;
const lessonFolders = (path: string) => folders(path).filter((name) => /^\d\d-/.test(name));
