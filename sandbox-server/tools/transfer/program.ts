/** Établi itself: the files that it consists of, its Node.js and npm's packages, for a machine that can fetch nothing. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Lock } from '../../setup/dependencies.ts';
import { Failure } from '../../setup/failure.ts';
import { root } from '../../setup/paths.ts';
import { runOk } from '../../setup/run.ts';
import { hashInputs } from '../../setup/stamps.ts';
import { bringNode, nodeLicence } from './notices.ts';

/** What decides how Établi behaves. */
const working = [
	'etabli',
	'package.json',
	'package-lock.json',
	'tsconfig.json',
	'astro.config.mjs',
	'ec.config.mjs',
	'src',
	'public',
	'sandbox-server',
];
/** What a person wants to find beside it. */
const beside = ['README.md', 'LICENSE', 'docs', 'courses/LICENSE'];
const except = ['node_modules', '.DS_Store'];

/** Where the launcher looks for what it has to unpack before anything can run. */
export const packedName = '.etabli/packed.tar.gz';

/** Changes whenever a file of the program does. */
export const programHash = (): string => hashInputs({ root, paths: working.map((name) => join(root, name)), except });

/** Paths of the program's files, relative to the checkout; symbolic links are none of it. */
export function programFiles(): string[] {
	return [...working, ...beside].flatMap((name) => {
		const path = join(root, name);
		if (!existsSync(path)) return [];
		if (!statSync(path).isDirectory()) return [name];
		return readdirSync(path, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
			.filter((file) => !file.split('/').some((part) => except.includes(part)));
	});
}

/**
 * Node.js and the packages that serving needs, as `packedName` holds them: `node/` for .etabli/, `node_modules/` for the checkout.
 * @param work an empty folder, of which nothing is needed afterwards but the file that is returned
 * @throws Failure when this machine's Node.js cannot be taken along
 */
export async function packRuntime(work: string, signal: AbortSignal | undefined): Promise<string> {
	const packed = join(work, 'packed.tar.gz');
	const node = join(work, 'node/node_modules/node/bin/node');
	mkdirSync(dirname(node), { recursive: true });
	const own = portableNode();
	cpSync(own, node, { dereference: true });
	// Where it is looked for when the other machine exports in its turn.
	writeFileSync(join(work, 'node/node_modules/node/LICENSE'), nodeLicence(own));
	const { lock, serving } = installedPackages();
	const development = Object.keys(lock.packages).filter((path) => !serving.includes(path));
	const kept = Object.fromEntries(serving.map((path) => [path, lock.packages[path]]));
	writeFileSync(join(work, 'kept.json'), JSON.stringify({ ...lock, packages: kept }));
	const left = [lockFile.slice(root.length + 1), 'node_modules/.cache', 'node_modules/.vite', 'node_modules/.astro', ...development];
	const list = join(work, 'left-out');
	writeFileSync(list, left.map((path) => `${path}\n`).join(''));
	// tar and gzip unpack it on the other machine, before any Node.js is there.
	await runOk(
		'tar',
		[
			...['-czf', packed, '--no-wildcards', '--anchored', '-X', list],
			// npm's own list of what is installed stands as what is taken along.
			'--transform=s,^kept\\.json$,node_modules/.package-lock.json,',
			...['-C', root, 'node_modules', '-C', work, 'node', 'kept.json'],
		],
		{ signal },
	);
	return packed;
}

const lockFile = join(root, 'node_modules/.package-lock.json');

/** npm's list of what is installed, and which of it serving needs: the checkout's own list says so, what is installed may be older. */
function installedPackages(): { lock: { packages: Lock }; serving: string[] } {
	const lock = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: Lock };
	const wanted = (JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Lock }).packages;
	return { lock, serving: Object.keys(lock.packages).filter((path) => wanted[path] !== undefined && !wanted[path].dev) };
}

/** What goes along that is other people's: paths of packages, and of the Node.js. @throws Failure as `packRuntime` */
export const takenAlong = (): { packages: string[]; node: string } => ({ packages: installedPackages().serving, node: portableNode() });

/** A distribution's Node.js is a small file that needs its libraries; those of nodejs.org and of npm carry everything. */
function portableNode(): string {
	const own = join(root, '.etabli/node/node_modules/node/bin/node');
	const found = [own, process.execPath].find((path) => existsSync(path) && statSync(path).size > 40 * 2 ** 20);
	if (found !== undefined) return found;
	throw new Failure(`The Node.js of this machine (${process.execPath}) needs libraries of its distribution: it cannot be taken along.`, {
		hint: bringNode,
	});
}
