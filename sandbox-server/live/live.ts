/** All open pages: takes over their sockets and passes on what happens to their sandbox and steps. */
import type { WebSocket } from 'ws';
import { errorText } from '../../src/shared/errors.ts';
import type { LiveConnections, Visitor } from '../http/deps.ts';
import type { LearnerRow } from '../store/store.ts';
import { Connection } from './connection.ts';
import type { LiveDeps } from './deps.ts';

/** How long browsers get to answer the close of a server that stops, ms. */
const farewellMs = 1000;
const goingAway = 1001;

export class Live implements LiveConnections {
	readonly #deps: LiveDeps;
	/** By learner and course. */
	readonly #connections = new Map<string, Set<Connection>>();
	readonly #unsubscribe: (() => void)[];
	readonly #sockets = new Set<WebSocket>();
	#closed = false;

	constructor(deps: LiveDeps) {
		this.#deps = deps;
		const { sandboxes, steps } = deps;
		this.#unsubscribe = [
			sandboxes.subscribe({
				changed: (learner, course) => this.#each(learner, course, (one) => one.sandboxChanged()),
				notice: (learner, course, code, values) =>
					this.#each(learner, course, (one) => one.send({ type: 'notice', code, message: errorText(code, one.visitor.language, values) })),
				eased: (learner, course, code) => this.#each(learner, course, (one) => one.send({ type: 'notice', code, message: '', over: true })),
				failed: (learner, course, code) =>
					this.#each(learner, course, (one) => one.send({ type: 'error', code, message: errorText(code, one.visitor.language) })),
			}),
			steps.subscribe((learner, course, report) =>
				this.#each(learner, course, (one) => one.send({ type: 'step', report: report(one.visitor.language) })),
			),
		];
	}

	accept(socket: WebSocket, visitor: Visitor): void {
		if (this.#closed) return socket.close(goingAway, 'the server stops');
		this.#sockets.add(socket);
		socket.once('close', () => this.#sockets.delete(socket));
		const key = keyOf(visitor.learner, visitor.course);
		const connection = new Connection(this.#deps, {
			socket,
			visitor,
			onClosed: (closed) => {
				const others = this.#connections.get(key);
				others?.delete(closed);
				if (others?.size === 0) this.#connections.delete(key);
			},
		});
		const others = this.#connections.get(key) ?? new Set();
		others.add(connection);
		this.#connections.set(key, others);
	}

	#each(learner: LearnerRow, course: string, action: (connection: Connection) => void): void {
		for (const connection of [...(this.#connections.get(keyOf(learner, course)) ?? [])]) action(connection);
	}

	/** Open pages, and the terminals in them. */
	figures(): { connections: number; terminals: number } {
		const all = [...this.#connections.values()].flatMap((some) => [...some]);
		return { connections: all.length, terminals: all.reduce((sum, { terminals }) => sum + terminals, 0) };
	}

	async close(): Promise<void> {
		this.#closed = true;
		for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
		const ended = [...this.#sockets].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
		for (const connections of [...this.#connections.values()])
			for (const connection of [...connections]) connection.close(goingAway, 'the server stops');
		const cancel = this.#deps.clock.after(farewellMs, () => {
			for (const socket of this.#sockets) socket.terminate();
		});
		await Promise.all(ended);
		cancel();
	}
}

function keyOf(learner: LearnerRow, course: string): string {
	return `${learner.id} ${course}`;
}
