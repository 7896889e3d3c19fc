/** What courses ask of OCI runtimes, held against what is there: when a server starts, and by `doctor`. */
import { loadCourses } from '../../src/courses/load.ts';
import type { Course } from '../../src/shared/course/course.ts';
import { isGvisor } from '../../src/shared/course/oci-runtimes.ts';
import type { ServerConfig } from '../config.ts';
import { clusterOf } from '../runtimes/kubernetes/choice.ts';
import { ociFacts, ociUrl } from '../runtimes/oci/choice.ts';
import { gvisorOptions, programEnv } from '../runtimes/oci/command.ts';
import type { RuntimeInfo } from '../runtimes/runtime.ts';
import { gatherEngine } from './doctor/engine-facts.ts';
import type { Finding } from './doctor/findings.ts';
import { Failure } from './failure.ts';
import { run } from './run.ts';

/**
 * The oldest gVisor in which sandboxes were tried (docs/operator/gvisor.md). In 20221219, Debian 12's package, `ls` and `stat` of our images fail with "Invalid
 * argument".
 */
export const oldestGvisor = 20240729;
const install = `Install ${oldestGvisor} or later: the package runsc of Debian 13, or gVisor's own.`;

/** How the engine has gVisor; undefined: nobody says, as of one on another machine. */
export interface Gvisor {
	name: string;
	/** The day of its release, such as 20240729. */
	version: number | undefined;
	options: readonly string[] | undefined;
}

export interface RuntimesThere {
	ociRuntimes: readonly string[];
	defaultOciRuntime: string;
	gvisor: readonly Gvisor[];
}

export interface RuntimeFault {
	/** A sentence. */
	text: string;
	/** What to do. */
	remedy: string;
}

/**
 * The runtimes of an engine, or of this server itself.
 * @param url its address
 * @param info what it has said already; asked for otherwise
 */
export async function runtimesThere(
	url: string | undefined,
	info?: Pick<RuntimeInfo, 'ociRuntimes' | 'defaultOciRuntime'>,
): Promise<RuntimesThere> {
	const { answer, local } = await gatherEngine(url);
	if (url === ociUrl) {
		const { runtimes } = ociFacts(local);
		const gvisor = runtimes.filter(isGvisor).map(async (name) => ({ name, version: await versionOf(name), options: gvisorOptions }));
		return { ociRuntimes: runtimes, defaultOciRuntime: runtimes[0] ?? '', gvisor: await Promise.all(gvisor) };
	}
	const gvisor = (answer?.gvisor ?? []).map(async ({ name, path, options }) => ({
		name,
		version: local ? await versionOf(path) : undefined,
		options,
	}));
	return {
		ociRuntimes: info?.ociRuntimes ?? answer?.runtimes ?? [],
		defaultOciRuntime: info?.defaultOciRuntime ?? answer?.defaultRuntime ?? '',
		gvisor: await Promise.all(gvisor),
	};
}

async function versionOf(program: string): Promise<number | undefined> {
	try {
		const { stdout } = await run(program, ['--version'], { timeout: 10_000, env: programEnv() });
		const [, day] = /runsc version \D*(?:0\.0[~-])?(\d{8})/.exec(stdout) ?? [];
		return day === undefined ? undefined : Number(day);
	} catch {
		// Not to be run by this user, or not there: a start will tell.
		return undefined;
	}
}

/** Why sandboxes of these courses would not start, or their lessons not work; empty when all is well. Pure. */
export function runtimeFaults(courses: readonly Course[], there: RuntimesThere): RuntimeFault[] {
	return courses.flatMap(({ slug, settings }): RuntimeFault[] => {
		const { runtime: name } = settings;
		if (name === undefined) return isGvisor(there.defaultOciRuntime) ? [unasked(slug, there.defaultOciRuntime)] : [];
		if (!there.ociRuntimes.includes(name)) return [missing(slug, name, there.ociRuntimes)];
		return there.gvisor.filter((one) => one.name === name).flatMap((one) => gvisorFault(slug, one));
	});
}

/** Sandboxes are made ready for gVisor by the name in course.yaml (runtimes/sandbox-container.ts). */
function unasked(slug: string, name: string): RuntimeFault {
	return {
		text: `The course ${slug} names no runtime (course.yaml), and the engine's default one is ${name} (gVisor), which is only for courses that ask for it.`,
		remedy: 'Make runc the default runtime of the engine, or write `runtime: runc` in course.yaml.',
	};
}

function missing(slug: string, name: string, runtimes: readonly string[]): RuntimeFault {
	// containerd's own names of its shims are no names for an operator to choose from.
	const known = runtimes.filter((one) => !one.startsWith('io.containerd.'));
	return {
		text: `The course ${slug} asks for the runtime "${name}" (course.yaml), which the engine does not have. It has: ${known.join(', ') || 'none that it names'}.`,
		remedy: isGvisor(name)
			? 'docs/operator/gvisor.md tells how the engine gets it; or take the line out of course.yaml.'
			: 'Add the runtime to the engine (Docker: "runtimes" in /etc/docker/daemon.json, then restart it; Podman: [engine.runtimes] in containers.conf), or take the line out of course.yaml.',
	};
}

function gvisorFault(slug: string, { name, version, options }: Gvisor): RuntimeFault[] {
	if (version !== undefined && version < oldestGvisor)
		return [
			{
				text: `The course ${slug} asks for the runtime ${name}, and this gVisor (${version}) is too old for its lessons.`,
				remedy: install,
			},
		];
	// Docker's alone: of others nobody says how they are called.
	if (options && !opensSockets(options))
		return [
			{
				text: `The course ${slug} asks for the runtime ${name}, and the engine starts it without --host-uds=open: no sandbox could reach this server.`,
				remedy: `Give it "runtimeArgs": ${JSON.stringify(gvisorOptions)} in /etc/docker/daemon.json, then: systemctl reload docker.`,
			},
		];
	return [];
}

/** Does gVisor, called with these options, let an agent connect to the server's socket? A value may be an argument of its own. Pure. */
export const opensSockets = (options: readonly string[]): boolean =>
	/(?:^| )--?(?:host-uds[= ](?:open|all)|fsgofer-host-uds(?:=true)?)(?: |$)/.test(options.join(' '));

/** Better said before the class than to each learner. @throws Failure naming courses and runtimes */
export function checkRuntimes(courses: readonly Course[], there: RuntimesThere): void {
	const faults = runtimeFaults(courses, there);
	if (faults.length === 0) return;
	throw new Failure(faults.map(({ text }) => text).join('\n'), { hint: [...new Set(faults.map(({ remedy }) => remedy))].join('\n') });
}

/** What `doctor` says of the courses' runtimes; nothing where every course takes the engine's own. */
export async function runtimeFindings({ courses: paths, engine }: Pick<ServerConfig, 'courses' | 'engine'>): Promise<Finding[]> {
	// A cluster is looked at as a whole.
	if (clusterOf(engine)) return [];
	const { courses } = loadCourses(paths);
	const there = await runtimesThere(engine);
	// What is said of the engine itself stands elsewhere.
	if (there.ociRuntimes.length === 0) return [];
	const subject = 'Runtimes of courses';
	const faults = runtimeFaults(courses, there);
	if (faults.length > 0) return faults.map(({ text, remedy }) => ({ subject, state: 'failed', text, remedy }));
	const chosen = courses.filter(({ settings }) => settings.runtime !== undefined);
	if (chosen.length === 0) return [];
	const version = (name: string) => there.gvisor.find((one) => one.name === name)?.version;
	const list = chosen.map(({ slug, settings: { runtime = '' } }) => `${slug}: ${[runtime, version(runtime)].filter(Boolean).join(' ')}`);
	return [{ subject, state: 'ok', text: list.join(', ') }];
}
