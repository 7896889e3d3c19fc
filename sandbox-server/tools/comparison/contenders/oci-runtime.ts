/** OCI runtimes by their own command lines, each with the configuration that its `spec` gives. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NoteKey } from '../../../../src/shared/comparison/words.ts';
import type { Contender, Kit, Place, Way } from '../contender.ts';
import { comparedGroups } from '../leftovers.ts';

interface IdMapping {
	containerID: number;
	hostID: number;
	size: number;
}

/** The part of config.json that is changed here. */
export interface SpecPart {
	process: { terminal?: boolean; args: string[]; cwd: string };
	root: { path: string; readonly?: boolean };
	mounts?: { destination: string; type?: string; source?: string; options?: string[] }[];
	linux?: { cgroupsPath?: string; uidMappings?: IdMapping[]; gidMappings?: IdMapping[]; [more: string]: unknown };
	[more: string]: unknown;
}

/** The runtime's own configuration, for this container: what is not about its files and its command stays as it was. */
export function forPlace(spec: SpecPart, place: Place, cgroupsPath: string | undefined): SpecPart {
	return {
		...spec,
		process: { ...spec.process, terminal: false, args: [...place.command], cwd: '/' },
		root: { ...spec.root, path: place.root, readonly: true },
		mounts: [
			...(spec.mounts ?? []),
			{ destination: '/mnt', type: 'bind', source: place.work, options: ['rbind', 'rw', 'nosuid', 'nodev'] },
		],
		linux: { ...spec.linux, ...(cgroupsPath !== undefined && { cgroupsPath }) },
	};
}

/** `spec --rootless` is for whoever calls it: the same for another user. */
export function forUser(spec: SpecPart, user: number): SpecPart {
	const { uidMappings, gidMappings } = spec.linux ?? {};
	if (!uidMappings || !gidMappings) return spec;
	const map = (mappings: IdMapping[]) => mappings.map((one) => ({ ...one, hostID: user }));
	return { ...spec, linux: { ...spec.linux, uidMappings: map(uidMappings), gidMappings: map(gidMappings) } };
}

export interface OciRuntimeTraits {
	id: string;
	name?: string;
	program: string;
	packages: string;
	version: RegExp;
	least?: string;
	/** Options in front of "run", as tried one after the other. */
	options: { note?: NoteKey; args: string[]; groups: boolean; before?: string[] }[];
	/** As an ordinary user: with what `spec --rootless` gives, or with options of its own; undefined: there is no other way. */
	rootless?: 'spec' | string[];
	/** Prints what it can do. */
	features: boolean;
}

/** Where its control groups are, in every hierarchy. */
export const groupPath = (name: string): string => join(comparedGroups, name);

/** Runs what stands in the place's folder. */
export function runBundle(
	program: string,
	states: string,
	options: readonly string[],
	before: readonly string[] = [],
): Pick<Way, 'command' | 'clear'> {
	const base = [program, '--root', states, ...options];
	return {
		command: ({ name, folder }) => [...before, ...base, 'run', '--bundle', folder, name],
		clear: ({ name }) => [[...base, 'delete', '--force', name]],
	};
}

async function ownSpec({ call, folder }: Kit, program: string, args: readonly string[] = []): Promise<SpecPart> {
	await call(['sh', '-c', 'rm -f config.json && exec "$@"', 'sh', program, 'spec', ...args], { cwd: folder });
	return JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as SpecPart;
}

export function ociRuntime(traits: OciRuntimeTraits): Contender {
	const { id, program, packages, version, least, options, rootless, features } = traits;
	return {
		id,
		name: traits.name ?? id,
		packages,
		programs: [program],
		versionArgs: ['--version'],
		version,
		...(least !== undefined && { least }),
		// It could go once the container runs (--detach), as engines have it.
		stays: false,
		daemons: [],
		helpers: [],
		async prepare(kit) {
			const states = join(kit.folder, 'states');
			const spec = await ownSpec(kit, program);
			const write = (from: SpecPart, groups: boolean) => (place: Place) =>
				writeFileSync(join(place.folder, 'config.json'), JSON.stringify(forPlace(from, place, groups ? groupPath(place.name) : undefined)));
			const userSpec = rootless === undefined ? undefined : await ownSpec(kit, program, rootless === 'spec' ? ['--rootless'] : []);
			const userOptions = Array.isArray(rootless) ? rootless : [];
			const userWay: Way | undefined = userSpec && {
				write: write(kit.root ? forUser(userSpec, kit.ordinary) : userSpec, false),
				command: ({ name, folder }) => [program, '--root', join(folder, 'states'), ...userOptions, 'run', '--bundle', folder, name],
			};
			const ways = options.map(
				({ note, args, groups, before }): Way => ({
					note: note ?? 'ownSpec',
					write: write(spec, groups),
					...runBundle(program, states, args, before),
				}),
			);
			return {
				ways: kit.root ? ways : userWay ? [{ ...userWay, note: 'rootless' }] : ways,
				...(userWay && { rootless: [userWay] }),
				...(features && { features: [program, 'features'] }),
			};
		},
	};
}

export const runc = ociRuntime({
	id: 'runc',
	program: 'runc',
	packages: 'runc',
	version: /runc version (\S+)/,
	least: '1.0',
	options: [{ args: [], groups: true }],
	rootless: 'spec',
	features: true,
});

export const crun = ociRuntime({
	id: 'crun',
	program: 'crun',
	packages: 'crun',
	version: /crun version (\S+)/,
	least: '0.20',
	options: [
		{ args: [], groups: true },
		// It refuses v2 beside v1: there it is shown v1 alone, in a mount namespace of its own.
		{
			args: [],
			groups: true,
			note: 'oldGroups',
			before: ['unshare', '--mount', 'sh', '-c', 'umount /sys/fs/cgroup/unified && exec "$@"', 'sh'],
		},
		{ args: ['--cgroup-manager=disabled'], groups: true, note: 'noGroups' },
	],
	rootless: 'spec',
	features: true,
});

export const youki = ociRuntime({
	id: 'youki',
	program: 'youki',
	packages: '–',
	version: /youki version:? (\S+)/i,
	options: [{ args: [], groups: true }],
	rootless: 'spec',
	features: true,
});

export const runsc = ociRuntime({
	id: 'runsc',
	name: 'gVisor (runsc)',
	program: 'runsc',
	packages: 'runsc',
	version: /runsc version (\S+)/,
	options: [
		{ args: ['--network=none'], groups: true },
		{ args: ['--network=none', '--ignore-cgroups'], groups: true, note: 'noGroups' },
	],
	rootless: ['--rootless', '--network=none', '--ignore-cgroups'],
	features: false,
});
