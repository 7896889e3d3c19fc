/** The contract, on a real engine: Docker or Podman, also where the tests are to have their sandboxes from another one. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MountedFolders } from '../../sandbox-server/runtimes/mounted-folder.ts';
import { idleCommand, realRuntime } from './real-runtimes.ts';
import { runtimeContract } from './runtime-contract.ts';

const real = await realRuntime(process.env['ETABLI_TEST_ENGINE']);
runtimeContract(
	'missing' in real ? 'Docker' : `${real.engine.builder.kind} at ${real.engine.builder.url}`,
	async () => {
		if ('missing' in real) throw new Error(real.missing);
		const { image } = real;
		const engine = real.engine.builder;
		const place = mkdtempSync(join(tmpdir(), 'etabli-contract-'));
		return {
			runtime: engine.runtime({ folders: new MountedFolders(join(place, 'sandboxes')), guest: place, command: idleCommand }),
			image,
			kill: async (name) => void process.kill((await engine.pid(name)) ?? 0, 'SIGKILL'),
			pid: async (name) => await engine.pid(name),
		};
	},
	'missing' in real ? real.missing : false,
);
