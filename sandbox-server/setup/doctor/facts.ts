/** What `doctor` knows of a machine, gathered without npm's packages and without changing anything. Judged by findings.ts. */
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { freemem, totalmem, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseIdRange, whySharedId } from '../../runtimes/id-range.ts';
import { type OciFacts, ociFacts } from '../../runtimes/oci/choice.ts';
import { type RootlessFacts, rootlessFacts } from '../../runtimes/rootless/choice.ts';
import { apparmorEnabled, profileLoaded } from '../apparmor.ts';
import { codeOf, Failure } from '../failure.ts';
import { fuseDevice } from '../fuse.ts';
import { lowKernelLimits } from '../kernel-limits.ts';
import { likelyRoot } from '../packages.ts';
import { preparedFolder, root } from '../paths.ts';
import { checkPort } from '../preflight.ts';
import { installedEngine, run, which } from '../run.ts';
import { type EngineFacts, gatherEngine } from './engine-facts.ts';
import type { ProgramFacts } from './holes.ts';

export interface Facts {
	node: string;
	npm: string | undefined;
	/** This is the image of a server: all is there, and nothing can be brought. */
	prepared: boolean;
	root: boolean;
	aptGet: boolean;
	engine: EngineFacts;
	/** --engine; undefined: it says nothing. */
	wanted: string | undefined;
	/** DOCKER_HOST: the one address that is asked. */
	dockerHost: string | undefined;
	/** Kind of an engine that could be started here, whether or not it answers. */
	installed: string | undefined;
	/** Root, or likely to become it by sudo: is offered an engine. */
	likelyRoot: boolean;
	oci: OciFacts;
	rootless: RootlessFacts;
	/** undefined: the engine is on another machine, or has no such part. */
	runc: ProgramFacts | undefined;
	containerd: ProgramFacts | undefined;
	docker: ProgramFacts | undefined;
	cgroups: 'v1' | 'v2' | 'hybrid' | 'none';
	/** undefined where the kernel has no such setting. */
	maxUserNamespaces: number | undefined;
	unprivilegedUserNamespaces: boolean | undefined;
	apparmorRestrictsUserNamespaces: boolean | undefined;
	/** Permission bits; undefined: no such device. */
	fuseMode: number | undefined;
	/** After how many seconds the kernel cuts a FUSE file system that owes an answer; 0: never; undefined: it cannot. */
	fuseTimeout: number | undefined;
	/** Limits shared by all sandboxes that are lower than wanted, as sysctl writes what is wanted. */
	lowLimits: string[];
	/** Why sandboxes have no numbers (uid) of their own, as a part of a sentence; undefined: they have. */
	sharedId: string | undefined;
	apparmor: { enabled: boolean; profile: boolean | undefined; parser: boolean };
	/** Bytes free where data is, and where the engine keeps its images. */
	dataFree: number | undefined;
	engineFree: number | undefined;
	memory: { total: number; available: number };
	/** A sentence when the port cannot be opened. */
	port: { number: number; problem: string | undefined; ours: boolean };
	/** undefined: nobody says. */
	clock: { now: number; newestFile: number; synchronised: boolean | undefined };
	data: { path: string; problem: string | undefined };
}

export interface Where {
	host: string;
	port: number;
	/** Absolute. */
	data: string;
	engineUrl: string | undefined;
	/** As --uids. */
	uids: string;
	/** Does a server of ours hold the port? */
	ours: boolean;
}

/** Looks at this machine and asks the engine. Changes nothing; what they do not tell is undefined. */
export async function gatherFacts(where: Where): Promise<Facts> {
	const engine = await gatherEngine(where.engineUrl);
	const npm = which('npm');
	return {
		node: process.versions.node,
		npm: npm ? (await run(npm, ['--version'], { timeout: 20_000 })).stdout.trim() || undefined : undefined,
		prepared: existsSync(join(root, preparedFolder)),
		root: userInfo().uid === 0,
		aptGet: which('apt-get') !== undefined,
		engine,
		wanted: where.engineUrl,
		dockerHost: process.env['DOCKER_HOST'] || undefined,
		installed: installedEngine(),
		likelyRoot: await likelyRoot(),
		oci: ociFacts(engine.local),
		rootless: rootlessFacts(),
		...(await gatherPrograms(engine)),
		cgroups: cgroups(),
		maxUserNamespaces: numberIn('/proc/sys/user/max_user_namespaces'),
		unprivilegedUserNamespaces: booleanIn('/proc/sys/kernel/unprivileged_userns_clone'),
		apparmorRestrictsUserNamespaces: booleanIn('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
		fuseMode: existsSync(fuseDevice) ? statSync(fuseDevice).mode & 0o777 : undefined,
		fuseTimeout: numberIn('/proc/sys/fs/fuse/max_request_timeout'),
		lowLimits: lowKernelLimits().map(({ name, wanted }) => `${name}=${wanted}`),
		sharedId: sharedIdOf(where.uids, engine),
		apparmor: { enabled: apparmorEnabled(), profile: profileLoaded(), parser: which('apparmor_parser') !== undefined },
		dataFree: free(nearestExisting(where.data)),
		engineFree: engine.answer?.folder !== undefined && engine.local ? free(engine.answer.folder) : undefined,
		memory: { total: totalmem(), available: available() },
		port: { number: where.port, problem: await portProblem(where), ours: where.ours },
		clock: { now: Date.now(), newestFile: statSync(import.meta.filename).mtimeMs, synchronised: await synchronised() },
		data: { path: where.data, problem: writable(nearestExisting(where.data)) },
	};
}

function sharedIdOf(uids: string, { local, answer }: EngineFacts): string | undefined {
	const range = parseIdRange(uids);
	return range ? whySharedId({ range, local, mapsUsers: answer?.mapsUsers ?? false }) : `${uids} is no range: ./etabli up says what is`;
}

/** What runs the containers of an engine on this machine: as it says itself, and what the packages' changelogs say is fixed. */
export async function gatherPrograms(
	engine: Pick<EngineFacts, 'local' | 'answer'>,
): Promise<Pick<Facts, 'runc' | 'containerd' | 'docker'>> {
	const { answer, local } = engine;
	if (!local || (answer && answer.kind !== 'docker' && !answer.runtimes.includes('runc')))
		return { runc: undefined, containerd: undefined, docker: undefined };
	const programs = answer?.programs ?? {};
	return {
		runc: answer?.runtimes.includes('runc') === false ? undefined : await gatherProgram('runc', programs['runc']),
		containerd: programs['containerd'] === undefined ? undefined : await gatherProgram('containerd', programs['containerd']),
		docker: programs['Engine'] === undefined ? undefined : await gatherProgram('dockerd', programs['Engine']),
	};
}

/** @param said its version as the engine has it; else the program is asked */
async function gatherProgram(command: string, said: string | undefined): Promise<ProgramFacts | undefined> {
	const path = which(command);
	if (!path) return said === undefined ? undefined : { version: said, packaged: undefined, fixed: [] };
	const version = said ?? /version (\S+)/.exec((await run(path, ['--version'], { timeout: 5_000 })).stdout)?.[1];
	if (version === undefined) return undefined;
	const owner = which('dpkg-query') ? await run('dpkg-query', ['-S', path], { timeout: 10_000 }) : undefined;
	const name = owner?.status === 0 ? owner.stdout.split(':')[0] : undefined;
	if (!name) return { version, packaged: undefined, fixed: [] };
	const packaged = (await run('dpkg-query', ['-W', '-f', '${Version}', name], { timeout: 10_000 })).stdout.trim();
	return { version, packaged, fixed: fixedIn(changelog(name)) };
}

function changelog(name: string): string {
	for (const file of ['changelog.Debian.gz', 'changelog.gz', 'changelog.Debian']) {
		const path = `/usr/share/doc/${name}/${file}`;
		if (!existsSync(path)) continue;
		const bytes = readFileSync(path);
		return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
	}
	return '';
}

/** The CVE numbers that a text names. */
export function fixedIn(text: string): string[] {
	return [...new Set(text.match(/CVE-\d{4}-\d+/g))];
}

function cgroups(): Facts['cgroups'] {
	const mounts = readFileSync('/proc/self/mounts', 'utf8');
	const [v1, v2] = [/ cgroup /.test(mounts), / cgroup2 /.test(mounts)];
	if (v1 && v2) return 'hybrid';
	if (v2) return 'v2';
	return v1 ? 'v1' : 'none';
}

function textIn(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8').trim();
	} catch (error) {
		if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EACCES') return undefined;
		throw error;
	}
}

function numberIn(path: string): number | undefined {
	const text = textIn(path);
	return text === undefined ? undefined : Number(text);
}

function booleanIn(path: string): boolean | undefined {
	const text = textIn(path);
	return text === undefined ? undefined : text !== '0';
}

function nearestExisting(path: string): string {
	return existsSync(path) ? path : nearestExisting(dirname(path));
}

function free(path: string): number | undefined {
	try {
		const { bavail, bsize } = statfsSync(path);
		return bavail * bsize;
	} catch {
		// The engine's folder may be closed to us: then nothing is said about it.
		return undefined;
	}
}

function available(): number {
	const line = /^MemAvailable:\s+(\d+) kB/m.exec(textIn('/proc/meminfo') ?? '');
	return line?.[1] === undefined ? freemem() : Number(line[1]) * 1024;
}

async function portProblem({ host, port }: Where): Promise<string | undefined> {
	try {
		await checkPort(host, port);
		return undefined;
	} catch (error) {
		if (error instanceof Failure) return error.message;
		throw error;
	}
}

function writable(path: string): string | undefined {
	try {
		accessSync(path, constants.W_OK | constants.X_OK);
		return undefined;
	} catch (error) {
		return `${path}: ${codeOf(error) ?? String(error)}`;
	}
}

async function synchronised(): Promise<boolean | undefined> {
	if (!which('timedatectl') || !existsSync('/run/systemd/system')) return undefined;
	const result = await run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], { timeout: 5_000 });
	return result.status === 0 ? result.stdout.trim() === 'yes' : undefined;
}
