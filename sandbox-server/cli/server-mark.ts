/** Mark of the running server of a data folder; its note is the address. */
import { join } from 'node:path';

export function serverMark(runFolder: string): string {
	return join(runFolder, 'server.json');
}
