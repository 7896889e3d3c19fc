/** What is compared: a program that starts containers, by the command line that somebody would type. */
import type { NoteKey, ReasonKey } from '../../../src/shared/comparison/words.ts';
import type { RootFiles } from './root-files.ts';

/** One container that is to be. */
export interface Place {
	/** Unique; also its mark in the main process's command line, by which it is found on the host. */
	name: string;
	/** Absolute path of the root file system; shared by all, never to be written to. */
	root: string;
	/** Folder of the host that is mounted at /mnt, for whoever the main process is. */
	work: string;
	/** For files of this container alone. */
	folder: string;
	/** The main process, a shell that reads commands from standard input. */
	command: readonly string[];
}

/** A way to start one; more than one where a machine may refuse the first. */
export interface Way {
	note?: NoteKey;
	/** Its command becomes an ordinary user by itself. */
	ordinary?: boolean;
	/** Files that the command needs, into `folder`. */
	write?(place: Place): void;
	/** In the foreground, with the main process on its standard input and output. */
	command(place: Place): string[];
	/** What ends and clears away whatever is left of one that did not end by itself, or not well; failures do not count. */
	clear?(place: Place): string[][];
}

export type ImageFormat = 'dockerArchive' | 'ociArchive' | 'sif';

/** How an image of some format is tried. */
export interface ImageTrial {
	/** One after the other; the last prints what the image's `echo` was told. */
	commands(file: string, words: readonly string[]): string[][];
	clear?: string[][];
}

/** What a contender has made for the run. */
export interface Prepared {
	/** As root; or, when this user is not, as an ordinary one. Tried in this order. */
	ways: Way[];
	/** For an ordinary user, where that is another command; tried in this order. */
	rootless?: Way[];
	images?: Partial<Record<ImageFormat, ImageTrial>>;
	/** Of an OCI runtime: prints what it can. */
	features?: string[];
	/** Idempotent. */
	close?(): Promise<void>;
}

export interface Kit {
	files: RootFiles;
	/** Folder of this contender alone. */
	folder: string;
	/** Unique to this run. */
	run: string;
	/** A small root file system of few programs, to make images of. */
	trialRoot: string;
	root: boolean;
	/** Who an ordinary user is, where this one is root: a number. */
	ordinary: number;
	/** Runs a command to its end. @returns what it printed @throws Refused */
	call(command: readonly string[], options?: { cwd?: string; seconds?: number }): Promise<string>;
	/** The same to clear away, also after Ctrl-C; failures do not count. */
	tidy(command: readonly string[]): Promise<void>;
	/** Where a program is; undefined: nowhere. */
	find(program: string): string | undefined;
	signal: AbortSignal;
}

export interface Contender {
	/** [a-z0-9-] */
	id: string;
	name: string;
	/** Which package of the distribution brings it; '–': none. */
	packages: string;
	/** Programs that must be there; the first is the one that is asked for its version. */
	programs: readonly string[];
	/** Its arguments, such as --version. */
	versionArgs: readonly string[];
	/** Finds the version in what was said; its absence means that this is something else. */
	version: RegExp;
	/** Oldest version that will do, "1.2.3". */
	least?: string;
	/** The program that was started is needed as long as the container runs; else its memory does not count. */
	stays: boolean;
	/** Names (comm) of processes without which nothing starts. */
	daemons: readonly string[];
	/** Programs whose set-uid bit matters, besides `programs`. */
	helpers: readonly string[];
	/** What asks for its version where this machine has it elsewhere than among its programs; undefined: it has it not. */
	elsewhere?(kit: Kit): readonly string[] | undefined;
	/** @throws Refused, Error: then it cannot take part, with these words */
	prepare(kit: Kit): Promise<Prepared>;
}

/** What is known of, and not started by this command. */
export interface Unreached {
	id: string;
	name: string;
	packages: string;
	why: ReasonKey;
}

/** A program that said no, or nothing in time. */
export class Refused extends Error {
	override readonly name = 'Refused';
	readonly hung: boolean;
	/** @param words its own last ones */
	constructor(words: string, { hung = false } = {}) {
		super(words);
		this.hung = hung;
	}
}

/** "1.10.2" is at least "1.9". */
export function isAtLeast(has: string, least: string): boolean {
	const numbers = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
	const [left, right] = [numbers(has), numbers(least)];
	for (let at = 0; at < right.length; at++) {
		const difference = (left[at] ?? 0) - (right[at] ?? 0);
		if (difference !== 0) return difference > 0;
	}
	return true;
}
