/** The measured server, in a process of its own: its memory and processor time are its own, and so is its event loop. Ends with its parent. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Course, Limits } from '../../src/shared/course.ts';
import { type BenchParts, createServer } from '../app.ts';
import { DockerEngine } from '../engines/docker.ts';
import { MemoryEngine } from '../engines/fakes.ts';
import { createLogger } from '../log.ts';
import { RegistryFront } from '../registry/front.ts';
import { makeCourse } from './course.ts';
import { EchoHolder, makeReplay } from './echo-holder.ts';
import type { Click } from './probe.ts';
import { watchClicks } from './probe.ts';

export interface ServerProcessSettings {
	/** docker: real sandboxes; fake: none, EchoHolders instead. */
	kind: 'docker' | 'fake';
	data: string;
	/** Address of the engine. */
	engine: string;
	image: string;
	guest: string;
	limits: Limits;
	pool: number;
	maxSandboxes: number;
	/** Bytes that each fake terminal has printed before. */
	replayBytes: number;
}

export type Asked = { ask: 'memory' } | { ask: 'pool'; size: number };
export type Said =
	| { said: 'ready'; address: string }
	| { said: 'failed'; why: string }
	| { said: 'memory'; rss: number; heap: number }
	| { said: 'click'; click: Click }
	| { said: 'judged'; ms: number };

const settings = JSON.parse(process.argv[2] ?? '{}') as ServerProcessSettings;
const say = (message: Said): void => void process.send?.(message);

async function parts(): Promise<BenchParts> {
	if (settings.kind === 'docker') {
		const engine = await DockerEngine.connect({ url: settings.engine, stateDir: settings.data });
		// Listened on as in `up`; nothing is behind it, and nobody asks.
		const front = new RegistryFront({ upstreamSocket: join(settings.data, 'no-registry.sock'), usedBytes: async () => 0 });
		return {
			engine,
			image: () => settings.image,
			guest: settings.guest,
			listenRegistry: (path, { learner, course }) => front.listen(path, { learner, course: course.slug, images: [] }),
		};
	}
	const engine = new MemoryEngine();
	const replay = makeReplay(settings.replayBytes);
	const waiting = new Map<string, () => void>();
	const start = engine.start.bind(engine);
	engine.start = async (spec, signal) => {
		await start(spec, signal);
		setImmediate(() => waiting.get(join(spec.sockets, 'holder.sock'))?.());
	};
	return {
		engine,
		image: () => 'none',
		guest: '/nonexistent',
		listenRegistry: undefined,
		listenHolder: async (path, onHolder) => {
			waiting.set(path, () => onHolder(new EchoHolder(replay)));
			return { close: () => void waiting.delete(path) };
		},
	};
}

async function main(): Promise<void> {
	mkdirSync(settings.data, { recursive: true, mode: 0o711 });
	const course: Course = makeCourse(settings.limits, settings.pool);
	const { data, maxSandboxes } = settings;
	watchClicks((click) => say({ said: 'click', click }));
	const server = await createServer({
		config: { host: '127.0.0.1', port: 0, publicUrl: undefined, data, maxSandboxes, keep: false },
		courses: [course],
		site: undefined,
		bench: await parts(),
		version: 'bench',
		logger: createLogger('warn', (line) => void process.stderr.write(line)),
		onJudged: ({ result }) => say({ said: 'judged', ms: result.ms }),
	});
	let ending: Promise<void> | undefined;
	const end = () => {
		if (ending) return;
		ending = server.close().then(
			() => process.exit(0),
			(error: unknown) => {
				process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
				process.exit(1);
			},
		);
	};
	process.once('SIGTERM', end);
	process.once('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the parent decides.
	process.once('disconnect', end);
	process.on('message', (asked: Asked) => {
		if (asked.ask === 'pool') course.settings.pool = asked.size;
		else {
			globalThis.gc?.();
			const { rss, heapUsed } = process.memoryUsage();
			say({ said: 'memory', rss, heap: heapUsed });
		}
	});
	say({ said: 'ready', address: await server.listen() });
}

try {
	await main();
} catch (error) {
	say({ said: 'failed', why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
	process.exit(1);
}
