/** The WebSocket's door: everything is checked before the upgrade, so that a refused page learns why in plain HTTP. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { WebSocketServer } from 'ws';
import { maxClientFrame, subprotocol } from '../../src/shared/protocol/messages.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { authorise, ownOf, person } from '../auth/authorise.ts';
import { isOwnOrigin } from '../auth/origin.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Tickets } from '../auth/tickets.ts';
import type { Visitor } from '../labs/ports.ts';
import type { Sparing } from '../observability/log/sparing.ts';
import type { Looker } from '../rooms/looks.ts';
import type { AppDeps } from './app-deps.ts';
import type { ConnectionLimits, WaitingConnections } from './connections.ts';
import { requestLanguage } from './language.ts';
import { asRefusal, refuseOnSocket } from './refusals.ts';

/** Open pages of one learner. */
export const connectionsPerLearner = 16;
/** WebSocket close code (RFC 6455 §7.4.1). */
const internalError = 1011;

interface UpgradeDeps extends Pick<AppDeps, 'addresses' | 'connections' | 'onRefusal' | 'previewDoor'> {
	sparing: Sparing;
	sessions: Sessions;
	tickets: Tickets<Visitor | Looker>;
	waiting: WaitingConnections;
	limits: ConnectionLimits;
}

/** Answers upgrades on the app's server; when the app closes, so do the connections. */
export function installUpgrade(app: FastifyInstance, deps: UpgradeDeps): void {
	const log: FastifyBaseLogger = app.log;
	const server = new WebSocketServer({
		noServer: true,
		clientTracking: false,
		maxPayload: maxClientFrame,
		// Browsers send messages of this size in one piece; each piece costs many times its bytes.
		maxFragments: 128,
		// 277 KB instead of 30 KB a connection, for bytes that are mostly small and interactive.
		perMessageDeflate: false,
		handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
	});
	const open = new Map<string, number>();
	let all = 0;
	let closing = false;

	const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
		// A browser that leaves during the handshake is nobody's error.
		const onError = (error: Error) => log.debug({ err: error }, 'a connection broke during its handshake');
		socket.on('error', onError);
		// Left without an answer it would wait for one, and the server, which waits for every connection's end, for it.
		if (closing) {
			socket.destroy();
			return;
		}
		if (deps.previewDoor.takes(request)) return void deps.previewDoor.upgrade(request, socket as Socket, head);
		let visitor: Visitor | Looker;
		try {
			visitor = admit(request, deps);
			const count = open.get(visitor.principal.id) ?? 0;
			if (count >= connectionsPerLearner) throw new Refusal('too-many', 'connections of one learner');
			if (all >= deps.limits.sockets) throw new Refusal('too-many', 'connections of all learners');
		} catch (thrown) {
			const error = asRefusal(thrown);
			deps.onRefusal?.(error.code);
			if (error.code === 'internal') log.error({ err: thrown }, 'internal error');
			else
				deps.sparing.line(`connection ${error.code}`, (leftOut) =>
					log.info({ code: error.code, detail: error.message, leftOut }, 'connection refused'),
				);
			refuseOnSocket(socket, error, requestLanguage(request));
			deps.waiting.farewell(socket);
			return;
		}
		const { id, name } = visitor.principal;
		open.set(id, (open.get(id) ?? 0) + 1);
		all++;
		let counted = true;
		const uncount = () => {
			if (!counted) return;
			counted = false;
			all--;
			const left = (open.get(id) ?? 1) - 1;
			if (left > 0) open.set(id, left);
			else open.delete(id);
		};
		socket.once('close', uncount);
		server.handleUpgrade(request, socket, head, (webSocket) => {
			socket.off('error', onError);
			// ws reports a frame that breaks the rules (too large, malformed) here, and closes with the fitting code by itself.
			webSocket.on('error', (error) =>
				deps.sparing.line('bad frame', (leftOut) =>
					log.info({ learner: name, detail: error.message, leftOut }, 'connection closed for a bad frame'),
				),
			);
			// Nobody above would catch it: a page that cannot be served must not end the server.
			try {
				deps.connections.accept(webSocket, visitor);
			} catch (thrown) {
				log.error({ err: thrown }, 'internal error');
				webSocket.close(internalError);
			}
		});
	};

	app.server.on('upgrade', onUpgrade);
	app.addHook('preClose', async () => {
		closing = true;
		deps.previewDoor.close();
		await deps.connections.close();
	});
}

/** @throws Refusal not-found, wrong-origin, no-identity, bad-request, bad-ticket; in this order */
function admit(request: IncomingMessage, deps: UpgradeDeps): Visitor | Looker {
	if (request.url?.split('?')[0] !== '/ws') throw new Refusal('not-found');
	if (!isOwnOrigin(request.headers, deps.addresses)) throw new Refusal('wrong-origin', request.headers.origin ?? 'no Origin');
	const principal = deps.sessions.principalOf(request.headers.cookie);
	authorise(principal, 'connection.open', ownOf(principal));
	const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
	if (!offered.includes(subprotocol)) throw new Refusal('bad-request', `the subprotocol ${subprotocol} is not offered`);
	const ticket = offered.find((text) => text.startsWith('ticket.'))?.slice('ticket.'.length);
	const visitor = ticket === undefined ? undefined : deps.tickets.redeem(ticket, person(principal).id);
	if (!visitor) throw new Refusal('bad-ticket');
	return visitor;
}
