/** Archives on their way to learners' browsers: files that nobody finds in a folder, but that take room until they have been read. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { TooManyPassing } from './failures.ts';

/** Bytes, and how many there may be. */
export interface Room {
	bytes: number;
	most: number;
}

export interface OpenFile {
	bytes: number;
	stream: Readable;
}

/** Room of one archive, which may grow. */
export interface TakenRoom {
	/** @throws TooManyPassing */
	add: (bytes: number) => void;
	/** Idempotent. */
	giveBack: () => void;
}

export class Passing {
	readonly #most: number;
	#bytes = 0;

	/** @param most bytes, of all of them together */
	constructor(most: number) {
		this.#most = most;
	}

	get room(): Room {
		return { bytes: this.#bytes, most: this.#most };
	}

	/** For an archive that is about to be written. */
	begin(): TakenRoom {
		let taken = 0;
		return {
			add: (bytes) => {
				if (this.#bytes + bytes > this.#most)
					throw new TooManyPassing(`archives on their way have ${this.#bytes} bytes, of ${this.#most} at most: no room for ${bytes}`);
				this.#bytes += bytes;
				taken += bytes;
			},
			giveBack: () => {
				this.#bytes -= taken;
				taken = 0;
			},
		};
	}

	/**
	 * A file that is open: it may be removed or replaced while it is read.
	 * @param written room that was taken while it was written
	 * @throws TooManyPassing; Error of the file system
	 */
	async open(path: string, written?: TakenRoom): Promise<OpenFile> {
		const file = await open(path);
		try {
			const { size } = await file.stat();
			const room = written ?? this.begin();
			if (!written) room.add(size);
			const stream = file.createReadStream();
			stream.once('close', room.giveBack);
			return { bytes: size, stream };
		} catch (error) {
			await file.close();
			throw error;
		}
	}
}
