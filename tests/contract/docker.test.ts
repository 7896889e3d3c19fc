/** The contract, on a real engine. */
import { engineContract } from './engine-contract.ts';
import { realEngine } from './real-engines.ts';

const real = await realEngine(process.env['ETABLI_TEST_ENGINE'], 'idle');
engineContract(
	'missing' in real ? 'Docker' : `${real.engine.traits.kind} at ${real.engine.url}`,
	async () => {
		if ('missing' in real) throw new Error(real.missing);
		return {
			engine: real.engine,
			image: real.image,
			kill: async (name) => void (await real.engine.docker.getContainer(name).kill({ signal: 'KILL' })),
		};
	},
	'missing' in real ? real.missing : false,
);
