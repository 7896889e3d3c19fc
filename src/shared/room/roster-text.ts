/** Lists of names as files have them, read by the command line and by browsers alike. */

/** Bytes → text: UTF-8 with or without a mark, UTF-16 with one; what is no UTF-8 is taken for Windows-1252, which holds Latin-1. */
export function rosterText(bytes: Uint8Array): string {
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return new TextDecoder('windows-1252').decode(bytes);
	}
}
