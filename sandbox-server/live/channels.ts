/** The channels of one page: by number, as many as a page may have. */
import { Refusal, type RefusalCode } from '../../src/shared/protocol/refusals.ts';
import { AgentGone } from '../agent/agent.ts';
import type { Terminal, Watchable } from '../sandboxes/terminal.ts';
import type { Size } from '../sandboxes/viewers.ts';
import { Channel, type ChannelOptions } from './channel.ts';
import { DriveChannel } from './drive-channel.ts';
import type { Outbox } from './outbox.ts';
import type { Beyond } from './window.ts';

/** Four terminals, and room for one that is being replaced by its successor. */
const maxChannels = 8;

interface ChannelsOptions {
	outbox: Outbox;
	/** ms */
	now: () => number;
	/** A terminal could not be shown; `cause` is what was thrown, if anything was. */
	failed: (code: RefusalCode, channel: number, cause: unknown) => void;
	/** It is none of the page's any more. */
	closed?: (channel: Channel) => void;
}

export class Channels {
	readonly #options: ChannelsOptions;
	readonly #all = new Map<number, Channel>();
	readonly #beyond: Beyond = { bytes: 0, roundTrip: undefined };

	constructor(options: ChannelsOptions) {
		this.#options = options;
	}

	get size(): number {
		return this.#all.size;
	}

	/** An answer came from the page's browser so long after it was asked, ms (less than 0 where the clock was set back). The least is its way there and back. */
	answered(ms: number): void {
		if (ms >= 0) this.#beyond.roundTrip = Math.min(ms, this.#beyond.roundTrip ?? ms);
	}

	/** Shows a terminal to type in, as soon as `opening` has it. A channel that has this number gives way. */
	drive({ number, size, opening }: { number: number; size: Size; opening: () => Promise<{ terminal: Terminal; fresh: boolean }> }): void {
		const { now } = this.#options;
		const channel = this.#add(number, (common) => new DriveChannel({ ...common, size, beyond: this.#beyond, now }));
		if (!channel) return;
		opening()
			.then(({ terminal, fresh }) => channel.drive(terminal, fresh))
			.catch((error: unknown) => this.#failed(channel, error));
	}

	/** Shows a terminal to look at. @param terminal the one for this channel; it may throw @param packs its page can read packed frames */
	watch(number: number, terminal: (channel: Channel) => Watchable, packs = false): void {
		const channel = this.#add(number, (common) => new Channel(common));
		if (!channel) return;
		try {
			channel.watch(terminal(channel), packs);
		} catch (error) {
			this.#failed(channel, error);
		}
	}

	/** Undefined when the page shows as many as it may. */
	#add<C extends Channel>(number: number, make: (common: ChannelOptions) => C): C | undefined {
		// The same number again is the browser's way to ask for a new shell after `exited`.
		this.close(number);
		if (this.#all.size >= maxChannels) {
			this.#options.failed('too-many', number, undefined);
			return undefined;
		}
		const channel = make({
			number,
			outbox: this.#options.outbox,
			onGone: (gone) => this.#forget(gone),
			onRefused: (refused, error) => this.#failed(refused, error),
		});
		this.#all.set(number, channel);
		return channel;
	}

	#failed(channel: Channel, error: unknown): void {
		this.#forget(channel);
		const otherwise = error instanceof AgentGone ? 'sandbox-busy' : 'terminal-failed';
		this.#options.failed(error instanceof Refusal ? error.code : otherwise, channel.number, error);
	}

	#forget(channel: Channel): void {
		channel.close();
		this.#options.closed?.(channel);
		if (this.#all.get(channel.number) === channel) this.#all.delete(channel.number);
	}

	/** That one, if it is there. An unknown one was closed on this side a moment ago. */
	get(number: number): Channel | undefined {
		return this.#all.get(number);
	}

	/** That one, to type in. @throws Refusal forbidden for one that only looks */
	driven(number: number): DriveChannel | undefined {
		const channel = this.#all.get(number);
		if (channel && !(channel instanceof DriveChannel)) throw new Refusal('forbidden', `channel ${number} only looks`);
		return channel;
	}

	/** Idempotent. */
	close(number: number): void {
		const channel = this.#all.get(number);
		if (channel) this.#forget(channel);
	}

	closeAll(): void {
		for (const channel of this.#all.values()) this.#forget(channel);
	}

	drain(): void {
		for (const channel of this.#all.values()) channel.drain();
	}
}
