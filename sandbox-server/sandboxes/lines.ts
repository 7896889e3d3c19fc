/**
 * Connections into a sandbox, which has no network: to a port that a program of the learner's listens on. The sandbox's agent
 * (guest/agent/forward.c) keeps a line to this server that waits; when a port is named on it (two bytes), its child, the dialler, answers with one, 0 or why
 * not, and it is a connection to that port from then on. The kernel holds back whoever is faster than its reader, at each of the two sockets.
 *
 * What dials may be the learner: all that it can do is to answer for programs that are the learner's anyway.
 */
import { createServer, type Socket } from 'node:net';
import { LendingSocket } from '../agent/reading.ts';
import type { Clock } from '../platform/clock.ts';
import type { Transport } from '../runtimes/transport.ts';

/** Connections into one sandbox at a time; as many more may wait for one. A browser has six to one address. */
export const mostLines = 32;
/** Lines that wait: the sandbox has one. */
const mostIdle = 2;
/** Until a line is there: the dialler comes back within a second when it has been killed. */
const waitMs = 8000;
/** A line that has waited may have broken meanwhile. */
const mostTries = 3;
/** Until the dialler has said whether it is connected; it does not wait for anybody. */
const answerMs = 5000;

/**
 * - refused: nothing listens at that port.
 * - busy: all lines are in use.
 * - none: nothing in the sandbox makes lines: it is from before there were any, or the learner keeps it from doing so.
 * - closed: the sandbox is gone.
 */
export class NoLine extends Error {
	override readonly name = 'NoLine';
	readonly why: 'refused' | 'busy' | 'none' | 'closed';
	constructor(why: NoLine['why'], detail: string = why) {
		super(detail);
		this.why = why;
	}
}

interface Waiting {
	take(line: LendingSocket): void;
	fail(error: NoLine): void;
}

export class Lines {
	readonly #clock: Clock;
	readonly #idle: LendingSocket[] = [];
	readonly #used = new Set<LendingSocket>();
	readonly #waiting: Waiting[] = [];
	#stop: () => Promise<void> = async () => {};
	#closed = false;

	private constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** @throws Error of the system, when the sandbox cannot reach this server so */
	static async listen(transport: Transport, clock: Clock, onFault: (error: unknown) => void): Promise<Lines> {
		const lines = new Lines(clock);
		const server = createServer({ pauseOnConnect: true });
		server.on('error', onFault);
		server.on('connection', (socket) => lines.#accept(socket));
		lines.#stop = await transport.serve('preview', server);
		return lines;
	}

	/** For good: the sandbox is gone, or this server lets go of it. */
	get closed(): boolean {
		return this.#closed;
	}

	/** Connections that are in use. */
	get used(): number {
		return this.#used.size;
	}

	/** A connection to that port of the sandbox, paused. Its faults are its user's. @throws NoLine */
	async connect(port: number): Promise<LendingSocket> {
		if (this.#used.size + this.#waiting.length >= 2 * mostLines) throw new NoLine('busy');
		for (let tries = 0; tries < mostTries; tries++) {
			const line = await this.#line();
			const answer = await this.#ask(line, port);
			if (answer === 0) return line;
			if (answer === undefined) continue;
			line.destroy();
			throw new NoLine('refused', `errno ${answer}`);
		}
		throw new NoLine(this.#closed ? 'closed' : 'none', 'the line broke');
	}

	#line(): Promise<LendingSocket> {
		return new Promise((resolve, reject) => {
			const settle = () => {
				cancel();
				const at = this.#waiting.indexOf(waiting);
				if (at >= 0) this.#waiting.splice(at, 1);
			};
			const waiting: Waiting = {
				take: (line) => {
					settle();
					this.#use(line);
					resolve(line);
				},
				fail: (error) => {
					settle();
					reject(error);
				},
			};
			const cancel = this.#clock.after(waitMs, () => waiting.fail(new NoLine(this.#used.size >= mostLines ? 'busy' : 'none')));
			if (this.#closed) return waiting.fail(new NoLine('closed'));
			this.#waiting.push(waiting);
			this.#serve();
		});
	}

	/** Gives lines to those who wait, as far as there are any. */
	#serve(): void {
		while (this.#used.size < mostLines && this.#waiting.length > 0) {
			const line = this.#idle.shift();
			if (!line) return;
			this.#waiting[0]?.take(line);
		}
	}

	#use(line: LendingSocket): void {
		line.pause();
		line.removeAllListeners('data');
		this.#used.add(line);
		line.once('close', () => {
			this.#used.delete(line);
			this.#serve();
		});
	}

	/** What the dialler says of a port; undefined: nothing. */
	#ask(line: LendingSocket, port: number): Promise<number | undefined> {
		return new Promise((resolve) => {
			const settle = (answer: number | undefined) => {
				cancel();
				line.off('data', heard);
				line.off('close', ended);
				line.pause();
				if (answer === undefined) line.destroy();
				resolve(answer);
			};
			const heard = (bytes: Buffer) => {
				settle(bytes[0]);
				// Paused by now: what a program says unasked comes with the answer, and is for whoever wanted the connection.
				if (bytes.length > 1) line.unshift(bytes.subarray(1));
			};
			const ended = () => settle(undefined);
			const cancel = this.#clock.after(answerMs, () => settle(undefined));
			line.on('close', ended);
			line.on('data', heard);
			line.resume();
			line.write(Uint8Array.of(port & 255, port >> 8));
		});
	}

	#accept(accepted: Socket): void {
		const line = new LendingSocket(accepted);
		line.on('error', () => undefined); // "close" follows
		if (this.#closed || this.#idle.length >= mostIdle) {
			line.destroy();
			return;
		}
		this.#idle.push(line);
		line.once('close', () => {
			const at = this.#idle.indexOf(line);
			if (at >= 0) this.#idle.splice(at, 1);
		});
		// Nobody has asked anything: who speaks is no dialler.
		line.on('data', () => line.destroy());
		line.resume();
		this.#serve();
	}

	/** Ends all connections. Idempotent. */
	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		for (const waiting of [...this.#waiting]) waiting.fail(new NoLine('closed'));
		for (const line of [...this.#idle, ...this.#used]) line.destroy();
		await this.#stop();
	}
}
