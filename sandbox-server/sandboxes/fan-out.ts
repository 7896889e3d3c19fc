/**
 * One stream of a terminal's output for all who look at it. What came last lies in a ring that they share: each has a place in it, and as much
 * credit as its page gives. Whoever does not read costs nothing but its place; when that is gone it is given the screen as it stood where the
 * ring begins, and goes on from there. Nobody waits for anybody.
 */
import { deflateRawSync } from 'node:zlib';
import { packedHeadBytes } from '../../src/shared/protocol/messages.ts';
import type { AgentRefused, ShellEnd } from '../agent/agent.ts';
import { DrawnScreen } from './drawn-screen.ts';
import { Follower } from './follower.ts';
import { type Evicted, OutputRing } from './output-ring.ts';
import type { Size, StartedCommand, ViewerSink, Watcher } from './viewers.ts';

/** Output that is kept for who is behind, bytes: of one terminal, whoever looks. Twice what may be on the way to a page. */
const ringBytes = 512 * 1024;
/** What may be on its way from the agent, bytes. */
export const sourceCredit = 256 * 1024;
/** Credit is given back by pieces of so many bytes. */
const creditPiece = sourceCredit / 4;
/**
 * What comes within so long after something was sent goes out together, ms: after little, such as keys' echoes, and after more than `littleBytes`, as in a
 * flood, that nobody reads line by line. And so many bytes at most.
 */
const gatherMs = { little: 5, much: 100 };
const littleBytes = 2048;
const mostGathered = ringBytes / 4;
/**
 * What goes out together is packed once for all from so many bytes and followers on: a frame's way through the kernel costs by its bytes, for each
 * follower anew, and a hundred who follow 1 MB/s are 800 Mbit/s of a lecture hall's network.
 */
const leastPacked = { bytes: littleBytes, followers: 4 };
/** Text becomes a fifth. Where so little is gained, pages are spared the work. */
const worthPacking = 0.8;
/** Commands that whoever comes later is still told of. */
const mostCommands = 50;

/** Where a fan-out has its output from. */
export interface Source {
	credit(bytes: number): void;
	close(): void;
}

/** Output between two positions that goes together to each follower. */
interface Piece {
	from: number;
	until: number;
	/** Undefined: it is not worth it. */
	packed: Uint8Array | undefined | 'not yet';
}

export class FanOut implements ViewerSink {
	readonly ring = new OutputRing(ringBytes);
	/** The stream has been replayed: what comes is new. */
	isLive = false;
	/** What is sent now is the last. */
	ending = false;
	/** How often output was lost before the ring: places in it are no more. */
	losses = 0;
	readonly #followers = new Set<Follower>();
	readonly #closed: () => void;
	#source: Source | undefined;
	/** What stood before the ring; undefined: nothing has been let go. */
	#drawn: DrawnScreen | undefined;
	/** Of the terminal where the ring begins. */
	#size: Size | undefined;
	#consumed = 0;
	/** For what is being drawn the source has not been given its credit yet, bytes. */
	#drawing = 0;
	#commands: StartedCommand[] = [];
	/** Bytes that have come since the followers were last sent something. */
	#unsent = 0;
	#gathering = false;
	#gatherMs = gatherMs.little;
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** Up to where output has been sent to whoever reads in time: what has come since is being gathered, and goes to all of them at once. */
	sent = 0;
	/** What was last sent together, and is worth packing, oldest first: the same pieces for each follower, also for one who is a little behind. */
	#pieces: Piece[] = [];
	/** When the followers were last sent something, ms. */
	#flushed = Number.NEGATIVE_INFINITY;
	#isClosed = false;

	/** @param closed told when it is of no use any more */
	constructor(closed: () => void) {
		this.#closed = closed;
	}

	/** Begins: what the source says comes to the methods below. */
	from(source: Source): void {
		this.#source = source;
	}

	/** Nobody looks. */
	get idle(): boolean {
		return this.#followers.size === 0;
	}

	watch({ credit, sink }: { credit: number; sink: ViewerSink }, left: () => void = () => undefined): Watcher {
		const follower: Follower = new Follower(this, {
			sink,
			credit,
			left: () => {
				this.#followers.delete(follower);
				left();
			},
		});
		this.#followers.add(follower);
		for (const command of this.#commands) follower.command(command);
		// Not in the caller's turn: it has no watcher to answer by yet.
		queueMicrotask(() => follower.flush());
		return follower;
	}

	/** The screen where the ring begins; undefined while it is still being drawn. */
	before(): { size: Size | undefined; snapshot: Buffer | undefined } | undefined {
		if (this.#drawn?.idle === false) return undefined;
		return { size: this.#size, snapshot: this.#drawn?.snapshot() };
	}

	/** The piece that begins at that position, or the next one after it; undefined: there is none. */
	piece(at: number): Piece | undefined {
		return this.#pieces.find(({ from }) => from >= at);
	}

	/** These bytes at that position, packed; undefined: they are not a piece that all get, or it is not worth it. */
	packed(at: number, bytes: Uint8Array): Uint8Array | undefined {
		const piece = this.piece(at);
		if (!piece || at !== piece.from || at + bytes.length !== piece.until || this.#followers.size < leastPacked.followers) return undefined;
		if (piece.packed === 'not yet') {
			const deflated = deflateRawSync(bytes, { level: 1 });
			const packed = Buffer.allocUnsafe(packedHeadBytes + deflated.length);
			packed.writeUInt32LE(bytes.length);
			packed.set(deflated, packedHeadBytes);
			piece.packed = packed.length < bytes.length * worthPacking ? packed : undefined;
		}
		return piece.packed;
	}

	output(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; at += ringBytes) {
			const piece = bytes.subarray(at, at + ringBytes);
			this.#draw(this.ring.makeRoom(piece.length), piece.length);
			this.ring.push(piece);
		}
		this.#unsent += bytes.length;
		this.#flush();
	}

	preamble(bytes: Uint8Array): void {
		this.#draw(this.ring.note({ preamble: Uint8Array.from(bytes) }), 0);
		this.#flush();
	}

	resized(cols: number, rows: number): void {
		this.#draw(this.ring.note({ size: { cols, rows } }), 0);
		this.#flush();
	}

	live(): void {
		this.isLive = true;
		this.#flush();
	}

	/** The source could not keep up, or is told anew what there is: so is everybody. */
	gap(): void {
		this.#drawn?.dispose();
		this.#drawn = undefined;
		this.#size = undefined;
		this.isLive = false;
		this.losses++;
		this.ring.clear();
		this.#consume(this.#drawing);
		this.#drawing = 0;
	}

	exited(end: ShellEnd): void {
		this.#draw(this.ring.note({ exited: end }), 0);
		this.#flush();
	}

	/** A command has been started there. */
	command(started: StartedCommand): void {
		this.#commands = [...this.#commands, started].slice(-mostCommands);
		for (const follower of this.#followers) follower.command(started);
	}

	refused(error: AgentRefused): void {
		this.#end((sink) => sink.refused(error));
	}

	gone(): void {
		this.#end((sink) => sink.gone());
	}

	#end(tell: (sink: ViewerSink) => void): void {
		// The last words, which may still be being gathered, come before the end, and as many of them as may be sent.
		this.ending = true;
		this.#send();
		const followers = [...this.#followers];
		this.close();
		for (const follower of followers) {
			follower.close();
			tell(follower.sink);
		}
	}

	/** Ends the stream. Idempotent. */
	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		clearTimeout(this.#timer);
		this.#drawn?.dispose();
		this.#source?.close();
		this.#closed();
	}

	/** Draws what has left the ring, and lets the source send on for `consumed` bytes: at once, or when the drawing has come so far. */
	#draw(evicted: Evicted[], consumed: number): void {
		const pieces = evicted.filter((one) => 'bytes' in one || 'preamble' in one).length;
		if (pieces === 0) this.#consume(consumed);
		else this.#drawing += consumed;
		const { losses } = this;
		let drawn = 0;
		const done = () => {
			if (this.#isClosed || losses !== this.losses || ++drawn < pieces) return;
			this.#drawing -= consumed;
			this.#consume(consumed);
			this.#flush();
		};
		for (const one of evicted) {
			if ('size' in one) this.#resize(one.size);
			else if (!('exited' in one)) {
				this.#drawn ??= new DrawnScreen(this.#size ?? { cols: 80, rows: 24 });
				this.#drawn.draw('bytes' in one ? one.bytes : one.preamble, done);
			}
		}
	}

	#resize(size: Size): void {
		this.#size = size;
		this.#drawn?.resize(size);
	}

	#consume(bytes: number): void {
		this.#consumed += bytes;
		if (this.#consumed < creditPiece) return;
		this.#source?.credit(this.#consumed);
		this.#consumed = 0;
	}

	/** At once after a pause: a key's echo. What comes soon after is gathered: each piece costs a message for each follower. */
	#flush(): void {
		if (this.#unsent >= mostGathered) return this.#send();
		if (this.#gathering) return;
		this.#gathering = true;
		const wait = this.#flushed + this.#gatherMs - performance.now();
		// Even at once, it is after what was read from the sandbox has gone to whoever types there.
		if (wait <= 0) setImmediate(() => this.#send());
		else this.#timer = setTimeout(() => this.#send(), wait);
	}

	/** What has been gathered becomes pieces, of which none goes over the end of the ring's memory. */
	#cut(): void {
		const { start, end, size } = this.ring;
		this.#pieces = this.#pieces.filter(({ from }) => from >= start);
		for (let from = Math.max(this.sent, start); from < end; ) {
			const until = Math.min(end, from + mostGathered, from - (from % size) + size);
			if (until - from >= leastPacked.bytes) this.#pieces.push({ from, until, packed: 'not yet' });
			from = until;
		}
		this.sent = end;
	}

	#send(): void {
		clearTimeout(this.#timer);
		this.#gathering = false;
		this.#gatherMs = this.#unsent > littleBytes ? gatherMs.much : gatherMs.little;
		this.#unsent = 0;
		this.#cut();
		this.#flushed = performance.now();
		for (const follower of [...this.#followers]) follower.flush();
	}
}
