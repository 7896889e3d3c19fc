/** Something that the person at the terminal can mend: what happened, and what to do. Never shown with a stack trace. */
export class Failure extends Error {
	override readonly name = 'Failure';
	/** What to do about it, a sentence or commands to type. */
	readonly hint: string | undefined;
	/** Exit status of the command. */
	readonly status: number;
	/** File with everything that was said, when there is one. */
	log: string | undefined;

	constructor(message: string, options: ErrorOptions & { hint?: string; status?: number; log?: string } = {}) {
		super(message, options);
		this.hint = options.hint;
		this.status = options.status ?? 1;
		this.log = options.log;
	}
}

/** The system's code of an error, such as ENOENT; undefined when it has none. */
export function codeOf(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * A Failure for errors of the file system that a person can do something about: full, read-only, not allowed.
 * @param doing what was being done, to end the sentence "could not …"
 * @returns the error itself when it is of another kind
 */
export function explainFileError(error: unknown, doing: string): unknown {
	switch (codeOf(error)) {
		case 'ENOSPC':
		case 'EDQUOT':
			return new Failure(`The disk is full: could not ${doing}.`, {
				hint: 'Free some space (df -h shows where), or choose another folder with --data, and run this again.',
				cause: error,
			});
		case 'EACCES':
		case 'EPERM':
		case 'EROFS':
			return new Failure(`Not allowed: could not ${doing}.`, {
				hint: 'Give yourself the right to write there, or choose another folder with --data.',
				cause: error,
			});
		case 'ENOENT':
			return new Failure(`That is no place for files: could not ${doing}.`, { hint: 'Choose another folder with --data.', cause: error });
		case 'ENOTDIR':
		case 'EEXIST':
			return new Failure(`Something else is in the way: could not ${doing}.`, {
				hint: 'Move that file away, or choose another folder with --data.',
				cause: error,
			});
		default:
			return error;
	}
}
