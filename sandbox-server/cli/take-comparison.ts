/** The part of `compare` that needs npm's packages: which files, which contenders → tables, Markdown, JSON. */
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { type Comparison, comparisonSchema } from '../../src/shared/comparison/comparison.ts';
import { findEngine } from '../runtimes/find-engine.ts';
import { clusterOf } from '../runtimes/kubernetes/choice.ts';
import { ociUrl } from '../runtimes/oci/choice.ts';
import { imageRoot } from '../runtimes/oci/engine.ts';
import { UnpackedImages } from '../runtimes/oci/unpacked-images.ts';
import { comparisonFile } from '../setup/comparison-file.ts';
import { explainFileError, Failure } from '../setup/failure.ts';
import { root } from '../setup/paths.ts';
import { readCourses } from '../setup/prepare.ts';
import type { Progress } from '../setup/progress.ts';
import { contenders, unreached } from '../tools/comparison/contenders/index.ts';
import { markdown, terminalLines } from '../tools/comparison/report.ts';
import { hasProgram, type RootFiles } from '../tools/comparison/root-files.ts';
import { fullScale, quickScale } from '../tools/comparison/rows/row.ts';
import { runComparison, typed } from '../tools/comparison/run.ts';
import { type Arguments, unknown, usageStatus } from './arguments.ts';
import { configuration, openData } from './settings.ts';

export interface ComparisonCommand {
	args: Arguments;
	progress: Progress;
	signal: AbortSignal;
	/** Called when the run ends before its end, with what is still there of it. */
	cutShort: (left: readonly string[]) => void;
}

/** s; a run is not to take longer, whatever is slow. */
const bounds = {
	full: { seconds: 270, version: 10, start: 20, work: 30 },
	quick: { seconds: 120, version: 5, start: 8, work: 10 },
};

/** @returns exit status @throws Failure; the signal's reason */
export async function takeComparison({ args, progress, signal, cutShort }: ComparisonCommand): Promise<number> {
	if (process.platform !== 'linux') throw new Failure('Containers are compared on Linux only.');
	const config = configuration(args);
	const paths = openData(config.data, 'compare', progress);
	const chosen = chosenOf(args.words);
	const quick = args.values['quick'] === true;
	const isRoot = process.getuid?.() === 0;
	const [before, begun] = [loadavg()[0] ?? 0, performance.now()];
	const { seconds, ...each } = quick ? bounds.quick : bounds.full;
	const files =
		args.values['rootfs'] === undefined
			? await courseFiles({ config, stateDir: paths.run, isRoot, progress, signal })
			: givenFiles(String(args.values['rootfs']));
	const taken = await runComparison({
		contenders: contenders.filter(({ id }) => chosen.includes(id)),
		unreached: args.words.length === 0 ? unreached : [],
		files,
		scale: quick ? quickScale : fullScale,
		bounds: each,
		seconds,
		root: isRoot,
		signal,
		cutShort,
		around: (title, work) => progress.step(title, (step) => work((line) => step.detail(line))),
	});
	const comparison: Comparison = comparisonSchema.parse({
		format: 1,
		command: commandOf(args.words, quick, files),
		version: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
		date: new Date().toISOString(),
		quick,
		seconds: Math.round((performance.now() - begun) / 1000),
		machine: machineOf(isRoot, before),
		...taken,
	});
	const json = comparisonFile(config.data);
	const text = json.replace(/\.json$/, '.md');
	write(json, `${JSON.stringify(comparison, null, '\t')}\n`);
	write(text, markdown(comparison));
	process.stdout.write(
		`\n${terminalLines(comparison).join('\n')}\n\nSaved: ${text} (how each was measured, and what programs said) and ${json}\n`,
	);
	process.stdout.write('The next ./etabli up with this data folder has it as a page, linked from the foot of every page.\n');
	if (!isRoot) process.stdout.write('Not as root: Docker, containerd, LXC and memory could not be measured; sudo ./etabli compare can.\n');
	return comparison.left.length === 0 && comparison.contenders.some(({ absence }) => absence === undefined) ? 0 : 1;
}

/** As somebody would type it to have the same again; a given folder by its last name, for the page is public. */
function commandOf(words: readonly string[], quick: boolean, files: RootFiles | undefined): string {
	const rootfs = files?.kind === 'given' ? ['--rootfs', typed(files.name)] : [];
	return ['./etabli compare', ...words, ...(quick ? ['--quick'] : []), ...rootfs].join(' ');
}

/** @throws Failure for a word that is no contender */
function chosenOf(words: readonly string[]): string[] {
	const ids = contenders.map(({ id }) => id);
	const wrong = words.find((word) => !ids.includes(word));
	if (wrong !== undefined) throw unknown('runtime', wrong, ids, `./etabli compare --help (${ids.join(', ')})`);
	// What the others are held against is always there.
	return words.length === 0 ? ids : ids.filter((id) => id === 'unshare' || words.includes(id));
}

/** @throws Failure when it is no root file system */
function givenFiles(path: string): RootFiles {
	const folder = resolve(path);
	if (!existsSync(folder) || !statSync(folder).isDirectory())
		throw new Failure(`--rootfs ${path}: there is no such folder.`, {
			hint: 'It is the folder of an unpacked root file system.',
			status: usageStatus,
		});
	const files: RootFiles = { kind: 'given', name: basename(folder) || '/', folder: realpathSync(folder), reference: undefined };
	const lacking = ['sh', 'dd', 'tar', 'find', 'perl'].filter((program) => !hasProgram(files, program));
	if (lacking.length > 0 || !existsSync(join(folder, 'mnt')))
		throw new Failure(
			`--rootfs ${path} lacks ${[...lacking, ...(existsSync(join(folder, 'mnt')) ? [] : ['the folder /mnt'])].join(', ')}.`,
			{
				hint: 'The trials need them; a Debian made by mmdebstrap --variant=minbase has them.',
				status: usageStatus,
			},
		);
	return files;
}

interface FilesRequest {
	config: { courses: readonly string[]; engine: string | undefined };
	stateDir: string;
	isRoot: boolean;
	progress: Progress;
	signal: AbortSignal;
}

/** The image of the first course, where an engine that runs has it; nothing is built, started or fetched. undefined: it is not to be had */
async function courseFiles({ config, stateDir, isRoot, progress, signal }: FilesRequest): Promise<RootFiles | undefined> {
	const slug = readCourses([...config.courses])[0]?.slug;
	if (!isRoot || slug === undefined || config.engine === 'none') return undefined;
	const url = config.engine === ociUrl || clusterOf(config.engine) ? undefined : config.engine;
	const { engine } = await findEngine({ url, env: process.env, stateDir });
	const reference = engine?.local ? (await engine.images.names(`etabli-course-${slug}`))[0] : undefined;
	if (!engine || reference === undefined) {
		progress.say(
			`No engine that runs has the image of ${slug} (./etabli up makes it): a small root file system is made instead, without Apptainer in it.`,
		);
		return undefined;
	}
	const images = new UnpackedImages(imageRoot, engine.images, engine.builder.url);
	const { folder } = await progress.step(`Files of ${reference}`, () => images.get(reference, signal));
	return { kind: 'course', name: reference, folder, reference: engine.kind === 'docker' ? reference : undefined };
}

function machineOf(isRoot: boolean, before: number): Comparison['machine'] {
	const v2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
	const v1 = existsSync('/sys/fs/cgroup/memory') || existsSync('/sys/fs/cgroup/pids');
	return {
		cpu: cpus()[0]?.model.trim() ?? 'unknown',
		cores: cpus().length,
		memory: totalmem(),
		kernel: release(),
		system: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown',
		cgroup: v2 ? 'v2' : v1 ? (existsSync('/sys/fs/cgroup/unified') ? 'hybrid' : 'v1') : 'none',
		root: isRoot,
		load: { before, after: loadavg()[0] ?? 0 },
	};
}

function write(path: string, text: string): void {
	try {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
	} catch (error) {
		throw explainFileError(error, `write ${path}`);
	}
}
