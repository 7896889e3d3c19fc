/**
 * The base of all images: Debian 13. From an image registry when one answers, else made from packages of the machine's own mirror.
 * docs/decisions/0004-images-without-registry.md has the reasons.
 */
import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageStore } from '../images/image-store.ts';
import { Failure } from './failure.ts';
import { buildImage, imageFolderHash } from './image-build.ts';
import { type Asker, ask, installCommand, installPackages, missingPackages, rootPrefix } from './packages.ts';
import type { Progress, Step } from './progress.ts';
import { runOk, which } from './run.ts';
import { findMirror, type Mirror, mirrorFromOption, parseOsRelease, readSources } from './sources.ts';

export const suite = 'trixie';
const official = `debian:${suite}`;
/** ms to wait for the registry's first byte; a machine with none answers at once or never. */
const pullSilence = 15_000;
const bootstrapPackages = ['mmdebstrap', 'debian-archive-keyring'];

export interface BaseRequest {
	store: ImageStore;
	/** --mirror */
	mirror: string | undefined;
	/** Folder for the root file system while it is made (about 150 MB). */
	temporary: string;
	/** For a user who is not root and is not to need anything of root's. */
	rootless?: boolean;
	asker: Asker;
	progress: Progress;
	signal?: AbortSignal | undefined;
}

/** What Debian's image is called. @param mirror --mirror */
export function baseReference(mirror: string | undefined): string {
	return `etabli-base:${imageFolderHash(undefined, [suite, process.arch, mirror ?? ''])}`;
}

/** @returns the reference `etabli-base:<hash>` @throws Failure */
export async function ensureBase(request: BaseRequest): Promise<string> {
	const mirror = chooseMirror(request.mirror);
	const reference = baseReference(request.mirror);
	if (await request.store.inspect(reference)) return reference;
	await request.progress.step('Debian 13, the base of all images', async (step) => {
		// With --mirror the operator has said where Debian comes from.
		if (request.mirror === undefined && (await pulled(request, step))) {
			await buildImage({
				images: request.store,
				from: { dockerfile: `FROM ${official}\n` },
				reference,
				args: {},
				network: 'host',
				step,
				signal: request.signal,
			});
			step.remark = 'official image';
			return;
		}
		await bootstrap(request, mirror, reference, step);
		step.remark = 'made from packages';
	});
	return reference;
}

function chooseMirror(option: string | undefined): Mirror | undefined {
	if (option !== undefined) {
		const mirror = mirrorFromOption(option);
		if (!mirror) throw new Failure(`--mirror ${option} is not an address of the form http://host/debian.`);
		return mirror;
	}
	if (!existsSync('/etc/os-release')) return undefined;
	const release = parseOsRelease(readFileSync('/etc/os-release', 'utf8'));
	if (release['ID'] !== 'debian') return undefined;
	return findMirror(readSources(), release['VERSION_CODENAME'] ?? '');
}

/** Has the official image been pulled (or is it there)? False when no registry answers; the reason goes to the log. */
async function pulled(request: BaseRequest, step: Step): Promise<boolean> {
	const { store, signal } = request;
	if (await store.inspect(official)) return true;
	step.detail(`asking for ${official}`);
	try {
		await store.pull(official, { silence: pullSilence, onLine: (line) => step.detail(line), signal });
		return (await store.inspect(official)) !== undefined;
	} catch (error) {
		signal?.throwIfAborted();
		step.detail(`no image registry: ${error instanceof Error ? error.message : String(error)}`);
		return false;
	}
}

async function bootstrap(request: BaseRequest, mirror: Mirror | undefined, reference: string, step: Step): Promise<void> {
	if (!mirror) {
		throw new Failure(
			'No image registry answers, and this machine is not a Debian whose mirror could be used for building the learners’ machine.',
			{
				hint: 'Name a Debian mirror: ./etabli up --mirror http://HOST/debian',
			},
		);
	}
	if (request.rootless) needHere();
	else await needPackages(request, step);
	mkdirSync(request.temporary, { recursive: true });
	const archive = join(request.temporary, `base-${process.pid}.tar`);
	try {
		await makeRootFileSystem(mirror, archive, step, request);
		step.detail('importing');
		await request.store.importRoot(createReadStream(archive), reference);
	} finally {
		rmSync(archive, { force: true });
	}
}

/** @throws Failure when it is not there: it would be root's to install */
function needHere(): void {
	if (which('mmdebstrap')) return;
	throw new Failure(
		'No image registry answers, and this machine has no mmdebstrap with which you could make the learners’ machine from packages.',
		{
			hint: `${bringThem} Or ask the administrator for the packages mmdebstrap and uidmap.`,
		},
	);
}

/** What a user who is not root does where an image cannot be made. */
const bringThem =
	'On a machine with Docker or Podman: ./etabli export etabli-export.tar. Here: ./etabli import etabli-export.tar (docs/operator/rootless.md).';

async function needPackages(request: BaseRequest, step: Step): Promise<void> {
	const missing = await missingPackages(bootstrapPackages);
	if (missing.length === 0) return;
	request.progress.say(`No image registry answers: the learners’ machine is made from packages, with ${missing.join(' and ')}.`);
	if (!(await request.progress.asking(() => ask(request.asker, 'Install them?')))) {
		throw new Failure('Without them there is no image for the sandboxes.', { hint: `Type: ${installCommand(missing)}` });
	}
	await installPackages(missing, step, request.signal);
}

/** Debian's root file system into a tar archive. The learners' machine is built upon it by a Dockerfile. */
async function makeRootFileSystem(mirror: Mirror, archive: string, step: Step, { rootless = false, signal }: BaseRequest): Promise<void> {
	const prefix = rootless ? [] : await rootPrefix();
	if (!prefix)
		throw new Failure('Making the learners’ machine from packages needs root.', {
			hint: 'Run ./etabli up as root, or with a sudo that asks for no password.',
		});
	const sources = [`deb ${mirror.main} ${suite} main`];
	if (mirror.security) sources.push(`deb ${mirror.security} ${suite}-security main`);
	const [command, ...args] = [
		...prefix,
		'mmdebstrap',
		'--variant=minbase',
		// Of itself it takes what a user may: ranges of numbers (uidmap), or fakechroot.
		`--mode=${rootless ? 'auto' : 'root'}`,
		'--format=tar',
		// Mirrors that keep dated copies of the archive serve Release files whose date has passed. Signatures are checked all the same.
		'--aptopt=Acquire::Check-Valid-Until "false"',
		'--include=ca-certificates',
		suite,
		archive,
		...sources,
	];
	await runOk(command as string, args, {
		onLine: (line) => step.detail(line),
		signal,
		hint: `${rootless ? 'Have you a range of numbers (package uidmap, a line of yours in /etc/subuid)? ' : ''}Is the mirror right? It was ${mirror.main}; --mirror URL names another.${rootless ? `\n${bringThem}` : ''}`,
	});
}
