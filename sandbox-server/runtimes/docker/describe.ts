/** What the engine is, and what its errors mean, in the interface's terms. */
import type Docker from 'dockerode';
import { reason, statusOf, within } from '../../images/docker/client.ts';
import { mapsUsers } from '../id-range.ts';
import { RuntimeAway, type RuntimeInfo } from '../runtime.ts';
import type { EngineTraits } from './options.ts';

/** What the engine is. @throws RuntimeAway */
export async function describe(docker: Docker, signal: AbortSignal): Promise<RuntimeInfo & Pick<EngineTraits, 'kind' | 'cgroup'>> {
	try {
		const [info, version] = await Promise.all([within(docker.info(), signal), within(docker.version(), signal)]);
		const podman = version.Components?.some(({ Name }) => Name.startsWith('Podman')) ?? false;
		return {
			kind: podman ? 'podman' : 'docker',
			version: version.Version,
			ociRuntimes: Object.keys(info.Runtimes ?? {}),
			defaultOciRuntime: info.DefaultRuntime,
			cgroup: info.CgroupVersion === '2' ? 'v2' : 'v1',
			mapsUsers: mapsUsers(info.SecurityOptions),
			memory: info.MemTotal,
			cpus: info.NCPU,
		};
	} catch (error) {
		throw translated(error);
	}
}

/** RuntimeAway when there was no answer (refused, no such socket, reset, time limit, its own containerd away); otherwise an error with the engine's words. */
export function translated(error: unknown): Error {
	if (error instanceof RuntimeAway) return error;
	if (statusOf(error) === undefined ? isSilence(error) : isHalfAway(error))
		return new RuntimeAway(`the engine does not answer: ${reason(error)}`, { cause: error });
	return new Error(`the engine refused: ${reason(error)}`, { cause: error });
}

/** dockerd answers, but the containerd behind it is just being started again. */
function isHalfAway(error: unknown): boolean {
	return statusOf(error) === 500 && /connection error|transport.* closing|: unavailable\b/i.test(reason(error));
}

function isSilence(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	return 'code' in error || error.name === 'AbortError' || error.name === 'TimeoutError';
}
