/** How large the disk of a folder is. */
import { statfsSync } from 'node:fs';

/** @returns bytes, in all and free for this process @throws Error of the file system */
export function diskOf(folder: string): { bytes: number; free: number } {
	const { blocks, bavail, bsize } = statfsSync(folder);
	return { bytes: blocks * bsize, free: bavail * bsize };
}
