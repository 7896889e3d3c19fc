/** Puts the server together. Nothing listens, and no sandbox is touched, before `listen`. (Over 400 lines: one list of parts, each put in once.) */

import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type ClusterProfile, clusterProfileEnv, clusterValues } from '../src/shared/course/cluster-profile.ts';
import type { Course } from '../src/shared/course/course.ts';
import { Refusal } from '../src/shared/protocol/refusals.ts';
import { versionText } from '../src/shared/protocol/version.ts';
import { AgentListener } from './agent/connection.ts';
import { doorWarnings } from './auth/door-warnings.ts';
import { readSecret } from './auth/secret.ts';
import type { SsoSettings } from './auth/sso/settings.ts';
import type { ServerConfig } from './config.ts';
import { FileService } from './files/file-service.ts';
import type { CheckRun } from './grading/check-runner.ts';
import { CheckService } from './grading/check-service.ts';
import type { Room } from './homes/passing.ts';
import { buildApp } from './http/app.ts';
import { connectionLimits } from './http/connections.ts';
import { acceptedLanguage } from './http/language.ts';
import { type Capacity, measureCapacity } from './labs/capacity.ts';
import { readInstance } from './labs/instance.ts';
import { LabService } from './labs/lab-service.ts';
import { ReadingMode } from './labs/reading-mode.ts';
import { lessonScripts } from './labs/script-runner.ts';
import { Live } from './live/live.ts';
import { Scores } from './lti/scores.ts';
import { PlatformServices } from './lti/services.ts';
import { lostToolKey } from './lti/tool-key.ts';
import { type Controlled, listenControl } from './observability/control/control.ts';
import { EventLog, eventsPath } from './observability/events/event-log.ts';
import { listenMetrics } from './observability/metrics/listen.ts';
import { counted, Metrics, noFigures } from './observability/metrics/metrics.ts';
import { every, systemClock } from './platform/clock.ts';
import { Disposables } from './platform/disposables.ts';
import { lazySigningKey } from './platform/signing-key.ts';
import { PreviewDoor } from './previews/door.ts';
import { Previews } from './previews/previews.ts';
import { lazyBadgeKey } from './progress/badge-key.ts';
import { Erasing } from './progress/erasing.ts';
import { WorkRecorder } from './progress/recorder.ts';
import type { CourseImageReader } from './registry/course-images.ts';
import { removeLearner } from './registry/storage.ts';
import { Announcements } from './rooms/announcements.ts';
import { Attendance } from './rooms/attendance.ts';
import { Cards } from './rooms/cards.ts';
import { Expected } from './rooms/expected.ts';
import { Hands } from './rooms/hands.ts';
import { Looks } from './rooms/looks.ts';
import { Paces } from './rooms/paces.ts';
import { verdictRecorder } from './rooms/recorder.ts';
import { RoomFeeds } from './rooms/room-feeds.ts';
import { RoomService } from './rooms/room-service.ts';
import { Shows } from './rooms/shows.ts';
import type { Runtime } from './runtimes/runtime.ts';
import { sandboxEnv } from './runtimes/sandbox-container.ts';
import { LearnerValues } from './sandboxes/learner-values.ts';
import { Lines } from './sandboxes/lines.ts';
import type { Sandbox } from './sandboxes/sandbox.ts';
import type { SandboxDeps } from './sandboxes/sandbox-deps.ts';
import { MarkReader } from './sandboxes/shell-integration/marks.ts';
import { lockFolder } from './store/lock.ts';
import type { SandboxLeft } from './store/sandboxes-left.ts';
import { openStore, type SqliteStore } from './store/sqlite-store.ts';
import { type LabName, nameOf } from './store/store.ts';

/** What sandboxes are made with. */
export interface SandboxParts {
	runtime: Runtime;
	/** Reference of a course's image in the engine. */
	image: (course: Course) => string;
	/** The engine runs on this machine: its kernel's limits are ours. */
	local?: boolean;
	/** Where agents connect to; AgentListener if left out. */
	listenAgent?: SandboxDeps['listenAgent'];
	/** undefined: `localhost:5000` does not answer in the sandboxes. */
	listenRegistry: SandboxDeps['listenRegistry'];
	/** Reads the images of courses in it; undefined: there is none (yet). */
	courseImages?: () => CourseImageReader | undefined;
	/** What all learners have in the registry, and may have; undefined: there is none yet. */
	registryRoom?: () => Room | undefined;
}

export interface ServerParts {
	config: Pick<ServerConfig, 'host' | 'port' | 'publicUrl' | 'data' | 'maxSandboxes' | 'keep'> &
		Partial<Pick<ServerConfig, 'accessCode' | 'homeSize' | 'homeDays' | 'metricsPort' | 'metricsHost' | 'previewUrl' | 'trustProxy'>>;
	/** Single sign-on; undefined: there is none. */
	sso?: SsoSettings | undefined;
	/** Names of the operator's cluster; undefined: lessons have placeholders. */
	clusterProfile?: ClusterProfile | undefined;
	courses: readonly Course[];
	/** Folder of the built site. */
	site: string | undefined;
	/** undefined: the lessons are served for reading. */
	sandboxParts: SandboxParts | undefined;
	version: string;
	logger: Logger;
	/** Its learners are played: when it closes, their files go with their sandboxes. */
	played?: boolean | undefined;
	/** For authors: told of every run of a check. */
	onCheckRun?: ((run: CheckRun) => void) | undefined;
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
	/** What goes into a link for the first trainer; undefined once there is one. */
	inviteFirstTrainer(): string | undefined;
	/** For authors: a check has been changed in `courses`; who is in that lesson is judged by it at once. */
	recheck(course: string, lesson: string, step: string): Promise<void>;
	/** For authors: the sandbox of a lab by its name; undefined: there is none that can be used. */
	sandboxNamed(lab: LabName): Sandbox | undefined;
	/**
	 * Ends connections, then sandboxes unless they are to be kept, or their files could not be. Idempotent.
	 * @param keep as the configuration says if left out
	 */
	close(keep?: boolean): Promise<void>;
	/** Once it is closed, well or not: names of learners whose sandboxes go on for want of keeping. */
	readonly unkept: readonly string[];
	/** Once it listens: learners' sandboxes of courses that it does not serve. They are left as they are. */
	readonly unserved: readonly SandboxLeft[];
}

const day = 24 * 3600_000;
/** Who only opened a page, and never did anything, is remembered for so long: programs that crawl the site would fill the disk. */
const visitorDays = 7;
/** How often such visitors are looked for, ms. */
const visitorsMs = 6 * 3600_000;
/** How often the store is written anew at most, ms: it takes a moment in which nothing else is done. */
const compactMs = 3600_000;

/** @throws StoreUnusable, Error of the file system */
export async function createServer(parts: ServerParts): Promise<Server> {
	const { data } = parts.config;
	mkdirSync(data, { recursive: true });
	const owned = new Disposables();
	owned.add(lockFolder(data));
	try {
		const secret = await readSecret(join(data, 'secret'));
		const store = openStore(join(data, 'store.sqlite'));
		owned.add(() => store.close());
		const rooms = new RoomService({ store, key: secret, now: () => Date.now() });
		forgetNow({ store, rooms }, undefined, parts.logger);
		return await compose(parts, { store, secret, rooms }, owned);
	} catch (error) {
		await owned.dispose();
		throw error;
	}
}

interface Kept {
	store: SqliteStore;
	/** The server's own key. */
	secret: Buffer;
	rooms: RoomService;
}

async function compose(parts: ServerParts, { store, secret, rooms }: Kept, owned: Disposables): Promise<Server> {
	const { config, courses, logger } = parts;
	const values = new LearnerValues(secret);
	const capacity =
		parts.sandboxParts &&
		(await measureCapacity(parts.sandboxParts.runtime, parts.sandboxParts.local ?? true, courses, config.maxSandboxes, logger));
	const service = parts.sandboxParts && capacity && new LabService(await sandboxDeps(parts, parts.sandboxParts, store, values, capacity));
	const labs = service ?? new ReadingMode();
	const sandboxOf = (...who: Parameters<LabService['sandbox']>) => {
		if (!service) throw new Refusal('no-sandbox', 'reading mode');
		return service.sandbox(...who);
	};
	const registryRoom = () => parts.sandboxParts?.registryRoom?.() ?? noFigures.registry;
	const scripts = lessonScripts(sandboxOf);
	const checks = new CheckService({
		store,
		values,
		scripts,
		log: logger,
		onCheckRun: (judged) => {
			const { course, lesson, step, state, result } = judged;
			metrics?.checked({ course, lesson, step, verdict: state }, result.ms / 1000);
			parts.onCheckRun?.(judged);
		},
	});
	const metrics: Metrics | undefined =
		config.metricsPort === undefined
			? undefined
			: new Metrics(() => ({ ...noFigures, ...service?.figures(), ...live.figures(), registry: registryRoom() }));
	if (metrics) service?.subscribe(counted(metrics));
	mkdirSync(join(config.data, 'logs'), { recursive: true });
	const events = new EventLog(eventsPath(config.data), () => Date.now());
	service?.subscribe(events.listener);
	const now = () => Date.now();
	const work = new WorkRecorder({ store, now, log: logger });
	service?.subscribe({
		changed: (lab) => checks.sandboxChanged(lab),
		jobEnded: (lab, lesson) => void checks.commandEnded(lab, lesson),
		commandEnded: (lab, lesson, ms) => {
			// It never rejects.
			void checks.commandEnded(lab, lesson);
			// When the check is on its way: somebody waits for what it says.
			setImmediate(() => work.sign(lab, lesson, ms));
		},
	});
	const ltiKey = lazySigningKey(join(config.data, 'lti-key.json'), lostToolKey);
	const services = new PlatformServices({ key: ltiKey, clock: systemClock });
	const scores = new Scores({ store, courses, services, clock: systemClock, log: logger });
	const refused = (code: string) => {
		metrics?.error(code);
		events.refused(code);
	};
	const meter = { traffic: (direction: 'in' | 'out', bytes: number) => metrics?.traffic(direction, bytes), error: refused };
	const hands = new Hands({ store, courses, steps: checks, now });
	const paces = new Paces({ store, courses, now });
	const cards = new Cards({ store, now });
	const feeds = new RoomFeeds({ store, courses, labs, hands, paces, cards, clock: systemClock, log: logger });
	const announcements = new Announcements({ feeds, now });
	const shows = new Shows({ store, courses, labs, now });
	const looks = new Looks({ store, shows, now, log: logger });
	service?.subscribe({ ended: (lab) => shows.labEnded(lab) });
	const attendance = new Attendance({ store, hands, looks, shows, paces, cards, announcements, clock: systemClock });
	const isSignedIn = (session: string) => store.people.session(session, Date.now()) !== undefined;
	const live: Live = new Live({ labs, steps: checks, rooms: attendance, looks, clock: systemClock, log: logger, isSignedIn, meter });
	// Pages are told first (Live has subscribed), then it is written down.
	checks.subscribe((lab, report) => work.judged(lab, report));
	checks.subscribe((lab, report) => scores.touch({ ...lab.key, lesson: report('en').lesson }));
	checks.subscribe(verdictRecorder({ store, now, log: logger, onChange: (learner, step) => feeds.touch(learner, step) }));
	const erasing = new Erasing({
		...{ store, labs, data: config.data, log: logger },
		removeImages: (name) => removeLearner(join(config.data, 'registry/data'), name),
		gone(learner) {
			live.drop(learner);
			attendance.touch({ learners: [learner.id] });
		},
	});
	const previews = new Previews({ now, isSignedIn });
	const limits = connectionLimits();
	const app = await buildApp({
		addresses: { publicOrigin: config.publicUrl, previews: config.previewUrl, host: config.host, proxies: trustedProxies(config) },
		connectionLimits: limits,
		previews,
		previewDoor: new PreviewDoor({
			previews,
			most: limits.previews,
			languageOf: ({ headers }) => acceptedLanguage(headers['accept-language']),
			log: logger,
		}),
		accessCode: config.accessCode,
		sso: parts.sso,
		secret,
		site: parts.site,
		version: parts.version,
		live: service !== undefined,
		courses,
		store,
		rooms,
		badgeKey: lazyBadgeKey(join(config.data, 'badge-key.json')),
		ltiKey,
		scores,
		services,
		erasing,
		// Programs that play lessons fill in both; a page has the cluster's names already.
		values: { of: (...whose) => ({ ...values.of(...whose), ...clusterValues(parts.clusterProfile) }) },
		labs,
		steps: checks,
		files: new FileService({
			scripts,
			onWritten: (lab, lesson) => {
				// Files that come from the page are to be kept as well, also of somebody who never types.
				const sandbox = service?.sandboxNamed(nameOf(lab));
				if (sandbox) sandbox.used = true;
				work.sign(lab, lesson);
				void checks.commandEnded(lab, lesson);
			},
			log: logger,
			clock: systemClock,
		}),
		images: () => parts.sandboxParts?.courseImages?.(),
		connections: live,
		feeds,
		announcements,
		hands,
		looks,
		paces,
		cards,
		shows,
		attendance,
		logger,
		now,
		onRefusal: refused,
	});

	let listened = false;
	let closing: Promise<void> | undefined;
	let { keep } = config;
	let unkept: string[] = [];
	owned.add(() => events.close());
	owned.add(() => listened && events.say('the server has stopped'));
	owned.add(() => checks.close());
	// A server that never came up leaves the sandboxes of the one before as they are.
	owned.add(async () => {
		unkept = (await service?.close({ keep: keep || !listened, lose: parts.played === true })) ?? [];
	});
	owned.add(() => app.close());
	owned.add(() => erasing.tidy());
	owned.add(every({ clock: systemClock, ms: compactMs, action: () => erasing.tidy() }));
	owned.add(every({ clock: systemClock, ms: visitorsMs, action: () => forgetNow({ store, rooms }, service, logger) }));
	return {
		app,
		capacity,
		async listen() {
			for (const warning of doorWarnings(config)) logger.warn({}, warning);
			await service?.open();
			// One address, whatever else that name means here: what stands in front of it is told of this one.
			await app.listen({ host: config.host === 'localhost' ? '127.0.0.1' : config.host, port: config.port });
			listened = true;
			owned.add(scores.start());
			events.say(`the server is up${capacity ? `: ${capacity.text}` : ', without sandboxes'}`);
			if (service) owned.add(await listenControl(config.data, controlled(service, live, { courses, registryRoom, store, erasing })));
			if (metrics) {
				const door = await listenMetrics(metrics, config.metricsPort ?? 0, config.metricsHost);
				owned.add(() => door.close());
				logger.info({ port: door.port }, 'metrics');
			}
			return config.publicUrl ?? addressOf(config.host, app.server.address() as AddressInfo);
		},
		inviteFirstTrainer: () => rooms.inviteFirst(),
		recheck: (course, lesson, step) => checks.recheck(course, lesson, step),
		sandboxNamed: (lab) => service?.sandboxNamed(lab),
		close(wanted = keep) {
			if (closing) return closing;
			keep = wanted;
			closing = owned.dispose();
			return closing;
		},
		get unkept() {
			return unkept;
		},
		get unserved() {
			return service?.unserved() ?? [];
		},
	};
}

interface Operated {
	courses: readonly Course[];
	registryRoom: () => Room;
	store: SqliteStore;
	erasing: Erasing;
}

/** What the operator of a running server sees and decides. */
function controlled(service: LabService, live: Live, { courses, registryRoom, store, erasing }: Operated): Controlled {
	return {
		status() {
			const { engine, capacity, queue, stuck, homes, archives, sandboxes, pool } = service.figures();
			const pools = pool.map(({ course, count }) => ({
				course,
				ready: sandboxes.find((some) => some.course === course && some.state === 'pool')?.count ?? 0,
				wanted: count,
				version: versionText(courses.find(({ slug }) => slug === course)?.version),
			}));
			return {
				engine: engine === 1,
				capacity,
				queue,
				stuck,
				...live.figures(),
				homes,
				archives,
				registry: registryRoom(),
				pools,
				labs: service.labs(),
			};
		},
		orderPool: ({ course, ready, from, until }) =>
			service.orderPool(course, ready === null ? undefined : { ready, from: from ?? 0, until }),
		async erase({ learner: name, end }) {
			const [learner] = store.people.named(name).filter((one) => one.name === name);
			if (!learner) throw new Refusal('not-found', name);
			await erasing.erase(learner, { end });
			erasing.tidy();
		},
	};
}

async function sandboxDeps(
	{ config, courses, logger, onSetupFailed, clusterProfile }: ServerParts,
	made: SandboxParts,
	store: SqliteStore,
	values: LearnerValues,
	capacity: Capacity,
): Promise<SandboxDeps> {
	const homeSize = config.homeSize ?? 64;
	const expected = new Expected({ store, now: () => Date.now() });
	return {
		settings: {
			data: config.data,
			instance: readInstance(config.data),
			maxSandboxes: capacity.sandboxes,
			home: sandboxEnv['HOME'] ?? '/home/learner',
			image: made.image,
			shellsAhead: true,
			scriptEnv: { ...sandboxEnv, ...clusterProfileEnv(clusterProfile) },
			homes: homeSize > 0 ? { limit: homeSize * 2 ** 20, days: config.homeDays ?? 30 } : undefined,
		},
		courses,
		store,
		values,
		expected: (course) => expected.of(course),
		runtime: made.runtime,
		clock: systemClock,
		log: logger,
		onSetupFailed,
		listenAgent:
			made.listenAgent ??
			((transport, onAgent) => AgentListener.listen(transport, onAgent, (error) => logger.error({ err: error }, 'agent: unexpected'))),
		listenLines: (transport) => Lines.listen(transport, systemClock, (error) => logger.error({ err: error }, 'lines: unexpected')),
		listenRegistry: made.listenRegistry,
		markReader: (onCommand, keepPrinted, onStart) => new MarkReader(onCommand, { keepPrinted, onStart }),
	};
}

/** What nobody comes back to: rooms whose time is over, sessions, and visitors who never did anything; not those who are here. Returns those. */
function forgetOld({ store, rooms }: Pick<Kept, 'store' | 'rooms'>, present: Iterable<string>): number {
	rooms.sealWords();
	rooms.eraseOld();
	store.people.forgetSessions(Date.now());
	return store.people.forgetVisitors(Date.now() - visitorDays * day, present);
}

function forgetNow(kept: Pick<Kept, 'store' | 'rooms'>, service: LabService | undefined, logger: Logger): void {
	try {
		const count = forgetOld(kept, service?.present() ?? []);
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
