/** The metrics' own door, apart from the learners' one: a port of the loopback, or of the address that the operator names. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import type { Metrics } from './metrics.ts';

/** A page of another site could reach this port by a name of its own (DNS rebinding), never by an address in numbers. */
function isOwnHost(host = ''): boolean {
	const { hostname = '' } = URL.parse(`http://${host}`) ?? {};
	return hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

export interface MetricsDoor {
	port: number;
	close(): Promise<void>;
}

/** @param port 0: any that is free. @throws Error of the system: EADDRINUSE, EACCES */
export async function listenMetrics(metrics: Metrics, port: number, host = '127.0.0.1'): Promise<MetricsDoor> {
	const server: Server = createServer((request, response) => {
		if (!isOwnHost(request.headers.host)) return void response.writeHead(403).end();
		if (request.url !== '/metrics' || request.method !== 'GET') return void response.writeHead(404).end();
		metrics.text().then(
			(text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
			(error: unknown) => response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error)),
		);
	});
	server.listen(port, host);
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
