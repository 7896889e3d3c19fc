/** The server under the app. What is addressed to a preview never reaches the app's routes, whatever its method and path. */
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { PreviewDoor } from '../previews/door.ts';

/** Until a connection on which nothing more is asked is closed, as Fastify has it: longer than proxies keep theirs, ms. */
const keepAliveTimeout = 72_000;

/** @param handler of the app */
export function serverFor(previews: PreviewDoor, handler: RequestListener, options: ServerOptions): Server {
	return createServer({ ...options, keepAliveTimeout }, (request, response) => {
		if (previews.takes(request)) void previews.serve(request, response);
		else handler(request, response);
	});
}
