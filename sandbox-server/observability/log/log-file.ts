/** A log in the data folder: one file and the one before, each of a bounded size. */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export class LogFile {
	readonly #path: string;
	readonly #limit: number;
	#fd: number;
	#size: number;

	/** @param limit bytes; then the file is renamed to `<path>.old` and starts anew */
	constructor(path: string, limit: number) {
		this.#path = path;
		this.#limit = limit;
		this.#fd = openSync(path, 'a', 0o600);
		this.#size = fstatSync(this.#fd).size;
	}

	/** Nothing is written after this. */
	close(): void {
		if (this.#fd >= 0) closeSync(this.#fd);
		this.#fd = -1;
	}

	write(line: string): void {
		if (this.#fd < 0) return;
		try {
			if (this.#size > this.#limit) this.#anew();
			this.#size += writeSync(this.#fd, line);
		} catch {
			// A full disk must not take the server down: learners go on, the log has a gap.
		}
	}

	/** The old file is closed when the new one is there, and not before: its number would soon be another file's, or a connection's. */
	#anew(): void {
		renameSync(this.#path, `${this.#path}.old`);
		const fd = openSync(this.#path, 'a', 0o600);
		closeSync(this.#fd);
		this.#fd = fd;
		this.#size = 0;
	}
}
