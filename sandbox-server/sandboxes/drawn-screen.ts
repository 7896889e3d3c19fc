/**
 * The screen of a terminal as it stood where the kept output begins: what has been let go is drawn here, by a terminal without a window, so that
 * whoever comes later, or could not keep up, is given the screen and goes on with the output that follows.
 */
import serialize from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { boundWork } from './bounded-drawing.ts';
import type { Size } from './viewers.ts';

/** Lines above the screen that are kept. */
const scrollback = 1000;
/** What is given at a time, bytes: fewer lines above the screen rather than more than this. */
const snapshotBytes = 256 * 1024;
/** How often more work is allowed, ms, and of sizes: each draws all lines anew. */
const allowMs = 1000;
const mostSizes = 10;

/** What the terminal knows and no addon is told; the test beside holds it to that. */
interface TerminalInside {
	_core: { buffer: Record<'x' | 'y' | 'ybase' | 'scrollTop' | 'scrollBottom' | 'savedX' | 'savedY', number> };
}

export class DrawnScreen {
	readonly #terminal: InstanceType<typeof headless.Terminal>;
	readonly #serializer = new serialize.SerializeAddon();
	readonly #allow: () => void;
	#allowed = performance.now();
	#sizes = 0;
	#wanted: Size;
	/** Pieces that are being drawn. */
	#drawing = 0;
	#snapshot: Buffer | undefined;

	constructor(size: Size) {
		this.#wanted = size;
		this.#terminal = new headless.Terminal({ ...size, scrollback, allowProposedApi: true, logLevel: 'off' });
		// The addon is written for the terminal with a window, and asks nothing of it that this one has not.
		this.#terminal.loadAddon(this.#serializer as never);
		this.#allow = boundWork(this.#terminal);
	}

	/** Everything has been drawn: `snapshot` is what the bytes led to. */
	get idle(): boolean {
		return this.#drawing === 0;
	}

	/** @param bytes the screen's own from now on @param done called when they have been drawn */
	draw(bytes: Uint8Array, done: () => void): void {
		this.#drawing++;
		this.#snapshot = undefined;
		const now = performance.now();
		if (now - this.#allowed >= allowMs) {
			this.#allowed = now;
			this.#sizes = 0;
			this.#allow();
		}
		this.#terminal.write(bytes, () => {
			this.#drawing--;
			done();
		});
	}

	/** In its place in the output. */
	resize({ cols, rows }: Size): void {
		const size = { cols: Math.max(2, cols), rows: Math.max(1, rows) };
		this.#wanted = size;
		this.#snapshot = undefined;
		// Beyond what is followed, the last size counts: it is taken with the next snapshot.
		if (++this.#sizes <= mostSizes) this.#terminal.write('', () => this.#fit(size));
	}

	#fit({ cols, rows }: Size): void {
		if (this.#terminal.cols !== cols || this.#terminal.rows !== rows) this.#terminal.resize(cols, rows);
	}

	/** Output that brings a fresh terminal of its size to this screen. Nothing, when one screen alone is too much. */
	snapshot(): Buffer {
		if (this.#snapshot) return this.#snapshot;
		this.#fit(this.#wanted);
		for (const lines of [scrollback, scrollback / 10, 0]) {
			this.#snapshot = Buffer.from(this.#serializer.serialize({ scrollback: lines }) + this.#unserialized());
			if (this.#snapshot.length <= snapshotBytes) return this.#snapshot;
		}
		this.#snapshot = Buffer.alloc(0);
		return this.#snapshot;
	}

	/** What the addon leaves out: where the screen scrolls, and the cursor that a program has put aside. */
	#unserialized(): string {
		const { buffer } = (this.#terminal as unknown as TerminalInside)._core;
		const { rows, cols, modes } = this.#terminal;
		const { x, y, ybase, scrollTop, scrollBottom, savedX, savedY } = buffer;
		const scrolls = scrollTop > 0 || scrollBottom < rows - 1;
		const saved = Math.max(0, savedY - ybase);
		if (!scrolls && savedX === 0 && saved === 0) return '';
		// Each of these sets the cursor elsewhere, counted from the scrolled part where a program wants it so.
		const from = modes.originMode ? scrollTop : 0;
		const place = (column: number, row: number) => `\x1b[${Math.max(0, row - from) + 1};${Math.min(column, cols - 1) + 1}H`;
		return `${scrolls ? `\x1b[${scrollTop + 1};${scrollBottom + 1}r` : ''}${place(savedX, saved)}\x1b7${place(x, y)}`;
	}

	dispose(): void {
		this.#terminal.dispose();
	}
}
