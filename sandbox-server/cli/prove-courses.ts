/** The part of `prove` that needs npm's packages: courses → plays → table, reports, exit status. */
import { join } from 'node:path';
import { isError, lintCourses } from '../../src/courses/lint.ts';
import { loadCourses } from '../../src/courses/load.ts';
import { formatProblems } from '../../src/courses/problem.ts';
import type { Course } from '../../src/shared/course/course.ts';
import type { Language } from '../../src/shared/language.ts';
import { versionText } from '../../src/shared/protocol/version.ts';
import { visible } from '../../src/shared/visible.ts';
import { Failure } from '../setup/failure.ts';
import { dataPaths, root } from '../setup/paths.ts';
import { markedProcess } from '../setup/processes.ts';
import type { Progress } from '../setup/progress.ts';
import { runningServer } from '../tools/rehearsal/own-server.ts';
import { NoSuchLesson, plan, selectLessons } from '../tools/rehearsal/plays.ts';
import { busyLines, faultLines, faultsOf, json, junit, summary, table, versionLines } from '../tools/rehearsal/report.ts';
import { type Elsewhere, proving, rehearse, rehearseAt, writeReport } from '../tools/rehearsal/run.ts';
import { busyMachine, measureSlowness } from '../tools/testing/slowness.ts';
import { type Arguments, usageStatus } from './arguments.ts';
import { asker } from './asker.ts';
import { serverMark } from './server-mark.ts';
import { configuration, openData } from './settings.ts';

export interface ProveCommand {
	args: Arguments;
	languages: readonly Language[];
	parallel: number;
	progress: Progress;
	signal: AbortSignal;
}

/** @returns exit status @throws Failure; the signal's reason */
export async function proveCourses({ args, languages, parallel, progress, signal }: ProveCommand): Promise<number> {
	// A server of its own, whatever the configuration says of the one that learners use.
	const own = { host: '127.0.0.1', port: 0, publicUrl: undefined, accessCode: undefined, metricsPort: undefined, keep: false };
	// Nothing of a play is wanted back: homes are not kept.
	const config = { ...configuration(args), ...own, homeSize: 0 };
	const paths = openData(config.data, 'prove', progress);
	const word = args.words[0];
	const lessons = choose(config.courses, word);
	const plays = plan(lessons, languages);
	await measureSlowness();
	const begun = performance.now();
	const address = args.values['address'];
	const rehearsal = { plays, parallel, progress, signal };
	const proofs =
		address === undefined
			? await rehearse(rehearsal, { config, paths, asker: asker(config.yes) })
			: await rehearseAt(await elsewhere(String(address), config.data), rehearsal);
	const ms = performance.now() - begun;
	const versions = Object.fromEntries(
		lessons.flatMap(({ course }) => {
			const text = versionText(course.version);
			return text ? [[course.slug, text]] : [];
		}),
	);
	const { junit: junitFile, json: jsonFile } = args.values;
	if (junitFile !== undefined) writeReport(String(junitFile), junit(proofs, ms, versions));
	if (jsonFile !== undefined) writeReport(String(jsonFile), json(proofs, ms, versions));
	const said = [
		...table(proofs),
		...faultLines(proofs),
		...busyLines(proofs, busyMachine()),
		'',
		...versionLines(versions),
		summary(proofs, ms),
	];
	process.stdout.write(visible(`\n${said.join('\n')}\n`));
	return proofs.length > 0 && faultsOf(proofs).length === 0 ? 0 : 1;
}

/** @param data --data, which may be the folder of that server @throws Failure when it does not answer, or does not let in */
async function elsewhere(address: string, data: string): Promise<Elsewhere> {
	const { url, cookie } = await runningServer(address, proving);
	const own = [data, join(root, '.etabli')].map(dataPaths).find(({ run }) => {
		const note = markedProcess(serverMark(run))?.note;
		return note !== undefined && URL.canParse(note) && samePlace(new URL(note), url);
	});
	return { address: url.origin, cookie, log: own && join(own.logs, 'server.log') };
}

/** Two names of one address: this machine has several. */
function samePlace(one: URL, other: URL): boolean {
	const here = (url: URL) => /^(localhost|127\..*|\[::1\])$/.test(url.hostname);
	return one.origin === other.origin || (one.port === other.port && here(one) && here(other));
}

/** @throws Failure: what was named does not exist, or has problems; problems of other courses are no matter here */
function choose(folders: readonly string[], word: string | undefined): ReturnType<typeof selectLessons> {
	const { courses } = loadCourses(folders);
	const mine = lintCourses(folders, word?.replace(/^(?:\.\/)?(?:courses\/)?/, '').split('/')[0]).filter(isError);
	if (mine.length > 0) throw new Failure(formatProblems(mine), { hint: 'Mend the course, then prove it again.' });
	const known: Course[] = courses;
	try {
		const lessons = selectLessons(known, word);
		if (lessons.length === 0) throw new Failure(`There is nothing to prove in ${folders.join(', ')}.`);
		return lessons;
	} catch (error) {
		if (error instanceof NoSuchLesson) throw new Failure(error.message, { status: usageStatus, cause: error });
		throw error;
	}
}
