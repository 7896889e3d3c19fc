/** Finds an engine: one that speaks Docker's API (Docker itself, or Podman's compatible socket), or what this server can do without one. */
import { DockerEngine } from './docker/engine.ts';
import type { Engine } from './engine.ts';
import { clusterOf } from './kubernetes/choice.ts';
import { KubernetesEngine } from './kubernetes/engine.ts';
import { ociUrl } from './oci/choice.ts';
import { OciEngine } from './oci/engine.ts';
import { rootlessUrl } from './rootless/choice.ts';
import { RootlessEngine } from './rootless/engine.ts';
import { RuntimeAway } from './runtime.ts';

/** An engine that was asked for and did not do. */
export interface EngineAttempt {
	/** Address that was tried. */
	url: string;
	/** Why it did not do, in the system's words. */
	reason: string;
}

export interface SearchOptions {
	/** The operator's choice: nothing else is tried. */
	url?: string | undefined;
	/** Variables that say where engines listen: DOCKER_HOST, XDG_RUNTIME_DIR. */
	env: Record<string, string | undefined>;
	/** Folder for files that the engine reads (the seccomp profile, for Podman). */
	stateDir: string;
	/** As in EngineAddress. */
	instance?: string | undefined;
	/** As in EngineAddress. */
	kubernetes?: string | undefined;
	/** Until the first answer of each address, in ms. */
	patience?: number;
}

/** The addresses in the order in which they are tried. */
export function candidates({ url, env }: Pick<SearchOptions, 'url' | 'env'>): string[] {
	if (url) return [url];
	if (env['DOCKER_HOST']) return [env['DOCKER_HOST']];
	return [
		'unix:///var/run/docker.sock',
		...(env['XDG_RUNTIME_DIR'] ? [`unix://${env['XDG_RUNTIME_DIR']}/podman/podman.sock`] : []),
		'unix:///run/podman/podman.sock',
	];
}

export interface EngineAddress {
	url: string;
	/** Folder for files that the engine reads; must be on the engine's machine. */
	stateDir: string;
	/** Mark of the data folder, by which `down` finds what a build that was killed has left; nobody removes it if left out. */
	instance?: string | undefined;
	/** For its first answer. */
	signal?: AbortSignal | undefined;
	/** As in SearchOptions. */
	env?: SearchOptions['env'] | undefined;
	/** The file of --kubernetes; ETABLI_KUBERNETES of `env` if left out. */
	kubernetes?: string | undefined;
}

/** The engine at an address. @throws RuntimeAway when it does not answer */
export async function connectEngine(address: EngineAddress): Promise<Engine> {
	if (address.url === rootlessUrl) return RootlessEngine.connect();
	const cluster = clusterOf(address.url);
	if (address.url !== ociUrl && !cluster) return await DockerEngine.connect(address);
	const { env = process.env, stateDir, instance } = address;
	const find = () => findEngine({ env, stateDir, instance });
	if (cluster)
		return await KubernetesEngine.connect({
			url: address.url,
			file: address.kubernetes ?? env['ETABLI_KUBERNETES'],
			instance,
			findBuilder: async () => (await find()).engine,
			signal: address.signal,
		});
	const { engine, tried } = await find();
	if (engine) return OciEngine.over(engine);
	throw new RuntimeAway(`no engine answers that builds images: ${tried.map(({ url, reason }) => `${url} (${reason})`).join('; ')}`);
}

/** The first engine that answers, or what was tried and why each failed. */
export async function findEngine(
	options: SearchOptions,
): Promise<{ engine: Engine; tried: EngineAttempt[] } | { engine: undefined; tried: EngineAttempt[] }> {
	const tried: EngineAttempt[] = [];
	for (const url of candidates(options)) {
		try {
			const engine = await connectEngine({
				url,
				stateDir: options.stateDir,
				instance: options.instance,
				env: options.env,
				kubernetes: options.kubernetes,
				signal: AbortSignal.timeout(options.patience ?? 10_000),
			});
			return { engine, tried };
		} catch (error) {
			tried.push({ url, reason: error instanceof Error ? error.message : String(error) });
		}
	}
	return { engine: undefined, tried };
}
