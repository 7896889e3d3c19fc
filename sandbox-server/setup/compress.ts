/** Compressed copies (.br, .gz) beside the site's text files, so that the server compresses nothing while learners wait. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const worthwhile = new Set(['.html', '.css', '.js', '.mjs', '.svg', '.json', '.xml', '.txt', '.webmanifest', '.cast']);
/** Below this many bytes a response is one packet anyway. */
const smallest = 1024;
/** Of 11: the last two cost ten times as much for some per cent. */
const brotliQuality = 9;

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** @returns how many files got compressed copies */
export async function compressFolder(folder: string): Promise<number> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const files = entries
		.filter((entry) => entry.isFile() && worthwhile.has(extname(entry.name)))
		.map((entry) => join(entry.parentPath, entry.name));
	let count = 0;
	const worker = async (): Promise<void> => {
		for (let file = files.pop(); file !== undefined; file = files.pop()) {
			const bytes = await readFile(file);
			if (bytes.length < smallest) continue;
			const [br, gz] = await Promise.all([
				brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
				gzipped(bytes, { level: 9 }),
			]);
			if (Math.min(br.length, gz.length) > bytes.length * 0.95) continue;
			await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)]);
			count++;
		}
	};
	await Promise.all(Array.from({ length: availableParallelism() }, worker));
	return count;
}
