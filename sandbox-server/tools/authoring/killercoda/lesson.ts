/** One scenario → the files of a lesson. */

import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { lintText } from '../../../../src/courses/lint-text.ts';
import { bashFault } from '../../../../src/courses/shell-syntax.ts';
import type { Language } from '../../../../src/shared/language.ts';
import { waitsForSomebody } from './code.ts';
import { type ImportedFolder, maxAsset } from './files.ts';
import { beyondReach, installedBy, layoutOf, type Machine, machineOf } from './machine.ts';
import { type Note, type Page, type Scenario, type ScenarioStep, type Script, slugOf } from './scenario.ts';
import { checkScript, setupScript, solutionScript } from './scripts.ts';
import { convertText, type LessonPart } from './text.ts';

export interface LessonFiles {
	/** Path in the lesson's folder → what stands in it. */
	files: Map<string, string | Uint8Array>;
	packages: string[];
	notes: Note[];
	/** whole: nothing is missing; part: see the notes; text: to be read only. */
	state: 'whole' | 'part' | 'text';
	counts: { steps: number; checks: number; solutions: number; runBlocks: number; assets: number; pictures: number };
}

interface LessonStep {
	id: string;
	title: string;
	part: LessonPart;
	verify: Script | undefined;
	/** Commands of the solution. */
	solution: string[];
	scripts: string[];
}

/** Pictures that a browser shows. */
const pictures = new Set(['.png', '.jpg', '.jpeg', '.gif', '.svg', '.webp', '.avif']);

/** Reads the scenario's texts, scripts and assets in the folder; writes nothing. @param language of its texts */
export function makeLesson(folder: ImportedFolder, scenario: Scenario, language: Language): LessonFiles {
	return new LessonMaker(folder, scenario, language).make();
}

class LessonMaker {
	readonly #folder: ImportedFolder;
	readonly #scenario: Scenario;
	readonly #language: Language;
	readonly #machine: Machine;
	readonly #notes: Note[];
	readonly #files = new Map<string, string | Uint8Array>();
	/** Where the scenario's own files are in the sandbox, below the home folder. */
	readonly #place: string;
	#pictures = 0;

	constructor(folder: ImportedFolder, scenario: Scenario, language: Language) {
		this.#folder = folder;
		this.#scenario = scenario;
		this.#language = language;
		this.#machine = machineOf(scenario.imageid);
		this.#notes = [...scenario.notes, ...this.#machine.notes];
		this.#place = `.scenario/${scenario.slug}`;
	}

	make(): LessonFiles {
		const { intro, finish, steps: all } = this.#scenario;
		const runs = this.#runs;
		if (this.#machine.textOnly) this.#note('everything that runs', `${this.#machine.textOnly}. The scenario is text to read`);
		const used = new Set<string>();
		const steps = all.map((step, at) => this.#step(step, at, used));
		const opening = intro && this.#page(intro, 2);
		const closing = finish && this.#page(finish, 2);
		if (steps.length === 0) steps.push(this.#onlyStep(used));
		if (runs) this.#scripts(steps);
		const { terminals, notes: layout } = layoutOf(this.#scenario);
		this.#notes.push(...layout, ...(opening?.notes ?? []), ...steps.flatMap(({ part }) => part.notes), ...(closing?.notes ?? []));
		const commands = steps.flatMap(({ part, verify, scripts }) => [
			...part.commands,
			...part.solved,
			...(verify ? [verify.text] : []),
			...scripts,
		]);
		commands.push(...[intro?.foreground, intro?.background].flatMap((script) => (script ? [script.text] : [])));
		const packages = runs ? [...this.#machine.packages, ...installedBy(commands)] : [];
		if (runs) this.#notes.push(...beyondReach(commands));
		if (packages.length > this.#machine.packages.length) {
			this.#note(
				`packages ${installedBy(commands).join(', ')}`,
				'they are put into the image, as far as Debian has them: a sandbox has no network',
			);
		}
		this.#texts(steps, opening, closing);
		this.#settings(steps, Math.max(terminals, ...steps.map(({ part }) => part.terminals), opening?.terminals ?? 1));
		const checked = steps.filter(({ verify }) => verify);
		return {
			files: this.#files,
			packages,
			notes: merged(this.#notes),
			state: runs ? (this.#notes.length > 0 ? 'part' : 'whole') : 'text',
			counts: {
				steps: steps.length,
				checks: checked.length,
				solutions: checked.filter(({ solution }) => solution.length > 0).length,
				runBlocks: [opening, ...steps.map(({ part }) => part), closing].reduce((sum, part) => sum + (part?.commands.length ?? 0), 0),
				assets: runs ? this.#scenario.assets.length : 0,
				pictures: this.#pictures,
			},
		};
	}

	get #runs(): boolean {
		return this.#machine.textOnly === undefined;
	}

	#note(what: string, why: string): void {
		this.#notes.push({ what, why });
	}

	#convert(page: Page, markdown: string, top: 2 | 3, title: string | undefined, folds = false): LessonPart {
		const file = join(this.#folder.root, page.file);
		return convertText({
			markdown,
			top,
			title,
			runs: this.#runs,
			folds,
			answer: wordsOf[this.#language].answer,
			picture: (path) => this.#picture(dirname(file), path),
		});
	}

	#page(page: Page, top: 2 | 3): LessonPart {
		return this.#convert(page, page.text, top, undefined);
	}

	#step(step: ScenarioStep, at: number, used: Set<string>): LessonStep {
		const verify = this.#runs ? this.#verify(step, at) : undefined;
		const part = this.#convert(step, step.text, 3, step.title, verify !== undefined);
		const title = plainTitle(step.title ?? part.heading ?? `${this.#language === 'fr' ? 'Étape' : 'Step'} ${at + 1}`);
		const id = unused(slugOf(title) || `step-${at + 1}`, used);
		const extra = (text: string | undefined) => text && this.#convert(step, text, 3, undefined);
		const [answer, hint] = [extra(step.answer), extra(step.hint)];
		if (verify && hint) part.hints.push(hint.body);
		if (answer) {
			if (verify) part.solutions.push(answer.body);
			else part.body += `\n\n${answer.body}`;
			part.solved.push(...answer.commands);
		}
		// What a folded solution runs is the way; otherwise all that the step's text runs.
		const way = verify ? (part.solved.length > 0 ? part.solved : part.commands) : [];
		const solution = way.filter((command) => !waitsForSomebody(command));
		if (solution.length < way.length)
			this.#note(
				'command of a solution that waits for somebody (an editor, a pager, tail -f, a long sleep)',
				'it is left out of the solution',
			);
		return { id, title, part, verify, solution, scripts: this.#runs ? this.#stepScripts(step, at) : [] };
	}

	/** A scenario without steps: its last text is one to read. */
	#onlyStep(used: Set<string>): LessonStep {
		const title = plainTitle(this.#scenario.title);
		const body =
			this.#language === 'fr'
				? 'Cette leçon se lit et s’essaie : elle n’a pas d’autre étape.'
				: 'This lesson is to be read and tried: it has no other step.';
		const part = convertText({ markdown: body, top: 3, title, runs: false, folds: false, answer: '', picture: () => undefined });
		return { id: unused(slugOf(title) || 'read', used), title, part, verify: undefined, solution: [], scripts: [] };
	}

	#verify(step: ScenarioStep, at: number): Script | undefined {
		const { verify } = step;
		if (!verify) return undefined;
		const shell = /^#!.*\b(python3?|perl|ruby|node)\b/.exec(verify.text)?.[1];
		const fault = shell ? undefined : bashFault(verify.text);
		if (!fault) return verify;
		const what = `Bash does not understand the verification of step ${at + 1}: ${fault.message}.`;
		this.#folder.problem(join(this.#folder.root, verify.file), what, 'Mend the script; try it with bash -n.', fault.line);
		return undefined;
	}

	/** Scripts that ran by themselves when a step began: here a button at its head runs them. @returns their texts */
	#stepScripts(step: ScenarioStep, at: number): string[] {
		return (['background', 'foreground'] as const).flatMap((kind) => {
			const script = step[kind];
			if (!script) return [];
			this.#files.set(`files/${this.#place}/step-${at + 1}-${kind}.sh`, script.text);
			this.#note(`${kind} script of a step`, 'a step begins with a button that runs it: nothing runs by itself in the middle of a lesson');
			return [script.text];
		});
	}

	/** Checks, solutions, setup and assets. */
	#scripts(steps: readonly LessonStep[]): void {
		const { assets, intro, finish } = this.#scenario;
		for (const { id, verify, solution } of steps) {
			if (!verify) continue;
			this.#notes.push(...verificationNotes(verify.text));
			this.#files.set(`checks/${id}.sh`, checkScript(verify));
			if (solution.length > 0) this.#files.set(`solutions/${id}.sh`, solutionScript(solution));
			else this.#note('solution of a step', 'the scenario gives none: `prove` can only see that its check fails before it');
		}
		for (const kind of ['foreground', 'background'] as const) {
			const script = intro?.[kind];
			if (script) this.#files.set(`files/${this.#place}/${kind}.sh`, script.text);
			if (finish?.[kind]) this.#note(`${kind} script of the end`, 'a lesson has no end that the server knows of');
		}
		if (intro?.foreground)
			this.#note(
				'foreground script',
				'it runs in the preparation, before the first prompt, for at most 40 s; what it prints is in the log beside it',
			);
		if (intro?.foreground && changesItsShell.test(intro.foreground.text))
			this.#note(
				'foreground script that changes its own shell (export, cd, alias, a function)',
				'that does not reach the learner’s: write it into ~/.bashrc in setup.sh',
			);
		for (const { source, name } of assets) this.#files.set(`files/${this.#place}/assets/${name}`, readFileSync(source));
		const setup = setupScript({ place: this.#place, assets, foreground: intro?.foreground, background: intro?.background });
		if (setup) this.#files.set('setup.sh', setup);
	}

	#picture(from: string, target: string): string | undefined {
		let name: string;
		try {
			name = decodeURIComponent(target.replace(/[?#].*$/, ''));
		} catch {
			return undefined; // Not an address: as good as a file that is not there.
		}
		const relative = name.replace(/^\/+/, '');
		const places = [from, this.#scenario.path, join(this.#scenario.path, 'assets'), dirname(this.#scenario.path), this.#folder.root];
		for (const place of places) {
			const path = join(place, relative);
			const stat = this.#folder.holds(path) ? statSync(path, { throwIfNoEntry: false }) : undefined;
			if (!stat?.isFile() || !pictures.has(extname(path).toLowerCase()) || stat.size > maxAsset) continue;
			const found = this.#folder.find([place], relative, { file: from, what: 'The picture' });
			if (!found) return undefined;
			const kept = `images/${slugOf(basename(found, extname(found))) || 'picture'}-${slugOf(name).slice(-8)}${extname(found).toLowerCase()}`;
			if (!this.#files.has(kept)) this.#pictures++;
			this.#files.set(kept, readFileSync(found));
			return `./${kept}`;
		}
		return undefined;
	}

	#texts(steps: readonly LessonStep[], opening: LessonPart | undefined, closing: LessonPart | undefined): void {
		const { title, description } = this.#scenario;
		const out = [
			'---',
			`title: ${JSON.stringify(plainTitle(title))}`,
			`description: ${JSON.stringify(plainTitle(description))}`,
			'---',
			'',
		];
		if (opening?.body) out.push(opening.body, '');
		for (const [at, { id, title: name, part, verify, solution }] of steps.entries()) {
			out.push(`<Step id="${id}">`, '', `## ${headingText(name)}`, '');
			for (const kind of ['background', 'foreground']) {
				if (!this.#files.has(`files/${this.#place}/step-${at + 1}-${kind}.sh`)) continue;
				const behind = kind === 'background' ? ' &' : '';
				// In the learner's own shell, as there, unless it would end that shell or take away the marks by which commands are seen to end.
				const text = String(this.#files.get(`files/${this.#place}/step-${at + 1}-${kind}.sh`));
				const run = kind === 'background' || /\b(exit|exec|PROMPT_COMMAND|PS[012])\b/.test(text) ? 'bash' : 'source';
				out.push('```bash run', `${run} ~/${this.#place}/step-${at + 1}-${kind}.sh${behind}`, '```', '');
			}
			if (part.body) out.push(part.body, '');
			if (verify) {
				const words = wordsOf[this.#language];
				for (const hint of part.hints.length > 0 ? part.hints : [words.hint]) out.push('<Hint>', '', hint, '', '</Hint>');
				const explained = part.solutions.length > 0 ? part.solutions.join('\n\n') : solution.length > 0 ? words.solution : words.none;
				out.push('<Solution>', '', explained, '', '</Solution>');
			}
			out.push('', '</Step>', '');
		}
		if (closing?.body) out.push(closing.body, '');
		this.#files.set(`${this.#language}.mdx`, out.join('\n').replace(/\n{3,}/g, '\n\n'));
	}

	#settings(steps: readonly LessonStep[], terminals: number): void {
		const { words } = lintText('', String(this.#files.get(`${this.#language}.mdx`)));
		const estimate = Math.min(480, Math.max(1, Math.round(words / 180 + steps.length)));
		const said = this.#scenario.minutes;
		const minutes = said && said <= estimate * 4 && estimate <= said * 1.5 ? said : estimate;
		const lines = [`minutes: ${minutes}`, ...(terminals > 1 ? [`terminals: ${terminals}`] : [])];
		if (this.#runs) lines.push('# Terminals and scripts start in the home folder itself, as the scenario expects.', 'folder: home');
		lines.push('steps:');
		for (const { id, verify, solution, part } of steps) {
			lines.push(`  - id: ${id}`);
			if (!verify) lines.push(part.quizzes > 0 ? '    check: { quiz: all }' : '    check: false');
			else if (solution.length === 0) lines.push('    solution: false          # none is known');
			else if (part.solved.length > 0) lines.push('    challenge: true');
		}
		this.#files.set('lesson.yaml', `${lines.join('\n')}\n`);
	}
}

/** Where a command of a script begins. */
const begin = String.raw`(?:^|[;&|{]|\b(?:then|do|else))\s*(?:sudo\s+)?`;

const changesItsShell = new RegExp(
	`${begin}(?:(?:export|cd|pushd|alias|source|\\.|set|unset|shopt|declare|umask|ulimit|function)\\s|[A-Za-z_]\\w*\\s*\\(\\)|PS1=)`,
	'm',
);

const takesAway = new RegExp(
	[
		`${begin}(?:rm|rmdir|unlink|shred|mv|truncate|kill|pkill|killall|userdel|groupdel)\\b`,
		`${begin}(?:sed\\s(?:.*\\s)?-\\w*i|crontab\\s+-r|find\\s.*-delete|git\\s+(?:reset|checkout|clean|stash|restore))\\b`,
		String.raw`\b(?:kubectl|docker|podman|helm)\s+(?:\w+\s+)?(?:delete|rmi?|prune|uninstall|stop)\b`,
	].join('|'),
	'm',
);

/** What a verification does that goes otherwise here, where it runs after every command of the learner. */
function verificationNotes(text: string): Note[] {
	const notes: Note[] = [];
	const code = text.replace(/^\s*#.*$/gm, '');
	if (/bash_history|HISTFILE/.test(code))
		notes.push({
			what: 'verification that reads ~/.bash_history',
			why: 'it is written behind each command, perhaps a moment after the verification has looked: write the check with `ran` (docs/author/checks.md)',
		});
	if (/\b(?:history|fc)\b(?!\s+-[aw])/.test(code.replaceAll('bash_history', '')))
		notes.push({
			what: 'verification that reads the shell’s history',
			why: 'it runs in a shell of its own, which has none: write the check with `ran` (docs/author/checks.md)',
		});
	if (/(?:^|[;&|(!]|\b(?:then|do|if|while))\s*(?:jobs|alias|dirs|pwd|fg|bg|declare\s+-[fF])\b|\$\{?(?:PWD|OLDPWD|DIRSTACK)\b/m.test(code))
		notes.push({
			what: 'verification that looks at its own shell (jobs, alias, $PWD)',
			why: 'it runs in a shell of its own, which has nothing of the learner’s: look at a file, or write the check with `ran`',
		});
	if (/\bstat\b[^\n]*%[UuGg]|\bfind\b[^\n]*\s-(?:user|group|uid|gid)\b/.test(code))
		notes.push({
			what: 'verification that asks whose a file is (stat -c %G)',
			why: 'here a file cannot be given to another user or group than root (chown, chgrp): a step that wants that is never passed',
		});
	if (takesAway.test(code))
		notes.push({
			what: 'verification that takes something away (rm, mv, kill, delete)',
			why: 'it runs after each command of the learner, not at a click: it would do so each time',
		});
	return notes;
}

const wordsOf = {
	fr: {
		hint: 'Le scénario n’a pas d’indice pour cette étape : relisez sa consigne, mot à mot.',
		solution: 'Les commandes que le texte de cette étape donne :',
		answer: 'Réponse',
		none: 'Le scénario ne donne pas de solution.',
	},
	en: {
		hint: 'The scenario has no hint for this step: read what it asks once more, word by word.',
		solution: 'The commands that the text of this step gives:',
		answer: 'Answer',
		none: 'The scenario gives no solution.',
	},
} as const;

/** On one line, without marks. */
const plainTitle = (title: string) =>
	title
		.replace(/[*_`]{1,3}(\S[^*_`]*)[*_`]{1,3}/g, '$1')
		.replace(/<[^>]*>/g, '')
		.replace(/\s+/g, ' ')
		.trim() || '–';

/** A title as Markdown that MDX takes for text. */
const headingText = (title: string) => title.replace(/[\\{}<>*_`[\]#]/g, '\\$&');

function unused(name: string, used: Set<string>): string {
	let id = name;
	for (let n = 2; used.has(id); n++) id = `${name.slice(0, 54)}-${n}`;
	used.add(id);
	return id;
}

/** The same remark once, with how often it was made: "3 × …". */
function merged(notes: readonly Note[]): Note[] {
	const found = new Map<string, { note: Note; count: number }>();
	for (const note of notes) {
		const [, count, what = note.what] = /^(\d+) × (.*)$/s.exec(note.what) ?? [];
		const key = `${what}\0${note.why}`;
		const seen = found.get(key) ?? { note: { what, why: note.why }, count: 0 };
		seen.count += Number(count ?? 1);
		found.set(key, seen);
	}
	return [...found.values()].map(({ note, count }) => (count > 1 ? { ...note, what: `${count} × ${note.what}` } : note));
}
