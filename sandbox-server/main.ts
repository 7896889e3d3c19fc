/**
 * One server, from configuration to its end. `etabli up` prepares the machine and then calls this in its own process; what it hands over
 * are plain values, so that tests can start a server without preparing anything.
 */
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { createServer, type Server, type ServerParts } from './app.ts';
import { codeOf, explainFileError, Failure } from './setup/failure.ts';
import { StoreUnusable } from './store/migrations.ts';

export interface ServeRequest extends Omit<ServerParts, 'version' | 'logger'> {
	logger: Logger;
	/** Ends the server in good order. */
	signal: AbortSignal;
	/** Called once with the address to open. */
	onListening: (url: string) => void;
}

/**
 * Runs until `signal` is aborted and everything has ended; sandboxes are put away unless the configuration keeps them.
 * @throws Failure with a sentence and what to do: port taken, folder not writable, disk full, another server with the same data
 */
export async function serve({ signal, onListening, ...parts }: ServeRequest): Promise<void> {
	let server: Server | undefined;
	try {
		server = await createServer({ ...parts, version: ownVersion() });
		const url = await server.listen();
		parts.logger.info({ url }, 'listening');
		onListening(url);
		await aborted(signal);
		parts.logger.info('stopping');
	} catch (error) {
		throw explain(error, parts);
	} finally {
		await server?.close();
	}
	parts.logger.info('stopped');
}

function ownVersion(): string {
	const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
	return version;
}

function aborted(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener('abort', () => resolve(), { once: true });
	});
}

function explain(error: unknown, { config: { host, port, data } }: Pick<ServerParts, 'config'>): unknown {
	if (error instanceof StoreUnusable) return new Failure(error.message, { cause: error });
	if ((error as { syscall?: string }).syscall !== 'listen') return explainFileError(error, `use the folder ${data}`);
	switch (codeOf(error)) {
		case 'EADDRINUSE':
			return new Failure(`Another program already listens on port ${port} of ${host}.`, {
				hint: `Stop it, or take another port: --port ${port + 1}.`,
				cause: error,
			});
		case 'EACCES':
			return new Failure(`This user may not listen on port ${port}.`, { hint: 'Ports below 1024 are for root: take --port 8080.', cause: error });
		case 'EADDRNOTAVAIL':
		case 'ENOTFOUND':
			return new Failure(`${host} is no address of this machine.`, { hint: 'Take --host 127.0.0.1, or --host 0.0.0.0 for all of them.', cause: error });
		default:
			return error;
	}
}
