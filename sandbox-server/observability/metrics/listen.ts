/** The metrics' own door: a port of the loopback, apart from the learners' one. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

/** A page of another site could reach the loopback by a name of its own (DNS rebinding). */
const ownHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

export interface MetricsDoor {
	port: number;
	close(): Promise<void>;
}

/** @param port 0: any that is free. @throws Error of the system: EADDRINUSE, EACCES */
export async function listenMetrics(metrics: Metrics, port: number): Promise<MetricsDoor> {
	const server: Server = createServer((request, response) => {
		if (!ownHost.test(request.headers.host ?? '')) return void response.writeHead(403).end();
		if (request.url !== '/metrics' || request.method !== 'GET') return void response.writeHead(404).end();
		metrics.text().then(
			(text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
			(error: unknown) => response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error)),
		);
	});
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	return {
		port: (server.address() as AddressInfo).port,
		async close() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}
