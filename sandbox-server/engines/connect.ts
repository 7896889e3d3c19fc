/** Finds a container engine that speaks Docker's API: Docker itself, or Podman's compatible socket. */
import { DockerEngine } from './docker.ts';

export interface Attempt {
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
	/** For each address, in ms. */
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

/** The first engine that answers, or what was tried and why each failed. */
export async function findEngine(
	options: SearchOptions,
): Promise<{ engine: DockerEngine; tried: Attempt[] } | { engine: undefined; tried: Attempt[] }> {
	const tried: Attempt[] = [];
	for (const url of candidates(options)) {
		try {
			const engine = await DockerEngine.connect({
				url,
				stateDir: options.stateDir,
				signal: AbortSignal.timeout(options.patience ?? 10_000),
			});
			return { engine, tried };
		} catch (error) {
			tried.push({ url, reason: error instanceof Error ? error.message : String(error) });
		}
	}
	return { engine: undefined, tried };
}
