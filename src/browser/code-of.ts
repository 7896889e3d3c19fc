/** The code that stands behind the "#" of an address: no log has what stands there. */
import { decoded } from '../shared/decoded.ts';

/**
 * @param hash as in `location.hash`
 * @returns the code, as it is when it is not well encoded; '' when there is none: what begins with "_" are places of the page, such as the
 * skip link's
 */
export function codeOf(hash: string): string {
	const text = hash.slice(1);
	return text.startsWith('_') ? '' : (decoded(text) ?? text);
}
