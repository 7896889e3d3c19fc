/** This server's own key: it signs cookies, and values of parameters follow from it. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const secretBytes = 32;

/**
 * The key, from a file that only this user can read; made on the first start.
 * @throws Error when the file is too short to be a key, or cannot be read or made
 */
export async function readSecret(path: string): Promise<Buffer> {
	try {
		// "wx": two servers that start at once agree on the key of the first.
		await writeFile(path, randomBytes(secretBytes), { mode: 0o600, flag: 'wx', flush: true });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	}
	const secret = await readFile(path);
	if (secret.length < secretBytes) {
		throw new Error(`${path} is too short to be the key of the cookies: remove it (learners will start anew), or restore a copy.`);
	}
	return secret;
}
