/** For tests: an app over a real store, and simple stand-ins in memory for what needs an engine. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { WebSocket } from 'ws';
import { type Course, courseSchema } from '../../src/shared/course/course.ts';
import type { FileReport, FilesReport, SandboxReport, StepReport } from '../../src/shared/protocol/api.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { Files, Glanced } from '../files/ports.ts';
import type { Steps } from '../grading/ports.ts';
import { bareLab, type Lab, labId } from '../labs/lab.ts';
import type { Glance, GlancedLabs, Labs, Visitor } from '../labs/ports.ts';
import { ReadingMode } from '../labs/reading-mode.ts';
import { PlatformServices } from '../lti/services.ts';
import { createLogger } from '../observability/log/log.ts';
import { systemClock } from '../platform/clock.ts';
import { PreviewDoor } from '../previews/door.ts';
import { Previews } from '../previews/previews.ts';
import { type BadgeKey, newBadgeKey } from '../progress/badge-key.ts';
import { Erasing } from '../progress/erasing.ts';
import { Announcements } from '../rooms/announcements.ts';
import { Attendance } from '../rooms/attendance.ts';
import { Cards } from '../rooms/cards.ts';
import { Hands } from '../rooms/hands.ts';
import { type Looker, Looks } from '../rooms/looks.ts';
import { Paces } from '../rooms/paces.ts';
import { RoomFeeds } from '../rooms/room-feeds.ts';
import { RoomService } from '../rooms/room-service.ts';
import { Shows } from '../rooms/shows.ts';
import { LearnerValues } from '../sandboxes/learner-values.ts';
import type { Lines } from '../sandboxes/lines.ts';
import { tokenDigest } from '../store/migrations.ts';
import type { LearnerRow, SessionRow } from '../store/people.ts';
import { openStore, type SqliteStore } from '../store/sqlite-store.ts';
import type { Owned } from '../store/store.ts';
import { buildApp } from './app.ts';
import type { AppDeps, LiveConnections } from './app-deps.ts';

export const testCourse: Course = {
	slug: 'apptainer',
	path: '/nowhere',
	settings: courseSchema.parse({ title: { fr: 'a', en: 'a' }, summary: { fr: 'a', en: 'a' }, authors: ['a'] }),
	lessons: ['first', 'second'].map((slug, index) => ({
		slug,
		folder: `0${index + 1}-${slug}`,
		settings: {
			minutes: 1,
			steps: [
				{ id: 'read', check: false },
				{ id: 'pull', check: true },
			],
			terminals: 1,
			parameters: { animal: { kind: 'choice', choices: ['heron', 'otter'] } },
		},
		head: { fr: { title: 'a', description: 'a' }, en: { title: 'a', description: 'a' } },
		steps: [
			{ id: 'read', check: undefined, solution: undefined, reset: undefined },
			{ id: 'pull', check: '#!/bin/sh\n', solution: undefined, reset: undefined },
		],
		setup: undefined,
		files: undefined,
	})),
};

/** Sandboxes are ready as soon as they are asked for. */
export class MemoryLabs implements Labs, GlancedLabs {
	readonly running = new Set<string>();
	/** Thrown by `end` and `reset` when set. */
	failure: Error | undefined;
	readonly of = bareLab;

	report(lab: Lab): SandboxReport {
		return { state: this.running.has(lab.id) ? 'ready' : 'none' };
	}
	glance(whose: Owned): Glance {
		return { state: this.running.has(labId(whose)) ? 'live' : 'none', pages: 0 };
	}
	start(lab: Lab): void {
		this.running.add(lab.id);
	}
	extend(lab: Lab): void {
		if (!this.running.has(lab.id)) throw new Refusal('no-extension');
	}
	async takeHome({ owner, course }: Lab): Promise<Readable> {
		return Readable.from([Buffer.from(`work of ${owner.name} in ${course.slug}`)]);
	}
	async end(lab: Lab): Promise<void> {
		if (this.failure) throw this.failure;
		this.running.delete(lab.id);
	}
	async reset(): Promise<void> {
		if (this.failure) throw this.failure;
	}
	/** What `lines` gives of a lab that runs; no connections are to be had by default. */
	connections: Lines | undefined;
	lines(lab: Lab): Lines {
		if (!this.connections || !this.running.has(lab.id)) throw new Refusal('no-sandbox');
		return this.connections;
	}
	async resetLesson(lab: Lab): Promise<void> {
		if (!this.running.has(lab.id)) throw new Refusal('no-sandbox');
	}
}

/** Every check passes. */
export class MemorySteps implements Steps {
	readonly #store: SqliteStore;
	constructor(store: SqliteStore) {
		this.#store = store;
	}
	async check(lab: Lab, lesson: string, step: string): Promise<StepReport> {
		return this.#store.putStep(lab.key, { lesson, step, state: 'passed' });
	}
	async reset(lab: Lab, lesson: string, step: string): Promise<StepReport> {
		this.#store.forgetSteps(lab.key, lesson, step);
		return { lesson, step, state: 'todo' };
	}
	answer(_lab: Lab, { choices }: { choices: readonly number[] }): boolean {
		return choices.join() === '1';
	}
	done(lab: Lab, lesson: string, step: string): StepReport {
		return this.#store.putStep(lab.key, { lesson, step, state: 'passed' });
	}
	reports(lab: Lab, lesson: string | undefined): StepReport[] {
		return this.#store.steps(lab.key, lesson);
	}
	forget(lab: Lab, lesson: string | undefined): void {
		this.#store.forgetSteps(lab.key, lesson);
	}
}

/** Keeps what is written, by path. */
export class MemoryFiles implements Files {
	readonly kept = new Map<string, string>();
	async look(_lab: Lab, _lesson: string, path: string): Promise<FileReport> {
		const text = this.kept.get(path) ?? null;
		return { path, text, mark: text === null ? 'none' : '0'.repeat(64) };
	}
	async glance(lab: Lab, lesson: string, { folders, files }: Glanced): Promise<FilesReport> {
		const entries = [...this.kept.keys()].map((name) => ({ name, kind: 'file' as const }));
		return {
			folders: folders.map((path) => ({ path, entries: path === '' ? entries : [], more: false, unshown: 0 })),
			files: await Promise.all(files.map(async (path) => ({ path, mark: (await this.look(lab, lesson, path)).mark }))),
		};
	}
	async write(lab: Lab, lesson: string, file: FileReport): Promise<FileReport> {
		if (file.text === null) this.kept.delete(file.path);
		else this.kept.set(file.path, file.text);
		return await this.look(lab, lesson, file.path);
	}
}

/** Says every text message back, with whose page it is. */
export class EchoConnections implements LiveConnections {
	readonly #sockets = new Set<WebSocket>();
	accept(socket: WebSocket, visitor: Visitor | Looker): void {
		if ('look' in visitor) return;
		this.#sockets.add(socket);
		socket.on('close', () => this.#sockets.delete(socket));
		socket.on('message', () => socket.send(`${visitor.lab.owner.name} ${visitor.lab.course.slug}/${visitor.lesson} ${visitor.language}`));
	}
	async close(): Promise<void> {
		for (const socket of this.#sockets) socket.close(1001);
	}
}

export const origin = 'http://localhost:8080';

let badgeKey: Promise<BadgeKey> | undefined;
/** One for all servers of a test: it takes long to make. */
const testBadgeKey = (): Promise<BadgeKey> => {
	badgeKey ??= newBadgeKey();
	return badgeKey;
};

export class TestServer {
	readonly app: FastifyInstance;
	readonly labs: MemoryLabs;
	readonly store: SqliteStore;
	readonly log: string[];
	/** ms that the server's clock is ahead. */
	clock: { ahead: number };

	private constructor(parts: Pick<TestServer, 'app' | 'labs' | 'store' | 'log' | 'clock'>) {
		this.app = parts.app;
		this.labs = parts.labs;
		this.store = parts.store;
		this.log = parts.log;
		this.clock = parts.clock;
	}

	static async start(changes: Partial<AppDeps> = {}): Promise<TestServer> {
		const store = (changes.store as SqliteStore | undefined) ?? openStore(':memory:');
		const labs = new MemoryLabs();
		const clock = { ahead: 0 };
		const log: string[] = [];
		const now = () => Date.now() + clock.ahead;
		const logger = createLogger('info', (line) => log.push(line));
		const steps = new MemorySteps(store);
		const hands = new Hands({ store, courses: [testCourse], steps, now });
		const paces = new Paces({ store, courses: [testCourse], now });
		const cards = new Cards({ store, now });
		const feeds = new RoomFeeds({ store, courses: [testCourse], labs, hands, paces, cards, clock: systemClock, log: logger });
		const showTerminal = () => {
			throw new Refusal('no-terminal');
		};
		const shows = new Shows({ store, courses: [testCourse], labs: { showTerminal }, now });
		const looks = new Looks({ store, shows, now, log: logger });
		const announcements = new Announcements({ feeds, now });
		const previews = new Previews({ now, isSignedIn: (session) => store.people.session(session, now()) !== undefined });
		const app = await buildApp({
			addresses: { publicOrigin: undefined, host: '127.0.0.1' },
			secret: Buffer.alloc(32, 7),
			site: undefined,
			version: '1.2.3',
			live: true,
			courses: [testCourse],
			store,
			rooms: new RoomService({ store, key: Buffer.alloc(32, 7), now: changes.now ?? (() => Date.now() + clock.ahead) }),
			badgeKey: testBadgeKey,
			ltiKey: testBadgeKey,
			scores: { touch: () => {} },
			erasing: new Erasing({ store, labs: new ReadingMode(), data: '/nowhere', removeImages: async () => {} }),
			services: new PlatformServices({ key: changes.ltiKey ?? testBadgeKey, clock: systemClock }),
			values: new LearnerValues(Buffer.alloc(32, 7)),
			labs,
			steps,
			files: new MemoryFiles(),
			images: () => undefined,
			connections: new EchoConnections(),
			previews,
			previewDoor: new PreviewDoor({ previews, most: 64, languageOf: () => 'fr', log: logger }),
			feeds,
			announcements,
			hands,
			looks,
			paces,
			cards,
			shows,
			attendance: new Attendance({ store, hands, looks, shows, paces, cards, announcements, clock: systemClock }),
			logger,
			now,
			...changes,
		});
		return new TestServer({ app, labs, store, log, clock });
	}

	async stop(): Promise<void> {
		await this.app.close();
		this.store.close();
	}

	/** A browser that has opened a page: its cookie, and requests with it from the server's own origin. */
	async visitor(): Promise<Browser> {
		const answer = await this.app.inject({ url: '/api/session', headers: { host: 'localhost:8080' } });
		const cookie = answer.cookies[0];
		if (!cookie) throw new Error(`no cookie: ${answer.body}`);
		return new Browser(this.app, `${cookie.name}=${cookie.value}`, answer.json().learner);
	}

	/** The session of a browser's cookie. */
	session({ cookie }: Browser): SessionRow {
		const { value } = this.app.unsignCookie(decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)));
		const row = this.store.people.session(tokenDigest(value ?? ''), Date.now() + this.clock.ahead);
		if (!row) throw new Error('no session');
		return row;
	}

	learner(browser: Browser): LearnerRow {
		return this.session(browser).learner;
	}

	/** Listens on a free port of the loopback; for WebSockets. */
	async listen(): Promise<number> {
		await this.app.listen({ host: '127.0.0.1', port: 0 });
		return (this.app.server.address() as AddressInfo).port;
	}
}

export class Browser {
	readonly #app: FastifyInstance;
	readonly cookie: string;
	/** Public name. */
	readonly name: string;
	constructor(app: FastifyInstance, cookie: string, name: string) {
		this.#app = app;
		this.cookie = cookie;
		this.name = name;
	}

	async ask(method: 'GET' | 'POST' | 'DELETE', url: string, body?: object, headers: Record<string, string> = {}) {
		const request: InjectOptions = { method, url, headers: { host: 'localhost:8080', origin, cookie: this.cookie, ...headers } };
		if (body) request.payload = body;
		return this.#app.inject(request);
	}
}

/** Tries to open a WebSocket: the socket, or the status and code of the refusal. */
export async function connect(
	port: number,
	{ path = '/ws', protocols = [] as string[], headers = {} as Record<string, string> },
): Promise<{ socket: WebSocket } | { status: number; code: string }> {
	const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
	return new Promise((resolve, reject) => {
		socket.once('open', () => resolve({ socket }));
		socket.once('error', reject);
		socket.once('unexpected-response', async (request, response) => {
			let body = '';
			response.setEncoding('utf8').on('data', (chunk: string) => {
				body += chunk;
			});
			await once(response, 'end');
			request.destroy();
			resolve({ status: response.statusCode ?? 0, code: JSON.parse(body).code });
		});
	});
}

/** A folder of files for as long as the test runs. */
export function folderWith(files: Record<string, string>): { path: string; remove: () => void } {
	const path = mkdtempSync(join(tmpdir(), 'etabli-http-'));
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(path, name)), { recursive: true });
		writeFileSync(join(path, name), text);
	}
	return { path, remove: () => rmSync(path, { recursive: true }) };
}
