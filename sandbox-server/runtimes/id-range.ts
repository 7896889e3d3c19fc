/** Numbers (uid and gid) that sandboxes may have: a range that nothing else of the machine uses. Imports no packages: `doctor` reads it too. */
import { readFileSync } from 'node:fs';

/** Both ends are in it. */
export interface IdRange {
	first: number;
	last: number;
}

/** Below are the numbers of the machine's own people, and the one that sandboxes share where they cannot have one each. */
const least = 1001;
/** Engines write numbers with 31 bits; what is beyond has become root in some of their versions (CVE-2024-40635). */
const most = 2 ** 31 - 2;

/** "2100000000-2100065535"; undefined: it is none. */
export function parseIdRange(text: string): IdRange | undefined {
	const [, first = '', last = ''] = /^(\d{1,10})-(\d{1,10})$/.exec(text) ?? [];
	const range = { first: Number(first), last: Number(last) };
	return first !== '' && range.first >= least && range.first <= range.last && range.last <= most ? range : undefined;
}

/** Where the list of the numbers that are taken is (sandbox-ids.ts); root's alone, as the OCI runtime's state beside it. */
export const stateFolder = '/run/etabli';

/** Files that give numbers away, and which fields of a line are the first number and how many follow. */
const files: { path: string; number: number; count?: number }[] = [
	{ path: '/etc/passwd', number: 2 },
	{ path: '/etc/group', number: 2 },
	{ path: '/etc/subuid', number: 1, count: 2 },
	{ path: '/etc/subgid', number: 1, count: 2 },
];

/**
 * Who else has a number of the range, as a part of a sentence; undefined: nobody.
 * @param read text of a file; '' when there is none
 */
export function clashOf(range: IdRange, read: (path: string) => string = textOf): string | undefined {
	for (const { path, number, count } of files) {
		for (const line of read(path).split('\n')) {
			const fields = line.split(':');
			const first = Number(fields[number]);
			if (!fields[number] || Number.isNaN(first)) continue;
			const last = first + (count === undefined ? 1 : Number(fields[count])) - 1;
			if (first <= range.last && last >= range.first)
				return `${path} gives ${first === last ? first : `${first}-${last}`} to ${fields[0] || 'somebody'}`;
		}
	}
	return undefined;
}

function textOf(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return ''; // No such file: nobody has anything by it.
	}
}

/** What it means when there are none. */
export const sharedIdText = 'Sandboxes share one number of the kernel’s (uid 1000): one learner can use up what it counts per user for all';

/** What the answer depends on. */
export interface IdSituation {
	range: IdRange;
	/** The engine runs on this machine. */
	local: boolean;
	/** As RuntimeInfo.mapsUsers. */
	mapsUsers: boolean;
}

/** Why sandboxes of this server cannot have numbers of their own, as a part of a sentence; undefined: they can. */
export function whySharedId({ range, local, mapsUsers }: IdSituation): string | undefined {
	if (!local) return 'the engine is on another machine, whose numbers cannot be looked at from here';
	if (mapsUsers) return 'the engine gives its containers numbers of its own choice (rootless, or userns-remap)';
	if (process.getuid?.() !== 0) return `only root can keep the list of the numbers that are taken (${stateFolder})`;
	if (!isMapped(range))
		return 'this machine is itself a container, whose users’ numbers end before the range: choose a lower one with --uids';
	const clash = clashOf(range);
	return clash && `${clash}: choose another range with --uids`;
}

/** @param map as in /proc/self/uid_map: first number here, first number outside, how many */
export function isMapped({ first, last }: IdRange, map: string = readFileSync('/proc/self/uid_map', 'utf8')): boolean {
	return map.split('\n').some((line) => {
		const [from = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
		return from <= first && last < from + count;
	});
}

/** @param security what an engine says of itself, such as "name=rootless" */
export function mapsUsers(security: readonly string[] | null | undefined): boolean {
	return security?.some((option) => /^name=(rootless|userns)\b/.test(option)) ?? false;
}
