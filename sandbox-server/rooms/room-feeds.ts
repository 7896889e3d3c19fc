/**
 * Tells open cockpits, projector pages and helpers' queues how their room stands: first all of it, then what has changed, gathered over a
 * quarter of a second. Whoever does not read is left out, and begins again with all of it.
 */
import type { Language } from '../../src/shared/language.ts';
import { Refusal, refusalText } from '../../src/shared/protocol/refusals.ts';
import { type FeedEvent, type FeedView, feedViews } from '../../src/shared/protocol/room-feed.ts';
import { type Clock, every } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { RoomRow } from '../store/rooms.ts';
import { Board, type BoardDeps, type BoardSections, type StepName } from './board.ts';
import { changeBetween } from './feed-change.ts';

/** How often changes go out, ms: a trainer sees a verdict as it falls. */
const beatMs = 250;
/** In beats: who is in the room, who may still look, sentences that most fail with; commands; a sign of life, for proxies that give up. */
const peopleEvery = 4;
const commandsEvery = 20;
const aliveEvery = 80;
/** Open feeds of one person, and of all rooms together. */
const mostOfOne = 16;
const mostOfAll = 500;

/** Where a feed's events go. */
export interface FeedSink {
	/** Its reader is behind: what is sent now would wait in memory. */
	readonly full: boolean;
	send(event: FeedEvent): void;
	/** Nothing has happened for a while; it is still open. */
	alive(): void;
	end(): void;
}

export interface Viewer {
	/** Id of the learner row of whoever looks. */
	who: string;
	view: FeedView;
	language: Language;
	/** Their page puts changed cards together; one that was loaded before an upgrade takes what comes for all of them. */
	cardChanges: boolean;
	sink: FeedSink;
	/** Asked again and again while the feed is open. @throws Refusal when they may not look any more */
	mayStill: () => void;
}

interface Watched {
	board: Board;
	viewers: Map<Viewer, { missed: boolean }>;
	/** Steps on which there have been verdicts since the last beat, by learners' ids. */
	touched: Map<string, StepName[]>;
	/** There have been verdicts since the sentences were put together. */
	stale: boolean;
	/** As all viewers have been told. */
	told: BoardSections;
}

export class RoomFeeds {
	readonly #deps: BoardDeps & { clock: Clock; log: Log };
	/** Rooms that somebody looks at. */
	readonly #rooms = new Map<string, Watched>();
	#stop: (() => void) | undefined;
	#beat = 0;

	constructor(deps: BoardDeps & { clock: Clock; log: Log }) {
		this.#deps = deps;
	}

	/** Begins to tell; ends when the returned function is called. @throws Refusal not-found, too-many */
	open(room: RoomRow, viewer: Viewer): () => void {
		const all = [...this.#rooms.values()].flatMap(({ viewers }) => [...viewers.keys()]);
		if (all.length >= mostOfAll || all.filter(({ who }) => who === viewer.who).length >= mostOfOne) throw new Refusal('too-many', 'feeds');
		const watched = this.#watched(room);
		watched.viewers.set(viewer, { missed: false });
		this.#snapshot(watched, viewer);
		this.#stop ??= every({
			clock: this.#deps.clock,
			ms: beatMs,
			action: () => this.#tick(),
			onFault: (error) => this.#deps.log.error({ err: error }, 'a room could not be told'),
		});
		return () => this.#leave(room.id, viewer);
	}

	/** There has been a verdict on the learner's step, or it has been taken back. */
	touch(learner: string, step: StepName): void {
		for (const { board, touched } of this.#rooms.values()) {
			if (!board.has(learner)) continue;
			const steps = touched.get(learner);
			if (steps) steps.push(step);
			else touched.set(learner, [step]);
		}
	}

	/** How the room stands at this moment, whether anybody looks or not. */
	board(room: RoomRow): Board {
		return this.#rooms.get(room.id)?.board ?? new Board(this.#deps, room);
	}

	/** Ends every feed. */
	close(): void {
		for (const { viewers } of this.#rooms.values()) for (const { sink } of viewers.keys()) sink.end();
		this.#rooms.clear();
		this.#rest();
	}

	#watched(room: RoomRow): Watched {
		const known = this.#rooms.get(room.id);
		if (known) return known;
		const board = new Board(this.#deps, room);
		const watched = { board, viewers: new Map(), touched: new Map(), stale: false, told: board.sections() };
		this.#rooms.set(room.id, watched);
		return watched;
	}

	#leave(room: string, viewer: Viewer): void {
		const watched = this.#rooms.get(room);
		if (!watched?.viewers.delete(viewer)) return;
		if (watched.viewers.size === 0) this.#rooms.delete(room);
		if (this.#rooms.size === 0) this.#rest();
	}

	#rest(): void {
		this.#stop?.();
		this.#stop = undefined;
	}

	#tick(): void {
		this.#beat++;
		for (const watched of [...this.#rooms.values()]) {
			const { board, touched, viewers } = watched;
			for (const [learner, steps] of touched) board.readWork(learner, steps);
			watched.stale ||= touched.size > 0;
			touched.clear();
			if (this.#beat % peopleEvery === 0) {
				if (watched.stale) board.readSentences();
				watched.stale = false;
				const gone = !board.readRoom();
				for (const viewer of [...viewers.keys()]) this.#look(board.room.id, viewer, gone);
			}
			if (this.#beat % commandsEvery === 0) board.readCommands();
			this.#tell(watched);
			if (this.#beat % aliveEvery === 0) for (const { sink } of viewers.keys()) sink.alive();
		}
	}

	/** Ends the feed of whoever may not look any more: a trainer who has been removed, somebody who has left, a room that is erased. */
	#look(room: string, viewer: Viewer, gone: boolean): void {
		try {
			if (gone) throw new Refusal('not-found', `room ${room}`);
			viewer.mayStill();
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			viewer.sink.send({ type: 'over', code: error.code, message: refusalText(error.code, viewer.language) });
			viewer.sink.end();
			this.#leave(room, viewer);
		}
	}

	#tell(watched: Watched): void {
		const now = watched.board.sections();
		const change = changeBetween(watched.told, now);
		watched.told = now;
		for (const [viewer, state] of watched.viewers) {
			if (viewer.sink.full) state.missed = true;
			else if (state.missed) {
				state.missed = false;
				this.#snapshot(watched, viewer);
			} else {
				const part = ofView(viewer.view, change.cards && !viewer.cardChanges ? { ...change, cards: now.cards } : change);
				if (Object.keys(part).length > 0) viewer.sink.send({ type: 'change', now: this.#deps.clock.now(), ...part });
			}
		}
	}

	#snapshot({ told }: Watched, { view, sink }: Viewer): void {
		sink.send({ type: 'snapshot', now: this.#deps.clock.now(), ...ofView(view, told) });
	}
}

/** What that view may see; who is gone goes with the people. */
function ofView(view: FeedView, sections: Partial<BoardSections> & { gone?: string[] }): Partial<BoardSections> & { gone?: string[] } {
	const names: readonly string[] = feedViews[view];
	return Object.fromEntries(Object.entries(sections).filter(([name]) => names.includes(name === 'gone' ? 'people' : name)));
}
