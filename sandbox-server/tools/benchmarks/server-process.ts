/** The measured server, in a process of its own: its memory and processor time are its own, and so is its event loop. Ends with its parent. */

import { subscribe } from 'node:diagnostics_channel';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../../src/shared/course/cluster.ts';
import type { Course, Limits } from '../../../src/shared/course/course.ts';
import { createServer, type SandboxParts } from '../../app.ts';
import { readInstance } from '../../labs/instance.ts';
import { createLogger } from '../../observability/log/log.ts';
import { defaultUids } from '../../options.ts';
import { RegistryFront } from '../../registry/front.ts';
import { MemoryRuntime } from '../../runtimes/fakes/fakes.ts';
import { connectEngine } from '../../runtimes/find-engine.ts';
import { MountedFolders } from '../../runtimes/mounted-folder.ts';
import { openSandboxIds } from '../../runtimes/sandbox-ids.ts';
import { nameOf } from '../../store/store.ts';
import { type LessonName, makeCourse } from './course.ts';
import { EchoAgent, makeReplay } from './echo-agent.ts';
import type { Click } from './probe.ts';
import { watchClicks } from './probe.ts';

export interface ServerProcessSettings {
	/** docker: real sandboxes; fake: none, EchoAgents instead. */
	kind: 'docker' | 'fake';
	data: string;
	/** Addresses of the engine, and of the one that builds its images. */
	engine: string;
	builder: string;
	/** The file of --kubernetes, where the engine is a cluster. */
	kubernetes: string | undefined;
	/** Where it is served; 0: any port. */
	port: number;
	image: string;
	guest: string;
	limits: Limits;
	pool: number;
	maxSandboxes: number;
	/** Bytes that each fake terminal has printed before. */
	replayBytes: number;
	/** Every check of a fake sandbox says "not yet". */
	notYet: boolean;
	/** Folder of the built site; undefined: no pages are served. */
	site: string | undefined;
	/** Other names for the course and its lesson: those of a page of the site. */
	shown: LessonName | undefined;
	/** Of the course. */
	cluster: Cluster | undefined;
}

export type Asked = { ask: 'memory' } | { ask: 'pool'; size: number } | { ask: 'questions' } | { ask: 'leave' };
export type Said =
	/** `invitation`: its secret makes whoever enters by it a trainer. */
	| { said: 'ready'; address: string; invitation: string | undefined }
	| { said: 'failed'; why: string }
	| { said: 'memory'; rss: number; heap: number }
	/** Requests to the API server of the cluster so far. */
	| { said: 'questions'; count: number }
	| { said: 'click'; click: Click }
	| { said: 'judged'; ms: number };

const settings = JSON.parse(process.argv[2] ?? '{}') as ServerProcessSettings;
const say = (message: Said): void => void process.send?.(message);

/** Every request that this process sends by HTTP goes to the cluster: to node agents it speaks HTTP/2, and to nobody else. */
let questions = 0;
if (settings.kubernetes !== undefined) subscribe('http.client.request.start', () => questions++);

async function parts(): Promise<SandboxParts> {
	if (settings.kind === 'docker') {
		const { engine: url, builder, kubernetes, data } = settings;
		// `oci` looks for the engine that builds its images as always.
		const env = { ...process.env, ...(builder !== url && { DOCKER_HOST: builder }) };
		const engine = await connectEngine({ url, env, kubernetes, stateDir: data, instance: readInstance(data) });
		const { mapsUsers } = await engine.info();
		const { ids } = openSandboxIds(defaultUids, { local: engine.local, mapsUsers });
		// Listened on as in `up`; nothing is behind it, and nobody asks.
		const front = new RegistryFront({ upstreamSocket: join(settings.data, 'no-registry.sock'), usedBytes: async () => 0 });
		return {
			runtime: engine.runtime({ folders: new MountedFolders(join(settings.data, 'sandboxes')), guest: settings.guest, ids }),
			image: () => settings.image,
			listenRegistry: (transport, whose) => front.listen(transport, { ...nameOf(whose), images: [] }),
		};
	}
	const runtime = new MemoryRuntime();
	const replay = makeReplay(settings.replayBytes);
	const waiting = new Map<string, () => void>();
	const start = runtime.start.bind(runtime);
	runtime.start = async (spec, signal) => {
		await start(spec, signal);
		setImmediate(() => waiting.get(spec.name)?.());
	};
	return {
		runtime,
		image: () => 'none',
		listenRegistry: undefined,
		listenAgent: async ({ name }, onAgent) => {
			waiting.set(name, () => onAgent(new EchoAgent(replay, settings.notYet ? 10 : 0)));
			return { close: () => void waiting.delete(name) };
		},
	};
}

async function main(): Promise<void> {
	mkdirSync(settings.data, { recursive: true, mode: 0o711 });
	const course: Course = makeCourse(settings);
	const { data, maxSandboxes, port } = settings;
	watchClicks((click) => say({ said: 'click', click }));
	const server = await createServer({
		config: { host: '127.0.0.1', port, publicUrl: undefined, data, maxSandboxes, keep: false },
		courses: [course],
		site: settings.site,
		sandboxParts: await parts(),
		version: 'bench',
		logger: createLogger('warn', (line) => void process.stderr.write(line)),
		onCheckRun: ({ result }) => say({ said: 'judged', ms: result.ms }),
	});
	let ending: Promise<void> | undefined;
	const end = (keep: boolean) => {
		if (ending) return;
		ending = server.close(keep).then(
			() => process.exit(0),
			(error: unknown) => {
				process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
				process.exit(1);
			},
		);
	};
	process.once('SIGTERM', () => end(false));
	process.once('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the parent decides.
	process.once('disconnect', () => end(false));
	process.on('message', (asked: Asked) => {
		if (asked.ask === 'pool') course.settings.pool = asked.size;
		else if (asked.ask === 'questions') say({ said: 'questions', count: questions });
		else if (asked.ask === 'leave') end(true);
		else {
			globalThis.gc?.();
			const { rss, heapUsed } = process.memoryUsage();
			say({ said: 'memory', rss, heap: heapUsed });
		}
	});
	say({ said: 'ready', address: await server.listen(), invitation: server.inviteFirstTrainer() });
}

try {
	await main();
} catch (error) {
	say({ said: 'failed', why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
	process.exit(1);
}
