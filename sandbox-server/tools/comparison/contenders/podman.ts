/** Podman: no daemon, a helper (conmon) for each container. */
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NoteKey } from '../../../../src/shared/comparison/words.ts';
import type { Contender, Place, Way } from '../contender.ts';

export const podman: Contender = {
	id: 'podman',
	name: 'Podman',
	packages: 'podman',
	programs: ['podman'],
	versionArgs: ['--version'],
	version: /podman version (\S+)/,
	least: '3.0',
	stays: false,
	daemons: [],
	helpers: ['newuidmap', 'newgidmap'],
	async prepare({ folder, root, ordinary, find }) {
		// A store of its own: whatever is made goes with its folder.
		const base = (at: string) => ['podman', '--root', join(at, 'store'), '--runroot', join(at, 'run'), '--cgroup-manager', 'cgroupfs'];
		const here = base(folder);
		// Its names for sockets are bounded: as short as can be.
		const users = join(folder, 'u');
		mkdirSync(users, { recursive: true });
		if (root) chownSync(users, ordinary, ordinary);
		const way = (note: NoteKey | undefined, options: string[], limits: string[] = []): Way => ({
			...(note && { note }),
			command: ({ name, root: files, work, command }: Place) => [
				...here,
				...options,
				...['run', '--rm', '--interactive', '--name', name, '--network', 'none', '--volume', `${work}:/mnt`, '--workdir', '/'],
				...limits,
				...['--rootfs', `${files}:O`],
				...command,
			],
			clear: ({ name }) => [[...here, 'rm', '--force', '--time', '0', name]],
		});
		const user = (at: string, options: string[], groups = ['--cgroups', 'disabled']): Way => ({
			command: ({ name, root: files, work, command }: Place) => [
				...base(join(users, at)),
				...options,
				...['run', '--rm', '--interactive', '--name', name, '--network', 'none', ...groups, '--volume', `${work}:/mnt`],
				...low,
				...['--rootfs', files],
				...command,
			],
		});
		const low = ['--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=4096:4096'];
		const runc = find('runc') === undefined ? [] : [way('withRunc', ['--runtime', 'runc']), way('withRunc', ['--runtime', 'runc'], low)];
		const image = (transport: string) => ({
			commands: (file: string, words: readonly string[]) => [
				[...here, 'pull', `${transport}:${file}`],
				[
					...here,
					...(runc.length > 0 ? ['--runtime', 'runc'] : []),
					'run',
					'--rm',
					'--network',
					'none',
					...low,
					'etabli-compare:trial',
					...words,
				],
			],
		});
		return {
			ways: root ? [way(undefined, []), way('lowLimits', [], low), ...runc] : [way('rootless', [], ['--cgroups', 'disabled'])],
			rootless: [user('0', []), ...(runc.length > 0 ? [user('1', ['--runtime', 'runc'], [])] : [])],
			images: { dockerArchive: image('docker-archive'), ociArchive: image('oci-archive') },
		};
	},
};
