/** One place in a fan-out's ring: what this viewer has been sent, and how much more it may be. */
import type { FanOut } from './fan-out.ts';
import type { StartedCommand, ViewerSink, Watcher } from './viewers.ts';

/**
 * Whoever is behind is brought up to the present with at least so much of its window to spare: not for each little that it reads, and with enough
 * for any piece, so that nobody who does not read is brought up again and again.
 */
const leastSpare = 1 / 2;

export class Follower implements Watcher {
	readonly sink: ViewerSink;
	readonly #fanOut: FanOut;
	readonly #left: () => void;
	/** What it may be sent at most without having read, bytes. */
	readonly #window: number;
	#credit: number;
	/** Position of the next byte, and number of the next event; undefined before anything was sent. */
	#at: number | undefined;
	#event = 0;
	#losses = 0;
	/** What stood before this position when it began is the replay; undefined once it is over. */
	#liveAt: number | undefined = Number.POSITIVE_INFINITY;
	#closed = false;

	constructor(fanOut: FanOut, { sink, credit, left }: { sink: ViewerSink; credit: number; left: () => void }) {
		this.#fanOut = fanOut;
		this.sink = sink;
		this.#window = credit;
		this.#credit = credit;
		this.#left = left;
	}

	credit(bytes: number): void {
		this.#credit += bytes;
		this.flush();
	}

	command(started: StartedCommand): void {
		if (!this.#closed) this.sink.command?.(started);
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#left();
	}

	/** Sends what there is and may be sent. */
	flush(): void {
		const { ring } = this.#fanOut;
		while (!this.#closed) {
			const lost = this.#losses !== this.#fanOut.losses;
			if (this.#at === undefined || lost || this.#at < ring.start || this.#event < ring.firstEvent) {
				if (!this.#begin()) return;
				continue;
			}
			if (this.#liveAt === Number.POSITIVE_INFINITY && this.#fanOut.isLive) this.#liveAt = ring.end;
			const event = ring.event(this.#event);
			if (event?.at === this.#at) this.#tell(event);
			else if (this.#liveAt !== undefined && this.#at >= this.#liveAt) {
				this.#liveAt = undefined;
				this.sink.live();
			} else if (!this.#send(Math.min(event?.at ?? ring.end, this.#liveAt ?? ring.end))) return;
		}
	}

	/** @returns false: there is nothing to send, or it may not be sent yet */
	#send(until: number): boolean {
		const at = this.#at ?? 0;
		const piece = this.#fanOut.piece(at);
		let end = Math.min(until, this.#fanOut.sent, at + this.#credit);
		if (piece && piece.until <= until) {
			const length = piece.until - piece.from;
			// Packed for all, it is not torn for one: its page gives more than that back in any case.
			const waits = this.#credit < length && length <= this.#window * leastSpare && !this.#fanOut.ending;
			if (piece.from === at && waits) return false;
			end = Math.min(end, piece.from === at ? piece.until : piece.from);
		}
		if (end <= at) return false;
		const bytes = this.#fanOut.ring.read(at, end);
		this.#at = at + bytes.length;
		this.#credit -= bytes.length;
		this.sink.output(bytes, BigInt(at), () => this.#fanOut.packed(at, bytes));
		return true;
	}

	#tell(event: NonNullable<ReturnType<FanOut['ring']['event']>>): void {
		this.#event++;
		if ('size' in event) this.sink.resized(event.size.cols, event.size.rows);
		else if ('preamble' in event) this.sink.preamble(event.preamble);
		else this.sink.exited(event.exited);
	}

	/** Goes to the ring's beginning, with the screen as it was there. @returns false: not yet */
	#begin(): boolean {
		const { ring, losses } = this.#fanOut;
		const before = this.#fanOut.before();
		if (!before) return false;
		if (this.#at !== undefined) {
			if (this.#credit < this.#window * leastSpare) return false;
			this.sink.gap();
		}
		this.#at = ring.start;
		this.#event = ring.firstEvent;
		this.#losses = losses;
		this.#liveAt = Number.POSITIVE_INFINITY;
		const { size, snapshot } = before;
		if (size) this.sink.resized(size.cols, size.rows);
		if (snapshot) this.sink.preamble(snapshot);
		return true;
	}
}
