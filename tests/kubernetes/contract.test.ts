/** The contract of runtimes, with pods of a real cluster. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { MountedFolders } from '../../sandbox-server/runtimes/mounted-folder.ts';
import { idleCommand, unique } from '../contract/real-runtimes.ts';
import { runtimeContract } from '../contract/runtime-contract.ts';
import { testInstallation } from './support/test-installation.ts';

const installed = await testInstallation();
runtimeContract(
	'Kubernetes',
	async () => {
		if ('missing' in installed) throw new Error(installed.missing);
		const { file, image, killPod } = installed;
		const place = mkdtempSync(join(tmpdir(), 'etabli-contract-'));
		const engine = await connectEngine({ url: 'kubernetes', kubernetes: file, stateDir: place, instance: unique('test') });
		const runtime = engine.runtime({ folders: new MountedFolders(join(place, 'sandboxes')), guest: place, command: idleCommand });
		return { runtime, image, kill: (name) => killPod(name) };
	},
	'missing' in installed ? installed.missing : false,
);
