/** What a server of a data folder, and who wants something of it, find in its folder. */
import { join } from 'node:path';

/** Of the running server; its note is the address. @returns the mark's path */
export function serverMark(runFolder: string): string {
	return join(runFolder, 'server.json');
}

/** There: the server is to end with its sandboxes, whatever its configuration keeps. @returns the mark's path */
export function endMark(runFolder: string): string {
	return join(runFolder, 'end');
}
