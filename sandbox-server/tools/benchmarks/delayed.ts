/** A way to a server that takes its time: each byte arrives so much later, in both directions, however many are on their way. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface DelayedWay {
	/** Where the server is to be had from far away. */
	address: string;
	close(): void;
}

/**
 * @param server address of it, http://127.0.0.1:port
 * @param roundTrip what is added to the way there and back together, ms
 */
export async function delayedWay(server: string, roundTrip: number): Promise<DelayedWay> {
	const { hostname, port } = new URL(server);
	const sockets = new Set<Socket>();
	const pass = (from: Socket, to: Socket) => {
		sockets.add(from);
		// Timers of one length end in the order in which they began: no byte overtakes another.
		const later = (action: () => void) => setTimeout(action, roundTrip / 2);
		from.setNoDelay();
		from.on('data', (bytes) => later(() => !to.destroyed && to.write(bytes)));
		from.on('end', () => later(() => to.end()));
		from.on('error', () => later(() => to.destroy()));
		from.on('close', () => sockets.delete(from));
	};
	const relay = createServer({ allowHalfOpen: true }, (near) => {
		const far = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
		pass(near, far);
		pass(far, near);
	});
	relay.listen(0, '127.0.0.1');
	await once(relay, 'listening');
	return {
		address: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
		close() {
			relay.close();
			for (const socket of sockets) socket.destroy();
		},
	};
}
