/** The contract, with containers of a user who is not root. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { MountedFolders } from '../../sandbox-server/runtimes/mounted-folder.ts';
import { rootlessUrl } from '../../sandbox-server/runtimes/rootless/choice.ts';
import { asOrdinaryUser } from '../fixtures/ordinary-user.ts';
import { agentProgram } from '../integration/agent-harness.ts';
import { idleCommand } from './real-runtimes.ts';
import { runtimeContract } from './runtime-contract.ts';

const user = await asOrdinaryUser(import.meta.filename);
if (user)
	runtimeContract(
		'without root, without an engine',
		async () => {
			const engine = await connectEngine({ url: rootlessUrl, stateDir: tmpdir() });
			await engine.makeReady(user.image);
			const folders = new MountedFolders(join(mkdtempSync(join(tmpdir(), 'etabli-contract-')), 'sandboxes'));
			return {
				runtime: engine.runtime({ folders, guest: dirname(await agentProgram()), command: idleCommand }),
				image: user.image,
				kill: async (name) => void process.kill((await engine.pid(name)) ?? 0, 'SIGKILL'),
				pid: async (name) => await engine.pid(name),
			};
		},
		user.skip,
	);
