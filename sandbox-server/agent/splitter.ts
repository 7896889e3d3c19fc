/** Cuts what an agent sends into frames (docs/protocol.md §1). */
import { MalformedFrame, maxFrame } from './codec.ts';

const outputType = 3;
/** Length, type, stream and offset: what goes before an OUTPUT frame's bytes. */
const outputHead = 4 + 1 + 4 + 8;

type OnFrame = (type: number, body: Buffer) => void;
type OnOutput = (stream: number, offset: bigint, bytes: Buffer) => void;

/** Holds at most one unfinished frame. */
export class FrameSplitter {
	#unfinished: Buffer | undefined;
	#filled = 0;
	/** An OUTPUT frame of which `left` bytes are still to come. */
	readonly #output = { stream: 0, offset: 0n, left: 0 };

	/**
	 * Calls `onFrame(type, body)` for each frame completed by `chunk`. With `onOutput`, an OUTPUT frame is told there by pieces as they come,
	 * so that nothing of a flood is copied here. What is told are views of `chunk`.
	 * @throws MalformedFrame
	 */
	push(chunk: Buffer, onFrame: OnFrame, onOutput?: OnOutput): void {
		let at = 0;
		while (at < chunk.length) {
			if (onOutput && this.#output.left > 0) {
				at += this.#goOn(chunk.subarray(at, at + this.#output.left), onOutput);
				continue;
			}
			if (!this.#unfinished && onOutput && this.#beginsOutput(chunk, at)) {
				at += outputHead;
				continue;
			}
			if (!this.#unfinished && chunk.length - at >= 4) {
				const end = at + 4 + frameLength(chunk, at);
				if (end <= chunk.length) {
					onFrame(chunk.readUInt8(at + 4), chunk.subarray(at + 5, end));
					at = end;
					continue;
				}
			}
			at += this.#gather(chunk.subarray(at), onFrame, onOutput !== undefined);
		}
	}

	#goOn(piece: Buffer, onOutput: OnOutput): number {
		const { stream, offset } = this.#output;
		this.#output.left -= piece.length;
		this.#output.offset += BigInt(piece.length);
		onOutput(stream, offset, piece);
		return piece.length;
	}

	/** One without any bytes is malformed, and left to be told as a whole. */
	#beginsOutput(bytes: Buffer, at: number): boolean {
		if (bytes.length - at < outputHead || bytes[at + 4] !== outputType) return false;
		const left = frameLength(bytes, at) + 4 - outputHead;
		if (left <= 0) return false;
		Object.assign(this.#output, { stream: bytes.readUInt32LE(at + 5), offset: bytes.readBigUInt64LE(at + 9), left });
		return true;
	}

	/** Copies, so that many small pieces do not each keep a large buffer alive. Returns how many bytes it took. */
	#gather(chunk: Buffer, onFrame: OnFrame, streams: boolean): number {
		this.#unfinished ??= Buffer.alloc(4);
		const taken = chunk.copy(this.#unfinished, this.#filled);
		this.#filled += taken;
		if (this.#filled < this.#unfinished.length) return taken;
		const sofar = this.#unfinished;
		const whole = 4 + frameLength(sofar, 0);
		if (streams && sofar.length === outputHead && this.#beginsOutput(sofar, 0)) {
			this.#unfinished = undefined;
			this.#filled = 0;
		} else if (sofar.length < whole) {
			// First as far as it takes to know an OUTPUT, then to its end.
			this.#unfinished = Buffer.alloc(sofar.length < outputHead ? Math.min(whole, outputHead) : whole);
			sofar.copy(this.#unfinished);
		} else {
			this.#unfinished = undefined;
			this.#filled = 0;
			onFrame(sofar.readUInt8(4), sofar.subarray(5));
		}
		return taken;
	}
}

function frameLength(bytes: Buffer, at: number): number {
	const length = bytes.readUInt32LE(at);
	if (length < 1 || length > maxFrame) throw new MalformedFrame(`length ${length}`);
	return length;
}
