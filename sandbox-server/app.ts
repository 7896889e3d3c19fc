/** Puts the server together. Nothing listens, and no sandbox is touched, before `listen`. */
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Course } from '../src/shared/course.ts';
import { PublicError } from '../src/shared/errors.ts';
import { versionText } from '../src/shared/version.ts';
import { type Capacity, measureCapacity } from './capacity.ts';
import { CheckService, type Judged } from './checks/check-service.ts';
import type { ServerConfig } from './config.ts';
import { type Controlled, listenControl } from './control/control.ts';
import type { Engine } from './engines/engine.ts';
import { sandboxEnv } from './engines/spec.ts';
import { EventLog, eventsPath } from './events/event-log.ts';
import { FileService } from './files/file-service.ts';
import { HolderListener } from './holder/connection.ts';
import { buildApp } from './http/app.ts';
import { readSecret } from './http/identity.ts';
import { readInstance } from './instance.ts';
import { Live } from './live/live.ts';
import { listenMetrics, type MetricsDoor } from './metrics/listen.ts';
import { counted, Metrics, noFigures } from './metrics/metrics.ts';
import { Arrivals, PageSteps } from './pages.ts';
import { ReadingMode } from './reading-mode.ts';
import type { Bench } from './sandboxes/bench.ts';
import { every, systemClock } from './sandboxes/clock.ts';
import type { SandboxDeps } from './sandboxes/deps.ts';
import { SandboxManager } from './sandboxes/manager.ts';
import { scriptPlace } from './script-place.ts';
import { lockFolder } from './store/lock.ts';
import { openStore, type SqliteStore } from './store/sqlite-store.ts';
import { MarkReader } from './terminals/marks.ts';
import { LearnerValues } from './values.ts';

/** What sandboxes are made with. */
export interface BenchParts {
	engine: Engine;
	/** Reference of a course's image in the engine. */
	image: (course: Course) => string;
	/** The engine runs on this machine: its kernel's limits are ours. */
	local?: boolean;
	/** Folder that is mounted at /opt/etabli. */
	guest: string;
	/** Where holders connect to; HolderListener if left out. */
	listenHolder?: SandboxDeps['listenHolder'];
	/** undefined: `localhost:5000` does not answer in the sandboxes. */
	listenRegistry: SandboxDeps['listenRegistry'];
	/** What is not well with the engine and should stand in the log. */
	warnings?: readonly string[];
}

export interface ServerParts {
	config: Pick<ServerConfig, 'host' | 'port' | 'publicUrl' | 'data' | 'maxSandboxes' | 'keep'> &
		Partial<Pick<ServerConfig, 'accessCode' | 'homeSize' | 'homeDays' | 'metricsPort' | 'trustProxy'>>;
	courses: readonly Course[];
	/** Folder of the built site. */
	site: string | undefined;
	/** undefined: the lessons are served for reading. */
	bench: BenchParts | undefined;
	version: string;
	logger: Logger;
	/** For authors: told of every run of a check. */
	onJudged?: ((judged: Judged) => void) | undefined;
	/** For authors: told when a lesson could not be prepared. */
	onSetupFailed?: SandboxDeps['onSetupFailed'];
}

export interface Server {
	readonly app: FastifyInstance;
	/** How many sandboxes there is room for, and why; undefined without an engine. */
	readonly capacity: Capacity | undefined;
	/**
	 * Adopts the sandboxes of the last run, then listens.
	 * @returns the address to open
	 * @throws Error of the system: EADDRINUSE, EACCES, EADDRNOTAVAIL
	 */
	listen(): Promise<string>;
	/** For authors: a check has been changed in `courses`; who is in that lesson is judged by it at once. */
	recheck(course: string, lesson: string, step: string): Promise<void>;
	/** For authors: the sandbox of a learner, by the public name. */
	benchOf(learner: string, course: string): Bench | undefined;
	/** Ends connections, then sandboxes unless the configuration keeps them. Idempotent. */
	close(): Promise<void>;
}

const day = 24 * 3600_000;
/** Who only opened a page, and never did anything, is remembered for so long: programs that crawl the site would fill the disk. */
const visitorDays = 7;
/** How often such visitors are looked for, ms. */
const visitorsMs = 6 * 3600_000;

/** @throws StoreUnusable, Error of the file system */
export async function createServer(parts: ServerParts): Promise<Server> {
	const { data } = parts.config;
	mkdirSync(data, { recursive: true });
	const unlock = lockFolder(data);
	let store: SqliteStore | undefined;
	try {
		store = openStore(join(data, 'store.sqlite'));
		store.forgetVisitors(Date.now() - visitorDays * day);
		return await compose(parts, store, unlock);
	} catch (error) {
		store?.close();
		unlock();
		throw error;
	}
}

async function compose(parts: ServerParts, store: SqliteStore, unlock: () => void): Promise<Server> {
	const { config, courses, logger } = parts;
	const secret = await readSecret(join(config.data, 'secret'));
	const values = new LearnerValues(secret);
	const capacity =
		parts.bench && (await measureCapacity(parts.bench.engine, parts.bench.local ?? true, courses, config.maxSandboxes, logger));
	const manager = parts.bench && capacity && new SandboxManager(await sandboxDeps(parts, parts.bench, store, values, capacity));
	const sandboxes = manager ?? new ReadingMode();
	const benchOf = (...who: Parameters<SandboxManager['bench']>) => {
		if (!manager) throw new PublicError('no-sandbox', 'reading mode');
		return manager.bench(...who);
	};
	const pageSteps = new PageSteps(() => checks);
	const checks: CheckService = new CheckService({
		courses,
		store,
		values,
		place: scriptPlace(benchOf),
		onReport: (learner, course, report) => pageSteps.tell(learner, course, report),
		log: logger,
		onJudged: (judged) => {
			const { course, lesson, step, state, result } = judged;
			metrics?.checked({ course, lesson, step, verdict: state }, result.ms / 1000);
			parts.onJudged?.(judged);
		},
	});
	const metrics: Metrics | undefined =
		config.metricsPort === undefined ? undefined : new Metrics(() => ({ ...noFigures, ...manager?.figures(), ...live.figures() }));
	if (metrics) manager?.subscribe(counted(metrics));
	mkdirSync(join(config.data, 'logs'), { recursive: true });
	const events = new EventLog(eventsPath(config.data), () => Date.now());
	manager?.subscribe(events.listener);
	// `commandEnded` of the checks never rejects.
	manager?.subscribe({ commandEnded: (learner, course, lesson) => void checks.commandEnded(learner, course, lesson) });
	const refused = (code: string) => {
		metrics?.error(code);
		events.refused(code);
	};
	const meter = { traffic: (direction: 'in' | 'out', bytes: number) => metrics?.traffic(direction, bytes), error: refused };
	const live: Live = new Live({ sandboxes, steps: pageSteps, clock: systemClock, log: logger, meter });
	const app = await buildApp({
		addresses: { publicOrigin: config.publicUrl, host: config.host, proxies: trustedProxies(config) },
		accessCode: config.accessCode,
		secret,
		site: parts.site,
		version: parts.version,
		live: manager !== undefined,
		courses,
		store,
		values,
		benches: sandboxes,
		steps: checks,
		files: new FileService({
			place: scriptPlace(benchOf),
			onWritten: (learner, course, lesson) => void checks.commandEnded(learner, course, lesson),
			log: logger,
		}),
		connections: new Arrivals(live, checks),
		logger,
		now: () => Date.now(),
		onRefusal: refused,
	});

	let listened = false;
	let metricsDoor: MetricsDoor | undefined;
	let closeControl: (() => Promise<void>) | undefined;
	let closing: Promise<void> | undefined;
	const stopForgetting = manager && every(systemClock, visitorsMs, () => forgetVisitors(store, manager, logger));
	const close = async () => {
		stopForgetting?.();
		await app.close();
		await metricsDoor?.close();
		await closeControl?.();
		// A server that never came up leaves the sandboxes of the one before as they are.
		await manager?.close({ keep: config.keep || !listened });
		if (listened) events.say('the server has stopped');
		events.close();
		store.close();
		unlock();
	};
	return {
		app,
		capacity,
		async listen() {
			for (const warning of parts.bench?.warnings ?? []) logger.warn({}, warning);
			await manager?.open();
			await app.listen({ host: config.host, port: config.port });
			listened = true;
			events.say(`the server is up${capacity ? `: ${capacity.text}` : ', without sandboxes'}`);
			if (manager) closeControl = await listenControl(config.data, controlled(manager, live, parts.courses));
			if (metrics) {
				metricsDoor = await listenMetrics(metrics, config.metricsPort ?? 0);
				logger.info({ port: metricsDoor.port }, 'metrics');
			}
			return config.publicUrl ?? addressOf(config.host, app.server.address() as AddressInfo);
		},
		recheck: (course, lesson, step) => checks.recheck(course, lesson, step),
		benchOf: (learner, course) => manager?.benchOf(learner, course),
		close() {
			closing ??= close();
			return closing;
		},
	};
}

/** What the operator of a running server sees and decides. */
function controlled(manager: SandboxManager, live: Live, courses: readonly Course[]): Controlled {
	return {
		status() {
			const { engine, capacity, queue, homes, sandboxes, pool } = manager.figures();
			const pools = pool.map(({ course, count }) => ({
				course,
				ready: sandboxes.find((some) => some.course === course && some.state === 'pool')?.count ?? 0,
				wanted: count,
				version: versionText(courses.find(({ slug }) => slug === course)?.version),
			}));
			return { engine: engine === 1, capacity, queue, ...live.figures(), homes, pools, seats: manager.seats() };
		},
		orderPool: ({ course, ready, from, until }) =>
			manager.orderPool(course, ready === null ? undefined : { ready, from: from ?? 0, until }),
	};
}

async function sandboxDeps(
	{ config, courses, logger, onSetupFailed }: ServerParts,
	bench: BenchParts,
	store: SqliteStore,
	values: LearnerValues,
	capacity: Capacity,
): Promise<SandboxDeps> {
	const homeSize = config.homeSize ?? 64;
	return {
		settings: {
			data: config.data,
			guest: bench.guest,
			instance: readInstance(config.data),
			maxSandboxes: capacity.sandboxes,
			home: sandboxEnv['HOME'] ?? '/home/learner',
			image: bench.image,
			shellsAhead: true,
			scriptEnv: sandboxEnv,
			homes: homeSize > 0 ? { limit: homeSize * 2 ** 20, days: config.homeDays ?? 30 } : undefined,
		},
		courses,
		store,
		values,
		engine: bench.engine,
		clock: systemClock,
		log: logger,
		onSetupFailed,
		listenHolder:
			bench.listenHolder ??
			((path, onHolder) => HolderListener.listen(path, onHolder, (error) => logger.error({ err: error }, 'holder: unexpected'))),
		listenRegistry: bench.listenRegistry,
		markReader: (onCommand, keepPrinted) => new MarkReader(onCommand, { keepPrinted }),
	};
}

/** Not those who are here: they may be in the middle of something. */
function forgetVisitors(store: SqliteStore, manager: SandboxManager, logger: Logger): void {
	try {
		const count = store.forgetVisitors(Date.now() - visitorDays * day, manager.present());
		if (count > 0) logger.info({ count }, 'visitors who never did anything are forgotten');
	} catch (error) {
		// A full or busy disk is not this task's to tell learners of: it comes again.
		logger.warn({ err: error }, 'visitors could not be forgotten');
	}
}

/** A proxy on this machine is what --public-url speaks of; any other is named by the operator. */
function trustedProxies({ publicUrl, trustProxy }: ServerParts['config']): string[] {
	const named = trustProxy?.split(',').map((text) => text.trim()) ?? [];
	return publicUrl === undefined && named.length === 0 ? [] : ['loopback', ...named];
}

/** What a person on this machine types; an address of every network is reached by the name of this machine. */
function addressOf(host: string, { port, family }: AddressInfo): string {
	if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
	return `http://${family === 'IPv6' && host.includes(':') ? `[${host}]` : host}:${port}`;
}
