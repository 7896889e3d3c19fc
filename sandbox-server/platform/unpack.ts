/** Unpacking an archive that comes as a stream, by tar. */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * tar is done at the archive's end mark and would leave the padding behind it unread; whoever sends that would fail at a pipe that is closed
 * ("Premature close"), although all is there. So it is read to its end.
 */
const script = 'tar -x -f - "$@" && cat >/dev/null';

interface Unpacking {
	/** Where to; it exists. */
	folder: string;
	/** More arguments of tar. */
	args?: readonly string[];
	signal?: AbortSignal | undefined;
}

/** @throws Error with tar's words, or that the sender broke off; what the stream fails with; the signal's reason */
export async function unpack(archive: Readable, { folder, args = [], signal }: Unpacking): Promise<void> {
	const tar = spawn('sh', ['-c', script, 'sh', '-C', folder, ...args], { stdio: ['pipe', 'ignore', 'pipe'], signal });
	let complaint = '';
	tar.stderr.on('data', (text: Buffer) => (complaint = (complaint + text.toString('utf8')).slice(-500)));
	const ended = new Promise<void>((resolve, reject) => {
		tar.once('error', reject);
		tar.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`tar ended with ${code}: ${complaint.trim()}`))));
	});
	const [piped, unpacked] = await Promise.allSettled([pipeline(archive, tar.stdin), ended]);
	// What failed is told, not what failed in its wake.
	if (piped.status === 'rejected' && hasCode(piped.reason, 'ECONNRESET'))
		throw new Error('whoever sent the archive broke off before its end', { cause: piped.reason });
	if (piped.status === 'rejected' && !isWake(piped.reason)) throw piped.reason;
	if (unpacked.status === 'rejected') throw unpacked.reason;
	if (piped.status === 'rejected') throw piped.reason;
}

/** The other end of the pipe had gone. */
function isWake(error: unknown): boolean {
	return hasCode(error, 'EPIPE') || hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE');
}

function hasCode(error: unknown, code: string): boolean {
	return error instanceof Error && 'code' in error && error.code === code;
}
