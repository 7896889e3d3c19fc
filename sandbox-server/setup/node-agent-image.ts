/**
 * The node agent's image: Debian, the Node that runs here, the files of its program and no others, the packages that it
 * imports as they lie in node_modules, and the guest folder. Nothing is fetched.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { ImageStore } from '../images/image-store.ts';
import { Failure } from './failure.ts';
import { buildImage, imageFolderHash } from './image-build.ts';
import { removeOld } from './images.ts';
import { root } from './paths.ts';
import type { Progress } from './progress.ts';

export interface NodeAgentImageRequest {
	store: ImageStore;
	/** Reference of Debian's image. */
	base: string;
	/** The guest folder, ready. */
	guest: string;
	/** Folder for large temporary files. */
	temporary: string;
	progress: Progress;
	signal?: AbortSignal | undefined;
}

const program = join(root, 'sandbox-server/node-agent/main.ts');
const name = 'etabli-node-agent';
const packages = ['@grpc/grpc-js', '@grpc/proto-loader'];

/** @returns its reference @throws Failure when it cannot be built */
export async function ensureNodeAgentImage(request: NodeAgentImageRequest): Promise<string> {
	const { store, base, guest, signal } = request;
	const folder = join(request.temporary, `node-agent-${process.pid}`);
	rmSync(folder, { recursive: true, force: true });
	try {
		gather(folder, guest);
		const reference = `${name}:${imageFolderHash(folder, [base])}`;
		if (await store.inspect(reference)) return reference;
		await request.progress.step('Node agent for Kubernetes', (step) =>
			buildImage({ images: store, from: { folder }, reference, args: { BASE: base }, network: 'engine', step, signal }),
		);
		await removeOld(store, name, reference);
		return reference;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function gather(folder: string, guest: string): void {
	const at = join(folder, 'etabli');
	const copy = (from: string, to: string): void => {
		mkdirSync(dirname(to), { recursive: true });
		cpSync(from, to, { recursive: true, dereference: true });
	};
	copy(join(root, 'sandbox-server/node-agent/image/Dockerfile'), join(folder, 'Dockerfile'));
	copy(nodeProgram(), join(at, 'node'));
	copy(guest, join(at, 'guest'));
	for (const file of filesOf(program)) copy(file, join(at, relative(root, file)));
	copy(join(root, 'sandbox-server/node-agent/protos'), join(at, 'sandbox-server/node-agent/protos'));
	copy(join(root, 'package.json'), join(at, 'package.json'));
	for (const path of packagePaths(packages)) copy(join(root, path), join(at, path));
}

/** npm's, where ./etabli has brought it; a distribution's own may need libraries that no image has. */
export function nodeProgram(): string {
	const brought = join(root, '.etabli/node/node_modules/node/bin/node');
	return existsSync(brought) ? brought : process.execPath;
}

/** A file of ours and all of ours that it imports. */
export function filesOf(file: string, found = new Set<string>()): Set<string> {
	if (found.has(file)) return found;
	found.add(file);
	for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s[^;]*?from '(\.[^']+)'/gms)) {
		filesOf(join(dirname(file), path), found);
	}
	return found;
}

/**
 * Folders of packages and of all that they need, from the checkout; as npm has laid them out, by its lock. Of what is optional (compiled parts, one for each
 * kind of machine), what is installed. @throws Failure when one is not there
 */
export function packagePaths(names: readonly string[]): string[] {
	const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
		packages: Record<string, { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }>;
	};
	const found = new Set<string>();
	const add = (name: string, from: string, optional = false): void => {
		for (let above = from; ; above = above.slice(0, Math.max(0, above.lastIndexOf('/node_modules/')))) {
			const path = `${above && `${above}/`}node_modules/${name}`;
			const entry = lock.packages[path];
			if (entry) {
				if (found.has(path) || (optional && !existsSync(join(root, path)))) return;
				found.add(path);
				for (const needed of Object.keys(entry.dependencies ?? {})) if (!needed.startsWith('@types/')) add(needed, path);
				for (const needed of Object.keys(entry.optionalDependencies ?? {})) add(needed, path, true);
				return;
			}
			if (!above && optional) return;
			if (!above) throw new Failure(`package-lock.json lacks ${name}.`, { hint: 'Type: npm install' });
		}
	};
	for (const name of names) add(name, '');
	// A package's folder holds those that only it needs.
	return [...found].filter((path) => ![...found].some((other) => path !== other && path.startsWith(`${other}/node_modules/`)));
}
