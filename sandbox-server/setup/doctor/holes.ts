/**
 * Known holes of what runs the containers, by advisory: in which upstream versions they are closed, and whom they concern. Only those are here
 * that concern an engine used as we use it; docs/decisions/0016-patch-floor.md lists what was left out, and why. Imports no packages.
 */
import { compareVersions } from '../version.ts';
import type { Finding } from './findings.ts';

/** A program, the package that it came with, and what that package's changelog says is fixed. */
export interface ProgramFacts {
	/** Upstream's version. */
	version: string;
	/** Version of the distribution's package; undefined when it is none. */
	packaged: string | undefined;
	/** CVE numbers that the package's changelog says are fixed. */
	fixed: string[];
}

export type Program = 'runc' | 'docker' | 'containerd';

interface Hole {
	numbers: string[];
	/** First versions of their series (the first two numbers) that have the fix, in order; later series have it from their beginning. */
	closedIn: string[];
	state: 'failed' | 'warning';
	what: string;
	/** Only where an authorisation plugin decides who may use the engine. */
	plugins?: true;
}

const holes: Record<Program, Hole[]> = {
	runc: [
		// GHSA-xr7r-f8xq-vfvv
		{ numbers: ['CVE-2024-21626'], closedIn: ['1.1.12'], state: 'failed', what: 'a way out of the container by a leaked folder' },
		// GHSA-9493-h29p-rfm2, GHSA-qw9x-cqr3-wc7r, GHSA-cgrx-mc8f-2prm
		{
			numbers: ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881'],
			closedIn: ['1.2.8', '1.3.3', '1.4.0'],
			state: 'warning',
			what: 'ways out of the container by races while it starts; the image or a second container must be the attacker’s, which learners have not',
		},
	],
	containerd: [
		// GHSA-pwhc-rpq9-4c8w
		{
			numbers: ['CVE-2024-25621'],
			closedIn: ['1.7.29', '2.0.7', '2.1.5', '2.2.0'],
			state: 'warning',
			what: 'its folders are open to every user who can log in on this machine; learners cannot',
		},
	],
	docker: [
		// GHSA-v23v-6jw2-98fq
		{
			numbers: ['CVE-2024-41110'],
			closedIn: ['19.03.16', '20.10.28', '23.0.15', '24.0.10', '25.0.6', '26.0.3', '26.1.5', '27.1.1'],
			state: 'failed',
			what: 'a request without a body goes past the authorisation plugin that this engine has',
			plugins: true,
		},
		// GHSA-x744-4wpc-v9h2
		{
			numbers: ['CVE-2026-34040'],
			closedIn: ['29.3.1'],
			state: 'failed',
			what: 'a very large request goes past the authorisation plugin that this engine has',
			plugins: true,
		},
	],
};

const subjects: Record<Program, string> = { runc: 'Runtime runc', docker: 'Docker Engine', containerd: 'Runtime containerd' };
/** The distribution's packages. */
const packages: Record<Program, string> = { runc: 'runc', docker: 'docker.io', containerd: 'containerd' };

/** A version closes a hole when it is of a mended series and recent enough, or when its package's changelog says so. */
function closes(facts: ProgramFacts, hole: Hole, number: string): boolean {
	if (facts.fixed.includes(number)) return true;
	const series = (version: string): string => version.split('.').slice(0, 2).join('.');
	const same = hole.closedIn.find((version) => series(version) === series(facts.version));
	if (same) return compareVersions(facts.version, same) >= 0;
	return compareVersions(series(facts.version), series(hole.closedIn.at(-1) ?? '')) > 0;
}

/** @param plugins the engine has an authorisation plugin */
export function openHoles(program: Program, facts: ProgramFacts | undefined, plugins = false): Finding[] {
	if (!facts) return [];
	const subject = subjects[program];
	const text = facts.packaged === undefined ? facts.version : `${facts.version} (package ${facts.packaged})`;
	const open = holes[program].flatMap((hole): Finding[] => {
		const numbers = hole.plugins && !plugins ? [] : hole.numbers.filter((number) => !closes(facts, hole, number));
		if (numbers.length === 0) return [];
		const name = packages[program];
		const remedy =
			facts.packaged === undefined
				? `Install ${name === 'docker.io' ? 'Docker Engine' : name} ${hole.closedIn.join(' or ')}, or later.`
				: `apt-get update && apt-get install --only-upgrade ${name}; the package’s changelog must name the fixes.`;
		return [
			{
				subject,
				state: hole.state,
				text: `${text}: ${numbers.join(', ')} (${hole.what}) ${numbers.length > 1 ? 'are' : 'is'} not known to be fixed`,
				remedy,
			},
		];
	});
	return open.length > 0 ? open : [{ subject, state: 'ok', text }];
}
