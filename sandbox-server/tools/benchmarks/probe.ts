/** Times at the server's own door, taken inside its process: when a message was read, and when the answer was handed to the socket. */
import { WebSocket } from 'ws';
import { frameKind } from '../../../src/shared/protocol/messages.ts';
import { now } from './client.ts';

/** One click, in ms of `now`. */
export interface Click {
	/** "start" was read; "ready" was sent; "open" was read; the prompt was sent. */
	start: number;
	ready: number;
	open: number;
	prompt: number;
}

/** Watches every WebSocket of this process; `tell` is called with each click that has led to a prompt. */
export function watchClicks(tell: (click: Click) => void): void {
	const clicks = new WeakMap<WebSocket, Partial<Click>>();
	const { emit, send } = WebSocket.prototype;
	WebSocket.prototype.emit = function (this: WebSocket, event: string | symbol, ...args: unknown[]) {
		if (event === 'message' && args[1] === false) {
			const text = String(args[0]);
			if (text.includes('"start"')) clicks.set(this, { start: now() });
			const click = clicks.get(this);
			if (click && text.includes('"open"')) click.open = now();
		}
		return emit.call(this, event, ...args);
	};
	WebSocket.prototype.send = function (this: WebSocket, ...args: unknown[]) {
		const [data] = args;
		const click = clicks.get(this);
		if (click && typeof data === 'string' && data.includes('"ready"')) click.ready ??= now();
		if (click && data instanceof Uint8Array && data[0] === frameKind.output && Buffer.from(data).includes('133;B')) {
			clicks.delete(this);
			const { start, ready, open } = click;
			if (start !== undefined && ready !== undefined && open !== undefined) tell({ start, ready, open, prompt: now() });
		}
		return Reflect.apply(send, this, args);
	};
}
