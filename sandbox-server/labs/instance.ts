/** The mark by which a server knows its sandboxes in the engine again; `etabli down` finds them by it too. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of a data folder: random, 12 hex digits, made with the folder when there is none yet. @throws Error of the file system */
export function readInstance(data: string): string {
	const path = join(data, 'instance');
	mkdirSync(data, { recursive: true });
	try {
		writeFileSync(path, `${randomBytes(6).toString('hex')}\n`, { flag: 'wx' });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	}
	const text = readFileSync(path, 'utf8').trim();
	if (!/^[0-9a-f]{12}$/.test(text))
		throw new Error(`${path} should hold 12 hexadecimal digits. Remove it; sandboxes that still run are then no longer found.`);
	return text;
}
