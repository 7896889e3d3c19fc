/** No room on the disk of the data folder, as SQLite or the file system says it: what was to be stored is not, and nothing else is wrong. */
export function isDiskFull(error: unknown): boolean {
	const { errcode, code } = error instanceof Error ? (error as { errcode?: number; code?: string }) : {};
	return errcode === 13 || code === 'ENOSPC' || code === 'EDQUOT';
}
