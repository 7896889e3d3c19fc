/** The log: a line of JSON for each event, on standard error, where the cluster collects it. */

export type Log = (level: 'info' | 'warn', what: string, details?: Record<string, unknown>) => void;

/** Writes to standard error. */
export const standardLog: Log = (level, what, details) => {
	process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, msg: what, ...details })}\n`);
};

/** What an error says; without its trace, which would say nothing to an operator. */
export function wordsOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
