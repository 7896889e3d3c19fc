/**
 * What a cluster has of one kind, known all the time without asking: listed once, then followed. What happened while nobody listened comes out when
 * it is listed again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { untilAborted } from '../../platform/deadline.ts';
import { warnOfFault } from '../../platform/fault.ts';
import { ApiAway, ApiRefusal, type KubeApi, type WatchEvent } from './kube-api.ts';

/** What every object of Kubernetes has. */
export interface KubeObject {
	metadata?: { name?: string; uid?: string; resourceVersion?: string };
}

interface List {
	metadata?: { resourceVersion?: string; continue?: string };
	items?: KubeObject[];
}

export interface InformerOptions<T> {
	api: KubeApi;
	/** Such as /api/v1/namespaces/etabli/pods. */
	path: string;
	selector: string;
	/** What is kept of an object: there are thousands. */
	keep: (object: KubeObject) => T;
	/** One has come (`before` undefined), is another, or is gone (`now` undefined). */
	onChange: (name: string, now: T | undefined, before: T | undefined) => void;
	/** It cannot be followed at the moment; tried again by itself. Told once, until it was followed again. */
	onLost: (error: Error) => void;
}

/** Objects of one answer. */
const pageSize = 500;
/** After a failure, ms: the first pause, and the longest. */
const pauses = { first: 200, most: 5000 };
/** The API server is to end a watch after so long, s; some more by chance, so that those of many servers do not end together. */
const watchSeconds = { least: 240, more: 120 };
/** A watch that ends sooner than that was of no use, ms: before the next there is a pause. */
const soonMs = 1000;
/** How long a list may take, ms. */
const listMs = 30_000;

export class Informer<T> {
	readonly #options: InformerOptions<T>;
	readonly #known = new Map<string, { object: T; uid: string | undefined }>();
	readonly #ended = new AbortController();
	/** Of the last thing that is known; undefined: to be listed. */
	#version: string | undefined;
	#followed = false;
	#error: Error | undefined;
	#wakeUp = new AbortController();
	/** Who waits until it is followed, or has failed. */
	#waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
	#running = false;

	constructor(options: InformerOptions<T>) {
		this.#options = options;
	}

	get(name: string): T | undefined {
		return this.#known.get(name)?.object;
	}

	*[Symbol.iterator](): Iterator<[string, T]> {
		for (const [name, { object }] of this.#known) yield [name, object];
	}

	/**
	 * Resolves when all is known; begins where it has not begun yet.
	 * @throws what the attempt failed with, or the signal's reason; it goes on by itself
	 */
	async ready(signal?: AbortSignal): Promise<void> {
		signal?.throwIfAborted();
		if (!this.#running) {
			this.#running = true;
			void this.#run();
		}
		if (this.#followed) return;
		// Who asks is not to wait for a pause after the last failure.
		this.#wakeUp.abort();
		const next = new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
		await (signal ? untilAborted(next, signal) : next);
	}

	/** For good. */
	close(): void {
		this.#ended.abort(new ApiAway('closed'));
		this.#settle(new ApiAway('closed'));
	}

	/** Never rejects. */
	async #run(): Promise<void> {
		const { signal } = this.#ended;
		let failures = 0;
		while (!signal.aborted) {
			const begun = Date.now();
			try {
				if (this.#version === undefined) await this.#list();
				await this.#watch();
				failures = 0;
			} catch (error) {
				if (signal.aborted) return;
				if (error instanceof ApiRefusal && (error.status === 410 || error.reason === 'Expired')) this.#version = undefined;
				else {
					failures = Date.now() - begun < soonMs ? failures + 1 : 1;
					this.#lost(error as Error);
				}
			}
			if (failures > 0 || Date.now() - begun < soonMs) await this.#pause(failures);
		}
	}

	async #pause(failures: number): Promise<void> {
		const ms = Math.min(pauses.most, pauses.first * 2 ** Math.min(failures, 10));
		this.#wakeUp = new AbortController();
		const signal = AbortSignal.any([this.#ended.signal, this.#wakeUp.signal]);
		await sleep(ms / 2 + Math.random() * (ms / 2), undefined, { signal, ref: this.#waiting.length > 0 }).catch(() => undefined);
	}

	#lost(error: Error): void {
		const told = this.#error !== undefined;
		this.#followed = false;
		this.#error = error;
		for (const { reject } of this.#waiting.splice(0)) reject(error);
		if (!told) this.#options.onLost(error);
	}

	/** @param error undefined: it is followed */
	#settle(error: Error | undefined): void {
		this.#followed = error === undefined;
		this.#error = error;
		for (const { resolve, reject } of this.#waiting.splice(0)) {
			if (error) reject(error);
			else resolve();
		}
	}

	async #list(): Promise<void> {
		const { api, path, selector } = this.#options;
		const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(listMs)]);
		const found: KubeObject[] = [];
		let page: List = {};
		do {
			const query: Record<string, string | number> = { labelSelector: selector, limit: pageSize };
			if (page.metadata?.continue) query['continue'] = page.metadata.continue;
			page = await api.ask<List>({ path, query, signal });
			found.push(...(page.items ?? []));
		} while (page.metadata?.continue);
		const names = new Set(found.map((object) => object.metadata?.name ?? ''));
		for (const name of [...this.#known.keys()]) if (!names.has(name)) this.#change(name, undefined);
		for (const object of found) this.#change(object.metadata?.name ?? '', object);
		this.#version = page.metadata?.resourceVersion ?? '';
	}

	async #watch(): Promise<void> {
		const { api, path, selector } = this.#options;
		const query = {
			labelSelector: selector,
			resourceVersion: this.#version ?? '',
			timeoutSeconds: Math.round(watchSeconds.least + Math.random() * watchSeconds.more),
		};
		await api.watch(
			{ path, query, signal: this.#ended.signal },
			(event) => this.#take(event),
			() => this.#settle(undefined),
		);
	}

	#take({ type, object }: WatchEvent): void {
		const { metadata } = object as KubeObject;
		if (metadata?.resourceVersion) this.#version = metadata.resourceVersion;
		if (type === 'BOOKMARK' || type === 'ERROR') return;
		this.#change(metadata?.name ?? '', type === 'DELETED' ? undefined : (object as KubeObject));
	}

	#change(name: string, object: KubeObject | undefined): void {
		const { keep } = this.#options;
		const before = this.#known.get(name);
		if (object === undefined) {
			if (!before) return;
			this.#known.delete(name);
			return this.#tell(name, undefined, before.object);
		}
		const uid = object.metadata?.uid;
		// Another one of that name: the first is gone, although nobody said so.
		if (before && before.uid !== uid) {
			this.#known.delete(name);
			this.#tell(name, undefined, before.object);
		}
		const now = keep(object);
		this.#known.set(name, { object: now, uid });
		this.#tell(name, now, before?.uid === uid ? before?.object : undefined);
	}

	/** A fault of who is told is none of the watch's. */
	#tell(name: string, now: T | undefined, before: T | undefined): void {
		try {
			this.#options.onChange(name, now, before);
		} catch (error) {
			warnOfFault(error);
		}
	}
}
