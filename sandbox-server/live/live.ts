/** All open pages: takes over their sockets and passes on what happens to their sandbox and steps. */
import type { WebSocket } from 'ws';
import { noticeText } from '../../src/shared/protocol/notices.ts';
import { refusalText } from '../../src/shared/protocol/refusals.ts';
import { bareLab, type Lab } from '../labs/lab.ts';
import type { Visitor } from '../labs/ports.ts';
import { Disposables } from '../platform/disposables.ts';
import type { Looker } from '../rooms/looks.ts';
import type { LearnerRow } from '../store/people.ts';
import { Connection } from './connection.ts';
import type { LiveDeps, Sockets } from './live-deps.ts';
import { LookConnection } from './look-connection.ts';

/** How long browsers get to answer the close of a server that stops, ms. */
const farewellMs = 1000;
const goingAway = 1001;

export class Live implements Sockets {
	readonly #deps: LiveDeps;
	/** By id of the lab. */
	readonly #connections = new Map<string, Set<Connection>>();
	readonly #subscriptions = new Disposables();
	readonly #sockets = new Set<WebSocket>();
	#closed = false;

	constructor(deps: LiveDeps) {
		this.#deps = deps;
		const { labs, steps, rooms } = deps;
		this.#subscriptions.add(
			labs.subscribe({
				changed: (lab) => this.#each(lab, (one) => one.sandboxChanged()),
				notice: (lab, code, values) =>
					this.#each(lab, (one) => one.send({ type: 'notice', code, message: noticeText(code, one.visitor.language, values) })),
				eased: (lab, code) => this.#each(lab, (one) => one.send({ type: 'notice', code, message: '', over: true })),
				clusterSeen: (lab, view) => this.#each(lab, (one) => one.clusterSeen(view)),
				failed: (lab, code) =>
					this.#each(lab, (one) => one.send({ type: 'error', code, message: refusalText(code, one.visitor.language) })),
			}),
		);
		this.#subscriptions.add(rooms.subscribe((learners) => this.#tellRooms(learners)));
		this.#subscriptions.add(
			steps.subscribe((lab, report) => this.#each(lab, (one) => one.send({ type: 'step', report: report(one.visitor.language) }))),
		);
	}

	#tellRooms(learners: ReadonlySet<string> | undefined): void {
		for (const some of [...this.#connections.values()])
			for (const one of [...some]) if (!learners || learners.has(one.visitor.lab.owner.id)) one.roomChanged();
	}

	accept(socket: WebSocket, visitor: Visitor | Looker): void {
		if (this.#closed) return socket.close(goingAway, 'the server stops');
		this.#sockets.add(socket);
		socket.once('close', () => this.#sockets.delete(socket));
		if ('look' in visitor) {
			const { look, course } = visitor;
			const lab = bareLab({ owner: look.learner, course });
			new LookConnection(this.#deps, { socket, looker: visitor, isOpen: () => this.#hasPage(lab.id, look.lesson) });
			return;
		}
		const key = visitor.lab.id;
		const connection = new Connection(this.#deps, {
			socket,
			visitor,
			onClosed: (closed) => {
				const others = this.#connections.get(key);
				others?.delete(closed);
				if (others?.size === 0) this.#connections.delete(key);
				if (!this.#hasPage(visitor.lab.id, visitor.lesson)) this.#deps.looks.pagesClosed(visitor.lab.key, visitor.lesson);
			},
		});
		const others = this.#connections.get(key) ?? new Set();
		others.add(connection);
		this.#connections.set(key, others);
	}

	/** Whether a page of that lesson is open, by the id of its lab. */
	#hasPage(lab: string, lesson: string): boolean {
		return [...(this.#connections.get(lab) ?? [])].some(({ visitor }) => visitor.lesson === lesson);
	}

	#each(lab: Lab, action: (connection: Connection) => void): void {
		for (const connection of [...(this.#connections.get(lab.id) ?? [])]) action(connection);
	}

	/** That learner is erased: their pages do nothing any more. */
	drop({ id }: LearnerRow): void {
		for (const connections of [...this.#connections.values()])
			for (const one of [...connections]) if (one.visitor.lab.owner.id === id) one.dismiss();
	}

	/** Open pages, and the terminals in them. */
	figures(): { connections: number; terminals: number } {
		const all = [...this.#connections.values()].flatMap((some) => [...some]);
		return { connections: all.length, terminals: all.reduce((sum, { terminals }) => sum + terminals, 0) };
	}

	async close(): Promise<void> {
		this.#closed = true;
		await this.#subscriptions.dispose();
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
