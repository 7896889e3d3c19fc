/** bubblewrap, which Flatpak starts programs with. */
import type { Contender, Place } from '../contender.ts';

const command = ({ root, work, command: main }: Place) => [
	'bwrap',
	...['--ro-bind', root, '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--bind', work, '/mnt'],
	...['--unshare-all', '--die-with-parent', '--chdir', '/'],
	...main,
];

export const bubblewrap: Contender = {
	id: 'bubblewrap',
	name: 'bubblewrap',
	packages: 'bubblewrap',
	programs: ['bwrap'],
	versionArgs: ['--version'],
	version: /bubblewrap (\S+)/,
	least: '0.4',
	stays: true,
	daemons: [],
	helpers: [],
	async prepare() {
		return { ways: [{ command }] };
	},
};
