/** What every measure is given: the engine with an image, how large to measure, and servers to measure. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { Cluster } from '../../../src/shared/course/cluster.ts';
import type { Limits } from '../../../src/shared/course/course.ts';
import type { Engine } from '../../runtimes/engine.ts';
import { kubernetesUrl } from '../../runtimes/kubernetes/choice.ts';
import type { LessonName } from './course.ts';
import type { Row } from './rows.ts';
import { MeasuredServer } from './server.ts';

/** How much is measured: the whole, or a moment's look. */
export interface Scale {
	/** Starts from the pool, and cold ones, each with its reference. */
	starts: { warm: number; cold: number };
	/** Learners who click at once, round after round; and the pool that they find. */
	classes: { sizes: number[]; pool: number };
	/** Keys typed, in quiet and while others flood. */
	keys: number;
	/** Bytes of bulk output, and runs of it. */
	bulk: { bytes: number; runs: number };
	/** Lines of output in a lesson's page, and rounds, of each of its ways. */
	page: { lines: number; rounds: number };
	interrupts: number;
	verdicts: number;
	/** Open terminals on the engine without sandboxes. */
	terminals: number[];
	/** Learners who type at the same time, for how many seconds. */
	typists: { learners: number; seconds: number };
	/** s */
	flood: number;
	/** Sandboxes that do nothing, looked at for how many seconds. */
	idle: { sandboxes: number; seconds: number };
	/** People who follow a trainer's terminal; keys of the trainer; s of its flood. */
	follow: { people: number; keys: number; seconds: number };
	/** Learners whose verdicts a cockpit shows, for how many seconds; a small class, and how often each page is opened. */
	cockpit: { people: number; seconds: number; few: number; paints: number };
	/** Bytes of a web page, and how often it is fetched by each way. */
	preview: { bytes: number; fetches: number };
	/** Bytes of a file, and how many are opened; rounds of typing in the last of them, each of some seconds beside each kind of terminal. */
	editor: { bytes: number; runs: number; rounds: number; seconds: number };
	/** Cold starts, learners who click at once, and the pool that they find, with each engine. */
	engines: { cold: number; class: number; pool: number };
	/** Starts from the pool, and cold ones, with a cluster and without; jobs one after the other; jobs whose verdict is waited for; learners who submit at once, and s of a processor that each task of theirs takes. */
	cluster: { warm: number; cold: number; jobs: number; verdicts: number; learners: number; seconds: number };
	/** Starts from the pool, and cold ones, with each engine; people who work, for how many seconds; terminals that are open when the server is another. */
	kubernetes: { warm: number; cold: number; people: number; seconds: number; terminals: number };
}

export const fullScale: Scale = {
	starts: { warm: 40, cold: 20 },
	classes: { sizes: [1, 10, 40, 100], pool: 40 },
	keys: 1000,
	bulk: { bytes: 50_000_000, runs: 5 },
	page: { lines: 200_000, rounds: 5 },
	interrupts: 20,
	verdicts: 60,
	terminals: [1, 100, 500],
	typists: { learners: 500, seconds: 20 },
	flood: 60,
	idle: { sandboxes: 100, seconds: 60 },
	follow: { people: 100, keys: 500, seconds: 10 },
	cockpit: { people: 200, seconds: 20, few: 10, paints: 9 },
	preview: { bytes: 2_000_000, fetches: 100 },
	editor: { bytes: 1_000_000, runs: 7, rounds: 3, seconds: 5 },
	engines: { cold: 20, class: 100, pool: 40 },
	cluster: { warm: 20, cold: 10, jobs: 20, verdicts: 20, learners: 40, seconds: 1 },
	kubernetes: { warm: 30, cold: 10, people: 10, seconds: 300, terminals: 100 },
};

export const quickScale: Scale = {
	starts: { warm: 2, cold: 2 },
	classes: { sizes: [1, 2], pool: 1 },
	keys: 30,
	bulk: { bytes: 2_000_000, runs: 1 },
	page: { lines: 20_000, rounds: 1 },
	interrupts: 2,
	verdicts: 3,
	terminals: [1, 10],
	typists: { learners: 10, seconds: 1 },
	flood: 2,
	idle: { sandboxes: 1, seconds: 1 },
	follow: { people: 5, keys: 20, seconds: 1 },
	cockpit: { people: 5, seconds: 2, few: 2, paints: 1 },
	preview: { bytes: 2_000_000, fetches: 3 },
	editor: { bytes: 1_000_000, runs: 1, rounds: 1, seconds: 1 },
	engines: { cold: 2, class: 2, pool: 1 },
	cluster: { warm: 2, cold: 2, jobs: 3, verdicts: 2, learners: 2, seconds: 0.5 },
	kubernetes: { warm: 1, cold: 1, people: 1, seconds: 5, terminals: 2 },
};

export interface Measure {
	name: string;
	/** Heading of its table. */
	title: string;
	run(kit: Kit): Promise<Row[]>;
}

/** What sandboxes of a course are made of. */
export interface MadeOf {
	/** Reference of the learners' machine in the engine. */
	image: string;
	limits: Limits;
}

export interface KitOptions extends MadeOf {
	engine: Engine;
	guest: string;
	/** The same of a course with a cluster; undefined: there is none. */
	clustered: (MadeOf & { cluster: Cluster }) | undefined;
	/** The file of --kubernetes, of the cluster that the kubeconfig names, and the same image as its nodes have it; undefined: there is none. */
	kubernetes: { file: string; image: string } | undefined;
	/** Folder of the built site, built when it is asked for. */
	site: () => Promise<string>;
	scale: Scale;
	signal: AbortSignal;
	/** Says what is going on. */
	detail: (line: string) => void;
}

interface FakeOptions {
	/** Bytes that each terminal has printed before. */
	replayBytes?: number;
	/** Every check says "not yet". */
	notYet?: boolean;
	/** Folder of the built site; left out: no pages. */
	site?: string | undefined;
	/** Names under which the course that is played is served: those of a page of the site. */
	shown?: LessonName | undefined;
}

export class Kit {
	readonly engine: Engine;
	readonly image: string;
	readonly guest: string;
	readonly limits: Limits;
	readonly clustered: KitOptions['clustered'];
	readonly kubernetes: KitOptions['kubernetes'];
	readonly site: () => Promise<string>;
	readonly scale: Scale;
	readonly signal: AbortSignal;
	readonly detail: (line: string) => void;
	readonly #folder = mkdtempSync(join(tmpdir(), 'etabli-bench-'));
	#servers: MeasuredServer[] = [];
	#people: Worker[] = [];

	constructor(options: KitOptions) {
		this.engine = options.engine;
		this.image = options.image;
		this.guest = options.guest;
		this.limits = options.limits;
		this.clustered = options.clustered;
		this.kubernetes = options.kubernetes;
		this.site = options.site;
		this.scale = options.scale;
		this.signal = options.signal;
		this.detail = options.detail;
	}

	/** A server on the real engine, or on another one of this machine; it ends with the measure. */
	async docker({
		pool = 0,
		site,
		shown,
		engine,
	}: {
		pool?: number;
		site?: string;
		shown?: LessonName;
		engine?: Engine;
	} = {}): Promise<MeasuredServer> {
		return await this.#start({ kind: 'docker', pool, site, shown, engine });
	}

	/** The same on the image of the course with a cluster. @param cluster whether it has one here, too @throws Error when there is no such course */
	async clusters(cluster: boolean): Promise<MeasuredServer> {
		if (!this.clustered) throw new Error('no course that is served has a cluster');
		const { image, limits } = this.clustered;
		return await this.#start({ kind: 'docker', pool: 0, made: { image, limits }, cluster: cluster ? this.clustered.cluster : undefined });
	}

	/** A server whose sandboxes are pods of the cluster, of the same image. @throws Error when there is none */
	async pods(): Promise<MeasuredServer> {
		if (this.kubernetes === undefined) throw new Error('no cluster is named: --kubernetes FILE, and a kubeconfig');
		const { file, image } = this.kubernetes;
		return await this.#start({ kind: 'docker', pool: 0, kubernetes: file, made: { image, limits: this.limits } });
	}

	/** Another version of a server takes its place and its sandboxes. @param onEnd called when the first is told to end */
	async replace(server: MeasuredServer, onEnd: () => void): Promise<MeasuredServer> {
		const port = Number(new URL(server.address).port);
		onEnd();
		await server.leave();
		const next = await MeasuredServer.start({ ...server.settings, port });
		this.#servers = this.#servers.map((one) => (one === server ? next : one));
		return next;
	}

	/** A server whose terminals have no sandbox behind them. */
	async fake({ replayBytes = 0, notYet = false, site }: FakeOptions = {}): Promise<MeasuredServer> {
		return await this.#start({ kind: 'fake', pool: 0, replayBytes, notYet, site });
	}

	async #start({
		kind,
		pool,
		replayBytes = 0,
		notYet = false,
		site,
		shown,
		made = this,
		cluster,
		kubernetes,
		engine = this.engine,
	}: Pick<MeasuredServer['settings'], 'kind' | 'pool'> &
		FakeOptions & { made?: MadeOf; cluster?: Cluster | undefined; kubernetes?: string; engine?: Engine | undefined }) {
		this.signal.throwIfAborted();
		const data = join(this.#folder, String(this.#servers.length));
		mkdirSync(data, { recursive: true });
		const { guest } = this;
		const { image, limits } = made;
		const server = await MeasuredServer.start({
			kind,
			data,
			engine: kubernetes === undefined ? engine.url : kubernetesUrl,
			builder: engine.builder.url,
			kubernetes,
			port: 0,
			image,
			guest,
			limits,
			pool,
			maxSandboxes: 1000,
			replayBytes,
			notYet,
			site,
			shown,
			cluster,
		});
		this.#servers.push(server);
		return server;
	}

	/**
	 * People in a thread of their own: whoever measures is not to do their work. They leave with the measure at the latest.
	 * @param script in this folder; it says something when everybody is there
	 * @throws what the thread threw before that
	 */
	async people(script: string, workerData: unknown): Promise<Worker> {
		this.signal.throwIfAborted();
		const worker = new Worker(join(import.meta.dirname, script), { workerData });
		this.#people.push(worker);
		await once(worker, 'message', { signal: this.signal });
		return worker;
	}

	/** Ends every server of the measure, and whoever is there. */
	async endServers(): Promise<void> {
		await Promise.all(this.#people.splice(0).map((worker) => worker.terminate()));
		const servers = this.#servers;
		this.#servers = [];
		await Promise.all(servers.map((server) => server.stop()));
		for (const { settings } of servers) rmSync(settings.data, { recursive: true, force: true });
	}

	async close(): Promise<void> {
		await this.endServers();
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

export interface StoredSandbox {
	name: string;
	/** Public name of its learner; null while it is in the pool. */
	learner: string | null;
	state: string;
	created: number;
	claimed: number | null;
}

/** What the server has written down of its sandboxes. */
export function storedSandboxes({ settings }: MeasuredServer): StoredSandbox[] {
	const store = new DatabaseSync(join(settings.data, 'store.sqlite'), { readOnly: true });
	try {
		const query = 'select s.name, l.name as learner, s.state, s.created, s.claimed from sandbox s left join learner l on l.id = s.learner';
		return store.prepare(query).all() as unknown as StoredSandbox[];
	} finally {
		store.close();
	}
}

/** Name of the learner's container. @throws Error when there is none */
export function sandboxOf(server: MeasuredServer, learner: string): string {
	const found = storedSandboxes(server).find((row) => row.learner === learner && row.state === 'ready');
	if (!found) throw new Error(`${learner} has no sandbox`);
	return found.name;
}

/** Resolves when the pool has its size. @throws Error when that takes too long */
export async function poolFull(server: MeasuredServer, signal: AbortSignal, ms = 300_000): Promise<void> {
	const end = Date.now() + ms;
	const { pool } = server.settings;
	for (;;) {
		const ready = storedSandboxes(server).filter(({ learner, state }) => learner === null && state === 'ready').length;
		if (ready >= pool) return;
		signal.throwIfAborted();
		if (Date.now() > end) throw new Error(`the pool has ${ready} of ${pool} sandboxes after ${ms / 1000} s`);
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
}
