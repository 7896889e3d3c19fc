/** The key by which platforms know this server: its public half is at /api/lti/keys. */
import { calculateJwkThumbprint, type JWK } from 'jose';
import { type SigningKey, signingAlgorithm } from '../platform/signing-key.ts';

/** After its path. */
export const lostToolKey = 'is no key for learning platforms: remove it (they will fetch the new one), or restore a copy.';

export const keyId = ({ told }: SigningKey): Promise<string> => calculateJwkThumbprint(told);

/** What platforms fetch. */
export async function keySet(key: SigningKey): Promise<{ keys: JWK[] }> {
	return { keys: [{ ...key.told, kid: await keyId(key), use: 'sig', alg: signingAlgorithm }] };
}
