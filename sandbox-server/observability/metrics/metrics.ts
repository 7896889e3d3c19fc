/**
 * What the server counts, for Prometheus (docs/operator/metrics.md). No learner's name is in it, and nothing that a learner could make up:
 * labels are courses, lessons, steps and codes of our own catalogues, so that there is an end to them.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { LabEvents } from '../../labs/events.ts';
import type { SandboxFigures } from '../../labs/overview.ts';

/** Seconds: a pooled sandbox is there in milliseconds, a queue may last for minutes. */
const startBuckets = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300];
const checkBuckets = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

export type StartOutcome = 'pool' | 'new' | 'failed' | 'called-off';

/** What is counted when it is asked for. */
export interface Figures extends SandboxFigures {
	connections: number;
	terminals: number;
	/** Images of all learners, bytes. */
	registry: { bytes: number; most: number };
}

/** Of a server without an engine. */
export const noFigures: Figures = {
	queue: 0,
	queueMax: 0,
	capacity: 0,
	sandboxes: [],
	pool: [],
	engine: 0,
	stuck: 0,
	connections: 0,
	terminals: 0,
	homes: { count: 0, bytes: 0, most: 0 },
	archives: { bytes: 0, most: 0 },
	registry: { bytes: 0, most: 0 },
};

/** What happens to sandboxes, as counts. */
export function counted(
	metrics: Metrics,
): Pick<LabEvents, 'given' | 'prompted' | 'ended' | 'failed' | 'calledOff' | 'notice' | 'commandEnded' | 'fault'> {
	return {
		given: ({ course: { slug } }, { pool, ms }) => metrics.started(slug, pool ? 'pool' : 'new', ms / 1000),
		prompted: ({ course: { slug } }, { pool, ms }) => metrics.prompted(slug, pool ? 'pool' : 'new', ms / 1000),
		ended: ({ course: { slug } }, cause) => metrics.ended(slug, cause),
		failed: ({ course: { slug } }, code) => {
			metrics.started(slug, 'failed');
			metrics.error(code);
		},
		calledOff: ({ course: { slug } }) => metrics.started(slug, 'called-off'),
		notice: (_, code) => metrics.error(code),
		fault: () => metrics.error('internal'),
		commandEnded: ({ course: { slug } }) => metrics.command(slug),
	};
}

export class Metrics {
	readonly #registry = new Registry();
	readonly #starts = this.#counter('etabli_starts_total', 'Sandboxes that were asked for, by how that ended', ['course', 'outcome']);
	readonly #ready = this.#histogram(
		'etabli_start_seconds',
		'From asking for a sandbox to having it, queue included',
		['course', 'outcome'],
		startBuckets,
	);
	readonly #prompts = this.#histogram(
		'etabli_prompt_seconds',
		'From asking for a sandbox to the first output of its first terminal, queue included',
		['course', 'outcome'],
		startBuckets,
	);
	readonly #ends = this.#counter('etabli_sandboxes_ended_total', 'Sandboxes of learners that went, by cause', ['course', 'cause']);
	readonly #checks = this.#histogram(
		'etabli_check_seconds',
		'Runs of checks, by verdict',
		['course', 'lesson', 'step', 'verdict'],
		checkBuckets,
	);
	readonly #errors = this.#counter('etabli_errors_total', 'Refusals and notices, by code of the catalogue', ['code']);
	readonly #bytes = this.#counter('etabli_websocket_bytes_total', 'Bytes of WebSocket messages, in from browsers and out to them', [
		'direction',
	]);
	readonly #commands = this.#counter('etabli_commands_total', 'Commands that ended in learners’ shells', ['course']);

	/** @param figures asked at each scrape */
	constructor(figures: () => Figures) {
		collectDefaultMetrics({ register: this.#registry, prefix: 'etabli_' });
		const gauge = (name: string, help: string, labelNames: string[], read: (now: Figures) => [Record<string, string>, number][]) => {
			const made = new Gauge({
				name,
				help,
				labelNames,
				registers: [this.#registry],
				collect() {
					made.reset();
					for (const [labels, value] of read(figures())) made.set(labels, value);
				},
			});
		};
		const single = (name: string, help: string, read: (now: Figures) => number) => gauge(name, help, [], (now) => [[{}, read(now)]]);
		single('etabli_queue_length', 'Learners who wait for a sandbox', (now) => now.queue);
		single('etabli_queue_max', 'Learners who may wait', (now) => now.queueMax);
		single('etabli_sandboxes_max', 'Sandboxes that may run at once', (now) => now.capacity);
		single('etabli_engine_up', '1 while the container engine answers', (now) => now.engine);
		single('etabli_sandboxes_stuck', 'Sandboxes that the engine cannot end; each keeps its place', (now) => now.stuck);
		single('etabli_connections', 'Open WebSockets', (now) => now.connections);
		single('etabli_terminals', 'Terminals that are shown in a page', (now) => now.terminals);
		single('etabli_homes', 'Homes that are kept', (now) => now.homes.count);
		single('etabli_homes_bytes', 'Disk that they use', (now) => now.homes.bytes);
		single('etabli_homes_max_bytes', 'Disk that they may use', (now) => now.homes.most);
		single('etabli_archives_bytes', 'Disk of archives on their way to browsers', (now) => now.archives.bytes);
		single('etabli_archives_max_bytes', 'Disk that they may use', (now) => now.archives.most);
		single('etabli_registry_bytes', 'Disk of learners’ images in the registry', (now) => now.registry.bytes);
		single('etabli_registry_max_bytes', 'Disk that they may use', (now) => now.registry.most);
		gauge('etabli_sandboxes', 'Sandboxes by state; pool: ready, and nobody’s', ['course', 'state'], (now) =>
			now.sandboxes.map(({ course, state, count }) => [{ course, state }, count]),
		);
		gauge('etabli_pool_wanted', 'Sandboxes that are to be ready ahead', ['course'], (now) =>
			now.pool.map(({ course, count }) => [{ course }, count]),
		);
	}

	#counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
		return new Counter({ name, help, labelNames, registers: [this.#registry] });
	}

	#histogram<L extends string>(name: string, help: string, labelNames: L[], buckets: number[]): Histogram<L> {
		return new Histogram({ name, help, labelNames, buckets, registers: [this.#registry] });
	}

	/** @param seconds undefined when there is no sandbox in the end */
	started(course: string, outcome: StartOutcome, seconds?: number): void {
		this.#starts.inc({ course, outcome });
		if (seconds !== undefined) this.#ready.observe({ course, outcome }, seconds);
	}

	/** The learner sees a prompt. */
	prompted(course: string, outcome: StartOutcome, seconds: number): void {
		this.#prompts.observe({ course, outcome }, seconds);
	}

	ended(course: string, cause: string): void {
		this.#ends.inc({ course, cause });
	}

	checked(labels: { course: string; lesson: string; step: string; verdict: string }, seconds: number): void {
		this.#checks.observe(labels, seconds);
	}

	error(code: string): void {
		this.#errors.inc({ code });
	}

	traffic(direction: 'in' | 'out', bytes: number): void {
		this.#bytes.inc({ direction }, bytes);
	}

	command(course: string): void {
		this.#commands.inc({ course });
	}

	/** In Prometheus' text format. */
	text(): Promise<string> {
		return this.#registry.metrics();
	}

	get contentType(): string {
		return this.#registry.contentType;
	}
}
