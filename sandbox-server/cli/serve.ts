/** The part of `up` that needs npm's packages: configuration → prepared machine → running server → tidy end. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createServer, type Server } from '../app.ts';
import type { Judged } from '../checks/check-service.ts';
import type { ServerConfig } from '../config.ts';
import { createLogger } from '../log.ts';
import { LogFile } from '../log-file.ts';
import type { SetupFault } from '../sandboxes/deps.ts';
import { releaseEngine } from '../setup/engine.ts';
import { Failure } from '../setup/failure.ts';
import { type DataPaths, root } from '../setup/paths.ts';
import { checkPort, checkSpace, explainListenError } from '../setup/preflight.ts';
import { type Prepared, prepare, prepareBench } from '../setup/prepare.ts';
import { claim, markProcess } from '../setup/processes.ts';
import type { Progress } from '../setup/progress.ts';
import { StoreUnusable } from '../store/migrations.ts';
import type { Arguments } from './arguments.ts';
import { asker } from './asker.ts';
import { type Bench, type BenchRequest, openBench } from './bench.ts';
import { LateBench } from './late-bench.ts';
import { serverMark } from './server-mark.ts';
import { configuration, openData } from './settings.ts';

/**
 * Returns when a signal has asked for the end and all is tidy.
 * @throws Failure; the signal's reason while preparing
 */
export async function prepareAndServe(
	args: Arguments,
	progress: Progress,
	signal: AbortSignal,
	authoring: Authoring | undefined = undefined,
): Promise<void> {
	const config = configuration(args);
	const paths = openData(config.data, 'up', progress);
	const mark = serverMark(paths.run);
	const other = claim(mark, '');
	if (other) {
		throw new Failure(
			other.note
				? `Établi is already running at ${other.note} (process ${other.pid}).`
				: `Another ./etabli up is preparing this data folder (process ${other.pid}).`,
			{
				hint: './etabli down stops it; --data DIR and --port N start a second one.',
			},
		);
	}
	try {
		await checkPort(config.host, config.port);
		const warning = checkSpace(paths.data);
		if (warning) progress.say(`Warning: ${warning}`);
		const request = { config, paths, asker: asker(config.yes), progress, signal };
		if (!authoring) {
			await serve({ config, paths, prepared: await prepare(request), progress, signal, mark });
			return;
		}
		const prepared = { ...(await prepareBench(request)), site: undefined };
		await serve({
			// The pages stand before it, and ask it for the rest.
			config: { ...config, host: '127.0.0.1', port: 0 },
			paths,
			prepared,
			progress,
			signal,
			mark,
			quiet: true,
			onJudged: authoring.onJudged,
			onSetupFailed: authoring.onSetupFailed,
			beside: (served, address, server) => authoring.run({ ...served, config, api: address, server }),
		});
	} finally {
		rmSync(mark, { force: true });
	}
}

/** For authors: the pages come from a server of their own, which shows what is saved. */
export interface Authoring {
	onJudged: (judged: Judged) => void;
	onSetupFailed: (failed: SetupFault) => void;
	/** Serves the pages at the configuration's host and port until the signal; the interface is at `api`. */
	run: (request: AuthoringRequest) => Promise<void>;
}

export interface AuthoringRequest extends ServeRequest {
	api: string;
	server: Server;
}

export interface ServeRequest {
	config: ServerConfig;
	paths: DataPaths;
	/** Without a site, only the interface is served. */
	prepared: Omit<Prepared, 'site'> & { site: string | undefined };
	progress: Progress;
	signal: AbortSignal;
	/** File that says who serves this data folder. */
	mark: string;
	/** Runs while the server does, which is reached at `address`; ends at the signal. */
	beside?: ((request: ServeRequest, address: string, server: Server) => Promise<void>) | undefined;
	/** For authors: told of every run of a check. */
	onJudged?: ((judged: Judged) => void) | undefined;
	/** For authors: told when a lesson could not be prepared. */
	onSetupFailed?: ((failed: SetupFault) => void) | undefined;
	/** No word of the address: the server is for `beside` alone. */
	quiet?: boolean;
}

/** Runs the server until the signal. */
export async function serve(request: ServeRequest): Promise<void> {
	const { progress, prepared, signal } = request;
	const logger = createLogger(process.env['ETABLI_LOG_LEVEL'] ?? 'info', logTo(join(request.paths.logs, 'server.log')));
	let bench: Bench | undefined;
	let late: LateBench | undefined;
	let server: Server | undefined;
	let failed = false;
	try {
		const { courses, workshop, later } = prepared;
		const onFault: BenchRequest['onFault'] = (error, of) => logger[of ? 'warn' : 'error']({ err: error }, of ?? 'bench');
		const parts = { courses, paths: request.paths, progress, onFault };
		if (workshop) bench = await openBench({ ...parts, workshop, signal });
		else if (later) bench = late = new LateBench({ ...parts, ...later, open: openBench });
		signal.throwIfAborted();
		const address = await listen(request, bench, logger, (made) => {
			server = made;
		});
		const room = server?.capacity?.text;
		if (room !== undefined && !request.quiet) progress.say(room);
		markProcess(request.mark, process.pid, address);
		if (!request.quiet) progress.say(`\nÉtabli is ready: ${address}/${signal.aborted ? '' : '   (Ctrl-C stops it)'}\n`);
		const asked = new Promise<void>((resolve) => {
			if (signal.aborted) resolve();
			else signal.addEventListener('abort', () => resolve(), { once: true });
		});
		await Promise.all([asked, server && request.beside?.(request, address, server)]);
		if (process.stdout.isTTY && !request.quiet) process.stdout.write('\n');
	} catch (error) {
		failed = true;
		throw error;
	} finally {
		if (server ?? bench) await stop(request, server, bench, failed);
		const workshop = prepared.workshop ?? late?.workshop;
		if (workshop && !request.config.keep) await releaseEngine(workshop.engine, progress);
	}
}

async function listen(
	{ config, prepared, onJudged, onSetupFailed }: ServeRequest,
	bench: Bench | undefined,
	logger: Logger,
	made: (server: Server) => void,
): Promise<string> {
	try {
		const server = await createServer({
			config,
			courses: prepared.courses,
			site: prepared.site,
			bench: bench?.parts,
			version: version(),
			logger,
			onJudged,
			onSetupFailed,
		});
		made(server);
		return await server.listen();
	} catch (error) {
		if (error instanceof StoreUnusable) throw new Failure(error.message, { cause: error });
		throw explainListenError(error, config.host, config.port);
	}
}

/** A failure while tidying up must not hide the one that led here. */
async function stop(
	{ config, progress }: ServeRequest,
	server: Server | undefined,
	bench: Bench | undefined,
	failed: boolean,
): Promise<void> {
	await progress.step(config.keep ? 'Stopping; sandboxes go on' : 'Stopping', async (step) => {
		const ends = [async () => await server?.close(), async () => await bench?.close(config.keep)];
		for (const end of ends) {
			try {
				await end();
			} catch (error) {
				step.detail(error instanceof Error ? (error.stack ?? error.message) : String(error));
				if (!failed)
					throw new Failure(`Not everything could be put away: ${error instanceof Error ? error.message : String(error)}`, {
						hint: './etabli down tries again.',
						cause: error,
					});
			}
		}
	});
}

/** Bytes of the server's log; then it starts anew, and the one before is kept beside it. */
const logLimit = 20 * 2 ** 20;

function logTo(path: string): (line: string) => void {
	const file = new LogFile(path, logLimit);
	return (line) => file.write(line);
}

function version(): string {
	return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
