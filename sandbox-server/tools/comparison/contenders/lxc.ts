/** LXC by its own commands, with the distribution's common configuration. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contender, type Place, Refused } from '../contender.ts';

const common = '/usr/share/lxc/config/common.conf';

/** The file `config` of one container. @param base the distribution's own configuration, where there is one */
export function lxcConfig({ name, root, work }: Pick<Place, 'name' | 'root' | 'work'>, base: string | undefined): string {
	return [
		...(base === undefined ? [] : [`lxc.include = ${base}`]),
		`lxc.uts.name = ${name}`,
		`lxc.rootfs.path = dir:${root}`,
		'lxc.rootfs.options = ro',
		'lxc.net.0.type = empty',
		'lxc.console.path = none',
		// Their files would be made in the root file system.
		'lxc.tty.max = 0',
		`lxc.mount.entry = ${work} mnt none bind,rw 0 0`,
		'',
	].join('\n');
}

export const lxc: Contender = {
	id: 'lxc',
	name: 'LXC',
	packages: 'lxc',
	programs: ['lxc-start', 'lxc-stop'],
	versionArgs: ['--version'],
	version: /^(\d+\.\d\S*)/m,
	least: '3.0',
	stays: true,
	daemons: [],
	helpers: ['lxc-user-nic', 'newuidmap', 'newgidmap'],
	async prepare({ folder, root }) {
		if (!root) throw new Refused('without root it needs ranges of users and a control group given to this one');
		const containers = join(folder, 'lxc');
		mkdirSync(containers, { recursive: true });
		return {
			ways: [
				{
					write: (place) => writeFileSync(join(place.folder, 'config'), lxcConfig(place, existsSync(common) ? common : undefined)),
					command: ({ name, folder: own, command }) => [
						...['lxc-start', '--lxcpath', containers, '--name', name, '--rcfile', join(own, 'config'), '--foreground', '--'],
						...command,
					],
					clear: ({ name }) => [
						['lxc-stop', '--lxcpath', containers, '--name', name, '--kill'],
						['rm', '-rf', join(containers, name)],
					],
				},
			],
		};
	},
};
