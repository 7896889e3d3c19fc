/**
 * One sandbox's way to this server: its transport is a folder here, as with an engine of this machine; this carries what comes to the doors of the
 * node's folder to the sockets of ours, and the files the other way. What is wanted stands in the folder, so it is said again whenever a node agent
 * has forgotten it.
 */
import { type ClientHttp2Stream, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { connectUnix } from '../../platform/unix-socket.ts';
import type { Door } from '../transport.ts';
import type { NodeLink } from './node-link.ts';

/** Before a door is asked for again that was refused, ms. */
const againMs = 1000;
/** Before one is that broke without a word, ms: an agent tries as often. */
const brokenMs = 200;
/** What this server said last may still wait for a program that reads slowly; one that does not end is not waited for, ms. */
const usualLastWordsMs = 10_000;

export interface BridgeOptions {
	/** Of this sandbox at every node agent. */
	path: string;
	/** Socket of a door, here. */
	socketOf: (door: Door) => string;
	/** Files that its programs are to see, by name. */
	files: () => Promise<string[]>;
	/** One of them as it is now; undefined: there is none of that name. Rejects when it cannot be read. */
	text: (file: string) => Promise<string | undefined>;
	/** Another server has taken the sandbox over. */
	onTaken: () => void;
	onFault: (error: unknown) => void;
	/** In place of what is usual, for tests: of join. */
	lastWordsMs?: number;
}

export class Bridge {
	readonly #options: BridgeOptions;
	readonly #doors = new Set<Door>();
	readonly #parked = new Map<Door, ClientHttp2Stream>();
	readonly #timers = new Map<Door, NodeJS.Timeout>();
	#link: NodeLink | undefined;
	/** What the node agent still has of connections before this one has been cut. */
	#claimed = false;
	#taken = false;
	#last: Promise<void> = Promise.resolve();
	/** Files of which the node agent has not been told yet how they are. */
	readonly #unsaid = new Set<string>();
	/** The node agent knew nothing of the sandbox any more. */
	#forgotten = false;

	constructor(options: BridgeOptions) {
		this.#options = options;
	}

	/** From now on it stands on the node of this link; undefined: on none. */
	attach(link: NodeLink | undefined): void {
		if (link === this.#link) return;
		this.#unpark();
		this.#link = link;
		this.apply();
	}

	get link(): NodeLink | undefined {
		return this.#link;
	}

	/** Says all that is wanted: the node agent knows nothing yet, or nothing more. */
	apply(): void {
		if (!this.#link?.up || this.#taken) return;
		// The connection before may still be there for the node agent.
		this.#claimed = false;
		this.#forgotten = false;
		void this.#makeAll();
		for (const door of this.#doors) this.#park(door);
	}

	serve(door: Door): void {
		this.#doors.add(door);
		this.#taken = false;
		this.#park(door);
	}

	unserve(door: Door): void {
		this.#doors.delete(door);
		this.#drop(door);
	}

	/** The file is another, or there is none any more: the node's is made the same. */
	async changed(file: string): Promise<void> {
		this.#unsaid.add(file);
		await this.#queued(() => this.#make(file));
	}

	/** It is to be forgotten. */
	async remove(): Promise<void> {
		for (const door of [...this.#doors]) this.unserve(door);
		await this.forget();
	}

	/** The node agent is to forget it, upon which its agent ends; whatever comes by that name afterwards finds everything again. Never rejects. */
	async forget(): Promise<void> {
		await this.#queued(() => this.#say('DELETE', ''));
	}

	/** As Runtime.release, by the agent of its node; false where that cannot be reached. */
	async release(): Promise<boolean> {
		try {
			const { status, text } = (await this.#link?.ask('POST', `${this.#options.path}/release`, '')) ?? { status: 0, text: '' };
			return status === 200 && (JSON.parse(text) as { cut: number }).cut > 0;
		} catch {
			// The connection has broken.
			return false;
		}
	}

	/** Connections that there are end with their streams. */
	close(): void {
		this.#doors.clear();
		this.#unpark();
	}

	async #makeAll(): Promise<void> {
		for (const file of await this.#options.files().catch(() => [])) this.#unsaid.add(file);
		await Promise.all([...this.#unsaid].map((file) => this.#queued(() => this.#make(file))));
	}

	/** What is to be said is looked up when its turn comes: of two texts for a file the later one is to stay. */
	async #make(file: string): Promise<void> {
		this.#unsaid.delete(file);
		let isSaid = false;
		try {
			const text = await this.#options.text(file);
			isSaid = await (text === undefined ? this.#say('DELETE', `/files/${file}`) : this.#say('PUT', `/files/${file}`, text));
		} catch (error) {
			this.#options.onFault(error);
		}
		// Said again with the next connection: of one that is withdrawn nothing else knows any more.
		if (!isSaid) this.#unsaid.add(file);
	}

	/** One after the other. */
	#queued(step: () => Promise<unknown>): Promise<void> {
		this.#last = this.#last.then(async () => void (await step()));
		return this.#last;
	}

	/** Never rejects: nobody waits for what is said again later. @returns whether it was heard */
	async #say(method: 'PUT' | 'POST' | 'DELETE', path: string, body?: string): Promise<boolean> {
		if (!this.#link?.up || this.#taken) return false;
		try {
			const { status, text } = await this.#link.ask(method, `${this.#options.path}${path}`, body);
			if (status >= 300 && status !== 404) this.#options.onFault(new Error(`the node agent refuses ${method} ${path}: ${text || status}`));
			return status < 500;
		} catch {
			// The connection has broken.
			return false;
		}
	}

	#park(door: Door): void {
		if (this.#parked.has(door) || !this.#doors.has(door) || this.#taken) return;
		clearTimeout(this.#timers.get(door));
		const stream = this.#link?.open(`${this.#options.path}/doors/${door}`);
		if (!stream) return;
		this.#parked.set(door, stream);
		if (this.#forgotten) {
			this.#forgotten = false;
			void this.#makeAll();
		}
		let answered = false;
		stream.on('error', () => undefined); // "close" follows.
		stream.once('response', (headers) => {
			answered = true;
			this.#parked.delete(door);
			this.#answered(door, stream, Number(headers[':status']));
		});
		stream.once('close', () => {
			if (answered || this.#parked.get(door) !== stream) return;
			this.#parked.delete(door);
			this.#later(door, brokenMs);
		});
		if (door === 'agent' && !this.#claimed) {
			this.#claimed = true;
			// At once, and not after files: it is to come behind this very request.
			void this.#say('POST', '/claim', '');
		}
	}

	#answered(door: Door, stream: ClientHttp2Stream, status: number): void {
		if (status === 200) {
			join(stream, this.#options.socketOf(door), this.#options.lastWordsMs);
			return this.#park(door);
		}
		stream.resume();
		stream.close();
		if (status === 409) {
			this.#taken = true;
			this.#unpark();
			return this.#options.onTaken();
		}
		if (status === 404 || status === 410) this.#forgotten = true;
		this.#later(door, againMs);
	}

	#later(door: Door, ms: number): void {
		clearTimeout(this.#timers.get(door));
		this.#timers.set(door, setTimeout(() => this.#park(door), ms).unref());
	}

	#drop(door: Door): void {
		clearTimeout(this.#timers.get(door));
		const stream = this.#parked.get(door);
		this.#parked.delete(door);
		stream?.close(constants.NGHTTP2_CANCEL);
	}

	#unpark(): void {
		for (const door of [...this.#parked.keys(), ...this.#timers.keys()]) this.#drop(door);
	}
}

/**
 * A stream as a connection to a socket of this machine: whoever listens there needs to know of nothing else than sockets. The end of either is the
 * end of both, when what was on its way has arrived.
 * @param lastWordsMs how long a program may go on that has been told of the end
 */
export function join(stream: ClientHttp2Stream, path: string, lastWordsMs = usualLastWordsMs): void {
	let socket: Socket;
	try {
		socket = connectUnix(path);
	} catch {
		// The folder is gone, and with it whoever listened.
		stream.close(constants.NGHTTP2_CANCEL);
		return;
	}
	socket.on('error', () => undefined); // "close" follows.
	stream.pipe(socket).pipe(stream);
	stream.once('close', () => socket.destroySoon());
	socket.once('close', () => {
		if (stream.closed) return;
		// Cut: whoever listened wants nothing more to be said.
		if (!stream.writableEnded) return stream.close(constants.NGHTTP2_CANCEL);
		// Ended in good order, it has handed the end on already. Nobody hears what the program still says; one that does not end is not waited for.
		stream.resume();
		const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), lastWordsMs).unref();
		stream.once('close', () => clearTimeout(late));
	});
}
