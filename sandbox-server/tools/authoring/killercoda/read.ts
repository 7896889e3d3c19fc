/** A folder with scenarios → what they say, and every problem of them. */

import { statSync } from 'node:fs';
import { basename, dirname, join, matchesGlob } from 'node:path';
import { type ImportedFolder, maxAsset } from './files.ts';
import { lineOfPath, meantKey, type ReadJson, readJson } from './json-text.ts';
import {
	type Asset,
	harmlessKeys,
	type Index,
	indexSchema,
	type Note,
	type Page,
	pathwaySchema,
	type Scenario,
	type ScenarioStep,
	type Script,
	slugOf,
	structureSchema,
} from './scenario.ts';

/** Scenarios that become one course: those of one folder. */
export interface Group {
	/** Relative to the imported folder; "" for its top. */
	folder: string;
	/** Of structure.json. */
	title: string | undefined;
	scenarios: Scenario[];
}

/** Steps that a lesson may have. */
const maxSteps = 30;
const chmodPattern = /^(?:[ugoa]*[+=-][rwxXst]+|[0-7]{3,4})$/;
/** Hosts that are the learner's own machine. */
const ownHosts = /^(host0?1|client|controlplane|master|terminal|ubuntu|localhost)$/;

/** @returns scenarios by folder, in the order of structure.json; problems are in `folder` */
export function readScenarios(folder: ImportedFolder): { groups: Group[]; passedOver: string[] } {
	const groups = new Map<string, Group>();
	const passedOver: string[] = [];
	for (const path of folder.scenarioFolders()) {
		const scenario = new ScenarioReader(folder, path).read();
		if (scenario === 'no scenario') passedOver.push(folder.name(join(path, 'index.json')));
		if (!scenario || scenario === 'no scenario') continue;
		const parent = path === folder.root ? '' : folder.name(dirname(path)).replace(/^\.$/, '');
		const group = groups.get(parent) ?? { folder: parent, title: undefined, scenarios: [] };
		group.scenarios.push(scenario);
		groups.set(parent, group);
	}
	for (const group of groups.values()) order(folder, group);
	return { groups: [...groups.values()], passedOver };
}

/** As structure.json or Katacoda's NAME-pathway.json says; scenarios that it does not name, and all without one, by name: 2 before 10. */
function order(folder: ImportedFolder, group: Group): void {
	group.scenarios.sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
	const pathway = pathwayOf(folder, group);
	const said = structureOf(folder, group) ?? pathway;
	if (!said) return;
	group.title = said.title ?? pathway?.title;
	const names = said.names.map((name) => basename(name));
	const place = (scenario: Scenario) => {
		const at = names.indexOf(basename(scenario.path));
		return at < 0 ? names.length : at;
	};
	group.scenarios.sort((a, b) => place(a) - place(b));
	for (const name of said.names) {
		if (statSync(join(folder.root, group.folder, name), { throwIfNoEntry: false })) continue;
		const remedy = 'Correct the path, or take the entry away.';
		folder.warn(said.file, `The scenario ${name} does not exist.`, remedy, lineOfPath(said.text, [name]));
	}
}

interface Structure {
	/** Where it is said; absolute. */
	file: string;
	text: string;
	title: string | undefined;
	/** Paths of scenarios, relative to the group's folder. */
	names: string[];
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function structureOf(folder: ImportedFolder, group: Group): Structure | undefined {
	const file = join(folder.root, group.folder, 'structure.json');
	if (!isFile(file)) return undefined;
	const text = folder.text(file, 'structure') ?? '{}';
	const value = told(folder, file, readJson(text, structureSchema));
	return value && { file, text, title: value.title, names: value.items.map(({ path }) => path) };
}

function pathwayOf(folder: ImportedFolder, group: Group): Structure | undefined {
	const file = join(folder.root, `${group.folder}-pathway.json`);
	if (group.folder === '' || !isFile(file)) return undefined;
	const text = folder.text(file, 'structure') ?? '{}';
	const value = told(folder, file, readJson(text, pathwaySchema));
	return value && { file, text, title: value.title, names: value.courses.map(({ course_id }) => course_id) };
}

/** Tells of a file's faults. @returns what it says, when it has none */
function told<Value>(folder: ImportedFolder, file: string, { value, faults }: ReadJson<Value>): Value | undefined {
	for (const { what, remedy, line } of faults) folder.problem(file, what, remedy, line);
	return value;
}

class ScenarioReader {
	readonly #folder: ImportedFolder;
	readonly #path: string;
	readonly #file: string;
	readonly #notes: Note[] = [];

	constructor(folder: ImportedFolder, path: string) {
		this.#folder = folder;
		this.#path = path;
		this.#file = join(path, 'index.json');
	}

	read(): Scenario | 'no scenario' | undefined {
		const text = this.#folder.text(this.#file, 'scenario');
		if (text === undefined) return undefined;
		const before = this.#folder.errors;
		const { value: index, faults, strangers } = readJson(text, indexSchema);
		// Valid JSON that speaks of something else: another program's file.
		if (faults.length > 0 && !/"(details|backend|imageid|steps)"\s*:/.test(text)) return 'no scenario';
		for (const { what, remedy, line } of faults) this.#folder.problem(this.#file, what, remedy, line);
		if (!index) return undefined;
		for (const key of strangers) {
			if (harmlessKeys.has(key.split('.').at(-1) ?? '') || /^(environment|interface|backend)\./.test(key)) continue;
			const meant = meantKey(key);
			this.#note(
				`key \`${key}\` (line ${lineOfPath(text, key.split('.')) ?? '?'})`,
				`it is not known${meant ? `: was \`${meant}\` meant?` : ' and was left out'}`,
			);
		}
		const { details } = index;
		if (details.steps.length > maxSteps) {
			this.#folder.problem(this.#file, `The scenario has ${details.steps.length} steps; a lesson has at most ${maxSteps}.`, 'Split it.');
		}
		if (details.steps.length === 0 && !details.intro && !details.finish) this.#note('text', 'the scenario is a terminal without a text');
		const scenario: Scenario = {
			path: this.#path,
			folder: this.#folder.name(this.#path),
			slug: slugOf(basename(this.#path)) || 'scenario',
			title: index.title.trim(),
			description: (index.description ?? index.title).replace(/\s+/g, ' ').trim() || index.title,
			minutes: minutesOf(index.time),
			imageid: index.backend?.imageid ?? 'ubuntu',
			layout: index.interface?.layout ?? index.environment?.uilayout ?? '',
			intro: details.intro && this.#page(details.intro, 'details.intro'),
			steps: details.steps.map((step, at) => this.#step(step, `details.steps.${at}`)),
			finish: details.finish && this.#page(details.finish, 'details.finish'),
			assets: this.#assets(details.assets ?? {}),
			notes: this.#notes,
		};
		return this.#folder.errors > before ? undefined : scenario;
	}

	#step(step: Index['details']['steps'][number], where: string): ScenarioStep {
		return {
			...this.#page(step, where),
			verify: this.#script(step.verify, `${where}.verify`),
			answer: this.#markdown(step.answer, `${where}.answer`),
			hint: this.#markdown(step.hint, `${where}.hint`),
		};
	}

	#page(page: NonNullable<Index['details']['intro']>, where: string): Page {
		const file = this.#named(page.text, `${where}.text`);
		if (page.text === undefined) this.#note(`\`${where}\``, 'it has no text');
		return {
			title: page.title?.trim() || undefined,
			text: (file && this.#folder.text(file, 'text')) ?? '',
			file: file ? this.#folder.name(file) : '',
			foreground: this.#script(page.foreground ?? page.code, `${where}.${page.foreground === undefined ? 'code' : 'foreground'}`),
			background: this.#script(
				page.background ?? page.courseData,
				`${where}.${page.background === undefined ? 'courseData' : 'background'}`,
			),
		};
	}

	#markdown(name: string | undefined, what: string): string | undefined {
		const file = this.#named(name, what);
		return file && this.#folder.text(file, 'text');
	}

	#script(name: string | undefined, what: string): Script | undefined {
		const file = this.#named(name, what);
		const text = file && this.#folder.text(file, 'script');
		if (!file || text === undefined) return undefined;
		return text.trim() ? { file: this.#folder.name(file), text } : undefined;
	}

	#named(name: string | undefined, what: string): string | undefined {
		return name?.trim() ? this.#folder.find([this.#path], name.trim(), { file: this.#file, what: `\`${what}\`` }) : undefined;
	}

	#assets(assets: NonNullable<Index['details']['assets']>): Asset[] {
		const place = join(this.#path, 'assets');
		const there = Object.keys(assets).length > 0 ? this.#folder.below(place) : [];
		let bytes = 0;
		return Object.entries(assets).flatMap(([host, list]) => {
			if (!ownHosts.test(host)) {
				this.#note(`assets of ${host}`, 'there is one machine here');
				return [];
			}
			return list.flatMap(({ file, target, chmod }): Asset[] => {
				const said = { file: this.#file, what: `The asset \`${file}\``, optional: true };
				const pattern = file.replace(/^\.\//, '');
				const isPattern = /[*?[{]/.test(pattern);
				const names = isPattern
					? there.filter((name) => matchesGlob(name, pattern) || (pattern === '*' && !name.includes('/')))
					: [pattern];
				if (isPattern && names.length === 0) this.#note(`asset ${file}`, 'no file matches it');
				if (!/^(\/|~|\.|\$HOME|\w)/.test(target) || /[\0\n]/.test(target) || target.split('/').includes('..')) {
					this.#folder.problem(
						this.#file,
						`The target of the asset \`${file}\` is not a folder of the sandbox: ${target}.`,
						'Write an absolute folder such as /root.',
					);
					return [];
				}
				const mode = chmod?.trim();
				if (mode && !chmodPattern.test(mode)) this.#note(`chmod ${mode} of ${file}`, 'it is not a mode');
				return names.flatMap((name) => {
					const source = this.#folder.find([place], name, said);
					if (!source) this.#note(`asset ${name}`, 'there is no such file');
					if (!source) return [];
					const { size } = statSync(source);
					bytes += size;
					if (size > maxAsset || bytes > 1.5 * maxAsset) {
						this.#note(
							`asset ${name} (${Math.ceil(size / 2 ** 20)} MiB)`,
							'a lesson brings at most 12 MiB of files, 8 MiB each: put it into the image',
						);
						bytes -= size;
						return [];
					}
					// One from above the folder of assets would be written above the lesson's.
					const kept = name.split('/').includes('..') ? basename(source) : name;
					return [{ source, name: kept, target: target.trim(), chmod: mode && chmodPattern.test(mode) ? mode : undefined }];
				});
			});
		});
	}

	#note(what: string, why: string): void {
		this.#notes.push({ what, why });
	}
}

/** "10-15 minutes" → 15. */
function minutesOf(time: string | number | undefined): number | undefined {
	const numbers =
		String(time ?? '')
			.match(/\d+/g)
			?.map(Number) ?? [];
	const most = Math.max(0, ...numbers);
	return most >= 1 && most <= 480 ? most : undefined;
}
