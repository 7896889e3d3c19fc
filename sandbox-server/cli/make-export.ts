/** The part of `export` that needs npm's packages: courses → images, guest files, site → archive. */
import { resolve } from 'node:path';
import type { Course } from '../../src/shared/course/course.ts';
import { versionText } from '../../src/shared/protocol/version.ts';
import { visible } from '../../src/shared/visible.ts';
import { ensureBase } from '../setup/base-image.ts';
import { ensureBuilder } from '../setup/engine.ts';
import { Failure } from '../setup/failure.ts';
import { ensureGuest } from '../setup/guest.ts';
import { ensureImages, ensureToolchain } from '../setup/images.ts';
import { dataPaths } from '../setup/paths.ts';
import { readCourses } from '../setup/prepare.ts';
import type { Progress } from '../setup/progress.ts';
import { ensureSite } from '../setup/site.ts';
import { checkTarget, exportCourses } from '../tools/transfer/export.ts';
import { inUnits } from '../tools/transfer/format.ts';
import { type Arguments, unknown } from './arguments.ts';
import { asker } from './asker.ts';
import { configuration, openData } from './settings.ts';

export interface ExportCommand {
	args: Arguments;
	file: string;
	progress: Progress;
	signal: AbortSignal;
}

/** @returns exit status @throws Failure */
export async function makeExport({ args, file: name, progress, signal }: ExportCommand): Promise<number> {
	const file = resolve(name);
	checkTarget(file);
	const config = configuration(args);
	const courses = choose(readCourses(config.courses), args.values['course'], config.courses);
	openData(config.data, 'export', progress);
	const paths = dataPaths(config.data);
	const { engine, why } = await ensureBuilder({
		url: config.engine,
		kubernetes: config.kubernetes,
		paths,
		asker: asker(config.yes),
		progress,
		signal,
	});
	if (!engine) throw new Failure('The images are the engine’s, and there is no container engine.', { hint: why ?? '' });
	const request = {
		store: engine.images,
		courses,
		trust: config.trust,
		mirror: config.mirror,
		temporary: `${config.data}/tmp`,
		asker: asker(config.yes),
		progress,
		signal,
	};
	const images = await ensureImages({ ...request, base: await ensureBase(request) });
	await ensureGuest({ ...request, images: engine.images, paths, toolchain: () => ensureToolchain({ ...request, base: images.base }) });
	await ensureSite({ paths, courses, folders: courses.map(({ path }) => path), progress, signal });
	const read = engine.containers.read.bind(engine.containers);
	const { bytes, sha256 } = await exportCourses({ file, courses, store: engine.images, read, images, paths, progress, signal });
	const lines = [
		`\nMade: ${file}, ${inUnits(bytes)}`,
		...courses.map(({ slug, version }) => `  ${slug} ${versionText(version) ?? ''}`.trimEnd()),
		`  SHA-256 ${sha256}`,
		...(engine.kind === 'rootless'
			? ['These images were made without root: all files in them are root’s (docs/operator/rootless.md).']
			: []),
		'On the other machine, which needs nothing but a container engine or, for one learner, user namespaces:',
		`  tar -xf ${name.split('/').at(-1)} etabli`,
		`  etabli/etabli import ${name.split('/').at(-1)}`,
		'  etabli/etabli up',
		'',
	];
	process.stdout.write(visible(lines.join('\n')));
	return 0;
}

function choose(courses: readonly Course[], wanted: Arguments['values'][string] | undefined, places: readonly string[]): Course[] {
	if (wanted === undefined) return [...courses];
	const known = courses.map(({ slug }) => slug);
	return [...new Set([wanted].flat().map(String))].map((name) => {
		const found = courses.find(({ slug }) => slug === name);
		if (!found) throw unknown('course', name, known, `ls ${places.join(' ')}`);
		return found;
	});
}
