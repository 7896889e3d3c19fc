/** Real engines for the tests: which answer here, and an image that they have. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../sandbox-server/runtimes/engine.ts';
import { findEngine } from '../../sandbox-server/runtimes/find-engine.ts';

export interface RealRuntime {
	engine: Engine;
	image: string;
}

/** Main process of a sandbox in tests that have no agent: ends at once when it is told to. */
export const idleCommand = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done'];

/** An engine: by `url`, or the first that answers here. Or a reason why there is none. */
export async function realRuntime(url: string | undefined): Promise<RealRuntime | { missing: string }> {
	const stateDir = mkdtempSync(join(tmpdir(), 'etabli-engine-'));
	// What it has in the engine for a moment is this test's: another one's `down` leaves it alone.
	const { engine, tried } = await findEngine({ url, env: process.env, stateDir, instance: unique('test') });
	if (!engine) return { missing: `no engine answers: ${tried.map(({ url: at, reason }) => `${at} (${reason})`).join('; ')}` };
	const image = process.env['ETABLI_TEST_IMAGE'] ?? (await newestImage(engine, 'etabli-course-tp-apptainer'));
	// Otherwise the first start would have to wait for it, and on a busy machine give up.
	if (image) await engine.makeReady(image);
	return image
		? { engine, image }
		: { missing: `the engine at ${engine.url} has no image of a course: run ./etabli up, or set ETABLI_TEST_IMAGE` };
}

/** The newest image of the engine with such a name: set-up builds them, and names them by the hash of what they are made of. */
export async function newestImage(engine: Engine, name: string): Promise<string | undefined> {
	return (await engine.images.names()).find((tag) => tag.startsWith(`${name}:`));
}

/** A name that no other test has. */
export const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;
