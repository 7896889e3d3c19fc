/**
 * How a learner's cluster stands, for as long as a page of theirs is open: a script in the sandbox waits for changes, by the kernel's word, and says how
 * things are (guest/cluster-view). While nobody looks nothing runs.
 */
import type { ClusterView } from '../../src/shared/protocol/cluster-view.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { AgentGone, AgentRefused, type ScriptRequest, type ScriptResult } from '../agent/agent.ts';
import { Pictures } from './cluster-picture.ts';

const script = '#!/bin/sh\nexec /opt/etabli/cluster watch\n';
/** What is forgotten in a sandbox ends at some time, ms; so do its words, bytes. */
const timeLimitMs = 3_600_000;
const outputLimit = 4 * 2 ** 20;

interface Parts {
	/** A script in the sandbox. */
	run: (request: ScriptRequest) => Promise<ScriptResult>;
	/** It stands otherwise than before. */
	seen: (view: ClusterView) => void;
	/** Waits a second, say: after each picture, and before the next script where one has ended by itself. */
	pause: () => Promise<void>;
}

export class ClusterWatch {
	readonly #parts: Parts;
	/** Where the script runs, once there has been a cluster. */
	#place: Pick<ScriptRequest, 'cwd' | 'env'> | undefined;
	#looking = false;
	/** The script that runs. */
	#running: AbortController | undefined;
	/** As it was seen last; undefined while nobody looks, or nothing has been seen yet. */
	view: ClusterView | undefined;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** A page is open, or none is any more. Idempotent. */
	look(looking: boolean): void {
		this.#looking = looking;
		if (looking) return this.#begin();
		this.#running?.abort();
		this.#running = undefined;
		this.view = undefined;
	}

	/** There is a cluster, running or not; does nothing for a lesson that has none. Idempotent. @param env of a script of the lesson */
	started(env: Record<string, string>, cwd: string): void {
		if (env['ETABLI_CLUSTER'] === undefined) return;
		this.#place = { env, cwd };
		this.#begin();
	}

	#begin(): void {
		if (!this.#looking || !this.#place || this.#running) return;
		const running = new AbortController();
		this.#running = running;
		void this.#follow(this.#place, running.signal).finally(() => {
			if (this.#running === running) this.#running = undefined;
		});
	}

	/** Until nobody looks; one that ends without a word is not begun again before somebody looks anew. */
	async #follow(place: Pick<ScriptRequest, 'cwd' | 'env'>, signal: AbortSignal): Promise<void> {
		try {
			for (;;) {
				let said = false;
				const pictures = new Pictures();
				// The script keeps that pace by itself; the learner, who can write in its place, is held back to it.
				const onOutput = (bytes: Uint8Array) => {
					const view = pictures.take(bytes);
					if (!view || signal.aborted) return undefined;
					said = true;
					this.#see(view);
					return this.#parts.pause();
				};
				await this.#parts.run({ ...place, name: 'cluster-watch', script, timeLimitMs, outputLimit, onOutput, signal });
				if (!said || signal.aborted) return;
				await this.#parts.pause();
			}
		} catch (error) {
			// The next start of the cluster, which is quick where it runs, begins anew.
			if (!(error instanceof AgentGone || error instanceof AgentRefused || error instanceof Refusal)) throw error;
		}
	}

	#see(view: ClusterView): void {
		this.view = view;
		this.#parts.seen(view);
	}
}
