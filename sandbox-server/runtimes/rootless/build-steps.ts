/** Steps of builds: as containers of this user, who is called root in them, with a root file system that they change. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildStep, followed, type StepRunner } from '../../images/folder/build.ts';
import { asIfRootCode, filterBytes } from './filter.ts';
import { commandSteps, deviceSteps, type Step, stepsText } from './steps.ts';

/** apt would become a user of its own for what it fetches, and looks whether it has. */
const aptSettings = 'APT::Sandbox::User "root";\n';

export class RootlessSteps implements StepRunner {
	readonly #agent: () => string;

	/** @param agent the program that makes containers @throws Error when there is none */
	constructor(agent: () => string) {
		this.#agent = agent;
	}

	async run({ root, command, env, folder, network, place, onLine, signal }: BuildStep): Promise<number> {
		const filter = join(place, 'filter');
		const apt = join(place, 'apt.conf');
		const steps = join(place, 'steps');
		writeFileSync(filter, filterBytes(asIfRootCode(process.arch)));
		writeFileSync(apt, aptSettings);
		writeFileSync(steps, stepsText(buildSteps({ root, command, env, folder, network, filter, apt })));
		return await followed(this.#agent(), ['--carry', steps], { onLine, signal });
	}
}

function buildSteps({
	root,
	command,
	env,
	folder,
	network,
	filter,
	apt,
}: Pick<BuildStep, 'root' | 'command' | 'env' | 'folder' | 'network'> & { filter: string; apt: string }): Step[] {
	return [
		['user', '0', '0'],
		['root-inside'],
		['keeps-output'],
		...(network ? [['machine-network']] : []),
		['name', 'build'],
		['root', root, ''],
		['in', folder],
		['mount', 'proc', '/proc', 'nosuid,noexec,nodev', ''],
		...deviceSteps([]),
		['mount', 'tmpfs', '/dev/shm', 'nosuid,nodev', 'mode=1777'],
		// In memory, so that the image does not see it.
		['bind', apt, '/dev/apt.conf', 'ro'],
		...(network && existsSync('/etc/resolv.conf') ? [['bind', '/etc/resolv.conf', '/etc/resolv.conf', 'ro']] : []),
		['filter', filter],
		...[...env, 'APT_CONFIG=/dev/apt.conf'].map((entry): Step => ['environment', entry]),
		...commandSteps(command),
	];
}
