/** The version of a course: what its author calls it, and what git knows of its folder. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type CourseVersion, courseVersionSchema } from '../shared/protocol/version.ts';
import { courseText, isThere } from './course-file.ts';

/** In a course that was brought here without its repository: the CourseVersion that it had there, as JSON. */
export const versionFile = '.etabli-version';

/** Digits of a commit that are shown. */
const shown = 8;
/** ms; a repository on a share that does not answer must not keep the courses from being read. */
const patience = 5_000;

/**
 * @param path absolute path of the course
 * @param number of course.yaml
 * @returns undefined when there is neither a number nor a commit: no repository, no git here, or one that git does not trust
 */
export function readVersion(path: string, number: string | undefined): CourseVersion | undefined {
	const known = isThere(join(path, versionFile)) ? brought(join(path, versionFile)) : fromGit(path);
	if (number === undefined && known?.commit === undefined) return undefined;
	return { modified: false, ...known, ...(number !== undefined && { number }) };
}

function brought(file: string): CourseVersion | undefined {
	try {
		return courseVersionSchema.safeParse(JSON.parse(courseText(file) ?? '')).data;
	} catch {
		// Spoilt by hand: the course is all right, only nobody knows its commit.
		return undefined;
	}
}

function fromGit(path: string): CourseVersion | undefined {
	const commit = git(path, 'log', '-1', '--format=%H', '--', '.')?.trim();
	if (!commit) return undefined;
	// A filter of the repository's own settings would be started to compare files: it counts as modified then, and nothing is compared.
	const filters = git(path, 'config', '--includes', '--show-scope', '--name-only', '--get-regexp', '^filter\\.')?.split('\n') ?? [];
	const filtered = filters.some((line) => /^(?:local|worktree)\s/.test(line));
	// Of repositories within it their commit is looked at, and not their files: they may name filters of their own.
	const changed = () => git(path, 'status', '--porcelain', '--ignore-submodules=dirty', '--', '.') !== '';
	return { commit: commit.slice(0, shown), modified: filtered || changed() };
}

/** What git says; undefined when it fails. It writes nothing, asks no other machine, and starts no program that a repository's settings name. */
function git(path: string, ...args: string[]): string | undefined {
	// A hook's variables would name its own repository.
	const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
	const harmless = ['core.fsmonitor=false', 'log.showSignature=false', 'protocol.allow=never'].flatMap((setting) => ['-c', setting]);
	const result = spawnSync('git', ['--no-optional-locks', ...harmless, '-C', path, ...args], {
		encoding: 'utf8',
		env: { ...env, GIT_NO_LAZY_FETCH: '1' },
		stdio: ['ignore', 'pipe', 'ignore'],
		timeout: patience,
	});
	return result.status === 0 ? result.stdout : undefined;
}
