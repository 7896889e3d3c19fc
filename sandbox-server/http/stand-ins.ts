/** For tests: an app over a real store, and simple stand-ins in memory for what needs an engine. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { WebSocket } from 'ws';
import type { FileReport, SandboxReport, StepReport } from '../../src/shared/api.ts';
import { type Course, courseSchema } from '../../src/shared/course.ts';
import { PublicError } from '../../src/shared/errors.ts';
import { createLogger } from '../log.ts';
import { openStore, type SqliteStore } from '../store/sqlite-store.ts';
import { LearnerValues } from '../values.ts';
import { buildApp } from './app.ts';
import type { AppDeps, Benches, Files, LiveConnections, Steps, Visitor } from './deps.ts';

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
export class MemoryBenches implements Benches {
	readonly running = new Set<string>();
	/** Thrown by `end` and `reset` when set. */
	failure: Error | undefined;
	#key = (learner: { name: string }, course: string) => `${learner.name}/${course}`;

	report(learner: { name: string }, course: string): SandboxReport {
		return { state: this.running.has(this.#key(learner, course)) ? 'ready' : 'none' };
	}
	start(learner: { name: string }, course: string): void {
		this.running.add(this.#key(learner, course));
	}
	extend(learner: { name: string }, course: string): void {
		if (!this.running.has(this.#key(learner, course))) throw new PublicError('no-extension');
	}
	async takeHome(learner: { name: string }, course: string): Promise<Readable> {
		return Readable.from([Buffer.from(`work of ${learner.name} in ${course}`)]);
	}
	async end(learner: { name: string }, course: string): Promise<void> {
		if (this.failure) throw this.failure;
		this.running.delete(this.#key(learner, course));
	}
	async reset(): Promise<void> {
		if (this.failure) throw this.failure;
	}
	async resetLesson(learner: { name: string }, course: string): Promise<void> {
		if (!this.running.has(this.#key(learner, course))) throw new PublicError('no-sandbox');
	}
}

/** Every check passes. */
export class MemorySteps implements Steps {
	readonly #store: SqliteStore;
	constructor(store: SqliteStore) {
		this.#store = store;
	}
	async check(learner: { id: string }, course: string, lesson: string, step: string): Promise<StepReport> {
		return this.#store.putStep(learner.id, course, { lesson, step, state: 'passed' });
	}
	async reset(learner: { id: string }, course: string, lesson: string, step: string): Promise<StepReport> {
		this.#store.forgetSteps(learner.id, course, lesson, step);
		return { lesson, step, state: 'todo' };
	}
	answer(_learner: unknown, { choices }: { choices: readonly number[] }): boolean {
		return choices.join() === '1';
	}
	done(learner: { id: string }, course: string, lesson: string, step: string): StepReport {
		return this.#store.putStep(learner.id, course, { lesson, step, state: 'passed' });
	}
	reports(learner: { id: string }, course: string, lesson: string | undefined): StepReport[] {
		return this.#store.steps(learner.id, course, lesson);
	}
	forget(learner: { id: string }, course: string, lesson: string | undefined): void {
		this.#store.forgetSteps(learner.id, course, lesson);
	}
}

/** Keeps what is written, by path. */
export class MemoryFiles implements Files {
	readonly kept = new Map<string, string>();
	async look(_learner: object, _course: string, _lesson: string, path: string): Promise<FileReport> {
		const text = this.kept.get(path) ?? null;
		return { path, text, mark: text === null ? 'none' : '0'.repeat(64) };
	}
	async write(_learner: object, _course: string, _lesson: string, file: FileReport): Promise<FileReport> {
		if (file.text === null) this.kept.delete(file.path);
		else this.kept.set(file.path, file.text);
		return await this.look(_learner, _course, _lesson, file.path);
	}
}

/** Says every text message back, with whose page it is. */
export class EchoConnections implements LiveConnections {
	readonly #sockets = new Set<WebSocket>();
	accept(socket: WebSocket, visitor: Visitor): void {
		this.#sockets.add(socket);
		socket.on('close', () => this.#sockets.delete(socket));
		socket.on('message', () => socket.send(`${visitor.learner.name} ${visitor.course}/${visitor.lesson} ${visitor.language}`));
	}
	async close(): Promise<void> {
		for (const socket of this.#sockets) socket.close(1001);
	}
}

export const origin = 'http://localhost:8080';

export class TestServer {
	readonly app: FastifyInstance;
	readonly benches: MemoryBenches;
	readonly store: SqliteStore;
	readonly log: string[];
	/** ms that the server's clock is ahead. */
	clock: { ahead: number };

	private constructor(parts: Pick<TestServer, 'app' | 'benches' | 'store' | 'log' | 'clock'>) {
		this.app = parts.app;
		this.benches = parts.benches;
		this.store = parts.store;
		this.log = parts.log;
		this.clock = parts.clock;
	}

	static async start(changes: Partial<AppDeps> = {}): Promise<TestServer> {
		const store = openStore(':memory:');
		const benches = new MemoryBenches();
		const clock = { ahead: 0 };
		const log: string[] = [];
		const app = await buildApp({
			addresses: { publicOrigin: undefined, host: '127.0.0.1' },
			secret: Buffer.alloc(32, 7),
			site: undefined,
			version: '1.2.3',
			live: true,
			courses: [testCourse],
			store,
			values: new LearnerValues(Buffer.alloc(32, 7)),
			benches,
			steps: new MemorySteps(store),
			files: new MemoryFiles(),
			connections: new EchoConnections(),
			logger: createLogger('info', (line) => log.push(line)),
			now: () => Date.now() + clock.ahead,
			...changes,
		});
		return new TestServer({ app, benches, store, log, clock });
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
