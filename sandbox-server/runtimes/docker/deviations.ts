/** Does the container that the engine made have the walls that were asked for? */
import type { ContainerInspectInfo } from 'dockerode';
import { type ContainerOptions, podmanEmpty } from './options.ts';

/** Settings that must come back from the engine as they were asked: each holds a wall up. */
const walls = ['Privileged', 'NetworkMode', 'ReadonlyRootfs', 'Memory', 'MemorySwap', 'NanoCpus', 'PidsLimit'] as const;

/** What Podman adds to each mount when it reports it. */
const podmanMountOptions = /,(?:rprivate|rbind)(?=,|$)/g;

/** Podman does not tell what is covered. */
const unreported = /^(?:un)?mask=/;

/**
 * Where what the engine made differs from what was asked; empty when it is as asked. An engine may drop a setting that it does not know
 * without a word, and a sandbox must not run without a wall that we count on.
 */
export function deviations(options: ContainerOptions, made: ContainerInspectInfo): string[] {
	const found: string[] = [];
	const compare = (name: string, asked: unknown, got: unknown): void => {
		if (JSON.stringify(sorted(asked)) !== JSON.stringify(sorted(got)))
			found.push(`${name}: asked ${JSON.stringify(asked)}, got ${JSON.stringify(got)}`);
	};
	const { HostConfig: asked } = options;
	compare('User', options.User, made.Config.User);
	// NetworkMode alone would be a network namespace too; but then another file is /etc/hosts, and something is not as we think.
	compare('NetworkDisabled', options.NetworkDisabled ?? false, (made.Config as { NetworkDisabled?: boolean }).NetworkDisabled ?? false);
	for (const wall of walls) compare(wall, asked[wall], made.HostConfig[wall]);
	compare('Binds', asked.Binds, made.HostConfig.Binds?.map(plain));
	compare('Tmpfs', mapped(asked.Tmpfs, silent), mapped(made.HostConfig.Tmpfs, plain));
	// Podman reports the names of the capabilities that "ALL" took away from its default set.
	const dropped: unknown = made.HostConfig.CapDrop;
	const all =
		Array.isArray(dropped) && dropped.length > 0 && (dropped.includes('ALL') || dropped.includes('CHOWN') || dropped.includes('CAP_CHOWN'));
	if (!all) compare('CapDrop', asked.CapDrop, dropped);
	compare('CapAdd', [], made.HostConfig.CapAdd ?? []);
	// Podman reports 'shareable' for 'private' too: other containers could ask to share it, and only the engine's owner makes containers.
	if (asked.IpcMode === 'none') compare('IpcMode', 'none', made.HostConfig.IpcMode);
	const security = made.HostConfig.SecurityOpt as string[] | undefined;
	for (const option of asked.SecurityOpt as string[]) {
		if (!unreported.test(option) && !security?.includes(option)) found.push(`SecurityOpt: ${option.slice(0, 40)} is missing`);
	}
	return found;
}

const plain = (text: string): string => text.replace(podmanMountOptions, '');

/** Without what Podman does and does not report. */
const silent = (text: string): string => text.replace(`,${podmanEmpty}`, '');

const mapped = (places: Record<string, string> | undefined, change: (how: string) => string): Record<string, string> =>
	Object.fromEntries(Object.entries(places ?? {}).map(([place, how]) => [place, change(how)]));

function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return [...value].sort();
	if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
	return value;
}
