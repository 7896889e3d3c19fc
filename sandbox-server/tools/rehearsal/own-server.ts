/** Where lessons are played: on a server that runs already, or on one that is started and stopped for it. */
import { rmSync } from 'node:fs';
import type { Course } from '../../../src/shared/course/course.ts';
import { codeOf } from '../../../src/shared/protocol/access-link.ts';
import type { Server } from '../../app.ts';
import { usageStatus } from '../../cli/arguments.ts';
import { type ServeRequest, serve } from '../../cli/serve.ts';
import { serverMark } from '../../cli/server-mark.ts';
import type { ServerConfig } from '../../config.ts';
import { ensureEngine } from '../../setup/engine.ts';
import { Failure } from '../../setup/failure.ts';
import type { Asker } from '../../setup/packages.ts';
import type { DataPaths } from '../../setup/paths.ts';
import { type Machinery, prepareMachinery } from '../../setup/prepare.ts';
import { claim } from '../../setup/processes.ts';
import type { Progress } from '../../setup/progress.ts';

/** Words for what is done there. */
export interface Deed {
	/** "Lessons are being proved" */
	going: string;
	/** "Lessons are proved in real sandboxes" */
	needs: string;
	/** "Lessons cannot be proved" */
	cannot: string;
	/** Name of the command. */
	command: string;
}

export interface OwnServer extends Pick<ServeRequest, 'onCheckRun' | 'onSetupFailed'> {
	config: ServerConfig;
	paths: DataPaths;
	asker: Asker;
	courses: readonly Course[];
	progress: Progress;
	signal: AbortSignal;
	/** What sandboxes are made with, when it is there already. */
	machinery?: Machinery | undefined;
	deed: Deed;
}

/** @param use what is done with the server; it is stopped afterwards @throws Failure; the signal's reason */
export async function onOwnServer<T>(request: OwnServer, use: (address: string, server: Server) => Promise<T>): Promise<T> {
	const { config, paths, courses, progress, signal, deed, onCheckRun, onSetupFailed } = request;
	const mark = serverMark(paths.run);
	const other = claim(mark, '');
	if (other)
		throw new Failure(`${deed.going} in ${paths.data} already (process ${other.pid}).`, {
			hint: 'Wait for it, or give another folder: --data DIR.',
		});
	try {
		const machinery = request.machinery ?? (await findMachinery(request));
		const ended = new AbortController();
		let result: { value: T } | undefined;
		await serve({
			config,
			paths,
			prepared: { courses: [...courses], machinery, why: undefined, site: undefined },
			progress,
			signal: AbortSignal.any([signal, ended.signal]),
			mark,
			quiet: true,
			played: true,
			onCheckRun,
			onSetupFailed,
			beside: async (_request, address, server) => {
				result = { value: await use(address, server) };
				ended.abort(new Error('all is done'));
			},
		});
		signal.throwIfAborted();
		if (!result) throw new Error('the server ended before what it was started for');
		return result.value;
	} finally {
		rmSync(mark, { force: true });
	}
}

async function findMachinery({ config, paths, asker, progress, signal, courses, deed }: OwnServer): Promise<Machinery> {
	const preparation = { config, paths, asker, progress, signal };
	const { engine, why } = await ensureEngine({ ...preparation, url: config.engine, kubernetes: config.kubernetes });
	if (!engine) throw new Failure(`${deed.needs}, and there is no container engine.`, { hint: why ?? '' });
	return prepareMachinery(engine, [...courses], preparation);
}

/**
 * What was given with --address.
 * @returns a server that runs and has sandboxes, and the cookie that lets in where it asks for an access code (`#code=…` of the address)
 * @throws Failure
 */
export async function runningServer(
	address: string,
	{ cannot, command }: Pick<Deed, 'cannot' | 'command'>,
): Promise<{ url: URL; cookie: string | undefined }> {
	const url = URL.canParse(address) ? new URL(address) : undefined;
	if (!url || !/^https?:$/.test(url.protocol))
		throw new Failure(`--address is an address such as http://127.0.0.1:8080, not "${address}".`, { status: usageStatus });
	try {
		const cookie = await access(url);
		const response = await fetch(new URL('/api/session', url), { headers: { cookie: cookie ?? '' }, signal: AbortSignal.timeout(10_000) });
		const answer = (await response.json()) as { live?: boolean; code?: string };
		if (answer.code === 'access-code') throw new Error(`it asks for its access code: give it as ${url.origin}/#code=…`);
		if (answer.live !== true) throw new Error('it has no sandboxes: it serves the lessons for reading');
		return { url, cookie };
	} catch (error) {
		const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
		throw new Failure(`${cannot} at ${url.origin}: ${cause instanceof Error ? cause.message : String(cause)}.`, {
			hint: `Start it with ./etabli up, or leave out --address: then ${command} starts a server of its own.`,
			cause: error,
		});
	}
}

/** Gives the access code that the address has in it. @returns the cookie that lets in; undefined without a code @throws Error when it is wrong */
async function access(url: URL): Promise<string | undefined> {
	const code = codeOf(url);
	if (!code) return undefined;
	const response = await fetch(new URL('/api/access', url), {
		method: 'POST',
		headers: { 'content-type': 'application/json', origin: url.origin },
		body: JSON.stringify({ code }),
		signal: AbortSignal.timeout(10_000),
	});
	if (!response.ok) throw new Error(((await response.json()) as { message?: string }).message ?? `status ${response.status}`);
	return response.headers.getSetCookie()[0]?.split(';')[0];
}
