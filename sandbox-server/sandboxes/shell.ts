/** How shells and scripts are started in a sandbox: argv, environment, folder, and the name of a terminal. */

import { type Cluster, clusterLine } from '../../src/shared/course/cluster.ts';
import type { Course, Lesson, Limits } from '../../src/shared/course/course.ts';
import { type Values, valuesEnv } from '../../src/shared/course/parameters.ts';
import { nodeNames, terminalPart } from '../../src/shared/course/terminal-names.ts';
import type { Language } from '../../src/shared/language.ts';
import type { Owned } from '../store/store.ts';
import { zoneOffset } from './time-zone.ts';

export const defaultShell = ['bash', '--rcfile', '/opt/etabli/bashrc', '-i'];

/** Of scripts, and of a shell until its bashrc has looked which locales the image has. Nothing is parsed in the learner's language. */
const anyLocale = 'C.UTF-8';

export interface Where extends Owned {
	lesson: Lesson;
	language: Language;
	/** The learner's own, of the lesson's parameters. */
	values: Values;
}

/** What shells, setup scripts and checks are told about where they run. */
export function lessonEnv({ owner, course, lesson, language, values }: Where): Record<string, string> {
	return {
		...limitsEnv(course.settings.limits),
		...clusterEnv(course, lesson),
		...valuesEnv(values),
		LEARNER: owner.name,
		LANG: anyLocale,
		ETABLI_LANG: language,
		ETABLI_COURSE: course.slug,
		ETABLI_LESSON: lesson.slug,
	};
}

/** The lesson's cluster, or the course's; nothing where there is none. The command `cluster` reads the first, Slurm's own the second. */
function clusterEnv(course: Course, lesson: Lesson): Record<string, string> {
	const cluster = clusterOf(course, lesson);
	return cluster ? envOf(cluster) : {};
}

/** The same of the course's, before it is known whose it is, and in which lesson; undefined where the course has none. */
export function clusterAheadEnv({ settings }: Course): Record<string, string> | undefined {
	return settings.cluster && { ...limitsEnv(settings.limits), ...envOf(settings.cluster), LANG: anyLocale };
}

function envOf(cluster: Cluster): Record<string, string> {
	return { ETABLI_CLUSTER: clusterLine(cluster), SLURM_CONF: '/home/learner/.cluster/slurm.conf', ...mpiEnv };
}

/**
 * What a centre sets for MPI on its machines, for ours: the nodes have no network interface but lo, which Open MPI passes over unless told; to UCX, on
 * one kernel, they are one machine, whose shared memory it tries in vain across their namespaces; ranks that wait give way, since a sandbox may have less
 * than a processor for each.
 */
const mpiEnv = { OMPI_MCA_btl_tcp_if_include: 'lo', OMPI_MCA_mpi_yield_when_idle: '1', UCX_TLS: 'self,tcp' };

/** The lesson's cluster, or the course's. */
export const clusterOf = (course: Course, lesson: Lesson): Cluster | undefined => lesson.settings.cluster ?? course.settings.cluster;

/** Does the lesson's cluster have a node of that name? */
export const hasNode = (course: Course, lesson: Lesson, node: string): boolean =>
	nodeNames(clusterOf(course, lesson)?.nodes ?? 0).includes(node);

/** As argv, on a node of the cluster, with a sentence first where the node is in no state for jobs. */
export const onNode = (node: string, shell: readonly string[]): string[] => ['/opt/etabli/cluster', 'shell', node, ...shell];

/**
 * Programs count the processors and the memory of the machine, of which a sandbox has a share: on a large server mksquashfs alone would start
 * more threads than the sandbox may have. These tell those that can be told; `nproc` goes by the first. What reads no variable, `mksquashfs` by
 * itself, is told by guest/bashrc.
 */
export function limitsEnv({ cpus, memory }: Limits): Record<string, string> {
	const processors = String(Math.max(1, Math.ceil(cpus)));
	const cacheMiB = Math.max(16, Math.floor(memory / 4 / 2 ** 20));
	return {
		OMP_NUM_THREADS: processors,
		GOMAXPROCS: processors,
		PYTHON_CPU_COUNT: processors,
		XZ_DEFAULTS: `--threads=${processors}`,
		APPTAINER_MKSQUASHFS_ARGS: `-processors ${processors} -mem ${cacheMiB}M`,
	};
}

/** What a shell has before it is known whose it is. */
export function anyShellEnv(limits: Limits): Record<string, string> {
	return { TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: anyLocale, ...limitsEnv(limits) };
}

/** Added to the agent's own environment. @param zone the learner's time zone, "Europe/Paris" */
export function shellEnv(where: Where, zone: string | undefined): Record<string, string> {
	const env = { ...anyShellEnv(where.course.settings.limits), ...lessonEnv(where) };
	return zone === undefined ? env : { ...env, ETABLI_ZONE: zone, ETABLI_ZONE_OFFSET: zoneOffset(zone, new Date()) };
}

/** The learner's working folder of a lesson. */
export function lessonFolder(home: string, lesson: Lesson): string {
	return lesson.settings.folder === 'home' ? home : `${home}/${lesson.folder}`;
}

/** The name of a terminal in the agent, the store and checks: "first-container/1", "first-job/c1". */
export function terminalName(lesson: string, number: string): string {
	return `${lesson}/${number}`;
}

const ofTerminal = new RegExp(`^([a-z0-9-]+)/(?:${terminalPart})$`);

/** The lesson's slug in a terminal's name; undefined when the name is not one of ours. */
export function lessonOfTerminal(name: string): string | undefined {
	return ofTerminal.exec(name)?.[1];
}
