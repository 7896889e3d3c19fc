/** Has certificates drawn by threads of their own, one at a time, by turns of those who ask. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Certificate } from '../../src/shared/protocol/certificates.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import { DeadlinePassed, untilAborted, withDeadline } from '../platform/deadline.ts';
import { Semaphore } from '../platform/semaphore.ts';
import type { PdfRequest } from './certificate-pdf.ts';

/** Which letters of a name the font lacks, or a whole certificate. */
export type DrawOrder = { letters: string } | { certificate: Certificate; request: PdfRequest };

/** Who orders. */
export interface Customer {
	/** Id of a learner. */
	learner: string;
	/** Aborts when nobody waits for it any more. */
	gone: AbortSignal;
}

/** Of one learner, besides the one that is being drawn. */
const maxWaiting = 2;
/** Drawing takes a tenth of a second, on a busy machine a few seconds: what has not ended by then hangs. */
const drawingMs = 20_000;

interface DrawerOptions {
	/** The thread's script. */
	script?: string;
	clock?: Clock;
}

export class Drawer {
	readonly #turns = new Semaphore({ places: 1 });
	readonly #script: string;
	readonly #clock: Clock;

	constructor({ script = join(import.meta.dirname, 'certificate-worker.ts'), clock = systemClock }: DrawerOptions = {}) {
		this.#script = script;
		this.#clock = clock;
	}

	/** Letters of a name that certificates cannot show, each once; '' when there are none. @throws Refusal too-many, not-drawn */
	async unprintableLetters(name: string, customer: Customer): Promise<string> {
		return String(await this.#draw({ letters: name }, customer));
	}

	/** @returns the file @throws Refusal too-many, not-drawn */
	async certificate(certificate: Certificate, request: PdfRequest, customer: Customer): Promise<Buffer> {
		return Buffer.from((await this.#draw({ certificate, request }, customer)) as Uint8Array);
	}

	async #draw(order: DrawOrder, { learner, gone }: Customer): Promise<unknown> {
		if (this.#turns.waiting(learner) >= maxWaiting) throw new Refusal('too-many', 'certificates of one learner');
		return await this.#turns.run(async () => {
			try {
				gone.throwIfAborted();
				return await withDeadline({ clock: this.#clock, ms: drawingMs, outer: gone }, (signal) => this.#inThread(order, signal));
			} catch (cause) {
				if (gone.aborted) throw new Refusal('not-drawn', 'nobody waits for it any more', { cause });
				if (cause instanceof DeadlinePassed) throw new Refusal('not-drawn', cause.message, { cause });
				throw cause;
			}
		}, learner);
	}

	async #inThread(order: DrawOrder, signal: AbortSignal): Promise<unknown> {
		const worker = new Worker(this.#script, { workerData: order });
		const answer = new Promise<unknown>((done, failed) => {
			worker.once('message', done).once('error', failed);
			worker.once('exit', () => failed(new Error('the thread that draws certificates has ended without an answer')));
		});
		try {
			return await untilAborted(answer, signal);
		} finally {
			await worker.terminate();
		}
	}
}
