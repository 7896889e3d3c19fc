/**
 * Builds an image as one who is not root: each step runs in a container of its user, who is called root in it (runtimes/rootless/filter.ts
 * says what of root's doings is only played). What a build has changed becomes one layer over its base.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { createInterface } from 'node:readline';
import { BuildFailed, type BuildOrder } from '../image-store.ts';
import { type Instruction, instruction, parseDockerfile, type Stage, withVariables } from './dockerfile.ts';
import { changedSince, copyInto, hasFolder, makeFolderIn, putLayer, removeTree, snapshot, writeLayer } from './layers.ts';
import type { ImageConfig, ImageRecords } from './records.ts';

/** Runs one step, and tells what it prints. */
export interface StepRunner {
	/** @returns exit status @throws Error when it cannot be started; the signal's reason */
	run(step: BuildStep): Promise<number>;
}

export interface BuildStep {
	/** Root file system, which it may change. */
	root: string;
	command: readonly string[];
	env: readonly string[];
	folder: string;
	/** The machine's network; its own, with nothing in it, otherwise. */
	network: boolean;
	/** Folder for files of the step. */
	place: string;
	onLine: (line: string) => void;
	signal: AbortSignal;
}

/** Lines that are told when it fails. */
const tailLines = 12;
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

type Settings = Record<string, unknown> & { Env?: string[]; Labels?: Record<string, string>; WorkingDir?: string; User?: string };

/** One stage that is being built. */
interface Site {
	root: string;
	settings: Settings;
	/** Of the base, the lowest first. */
	layers: string[];
	diffs: string[];
	/** The files as the base has them. */
	before: string;
}

interface Building {
	order: BuildOrder;
	records: ImageRecords;
	runner: StepRunner;
	/** Folder of this build. */
	place: string;
	signal: AbortSignal;
	hear: (line: string) => void;
	sites: Map<string, Site>;
	args: Map<string, string>;
}

/** Builds and names. @throws BuildFailed with the last lines; the signal's reason */
export async function buildInFolder(order: BuildOrder, records: ImageRecords, runner: StepRunner): Promise<void> {
	const signal = order.signal ?? new AbortController().signal;
	const place = records.draft();
	const tail: string[] = [];
	const hear = (line: string): void => {
		order.onLine?.(line);
		tail.push(line);
		if (tail.length > tailLines) tail.shift();
	};
	try {
		const text = 'folder' in order.from ? await readFile(join(order.from.folder, 'Dockerfile'), 'utf8') : order.from.dockerfile;
		const { args, stages } = parseDockerfile(text);
		const known = new Map(args.map(({ name, value }) => [name, order.args[name] ?? value ?? '']));
		const building: Building = { order, records, runner, place, signal, hear, sites: new Map(), args: known };
		let last: Site | undefined;
		for (const [at, stage] of stages.entries()) {
			last = await buildStage(building, stage, at);
			building.sites.set(String(at), last);
			if (stage.name !== '') building.sites.set(stage.name, last);
		}
		if (last) await keep(building, last);
	} catch (error) {
		signal.throwIfAborted();
		hear(error instanceof Error ? error.message : String(error));
		throw new BuildFailed(tail.join('\n'), { cause: error });
	} finally {
		await removeTree(place);
	}
}

async function buildStage(building: Building, stage: Stage, at: number): Promise<Site> {
	const { records, signal, hear, order } = building;
	const base = withVariables(stage.base, building.args);
	hear(`FROM ${base}`);
	const root = join(building.place, `root-${at}`);
	await mkdir(root, { mode: 0o755 });
	const site = await begun(building, base, root);
	for (const layer of site.layers) await putLayer(records.layer(layer), root, signal);
	site.before = join(building.place, `before-${at}`);
	await snapshot(root, site.before, signal);
	// Variables of ENV go before those of ARG.
	const values = new Map<string, string>();
	for (const line of stage.lines) {
		const env = (site.settings.Env ?? []).map((entry): [string, string] => [
			entry.slice(0, entry.indexOf('=')),
			entry.slice(entry.indexOf('=') + 1),
		]);
		const step = instruction(line, new Map([...values, ...env]));
		if (step.kind === 'arg') values.set(step.name, order.args[step.name] ?? step.value ?? building.args.get(step.name) ?? '');
		else await take(building, site, { step, args: values });
	}
	return site;
}

async function begun({ sites, records }: Building, base: string, root: string): Promise<Site> {
	if (base === 'scratch') return { root, settings: {}, layers: [], diffs: [], before: '' };
	const earlier = sites.get(base.toLowerCase());
	if (earlier) throw new Error(`FROM ${base}, a stage of the same Dockerfile, is not known here: build this course with Docker or Podman`);
	const record = records.find(base);
	if (!record) throw new Error(`there is no image ${base}`);
	const settings = structuredClone((record.config.config ?? {}) as Settings);
	return { root, settings, layers: record.layers.map((layer) => basename(layer)), diffs: [...record.config.rootfs.diff_ids], before: '' };
}

async function take(
	building: Building,
	site: Site,
	{ step, args }: { step: Exclude<Instruction, { kind: 'arg' }>; args: ReadonlyMap<string, string> },
): Promise<void> {
	const { settings } = site;
	switch (step.kind) {
		case 'run':
			return await run(building, site, { step, args });
		case 'copy':
			return await copy(building, site, step);
		case 'set':
			if (step.what === 'labels') settings.Labels = { ...settings.Labels, ...Object.fromEntries(step.pairs) };
			else
				for (const [name, value] of step.pairs)
					settings.Env = [...(settings.Env ?? []).filter((entry) => !entry.startsWith(`${name}=`)), `${name}=${value}`];
			return;
		case 'folder':
			settings.WorkingDir = posix.resolve(settings.WorkingDir || '/', step.path);
			return await makeFolderIn(site.root, settings.WorkingDir, building.signal);
		case 'user':
			settings.User = step.name;
			return;
		case 'list':
			settings[step.what] = step.words;
			return;
		case 'mark':
			settings[step.what] = { ...(settings[step.what] as object | undefined), ...Object.fromEntries(step.names.map((name) => [name, {}])) };
			return;
		case 'health':
			settings['Healthcheck'] = {
				Test: step.test,
				...Object.fromEntries(Object.entries(step.times).map(([name, text]) => [title(name), nanoseconds(text)])),
			};
	}
}

/** "start-period" → "StartPeriod". */
const title = (name: string): string => name.replace(/(?:^|-)(\w)/g, (_all, letter: string) => letter.toUpperCase());

function nanoseconds(text: string): number {
	const [, number = '', unit = ''] = /^([\d.]+)(ms|s|m|h)?$/.exec(text) ?? [];
	const factors: Record<string, number> = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9, '': 1 };
	return Number(number) * (factors[unit] ?? 1);
}

async function run(
	{ order, runner, place, signal, hear }: Building,
	site: Site,
	{ step, args }: { step: Extract<Instruction, { kind: 'run' }>; args: ReadonlyMap<string, string> },
): Promise<void> {
	hear(`RUN ${step.text.slice(0, 200)}`);
	const proxies = Object.entries(order.args).filter(([name]) => /_proxy$/i.test(name));
	const own = [...proxies, ...args].map(([name, value]) => `${name}=${value}`);
	const env = [`PATH=${usualPath}`, 'HOME=/root', ...own, ...(site.settings.Env ?? [])];
	const status = await runner.run({
		root: site.root,
		command: step.command,
		// The last of a name counts.
		env: [...new Map(env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry])).values()],
		folder: site.settings.WorkingDir || '/',
		network: order.network === 'host',
		place,
		onLine: hear,
		signal,
	});
	if (status !== 0) throw new Error(`the step ended with status ${status}`);
}

async function copy(building: Building, site: Site, step: Extract<Instruction, { kind: 'copy' }>): Promise<void> {
	const { order, sites, hear, signal } = building;
	hear(`COPY ${step.sources.join(' ')} ${step.to}`);
	const from = step.from === undefined ? ('folder' in order.from ? order.from.folder : undefined) : sites.get(step.from)?.root;
	if (from === undefined)
		throw new Error(step.from === undefined ? 'COPY without a folder to copy from' : `COPY --from=${step.from}: there is no such stage`);
	const folder = site.settings.WorkingDir || '/';
	// Below the root they are taken from, whatever their names say.
	const sources = step.sources.map((source) => join(from, posix.resolve('/', source)));
	for (const [at, source] of sources.entries())
		if (!existsSync(source) && !/[*?[]/.test(source)) throw new Error(`COPY: there is no ${step.sources[at]}`);
	const to = posix.resolve(folder, step.to);
	const intoFolder = step.to.endsWith('/') || sources.length > 1 || (await hasFolder(site.root, to));
	await copyInto({ from, sources, root: site.root, to, intoFolder, mode: step.mode, signal });
}

/** The layer, the configuration, the name. */
async function keep({ order, records, place, signal, hear }: Building, site: Site): Promise<void> {
	hear('keeping what has changed');
	const file = join(place, 'layer');
	const changes = await changedSince(site.root, site.before, signal);
	const layers = [...site.layers];
	const diffs = [...site.diffs];
	if (changes.length > 0) {
		const diff = await writeLayer({ root: site.root, changes, file, place, signal });
		layers.push(await records.addLayer(file));
		diffs.push(`sha256:${diff}`);
	}
	const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
	const config: ImageConfig = {
		created: new Date().toISOString(),
		architecture,
		os: 'linux',
		config: site.settings as ImageConfig['config'],
		rootfs: { type: 'layers', diff_ids: diffs },
		history: diffs.map(() => ({ created_by: 'etabli' })),
	};
	records.add(JSON.stringify(config), layers, [order.reference]);
}

/** Lines of a program's output, as they come; resolves with its exit status. */
export async function followed(
	program: string,
	args: readonly string[],
	options: { onLine: (line: string) => void; signal: AbortSignal },
): Promise<number> {
	const child = spawn(program, args, {
		stdio: ['ignore', 'pipe', 'pipe'],
		cwd: '/',
		detached: true,
		signal: options.signal,
		killSignal: 'SIGKILL',
	});
	for (const stream of [child.stdout, child.stderr])
		createInterface({ input: stream }).on('line', (line) => line.trim() && options.onLine(line));
	return await new Promise<number>((resolve, reject) => {
		child.once('error', (error) => reject(options.signal.aborted ? options.signal.reason : error));
		child.once('close', (code) => resolve(code ?? 128));
	});
}
