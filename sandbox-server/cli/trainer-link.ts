/** The link that lets a trainer in, once. */
import { defaultLanguage } from '../../src/shared/language.ts';
import { pageAddress } from '../../src/shared/page-names.ts';

/** What stands after the # is sent to no server, and is in no log. @param address of the server, without a slash at its end */
export function trainerLink(address: string, secret: string): string {
	return `${address}${pageAddress('rooms', defaultLanguage)}#enter=${secret}`;
}
