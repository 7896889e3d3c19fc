/** While a server runs for authors: the site is built anew when a text or a component is saved. */
import { watch } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../setup/failure.ts';
import { root } from '../setup/paths.ts';
import { readCourses } from '../setup/prepare.ts';
import { ensureSite } from '../setup/site.ts';
import type { ServeRequest } from './serve.ts';

/** ms of quiet after the last change: editors write a file in several steps. */
const quiet = 300;

/** Runs until the signal; a mistake in a course is shown, and the pages stay as they were. */
export async function watchSite({ config, paths, progress, signal }: ServeRequest): Promise<void> {
	const folders = [join(root, 'src'), join(root, 'public'), config.courses];
	let changed = 0;
	const watchOne = async (folder: string): Promise<void> => {
		for await (const { filename } of watch(folder, { recursive: true, signal })) {
			// Editors' own files.
			if (filename && /(^|\/)[.#]|~$|\.sw.$/.test(filename)) continue;
			changed = performance.now();
		}
	};
	const build = async (): Promise<void> => {
		while (!signal.aborted) {
			await sleep(100, undefined, { signal });
			if (changed === 0 || performance.now() - changed < quiet) continue;
			changed = 0;
			try {
				readCourses(config.courses);
				await ensureSite({ paths, courses: config.courses, progress, signal });
				progress.say('Reload the page to see the change. Steps, checks and images are read when etabli starts.');
			} catch (error) {
				if (!(error instanceof Failure)) throw error;
				progress.say(`${error.message}\n${error.hint ?? ''}`);
			}
		}
	};
	try {
		await Promise.all([build(), ...folders.map(watchOne)]);
	} catch (error) {
		if (!signal.aborted) throw error;
	}
}
