/** The contract, with containers that this process starts itself. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MountedFolders } from '../../sandbox-server/runtimes/mounted-folder.ts';
import { agentProgram } from '../integration/agent-harness.ts';
import { idleCommand, realRuntime } from './real-runtimes.ts';
import { runtimeContract } from './runtime-contract.ts';

const real = await realRuntime('oci');
runtimeContract(
	'missing' in real ? 'OCI runtime' : `OCI runtime ${(await real.engine.info()).defaultOciRuntime}`,
	async () => {
		if ('missing' in real) throw new Error(real.missing);
		const { engine, image } = real;
		const folders = new MountedFolders(join(mkdtempSync(join(tmpdir(), 'etabli-contract-')), 'sandboxes'));
		return {
			runtime: engine.runtime({ folders, guest: dirname(await agentProgram()), command: idleCommand }),
			image,
			kill: async (name) => void process.kill((await engine.pid(name)) ?? 0, 'SIGKILL'),
			pid: async (name) => await engine.pid(name),
		};
	},
	'missing' in real ? real.missing : false,
);
