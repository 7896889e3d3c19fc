/** What live connections need from the rest. */
import type { WebSocket } from 'ws';
import type { MemberState } from '../../src/shared/protocol/room-member.ts';
import type { LiveSteps } from '../grading/ports.ts';
import type { Lab } from '../labs/lab.ts';
import type { LiveLabs, Visitor } from '../labs/ports.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Looker, Looks } from '../rooms/looks.ts';
import type { Watchable } from '../sandboxes/terminal.ts';

/** Who takes over the sockets of pages. */
export interface Sockets {
	accept(socket: WebSocket, visitor: Visitor | Looker): void;
	/** Ends every connection. Idempotent. */
	close(): Promise<void>;
}

/** The part of rooms that open pages see. */
export interface LiveRooms {
	/** What a page of the lab's course is told of the room that its learner is in; undefined: of none. */
	stateOf(lab: Lab): MemberState | undefined;
	/** Whether the lab's learner is in any room, held or not. */
	isMember(lab: Lab): boolean;
	/** What a trainer of that room shows to the lab's learner; undefined: nothing. */
	shownTo(lab: Lab): { id: string; look(): Watchable } | undefined;
	/** Somebody has gone to this step, by themselves. */
	wentTo(lab: Lab, lesson: string, step: string): void;
	/** Pages of these learners (undefined: of all) may have to be told something, until the returned function is called. */
	subscribe(listener: (learners: ReadonlySet<string> | undefined) => void): () => void;
}

/** The part of looking, with leave, that connections see. */
export type LiveLooks = Pick<Looks, 'mayLook' | 'guestTypes' | 'ownerTypes' | 'end' | 'pagesClosed' | 'sweep'>;

export interface LiveDeps {
	labs: LiveLabs;
	steps: LiveSteps;
	rooms: LiveRooms;
	looks: LiveLooks;
	clock: Clock;
	log: Log;
	/** Whether the session, by its digest, is still good: asked again and again while a page is open. */
	isSignedIn: (session: string) => boolean;
	/** Told of the bytes of every message, and of refusals by their code. */
	meter?: { traffic(direction: 'in' | 'out', bytes: number): void; error(code: string): void } | undefined;
}
