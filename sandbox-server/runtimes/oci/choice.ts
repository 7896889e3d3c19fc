/**
 * Who starts the sandboxes, the engine or this server itself, and why: for set-up, and for `doctor`, which runs before npm's packages are
 * there.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programEnv, programFolders } from './command.ts';

/** What --engine takes for "this server itself". */
export const ociUrl = 'oci';

/** Where --engine says nothing: true: this server wherever it may; false: the engine that answers. */
const ownByDefault = false;

/** OCI runtimes by name; the first that is there is the default one. */
const programs = ['runc', 'crun', 'youki'];
/** Beside one of those, for courses that ask for it: it cannot do all that the others can. */
const besides = ['runsc'];

/** What a machine has for starting containers by an OCI runtime alone. */
export interface OciFacts {
	linux: boolean;
	root: boolean;
	/** The engine that builds images is on this machine. */
	builderHere: boolean;
	/** Names of the OCI runtimes that are there, the default one first. */
	runtimes: readonly string[];
	/** Of the default one; undefined when it does not say. */
	version: string | undefined;
	cgroups: 'v1' | 'v2' | 'hybrid' | 'none';
	/** Control groups can be made. */
	cgroupsWritable: boolean;
	/** Kinds of limits (controllers) that the kernel, or whoever has handed the control groups on, does not give. */
	cgroupsLack: readonly string[];
	/** cgroup v2: the top group is not the kernel's own and has processes, as in a container that makes groups of its own: those below get no limits then. */
	cgroupsOccupied: boolean;
}

/** What limits sandboxes. Devices are no controller of v2. */
const controllers = ['cpu', 'memory', 'pids'];

/** Looks at this machine; changes nothing. */
export function ociFacts(builderHere: boolean): OciFacts {
	const isHere = (program: string) => programFolders.some((folder) => existsSync(join(folder, program)));
	const usual = programs.filter(isHere);
	const runtimes = usual.length > 0 ? [...usual, ...besides.filter(isHere)] : [];
	return {
		linux: process.platform === 'linux',
		root: process.getuid?.() === 0,
		builderHere,
		runtimes,
		version: runtimes[0] === undefined ? undefined : versionOf(runtimes[0]),
		...cgroups(),
	};
}

/** ms for one word of a runtime: on a busy machine it took more than 10 s, and silence would be taken for something else. */
const patience = 60_000;

function versionOf(program: string): string | undefined {
	const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: patience, env: programEnv() });
	return /version:? (\S+)/.exec(stdout ?? '')?.[1];
}

type CgroupFacts = Pick<OciFacts, 'cgroups' | 'cgroupsWritable' | 'cgroupsLack' | 'cgroupsOccupied'>;

function cgroups(): CgroupFacts {
	const none = { cgroups: 'none', cgroupsWritable: false, cgroupsLack: [], cgroupsOccupied: false } as const;
	return process.platform === 'linux' ? cgroupFacts(readFileSync('/proc/self/mounts', 'utf8')) : none;
}

/** @param mountLines as /proc/self/mounts has them */
export function cgroupFacts(mountLines: string): CgroupFacts {
	const mounts = mountLines
		.split('\n')
		.map((line) => line.split(' '))
		.filter(([, , type]) => type === 'cgroup' || type === 'cgroup2');
	const [v1, v2] = ['cgroup', 'cgroup2'].map((wanted) => mounts.filter(([, , type]) => type === wanted));
	const kind = v1?.length ? (v2?.length ? 'hybrid' : 'v1') : v2?.length ? 'v2' : 'none';
	// Others that somebody has mounted elsewhere are not looked at by runtimes.
	const [, top = ''] = v2?.find(([, place]) => place === '/sys/fs/cgroup') ?? v2?.[0] ?? [];
	const given = kind === 'v2' ? words(join(top, 'cgroup.controllers')) : (v1 ?? []).flatMap(([, , , options = '']) => options.split(','));
	return {
		cgroups: kind,
		cgroupsWritable: mounts.every(([, place = '']) => isWritable(place)),
		cgroupsLack: controllers.filter((one) => !given.includes(one)),
		// The kernel's own top group has no type, and may have processes.
		cgroupsOccupied: kind === 'v2' && existsSync(join(top, 'cgroup.type')) && words(join(top, 'cgroup.procs')).length > 0,
	};
}

function words(path: string): string[] {
	try {
		return readFileSync(path, 'utf8').split(/\s+/).filter(Boolean);
	} catch {
		// Not there, or not to be read: nothing is known of it.
		return [];
	}
}

function isWritable(place: string): boolean {
	try {
		accessSync(place, constants.W_OK);
		return true;
	} catch {
		// Mounted read-only, as in a container; or not ours.
		return false;
	}
}

export interface Hindrance {
	/** A sentence. */
	text: string;
	/** What to do, a sentence. */
	remedy: string;
}

/** Why this server cannot start containers itself; undefined: it can. Pure. */
export function hindranceOf(facts: OciFacts): Hindrance | undefined {
	const without = 'Starting sandboxes without an engine’s help needs';
	const [runtime] = facts.runtimes;
	if (!facts.linux) return { text: `${without} Linux.`, remedy: 'Leave out --engine oci.' };
	if (!facts.root) return { text: `${without} root.`, remedy: 'Run ./etabli up as root, or leave out --engine oci.' };
	if (!facts.builderHere)
		return {
			text: `${without} the images on this machine, and the engine that builds them is elsewhere.`,
			remedy: 'Use an engine of this machine, or leave out --engine oci.',
		};
	if (runtime === undefined)
		return { text: `There is no OCI runtime on this machine (${programs.join(', ')}).`, remedy: 'Type: apt-get install runc' };
	if (facts.version === undefined)
		return {
			text: `${runtime} does not say its version: is it what it should be?`,
			remedy: `Look at what ${runtime} --version prints.`,
		};
	if (facts.cgroups === 'none' || !facts.cgroupsWritable)
		return {
			text: `${without} control groups that can be made: ${facts.cgroups === 'none' ? 'none are mounted' : 'they are mounted read-only'}.`,
			remedy: 'Run ./etabli up outside of a container, or leave out --engine oci.',
		};
	if (facts.cgroupsOccupied)
		return {
			text: `${without} control groups with limits, and here the top one has processes of its own, as in a container.`,
			remedy: 'Run ./etabli up outside of a container, or leave out --engine oci.',
		};
	if (facts.cgroupsLack.length > 0)
		return {
			text: `${without} limits that this machine does not give to control groups: ${facts.cgroupsLack.join(', ')}.`,
			remedy: facts.cgroupsLack.includes('memory')
				? 'Where the kernel was told to leave them out (/proc/cmdline: cgroup_disable=memory), add cgroup_enable=memory, and start the machine anew; or leave out --engine oci.'
				: 'Let the kernel, or whoever runs this machine in a container, give them; or leave out --engine oci.',
		};
	if (facts.cgroups === 'hybrid' && runtime === 'crun')
		return { text: 'crun refuses control groups of v1 with v2 beside them.', remedy: 'Type: apt-get install runc' };
	return undefined;
}

export interface Choice {
	/** This server starts the sandboxes itself. */
	own: boolean;
	/** A part of a sentence. */
	why: string;
}

/**
 * @param wanted --engine; undefined: it says nothing
 * @param hindrance as hindranceOf has it
 */
export function choose(wanted: string | undefined, hindrance: Hindrance | undefined, byDefault = ownByDefault): Choice {
	if (wanted === ociUrl) return { own: hindrance === undefined, why: 'as --engine oci says' };
	if (wanted !== undefined) return { own: false, why: 'as --engine says' };
	if (hindrance) return { own: false, why: `the other way is closed: ${hindrance.text.replace(/\.$/, '')}` };
	return byDefault
		? { own: true, why: 'this machine has what it takes' }
		: { own: false, why: 'nothing else was asked for; --engine oci would do, too' };
}
