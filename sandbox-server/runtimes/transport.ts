/**
 * How the programs of one sandbox reach this server, and how small files reach them. What it is made of is the runtime's affair: a
 * folder of this machine that is mounted in the sandbox, or one here that a node's agent has the like of.
 */
import type { Server } from 'node:net';

/** What a sandbox connects to: its agent's place in this server, its learner's registry, and where its lines wait to be used (sandboxes/lines.ts). */
export type Door = 'agent' | 'registry' | 'preview';

export interface Transport {
	/** Of the sandbox. */
	readonly name: string;
	/**
	 * Connections of the sandbox come to `server` from now on.
	 * @returns a function that ends this; connections that there are go on
	 * @throws Error of the system, when it cannot be reached
	 */
	serve(door: Door, server: Server): Promise<() => Promise<void>>;
	/** Programs in the sandbox read `text` in /run/etabli/`file`: all of it, or what was there before. @throws Error of the system */
	put(file: string, text: string): Promise<void>;
	/** The file is not there any more. Done when there is none. @throws Error of the system */
	withdraw(file: string): Promise<void>;
	/** Takes all of it away. Idempotent. @throws Error of the system */
	remove(): Promise<void>;
}
