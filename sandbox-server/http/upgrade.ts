/** The WebSocket's door: everything is checked before the upgrade, so that a refused page learns why in plain HTTP. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { WebSocketServer } from 'ws';
import { PublicError } from '../../src/shared/errors.ts';
import { maxClientFrame, subprotocol } from '../../src/shared/messages.ts';
import type { AppDeps, Visitor } from './deps.ts';
import type { Identity } from './identity.ts';
import { requestLanguage } from './language.ts';
import { isOwnOrigin } from './origin.ts';
import { asPublic, refuseOnSocket } from './refusals.ts';
import type { Sparing } from './sparing.ts';
import type { Tickets } from './tickets.ts';

/** Open pages of one learner. */
export const connectionsPerLearner = 16;

interface UpgradeDeps extends Pick<AppDeps, 'addresses' | 'connections' | 'onRefusal'> {
	sparing: Sparing;
	identity: Identity;
	tickets: Tickets;
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

	const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
		// A browser that leaves during the handshake is nobody's error.
		const onError = (error: Error) => log.debug({ err: error }, 'a connection broke during its handshake');
		socket.on('error', onError);
		let visitor: Visitor;
		try {
			visitor = admit(request, deps);
			const count = open.get(visitor.learner.id) ?? 0;
			if (count >= connectionsPerLearner) throw new PublicError('too-many', 'connections of one learner');
		} catch (thrown) {
			const error = asPublic(thrown);
			deps.onRefusal?.(error.code);
			if (error.code === 'internal') log.error({ err: thrown }, 'internal error');
			else
				deps.sparing.line(`connection ${error.code}`, (leftOut) =>
					log.info({ code: error.code, detail: error.message, leftOut }, 'connection refused'),
				);
			refuseOnSocket(socket, error, requestLanguage(request));
			return;
		}
		const { id, name } = visitor.learner;
		open.set(id, (open.get(id) ?? 0) + 1);
		let counted = true;
		const uncount = () => {
			if (!counted) return;
			counted = false;
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
			deps.connections.accept(webSocket, visitor);
		});
	};

	app.server.on('upgrade', onUpgrade);
	app.addHook('preClose', async () => {
		app.server.off('upgrade', onUpgrade);
		await deps.connections.close();
	});
}

/** @throws PublicError not-found, wrong-origin, no-identity, bad-request, bad-ticket; in this order */
function admit(request: IncomingMessage, deps: UpgradeDeps): Visitor {
	if (request.url?.split('?')[0] !== '/ws') throw new PublicError('not-found');
	if (!isOwnOrigin(request.headers, deps.addresses)) throw new PublicError('wrong-origin', request.headers.origin ?? 'no Origin');
	const learner = deps.identity.ofHeader(request.headers.cookie);
	if (!learner) throw new PublicError('no-identity');
	const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
	if (!offered.includes(subprotocol)) throw new PublicError('bad-request', `the subprotocol ${subprotocol} is not offered`);
	const ticket = offered.find((text) => text.startsWith('ticket.'))?.slice('ticket.'.length);
	const visitor = ticket === undefined ? undefined : deps.tickets.redeem(ticket, learner.id);
	if (!visitor) throw new PublicError('bad-ticket');
	return visitor;
}
