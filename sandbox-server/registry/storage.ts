/** The registry's files, for what its interface does not tell: how much a learner has, and taking it all away. */
import type { Dirent } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const learnerPattern = /^learner-[0-9a-f]{6,32}$/;

/** What a small file takes. */
const blockBytes = 4096;

/**
 * Bytes of a learner's images in a registry's data folder: each blob and manifest once, uploads that are under way, and the registry's own
 * small files about them.
 */
export async function usedBytes(data: string, learner: string): Promise<number> {
	return await bytesOf(data, [learner]);
}

/** The same of all learners together; the courses' own images do not count. */
export async function usedByAll(data: string): Promise<number> {
	return await bytesOf(data, await learnersIn(data));
}

async function bytesOf(data: string, learners: readonly string[]): Promise<number> {
	const root = join(data, 'docker/registry/v2');
	const blobs = new Set<string>();
	let bytes = 0;
	const all = await Promise.all(learners.map((learner) => files(repositories(root, learner))));
	for (const entry of all.flat()) {
		const path = join(entry.parentPath, entry.name);
		bytes += blockBytes;
		const digest = /(?:_layers|_manifests\/revisions)\/sha256\/([0-9a-f]{64})\/link$/.exec(path)?.[1];
		if (digest) blobs.add(digest);
		else if (path.includes('/_uploads/')) bytes += await size(path);
	}
	for (const digest of blobs) bytes += await size(join(root, 'blobs/sha256', digest.slice(0, 2), digest, 'data'));
	return bytes;
}

/** Removes a learner's images; the room that they took is freed when the registry next starts. Idempotent. */
export async function removeLearner(data: string, learner: string): Promise<void> {
	await rm(repositories(join(data, 'docker/registry/v2'), learner), { recursive: true, force: true });
}

/**
 * Removes the images of learners who have pushed nothing since `before` (ms): visitors come and go, and each may leave a gigabyte.
 * @returns their names
 */
export async function removeUnused(data: string, before: number): Promise<string[]> {
	const root = join(data, 'docker/registry/v2');
	const removed: string[] = [];
	for (const name of await learnersIn(data)) {
		let last = await modified(repositories(root, name));
		for (const entry of await files(repositories(root, name))) last = Math.max(last, await modified(join(entry.parentPath, entry.name)));
		if (last >= before) continue;
		await removeLearner(data, name);
		removed.push(name);
	}
	return removed;
}

async function learnersIn(data: string): Promise<string[]> {
	const all = await listed(join(data, 'docker/registry/v2/repositories'));
	return all.map(({ name }) => name).filter((name) => learnerPattern.test(name));
}

async function listed(folder: string): Promise<Dirent[]> {
	try {
		return await readdir(folder, { withFileTypes: true });
	} catch (error) {
		if (isMissing(error)) return [];
		throw error;
	}
}

async function modified(path: string): Promise<number> {
	try {
		return (await stat(path)).mtimeMs;
	} catch (error) {
		if (isMissing(error)) return 0;
		throw error;
	}
}

function repositories(root: string, learner: string): string {
	if (!learnerPattern.test(learner)) throw new Error(`not a learner's name: ${learner}`);
	return join(root, 'repositories', learner);
}

async function files(folder: string): Promise<Dirent[]> {
	try {
		return (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
	} catch (error) {
		if (isMissing(error)) return [];
		throw error;
	}
}

async function size(path: string): Promise<number> {
	try {
		return (await stat(path)).size;
	} catch (error) {
		// An upload that has just been finished or given up.
		if (isMissing(error)) return 0;
		throw error;
	}
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
