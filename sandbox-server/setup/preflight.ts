/** What would fail after minutes of work is looked at first: the port, the data folder, the disk. */
import { accessSync, constants, existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { codeOf, explainFileError, Failure } from './failure.ts';

/** Bytes below which the first start may not fit: images, packages and site take about this much. */
export const comfortableSpace = 2 * 2 ** 30;
/** Bytes below which nothing can be done. */
const leastSpace = 64 * 2 ** 20;

/** Creates the folder and writes into it. @throws Failure */
export function checkDataFolder(data: string): void {
	try {
		makeFolder(data);
		accessSync(data, constants.W_OK | constants.X_OK);
		const probe = join(data, `.probe.${process.pid}`);
		writeFileSync(probe, 'x');
		rmSync(probe);
	} catch (error) {
		throw explainFileError(error, `write into the data folder ${data}`);
	}
}

/** Node's own `recursive` never returns where the system answers ENOENT although the parent is there, as in /proc. */
function makeFolder(path: string): void {
	if (existsSync(path)) return;
	makeFolder(dirname(path));
	mkdirSync(path);
}

/** @returns a sentence of warning, or undefined @throws Failure when there is next to nothing left */
export function checkSpace(folder: string): string | undefined {
	const { bavail, bsize } = statfsSync(folder);
	const free = bavail * bsize;
	if (free < leastSpace)
		throw new Failure(`The disk is full: only ${Math.floor(free / 2 ** 20)} MiB are free in ${folder}.`, {
			hint: 'Free some space (df -h shows where), or choose another folder with --data.',
		});
	if (free < comfortableSpace) return `Only ${(free / 2 ** 30).toFixed(1)} GiB are free in ${folder}; the first start needs about 2 GiB.`;
	return undefined;
}

/** Can we listen there? Port 0 always can. @throws Failure */
export function checkPort(host: string, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', (error) => reject(explainListenError(error, host, port)));
		server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
	});
}

/** A Failure for the errors of listening that a person can mend; the error itself otherwise. */
export function explainListenError(error: unknown, host: string, port: number): unknown {
	switch (codeOf(error)) {
		case 'EADDRINUSE':
			return new Failure(`Port ${port} of ${host} is taken by another program.`, {
				hint: `Stop that program (ss -ltnp 'sport = :${port}' names it), or choose another port: ./etabli up --port ${port < 65_000 ? port + 1 : 8080}`,
				cause: error,
			});
		case 'EACCES':
			return new Failure(`Port ${port} may only be opened by root.`, {
				hint: 'Choose a port from 1024 on, such as --port 8080, and put a reverse proxy in front (docs/operator/running.md).',
				cause: error,
			});
		case 'EADDRNOTAVAIL':
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return new Failure(`This machine has no address ${host}.`, {
				hint: 'Use --host 127.0.0.1 for this machine only, or --host 0.0.0.0 for all its networks.',
				cause: error,
			});
		default:
			return error;
	}
}
