/** Prepares a lesson in a sandbox: its working folder, its files, its setup script. */
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { Lesson } from '../../src/shared/course/course.ts';
import type { ScriptRequest, ScriptResult } from '../agent/agent.ts';
import { crowding } from '../platform/crowding.ts';

/** On a machine that has nothing else to do, ms. */
const timeLimitMs = 60_000;
const outputLimit = 64 * 1024;
/** The agent's limit for a script's standard input. */
const maxArchive = 16 * 2 ** 20;

/** Preparation did not work; `message` is for the log. */
export class SetupFailed extends Error {
	override readonly name = 'SetupFailed';
}

export interface SetupRequest {
	lesson: Lesson;
	/** Absolute, in the sandbox. */
	folder: string;
	home: string;
	/** The whole environment of the scripts. */
	env: Record<string, string>;
	/** Empty the working folder first. */
	afresh: boolean;
	run: (request: ScriptRequest) => Promise<ScriptResult>;
}

/** @throws SetupFailed; AgentGone */
export async function setUpLesson({ lesson, folder, home, env, afresh, run }: SetupRequest): Promise<void> {
	const limits = { env, timeLimitMs: crowding() * timeLimitMs, outputLimit };
	const archive = lesson.files === undefined ? undefined : await archiveOf(lesson.files);
	// The folder itself is emptied, not removed: a shell may stand in it.
	// Nor is the home itself, for a lesson that works there: it is everybody's.
	const empty =
		afresh && lesson.settings.folder !== 'home'
			? 'if [ -d "$FOLDER" ]; then chmod -R u+rwX "$FOLDER"; find "$FOLDER" -mindepth 1 -delete; fi\n'
			: '';
	const unpack = archive ? 'tar -x --no-same-owner -f - -C "$FOLDER"\n' : '';
	const prepare = `#!/bin/sh\nset -e\n${empty}mkdir -p "$FOLDER"\n${unpack}`;
	await step(
		run({
			...limits,
			name: `prepare ${lesson.slug}`,
			script: prepare,
			cwd: home,
			env: { ...env, FOLDER: folder },
			...(archive && { stdin: archive }),
		}),
		`folder of ${lesson.slug}`,
	);
	if (lesson.setup === undefined) return;
	const setup = { name: `setup ${lesson.slug}`, script: lesson.setup, cwd: folder, stays: true };
	await step(run({ ...limits, ...setup }), `setup of ${lesson.slug}`);
}

/** Takes away what setup has left outside of the folder. @throws SetupFailed; AgentGone */
export async function cleanUpLesson({ lesson, folder, env, run }: Omit<SetupRequest, 'home' | 'afresh'>): Promise<void> {
	if (lesson.cleanup === undefined) return;
	const request = {
		env,
		timeLimitMs: crowding() * timeLimitMs,
		outputLimit,
		name: `cleanup ${lesson.slug}`,
		script: lesson.cleanup,
		cwd: folder,
	};
	await step(run(request), `cleanup of ${lesson.slug}`);
}

async function step(running: Promise<ScriptResult>, what: string): Promise<void> {
	const result = await running;
	if (result.outcome === 'exited' && result.code === 0) return;
	throw new SetupFailed(
		`${what}: ${result.outcome} ${result.code} after ${result.ms} ms: ${result.stderr.slice(-2000) || result.stdout.slice(-2000)}`,
	);
}

/** A tar archive of a folder's contents, with modes and symbolic links; owners and times are left out. @throws SetupFailed when too large */
export async function archiveOf(folder: string): Promise<Uint8Array> {
	const tar = pack();
	const bytes = buffer(tar);
	try {
		await addFolder(tar, folder, '');
		tar.finalize();
	} catch (error) {
		tar.destroy();
		await bytes.catch(() => undefined); // The error above is the cause and is thrown on.
		throw error;
	}
	const archive = await bytes;
	if (archive.length > maxArchive) throw new SetupFailed(`${folder} is ${archive.length} bytes, more than ${maxArchive}`);
	return archive;
}

async function addFolder(tar: ReturnType<typeof pack>, folder: string, prefix: string): Promise<void> {
	for (const entry of (await readdir(folder)).sort()) {
		const path = join(folder, entry);
		const name = `${prefix}${entry}`;
		const stat = await lstat(path);
		const mode = stat.mode & 0o777;
		if (stat.isDirectory()) {
			tar.entry({ name, type: 'directory', mode });
			await addFolder(tar, path, `${name}/`);
		} else if (stat.isSymbolicLink()) {
			tar.entry({ name, type: 'symlink', linkname: await readlink(path) });
		} else if (stat.isFile()) {
			if (stat.size > maxArchive) throw new SetupFailed(`${path} is larger than ${maxArchive} bytes`);
			tar.entry({ name, mode }, await readFile(path));
		}
	}
}
