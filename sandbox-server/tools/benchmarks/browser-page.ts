/** What runs in the browser's page: it is sent there as text, so it may use nothing but its parameter and what every page has. */

export interface PageRequest {
	course: string;
	lesson: string;
	subprotocol: string;
	/** Bytes to print. */
	bytes: number;
	/** Bytes parsed before they are acknowledged. */
	ackBytes: number;
	runs: number;
}

export interface PageResult {
	/** Bytes, and MB/s, of each run. */
	ours: { bytes: number; rate: number }[];
	/** The same bytes in the same pieces, from the page's own memory. */
	alone: number[];
}

/** The part of xterm.js that is used. */
interface Xterm {
	open(element: HTMLElement): void;
	write(data: Uint8Array, done: () => void): void;
	dispose(): void;
}

/** Prints much in a terminal of ours, and gives the same bytes to an xterm.js with nothing behind it. */
export async function printInPage(request: PageRequest): Promise<PageResult> {
	const { course, lesson, subprotocol, bytes, ackBytes, runs } = request;
	const Terminal = (globalThis as unknown as { Terminal: new (options: object) => Xterm }).Terminal;
	const make = () => {
		const place = document.createElement('div');
		place.style.height = '600px';
		document.body.replaceChildren(place);
		const terminal = new Terminal({ cols: 120, rows: 30, scrollback: 5000, allowProposedApi: true });
		terminal.open(place);
		return terminal;
	};
	const mark = '\u001b]133;B\u0007';
	const endsWithMark = (piece: Uint8Array) => new TextDecoder().decode(piece.subarray(-200)).includes(mark);

	await fetch('/api/session');
	const answer = await fetch('/api/tickets', {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ course, lesson, language: 'en' }),
	});
	const { ticket } = (await answer.json()) as { ticket: string };
	const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`, [subprotocol, `ticket.${ticket}`]);
	socket.binaryType = 'arraybuffer';
	const send = (message: object) => socket.send(JSON.stringify(message));
	let terminal = make();
	let prompted = () => {};
	let kept: Uint8Array[] = [];
	let unacknowledged = 0;
	socket.onmessage = ({ data }) => {
		if (typeof data === 'string') {
			const message = JSON.parse(data) as { type: string; sandbox?: { state: string } };
			if (message.type === 'welcome') send({ type: 'start' });
			if (message.type === 'sandbox' && message.sandbox?.state === 'ready')
				send({ type: 'open', channel: 1, terminal: '1', cols: 120, rows: 30 });
			return;
		}
		const piece = new Uint8Array(data as ArrayBuffer, 5);
		kept.push(piece);
		terminal.write(piece, () => {
			unacknowledged += piece.length;
			if (unacknowledged >= ackBytes) {
				send({ type: 'ack', channel: 1, bytes: unacknowledged });
				unacknowledged = 0;
			}
			if (endsWithMark(piece)) prompted();
		});
	};
	const prompt = () =>
		new Promise<void>((resolve, reject) => {
			prompted = resolve;
			socket.onclose = ({ code, reason }) => reject(new Error(`connection closed: ${code} ${reason}`));
		});
	const type = (text: string) => {
		const typed = new TextEncoder().encode(text);
		const frame = new Uint8Array(5 + typed.length);
		frame.set([2, 1, 0, 0, 0]);
		frame.set(typed, 5);
		socket.send(frame);
	};
	const command = async (text: string) => {
		const done = prompt();
		type(`${text}\r`);
		await done;
	};
	await prompt();
	await new Promise((resolve) => setTimeout(resolve, 300));
	await command(`base64 /dev/urandom | head -c ${bytes} > /tmp/bulk`);

	const result: PageResult = { ours: [], alone: [] };
	for (let run = 0; run < runs; run++) {
		kept = [];
		const begun = performance.now();
		await command('cat /tmp/bulk');
		const size = kept.reduce((sum, { length }) => sum + length, 0);
		result.ours.push({ bytes: size, rate: size / 1e3 / (performance.now() - begun) });
		terminal.dispose();
		terminal = make();
		const from = performance.now();
		let [next, inFlight] = [0, 0];
		await new Promise<void>((resolve) => {
			const feed = () => {
				if (next === kept.length && inFlight === 0) return resolve();
				// Never without work, and far below what xterm.js throws away.
				while (next < kept.length && inFlight < 1_000_000) {
					const piece = kept[next++] as Uint8Array;
					inFlight += piece.length;
					terminal.write(piece, () => {
						inFlight -= piece.length;
						feed();
					});
				}
			};
			feed();
		});
		result.alone.push(size / 1e3 / (performance.now() - from));
		terminal.dispose();
		terminal = make();
	}
	return result;
}
