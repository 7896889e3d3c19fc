/** The part of `push-images` that needs npm's packages. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { ensureBase } from '../setup/base-image.ts';
import { ensureBuilder } from '../setup/engine.ts';
import { explainFileError, Failure } from '../setup/failure.ts';
import { ensureGuest } from '../setup/guest.ts';
import { ensureImages, ensureToolchain } from '../setup/images.ts';
import { ensureNodeAgentImage } from '../setup/node-agent-image.ts';
import { readCourses } from '../setup/prepare.ts';
import type { Progress } from '../setup/progress.ts';
import { ensureServerImage } from '../setup/server-image.ts';
import { writeAtomically } from '../setup/stamps.ts';
import type { Arguments } from './arguments.ts';
import { asker } from './asker.ts';
import { push, type Registry } from './push-to-registry.ts';
import { configuration, openData } from './settings.ts';

export interface PushCommand {
	args: Arguments;
	registry: Registry;
	progress: Progress;
	signal: AbortSignal;
}

/** @returns exit status @throws Failure */
export async function pushAllImages({ args, registry, progress, signal }: PushCommand): Promise<number> {
	const config = configuration(args);
	const file = args.values['values'] === undefined ? undefined : resolve(String(args.values['values']));
	if (file !== undefined) checkValuesFile(file);
	const courses = readCourses(config.courses);
	const paths = openData(config.data, 'push-images', progress);
	const request = { paths, asker: asker(config.yes), progress, signal };
	const { engine, why } = await ensureBuilder({ ...request, url: config.engine, kubernetes: undefined });
	if (!engine) throw new Failure('Images are built by a container engine, and there is none.', { hint: why ?? '' });
	const store = engine.images;
	const temporary = join(config.data, 'tmp');
	const imagesRequest = { ...request, store, courses, trust: config.trust, mirror: config.mirror, temporary };
	const base = await ensureBase(imagesRequest);
	const images = await ensureImages({ ...imagesRequest, base });
	const { seeds } = images;
	const guest = await ensureGuest({ ...request, images: store, toolchain: () => ensureToolchain({ ...imagesRequest, base }) });
	const nodeAgent = await ensureNodeAgentImage({ store, base, guest, temporary, progress, signal });
	const { accessibility, clusterProfile } = config;
	const work = join(config.data, 'server-image');
	const server = await ensureServerImage({ store, base, courses, seeds, accessibility, clusterProfile, work, progress, signal });
	const pushed = async (reference: string) => await push({ ...registry, store, reference, temporary, progress, signal });
	const ofCourses: Record<string, string> = {};
	for (const { slug } of courses) ofCourses[slug] = await pushed(images.courses[slug] ?? '');
	const text = valuesText({
		server: await pushed(server),
		nodeAgent: await pushed(nodeAgent),
		registry: images.registry && (await pushed(images.registry)),
		courses: ofCourses,
	});
	if (file === undefined) process.stdout.write(`\nValues for the chart (--values FILE writes them into a file):\n\n${text}`);
	else {
		writeAtomically(file, text);
		process.stdout.write(`\nValues for the chart: ${file}\n`);
	}
	return 0;
}

const firstLine = '# Written by ./etabli push-images, and written anew by the next: your own values belong into a file of their own.';

/** @throws Failure when it is not ours to write */
function checkValuesFile(file: string): void {
	try {
		if (!existsSync(file) || readFileSync(file, 'utf8').startsWith(firstLine)) return;
	} catch (error) {
		throw explainFileError(error, `read ${file}`);
	}
	throw new Failure(`${file} was not written by push-images.`, {
		hint: 'Give another name: helm takes several files, one --values for each.',
	});
}

export interface PushedImages {
	server: string;
	nodeAgent: string;
	registry: string | undefined;
	/** Course → its image. */
	courses: Record<string, string>;
}

/** What the chart is to be told of them. */
export function valuesText({ server, nodeAgent, registry, courses }: PushedImages): string {
	const values = {
		server: { image: server, registry: { image: registry ?? '' } },
		nodeAgent: { image: nodeAgent },
		sandboxes: { images: courses },
	};
	return `${firstLine}\n${stringify(values, { lineWidth: 0 })}`;
}
