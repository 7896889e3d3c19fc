/** Processes of a pod, as the node's kernel counts them. */
import { readdirSync, readFileSync } from 'node:fs';

/** @param cgroup as /proc/PID/cgroup has it @param uid of the pod, as the API server writes it */
export function isOfPod(cgroup: string, uid: string): boolean {
	// With systemd the kubelet writes it with other dashes, and an end.
	return [uid, uid.replaceAll('-', '_')].some((one) => new RegExp(`pod${one}(?:\\.slice)?(?:/|$)`, 'm').test(cgroup));
}

/** Numbers of those that run; they may end at any time. Needs the node's own /proc. @param uid of the pod */
export function processesOf(uid: string): number[] {
	if (!/^[0-9a-f-]{8,64}$/.test(uid)) return [];
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.filter((name) => {
			try {
				return isOfPod(readFileSync(`/proc/${name}/cgroup`, 'utf8'), uid);
			} catch {
				return false; // It has ended meanwhile.
			}
		})
		.map(Number);
}
