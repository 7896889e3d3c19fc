/** The reference: fresh namespaces and another root, by what every Linux has. */
import type { Contender, Place } from '../contender.ts';

/**
 * What a container cannot do without: the files, not to be written to; devices, processes, a place for temporary files, the work folder.
 * All of it in the new mount namespace, with which it goes.
 */
const script = [
	'root=$2',
	'mount --bind "$root" "$root"',
	'mount --rbind /dev "$root/dev"',
	'mount -t proc proc "$root/proc"',
	'mount -t tmpfs tmpfs "$root/tmp"',
	'mount --bind "$1" "$root/mnt"',
	'mount -o remount,bind,ro "$root"',
	'shift 2',
	'exec chroot "$root" "$@"',
].join(' && ');

const command = (options: string[]) => (place: Place) => [
	'unshare',
	...options,
	'--mount',
	'--uts',
	'--ipc',
	'--net',
	'--pid',
	'--fork',
	'--kill-child',
	'sh',
	'-c',
	script,
	'sh',
	place.work,
	place.root,
	...place.command,
];

export const unshare: Contender = {
	id: 'unshare',
	name: 'unshare (namespaces)',
	packages: 'util-linux',
	programs: ['unshare'],
	versionArgs: ['--version'],
	version: /util-linux (\S+)/,
	stays: true,
	daemons: [],
	helpers: [],
	async prepare({ root }) {
		const rootless = { note: 'reference', command: command(['--user', '--map-root-user']) } as const;
		return { ways: root ? [{ note: 'reference', command: command([]) }] : [rootless], rootless: [rootless] };
	},
};
