/** Containers of a data folder whose server is gone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findEngine } from '../engines/connect.ts';
import { roleLabel } from '../engines/spec.ts';
import { readInstance } from '../instance.ts';
import { instanceLabel } from '../sandboxes/fleet.ts';
import { releaseEngine } from '../setup/engine.ts';
import { statusOf } from '../setup/image-build.ts';
import { dataPaths } from '../setup/paths.ts';
import type { Progress } from '../setup/progress.ts';

/** @returns how many were removed; 0 when no engine answers */
export async function removeLeftovers(data: string, url: string | undefined, progress: Progress): Promise<number> {
	if (url === 'none' || !existsSync(join(data, 'instance'))) return 0;
	const { engine } = await findEngine({ url, env: process.env, stateDir: dataPaths(data).run, patience: 5_000 });
	if (!engine) return 0;
	const mine = await engine.docker.listContainers({ all: true, filters: { label: [`${instanceLabel}=${readInstance(data)}`] } });
	const builds = await engine.docker.listContainers({
		all: true,
		filters: { label: [`${roleLabel}=build`], status: ['exited', 'created', 'dead'] },
	});
	const all = [...mine, ...builds];
	if (all.length > 0) {
		await progress.step(`Removing ${all.length} left-over ${all.length === 1 ? 'container' : 'containers'}`, async () => {
			for (const { Id } of all) {
				try {
					await engine.docker.getContainer(Id).remove({ force: true, v: true });
				} catch (error) {
					// 404: gone by itself. 409: its removal is under way.
					if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
				}
			}
		});
	}
	await releaseEngine(engine, progress);
	return all.length;
}
