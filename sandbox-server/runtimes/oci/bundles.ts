/**
 * What is known of each container, in a folder of its own ("bundle") that outlives this server: the configuration that the OCI runtime
 * reads, and our note.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTime } from '../../platform/start-time.ts';
import type { OciConfig } from './config.ts';

/** A container's main process. */
export interface Main {
	pid: number;
	started: string;
}

export interface Note {
	labels: Record<string, string>;
	/** ms since 1970. */
	created: number;
	ociRuntime: string;
	/** Id of its image; undefined before that is there. */
	image?: string;
	/** Its main process; undefined before it runs. */
	main?: Main;
}

/** Folders in the making, for a moment; what a killed server leaves of them is empty but for a note. */
const draft = '.new-';
/** A folder that is still in the making after so long, ms, was left by a server that was killed. */
const draftMs = 60_000;
const noteFile = 'note.json';
/** Names are parts of paths. */
const namePattern = /^[a-z0-9][a-z0-9-]{0,127}$/;

export class Bundles {
	readonly root: string;

	/** @param root made when it is not there; of this user alone */
	constructor(root: string) {
		this.root = root;
		mkdirSync(root, { recursive: true, mode: 0o700 });
		for (const name of readdirSync(root)) {
			const path = join(root, name);
			const changed = name.startsWith(draft) && statSync(path, { throwIfNoEntry: false })?.mtimeMs;
			if (changed && changed < Date.now() - draftMs) rmSync(path, { recursive: true, force: true });
		}
	}

	/** @throws Error for a name that is none */
	folder(name: string): string {
		if (!namePattern.test(name)) throw new Error(`"${name}" is no name of a container`);
		return join(this.root, name);
	}

	/** With its note from the first moment on. @returns false when there is one of that name already */
	make(name: string, note: Note): boolean {
		const place = this.folder(name);
		const fresh = mkdtempSync(join(this.root, draft));
		try {
			writeFileSync(join(fresh, noteFile), JSON.stringify(note), { mode: 0o600 });
			renameSync(fresh, place);
			return true;
		} catch (error) {
			rmSync(fresh, { recursive: true, force: true });
			if (['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
			throw error;
		}
	}

	configure(name: string, config: Pick<OciConfig, 'annotations'>): void {
		writeFileSync(join(this.folder(name), 'config.json'), JSON.stringify(config), { mode: 0o600 });
	}

	/** Whole, or as it was. */
	write(name: string, note: Note): void {
		const path = join(this.folder(name), noteFile);
		writeFileSync(`${path}.new`, JSON.stringify(note), { mode: 0o600 });
		renameSync(`${path}.new`, path);
	}

	/** undefined: there is none. One whose note is spoilt is an ended one of whoever has made it, as the configuration says: it can be cleared away. */
	read(name: string): Note | undefined {
		const note = this.#json(name, noteFile) as Note | undefined;
		if (note !== undefined) return note;
		const config = this.#json(name, 'config.json') as Pick<OciConfig, 'annotations'> | undefined;
		return config && { labels: config.annotations ?? {}, created: 0, ociRuntime: 'runc' };
	}

	#json(name: string, file: string): unknown {
		try {
			return JSON.parse(readFileSync(join(this.folder(name), file), 'utf8'));
		} catch {
			// Gone meanwhile, or spoilt from outside.
			return undefined;
		}
	}

	names(): string[] {
		return readdirSync(this.root).filter((name) => namePattern.test(name));
	}

	exists(name: string): boolean {
		return this.names().includes(name);
	}

	remove(name: string): void {
		rmSync(this.folder(name), { recursive: true, force: true });
	}
}

/** The main process runs: that very one, and not another of its number. */
export function runs(note: Note | undefined): boolean {
	return note?.main !== undefined && startTime(note.main.pid) === note.main.started;
}
