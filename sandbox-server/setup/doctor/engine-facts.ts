/** Asks container engines who they are by plain HTTP: doctor must work before npm's packages are there. */
import { type RequestOptions, request } from 'node:http';
import { isGvisor } from '../../../src/shared/course/oci-runtimes.ts';
import { mapsUsers } from '../../runtimes/id-range.ts';
import { clusterOf } from '../../runtimes/kubernetes/choice.ts';

/** A runtime that is gVisor, as the engine tells of it. */
export interface GvisorThere {
	name: string;
	/** The program on the engine's machine. */
	path: string;
	/** How it is called; undefined: the engine does not say. */
	options: string[] | undefined;
}

export interface EngineAnswer {
	kind: 'docker' | 'podman';
	version: string;
	runtimes: string[];
	/** The one that it takes where nobody asks for another. */
	defaultRuntime: string;
	gvisor: GvisorThere[];
	/** Where it keeps images; undefined when it does not say. */
	folder: string | undefined;
	cgroup: string;
	/** Versions of its parts by their names: Runtime, containerd, runc. */
	programs: Record<string, string>;
	/** As RuntimeInfo.mapsUsers. */
	mapsUsers: boolean;
	/** An authorisation plugin decides who may use it. */
	plugins: boolean;
}

export interface EngineFacts {
	/** What was asked, in order. */
	tried: { url: string; problem: string }[];
	url: string | undefined;
	/** On this machine? */
	local: boolean;
	answer: EngineAnswer | undefined;
}

/** ms for an answer. */
const patience = 5_000;

/** @param chosen --engine; DOCKER_HOST and the usual sockets otherwise, as runtimes/find-engine.ts has it */
export async function gatherEngine(chosen: string | undefined): Promise<EngineFacts> {
	if (chosen === 'rootless') return { tried: [], url: undefined, local: true, answer: undefined };
	const runtimeFolder = process.env['XDG_RUNTIME_DIR'];
	const sockets = [
		'unix:///var/run/docker.sock',
		...(runtimeFolder ? [`unix://${runtimeFolder}/podman/podman.sock`] : []),
		'unix:///run/podman/podman.sock',
	];
	// "oci" starts sandboxes itself, and has its images from one of these; for a cluster they may be built by one.
	const one = (chosen === 'oci' || clusterOf(chosen) ? undefined : chosen) ?? process.env['DOCKER_HOST'];
	const tried: EngineFacts['tried'] = [];
	for (const url of one ? [one] : sockets) {
		try {
			const [version, info] = (await Promise.all([get(url, '/version'), get(url, '/info')])) as [Version, Info];
			const podman = version.Components?.some(({ Name }) => Name.startsWith('Podman')) ?? false;
			return {
				tried,
				url,
				local: url.startsWith('unix:'),
				answer: {
					kind: podman ? 'podman' : 'docker',
					version: version.Version,
					runtimes: Object.keys(info.Runtimes ?? {}),
					defaultRuntime: info.DefaultRuntime ?? '',
					gvisor: gvisorThere(info.Runtimes ?? {}, podman),
					folder: info.DockerRootDir,
					cgroup: info.CgroupVersion ?? '1',
					programs: Object.fromEntries((version.Components ?? []).map((part) => [part.Name, part.Version ?? ''])),
					mapsUsers: mapsUsers(info.SecurityOptions),
					plugins: (info.Plugins?.Authorization ?? []).length > 0,
				},
			};
		} catch (error) {
			tried.push({ url, problem: error instanceof Error ? error.message : String(error) });
		}
	}
	return { tried, url: undefined, local: true, answer: undefined };
}

/**
 * Those of an engine's runtimes that are gVisor. Podman names no options. Docker has none for a runtime without a path: its shim (`runtimeType`) reads them from a file of
 * its own. Pure.
 * @param runtimes what stands in /info
 */
export function gvisorThere(runtimes: Runtimes, podman: boolean): GvisorThere[] {
	return Object.entries(runtimes)
		.filter(([name]) => isGvisor(name))
		.map(([name, { path, runtimeArgs }]) => ({ name, path: path || name, options: podman || !path ? undefined : (runtimeArgs ?? []) }));
}

type Runtimes = Record<string, { path?: string; runtimeArgs?: string[] | null }>;
interface Version {
	Version: string;
	Components?: { Name: string; Version?: string }[];
}
interface Info {
	Runtimes?: Runtimes;
	DefaultRuntime?: string;
	DockerRootDir?: string;
	CgroupVersion?: string;
	SecurityOptions?: string[] | null;
	Plugins?: { Authorization?: string[] | null };
}

function get(url: string, path: string): Promise<unknown> {
	const target: RequestOptions = url.startsWith('unix://')
		? { socketPath: url.slice('unix://'.length) }
		: { host: new URL(url).hostname, port: new URL(url).port || 2375 };
	return new Promise((resolve, reject) => {
		const asked = request({ ...target, path, headers: { host: 'engine' }, signal: AbortSignal.timeout(patience) }, (response) => {
			let text = '';
			response.setEncoding('utf8');
			response.on('data', (chunk: string) => {
				text += chunk;
			});
			response.on('error', reject);
			response.on('end', () => {
				if (response.statusCode !== 200) reject(new Error(`it answers with status ${response.statusCode}`));
				else resolve(JSON.parse(text));
			});
		});
		asked.on('error', reject);
		asked.end();
	});
}
