/** While a course is written: pages show what is saved, the running server takes over checks, setups, solutions and resets. */
import { watch } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadCourses } from '../../src/courses/load.ts';
import { formatProblems } from '../../src/courses/problem.ts';
import { markProcess } from '../setup/processes.ts';
import { DevFront } from './dev-front.ts';
import { DevSite } from './dev-site.ts';
import { refreshCourses } from './refresh-courses.ts';
import type { AuthoringRequest } from './serve.ts';

/** ms of quiet after the last change: editors write a file in several steps. */
const quiet = 150;
const pause = 50;

/** Runs until the signal. @throws Failure when the pages cannot be served */
export async function author(request: AuthoringRequest): Promise<void> {
	const { config, progress, signal, api, mark } = request;
	const site = new DevSite({ courses: config.courses, clusterProfile: config.clusterProfile, progress });
	const front = new DevFront({ api, pages: () => site.address });
	try {
		await progress.step('Starting the pages', () => site.start());
		const address = await front.listen(config);
		markProcess(mark, process.pid, address);
		progress.say(
			`\nÉtabli is ready: ${address}/   (Ctrl-C stops it)\nWhat you save in ${config.courses.join(', ')} shows at once; what checks say is told here.\n`,
		);
		await follow(request, site);
	} catch (error) {
		if (!signal.aborted) throw error;
	} finally {
		await front.close();
		await site.stop();
	}
}

async function follow({ config, prepared, progress, signal, server }: AuthoringRequest, site: DevSite): Promise<void> {
	let changed = 0;
	const look = async (folder: string): Promise<void> => {
		for await (const { filename } of watch(folder, { recursive: true, signal })) {
			// Editors' own files, and courses that are just being made.
			if (filename && /(^|\/)([.#]|4913$)|~$|\.sw.$/.test(filename)) continue;
			changed = performance.now();
		}
	};
	let problems = '';
	const take = async (): Promise<void> => {
		const read = loadCourses(config.courses);
		const text = formatProblems(read.problems);
		if (text !== problems) progress.say(text ? `\n${text}\nUntil this is mended, the courses stay as they were.\n` : 'Mended.');
		problems = text;
		if (text) return;
		const { checks, told, pages, restart } = refreshCourses(prepared.courses, read.courses);
		if (told.length > 0) progress.say(`Taken over: ${told.join('; ')}`);
		if (restart) progress.say('The list of courses, or what sandboxes are made with, has changed: stop etabli and start it again.');
		for (const { course, lesson, step } of checks) await server.recheck(course, lesson, step);
		if (pages) await site.restart();
	};
	const act = async (): Promise<void> => {
		while (!signal.aborted) {
			await sleep(pause, undefined, { signal });
			if (changed === 0 || performance.now() - changed < quiet) continue;
			changed = 0;
			await take();
		}
	};
	await Promise.all([...config.courses.map(look), act()]);
}
