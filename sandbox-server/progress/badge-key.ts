/** The key that signs badges; losing it makes older badges unverifiable. */
import { lazySigningKey, newSigningKey, readSigningKey, type SigningKey, signingAlgorithm } from '../platform/signing-key.ts';

export const badgeAlgorithm = signingAlgorithm;
export type BadgeKey = SigningKey;

const lost = 'is no key for badges: remove it (older badges can then no longer be verified), or restore a copy.';

/** One that nothing keeps, for tests. */
export const newBadgeKey = (): Promise<BadgeKey> => newSigningKey();

/** @throws Error when the file holds no key, or cannot be read or made */
export const readBadgeKey = (path: string): Promise<BadgeKey> => readSigningKey(path, lost);

/** Asks once, when it is needed; again when that failed. */
export const lazyBadgeKey = (path: string): (() => Promise<BadgeKey>) => lazySigningKey(path, lost);
