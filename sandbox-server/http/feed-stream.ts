/** A room feed on its way to one browser: server-sent events (WHATWG HTML §9.2), as a body that goes on. */
import { Readable } from 'node:stream';
import type { FeedEvent } from '../../src/shared/protocol/room-feed.ts';
import type { FeedSink } from '../rooms/room-feeds.ts';

/** More than this waits only for a browser that does not read, bytes: a snapshot of 500 people and 60 steps has a quarter of it. */
const highMark = 1024 * 1024;
/** Until a browser that has lost its connection opens another, ms. */
const retryMs = 2000;

export class FeedStream extends Readable implements FeedSink {
	constructor() {
		super({ highWaterMark: highMark });
		this.push(`retry: ${retryMs}\n\n`);
	}

	override _read(): void {
		// What there is has been pushed; more comes when something happens.
	}

	get full(): boolean {
		return this.readableLength >= highMark;
	}

	send(event: FeedEvent): void {
		// JSON has no line ends of its own.
		if (!this.destroyed && !this.readableEnded) this.push(`data: ${JSON.stringify(event)}\n\n`);
	}

	alive(): void {
		// A comment, which browsers pass over.
		if (!this.destroyed && !this.readableEnded) this.push(':\n\n');
	}

	end(): void {
		if (!this.destroyed && !this.readableEnded) this.push(null);
	}
}
