/** Where a sandbox's holder connects to. */
import { chmodSync, closeSync, constants, lstatSync, openSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { ConnectedHolder } from './connected-holder.ts';
import type { Holder } from './holder.ts';

/** HELLO must come within this time: who connects and says nothing would keep the holder out. */
const helloMs = 5000;
/**
 * Connections taken at once, and a second in the long run: each has its terminals looked at again. A holder comes back every 200 ms at
 * most; a learner who plays one can hang up as often as they like.
 */
const burst = 10;
const perSecond = 5;

/**
 * Listens on a socket in a private folder; hands over each holder that connects, one at a time.
 * The path may be longer than a socket address (108 bytes): it is reached through its open folder (Linux).
 */
export class HolderListener {
	readonly #server: Server;
	readonly #folder: number;
	readonly #onHolder: (holder: Holder) => void;
	readonly #onFault: (error: unknown) => void;
	#connection: ConnectedHolder | undefined;
	#left = burst;
	#at = performance.now();
	#closed: Promise<void> | undefined;

	private constructor(server: Server, folder: number, onHolder: (holder: Holder) => void, onFault: (error: unknown) => void) {
		this.#server = server;
		this.#folder = folder;
		this.#onHolder = onHolder;
		this.#onFault = onFault;
		server.on('error', onFault); // no more files to accept with, say: it goes on listening
		server.on('connection', (socket) => this.#accept(socket));
	}

	/**
	 * @param path of the socket; one that a killed server left there is removed
	 * @param onHolder called each time that a holder has connected and said HELLO; set `events` in it
	 * @param onFault what a sink or an event handler threw; by default a warning of the process
	 * @throws when the folder is not there or not writable, or something else than a socket has that name
	 */
	static async listen(path: string, onHolder: (holder: Holder) => void, onFault = warn): Promise<HolderListener> {
		const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
		try {
			const short = `/proc/self/fd/${folder}/${basename(path)}`;
			removeStale(short);
			const server = createServer({ pauseOnConnect: true });
			await new Promise<void>((resolve, reject) => {
				server.once('error', reject);
				server.listen(short, () => {
					server.off('error', reject);
					resolve();
				});
			});
			// The learner's user is another than the server's; who may come here at all is the folder's affair.
			chmodSync(short, 0o666);
			return new HolderListener(server, folder, onHolder, onFault);
		} catch (error) {
			closeSync(folder);
			throw error;
		}
	}

	#accept(socket: Socket): void {
		if (this.#connection || this.#closed || !this.#mayCome()) {
			socket.on('error', () => {}); // it is being refused: how it takes that is of no interest
			socket.destroy();
			return;
		}
		const hello = setTimeout(() => connection.destroy(), helloMs);
		const ready = (holder: Holder) => {
			clearTimeout(hello);
			this.#onHolder(holder);
		};
		const connection = new ConnectedHolder(socket, ready, this.#onFault);
		this.#connection = connection;
		socket.on('close', () => {
			clearTimeout(hello);
			this.#connection = undefined;
		});
	}

	#mayCome(): boolean {
		const now = performance.now();
		this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond);
		this.#at = now;
		if (this.#left < 1) return false;
		this.#left--;
		return true;
	}

	/** Ends the connection and stops listening. The shells live on. Idempotent. */
	close(): Promise<void> {
		this.#closed ??= new Promise((resolve) => {
			this.#server.close(() => {
				closeSync(this.#folder);
				resolve();
			});
			this.#connection?.destroy();
		});
		return this.#closed;
	}
}

function removeStale(path: string): void {
	const found = lstatSync(path, { throwIfNoEntry: false });
	if (!found) return;
	if (!found.isSocket()) throw new Error(`${basename(path)} is in the way: it is not a socket`);
	rmSync(path);
}

function warn(error: unknown): void {
	process.emitWarning(error instanceof Error ? error : String(error));
}
