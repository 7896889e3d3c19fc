/** Files of a lesson, for its blocks and for the editor: looked at and written in the learner's sandbox, in the lesson's folder, as the learner. */
import { createHash } from 'node:crypto';
import { filePathFault, maxFileBytes, maxFolderEntries, maxGlanced } from '../../src/shared/course/placed-file.ts';
import type { Language } from '../../src/shared/language.ts';
import type { FileReport, FilesReport } from '../../src/shared/protocol/api.ts';
import { Refusal, type RefusalCode } from '../../src/shared/protocol/refusals.ts';
import type { ScriptRequest, ScriptResult } from '../agent/agent.ts';
import type { Lab } from '../labs/lab.ts';
import type { LessonScripts } from '../labs/script-runner.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { Semaphore } from '../platform/semaphore.ts';
import { glanceLines, readGlance } from './glance.ts';
import type { Files, Glanced } from './ports.ts';
import { codeOf, glanceScript, lookScript, writeScript } from './scripts.ts';

/** Each script takes some hundredths of a second. */
const timeLimitMs = 10_000;
/** Base64 makes four bytes of three. */
const outputLimit = maxFileBytes * 1.5;
/** A name has at most 255 bytes; beside it stand its type and the sign of a record. */
const glanceLimit = maxGlanced * (maxFolderEntries + 2) * 260;
const largest = String(maxFileBytes);
/** Scripts at once over all learners; one learner has one, and so many wait. Who stops theirs keeps nobody else waiting for longer than this, ms. */
const parallel = 8;
const placeMs = 500;
const maxWaiting = 4;

export interface FileDeps {
	scripts: Pick<LessonScripts, 'runScript'>;
	/** A file has been put in place or taken away: a step may be done. */
	onWritten: (lab: Lab, lesson: string) => void;
	log: Pick<Log, 'warn'>;
	clock: Clock;
}

export class FileService implements Files {
	readonly #deps: FileDeps;
	readonly #semaphore: Semaphore;

	constructor(deps: FileDeps) {
		this.#deps = deps;
		this.#semaphore = new Semaphore({ places: parallel, share: 1, lent: { clock: deps.clock, ms: placeMs } });
	}

	async look(lab: Lab, lesson: string, path: string, language: Language): Promise<FileReport> {
		const values = { path };
		const { stdout } = await this.#runAt({ lab, lesson, path, language }, 'look at', lookScript, '', {});
		if (stdout === '') return { path, text: null, mark: markOf(null) };
		const bytes = Buffer.from(stdout.slice(1), 'base64');
		// It has grown while it was read.
		if (bytes.length > maxFileBytes) throw new Refusal('file-large', path, { values });
		const text = textOf(bytes);
		if (text === undefined) throw new Refusal('file-binary', path, { values });
		return { path, text, mark: markOf(bytes) };
	}

	async glance(lab: Lab, lesson: string, glanced: Glanced, language: Language): Promise<FilesReport> {
		const lines = glanceLines(glanced);
		if (lines === '') return readGlance('', glanced, language);
		const result = await this.#run(lab, lesson, {
			name: 'glance at files',
			script: glanceScript,
			env: { LARGEST: largest, MOST: String(maxFolderEntries), ETABLI_LANG: language },
			stdin: Buffer.from(lines),
			outputLimit: glanceLimit,
		});
		const path = glanced.folders[0] || glanced.files[0] || '.';
		if (result.outcome !== 'exited' || result.code !== 0) this.#refuse(result, { lab, lesson, path }, 'glance at');
		return readGlance(result.stdout, glanced, language);
	}

	async write(lab: Lab, lesson: string, { path, text, mark }: FileReport, language: Language): Promise<FileReport> {
		const values = { path };
		if (Buffer.byteLength(text ?? '') > maxFileBytes) throw new Refusal('file-large', path, { values });
		if (text?.includes('\0')) throw new Refusal('file-binary', path, { values });
		const env = { MARK: mark, REMOVE: text === null ? '1' : '0' };
		await this.#runAt({ lab, lesson, path, language }, 'write', writeScript, text ?? '', env);
		this.#deps.onWritten(lab, lesson);
		return { path, text, mark: markOf(text) };
	}

	/** Runs a script about one file. */
	async #runAt(
		{ lab, lesson, path, language }: { lab: Lab; lesson: string; path: string; language: Language },
		what: string,
		script: string,
		stdin: string,
		env: Record<string, string>,
	): Promise<ScriptResult> {
		if (filePathFault(path) !== undefined) throw new Refusal('file-outside', path, { values: { path } });
		const result = await this.#run(lab, lesson, {
			name: `${what} file`,
			script,
			env: { ...env, FILE: path, LARGEST: largest, ETABLI_LANG: language },
			stdin: Buffer.from(stdin),
			outputLimit,
		});
		if (result.outcome === 'exited' && result.code === 0) return result;
		return this.#refuse(result, { lab, lesson, path }, what);
	}

	async #run(lab: Lab, lesson: string, request: Omit<ScriptRequest, 'cwd' | 'timeLimitMs'>): Promise<ScriptResult> {
		if (this.#semaphore.waiting(lab.owner.id) >= maxWaiting) throw new Refusal('too-many', 'files of one learner');
		const work = () => this.#deps.scripts.runScript(lab, lesson, { ...request, timeLimitMs });
		return await this.#semaphore.run(work, lab.owner.id);
	}

	#refuse(result: ScriptResult, { lab, lesson, path }: { lab: Lab; lesson: string; path: string }, what: string): never {
		const code = result.outcome === 'exited' ? codeOf(result.code) : codeOfOutcome[result.outcome];
		if (code) throw new Refusal(code, `${what} ${path}`, { values: { path } });
		this.#deps.log.warn({ course: lab.course.slug, lesson, path, ...result, stdout: '' }, 'a file could not be looked at or written');
		throw new Refusal('internal', `${what} ${path}: ${result.outcome} ${result.code}`);
	}
}

/** What its learner can do to a script. */
const codeOfOutcome: Record<Exclude<ScriptResult['outcome'], 'exited'>, RefusalCode> = {
	signal: 'file-unanswered',
	'time-limit': 'file-unanswered',
	cancelled: 'file-unanswered',
	'output-limit': 'file-large',
	'not-started': 'processes-full',
};

const markOf = (content: string | Uint8Array | null) => (content === null ? 'none' : createHash('sha256').update(content).digest('hex'));

/** undefined: no text that a page could show. */
function textOf(bytes: Uint8Array): string | undefined {
	if (bytes.includes(0)) return undefined;
	try {
		// A byte-order mark is kept: what is shown is what is written again.
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		// Another encoding, or no text at all.
		return undefined;
	}
}
