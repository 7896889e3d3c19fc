/**
 * What OCI runtimes cannot do, by the names that engines give them, and what courses ask of them. Without npm's packages: `doctor` reads it
 * before they are there.
 */

/** What a course may say that its sandboxes must be able to do; ordinary runtimes (runc, crun, youki) can. */
export const needs = ['nested-containers'] as const;
export type Need = (typeof needs)[number];

/**
 * gVisor: a kernel of its own between the sandbox and the machine's. Engines know it as "runsc", or as that with more words: "runsc-kvm"; by its
 * path, or by its shim's name ("io.containerd.runsc.v1").
 */
export const isGvisor = (ociRuntime: string | undefined): boolean =>
	/^(?:.*\/|io\.containerd\.)?(?:runsc|gvisor)(?:[._-]|$)/i.test(ociRuntime ?? '');

/** What says of a course what it asks for. */
export interface Asking {
	settings: { needs: readonly Need[]; user: 'learner' | 'root'; cluster?: object | undefined };
	lessons: readonly ({ settings: { cluster?: object | undefined } } | undefined)[];
}

/**
 * Why a course cannot be given on an OCI runtime. Pure.
 * @returns what it has that the runtime cannot do, in the words of course.yaml; undefined: nothing
 */
export function unmet(ociRuntime: string | undefined, { settings, lessons }: Asking): string | undefined {
	if (!isGvisor(ociRuntime)) return undefined;
	if (settings.needs.includes('nested-containers')) return 'needs: [nested-containers]';
	if (settings.user === 'root') return 'user: root';
	if (settings.cluster ?? lessons.find((lesson) => lesson?.settings.cluster)) return 'cluster: slurm';
	return undefined;
}
