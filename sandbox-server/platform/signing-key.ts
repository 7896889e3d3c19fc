/** Keys that sign what others verify: unlike the server's own key, their public half is told to everybody. */
import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';

/** Which every verifier knows. */
export const signingAlgorithm = 'RS256';

export interface SigningKey {
	sign: CryptoKey;
	/** The public half: kty, n, e. */
	told: JWK;
}

async function newKeyText(): Promise<string> {
	const { privateKey } = await generateKeyPair(signingAlgorithm, { modulusLength: 2048, extractable: true });
	return JSON.stringify(await exportJWK(privateKey));
}

async function keyOf(text: string): Promise<SigningKey> {
	const jwk = JSON.parse(text) as JWK;
	const { kty, n, e } = jwk;
	if (kty !== 'RSA' || n === undefined || e === undefined || jwk.d === undefined) throw new Error('it is no private RSA key');
	return { sign: (await importJWK(jwk, signingAlgorithm)) as CryptoKey, told: { kty, n, e } };
}

/** One that nothing keeps, for tests. */
export async function newSigningKey(): Promise<SigningKey> {
	return await keyOf(await newKeyText());
}

/** Whole at once, and of two at the same time the first: nobody reads half a key. */
async function makeKeyFile(path: string): Promise<void> {
	const whole = `${path}.${randomBytes(6).toString('hex')}`;
	try {
		await writeFile(whole, await newKeyText(), { mode: 0o600, flag: 'wx', flush: true });
		await link(whole, path).catch((error: NodeJS.ErrnoException) => {
			if (error.code !== 'EEXIST') throw error;
		});
	} finally {
		await rm(whole, { force: true });
	}
}

/**
 * The key, from a file that only this user can read; made when it is first asked for.
 * @param lost what is lost with it, as a sentence goes on after its path
 * @throws Error when the file holds no key, or cannot be read or made
 */
export async function readSigningKey(path: string, lost: string): Promise<SigningKey> {
	const text = await readFile(path, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
		if (error.code !== 'ENOENT') throw error;
		await makeKeyFile(path);
		return await readFile(path, 'utf8');
	});
	try {
		return await keyOf(text);
	} catch (error) {
		throw new Error(`${path} ${lost}`, { cause: error });
	}
}

/** Asks once, when it is needed; again when that failed. */
export function lazySigningKey(path: string, lost: string): () => Promise<SigningKey> {
	let key: Promise<SigningKey> | undefined;
	return () => {
		key ??= readSigningKey(path, lost).catch((error: unknown) => {
			key = undefined;
			throw error;
		});
		return key;
	};
}
