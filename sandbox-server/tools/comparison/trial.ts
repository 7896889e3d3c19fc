/** One contender in a run: found, prepared, and with the way in which it starts containers here; or why it takes no part. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Absence, Cell } from '../../../src/shared/comparison/comparison.ts';
import type { ReasonKey } from '../../../src/shared/comparison/words.ts';
import { type Contender, isAtLeast, type Kit, type Place, type Prepared, Refused, type Way } from './contender.ts';
import { Running } from './running.ts';

export interface Bounds {
	/** s, for a program to say its version. */
	version: number;
	/** s, for one start. */
	start: number;
	/** s, for one piece of work in a container. */
	work: number;
}

/** The row's place for a figure that is not there. @param said the program's own words */
export function absent(reason: ReasonKey, values: Record<string, string> = {}, said?: string): Absence {
	return { kind: 'none', reason, values, ...(said ? { said } : {}) };
}

/** Why something was not to be had. @param otherwise when the program said no @throws what is no word of a program */
export function absenceOf(error: unknown, otherwise: ReasonKey, seconds: number): Absence {
	if (error instanceof Refused)
		return error.hung ? absent('hangs', { seconds: String(seconds) }, error.message) : absent(otherwise, {}, error.message);
	// Such as a file that could not be written, or a configuration that is none.
	if (error instanceof Error && error.name !== 'Interrupted') return absent(otherwise, {}, error.message.slice(0, 200));
	throw error;
}

export class Trial {
	readonly contender: Contender;
	readonly kit: Kit;
	readonly bounds: Bounds;
	version: string | undefined;
	/** Why it takes no part. */
	absence: Absence | undefined;
	prepared: Prepared = { ways: [] };
	way: Way | undefined;
	#running = new Set<Running>();
	#count = 0;

	constructor(contender: Contender, kit: Kit, bounds: Bounds) {
		this.contender = contender;
		this.kit = kit;
		this.bounds = bounds;
	}

	/** Finds it, makes it ready, and starts one container; sets `absence` where that cannot be. @throws the signal's reason */
	async open(): Promise<void> {
		const { contender, kit } = this;
		const gone = contender.programs.find((program) => kit.find(program) === undefined);
		const elsewhere = gone === undefined ? undefined : contender.elsewhere?.(kit);
		if (gone !== undefined && !elsewhere) {
			this.absence = contender.packages === '–' ? absent('noPackage') : absent('missing', { packages: contender.packages });
			return;
		}
		try {
			const ask = elsewhere ?? [contender.programs[0] ?? '', ...contender.versionArgs];
			const said = await kit.call(ask, { seconds: this.bounds.version });
			this.version = contender.version.exec(said)?.[1];
			if (this.version === undefined) {
				this.absence = absent('rubbish', {}, said.trim().split('\n')[0]?.slice(0, 200));
				return;
			}
		} catch (error) {
			kit.signal.throwIfAborted();
			this.absence = absenceOf(error, contender.daemons.length > 0 ? 'away' : 'rubbish', this.bounds.version);
			return;
		}
		if (contender.least !== undefined && !isAtLeast(this.version, contender.least)) {
			this.absence = absent('tooOld', { has: this.version, least: contender.least });
			return;
		}
		await this.#firstStart();
	}

	async #firstStart(): Promise<void> {
		try {
			mkdirSync(this.work, { recursive: true });
			// Whoever the main process is may write there.
			chmodSync(this.work, 0o777);
			this.prepared = await this.contender.prepare(this.kit);
		} catch (error) {
			this.kit.signal.throwIfAborted();
			this.absence = absenceOf(error, 'noStart', this.bounds.start);
			return;
		}
		for (const way of this.prepared.ways) {
			try {
				await this.end(await this.start({ way }));
				this.way = way;
				this.absence = undefined;
				return;
			} catch (error) {
				this.kit.signal.throwIfAborted();
				// What the first way said: the others are for machines that refuse it.
				this.absence ??= absenceOf(error, 'noStart', this.bounds.start);
				if (error instanceof Refused && error.hung) return;
			}
		}
	}

	/** Folder that its containers have at /mnt. */
	get work(): string {
		return join(this.kit.folder, 'work');
	}

	/** A container that is to be. @param root another root file system */
	place(root = this.kit.files.folder): Place {
		const name = `ec-${this.kit.run}-${randomBytes(3).toString('hex')}-${this.#count++}`;
		return { name, root, work: this.work, folder: join(this.kit.folder, name), command: ['/bin/sh', '-s', name] };
	}

	/** @throws Refused; the signal's reason */
	async start({
		way = this.way,
		...more
	}: {
		way?: Way | undefined;
		place?: Place;
		before?: readonly string[];
		env?: NodeJS.ProcessEnv;
	} = {}): Promise<Running> {
		if (!way) throw new Refused('it has no way to start');
		const running = await Running.start({ way, place: this.place(), seconds: this.bounds.start, signal: this.kit.signal, ...more });
		this.#running.add(running);
		return running;
	}

	async end(running: Running): Promise<void> {
		await running.end();
		this.#running.delete(running);
	}

	/** With a container that ends afterwards. */
	async with<T>(work: (running: Running) => Promise<T>): Promise<T> {
		const running = await this.start();
		try {
			return await work(running);
		} finally {
			await this.end(running);
		}
	}

	/** Ends whatever is left of it. Idempotent; never fails. */
	async close(): Promise<void> {
		await Promise.all([...this.#running].map((running) => this.end(running)));
		await this.prepared.close?.().catch(() => undefined);
	}
}

/** Cells of one row by contender, one after the other; what a contender refuses is its own cell's reason. @throws the signal's reason */
export async function cellsOf(
	trials: readonly Trial[],
	otherwise: ReasonKey,
	work: (trial: Trial) => Promise<Cell>,
): Promise<Record<string, Cell>> {
	const cells: Record<string, Cell> = {};
	for (const trial of trials) {
		try {
			cells[trial.contender.id] = await work(trial);
		} catch (error) {
			trial.kit.signal.throwIfAborted();
			cells[trial.contender.id] = absenceOf(error, otherwise, trial.bounds.work);
		}
	}
	return cells;
}
