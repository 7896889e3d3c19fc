/** The files of an archive that are no part of the program: the built site, guest files, stamps, courses. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join, normalize, posix } from 'node:path';
import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { visibleLine } from '../../../src/shared/visible.ts';
import { fileFolders } from './format.ts';

export interface Branch {
	/** Where it stands in the archive: "courses/tp-apptainer". */
	as: string;
	path: string;
	/** Names that are left out, wherever they are. */
	except?: readonly string[];
	/** More files: name → text. */
	extra?: Readonly<Record<string, string>>;
}

/** A link or a path that leads outside, or something that is neither file, folder nor link. The message ends a sentence. */
export class Outside extends Error {
	override readonly name = 'Outside';
}

interface Found {
	name: string;
	path: string;
}

/** @returns everything in the branches, parents first @throws Outside for a link that leads out of its branch */
function list(branches: readonly Branch[]): Found[] {
	return branches.flatMap(({ as, path, except = [] }) => {
		const found: Found[] = [{ name: as, path }];
		const walk = (folder: string, name: string): void => {
			for (const each of readdirSync(folder).sort()) {
				if (except.includes(each)) continue;
				const one = { name: `${name}/${each}`, path: join(folder, each) };
				found.push(one);
				if (lstatSync(one.path).isDirectory()) walk(one.path, one.name);
			}
		};
		walk(path, as);
		return found;
	});
}

/** Bytes of all files. */
export function sizeOf(branches: readonly Branch[]): number {
	return list(branches).reduce((sum, { path }) => sum + lstatSync(path).size, 0);
}

/** @returns a tar stream of the branches @throws Outside in the stream */
export function packFiles(branches: readonly Branch[]): Readable {
	const tar = pack();
	const add = (header: Parameters<typeof tar.entry>[0], content = Buffer.alloc(0)): Promise<void> =>
		new Promise((resolve, reject) => {
			tar.entry({ mtime: new Date(0), ...header }, content, (error) => (error ? reject(error) : resolve()));
		});
	const all = async (): Promise<void> => {
		for (const { name, path } of list(branches)) {
			const stat = lstatSync(path);
			if (stat.isDirectory()) await add({ name, type: 'directory', mode: 0o755 });
			else if (stat.isSymbolicLink()) {
				const linkname = readlinkSync(path);
				if (!staysInside(name, linkname)) throw new Outside(`the link ${path} leads to ${linkname}, which would not be taken along`);
				await add({ name, type: 'symlink', linkname });
			} else if (stat.isFile()) await add({ name, mode: stat.mode & 0o100 ? 0o755 : 0o644 }, readFileSync(path));
			else throw new Outside(`${path} is neither a file nor a folder`);
		}
		for (const { as, extra = {} } of branches)
			for (const [name, text] of Object.entries(extra)) await add({ name: `${as}/${name}`, mode: 0o644 }, Buffer.from(text));
		tar.finalize();
	};
	all().catch((error: unknown) => tar.destroy(error as Error));
	return Readable.from(tar);
}

/**
 * Unpacks what packFiles has packed.
 * @param folder empty; nothing is written outside of it, whatever the archive says
 * @param most bytes of all files
 * @throws Outside
 */
export async function unpackFiles(source: AsyncIterable<Buffer>, folder: string, most = Number.POSITIVE_INFINITY): Promise<void> {
	let left = most;
	const tar = extract();
	const fed = feed(source, tar);
	const seen = new Set<string>();
	const links = new Set<string>();
	for await (const entry of tar) {
		const { type, linkname, mode = 0o644 } = entry.header;
		const name = entry.header.name.replace(/\/$/, '');
		if (!isPlain(name)) throw new Outside(`it names a place outside itself: ${show(name)}`);
		if (seen.has(name)) throw new Outside(`it has two files of one name: ${show(name)}`);
		for (let parent = posix.dirname(name); parent !== '.'; parent = posix.dirname(parent)) {
			if (links.has(parent)) throw new Outside(`it would write through a link: ${show(name)}`);
		}
		seen.add(name);
		const path = join(folder, name);
		mkdirSync(dirname(path), { recursive: true });
		if (type === 'directory') mkdirSync(path, { recursive: true });
		else if (type === 'symlink') {
			if (!linkname || !staysInside(name, linkname)) throw new Outside(`a link leads outside: ${show(name)} → ${show(linkname ?? '')}`);
			links.add(name);
			symlinkSync(linkname, path);
		} else if (type === 'file') {
			const file = await open(path, 'wx', mode & 0o100 ? 0o755 : 0o644);
			try {
				for await (const chunk of entry as AsyncIterable<Buffer>) {
					left -= chunk.length;
					if (left < 0) throw new Outside(`it holds more than the ${most} bytes of files that it says`);
					await file.write(chunk);
				}
			} finally {
				await file.close();
			}
		} else throw new Outside(`it holds something that is neither file nor folder: ${show(name)}`);
		entry.resume();
	}
	await fed;
}

/** Gives a stream to the reader; what goes wrong comes out of the reader. Ends early when nobody reads any more. */
export async function feed(source: AsyncIterable<Buffer>, tar: ReturnType<typeof extract>): Promise<void> {
	let wake: (() => void) | undefined;
	const goOn = (): void => wake?.();
	tar.on('drain', goOn);
	tar.on('close', goOn);
	try {
		for await (const chunk of source) {
			if (tar.destroyed) return;
			if (tar.write(chunk)) continue;
			const drained = new Promise<void>((resolve) => {
				wake = resolve;
			});
			if (!tar.destroyed) await drained;
		}
		tar.end(undefined);
	} catch (error) {
		tar.destroy(error as Error);
	}
}

/** A relative path in one of the folders of the archive, in its simplest form. */
function isPlain(name: string): boolean {
	return (
		name !== '' &&
		!name.includes('\0') &&
		!name.includes('\\') &&
		posix.normalize(name) === name &&
		!name.startsWith('/') &&
		!name.split('/').includes('..') &&
		(fileFolders as readonly string[]).includes(name.split('/')[0] ?? '')
	);
}

/** Does the link's target lie in the same branch: "site", "courses/tp-apptainer"? */
function staysInside(name: string, target: string): boolean {
	if (target.startsWith('/') || target.includes('\0')) return false;
	// What is gone down into may be another link, from which up is elsewhere: up comes first, or not at all.
	const parts = target.split('/').filter((part) => part !== '' && part !== '.');
	if (parts.lastIndexOf('..') > parts.findIndex((part) => part !== '..') && parts.some((part) => part !== '..')) return false;
	const branch = name
		.split('/')
		.slice(0, name.startsWith('courses/') ? 2 : 1)
		.join('/');
	const led = posix.normalize(posix.join(posix.dirname(name), normalize(target)));
	return led === branch || led.startsWith(`${branch}/`);
}

/** A name from a stranger's archive, fit for a terminal. */
export const show = (name: string): string => visibleLine(JSON.stringify(name.slice(0, 200)));
