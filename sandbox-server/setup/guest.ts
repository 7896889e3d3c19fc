/**
 * What is mounted at /opt/etabli in every sandbox: the agent, shell settings, check helpers. Files are replaced one by one, by renaming:
 * running sandboxes keep theirs, and the folder, which is mounted, stays the same folder.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { agentFlags, agentFolder, agentSources } from '../guest/build.ts';
import { type ImageStore, RunFailed } from '../images/image-store.ts';
import { Failure } from './failure.ts';
import { type DataPaths, dataPaths, root } from './paths.ts';
import type { Progress, Step } from './progress.ts';
import { run, which } from './run.ts';
import { hashInputs, Stamps, writeAtomically } from './stamps.ts';

export interface GuestRequest {
	images: ImageStore;
	paths: DataPaths;
	progress: Progress;
	/** Makes the image with a compiler; called only when this machine has none that does. */
	toolchain: () => Promise<string>;
	signal?: AbortSignal | undefined;
}

const source = join(root, 'sandbox-server/guest');
/** Texts that are mounted as they are. */
const guestTexts = ['bashrc', 'marks.bash', 'check.sh', 'cluster-ssh', 'cluster-view'];
/** Programs that are. */
const guestScripts = ['cluster'];

/** @returns the guest folder @throws Failure with the compiler's words */
export async function ensureGuest(request: GuestRequest): Promise<string> {
	const { paths, progress } = request;
	const stamps = new Stamps(paths.stamps);
	const agent = join(paths.guest, 'agent');
	const hash = hashInputs({ root, paths: [agentFolder], texts: [...agentFlags, process.arch] });
	if (stamps.read('agent') !== hash || !existsSync(agent)) {
		await progress.step('Compiling the agent of the terminals', async (step) => {
			mkdirSync(paths.guest, { recursive: true });
			const draft = join(paths.data, `agent.${process.pid}.tmp`);
			try {
				const binary = ofTheCheckout(hash) ?? (await compileHere(draft, step, request)) ?? (await compileInContainer(request, step));
				writeAtomically(agent, binary, 0o755);
			} finally {
				rmSync(draft, { force: true });
			}
			stamps.write('agent', hash);
		});
	}
	for (const name of [...guestTexts, ...guestScripts]) {
		const text = readFileSync(join(source, name));
		const target = join(paths.guest, name);
		if (!existsSync(target) || !readFileSync(target).equals(text)) writeAtomically(target, text);
		chmodSync(target, guestScripts.includes(name) ? 0o755 : 0o644);
	}
	// Learners are other users than the server, whatever its umask.
	chmodSync(agent, 0o755);
	chmodSync(paths.guest, 0o755);
	return paths.guest;
}

/** The very same that another command has compiled, or that came with an archive: it may be that nothing here can compile one. */
function ofTheCheckout(hash: string): Buffer | undefined {
	const usual = dataPaths(join(root, '.etabli'));
	const agent = join(usual.guest, 'agent');
	return new Stamps(usual.stamps).read('agent') === hash && existsSync(agent) ? readFileSync(agent) : undefined;
}

/** With this machine's compiler; undefined when it has none, or no C library to link statically with. */
async function compileHere(output: string, step: Step, request: GuestRequest): Promise<Buffer | undefined> {
	const compiler = which('cc');
	if (!compiler) return undefined;
	const result = await run(compiler, [...agentFlags, '-o', output, ...agentSources], {
		cwd: agentFolder,
		onLine: (line) => step.detail(line),
		signal: request.signal,
	});
	if (result.status === 0) return readFileSync(output);
	step.detail('this machine’s compiler does not do; one in a container is used');
	return undefined;
}

/** In a container: nothing of this machine is mounted in it. @throws Failure with the compiler's words */
async function compileInContainer({ images, toolchain }: GuestRequest, step: Step): Promise<Buffer> {
	const image = await toolchain();
	step.detail('compiling in a container');
	const sources = readdirSync(agentFolder).filter((name) => /\.[ch]$/.test(name));
	try {
		return await images.runOnce({
			image,
			command: ['sh', '-c', `cd /src/agent && cc ${[...agentFlags, '-o', '/src/out', ...agentSources].join(' ')} 2>/src/log`],
			files: Object.fromEntries(sources.map((name) => [`/src/agent/${name}`, readFileSync(join(agentFolder, name))])),
			result: '/src/out',
			log: '/src/log',
		});
	} catch (error) {
		if (!(error instanceof RunFailed)) throw error;
		throw new Failure(`The agent could not be compiled:\n${error.message}`, {
			hint: 'Were files of sandbox-server/guest/agent changed? git status tells.',
			cause: error,
		});
	}
}
