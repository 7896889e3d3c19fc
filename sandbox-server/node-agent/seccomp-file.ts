/** The sandboxes' seccomp profile, where the kubelet looks for profiles of its node. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { seccompFileName, seccompProfile } from '../runtimes/seccomp.ts';

/**
 * Older ones stay: pods of an older server still name them.
 * @param kubelet the kubelet's folder
 * @param arch Node's name of the node's architecture
 * @returns path of the profile @throws Error of the system; for an architecture that is not known
 */
export function placeSeccompProfile(kubelet: string, arch: string): string {
	const path = join(kubelet, 'seccomp', seccompFileName());
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(`${path}.new`, JSON.stringify(seccompProfile(arch)));
	renameSync(`${path}.new`, path);
	return path;
}
