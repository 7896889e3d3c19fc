/** Établi's own way (--engine oci): an OCI runtime with the options that its sandboxes have. */
import { existsSync, lstatSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { limitsSchema } from '../../../../src/shared/course/course.ts';
import { cgroupVersion, limitsSwap } from '../../../runtimes/oci/cgroups.ts';
import { ociConfig } from '../../../runtimes/oci/config.ts';
import { sandboxContainer } from '../../../runtimes/sandbox-container.ts';
import { type Contender, type Place, Refused } from '../contender.ts';
import { groupPath, runBundle } from './oci-runtime.ts';

const runtimes = ['runc', 'crun', 'youki'];

/** The sandbox's configuration, with the trials' shell in the agent's place. */
function write(place: Place): void {
	const { name, root, work, folder, command } = place;
	const spec = sandboxContainer(
		{ name, image: '', ociRuntime: undefined, limits: limitsSchema.parse({}), labels: {} },
		{ transport: work, guest: work },
		[...command],
	);
	const names = { hosts: join(folder, 'hosts'), resolv: join(folder, 'resolv'), hostname: join(folder, 'hostname') };
	for (const path of Object.values(names)) writeFileSync(path, '', { mode: 0o644 });
	const config = ociConfig(
		{
			...spec,
			workingFolder: '/',
			mounts: [{ from: work, to: '/mnt', readOnly: false }],
			devices: spec.devices.filter((path) => existsSync(path)),
		},
		{
			cgroup: cgroupVersion(),
			limitsSwap: limitsSwap(),
			rootFolder: root,
			imageEnv: [],
			cgroupPath: groupPath(name),
			names,
			device: (path) => {
				const { rdev } = lstatSync(path);
				return { major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) };
			},
		},
	);
	writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

export const etabli: Contender = {
	id: 'etabli',
	name: 'Établi (runc)',
	packages: 'runc',
	programs: ['runc'],
	versionArgs: ['--version'],
	version: /runc version (\S+)/,
	stays: false,
	daemons: [],
	helpers: [],
	async prepare({ folder, find, root }) {
		if (!root) throw new Refused('starting containers so needs root');
		const program = runtimes.find((name) => find(name) !== undefined) ?? 'runc';
		return { ways: [{ note: 'etabli', write, ...runBundle(program, join(folder, 'states'), []) }], features: [program, 'features'] };
	},
};
