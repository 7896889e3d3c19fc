/** Unix sockets at paths of any length (the kernel takes 107 bytes), and safe to listen on again after a kill. */
import { chmodSync, closeSync, constants, lstatSync, openSync, unlinkSync } from 'node:fs';
import { createConnection, type Server, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';

function shortPath(path: string): { short: string; release: () => void } {
	const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
	return { short: `/proc/self/fd/${folder}/${basename(path)}`, release: () => closeSync(folder) };
}

/**
 * Listens on `path`, open to every user: who may come there at all is the folder's affair. A socket that a killed server left is removed.
 * @returns a function that ends it and removes the socket; @throws when something else than a socket has that name, or the folder is missing
 */
export async function listenUnix(server: Server, path: string): Promise<() => Promise<void>> {
	const { short, release } = shortPath(path);
	try {
		removeStale(short);
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(short, () => {
				server.off('error', reject);
				resolve();
			});
		});
		chmodSync(short, 0o666);
	} catch (error) {
		release();
		throw error;
	}
	// The folder stays open while it listens: Node removes the socket by the same name when it closes.
	return () =>
		new Promise((resolve) => {
			server.close(() => {
				release();
				resolve();
			});
		});
}

/** Connects to the socket at `path`; faults come as the socket's 'error'. @throws when the folder is missing */
export function connectUnix(path: string): Socket {
	const { short, release } = shortPath(path);
	const socket = createConnection(short);
	let released = false;
	const done = (): void => {
		if (released) return;
		released = true;
		release();
	};
	socket.once('connect', done);
	socket.once('close', done);
	return socket;
}

function removeStale(path: string): void {
	const found = lstatSync(path, { throwIfNoEntry: false });
	if (!found) return;
	if (!found.isSocket()) throw new Error(`${path} is not a socket: not replaced`);
	unlinkSync(path);
}
