/** What every part of the comparison is given, and gives. */
import type { Cell } from '../../../../src/shared/comparison/comparison.ts';
import type { RowId } from '../../../../src/shared/comparison/words.ts';
import type { Trial } from '../trial.ts';

export interface Scale {
	/** Starts of each, one after the other. */
	starts: number;
	/** Started at the same moment. */
	atOnce: number;
	/** Idle ones, at a time. */
	idle: number;
	/** Of each piece of work. */
	rounds: number;
	/** Of dd, a read and a write for each byte. */
	bytes: number;
	programs: number;
	/** Files of the archive; files that are read. */
	files: number;
	reads: number;
}

export const fullScale: Scale = { starts: 20, atOnce: 40, idle: 5, rounds: 3, bytes: 50_000, programs: 100, files: 300, reads: 1000 };
export const quickScale: Scale = { starts: 2, atOnce: 3, idle: 1, rounds: 1, bytes: 5000, programs: 10, files: 50, reads: 50 };

export interface Course {
	scale: Scale;
	/** Folder of the run. */
	folder: string;
	signal: AbortSignal;
	/** There is no time left for more of this part. */
	late(): boolean;
	/** All of the time is over. */
	over(): boolean;
	/** s, of the whole run. */
	seconds: number;
	detail(line: string): void;
}

export type Rows = Partial<Record<RowId, Record<string, Cell>>>;

/** Contenders that started once → rows with a cell for each of them. @throws the signal's reason alone */
export type Part = (trials: readonly Trial[], course: Course) => Promise<Rows>;
