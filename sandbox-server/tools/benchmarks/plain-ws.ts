/** A bare WebSocket server that gives back what it gets: what the connections alone cost. Runs as a process of its own. */
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
	socket.on('message', (data, binary) => socket.send(data, { binary }));
	socket.on('error', () => undefined); // Told by its end.
});
server.on('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => {
	globalThis.gc?.();
	process.send?.({ rss: process.memoryUsage().rss });
});
process.once('disconnect', () => process.exit(0));
