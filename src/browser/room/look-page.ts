/** A terminal that somebody else looks at, with its learner's leave: read-only until the second yes. Loaded when it is asked for. */
import type { RoomStrings } from '../../i18n/room-fr.ts';
import { fill } from '../../shared/fill.ts';
import {
	type ClientMessage,
	decodeFrame,
	encodeFrame,
	frameKind,
	serverMessageSchema,
	subprotocol,
} from '../../shared/protocol/messages.ts';
import type { LookPhase } from '../../shared/protocol/room-member.ts';
import { button, make } from '../dom.ts';
import { WatchedScreen } from '../terminal/watched-screen.ts';

export interface LookRequest {
	t: RoomStrings;
	/** The whole room sees it. */
	all: boolean;
	/** What the person is called in the room. */
	name: string;
	/** Number of the terminal. */
	terminal: string;
	ticket: string;
	/** Asks to type as well. */
	askTyping: () => Promise<unknown>;
	/** The button of a dialog that ends it. */
	dialog: HTMLDialogElement;
	body: HTMLElement;
}

const channel = 1;
/** How often a terminal that is not there is asked for again, ms. */
const againMs = 2000;

/** Ends with the dialog; the look ends with it. */
export function showLook({ t, all, name, terminal, ticket, askTyping, dialog, body }: LookRequest): void {
	const said = make('p', { class: 'look-said', role: 'status' }, fill(t.lookWaits, { name }));
	const ask = button(t.lookAskTyping, () => askTyping().catch((error: Error) => say(error.message)), { hidden: true });
	const place = make('div', { class: 'look-terminal', hidden: true });
	body.append(said, ask, place);
	const url = new URL('/ws', location.href);
	url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
	const socket = new WebSocket(url, [subprotocol, `ticket.${ticket}`]);
	socket.binaryType = 'arraybuffer';
	const send = (message: ClientMessage) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
	const say = (text: string) => {
		said.textContent = text;
	};
	const watched = new WatchedScreen({ channel, send: (message) => void send(message), changed: () => update() });
	const screen = watched.term;
	let shown = false;
	let refused = false;
	let phase: LookPhase = 'asked';
	let again: ReturnType<typeof setTimeout> | undefined;
	const watch = () => send({ type: 'watch', channel, terminal });
	const phaseWords = {
		asked: t.lookWaits,
		looking: all ? t.looksAtAll : t.looksAt,
		'typing-asked': t.typingWaits,
		typing: t.typesAt,
		ended: t.lookEnded,
	};

	function update(): void {
		const types = phase === 'typing' && watched.live;
		say(fill(refused ? t.lookRefused : phaseWords[phase], { name }));
		if (types && screen.options.disableStdin) screen.focus();
		screen.options.disableStdin = !types;
		ask.hidden = phase !== 'looking';
	}
	/** The terminal is not there: nothing can be typed, and it is asked for until it is back. */
	function away(): void {
		if (phase === 'ended') return;
		watched.away();
		say(fill(t.lookGone, { name }));
		clearTimeout(again);
		again = setTimeout(watch, againMs);
	}

	socket.addEventListener('message', ({ data }) => {
		if (data instanceof ArrayBuffer) {
			const frame = decodeFrame(new Uint8Array(data));
			if (!frame) return;
			return watched.output(frame.bytes, frame.kind);
		}
		const message = serverMessageSchema.safeParse(JSON.parse(String(data))).data;
		if (message?.type === 'look') {
			phase = message.phase;
			refused ||= phase === 'ended' && !shown;
			update();
			if (shown || phase === 'asked' || phase === 'ended') return;
			shown = true;
			place.hidden = false;
			screen.open(place);
			watch();
		} else if (message?.type === 'gone' || message?.type === 'exited') away();
		else if (message?.type === 'error') {
			if (message.channel === channel) away();
			else say(message.message);
		} else if (message) watched.message(message);
	});
	socket.addEventListener('close', () => {
		clearTimeout(again);
		watched.away();
		ask.hidden = true;
		screen.options.disableStdin = true;
		if (!refused) say(fill(t.lookEnded, { name }));
	});
	screen.onData((text) => {
		if (!screen.options.disableStdin && socket.readyState === WebSocket.OPEN)
			socket.send(encodeFrame(frameKind.input, channel, new TextEncoder().encode(text)));
	});
	dialog.addEventListener('close', () => {
		clearTimeout(again);
		socket.close();
		watched.dispose();
	});
}
