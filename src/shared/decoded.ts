/** The text that stands percent-encoded in an address. @returns undefined when it is broken, such as "50%" */
export function decoded(text: string): string | undefined {
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}
