/** Where a fault goes that nobody waits for, a timer's or an event handler's: a warning of the process, which the server writes into its log. */
export function warnOfFault(error: unknown): void {
	process.emitWarning(error instanceof Error ? error : String(error));
}
