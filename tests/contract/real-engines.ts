/** Real engines for the tests: which answer here, and an image that they have. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEngine } from '../../sandbox-server/engines/connect.ts';
import { DockerEngine } from '../../sandbox-server/engines/docker.ts';

export interface RealEngine {
	engine: DockerEngine;
	image: string;
}

/** Main process of a sandbox in tests that have no holder: ends at once when it is told to. */
export const idleCommand = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done'];

/** An engine: by `url`, or the first that answers here; `main` is what its sandboxes run. Or a reason why there is none. */
export async function realEngine(url: string | undefined, main: 'idle' | 'holder'): Promise<RealEngine | { missing: string }> {
	const stateDir = mkdtempSync(join(tmpdir(), 'etabli-engine-'));
	const { engine: found, tried } = await findEngine({ url, env: process.env, stateDir });
	if (!found) return { missing: `no engine answers: ${tried.map(({ url: at, reason }) => `${at} (${reason})`).join('; ')}` };
	const engine = await DockerEngine.connect({ url: found.url, stateDir, entrypoint: main === 'idle' ? idleCommand : undefined });
	const image = process.env['ETABLI_TEST_IMAGE'] ?? (await newestImage(engine, 'etabli-course-tp-apptainer'));
	return image
		? { engine, image }
		: { missing: `the engine at ${found.url} has no image of a course: run ./etabli up, or set ETABLI_TEST_IMAGE` };
}

/** The newest image of the engine with such a name: set-up builds them, and names them by the hash of what they are made of. */
export async function newestImage(engine: DockerEngine, name: string): Promise<string | undefined> {
	const images = await engine.docker.listImages();
	const tags = images.sort((a, b) => b.Created - a.Created).flatMap(({ RepoTags }) => RepoTags ?? []);
	return tags.find((tag) => tag.replace(/^localhost\//, '').startsWith(`${name}:`));
}

/** A name that no other test has. */
export const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;
