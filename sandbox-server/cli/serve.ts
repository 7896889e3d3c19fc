/** The part of `up` that needs npm's packages: configuration → prepared machine → running server → tidy end. */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createServer, type Server } from '../app.ts';
import { doorWarnings } from '../auth/door-warnings.ts';
import type { ServerConfig } from '../config.ts';
import type { CheckRun } from '../grading/check-runner.ts';
import { createLogger } from '../observability/log/log.ts';
import { LogFile } from '../observability/log/log-file.ts';
import type { SetupFault } from '../sandboxes/sandbox-deps.ts';
import { releaseEngine } from '../setup/engine.ts';
import { Failure } from '../setup/failure.ts';
import { type DataPaths, preparedFolder, root } from '../setup/paths.ts';
import { checkPort, checkSpace, explainListenError } from '../setup/preflight.ts';
import { type Prepared, prepare, prepareSandboxes } from '../setup/prepare.ts';
import { claim, markProcess } from '../setup/processes.ts';
import type { Progress } from '../setup/progress.ts';
import { StoreUnusable } from '../store/migrations.ts';
import type { Arguments } from './arguments.ts';
import { asker } from './asker.ts';
import { LateParts } from './late-parts.ts';
import { putAway, unservedWarning } from './put-away.ts';
import { type OpenParts, openParts, type PartsRequest } from './sandbox-parts.ts';
import { endMark, serverMark } from './server-mark.ts';
import { clusterProfile, clusterProfileText, configuration, openData, ssoSettings } from './settings.ts';
import { trainerLink } from './trainer-link.ts';

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
	// Told before anything is prepared.
	ssoSettings(config);
	const profile = clusterProfile(config);
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
		rmSync(endMark(paths.run), { force: true });
		await checkPort(config.host, config.port);
		const warning = checkSpace(paths.data);
		if (warning) progress.say(`Warning: ${warning}`);
		progress.say(`Cluster profile: ${clusterProfileText(config, profile)}`);
		const request = { config, paths, asker: asker(config.yes), progress, signal };
		if (!authoring) {
			await serve({ config, paths, prepared: await prepare(request), progress, signal, mark });
			return;
		}
		const prepared = { ...(await prepareSandboxes(request)), site: undefined };
		await serve({
			// The pages stand before it, and ask it for the rest.
			config: { ...config, host: '127.0.0.1', port: 0 },
			paths,
			prepared,
			progress,
			signal,
			mark,
			quiet: true,
			onCheckRun: authoring.onCheckRun,
			onSetupFailed: authoring.onSetupFailed,
			beside: (served, address, server) => authoring.run({ ...served, config, api: address, server }),
		});
	} finally {
		rmSync(mark, { force: true });
	}
}

/** For authors: the pages come from a server of their own, which shows what is saved. */
export interface Authoring {
	onCheckRun: (run: CheckRun) => void;
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
	onCheckRun?: ((run: CheckRun) => void) | undefined;
	/** For authors: told when a lesson could not be prepared. */
	onSetupFailed?: ((failed: SetupFault) => void) | undefined;
	/** No word of the address: the server is for `beside` alone. */
	quiet?: boolean;
	/** As `ServerParts` has it. */
	played?: boolean;
}

/** Runs the server until the signal. */
export async function serve(request: ServeRequest): Promise<void> {
	const { progress, prepared, signal } = request;
	const logger = createLogger(process.env['ETABLI_LOG_LEVEL'] ?? 'info', logTo(join(request.paths.logs, 'server.log')));
	// Faults that nobody waits for (platform/fault.ts).
	const onWarning = (warning: Error) => logger.warn({ err: warning }, 'warning of the process');
	process.on('warning', onWarning);
	let opened: OpenParts | undefined;
	let late: LateParts | undefined;
	let server: Server | undefined;
	let notAway: Failure | undefined;
	try {
		const { courses, machinery, later } = prepared;
		const onFault: PartsRequest['onFault'] = (error, of) => logger[of ? 'warn' : 'error']({ err: error }, of ?? 'sandbox');
		const onWarning: PartsRequest['onWarning'] = (warning) => logger.warn({}, warning);
		const parts = { courses, paths: request.paths, uids: request.config.uids, progress, onFault, onWarning };
		if (machinery) opened = await openParts({ ...parts, machinery, signal });
		else if (later) opened = late = new LateParts({ ...parts, ...later, open: openParts });
		signal.throwIfAborted();
		const address = await listen(request, opened, logger, (made) => {
			server = made;
		});
		const room = server?.capacity?.text;
		if (room !== undefined && !request.quiet) progress.say(room);
		// To authors too: what they do not look at just now is somebody's work.
		if (server && server.unserved.length > 0) progress.say(`Warning: ${unservedWarning(server.unserved)}`);
		if (!request.quiet) for (const warning of doorWarnings(request.config)) progress.say(`Warning: ${warning}`);
		markProcess(request.mark, process.pid, address);
		if (!request.quiet) progress.say(`\nÉtabli is ready: ${address}/${signal.aborted ? '' : '   (Ctrl-C stops it)'}\n`);
		// In the image of a server what is said is a log, which many may read: `etabli trainer add` says it to whoever asks.
		const isLogged = existsSync(join(root, preparedFolder));
		const secret = request.quiet || isLogged || prepared.site === undefined ? undefined : server?.inviteFirstTrainer();
		if (secret !== undefined) progress.tell(`For the trainer, in one browser, once, within a week:\n${trainerLink(address, secret)}\n`);
		const asked = new Promise<void>((resolve) => {
			if (signal.aborted) resolve();
			else signal.addEventListener('abort', () => resolve(), { once: true });
		});
		await Promise.all([asked, server && request.beside?.(request, address, server)]);
		if (process.stdout.isTTY && !request.quiet) process.stdout.write('\n');
	} finally {
		const keep = request.config.keep && !existsSync(endMark(request.paths.run));
		const away = server || opened ? await putAway({ server, opened, progress, keep }) : undefined;
		const machinery = prepared.machinery ?? late?.machinery;
		if (machinery && !(away?.goesOn ?? keep)) await releaseEngine(machinery.engine, progress);
		process.off('warning', onWarning);
		// It must not hide what had failed before.
		notAway = away?.failure;
	}
	if (notAway) throw notAway;
}

async function listen(
	{ config, prepared, onCheckRun, onSetupFailed, played }: ServeRequest,
	opened: OpenParts | undefined,
	logger: Logger,
	made: (server: Server) => void,
): Promise<string> {
	try {
		const server = await createServer({
			config,
			sso: ssoSettings(config),
			clusterProfile: clusterProfile(config),
			courses: prepared.courses,
			site: prepared.site,
			sandboxParts: opened?.parts,
			version: version(),
			logger,
			onCheckRun,
			onSetupFailed,
			played,
		});
		made(server);
		return await server.listen();
	} catch (error) {
		if (error instanceof StoreUnusable) throw new Failure(error.message, { cause: error });
		throw explainListenError(error, config.host, config.port);
	}
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
