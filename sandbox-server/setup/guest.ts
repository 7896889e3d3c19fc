/**
 * What is mounted at /opt/etabli in every sandbox: the holder, shell settings, check helpers. Files are replaced one by one, by renaming:
 * running sandboxes keep theirs, and the folder, which is mounted, stays the same folder.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { holderFlags, holderFolder, holderSources } from '../guest/build.ts';
import { Failure } from './failure.ts';
import { type DataPaths, root } from './paths.ts';
import type { Progress, Step } from './progress.ts';
import { run, which } from './run.ts';
import { hashInputs, Stamps, writeAtomically } from './stamps.ts';

export interface GuestRequest {
	docker: Docker;
	paths: DataPaths;
	progress: Progress;
	/** Makes the image with a compiler; called only when this machine has none that does. */
	toolchain: () => Promise<string>;
	signal?: AbortSignal | undefined;
}

const source = join(root, 'sandbox-server/guest');
/** Texts that are mounted as they are. */
const guestTexts = ['bashrc', 'check.sh'];

/** @returns the guest folder @throws Failure with the compiler's words */
export async function ensureGuest(request: GuestRequest): Promise<string> {
	const { paths, progress } = request;
	const stamps = new Stamps(paths.stamps);
	const holder = join(paths.guest, 'holder');
	const hash = hashInputs({ root, paths: [holderFolder], texts: [...holderFlags, process.arch] });
	if (stamps.read('holder') !== hash || !existsSync(holder)) {
		await progress.step('Compiling the holder of the terminals', async (step) => {
			mkdirSync(paths.guest, { recursive: true });
			const draft = join(paths.data, `holder.${process.pid}.tmp`);
			try {
				const binary = (await compileHere(draft, step, request)) ?? (await compileInContainer(request, step));
				writeAtomically(holder, binary, 0o755);
			} finally {
				rmSync(draft, { force: true });
			}
			stamps.write('holder', hash);
		});
	}
	for (const name of guestTexts) {
		const text = readFileSync(join(source, name));
		const target = join(paths.guest, name);
		if (!existsSync(target) || !readFileSync(target).equals(text)) writeAtomically(target, text);
	}
	return paths.guest;
}

/** With this machine's compiler; undefined when it has none, or no C library to link statically with. */
async function compileHere(output: string, step: Step, request: GuestRequest): Promise<Buffer | undefined> {
	const compiler = which('cc');
	if (!compiler) return undefined;
	const result = await run(compiler, [...holderFlags, '-o', output, ...holderSources], {
		cwd: holderFolder,
		onLine: (line) => step.detail(line),
		signal: request.signal,
	});
	if (result.status === 0) return readFileSync(output);
	step.detail('this machine’s compiler does not do; one in a container is used');
	return undefined;
}

/** In a container of our own; the binary comes back as an archive, so that nothing of the host is mounted. */
async function compileInContainer(request: GuestRequest, step: Step): Promise<Buffer> {
	const { docker } = request;
	const image = await request.toolchain();
	step.detail('compiling in a container');
	const container = await docker.createContainer({
		Image: image,
		Cmd: ['sh', '-c', `cd /src/holder && cc ${[...holderFlags, '-o', '/src/out', ...holderSources].join(' ')} 2>/src/log`],
		NetworkDisabled: true,
		Labels: { 'etabli.role': 'build' },
	});
	try {
		const sources = pack();
		for (const name of readdirSync(holderFolder)) sources.entry({ name: `src/holder/${name}` }, readFileSync(join(holderFolder, name)));
		sources.finalize();
		await container.putArchive(Readable.from(sources), { path: '/' });
		await container.start();
		const { StatusCode } = (await container.wait()) as { StatusCode: number };
		if (StatusCode !== 0) {
			const log = await fileOf(await container.getArchive({ path: '/src/log' }));
			throw new Failure(`The holder could not be compiled:\n${log.toString()}`, {
				hint: 'Were files of sandbox-server/guest/holder changed? git status tells.',
			});
		}
		return await fileOf(await container.getArchive({ path: '/src/out' }));
	} finally {
		await container.remove({ force: true, v: true });
	}
}

/** The first file of a tar archive. @throws when there is none */
async function fileOf(archive: NodeJS.ReadableStream): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of archive) chunks.push(Buffer.from(chunk));
	return firstFile(Buffer.concat(chunks));
}

/** A tar archive is blocks of 512 bytes: a header with name, size (octal, at 124) and kind (at 156), then the content, filled up. */
export function firstFile(archive: Buffer): Buffer {
	for (let at = 0; at + 512 <= archive.length; ) {
		const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8) || 0;
		// '0' and NUL are plain files; others are folders, links, or more about the entry that follows.
		if (['0', '\0'].includes(archive.toString('latin1', at + 156, at + 157)) && archive[at] !== 0)
			return archive.subarray(at + 512, at + 512 + size);
		at += 512 + Math.ceil(size / 512) * 512;
	}
	throw new Error('the archive has no file');
}
