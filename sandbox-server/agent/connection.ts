/** Where a sandbox's agent connects to. */
import { createServer, type Socket } from 'node:net';
import { systemClock } from '../platform/clock.ts';
import { warnOfFault } from '../platform/fault.ts';
import { TokenBucket } from '../platform/token-bucket.ts';
import type { Transport } from '../runtimes/transport.ts';
import type { Agent } from './agent.ts';
import { ConnectedAgent } from './client/connected-agent.ts';

/** HELLO must come within this time: who connects and says nothing would keep the agent out. */
const helloMs = 5000;
/**
 * Connections taken at once, and a second in the long run: each has its terminals looked at again. An agent comes back every 200 ms at
 * most; a learner who plays one can hang up as often as they like.
 */
const burst = 10;
const perSecond = 5;

/** Takes the connections of one sandbox; hands over each agent that connects, one at a time. */
export class AgentListener {
	readonly #onAgent: (agent: Agent) => void;
	readonly #onFault: (error: unknown) => void;
	readonly #arrivals = new TokenBucket({ burst, perSecond, now: () => systemClock.now() });
	#connection: ConnectedAgent | undefined;
	#stop: () => Promise<void> = async () => {};
	#closed: Promise<void> | undefined;

	private constructor(onAgent: (agent: Agent) => void, onFault: (error: unknown) => void) {
		this.#onAgent = onAgent;
		this.#onFault = onFault;
	}

	/**
	 * @param transport of the sandbox
	 * @param onAgent called each time that an agent has connected and said HELLO; set `events` in it
	 * @param onFault what a sink or an event handler threw; by default a warning of the process
	 * @throws Error of the system, when the sandbox cannot reach this server so
	 */
	static async listen(transport: Transport, onAgent: (agent: Agent) => void, onFault = warnOfFault): Promise<AgentListener> {
		const server = createServer({ pauseOnConnect: true });
		const listener = new AgentListener(onAgent, onFault);
		// Before it can be reached: an agent that waits for its server comes at once.
		server.on('error', onFault); // no more files to accept with, say: it goes on listening
		server.on('connection', (socket) => listener.#accept(socket));
		listener.#stop = await transport.serve('agent', server);
		return listener;
	}

	#accept(socket: Socket): void {
		if (this.#connection || this.#closed || !this.#arrivals.take()) {
			socket.on('error', () => {}); // it is being refused: how it takes that is of no interest
			socket.destroy();
			return;
		}
		const hello = setTimeout(() => connection.destroy(), helloMs);
		const ready = (agent: Agent) => {
			clearTimeout(hello);
			this.#onAgent(agent);
		};
		const connection = new ConnectedAgent(socket, ready, this.#onFault);
		this.#connection = connection;
		socket.on('close', () => {
			clearTimeout(hello);
			this.#connection = undefined;
		});
	}

	/** Ends the connection and stops listening. The shells live on. Idempotent. */
	close(): Promise<void> {
		this.#closed ??= this.#stop();
		this.#connection?.destroy();
		return this.#closed;
	}
}
