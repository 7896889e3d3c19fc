/** Files of an imported folder: looked for, held within the folder, read within limits. Everything that is wrong becomes a problem. */
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Problem } from '../../../../src/courses/problem.ts';
import { nearest } from '../../../../src/shared/nearest.ts';

/** Bytes of one text or script. Larger ones are no lesson's. */
const maxText = 512 * 1024;
/** Bytes of one asset or picture: a lesson's files go into the sandbox as one archive of at most 16 MiB. */
export const maxAsset = 8 * 2 ** 20;
/** Folders that are looked through, and how deep. */
const maxFolders = 20_000;
const maxDepth = 8;

export class ImportedFolder {
	readonly root: string;
	readonly problems: Problem[] = [];

	/** @param root absolute, an existing folder */
	constructor(root: string) {
		this.root = realpathSync(root);
	}

	/** As problems and reports name it. */
	name(path: string): string {
		return relative(this.root, path) || '.';
	}

	problem(path: string, what: string, remedy: string, line?: number): void {
		this.problems.push({ file: this.name(path), what, remedy, line });
	}

	/** Worth a look, and in the way of nothing. */
	warn(path: string, what: string, remedy: string, line?: number): void {
		this.problems.push({ file: this.name(path), severity: 'warning', what, remedy, line });
	}

	/** How many problems there are that keep something from being imported. */
	get errors(): number {
		return this.problems.filter(({ severity }) => severity !== 'warning').length;
	}

	/** Folders that hold an index.json, sorted. Links are not followed: a folder that contains itself has no end. */
	scenarioFolders(): string[] {
		const found: string[] = [];
		const waiting = [{ path: this.root, depth: 0 }];
		for (let count = 0; waiting.length > 0; count++) {
			if (count > maxFolders) {
				this.problem(this.root, `There are more than ${maxFolders} folders in it.`, 'Give the folder of the scenarios alone.');
				break;
			}
			const { path, depth } = waiting.shift() as (typeof waiting)[number];
			for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name))) {
				if (entry.name === 'index.json' && (entry.isFile() || entry.isSymbolicLink())) found.push(path);
				if (entry.isDirectory() && depth < maxDepth && !/^(\.|node_modules$)/.test(entry.name)) {
					waiting.push({ path: join(path, entry.name), depth: depth + 1 });
				}
			}
		}
		return found.sort();
	}

	/**
	 * The file that a scenario names, held within the imported folder.
	 * @param places folders that it may be relative to, first match wins
	 * @param said where it is named, for the problem; optional: when the file is missing, that is a warning
	 * @returns absolute path of an existing file; undefined with a problem
	 */
	find(places: readonly string[], name: string, said: { file: string; what: string; optional?: boolean }): string | undefined {
		const [first = this.root] = places;
		if (isAbsolute(name) || name.includes('\0')) {
			this.problem(said.file, `${said.what} is an absolute path: ${name}.`, 'Write it relative to the scenario’s folder.');
			return undefined;
		}
		for (const place of places) {
			const path = resolve(place, name);
			if (!this.holds(path)) continue;
			if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
			if (this.holds(realpathSync(path))) return path;
			this.problem(path, 'This link leads outside of the imported folder.', 'Put the file itself in its place.');
			return undefined;
		}
		if (!this.holds(resolve(first, name))) {
			const remedy = 'Import the folder that holds both, such as the whole repository, or copy the file into the scenario.';
			this.problem(said.file, `${said.what} is outside of the imported folder: ${name}.`, remedy);
			return undefined;
		}
		const path = resolve(first, name);
		const folder = statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() ? readdirSync(dirname(path)) : [];
		const meant = nearest(basename(path), folder);
		const tell = said.optional ? this.warn : this.problem;
		tell.call(
			this,
			said.file,
			`${said.what} does not exist${said.what.includes(name) ? '' : `: ${name}`}.`,
			meant ? `Did you mean ${meant}? Correct the name.` : 'Add the file, or take the key away.',
		);
		return undefined;
	}

	/** Is this path in the imported folder? */
	holds(path: string): boolean {
		return path === this.root || path.startsWith(this.root + sep);
	}

	/** Text of a file; undefined with a problem when it is too large or no text. */
	text(path: string, kind: string): string | undefined {
		const real = statSync(path, { throwIfNoEntry: false }) && realpathSync(path);
		if (!real || !this.holds(real) || !statSync(real).isFile()) {
			const what = !real
				? 'This link leads nowhere.'
				: this.holds(real)
					? `This ${kind} is no file.`
					: 'This link leads outside of the imported folder.';
			this.problem(path, what, 'Put the file itself in its place.');
			return undefined;
		}
		const { size } = statSync(path);
		if (size > maxText) {
			this.problem(path, `This ${kind} has ${size} bytes; at most ${maxText} are read.`, 'Shorten it, or make it an asset.');
			return undefined;
		}
		const bytes = readFileSync(path);
		if (bytes.includes(0)) {
			this.problem(path, `This ${kind} is not a text: it holds binary data.`, 'Give a script or text; a program belongs to the assets.');
			return undefined;
		}
		return bytes
			.toString('utf8')
			.replace(/^\uFEFF/, '')
			.replace(/\r\n?/g, '\n');
	}

	/** Files below a folder, relative to it; links that lead outside are problems. */
	below(folder: string): string[] {
		const found: string[] = [];
		const walk = (path: string, depth: number): void => {
			for (const name of readdirSync(path).sort()) {
				const each = join(path, name);
				const stat = lstatSync(each);
				if (stat.isSymbolicLink()) {
					const target = statSync(each, { throwIfNoEntry: false }) ? realpathSync(each) : undefined;
					if (target === undefined || !this.holds(target)) {
						const what = target === undefined ? 'This link leads nowhere.' : 'This link leads outside of the imported folder.';
						this.problem(each, what, 'Put the file itself in its place.');
					} else if (statSync(each).isFile()) found.push(relative(folder, each));
				} else if (stat.isDirectory()) {
					if (depth < maxDepth && name !== '.git') walk(each, depth + 1);
				} else if (stat.isFile()) found.push(relative(folder, each));
			}
		};
		if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) walk(folder, 0);
		return found;
	}
}
