/** The built site in the data folder: made anew when a text, a component or a package has changed. */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readAccessibility } from '../../src/courses/accessibility.ts';
import { versionFile } from '../../src/courses/course-version.ts';
import { withoutLessons } from '../../src/courses/load.ts';
import type { Course } from '../../src/shared/course/course.ts';
import { versionText } from '../../src/shared/protocol/version.ts';
import { comparisonFile, readComparison } from './comparison-file.ts';
import { compressFolder } from './compress.ts';
import { nodeEnv } from './dependencies.ts';
import { explainFileError, Failure } from './failure.ts';
import { type DataPaths, dataPaths, preparedFolder, root } from './paths.ts';
import { withLock } from './processes.ts';
import type { Progress, Step } from './progress.ts';
import { run } from './run.ts';
import { hashInputs, Stamps } from './stamps.ts';

export interface SiteRequest {
	paths: DataPaths;
	courses: readonly Course[];
	/** Absolute paths of the folders of courses, and of single courses. */
	folders: readonly string[];
	/** Absolute path of the file of the statement of accessibility. */
	accessibility?: string | undefined;
	/** Absolute path of the file of the operator's cluster profile. */
	clusterProfile?: string | undefined;
	progress: Progress;
	signal?: AbortSignal | undefined;
}

const stampName = 'site';

export interface EnsuredSite {
	/** Its folder. */
	site: string;
	/** Those whose pages are in it: a lesson that could not be built is left out, and said so aloud. */
	courses: Course[];
}

/** @throws Failure with what the build said */
export async function ensureSite(request: SiteRequest): Promise<EnsuredSite> {
	const without: string[] = [];
	for (;;) {
		const courses = withoutLessons(request.courses, without);
		try {
			return { site: await ensureBuilt({ ...request, courses }, without), courses };
		} catch (error) {
			// The loader has let it pass, and the build has not: a fault of one lesson, if a lesson is named.
			const lesson = error instanceof Failure ? lessonIn(error.message, courses) : undefined;
			if (!lesson || withoutLessons(courses, [lesson]).length === 0) throw error;
			without.push(lesson);
			request.progress.say(
				`\n${error instanceof Error ? error.message : ''}\n\nNOT SERVED, until it is mended and this is started anew: ${lesson}.\n`,
			);
		}
	}
}

/** "demo/01-first" when a file of that lesson is named; of several, the first. */
function lessonIn(message: string, courses: readonly Course[]): string | undefined {
	const named = courses.flatMap(({ slug, path, lessons }) =>
		lessons.map(({ folder }) => ({ lesson: `${slug}/${folder}`, at: message.indexOf(`${join(path, folder)}/`) })),
	);
	return named.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)[0]?.lesson;
}

/** @returns the folder of the built site */
async function ensureBuilt(request: SiteRequest, without: readonly string[]): Promise<string> {
	const { paths, courses, progress } = request;
	const stamps = new Stamps(paths.stamps);
	const statement = request.accessibility === undefined ? '' : readStatement(request.accessibility);
	const profile = request.clusterProfile === undefined ? '' : readFileSync(request.clusterProfile, 'utf8');
	const comparison = readComparison(paths.data);
	const hash = siteHash(courses, without, { statement, profile, comparison });
	if (stamps.read(stampName) === hash && existsSync(paths.site)) return paths.site;
	if (existsSync(join(root, preparedFolder))) return preparedSite(hash);
	await progress.step('Building the site', (step) =>
		withLock(
			join(root, '.etabli/run/site.lock'),
			(pid) => step.detail(`another etabli (process ${pid}) is building; waiting`),
			async () => {
				const fresh = `${paths.site}.new`;
				const old = `${paths.site}.old`;
				for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
				mkdirSync(paths.data, { recursive: true });
				// Astro renames files from the checkout into the built site: that must be on the checkout's file system, the data need not be.
				const built = join(root, '.etabli/tmp/site');
				try {
					rmSync(built, { recursive: true, force: true });
					await build(built, request, without, step);
					step.detail('compressing');
					await compressFolder(built);
					cpSync(built, fresh, { recursive: true });
				} catch (error) {
					rmSync(fresh, { recursive: true, force: true });
					throw explainFileError(error, `write the site into ${paths.data}`);
				} finally {
					rmSync(built, { recursive: true, force: true });
				}
				// Between the two renamings there is no site: the stamp must not say that there is one.
				stamps.remove(stampName);
				if (existsSync(paths.site)) renameSync(paths.site, old);
				renameSync(fresh, paths.site);
				stamps.write(stampName, hash);
				rmSync(old, { recursive: true, force: true });
			},
			request.signal,
		),
	);
	return paths.site;
}

/** That of an image, where nothing can be built. @throws Failure when it was made of other things */
function preparedSite(hash: string): string {
	const prepared = dataPaths(join(root, preparedFolder));
	if (new Stamps(prepared.stamps).read(stampName) === hash && existsSync(prepared.site)) return prepared.site;
	throw new Failure('The pages in this image of the server are of other courses or settings than those that are to be served.', {
		hint: 'Courses, the statement of accessibility and the cluster profile are part of the image: make it anew with them (./etabli push-images --to … --courses …), and leave these options out here.',
	});
}

/** Of everything that pages are made of; where the courses lie does not count. @param without lessons that get no page @param files of the operator, as they are written: statement of accessibility, cluster profile; and what `compare` found */
export function siteHash(
	courses: readonly Course[],
	without: readonly string[] = [],
	{ statement = '', profile = '', comparison = '' }: { statement?: string; profile?: string; comparison?: string | undefined } = {},
): string {
	const ofCourse = ({ slug, path, version }: Course): string =>
		// What is not part of any page is left out.
		`${slug} ${versionText(version) ?? ''} ${hashInputs({ root: path, paths: [path], except: ['image', 'registry', 'node_modules', '.git', versionFile] })}`;
	return hashInputs({
		root,
		paths: ['src', 'public', 'docs/learner', 'astro.config.mjs', 'ec.config.mjs', 'package-lock.json', 'tsconfig.json'].map((name) =>
			join(root, name),
		),
		texts: [
			process.versions.node.split('.')[0] ?? '',
			...courses.map(ofCourse),
			...without,
			statement,
			...(profile === '' ? [] : ['cluster profile', profile]),
			...(comparison === '' ? [] : ['comparison', comparison]),
		],
		except: ['node_modules'],
	});
}

/** @throws Failure when it cannot be read, or has a mistake */
function readStatement(path: string): string {
	try {
		readAccessibility(path);
		return readFileSync(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== undefined) throw explainFileError(error, `read the statement of accessibility (${path})`);
		throw new Failure(error instanceof Error ? error.message : String(error), {
			hint: 'docs/operator/accessibility.md has an example.',
			cause: error,
		});
	}
}

async function build(outDir: string, request: SiteRequest, without: readonly string[], step: Step): Promise<void> {
	const result = await run(process.execPath, [join(root, 'node_modules/astro/bin/astro.mjs'), 'build'], {
		cwd: root,
		env: {
			...nodeEnv(),
			ETABLI_COURSES: JSON.stringify(request.folders),
			ETABLI_WITHOUT: JSON.stringify(without),
			ETABLI_ACCESSIBILITY: request.accessibility,
			ETABLI_CLUSTER_PROFILE: request.clusterProfile,
			ETABLI_COMPARISON: readComparison(request.paths.data) === undefined ? undefined : comparisonFile(request.paths.data),
			ETABLI_SITE_OUT: outDir,
			ETABLI_SITE_CACHE: join(request.paths.data, 'cache/site'),
			NODE_ENV: 'production',
			NO_COLOR: '1',
			FORCE_COLOR: undefined,
		},
		onLine: (line) => step.detail(line),
		signal: request.signal,
	});
	request.signal?.throwIfAborted();
	if (/ENOSPC|no space left/i.test(result.tail))
		throw explainFileError(Object.assign(new Error(result.tail), { code: 'ENOSPC' }), 'build the site');
	if (result.status !== 0 || !existsSync(outDir)) {
		throw new Failure(`The site could not be built:\n${result.tail.replace(/^/gm, '    ')}`, {
			hint: 'If a lesson is named above, mend it there; then run this again.',
		});
	}
}
