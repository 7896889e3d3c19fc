/**
 * Layers into a folder, and a folder into an archive, by tar as the root of a user namespace of one's own: owner of whatever the user owns,
 * it may also write to folders and read files that their modes close. All of it belongs to the user; who owned it in the layer is lost.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Every Linux has it (util-linux). */
const asRoot = ['unshare', '--user', '--map-root-user'];

interface Command {
	args: readonly string[];
	input?: Readable | undefined;
	signal?: AbortSignal | undefined;
}

/** @returns what it prints @throws Error with its words; the signal's reason */
async function runAsRoot({ args, input, signal }: Command): Promise<string> {
	const [program, ...rest] = [...asRoot, ...args] as [string, ...string[]];
	const child = spawn(program, rest, { stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'], signal, env: { ...process.env, LC_ALL: 'C' } });
	let printed = '';
	let complaint = '';
	child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
	child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-500)));
	if (input && child.stdin) {
		child.stdin.on('error', () => undefined); // Its end is told by 'close'.
		input.pipe(child.stdin);
	}
	const status = await new Promise<number | null>((resolve, reject) => {
		child.once('error', (error) => reject(signal?.aborted ? signal.reason : error));
		input?.once('error', reject);
		child.once('close', resolve);
	});
	if (status !== 0) throw new Error(`${args[0]} ended with ${status}: ${complaint.trim()}`);
	return printed;
}

/** Puts a layer over what is in the folder: files, and the marks by which it takes others away. @throws Error with tar's words */
export async function putLayer(layer: string, folder: string, signal?: AbortSignal): Promise<void> {
	const names = (await runAsRoot({ args: ['tar', '-t', '--quoting-style=escape', '-f', layer], signal })).split('\n').map(plainName);
	// Marks look for themselves.
	await refuseLeading(
		folder,
		names.filter((one) => !basename(one).startsWith('.wh.')),
		signal,
	);
	for (const name of names.filter((one) => basename(one).startsWith('.wh.'))) await takeAway(folder, name);
	// Devices cannot be made, and what stands in /dev of an image is not for a container.
	const not = ['.wh.*', '*/.wh.*'].map((pattern) => `--exclude=${pattern}`);
	const dev = ['dev/*', './dev/*'].map((pattern) => `--exclude=${pattern}`);
	// The folder as a mount of its own: a hard link in a layer cannot lead to a file beside it.
	const apart = ['unshare', '--mount', 'sh', '-c', 'mount --bind -- "$0" "$0" && exec "$@"', folder];
	const args = [
		...apart,
		'tar',
		'-x',
		'-f',
		layer,
		'-C',
		folder,
		'-p',
		'--no-same-owner',
		'--delay-directory-restore',
		...not,
		'--anchored',
		...dev,
	];
	await runAsRoot({ args, signal });
}

/** A member's name as it is, of tar's list. @throws Error for one with a line break: places in it could not be looked at */
function plainName(listed: string): string {
	const bytes = listed.replace(/\\([0-7]{3}|.)/g, (_all, sign: string) => {
		if (/^[a-z]$/.test(sign)) throw new Error(`a layer with a name that is not taken here: ${listed}`);
		return sign.length === 3 ? String.fromCharCode(Number.parseInt(sign, 8)) : sign;
	});
	return Buffer.from(bytes, 'latin1').toString();
}

/** A lower layer may have put a link where this one has a folder: tar would go through it. @throws Error when it leads out of the root */
async function refuseLeading(root: string, names: readonly string[], signal?: AbortSignal): Promise<void> {
	const places = [...new Set(names.map((name) => dirname(name)))].filter((place) => place !== '.');
	if (places.length === 0) return;
	const script = 'cd -P -- "$1"; { pwd -P; xargs -0 -r realpath -m --; }';
	const input = Readable.from([places.map((place) => `./${place}\0`).join('')]);
	const [top = '', ...found] = (await runAsRoot({ args: ['sh', '-ec', script, 'sh', root], input, signal })).trimEnd().split('\n');
	const astray = found.find((path) => path !== top && !path.startsWith(`${top}/`));
	if (astray !== undefined) throw new Error(`a layer that leads out of its image, to ${astray}`);
}

/** @param mark ".wh.NAME" beside what goes, or ".wh..wh..opq": all that lower layers have in that folder */
async function takeAway(root: string, mark: string): Promise<void> {
	const place = join('/', dirname(mark));
	if (place.split('/').includes('..')) throw new Error(`a layer that leads out of itself: ${mark}`);
	const name = basename(mark).slice('.wh.'.length);
	if (['', '.', '..'].includes(name) || (name.startsWith('.wh.') && name !== '.wh..opq')) return;
	// Through no link: it would lead to a file of this machine.
	const script =
		'root=$(realpath -- "$1"); cd -P "$root$2" 2>/dev/null && [ "$(pwd -P)" = "$root$2" ] || exit 0; if [ "$3" = .wh..opq ]; then find . -mindepth 1 -delete; else rm -rf -- "./$3"; fi';
	await runAsRoot({ args: ['sh', '-c', script, 'sh', root, place === '/' ? '' : place, name] });
}

/** Removes a folder whatever the modes in it. Idempotent. */
export async function removeTree(folder: string): Promise<void> {
	await rm(folder, { recursive: true, force: true }).catch(async () => {
		await runAsRoot({ args: ['rm', '-rf', '--', folder] });
	});
}

/** The folder as a tar archive in which all belongs to root. Ends with an error when tar does. */
export function archiveOf(folder: string, signal?: AbortSignal): Readable {
	const args = ['tar', '-c', '-C', folder, '--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--', ...readdirSync(folder)];
	const [program, ...rest] = [...asRoot, ...args] as [string, ...string[]];
	const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], signal });
	let complaint = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-500)));
	child.once('error', (error) => child.stdout.destroy(error));
	// Only an archive that is whole may look so.
	child.once('exit', (status) => {
		if (status !== 0) child.stdout.destroy(new Error(`tar ended with ${status}: ${complaint.trim()}`));
	});
	return child.stdout;
}

/** Paths with what changes when a file does: type, inode, time of its last change. One a line; names with line breaks are not known here. */
const listing = ['-printf', '%P\t%y %i %C@\n'];

async function listed(root: string, signal?: AbortSignal): Promise<Map<string, string>> {
	const text = await runAsRoot({ args: ['find', root, '-xdev', '-mindepth', '1', ...listing], signal });
	const lines = text.split('\n').filter((line) => line !== '');
	return new Map(lines.map((line): [string, string] => [line.slice(0, line.lastIndexOf('\t')), line.slice(line.lastIndexOf('\t') + 1)]));
}

/** Writes down what is there, for `changedSince`. */
export async function snapshot(root: string, file: string, signal?: AbortSignal): Promise<void> {
	writeFileSync(file, JSON.stringify([...(await listed(root, signal))]));
}

export interface Change {
	/** Relative to the root. */
	path: string;
	gone: boolean;
}

/** What is new, another, or gone since the snapshot. Of a folder that is gone, only itself. */
export async function changedSince(root: string, file: string, signal?: AbortSignal): Promise<Change[]> {
	const before = new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, string][]);
	const now = await listed(root, signal);
	const changed = [...now].filter(([path, sign]) => before.get(path) !== sign).map(([path]) => ({ path, gone: false }));
	const gone = [...before.keys()].filter((path) => !now.has(path)).sort();
	const above = (path: string) => !path.includes('/') || now.has(dirname(path));
	return [...changed, ...gone.filter(above).map((path) => ({ path, gone: true }))].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** @returns hash of the archive */
export async function writeLayer({
	root,
	changes,
	file,
	place,
	signal,
}: {
	root: string;
	changes: readonly Change[];
	file: string;
	/** Folder for files of this work. */
	place: string;
	signal?: AbortSignal;
}): Promise<string> {
	const marks = join(place, 'marks');
	mkdirSync(marks);
	const list = (wanted: readonly string[]): string => wanted.map((path) => `./${path}\0`).join('');
	const there = changes.filter(({ gone }) => !gone).map(({ path }) => path);
	const gone = changes.filter((change) => change.gone).map(({ path }) => join(dirname(path), `.wh.${basename(path)}`));
	for (const path of gone) {
		mkdirSync(join(marks, dirname(path)), { recursive: true });
		writeFileSync(join(marks, path), '');
	}
	writeFileSync(join(place, 'there'), list(there));
	writeFileSync(join(place, 'gone'), list(gone));
	const common = ['--no-recursion', '--owner=0', '--group=0', '--numeric-owner', '--null', '--verbatim-files-from'];
	await runAsRoot({
		args: ['tar', '-c', '-f', file, ...common, '-C', root, '-T', join(place, 'there'), '-C', marks, '-T', join(place, 'gone')],
		signal,
	});
	const hash = createHash('sha256');
	await pipeline(createReadStream(file), hash);
	return hash.digest('hex');
}

/** A path below the root, through no link that leads out of it. */
const within =
	'root=$(realpath -- "$1"); place=$(realpath -m -- "$root$2"); case $place/ in "$root"/*) ;; *) echo "$2 leads out of the image" >&2; exit 1 ;; esac; ';

/** Makes the folder, and those above it, in a root file system. @throws Error when a link leads out of it */
export async function makeFolderIn(root: string, path: string, signal?: AbortSignal): Promise<void> {
	await runAsRoot({ args: ['sh', '-c', `${within} mkdir -p -- "$place"`, 'sh', root, path], signal });
}

/** There is such a folder in the root file system. */
export async function hasFolder(root: string, path: string): Promise<boolean> {
	return (await runAsRoot({ args: ['sh', '-c', `${within} if [ -d "$place" ]; then echo yes; fi`, 'sh', root, path] })).trim() === 'yes';
}

/** As COPY does: of folders what is in them. @throws Error when a link leads out of the root */
export async function copyInto({
	from,
	sources,
	root,
	to,
	intoFolder,
	mode,
	signal,
}: {
	/** Folder that they are in: none is taken that a link leads to outside of it. */
	from: string;
	/** Absolute; may have a shell's patterns in their last part. */
	sources: readonly string[];
	root: string;
	/** In the root, absolute. */
	to: string;
	/** Files keep their names below `to`. */
	intoFolder: boolean;
	mode: string | undefined;
	signal?: AbortSignal;
}): Promise<void> {
	const script = `${within}
		into=$3 mode=$4 from=$(realpath -- "$5"); shift 5
		for source; do
			if [ -L "$source" ] && [ ! -d "$source" ]; then real=$(realpath -- "$(dirname -- "$source")"); else real=$(realpath -- "$source"); fi
			case $real/ in "$from"/*) ;; *) echo "COPY: a link leads out of the folder that is copied from, to $real" >&2; exit 1 ;; esac
			if [ -d "$source" ]; then mkdir -p -- "$place"; cp -a --remove-destination -- "$source/." "$place/"; target=$place
			elif [ "$into" = yes ]; then mkdir -p -- "$place"; cp -dp --remove-destination -- "$source" "$place/"; target=$place/$(basename -- "$source")
			else mkdir -p -- "$(dirname -- "$place")"; cp -dp --remove-destination -- "$source" "$place"; target=$place; fi
			if [ -n "$mode" ] && [ ! -L "$target" ]; then chmod -R -- "$mode" "$target"; fi
		done`;
	const all = sources.flatMap((source) => (/[*?[]/.test(source) ? globSync(source) : [source]));
	await runAsRoot({ args: ['sh', '-ec', script, 'sh', root, to, intoFolder ? 'yes' : 'no', mode ?? '', from, ...all], signal });
}
