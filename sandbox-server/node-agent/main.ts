/** The node agent's program: a DaemonSet runs one on each node. */
import { readConfig, UsageError, usage } from './config.ts';
import { standardLog, wordsOf } from './log.ts';
import { startNodeAgent } from './node-agent.ts';

// What sandboxes are to read is made for everybody, whatever started this.
process.umask(0o022);
try {
	const agent = await startNodeAgent(readConfig(process.argv.slice(2), process.env['ETABLI_VERSION'] ?? '0'), standardLog);
	for (const signal of ['SIGTERM', 'SIGINT'] as const) {
		process.once(signal, () => {
			agent.close().then(
				() => process.exit(0),
				(error: unknown) => {
					standardLog('warn', 'it did not end as it should', { error: wordsOf(error) });
					process.exit(1);
				},
			);
		});
	}
} catch (error) {
	if (error instanceof UsageError) process.stderr.write(`node-agent: ${error.message}\n\n${usage}`);
	else standardLog('warn', 'it cannot start', { error: wordsOf(error) });
	process.exitCode = error instanceof UsageError ? 2 : 1;
}
