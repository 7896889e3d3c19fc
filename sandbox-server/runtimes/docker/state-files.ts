/** Files of ours that the engine reads: they are on its machine, and open to its containers' users. */
import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { nameTexts } from '../sandbox-container.ts';
import type { SeccompProfile } from '../seccomp.ts';
import type { EngineTraits } from './options.ts';

/** Podman's API takes a path, not the profile itself. The name carries the content's hash: sandboxes of two versions do not meet. */
async function profileFile(stateDir: string, profile: string): Promise<string> {
	return await stateFile(stateDir, `seccomp-${createHash('sha256').update(profile).digest('hex').slice(0, 12)}.json`, profile);
}

/** A profile as the engine wants it: for Docker, which may be on another machine, its text. @throws Error of the file system */
export async function seccompSetting(kind: EngineTraits['kind'], profile: SeccompProfile, stateDir: string): Promise<string> {
	const text = JSON.stringify(profile);
	return kind === 'podman' ? await profileFile(stateDir, text) : text;
}

/** What a sandbox knows of names, as files. */
export async function nameFiles(stateDir: string): Promise<NonNullable<EngineTraits['names']>> {
	return {
		hosts: await stateFile(stateDir, 'sandbox-hosts', nameTexts.hosts),
		resolv: await stateFile(stateDir, 'sandbox-resolv.conf', nameTexts.resolv),
	};
}

/**
 * Written only when it is not there as it should be: a disk that has filled up since is no reason to do without the engine.
 * @returns its path, absolute: what the engine is told
 */
async function stateFile(stateDir: string, name: string, text: string): Promise<string> {
	const path = resolve(stateDir, name);
	if (await isThere(path, text)) return path;
	await mkdir(stateDir, { recursive: true });
	// Sandboxes that start at once write it at once.
	const draft = `${path}.${randomUUID()}`;
	await writeFile(draft, text);
	// Sandboxes read it as another user, whatever the server's umask.
	await chmod(draft, 0o644);
	await rename(draft, path);
	return path;
}

async function isThere(path: string, text: string): Promise<boolean> {
	try {
		return (await readFile(path, 'utf8')) === text && ((await stat(path)).mode & 0o777) === 0o644;
	} catch {
		// What cannot be read is written anew; if that fails, it says why.
		return false;
	}
}
