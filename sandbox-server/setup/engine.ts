/** The container engine: what answers is used; else what is installed is started; else Docker is installed, if we may. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInstance } from '../labs/instance.ts';
import type { Engine } from '../runtimes/engine.ts';
import { candidates, type EngineAttempt, findEngine, type SearchOptions } from '../runtimes/find-engine.ts';
import { clusterOf } from '../runtimes/kubernetes/choice.ts';
import { KubernetesEngine } from '../runtimes/kubernetes/engine.ts';
import { type Choice, choose, hindranceOf, ociFacts, ociUrl } from '../runtimes/oci/choice.ts';
import { OciEngine } from '../runtimes/oci/engine.ts';
import { isFirstChoice, notHeld, rootlessFacts, rootlessHindrance, rootlessHint, rootlessUrl } from '../runtimes/rootless/choice.ts';
import { apparmorEnabled } from './apparmor.ts';
import { hasSystemd, ownsEngine, startEngine, stopOwnEngine } from './daemon.ts';
import { forgetUse, noteUse, usedByOthers } from './engine-users.ts';
import { Failure } from './failure.ts';
import { type Asker, ask, installCommand, installPackages, likelyRoot, missingPackages, rootPrefix } from './packages.ts';
import { type DataPaths, root } from './paths.ts';
import type { Progress } from './progress.ts';
import { installedEngine, which } from './run.ts';

/** Where an engine that we started is marked: once per checkout, whichever data folder it was started for. */
const engineRun = join(root, '.etabli/run');

export interface EngineRequest {
	/** --engine; "none" wants none. */
	url: string | undefined;
	/** --kubernetes */
	kubernetes: string | undefined;
	paths: DataPaths;
	asker: Asker;
	progress: Progress;
	signal?: AbortSignal | undefined;
}

export interface EngineAnswer {
	engine: Engine | undefined;
	/** Who starts the sandboxes, and why: a sentence, where there is one. */
	starter?: string;
	/** Why there is none: a sentence, and what to do. */
	why: string | undefined;
	/** One is wanted and may answer later, without anything being installed. */
	mayCome: boolean;
}

const denied = /EACCES|permission denied/i;

/** Never throws because of an engine that cannot be had: the site is served all the same, until one answers or in reading mode. */
export async function ensureEngine(request: EngineRequest): Promise<EngineAnswer> {
	if (clusterOf(request.url)) return await ensureCluster(request);
	return await ensureLocal(request, request.url);
}

/** @param chosen what --engine says, of which `request.url` may not be the whole */
async function ensureLocal(request: EngineRequest, chosen: string | undefined): Promise<EngineAnswer> {
	// The one that is no daemon has its images from an engine that is looked for as always.
	const answer = await searchEngine({ ...request, url: request.url === ociUrl ? undefined : request.url }, chosen);
	if (!answer.engine || answer.starter !== undefined) return answer;
	const { engine, choice, why } = starterOver(answer.engine, request.url);
	if (!engine) return { engine, why, mayCome: false };
	noteUse();
	return { ...answer, engine, starter: await sentence(engine, choice) };
}

/** One that builds and keeps images, and that is no cluster: what --engine names, or what is found. */
export async function ensureBuilder(request: EngineRequest): Promise<EngineAnswer> {
	return await ensureLocal(clusterOf(request.url) ? { ...request, url: undefined } : request, request.url);
}

/** Nothing is installed or started for a cluster. */
async function ensureCluster({ url, kubernetes, paths }: EngineRequest): Promise<EngineAnswer> {
	const { engine, tried } = await findEngine({ url, kubernetes, ...ours(paths) });
	if (engine instanceof KubernetesEngine) return { engine, starter: clusterSentence(engine), why: undefined, mayCome: false };
	return {
		engine: undefined,
		why: `The cluster cannot be used: ${tried[0]?.reason ?? 'no reason given'}. ./etabli doctor looks for the cause; docs/operator/kubernetes.md says what a cluster is to have.`,
		mayCome: true,
	};
}

function clusterSentence({ server, settings, builder }: KubernetesEngine): string {
	const images = settings.images
		? 'their images are those of the file of --kubernetes'
		: `${builder.kind} builds their images, which the nodes have to be able to pull`;
	return `Sandboxes are pods of the cluster at ${server}, in its namespace ${settings.namespace} (as --engine says); ${images}.`;
}

/** Who starts the sandboxes when this engine builds their images. `why`: nobody, as a sentence. */
function starterOver(builder: Engine, url: string | undefined): { engine: Engine | undefined; choice: Choice; why: string | undefined } {
	const hindrance = hindranceOf(ociFacts(builder.local));
	const choice = choose(url, hindrance);
	if (url === ociUrl && hindrance) return { engine: undefined, choice, why: `${hindrance.text} ${hindrance.remedy}` };
	return { engine: choice.own ? OciEngine.over(builder) : builder, choice, why: undefined };
}

async function sentence(engine: Engine, { own, why }: Choice): Promise<string> {
	if (!own) return `Sandboxes are started by ${engine.kind} (${why}).`;
	const { version, defaultOciRuntime } = await engine.info();
	return `Sandboxes are started by ${defaultOciRuntime} ${version} itself (${why}); ${engine.builder.kind} builds their images.`;
}

/** What an engine is to know of this data folder. */
function ours(paths: DataPaths): Pick<SearchOptions, 'env' | 'stateDir' | 'instance'> {
	return { env: process.env, stateDir: paths.run, instance: readInstance(paths.data) };
}

/** Looks once, starts and installs nothing. */
export async function lookForEngine({
	url,
	kubernetes,
	paths,
}: Pick<EngineRequest, 'url' | 'kubernetes' | 'paths'>): Promise<Engine | undefined> {
	if (clusterOf(url)) return (await findEngine({ url, kubernetes, ...ours(paths), patience: 5_000 })).engine;
	const { engine: found } = await findEngine({ url: url === ociUrl ? undefined : url, ...ours(paths), patience: 5_000 });
	const engine = found && starterOver(found, url).engine;
	if (engine) noteUse();
	return engine;
}

/** Is the engine that is looked for one of this machine? */
export function looksHere(url: string | undefined): boolean {
	return (
		!clusterOf(url) &&
		(url === ociUrl || url === rootlessUrl || candidates({ url, env: process.env }).every((one) => one.startsWith('unix:')))
	);
}

async function searchEngine(request: EngineRequest, chosen: string | undefined): Promise<EngineAnswer> {
	if (request.url === 'none') return { engine: undefined, why: 'No container engine is wanted (--engine none).', mayCome: false };
	const search = (url = request.url): ReturnType<typeof findEngine> => findEngine({ url, ...ours(request.paths), patience: 5_000 });
	const found = await search();
	if (found.engine?.kind === 'rootless') return withoutRoot(found.engine, 'as --engine rootless says');
	if (found.engine) return { engine: found.engine, why: undefined, mayCome: false };
	if (request.url === rootlessUrl) return { engine: undefined, why: found.tried[0]?.reason, mayCome: false };
	const reasons = found.tried.map(({ reason }) => reason);
	const may = rootlessHindrance(rootlessFacts()) === undefined;
	// Who may become root is offered an engine: it bounds memory, and holds a class.
	if (
		may &&
		!(await likelyRoot()) &&
		isFirstChoice({ chosen: chosen ?? process.env['DOCKER_HOST'], installed: installedEngine(), reasons })
	) {
		const { engine } = await search(rootlessUrl);
		if (engine) return withoutRoot(engine, 'there is no container engine, and you are not root');
	}
	const answer = await startedEngine(request, search, found);
	return answer.why !== undefined && may && chosen === undefined ? { ...answer, why: `${answer.why}\n${rootlessHint}` } : answer;
}

/** What is installed is started, or Docker is installed, if we may. @param search looks again @param first what the first look has found */
async function startedEngine(
	request: EngineRequest,
	search: () => ReturnType<typeof findEngine>,
	first: Awaited<ReturnType<typeof findEngine>>,
): Promise<EngineAnswer> {
	let found = first;
	const address = request.url ?? process.env['DOCKER_HOST'];
	if (address)
		return {
			engine: undefined,
			why: `The container engine at ${address} does not answer (${found.tried[0]?.reason ?? 'no reason given'}). Start it, or leave out --engine and DOCKER_HOST.`,
			mayCome: true,
		};
	const refused = found.tried.find(({ reason }) => denied.test(reason));
	if (refused) return { engine: undefined, why: refusedText(refused), mayCome: true };
	try {
		if (installedEngine() === undefined && !(await install(request))) {
			const why = `Docker was not installed, as you wished. To have sandboxes: ${installCommand(['docker.io'])}`;
			return { engine: undefined, why, mayCome: false };
		}
		const kind = installedEngine();
		if (!kind)
			throw new Failure('The package docker.io is installed, but there is no dockerd.', {
				hint: 'Install Docker or Podman yourself, then run this again.',
			});
		await request.progress.step(`Starting the container engine (${kind === 'docker' ? 'Docker' : 'Podman'})`, async (step) => {
			await startEngine(kind, {
				runFolder: engineRun,
				logFolder: request.paths.logs,
				step,
				signal: request.signal,
				answers: async () => {
					const now = await search();
					return now.engine !== undefined || now.tried.some(({ reason }) => denied.test(reason));
				},
			});
		});
		found = await search();
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		const why = [error.message, error.hint].filter(Boolean).join('\n');
		return { engine: undefined, why, mayCome: installedEngine() !== undefined };
	}
	if (!found.engine) return { engine: undefined, why: refusedText(found.tried[0]), mayCome: true };
	return { engine: found.engine, why: undefined, mayCome: false };
}

function withoutRoot(engine: Engine, why: string): EngineAnswer {
	noteUse();
	const starter = `Sandboxes are started by Établi itself, without root and without a container engine (${why}). ${notHeld}`;
	return { engine, starter, why: undefined, mayCome: false };
}

function refusedText(attempt: EngineAttempt | undefined): string {
	const user = process.env['USER'] ?? '$USER';
	return `A container engine is there (${attempt?.url ?? 'unknown address'}), but you may not use it.\nType: sudo usermod -aG docker ${user}   then log in again; or run ./etabli up as root.`;
}

/** The packages of an engine for this machine. */
export function enginePackages(facts: { apparmor: boolean; cgroups: boolean; systemd: boolean }): string[] {
	return [
		'docker.io',
		'iptables',
		'ca-certificates',
		// Docker loads its own profile by apparmor_parser wherever the kernel has AppArmor.
		...(facts.apparmor ? ['apparmor'] : []),
		...(facts.cgroups || facts.systemd ? [] : ['cgroupfs-mount']),
	];
}

/** @returns false when the person does not want it @throws Failure when it cannot be done */
async function install(request: EngineRequest): Promise<boolean> {
	const wanted = enginePackages({
		apparmor: apparmorEnabled(),
		cgroups: / cgroup2? /.test(readFileSync('/proc/self/mounts', 'utf8')),
		systemd: hasSystemd(),
	});
	const byHand = `Type: ${installCommand(wanted)}   (or install Podman), then run ./etabli up again.`;
	if (!which('apt-get'))
		throw new Failure('No container engine answers, and this machine has no apt-get to install one with.', {
			hint: 'Install Docker or Podman with your distribution’s own tool, then run ./etabli up again.',
		});
	if (!(await rootPrefix()))
		throw new Failure('No container engine answers, and you are neither root nor may you use sudo without a password.', { hint: byHand });
	const missing = await missingPackages(wanted);
	request.progress.say(`No container engine answers. Sandboxes need one: the distribution’s packages ${missing.join(', ')}.`);
	if (!(await ask(request.asker, 'Install and start Docker?'))) return false;
	await request.progress.step(`Installing ${missing.join(', ')}`, (step) => installPackages(missing, step, request.signal));
	return true;
}

/** Stops the engine if we started it, and nobody uses it any more. */
export async function releaseEngine(engine: Engine, progress: Progress): Promise<void> {
	forgetUse();
	if (!ownsEngine(engineRun) || usedByOthers()) return;
	if (!(await engine.idle())) return;
	await progress.step('Stopping the container engine, which etabli had started', () => stopOwnEngine(engineRun));
}
