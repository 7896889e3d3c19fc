/** Building one image, with a person in mind who reads what went wrong. */
import { BuildFailed, type BuildOrder, type ImageStore } from '../images/image-store.ts';
import { Failure } from './failure.ts';
import type { Step } from './progress.ts';
import { hashInputs } from './stamps.ts';

export type BuildRequest = Omit<BuildOrder, 'onLine'> & { images: ImageStore; step: Step };

/** 12 hexadecimal digits: what a folder contains, together with some texts. */
export function imageFolderHash(folder: string | undefined, texts: readonly string[]): string {
	return hashInputs({ root: folder ?? '/', paths: folder === undefined ? [] : [folder], texts }).slice(0, 12);
}

/** Builds and names. @throws Failure with the last lines of the build */
export async function buildImage({ images, step, args, ...order }: BuildRequest): Promise<void> {
	try {
		await images.build({ ...order, args: { ...proxies(), ...args }, onLine: (line) => step.detail(line) });
	} catch (error) {
		if (!(error instanceof BuildFailed)) throw error;
		const place = 'folder' in order.from ? ` from ${order.from.folder}` : '';
		const lines = error.message.split('\n').map((line) => `    ${line}`);
		throw new Failure(`The image ${order.reference} could not be built${place}:\n${lines.join('\n')}`, {
			hint: hintFor(error.message, order),
			cause: error,
		});
	}
}

const noNetwork =
	/temporary failure|could not (?:resolve|connect)|unable to (?:fetch|connect)|network is unreachable|connection (?:refused|timed out)|failed to create endpoint|no space left/i;

function hintFor(said: string, { network, from }: Pick<BuildOrder, 'network' | 'from'>): string {
	const again = 'run this again: finished layers are kept.';
	if (!noNetwork.test(said)) return `Mend the Dockerfile, then ${again}`;
	const look = `the mirror (--mirror URL) and the free disk space; then ${again}`;
	if (network === 'host') return `Check the network, ${look}`;
	const folder = 'folder' in from ? from.folder : 'DIR';
	return `A course from elsewhere is built without this machine's own network. If you trust its Dockerfiles with it, say so: --trust ${folder}. Else check the engine's network, ${look}`;
}

/** The operator's proxy settings, which builds need to reach the mirror. */
function proxies(): Record<string, string> {
	const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
	return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
