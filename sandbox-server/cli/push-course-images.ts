/** The part of `push-images` that needs npm's packages. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ImageStore } from '../images/image-store.ts';
import { ensureBuilder } from '../setup/engine.ts';
import { Failure } from '../setup/failure.ts';
import { ensureImages } from '../setup/images.ts';
import { readCourses } from '../setup/prepare.ts';
import type { Progress } from '../setup/progress.ts';
import type { Arguments } from './arguments.ts';
import { asker } from './asker.ts';
import { configuration, openData } from './settings.ts';

export interface PushCommand {
	args: Arguments;
	/** Registry, and folders in it. */
	to: string;
	progress: Progress;
	signal: AbortSignal;
}

/** @returns exit status @throws Failure */
export async function pushCourseImages({ args, to, progress, signal }: PushCommand): Promise<number> {
	const config = configuration(args);
	const courses = readCourses(config.courses);
	const paths = openData(config.data, 'push-images', progress);
	const request = { paths, asker: asker(config.yes), progress, signal };
	const { engine, why } = await ensureBuilder({ ...request, url: config.engine, kubernetes: undefined });
	if (!engine) throw new Failure('Images are built by a container engine, and there is none.', { hint: why ?? '' });
	const store = engine.images;
	const temporary = join(config.data, 'tmp');
	const images = await ensureImages({ ...request, store, courses, trust: config.trust, mirror: config.mirror, temporary });
	const pushed: [string, string][] = [];
	for (const { slug } of courses) {
		const reference = images.courses[slug] ?? '';
		pushed.push([slug, await push(store, { reference, to, progress, signal })]);
	}
	process.stdout.write(
		`\nIn the file of --kubernetes:\n\nimages:\n${pushed.map(([slug, reference]) => `  ${slug}: ${reference}\n`).join('')}`,
	);
	return 0;
}

interface Pushed {
	reference: string;
	to: string;
	progress: Progress;
	signal: AbortSignal;
}

/** @returns its name in the registry @throws Failure with the registry's words */
async function push(store: ImageStore, { reference, to, progress, signal }: Pushed): Promise<string> {
	const target = `${to}/${reference}`;
	const host = to.split('/')[0] ?? '';
	await store.tag(reference, target);
	await progress.step(`Pushing ${target}`, async (step) => {
		try {
			await store.push(target, { login: loginOf(host, logins()), onLine: (line) => step.detail(line), signal });
		} catch (error) {
			signal.throwIfAborted();
			throw new Failure(`${target} could not be pushed: ${(error as Error).message}`, {
				hint: `Does the registry know you? docker login ${host}. One without TLS has to be among insecure-registries of the engine.`,
				cause: error,
			});
		} finally {
			await store.untag(target);
		}
	});
	return target;
}

/** Files in which `docker login` and `podman login` put what they were given. */
function logins(): string[] {
	const { DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR } = process.env;
	const files = [
		join(DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json'),
		REGISTRY_AUTH_FILE,
		XDG_RUNTIME_DIR && join(XDG_RUNTIME_DIR, 'containers/auth.json'),
	];
	return files.flatMap((file) => {
		try {
			return file ? [readFileSync(file, 'utf8')] : [];
		} catch {
			// Nobody has logged in so.
			return [];
		}
	});
}

/** @param texts of files with logins @returns undefined: none is known for that registry */
export function loginOf(host: string, texts: readonly string[]): { username: string; password: string } | undefined {
	for (const text of texts) {
		const { auths = {} } = JSON.parse(text) as { auths?: Record<string, { auth?: string }> };
		const auth = auths[host]?.auth ?? auths[`https://${host}`]?.auth;
		if (!auth) continue;
		const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
		return { username, password: password.join(':') };
	}
	return undefined;
}
