/** Packed frames (protocol §2): a size, and output deflated once for all who look at a terminal. */
import { packedHeadBytes } from '../../shared/protocol/messages.ts';

const format = 'deflate-raw';

/** Browsers can since 2023. */
export function canUnpack(): boolean {
	try {
		return Boolean(new DecompressionStream(format));
	} catch {
		return false;
	}
}

/** @param frame a packed frame's bytes, after its head @throws TypeError when they are no such bytes */
export async function unpacked(frame: Uint8Array): Promise<Uint8Array> {
	const bytes = new Blob([frame.slice(packedHeadBytes)]).stream().pipeThrough(new DecompressionStream(format));
	return new Uint8Array(await new Response(bytes).arrayBuffer());
}
