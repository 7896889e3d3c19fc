/** Facts of a machine → findings with their remedies. Pure, so that every machine can be tried in a test. */

import { clusterOf } from '../../runtimes/kubernetes/choice.ts';
import { choose, hindranceOf, ociUrl } from '../../runtimes/oci/choice.ts';
import { fuseWarning, isFirstChoice, rootlessHindrance, rootlessHint, rootlessUrl } from '../../runtimes/rootless/choice.ts';
import { profileFile } from '../apparmor.ts';
import { fuseMode } from '../fuse.ts';
import { comfortableSpace } from '../preflight.ts';
import { compareVersions } from '../version.ts';
import type { Facts } from './facts.ts';
import { openHoles } from './holes.ts';

export interface Finding {
	/** What was looked at. */
	subject: string;
	state: 'ok' | 'warning' | 'failed';
	/** What was found. */
	text: string;
	/** How to mend it. */
	remedy?: string;
}

/** Oldest Docker Engine whose interface (1.41) has what we ask for. */
const oldestDocker = '20.10';
const oldestPodman = '4.0';
const gib = 2 ** 30;

/** What the facts mean, in the order in which a person reads it. Pure. */
export function findings(facts: Facts): Finding[] {
	// Nothing of the sandboxes is this machine's then.
	if (clusterOf(facts.wanted)) return [node(facts), npm(facts), ...disk(facts), data(facts), port(facts), clock(facts)];
	return [
		node(facts),
		npm(facts),
		engine(facts),
		...starter(facts),
		...(withoutRoot(facts) ? [ownFuse(facts)] : machine(facts)),
		...disk(facts),
		memory(facts),
		data(facts),
		port(facts),
		clock(facts),
	];
}

/** What sandboxes need of a machine that somebody has root on. */
function machine(facts: Facts): Finding[] {
	return [
		...openHoles('runc', facts.runc),
		...openHoles('containerd', facts.containerd),
		...(facts.engine.answer?.kind === 'docker' ? openHoles('docker', facts.docker, facts.engine.answer.plugins) : []),

		cgroups(facts),
		...userNamespaces(facts),
		fuse(facts),
		...stuckSandboxes(facts),
		kernelLimits(facts),
		ids(facts),
		apparmor(facts),
	];
}

function ownFuse({ rootless }: Facts): Finding {
	const warning = fuseWarning(rootless);
	return warning === undefined
		? { subject: '/dev/fuse', state: 'ok', text: 'you may open it' }
		: { subject: '/dev/fuse', state: 'warning', text: warning };
}

function node({ node: version }: Facts): Finding {
	// The shell script `etabli` refuses older ones; a Node started by hand gets here.
	if (compareVersions(version, '22.18') < 0)
		return { subject: 'Node.js', state: 'failed', text: `${version} is too old`, remedy: 'Start with ./etabli, which brings a newer one.' };
	return { subject: 'Node.js', state: 'ok', text: version };
}

function npm({ npm: version, prepared }: Facts): Finding {
	if (prepared) return { subject: 'npm', state: 'ok', text: 'not needed: all packages are in this image' };
	if (version === undefined) return { subject: 'npm', state: 'failed', text: 'not found', remedy: 'apt-get install -y npm' };
	// Older ones cannot read our lock.
	if (compareVersions(version, '7') < 0)
		return { subject: 'npm', state: 'failed', text: `${version} is too old`, remedy: 'Put the npm of a newer Node.js first in PATH.' };
	return { subject: 'npm', state: 'ok', text: version };
}

/** No engine is there, or is wanted, and this user, who is not root, can do without. */
function withoutRoot({ engine: { answer, tried }, wanted, dockerHost, installed, likelyRoot, rootless }: Facts): boolean {
	if (rootlessHindrance(rootless)) return false;
	const reasons = tried.map(({ problem }) => problem);
	return wanted === rootlessUrl || (!answer && !likelyRoot && isFirstChoice({ chosen: wanted ?? dockerHost, installed, reasons }));
}

function engine(facts: Facts): Finding {
	const { wanted } = facts;
	const { answer, url, tried } = facts.engine;
	const subject = 'Container engine';
	if (withoutRoot(facts) || wanted === rootlessUrl) return { subject, state: 'ok', text: answer ? 'not used' : 'none is needed' };
	if (!answer) {
		const problem = tried.map((each) => `${each.url}: ${each.problem}`).join('; ');
		const or = wanted === undefined && !rootlessHindrance(facts.rootless) ? `. ${rootlessHint}` : '';
		if (tried.some((each) => /EACCES/.test(each.problem)))
			return {
				subject,
				state: 'failed',
				text: `you may not use it (${problem})`,
				remedy: `sudo usermod -aG docker $USER, then log in again${or}`,
			};
		return {
			subject,
			state: 'failed',
			text: `none answers (${problem})`,
			remedy: `${startRemedy(facts)}${or}`,
		};
	}
	const name = answer.kind === 'docker' ? 'Docker' : 'Podman';
	const oldest = answer.kind === 'docker' ? oldestDocker : oldestPodman;
	const text = `${name} ${answer.version} at ${url}`;
	if (compareVersions(answer.version, oldest) < 0)
		return { subject, state: 'failed', text: `${text} is too old`, remedy: `Use ${name} ${oldest} or later.` };
	return { subject, state: 'ok', text };
}

function startRemedy({ aptGet, wanted, dockerHost, installed }: Facts): string {
	if (wanted === undefined && dockerHost !== undefined) return 'Start the one that DOCKER_HOST names, or take DOCKER_HOST away';
	if (installed !== undefined) return `Start it (${installed}): ./etabli up does so as root`;
	return aptGet ? './etabli up installs and starts Docker; or start yours' : 'Install Docker or Podman and start it';
}

/** Who starts the sandboxes: nothing to say where nobody builds their images. */
function starter(facts: Facts): Finding[] {
	const { wanted, oci, rootless } = facts;
	const { answer } = facts.engine;
	const instead = rootlessHindrance(rootless);
	if (wanted === rootlessUrl && instead) return [{ subject: 'Starts sandboxes', state: 'failed', ...instead }];
	if (withoutRoot(facts))
		return [
			{
				subject: 'Starts sandboxes',
				state: 'warning',
				text: `Établi itself, without root and without an engine (${wanted === rootlessUrl ? 'as --engine rootless says' : 'there is none, and you are not root'}): memory and processors are not limited`,
				remedy: 'docs/operator/rootless.md says for whom that will do; Docker or Podman would limit them',
			},
		];
	if (!answer || wanted === 'none') return [];
	const subject = 'Starts sandboxes';
	const hindrance = hindranceOf(oci);
	if (wanted === ociUrl && hindrance) return [{ subject, state: 'failed', ...hindrance }];
	const { own, why } = choose(wanted, hindrance);
	const who = own ? `${oci.runtimes[0]} ${oci.version} itself` : answer.kind === 'docker' ? 'Docker' : 'Podman';
	return [{ subject, state: 'ok', text: `${who}: ${why}` }];
}

function cgroups({ cgroups: found, engine: { answer } }: Facts): Finding {
	const subject = 'Control groups';
	if (found === 'none' && !answer)
		return { subject, state: 'failed', text: 'not mounted', remedy: 'apt-get install -y cgroupfs-mount && cgroupfs-mount' };
	if (found === 'hybrid' && answer?.cgroup !== '2')
		return { subject, state: 'ok', text: 'v1, with an empty v2 beside it; the runtime crun refuses that, runc does not' };
	return { subject, state: 'ok', text: found === 'none' ? `v${answer?.cgroup} (the engine’s)` : found };
}

function userNamespaces(facts: Facts): Finding[] {
	const subject = 'User namespaces';
	if (facts.maxUserNamespaces === 0)
		return [
			{
				subject,
				state: 'failed',
				text: 'switched off: Apptainer cannot run in a sandbox',
				remedy: 'sysctl -w user.max_user_namespaces=15000; and a file in /etc/sysctl.d to keep it',
			},
		];
	if (facts.unprivilegedUserNamespaces === false)
		return [
			{
				subject,
				state: 'failed',
				text: 'for root only: Apptainer cannot run in a sandbox',
				remedy: 'sysctl -w kernel.unprivileged_userns_clone=1; and a file in /etc/sysctl.d to keep it',
			},
		];
	if (facts.apparmorRestrictsUserNamespaces && facts.apparmor.profile !== true) {
		return [
			{
				subject,
				state: facts.apparmor.profile === undefined ? 'warning' : 'failed',
				text: 'AppArmor allows them only to programs with a profile',
				remedy: `./etabli up loads ours; by hand: sudo apparmor_parser -r ${profileFile}`,
			},
		];
	}
	return [
		{ subject, state: 'ok', text: facts.maxUserNamespaces === undefined ? 'allowed' : `allowed (at most ${facts.maxUserNamespaces})` },
	];
}

function fuse({ fuseMode: mode, engine: { local } }: Facts): Finding {
	const subject = '/dev/fuse';
	if (!local)
		return {
			subject,
			state: 'warning',
			text: 'the engine is on another machine: look there',
			remedy: 'ls -l /dev/fuse there must say crw-rw-rw-',
		};
	if (mode === undefined)
		return {
			subject,
			state: 'failed',
			text: 'not there: Apptainer cannot mount SIF files',
			remedy: './etabli up makes it as root; by hand: modprobe fuse',
		};
	const text = `mode 0${mode.toString(8)}`;
	if ((mode & fuseMode) !== fuseMode)
		return {
			subject,
			state: 'failed',
			text: `${text}: learners cannot use it, Apptainer cannot mount SIF files`,
			remedy: './etabli up mends it as root; by hand: chmod 0666 /dev/fuse',
		};
	return { subject, state: 'ok', text };
}

/** What a learner's own FUSE file system, which answers nothing, keeps from ending: nothing to say where the engine is on another machine. */
function stuckSandboxes({ root, fuseTimeout, engine: { local } }: Facts): Finding[] {
	const subject = 'Sandboxes that hang';
	if (!local) return [];
	if (root) return [{ subject, state: 'ok', text: 'the server can cut what keeps one from ending, as root' }];
	if (fuseTimeout) return [{ subject, state: 'ok', text: `the kernel cuts what keeps one from ending, after ${fuseTimeout} s` }];
	return [
		{
			subject,
			state: 'warning',
			text: 'a file system of a learner’s own (FUSE) that answers nothing can keep a sandbox from ending',
			remedy:
				fuseTimeout === undefined
					? 'Run the server as root, or on Linux 6.15 or later.'
					: 'Run the server as root; or sysctl fs.fuse.max_request_timeout=120, which holds for every FUSE file system of the machine',
		},
	];
}

function kernelLimits({ lowLimits, engine: { local } }: Facts): Finding {
	const subject = 'Kernel limits';
	if (!local || lowLimits.length === 0) return { subject, state: 'ok', text: 'learners cannot use up what all share' };
	return {
		subject,
		state: 'warning',
		text: 'learners could use up what all share',
		remedy: `./etabli up raises them as root; by hand: sysctl ${lowLimits.join(' ')}`,
	};
}

function ids({ sharedId }: Facts): Finding {
	const subject = 'Numbers of sandboxes';
	if (sharedId === undefined)
		return { subject, state: 'ok', text: 'each sandbox has one (uid) of its own, but in courses with user: root' };
	return {
		subject,
		state: 'warning',
		text: `all share one (${sharedId})`,
		remedy: 'docs/operator/running.md (Numbers of sandboxes) says what that means',
	};
}

function apparmor({ apparmor: { enabled, profile, parser } }: Facts): Finding {
	const subject = 'AppArmor';
	if (!enabled) return { subject, state: 'ok', text: 'not in this kernel' };
	if (profile === true) return { subject, state: 'ok', text: 'on, with the profile of the sandboxes' };
	if (profile === undefined)
		return {
			subject,
			state: 'warning',
			text: 'on; only root can see whether the profile of the sandboxes is loaded',
			remedy: 'sudo ./etabli doctor',
		};
	return {
		subject,
		state: 'failed',
		text: 'on, without the profile of the sandboxes',
		remedy: parser
			? `./etabli up loads it as root; by hand: apparmor_parser -r ${profileFile}`
			: 'apt-get install -y apparmor; then ./etabli up',
	};
}

function disk({ dataFree, engineFree }: Facts): Finding[] {
	const one = (subject: string, bytes: number | undefined): Finding[] => {
		if (bytes === undefined) return [];
		const text = `${(bytes / gib).toFixed(1)} GiB free`;
		if (bytes < comfortableSpace / 8) return [{ subject, state: 'failed', text, remedy: 'Free some space; 2 GiB are comfortable.' }];
		if (bytes < comfortableSpace) return [{ subject, state: 'warning', text, remedy: 'The first start needs about 2 GiB.' }];
		return [{ subject, state: 'ok', text }];
	};
	return [...one('Disk of the data', dataFree), ...one('Disk of the engine', engineFree)];
}

function memory({ memory: { total, available } }: Facts): Finding {
	const text = `${(available / gib).toFixed(1)} of ${(total / gib).toFixed(1)} GiB available`;
	if (available < 0.75 * gib) return { subject: 'Memory', state: 'failed', text, remedy: 'One sandbox and the server need about 1 GiB.' };
	if (available < 2 * gib)
		return { subject: 'Memory', state: 'warning', text, remedy: 'That is one sandbox or two at most: each may use 1 GiB.' };
	return { subject: 'Memory', state: 'ok', text };
}

function data({ data: { path, problem } }: Facts): Finding {
	if (problem)
		return {
			subject: 'Data folder',
			state: 'failed',
			text: `cannot be written: ${problem}`,
			remedy: 'Give yourself the right to, or choose another with --data.',
		};
	return { subject: 'Data folder', state: 'ok', text: path };
}

function port({ port: { number, problem, ours } }: Facts): Finding {
	const subject = `Port ${number}`;
	if (ours) return { subject, state: 'ok', text: 'a running etabli has it' };
	if (problem)
		return {
			subject,
			state: 'failed',
			text: problem,
			remedy: `Stop that program (ss -ltnp 'sport = :${number}' names it), or choose another port with --port.`,
		};
	return { subject, state: 'ok', text: 'free' };
}

/** ms that files of the checkout may lie in the future. */
const clockTolerance = 5 * 60_000;

function clock({ clock: { now, newestFile, synchronised } }: Facts): Finding {
	const subject = 'Clock';
	const text = new Date(now)
		.toISOString()
		.replace(/\.\d+Z$/, ' UTC')
		.replace('T', ' ');
	const remedy = 'timedatectl set-ntp true; or set it by hand: date -s';
	if (newestFile > now + clockTolerance)
		return {
			subject,
			state: 'failed',
			text: `${text}, but files of this checkout are newer: packages and cookies will be refused`,
			remedy,
		};
	if (synchronised === false) return { subject, state: 'warning', text: `${text}, not synchronised`, remedy };
	return { subject, state: 'ok', text };
}
