/**
 * Stamps: a file per built thing with the hash of what it was built from. Written after success, by renaming, so that an interruption
 * at any point leaves either the old stamp or the new one.
 */
import { createHash, type Hash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { codeOf } from './failure.ts';

/** What a thing is built from: texts (values, versions) and paths of files and folders. */
export interface Inputs {
	texts?: readonly string[];
	/** Absolute paths; a folder counts with everything in it; one that does not exist counts as missing. */
	paths?: readonly string[];
	/** Paths are hashed relative to this folder, so that a moved checkout is not built again. */
	root: string;
	/** Names of files and folders that do not count. */
	except?: readonly string[];
}

/** Hash (64 hexadecimal digits) of contents, names and x bits; times and owners do not count. */
export function hashInputs(inputs: Inputs): string {
	const hash = createHash('sha256');
	for (const text of inputs.texts ?? []) hash.update(`text ${Buffer.byteLength(text)}\0${text}`);
	for (const path of [...(inputs.paths ?? [])].sort()) addPath(hash, path, inputs);
	return hash.digest('hex');
}

function addPath(hash: Hash, path: string, inputs: Inputs): void {
	const name = relative(inputs.root, path).split(sep).join('/');
	let stat: ReturnType<typeof lstatSync>;
	try {
		stat = lstatSync(path);
	} catch (error) {
		if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error;
		hash.update(`missing ${name}\0`);
		return;
	}
	if (stat?.isDirectory()) {
		hash.update(`folder ${name}\0`);
		for (const entry of readdirSync(path).sort()) if (!inputs.except?.includes(entry)) addPath(hash, join(path, entry), inputs);
	} else if (stat?.isSymbolicLink()) {
		hash.update(`link ${name}\0${readlinkSync(path)}\0`);
	} else if (stat?.isFile()) {
		hash.update(`file ${name} ${(stat.mode & 0o100) === 0 ? '' : 'x'} ${stat.size}\0`);
		hash.update(readFileSync(path));
	}
}

export class Stamps {
	readonly #folder: string;
	/** @param folder created when the first stamp is written */
	constructor(folder: string) {
		this.#folder = folder;
	}

	/** The stamp's text; undefined when there is none. */
	read(name: string): string | undefined {
		try {
			return readFileSync(join(this.#folder, name), 'utf8');
		} catch (error) {
			if (codeOf(error) === 'ENOENT') return undefined;
			throw error;
		}
	}

	write(name: string, text: string): void {
		writeAtomically(join(this.#folder, name), text);
	}

	remove(name: string): void {
		rmSync(join(this.#folder, name), { force: true });
	}
}

/** Writes a file so that a reader sees the old or the new text, never a part. Creates its folder. */
export function writeAtomically(path: string, content: string | Uint8Array, mode = 0o644): void {
	mkdirSync(dirname(path), { recursive: true });
	const temporary = `${path}.${process.pid}.tmp`;
	try {
		writeFileSync(temporary, content, { mode, flush: true });
		renameSync(temporary, path);
	} catch (error) {
		rmSync(temporary, { force: true });
		throw error;
	}
}
