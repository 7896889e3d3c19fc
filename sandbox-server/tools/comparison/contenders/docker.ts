/** Docker, by its own client: daemon, containerd, a helper for each container, and the OCI runtime that is its default. */
import type { Contender, Place } from '../contender.ts';

export const docker: Contender = {
	id: 'docker',
	name: 'Docker',
	packages: 'docker.io',
	programs: ['docker'],
	versionArgs: ['version', '--format', 'Docker {{.Server.Version}}'],
	version: /^Docker (\d\S*)/m,
	least: '19.03',
	stays: false,
	daemons: ['dockerd', 'containerd'],
	helpers: ['dockerd'],
	async prepare({ files, call, tidy, run }) {
		const made = `etabli-compare:${run}`;
		if (files.reference === undefined)
			await call(['sh', '-c', 'tar -C "$1" -c . | docker import - "$2"', 'sh', files.folder, made], { seconds: 60 });
		const image = files.reference ?? made;
		return {
			ways: [
				{
					command: ({ name, work, command }: Place) => [
						...['docker', 'run', '--rm', '--interactive', '--name', name, '--network', 'none', '--user', '0:0', '--workdir', '/'],
						...['--volume', `${work}:/mnt`, image],
						...command,
					],
					clear: ({ name }) => [['docker', 'rm', '--force', name]],
				},
			],
			images: {
				dockerArchive: {
					commands: (file, words) => [
						['docker', 'load', '--input', file],
						['docker', 'run', '--rm', '--network', 'none', 'etabli-compare:trial', ...words],
					],
					clear: [['docker', 'rmi', '--force', 'etabli-compare:trial']],
				},
				ociArchive: {
					commands: (file, words) => [
						['docker', 'load', '--input', file],
						['docker', 'run', '--rm', '--network', 'none', 'etabli-compare:trial', ...words],
					],
					clear: [['docker', 'rmi', '--force', 'etabli-compare:trial']],
				},
			},
			async close() {
				if (files.reference === undefined) await tidy(['docker', 'rmi', '--force', made]);
			},
		};
	},
};
