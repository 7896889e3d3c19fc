/** Files that the blocks of a lesson put in place: looked at and written in the learner's sandbox, in the lesson's folder, as the learner. */
import { createHash } from 'node:crypto';
import type { FileReport } from '../../src/shared/api.ts';
import { type ErrorCode, PublicError } from '../../src/shared/errors.ts';
import type { Language } from '../../src/shared/language.ts';
import { filePathFault, maxFileBytes } from '../../src/shared/placed-file.ts';
import type { ScriptPlace } from '../checks/check-service.ts';
import { Semaphore } from '../checks/semaphore.ts';
import type { ScriptResult } from '../holder/holder.ts';
import type { Files } from '../http/deps.ts';
import type { LearnerRow } from '../store/store.ts';
import { ends, lookScript, writeScript } from './scripts.ts';

/** Both scripts take some hundredths of a second. */
const timeLimitMs = 10_000;
/** Base64 makes four bytes of three. */
const outputLimit = maxFileBytes * 1.5;
/** Scripts at once over all learners; one learner has one, and so many wait. */
const parallel = 8;
const maxWaiting = 4;

export interface FileDeps {
	place: Pick<ScriptPlace, 'runScript'>;
	/** A file has been put in place or taken away: a step may be done. */
	onWritten: (learner: LearnerRow, course: string, lesson: string) => void;
	log: { warn(detail: object, message: string): void };
}

export class FileService implements Files {
	readonly #deps: FileDeps;
	readonly #semaphore = new Semaphore(parallel, 1);

	constructor(deps: FileDeps) {
		this.#deps = deps;
	}

	async look(learner: LearnerRow, course: string, lesson: string, path: string, language: Language): Promise<FileReport> {
		const { stdout } = await this.#run({ learner, course, lesson, path, language }, 'look at', lookScript, '', {
			LARGEST: String(maxFileBytes),
		});
		if (stdout === '') return { path, text: null, mark: markOf(null) };
		const bytes = Buffer.from(stdout.slice(1), 'base64');
		const text = textOf(bytes);
		if (text === undefined) throw new PublicError('file-binary', path, { values: { path } });
		return { path, text, mark: markOf(bytes) };
	}

	async write(
		learner: LearnerRow,
		course: string,
		lesson: string,
		{ path, text, mark }: FileReport,
		language: Language,
	): Promise<FileReport> {
		const values = { path };
		if (Buffer.byteLength(text ?? '') > maxFileBytes) throw new PublicError('file-large', path, { values });
		if (text?.includes('\0')) throw new PublicError('file-binary', path, { values });
		const env = { MARK: mark, REMOVE: text === null ? '1' : '0' };
		await this.#run({ learner, course, lesson, path, language }, 'write', writeScript, text ?? '', env);
		this.#deps.onWritten(learner, course, lesson);
		return { path, text, mark: markOf(text) };
	}

	async #run(
		{ learner, course, lesson, path, language }: { learner: LearnerRow; course: string; lesson: string; path: string; language: Language },
		what: string,
		script: string,
		stdin: string,
		env: Record<string, string>,
	): Promise<ScriptResult> {
		if (filePathFault(path) !== undefined) throw new PublicError('file-outside', path);
		if (this.#semaphore.waiting(learner.id) >= maxWaiting) throw new PublicError('too-many', 'files of one learner');
		const request = {
			name: `${what} file`,
			script,
			env: { ...env, FILE: path, ETABLI_LANG: language },
			stdin: Buffer.from(stdin),
			timeLimitMs,
			outputLimit,
		};
		const result = await this.#semaphore.run(() => this.#deps.place.runScript(learner, course, lesson, request), learner.id);
		if (result.outcome === 'exited' && result.code === 0) return result;
		const code = result.outcome === 'exited' ? codes.get(result.code) : result.outcome === 'not-started' ? 'processes-full' : undefined;
		if (code) throw new PublicError(code, `${what} ${path}`, { values: { path } });
		this.#deps.log.warn({ course, lesson, path, ...result, stdout: '' }, 'a file could not be looked at or written');
		throw new PublicError('internal', `${what} ${path}: ${result.outcome} ${result.code}`);
	}
}

const codes = new Map<number, ErrorCode>([
	[ends.outside, 'file-outside'],
	[ends.link, 'file-link'],
	[ends.folder, 'file-folder'],
	[ends.special, 'file-special'],
	[ends.large, 'file-large'],
	[ends.forbidden, 'file-forbidden'],
	[ends.full, 'file-full'],
	[ends.changed, 'file-changed'],
]);

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
